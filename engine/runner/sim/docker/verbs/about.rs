//! `docker version` and `docker info`.

use serde_json::{Value, json};

use super::super::super::world::{Status, hexadecimal};
use super::super::client::Client;
use super::super::command::Given;
use super::super::fault::{Done, Fault, unsimulated};
use super::super::listing::escaped;
use super::super::template::{Bad, Subject, Template};

/// The machine's kernel.
const KERNEL: &str = "6.1.0-lab";

fn client_part(api: &str) -> Value {
    json!({
        "Version": "28.2.2", "ApiVersion": api, "DefaultAPIVersion": "1.50", "GitCommit": "e6534b4", "GoVersion": "go1.24.3",
        "Os": "linux", "Arch": "amd64", "BuildTime": "Fri May 30 12:07:14 2025", "Context": "default",
    })
}

fn server_part() -> Value {
    json!({
        "Platform": { "Name": "" },
        "Components": [
            { "Name": "Engine", "Version": "20.10.24+dfsg1", "Details": {
                "ApiVersion": "1.41", "Arch": "amd64", "BuildTime": "Thu May  7 21:09:36 2026", "Experimental": "false",
                "GitCommit": "5d6db84", "GoVersion": "go1.19.8", "KernelVersion": KERNEL, "MinAPIVersion": "1.12", "Os": "linux",
            } },
            { "Name": "containerd", "Version": "1.6.20~ds1", "Details": { "GitCommit": "1.6.20~ds1-1+deb12u3" } },
            { "Name": "runc", "Version": "1.1.5+ds1", "Details": { "GitCommit": "1.1.5+ds1-1+deb12u1" } },
            { "Name": "docker-init", "Version": "0.19.0", "Details": { "GitCommit": "" } },
        ],
        "Version": "20.10.24+dfsg1", "ApiVersion": "1.41", "MinAPIVersion": "1.12", "GitCommit": "5d6db84", "GoVersion": "go1.19.8",
        "Os": "linux", "Arch": "amd64", "KernelVersion": KERNEL, "BuildTime": "2026-05-07T21:09:36.000000000+00:00",
    })
}

const TEXT: &str = "Client:
 Version:           28.2.2
 API version:       1.41 (downgraded from 1.50)
 Go version:        go1.24.3
 Git commit:        e6534b4
 Built:             Fri May 30 12:07:14 2025
 OS/Arch:           linux/amd64
 Context:           default

Server:
 Engine:
  Version:          20.10.24+dfsg1
  API version:      1.41 (minimum version 1.12)
  Go version:       go1.19.8
  Git commit:       5d6db84
  Built:            Thu May  7 21:09:36 2026
  OS/Arch:          linux/amd64
  Experimental:     false
 containerd:
  Version:          1.6.20~ds1
  GitCommit:        1.6.20~ds1-1+deb12u3
 runc:
  Version:          1.1.5+ds1
  GitCommit:        1.1.5+ds1-1+deb12u1
 docker-init:
  Version:          0.19.0
  GitCommit:        ";
const CLIENT_TEXT: &str = "Client:
 Version:           28.2.2
 API version:       1.50
 Go version:        go1.24.3
 Git commit:        e6534b4
 Built:             Fri May 30 12:07:14 2025
 OS/Arch:           linux/amd64
 Context:           default";

pub fn version(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["format"])?;
    client.take(18);
    let reached = client.reach();
    let mut value = json!({ "Client": client_part(if reached.is_ok() { "1.41" } else { "1.50" }) });
    value["Server"] = if reached.is_ok() { server_part() } else { Value::Null };
    match given.text("format").unwrap_or_default() {
        "" => client.say(if reached.is_ok() { TEXT } else { CLIENT_TEXT }),
        "json" => client.say(escaped(&value)),
        // What is asked of a daemon that does not answer is nothing at all.
        format => printed(client, format, "version", &named(&value), "system.versionInfo", reached.is_err())?,
    }
    reached.map(|()| 0)
}

/// Names of the client's structures, where they differ from those in JSON.
fn named(value: &Value) -> Value {
    let mut value = value.clone();
    for part in ["Client", "Server"] {
        if let Some(api) = value[part].get("ApiVersion").cloned() {
            value[part]["APIVersion"] = api;
        }
    }
    value
}

/// Prints by a template; a failure of it stands behind what was printed.
fn printed(
    client: &mut Client<'_, '_>,
    format: &str,
    name: &'static str,
    value: &Value,
    of: &'static str,
    lenient: bool,
) -> Done {
    let bad = |why: String| Fault::said(64, format!("template parsing error: {why}"));
    let template = Template::parse(format, name).map_err(|error| match error {
        Bad::Syntax(why) | Bad::Failed(_, why) => bad(why),
        Bad::Unsimulated(what) => what.into(),
    })?;
    match template.execute(Subject { value, of_type: Some(of), labels: None }) {
        Ok(text) => {
            client.say(text);
            Ok(())
        }
        Err(Bad::Failed(text, _)) if lenient => {
            client.say(text);
            Ok(())
        }
        Err(Bad::Failed(text, why)) => {
            client.say(text);
            Err(Fault::said(1, why))
        }
        Err(Bad::Syntax(why)) => Err(bad(why)),
        Err(Bad::Unsimulated(what)) => Err(what.into()),
    }
}

pub fn info(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["format"])?;
    client.take(45);
    let format = given.text("format").unwrap_or_default();
    if let Err(fault) = client.reach() {
        client.say("");
        return Err(fault);
    }
    let value = info_document(client)?;
    match format {
        "" | "json" => return unsimulated("`docker info` without a template"),
        format => printed(client, format, "", &value, "system.dockerInfo", false)?,
    }
    Ok(0)
}

fn info_document(client: &mut Client<'_, '_>) -> Done<Value> {
    let now = client.process.world.now();
    let machine = client.machine.clone();
    let hostname = client.process.world.machine(&machine).map(|machine| machine.hostname.clone()).unwrap_or_default();
    let engine = client.engine()?;
    let count = |wanted: &[Status]| {
        engine.containers.values().filter(|container| wanted.contains(&container.at(now).status)).count()
    };
    Ok(json!({
        "ID": engine_id(&machine),
        "Containers": engine.containers.size(),
        "ContainersRunning": count(&[Status::Running, Status::Restarting]),
        "ContainersPaused": count(&[Status::Paused]),
        "ContainersStopped": count(&[Status::Created, Status::Exited]),
        "Images": engine.images.size(),
        "Driver": "overlay2",
        "LoggingDriver": "json-file",
        "CgroupDriver": "cgroupfs",
        "CgroupVersion": "1",
        "KernelVersion": KERNEL,
        "OperatingSystem": "Debian GNU/Linux 12 (bookworm)",
        "OSVersion": "12",
        "OSType": "linux",
        "Architecture": "x86_64",
        "NCPU": 2,
        "MemTotal": 25_276_510_208_u64,
        "DockerRootDir": "/var/lib/docker",
        "Name": hostname,
        "ServerVersion": "20.10.24+dfsg1",
        "DefaultRuntime": "runc",
        "LiveRestoreEnabled": false,
        "ExperimentalBuild": false,
        "Labels": [],
    }))
}

/// `XGJZ:XUDD:…`: twelve groups of four.
fn engine_id(machine: &str) -> String {
    let digits = hexadecimal(&format!("engine of {machine}"));
    let letter = |pair: &[u8]| {
        let number =
            std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or_default();
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(number % 32)])
    };
    let more = hexadecimal(&digits);
    let letters: Vec<char> = (digits + &more).as_bytes().chunks(2).map(letter).take(48).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(":")
}
