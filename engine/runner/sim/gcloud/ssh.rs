//! `gcloud compute ssh`: a command on the machine that an instance is.

use std::sync::Arc;
use std::time::Duration;

use super::super::place::Place;
use super::super::process::{Stream, find};
use super::super::world::{At, Instance, Power, SshCall};
use super::Stop;
use super::client::{Client, ZONE};

/// Its flags that are understood.
pub const KNOWS: &str =
    "--zone --command --dry-run --ssh-flag --strict-host-key-checking --tunnel-through-iap --internal-ip --plain";

/// How long ssh tries where nobody answers and nobody has said how long.
const PATIENCE: Duration = Duration::from_secs(131);

/// From the client's start of ssh until the command runs.
const CONNECT: Duration = Duration::from_millis(1200);

/// Until a new key is known everywhere.
const NEW_KEY: Duration = Duration::from_millis(3500);

/// The code of ssh itself.
const LOST: i32 = 255;

const HELP: &str = "\
    \n\
    Recommendation: To check for possible causes of SSH connectivity issues and get\n\
    recommendations, rerun the ssh command with the --troubleshoot option.\n";

pub fn ssh(client: &mut Client<'_, '_>) -> Result<(), Stop> {
    let operand = client.args.first().to_owned();
    let (user, name) = operand.split_once('@').map_or((None, operand.as_str()), |(user, name)| (Some(user), name));
    let user = user.map_or_else(|| client.process.user.clone(), str::to_owned);
    let at = client.zonal(name, "--zone", ZONE)?;
    let instance = client.process.world.get_instance(&at).cloned().map_err(|error| client.not_fetched(&error))?;
    let is_left = client.process.world.cloud.lab.real_ssh && !client.args.has("--dry-run");
    let command = if is_left { None } else { command(client)? };
    if client.args.has("--dry-run") {
        let line = dry_run(client, &instance, &user, command.as_deref());
        client.process.say(line);
        return Ok(());
    }
    if client.process.world.cloud.lab.real_ssh {
        leave(client, &at, &instance, user);
        return Ok(());
    }
    let Some(command) = command else {
        return Err(Stop::unsimulated("`gcloud compute ssh` without a command"));
    };
    introduce(client, &at, &instance);
    if client.args.has("--tunnel-through-iap") || instance.external.is_none() && !client.args.has("--internal-ip") {
        tunnel(client, &at, &instance)?;
    } else {
        connect(client, &at, &instance)?;
    }
    let exit = run(client, &instance, user, &command)?;
    match exit {
        0 => Ok(()),
        LOST => Err(lost(client, &at, "")),
        other => Err(Stop::Exit(other)),
    }
}

/// What is to be run there: of the flag, or behind `--`.
fn command(client: &Client<'_, '_>) -> Result<Option<String>, Stop> {
    let rest = client.args.rest.join(" ");
    match (client.args.value("--command"), rest.as_str()) {
        (Some(command), "") => Ok(Some(command.to_owned())),
        (None, "") => Ok(None),
        (_, rest) if rest.starts_with('-') => Err(Stop::unsimulated(format!("`gcloud compute ssh … -- {rest}`"))),
        (Some(_), _) => Err(Stop::unsimulated("`gcloud compute ssh --command` with a command behind `--`")),
        (None, rest) => Ok(Some(rest.to_owned())),
    }
}

fn dry_run(client: &Client<'_, '_>, instance: &Instance, user: &str, command: Option<&str>) -> String {
    let home = client.process.env.get("HOME").map_or("/root", String::as_str);
    let address = instance.external.as_ref().unwrap_or(&instance.internal);
    let terminal = if command.is_some() { "-T" } else { "-t" };
    let flags: String = client.args.values("--ssh-flag").flat_map(|flag| [" ", flag]).collect();
    let command = command.map_or_else(String::new, |command| format!(" -- {command}"));
    format!(
        "/usr/bin/ssh {terminal} -i {home}/.ssh/google_compute_engine -o CheckHostIP=no -o HashKnownHosts=no -o HostKeyAlias=compute.{} \
         -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile={home}/.ssh/google_compute_known_hosts{flags} \
         {user}@{address}{command}",
        instance.id
    )
}

/// Somebody else carries it out; here it ends well.
fn leave(client: &mut Client<'_, '_>, at: &At, instance: &Instance, user: String) {
    introduce_project(client, at);
    let split = |flag: &str| shlex::split(flag).unwrap_or_else(|| vec![flag.to_owned()]);
    let strict = client.args.value("--strict-host-key-checking");
    let strict = strict.map(|value| format!("-oStrictHostKeyChecking={value}"));
    let call = SshCall {
        at: at.clone(),
        id: instance.id.clone(),
        address: instance.internal.clone(),
        user,
        flags: strict.into_iter().chain(client.args.values("--ssh-flag").flat_map(split)).collect(),
        command: client.args.value("--command").map(str::to_owned),
        rest: client.args.rest.clone(),
        lost: lost_text(at, ""),
    };
    client.process.world.cloud.lab.asked = Some(Arc::new(call));
}

/// The first time the project learns the key.
fn introduce_project(client: &mut Client<'_, '_>, at: &At) {
    if !client.process.world.has_keys(&at.project) {
        client.tell(format!(
            "Updating project ssh metadata...\n....Updated [https://www.googleapis.com/compute/v1/projects/{}/global/x].\n.done.\n\
             Waiting for SSH key to propagate.",
            at.project
        ));
        client.process.world.add_keys(&at.project);
        client.process.world.take(NEW_KEY);
    }
}

/// The project learns the key, and the client the machine's.
fn introduce(client: &mut Client<'_, '_>, at: &At, instance: &Instance) {
    introduce_project(client, at);
    let is_reached = reason(client, instance).is_none();
    if is_reached && client.process.world.add_known_host(instance) {
        client.tell(format!(
            "Warning: Permanently added 'compute.{}' (ED25519) to the list of known hosts.",
            instance.id
        ));
    }
}

/// Why ssh does not get through, and how long it tries; none: it does.
fn reason(client: &Client<'_, '_>, instance: &Instance) -> Option<(&'static str, Duration)> {
    let world = &client.process.world;
    let power = world.machine(&instance.machine).map(|machine| machine.power);
    let runs = instance.status_at(world.now()) == "RUNNING" && power == Some(Power::Up);
    if !runs {
        return Some(("Connection timed out", patience(client)));
    }
    // Its network answers before its sshd does.
    (world.now() < instance.reachable).then_some(("Connection refused", Duration::ZERO))
}

/// `-oConnectTimeout=3` of `--ssh-flag`.
fn patience(client: &Client<'_, '_>) -> Duration {
    let given = client.args.values("--ssh-flag").filter_map(|flag| flag.split_once("ConnectTimeout="));
    let seconds = given.filter_map(|(_, seconds)| seconds.trim_matches(['"', '\'']).parse().ok()).last();
    seconds.map_or(PATIENCE, Duration::from_secs)
}

fn connect(client: &mut Client<'_, '_>, at: &At, instance: &Instance) -> Result<(), Stop> {
    client.process.world.take(CONNECT);
    let Some((why, lasts)) = reason(client, instance) else { return Ok(()) };
    client.process.world.pass(lasts);
    let inside = client.args.has("--internal-ip");
    let address = instance.external.as_ref().filter(|_| !inside).unwrap_or(&instance.internal).clone();
    Err(lost(client, at, &format!("ssh: connect to host {address} port 22: {why}\n")))
}

/// Through Google's proxy, which reaches machines that have no address outside.
fn tunnel(client: &mut Client<'_, '_>, at: &At, instance: &Instance) -> Result<(), Stop> {
    if !client.args.has("--tunnel-through-iap") {
        client.tell("External IP address was not found; defaulting to using IAP tunneling.");
    }
    client.process.world.take(CONNECT * 2);
    if reason(client, instance).is_none() {
        return Ok(());
    }
    Err(lost(
        client,
        at,
        "ERROR: (gcloud.compute.start-iap-tunnel) Error while connecting [4003: 'failed to connect to backend']. (Failed to connect to port 22)\n\
         kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535\n",
    ))
}

/// ssh has ended with its own code; whether the command ran, nobody knows.
fn lost(client: &mut Client<'_, '_>, at: &At, said: &str) -> Stop {
    client.tell(lost_text(at, said));
    Stop::Exit(LOST)
}

fn lost_text(at: &At, said: &str) -> String {
    let again =
        format!("gcloud compute ssh {} --project={} --zone={} --troubleshoot", at.name, at.project, at.zone_name());
    format!(
        "{said}{HELP}\n{again}\n\nOr, to investigate an IAP tunneling issue:\n\n{again} --tunnel-through-iap\n\n\
         ERROR: (gcloud.compute.ssh) [/usr/bin/ssh] exited with return code [255]."
    )
}

/// Runs a command with the world's own shell; what it reads and prints passes through.
fn run(client: &mut Client<'_, '_>, instance: &Instance, user: String, command: &str) -> Result<i32, Stop> {
    let shell = find("bash").ok_or_else(|| Stop::unsimulated("`bash`"))?;
    let process = &mut *client.process;
    let home = if user == "root" { "/root".to_owned() } else { format!("/home/{user}") };
    let stdin = std::mem::take(&mut process.stdin);
    let mut remote = process.started(Place::machine(&instance.machine), stdin);
    remote.env.insert("HOME".to_owned(), home.clone());
    remote.env.insert("USER".to_owned(), user.clone());
    remote.cwd = home;
    remote.user = user;
    let exit = shell(&mut remote, &["-c".to_owned(), command.to_owned()])?;
    let (stdout, stderr): (Stream, String) = (remote.stdout, remote.stderr);
    process.stdout.extend(stdout);
    process.stderr.push_str(&stderr);
    Ok(exit)
}
