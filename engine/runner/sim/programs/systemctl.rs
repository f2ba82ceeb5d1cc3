//! `systemctl` and `journalctl`: units that matter, and the Docker Engine.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::lifecycle;
use super::super::process::{Process, Unsimulated};
use super::super::world::{Life, Unit};
use super::flags::{Spec, Told};
use super::{Done, Halt, clock};

/// What starting or stopping takes.
const SWITCH: Duration = Duration::from_millis(400);
const DOCKER_START: Duration = Duration::from_millis(1_800);

/// A unit that nobody describes is ready after this time.
const READY: Duration = Duration::from_secs(2);

/// Containers that ended within this time ended together.
const TOGETHER: TimeDelta = TimeDelta::seconds(15);

const SYSTEMCTL: Spec = Spec {
    program: "systemctl",
    options: &[
        "q,quiet",
        "now",
        "no-pager",
        "system",
        "p,property=",
        "value",
        "l,full",
        "f,force",
        "no-ask-password",
        "n,lines=",
        "!user",
        "!no-block",
        "!a,all",
        "!t,type=",
        "!state=",
        "!H=",
        "!M=",
        "!o=",
        "!s=",
        "!wait",
        "!plain",
        "!no-legend",
    ],
    usage: 1,
    stops: false,
};

/// Which unit.
enum Which {
    Docker,
    /// By its key in the machine's units.
    Own(String),
}

/// `systemctl`
pub fn systemctl(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = SYSTEMCTL.read(process, arguments)?;
    if process.place.container.is_some() {
        process.complain("System has not been booted with systemd as init system (PID 1). Can't operate.");
        process.complain("Failed to connect to bus: Host is down");
        return Ok(1);
    }
    let Some((verb, names)) = told.operands.split_first() else {
        return Err(Unsimulated("`systemctl` without a command".to_owned()).into());
    };
    if matches!(verb.as_str(), "daemon-reload" | "reset-failed" | "daemon-reexec") {
        process.world.take(SWITCH);
        return Ok(0);
    }
    let mut status = 0;
    for name in names {
        let code = one(process, &told, verb, name)?;
        status = if code == 0 { status } else { code };
    }
    Ok(status)
}

fn one(process: &mut Process<'_>, told: &Told, verb: &str, name: &str) -> Done {
    let Some(which) = which(process, name)? else {
        return Ok(not_found(process, told, verb, name));
    };
    let changes = matches!(verb, "start" | "stop" | "restart" | "try-restart" | "reload" | "enable" | "disable");
    if changes && !process.is_root() {
        process.complain(format!("Failed to {verb} {}: Interactive authentication required.", full(name)));
        return Ok(1);
    }
    match verb {
        "start" => switch(process, &which, true),
        "stop" => switch(process, &which, false),
        "restart" | "reload-or-restart" => {
            switch(process, &which, false);
            switch(process, &which, true);
        }
        "try-restart" if state(process, &which) == "active" => {
            switch(process, &which, false);
            switch(process, &which, true);
        }
        "try-restart" | "reload" => process.world.take(SWITCH),
        "enable" | "disable" => {
            process.world.take(SWITCH);
            if told.has("now") {
                switch(process, &which, verb == "enable");
            }
        }
        "is-enabled" => process.say("enabled"),
        "is-active" | "is-failed" => {
            let state = state(process, &which);
            if !told.has("q") {
                process.say(&state);
            }
            let wanted = if verb == "is-active" { "active" } else { "failed" };
            return Ok(if state == wanted {
                0
            } else if verb == "is-active" {
                3
            } else {
                1
            });
        }
        "status" => return Ok(describe(process, &which, name)),
        "show" => return show(process, told, &which, name),
        "cat" => return Err(Unsimulated(format!("`systemctl cat {name}`")).into()),
        verb => return Err(Unsimulated(format!("`systemctl {verb}`")).into()),
    }
    Ok(0)
}

fn full(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("{name}.service") }
}

/// The unit; none: there is no such unit.
fn which(process: &Process<'_>, name: &str) -> Result<Option<Which>, Halt> {
    let Some(machine) = process.world.machine(&process.place.machine) else { return Ok(None) };
    let bare = name.strip_suffix(".service").unwrap_or(name);
    let long = full(name);
    let known = [name, bare, &long].into_iter().find(|key| machine.units.contains_key(*key));
    if let Some(key) = known {
        return Ok(Some(Which::Own(key.to_owned())));
    }
    if matches!(bare, "docker" | "docker.socket") {
        return Ok(machine.engine.as_ref().map(|_| Which::Docker));
    }
    Err(Unsimulated(format!("the unit `{name}`")).into())
}

fn not_found(process: &mut Process<'_>, told: &Told, verb: &str, name: &str) -> i32 {
    let name = full(name);
    match verb {
        "is-active" | "is-failed" => {
            if !told.has("q") {
                process.say("inactive");
            }
            if verb == "is-active" { 3 } else { 1 }
        }
        "status" => {
            process.complain(format!("Unit {name} could not be found."));
            4
        }
        _ => {
            process.complain(format!("Failed to {verb} {name}: Unit {name} not found."));
            5
        }
    }
}

fn unit<'p>(process: &'p Process<'_>, which: &Which) -> Option<&'p Unit> {
    match which {
        Which::Docker => None,
        Which::Own(key) => process.world.machine(&process.place.machine)?.units.get(key),
    }
}

fn state(process: &Process<'_>, which: &Which) -> String {
    match (which, unit(process, which)) {
        (_, Some(unit)) => unit.state.clone(),
        (Which::Docker, _) if process.world.engine(&process.place.machine).is_some_and(|engine| engine.running) => {
            "active".to_owned()
        }
        _ => "inactive".to_owned(),
    }
}

fn switch(process: &mut Process<'_>, which: &Which, on: bool) {
    match which {
        Which::Docker => docker(process, on),
        Which::Own(key) => own(process, key, on),
    }
}

fn own(process: &mut Process<'_>, key: &str, on: bool) {
    process.world.take(SWITCH);
    let machine = process.place.machine.clone();
    let service = process
        .world
        .machine(&machine)
        .and_then(|machine| machine.units.get(key))
        .and_then(|unit| unit.service.clone());
    let estimate = process
        .world
        .system
        .services
        .iter()
        .find(|known| Some(&known.id) == service.as_ref())
        .and_then(|known| known.estimate);
    let wait = process.world.dice.about(estimate.unwrap_or(READY));
    let ready = TimeDelta::from_std(wait).ok().and_then(|wait| process.world.now().checked_add_signed(wait));
    let unit = process.world.machine_mut(&machine).and_then(|machine| machine.units.get_mut(key));
    let Some(unit) = unit else { return };
    match (on, unit.state.as_str()) {
        (true, "active") => {}
        (true, _) => {
            "active".clone_into(&mut unit.state);
            unit.ready = ready;
        }
        (false, _) => {
            "inactive".clone_into(&mut unit.state);
            unit.ready = None;
        }
    }
}

/// The Engine with its containers: they end with it, and those that may come back with it.
fn docker(process: &mut Process<'_>, on: bool) {
    let machine = process.place.machine.clone();
    let Some(running) = process.world.engine(&machine).map(|engine| engine.running) else { return };
    if running == on {
        return;
    }
    process.world.take(if on { DOCKER_START } else { SWITCH });
    let now = process.world.now();
    let Some(engine) = process.world.engine_mut(&machine) else { return };
    engine.running = on;
    let ids: Vec<String> = engine.containers.keys().cloned().collect();
    if on {
        let last = engine.containers.values().filter_map(|container| ended(&container.life)).max();
        let returning: Vec<String> = engine
            .containers
            .values()
            .filter(|container| returns(container, last))
            .map(|container| container.id.clone())
            .collect();
        for id in returning {
            let life = lifecycle::start(process.world, &machine, &id);
            if let Some(container) =
                process.world.engine_mut(&machine).and_then(|engine| engine.containers.get_mut(&id))
            {
                container.life = life;
                container.paused = false;
            }
        }
        return;
    }
    for id in ids {
        let Some(container) = engine.containers.get(&id) else { continue };
        let life = match container.life {
            Life::Running(run) if container.runs(now) || container.paused => {
                Life::Exited { code: 143, at: now, started: run.started, oom: false }
            }
            Life::Looping { since, code } => Life::Exited { code, at: now, started: since, oom: false },
            _ => continue,
        };
        if let Some(container) = engine.containers.get_mut(&id) {
            container.life = life;
            container.paused = false;
        }
    }
}

fn ended(life: &Life) -> Option<DateTime<Utc>> {
    match life {
        Life::Exited { at, .. } => Some(*at),
        Life::Created | Life::Running(_) | Life::Looping { .. } => None,
    }
}

/// It is started with the Engine. Who was stopped by hand is not recorded: what ended long before the last ones was.
fn returns(container: &super::super::world::Container, last: Option<DateTime<Utc>>) -> bool {
    let Life::Exited { code, at, .. } = container.life else { return false };
    let together = last.is_some_and(|last| last.signed_duration_since(at) <= TOGETHER);
    match container.restart.as_str() {
        "always" => true,
        "unless-stopped" => together,
        policy => policy.starts_with("on-failure") && code != 0 && together,
    }
}

fn describe(process: &mut Process<'_>, which: &Which, name: &str) -> i32 {
    let state = state(process, which);
    let sub = match state.as_str() {
        "active" => "active (running)",
        "failed" => "failed (Result: exit-code)",
        _ => "inactive (dead)",
    };
    let name = full(name);
    process.say(format!("● {name}"));
    process.say(format!("     Loaded: loaded (/lib/systemd/system/{name}; enabled; preset: enabled)"));
    process.say(format!("     Active: {sub}"));
    if state == "active" { 0 } else { 3 }
}

fn show(process: &mut Process<'_>, told: &Told, which: &Which, name: &str) -> Done {
    let state = state(process, which);
    let restarts = unit(process, which).map_or(0, |unit| unit.restarts);
    let since = unit(process, which).and_then(|unit| unit.ready).and_then(|ready| clock::format(ready, "%a %F %T UTC"));
    let wanted: Vec<String> =
        told.values("p").iter().flat_map(|list| list.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
    if wanted.is_empty() {
        return Err(Unsimulated("`systemctl show` without -p".to_owned()).into());
    }
    for property in wanted {
        let value = match property.as_str() {
            "ActiveState" => state.clone(),
            "SubState" => match state.as_str() {
                "active" => "running".to_owned(),
                "failed" => "failed".to_owned(),
                _ => "dead".to_owned(),
            },
            "LoadState" => "loaded".to_owned(),
            "UnitFileState" => "enabled".to_owned(),
            "NRestarts" => restarts.to_string(),
            "Id" => full(name),
            "Result" => if state == "failed" { "exit-code" } else { "success" }.to_owned(),
            "ActiveEnterTimestamp" => since.clone().unwrap_or_default(),
            other => return Err(Unsimulated(format!("`systemctl show -p {other}`")).into()),
        };
        process.say(if told.has("value") { value } else { format!("{property}={value}") });
    }
    Ok(0)
}

/// `journalctl`: units write nothing in this world.
pub fn journalctl(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const JOURNALCTL: Spec = Spec {
        program: "journalctl",
        options: &[
            "u,unit=",
            "n,lines=",
            "no-pager",
            "S,since=",
            "U,until=",
            "b,boot=?",
            "r,reverse",
            "p,priority=",
            "q,quiet",
            "x,catalog",
            "e,pager-end",
            "!f,follow",
            "!o,output=",
            "!k,dmesg",
            "!g,grep=",
            "!t=",
            "!vacuum-time=",
            "!vacuum-size=",
        ],
        usage: 1,
        stops: false,
    };
    let told = JOURNALCTL.read(process, arguments)?;
    if !told.has("q") {
        process.say("-- No entries --");
    }
    Ok(0)
}
