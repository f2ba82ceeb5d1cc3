//! `docker run` and `docker create`.

use super::super::super::process::Stream;
use super::super::super::tree::{Kind, Node};
use super::super::super::world::{HealthCheck, Port, Spec, tagged};
use super::super::client::Client;
use super::super::command::Given;
use super::super::engine::Wanted;
use super::super::fault::{Done, Fault, unsimulated};
use super::super::human::{bytes, duration};
use super::{mounts, publish, registry};

const FLAGS: [&str; 46] = [
    "attach",
    "cidfile",
    "cpus",
    "detach",
    "entrypoint",
    "env",
    "env-file",
    "expose",
    "health-cmd",
    "health-interval",
    "health-retries",
    "health-start-period",
    "health-timeout",
    "hostname",
    "init",
    "interactive",
    "label",
    "log-driver",
    "log-opt",
    "memory",
    "memory-swap",
    "mount",
    "name",
    "net",
    "net-alias",
    "network",
    "network-alias",
    "no-healthcheck",
    "oom-score-adj",
    "pids-limit",
    "privileged",
    "publish",
    "pull",
    "quiet",
    "restart",
    "rm",
    "shm-size",
    "sig-proxy",
    "stop-signal",
    "stop-timeout",
    "tmpfs",
    "tty",
    "ulimit",
    "user",
    "volume",
    "workdir",
];
/// The Engine does not take less memory.
const LEAST_MEMORY: u64 = 6 << 20;
/// CPUs of the machine.
const CPUS: u64 = 2;

pub fn create(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    client.take(15);
    let wanted = wanted(client, given).map_err(|fault| helped(fault, "create"))?;
    let id = present(client, given, &wanted.image).and_then(|()| client.create(wanted))?;
    client.say(&id);
    Ok(0)
}

pub fn run(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    client.take(15);
    let detached = given.has("detach");
    if given.has("interactive") && given.has("tty") && !detached {
        return Err(Fault::said(1, "the input device is not a TTY"));
    }
    let helped = |fault| helped(fault, "run");
    let mut wanted = wanted(client, given).map_err(helped)?;
    if given.has("rm") && wanted.restart != "no" {
        return Err(helped(Fault::said(1, "conflicting options: cannot specify both --restart and --rm")));
    }
    wanted.spec.attached = !detached;
    let (image, removed) = (wanted.image.clone(), wanted.auto_remove);
    // What is removed at its end must be there to be looked at.
    wanted.auto_remove = removed && detached;
    let id = present(client, given, &image).and_then(|()| client.create(wanted)).map_err(helped)?;
    if let Some(path) = given.text("cidfile") {
        let (place, path, now) = (client.process.place.clone(), client.process.path(path), client.process.world.now());
        let put = client.process.world.put(&place, &path, Node::text(id.clone(), now));
        put.map_err(|error| helped(Fault::said(1, format!("failed to create the container ID file: {error}"))))?;
    }
    let ran = if detached {
        let started = client.start(&id);
        client.say(&id);
        started.map(|()| 0)
    } else {
        foreground(client, given, &id)
    };
    if removed && (!detached || ran.is_err()) && !matches!(ran, Err(Fault::Unsimulated(_))) {
        client.take(60);
        client.forget(&id, true);
    }
    ran.map_err(helped)
}

fn foreground(client: &mut Client<'_, '_>, given: &Given, id: &str) -> Done<i32> {
    let stdin = if given.has("interactive") { std::mem::take(&mut client.process.stdin) } else { Stream::default() };
    let output = client.run_to_end(id, stdin)?;
    let attached = |stream: &str| {
        let mut asked = given.all("attach").peekable();
        asked.peek().is_none() || asked.any(|asked| asked.eq_ignore_ascii_case(stream))
    };
    if attached("stdout") {
        client.process.stdout.extend(output.stdout);
    }
    if given.has("tty") {
        client.process.stdout.push(&output.stderr);
    } else if attached("stderr") {
        client.process.stderr.push_str(&output.stderr);
    }
    Ok(output.exit)
}

/// What `run` and the reading of flags say about a failure.
fn helped(fault: Fault, verb: &str) -> Fault {
    let (exit, text) = match fault {
        // A flag that is wrong says how it is used.
        Fault::Said(exit, text) if text.contains("\n\nUsage:") => return Fault::said(exit, text),
        Fault::Said(_, text) => (125, text),
        Fault::Daemon(why) => {
            let exit = match super::super::engine::code_of(&why) {
                code @ (126 | 127) => code,
                _ => 125,
            };
            (exit, format!("Error response from daemon: {why}"))
        }
        other @ Fault::Unsimulated(_) => return other,
    };
    Fault::said(exit, format!("docker: {text}\n\nRun 'docker {verb} --help' for more information"))
}

/// Sees to it that the image is here, as `--pull` wants it.
fn present(client: &mut Client<'_, '_>, given: &Given, image: &str) -> Done {
    let here = client.engine()?.image(image).is_some();
    match given.text("pull") {
        Some("never") => return Ok(()),
        Some("always") => {}
        _ if here => return Ok(()),
        _ => client.process.complain(format!("Unable to find image '{}' locally", tagged(image))),
    }
    let pulled = client.pull(image)?;
    if !given.has("quiet") {
        let lines = registry::progress(image, &pulled);
        client.process.stderr.push_str(&lines);
    }
    Ok(())
}

/// What the flags of `run` and `create` ask for.
///
/// # Errors
/// One of them cannot be, in the words of the client.
pub fn wanted(client: &mut Client<'_, '_>, given: &Given) -> Done<Wanted> {
    given.only(&FLAGS)?;
    let Some((image, command)) = given.operands.split_first() else {
        return unsimulated("`docker run` without an image");
    };
    if let Some(wrong) = given.text("pull").filter(|pull| !["always", "missing", "never", ""].contains(pull)) {
        let choice = r#"must be one of "always", "missing" or "never""#;
        return Err(Fault::said(1, format!("invalid pull option: '{wrong}': {choice}")));
    }
    if let Some(upper) =
        image.split(['/', ':']).find(|part| part.chars().any(char::is_uppercase)).filter(|_| !image.contains(':'))
    {
        let full = if image.contains('/') { image.clone() } else { format!("library/{upper}") };
        return Err(Fault::said(1, format!("invalid reference format: repository name ({full}) must be lowercase")));
    }
    let (restart, retries) = restart_policy(given.text("restart").unwrap_or("no"))?;
    let (places, binds) = mounts::places(client, given)?;
    let env = environment(client, given, "env")?;
    let labels = given.all("label").map(|label| {
        let (name, value) = label.split_once('=').unwrap_or((label, ""));
        (name.to_owned(), value.to_owned())
    });
    let networks = networks(given)?;
    let ports = given.all("publish").map(publish::port).collect::<Done<Vec<Port>>>()?;
    let memory = given.text("memory").and_then(bytes).unwrap_or_default();
    if memory > 0 && memory < LEAST_MEMORY {
        return Err(Fault::daemon("Minimum memory limit allowed is 6MB"));
    }
    let spec = Spec {
        hostname: given.text("hostname").map(str::to_owned),
        user: given.text("user").unwrap_or_default().to_owned(),
        working_dir: given.text("workdir").unwrap_or_default().to_owned(),
        exposed: exposed(given, &ports),
        ports,
        health: health(given)?,
        retries,
        memory,
        nano_cpus: given.text("cpus").map(nano_cpus).transpose()?.unwrap_or_default(),
        privileged: given.has("privileged"),
        init: given.has("init"),
        tty: given.has("tty"),
        open_stdin: given.has("interactive"),
        attached: given.command.name.ends_with("create"),
        stop_signal: given.text("stop-signal").map(str::to_owned),
        stop_timeout: given.text("stop-timeout").and_then(|seconds| seconds.parse().ok()),
        binds,
        tmpfs: given.all("tmpfs").map(|text| text.split(':').next().unwrap_or(text).to_owned()).collect(),
        aliases: aliases(given, &networks)?,
        network_mode: given.text("network").or(given.text("net")).unwrap_or_default().to_owned(),
        ..Spec::default()
    };
    Ok(Wanted {
        name: given.text("name").filter(|name| !name.is_empty()).map(str::to_owned),
        image: image.clone(),
        command: command.to_vec(),
        entrypoint: given
            .text("entrypoint")
            .map(|word| if word.is_empty() { Vec::new() } else { vec![word.to_owned()] }),
        env,
        labels: labels.collect(),
        places,
        networks,
        restart,
        auto_remove: given.has("rm"),
        asks_health: false,
        no_health: given.has("no-healthcheck"),
        spec,
    })
}

/// `always`, `on-failure:3`.
///
/// # Errors
/// There is no such policy.
pub fn restart_policy(text: &str) -> Done<(String, u32)> {
    let (policy, retries) = text.split_once(':').unwrap_or((text, "0"));
    let Ok(retries) = retries.parse() else {
        return Err(Fault::said(1, "invalid restart policy format: maximum retry count must be an integer"));
    };
    match policy {
        "" | "no" => Ok(("no".to_owned(), 0)),
        "always" | "unless-stopped" | "on-failure" => Ok((policy.to_owned(), retries)),
        _ => Err(Fault::daemon(format!("invalid restart policy '{policy}'"))),
    }
}

/// `--cpus 0.5`.
///
/// # Errors
/// The machine does not have so many.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the machine's CPUs")]
pub fn nano_cpus(text: &str) -> Done<u64> {
    let nanos = (text.parse::<f64>().unwrap_or_default() * 1e9) as u64;
    if nanos > CPUS * 1_000_000_000 || (nanos > 0 && nanos < 10_000_000) {
        let range = format!("Range of CPUs is from 0.01 to {CPUS}.00, as there are only {CPUS} CPUs available");
        return Err(Fault::daemon(range));
    }
    Ok(nanos)
}

/// `--env-file` and `--env`: none where the client's own environment has no value to give.
///
/// # Errors
/// A file is not there.
pub fn environment(client: &mut Client<'_, '_>, given: &Given, flag: &str) -> Done<Vec<(String, Option<String>)>> {
    let mut words: Vec<String> = Vec::new();
    for file in given.all("env-file") {
        let (place, path) = (client.process.place.clone(), client.process.path(file));
        let text = match client.process.world.node(&place, &path).map(|node| &node.kind) {
            Ok(Kind::Text(text)) => text.clone(),
            Ok(_) => return unsimulated(format!("`--env-file {file}`")),
            Err(error) => return Err(Fault::said(1, format!("open {file}: {}", error.to_string().to_lowercase()))),
        };
        let lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#'));
        words.extend(lines.map(str::to_owned));
    }
    words.extend(given.all(flag).map(str::to_owned));
    let own = &client.process.env;
    Ok(words
        .into_iter()
        .map(|word| {
            if let Some((name, value)) = word.split_once('=') {
                return (name.to_owned(), Some(value.to_owned()));
            }
            let value = own.get(&word).cloned();
            (word, value)
        })
        .collect())
}

fn networks(given: &Given) -> Done<Vec<String>> {
    let mut networks = Vec::new();
    for network in given.all("network").chain(given.all("net")) {
        match network {
            "" | "default" => networks.push("bridge".to_owned()),
            name if name.starts_with("container:") || name.contains('=') => {
                return unsimulated(format!("`--network {name}`"));
            }
            name => networks.push(name.to_owned()),
        }
    }
    if networks.is_empty() {
        networks.push("bridge".to_owned());
    }
    Ok(networks)
}

fn aliases(given: &Given, networks: &[String]) -> Done<std::collections::BTreeMap<String, Vec<String>>> {
    let aliases: Vec<String> = given.all("network-alias").chain(given.all("net-alias")).map(str::to_owned).collect();
    let Some(network) = networks.first().filter(|_| !aliases.is_empty()) else {
        return Ok(std::collections::BTreeMap::new());
    };
    if ["bridge", "host", "none"].contains(&network.as_str()) {
        return Err(Fault::said(1, "network-scoped aliases are only supported for user-defined networks"));
    }
    Ok([(network.clone(), aliases)].into())
}

fn exposed(given: &Given, ports: &[Port]) -> Vec<String> {
    let published = ports.iter().map(|port| format!("{}/{}", port.container, port.protocol));
    let mut all: Vec<String> = published.collect();
    all.extend(
        given.all("expose").map(|port| if port.contains('/') { port.to_owned() } else { format!("{port}/tcp") }),
    );
    all.sort();
    all.dedup();
    all
}

fn health(given: &Given) -> Done<Option<HealthCheck>> {
    let span = |flag: &str| given.text(flag).and_then(|text| duration(text).ok()).filter(|span| !span.is_zero());
    let check = HealthCheck {
        test: given
            .text("health-cmd")
            .map(|command| vec!["CMD-SHELL".to_owned(), command.to_owned()])
            .unwrap_or_default(),
        interval: span("health-interval"),
        timeout: span("health-timeout"),
        start_period: span("health-start-period"),
        retries: given.text("health-retries").and_then(|retries| retries.parse().ok()),
    };
    if check.test.is_empty() {
        let alone = given.flags.iter().find(|(name, _)| name.starts_with("health-"));
        return match alone {
            Some((name, _)) => unsimulated(format!("`--{name}` without `--health-cmd`")),
            None => Ok(None),
        };
    }
    Ok(Some(check))
}
