//! `docker compose run`.

use super::super::super::process::Stream;
use super::super::command::Given;
use super::super::fault::{Done, Fault};
use super::super::verbs::{environment, volume};
use super::converge::Recreate;
use super::{Compose, LABEL, digits};

pub fn run(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&[
        "detach",
        "entrypoint",
        "env",
        "interactive",
        "label",
        "name",
        "no-TTY",
        "no-deps",
        "quiet-pull",
        "rm",
        "service-ports",
        "tty",
        "use-aliases",
        "user",
        "volume",
        "workdir",
    ])?;
    let Some((name, command)) = given.operands.split_first() else { return Ok(1) };
    let globals = compose.globals.clone();
    let mut project = compose.client.load(&globals)?;
    project.select(std::slice::from_ref(name), !given.has("no-deps")).map_err(|why| Fault::said(1, why))?;
    let missing = || Fault::said(1, format!("no such service: {name}"));
    let mut service = project.services.remove(name).ok_or_else(missing)?;
    compose.images(&project, None, given.has("quiet-pull"))?;
    let mut own = project.clone();
    own.services.insert(name.clone(), service.clone());
    own.services.retain(|known, _| known == name);
    compose.images(&own, None, given.has("quiet-pull"))?;
    let mut all = own.clone();
    all.services.extend(project.services.clone());
    compose.provide(&all)?;
    for needed in project.ordered() {
        compose.converge(&project, needed, Recreate::Diverged)?;
    }
    compose.start_all(&project)?;
    if !command.is_empty() {
        service.command = Some(command.to_vec());
    }
    if let Some(entrypoint) = given.text("entrypoint") {
        service.entrypoint = Some(shlex::split(entrypoint).unwrap_or_default());
        if command.is_empty() {
            service.command = None;
        }
    }
    if !given.has("service-ports") {
        service.ports.clear();
    }
    "no".clone_into(&mut service.restart);
    let mut wanted = compose.wanted(&own, &service, 1, None)?;
    let roll = compose.client.process.world.dice.hex(16);
    let chosen = format!("{}-{name}-run-{}", own.name, digits(&roll));
    let container = given.text("name").map_or(chosen, str::to_owned);
    wanted.env.extend(environment(compose.client, given, "env")?);
    for (key, value) in &mut wanted.labels {
        if *key == format!("{LABEL}.oneoff") {
            "True".clone_into(value);
        }
    }
    wanted.labels.extend(given.all("label").map(|label| {
        let (name, value) = label.split_once('=').unwrap_or((label, ""));
        (name.to_owned(), value.to_owned())
    }));
    for text in given.all("volume") {
        let (place, bind) = volume(&compose.client.process.cwd, text)?;
        wanted.places.push(place);
        wanted.spec.binds.extend(bind);
    }
    if let Some(user) = given.text("user") {
        user.clone_into(&mut wanted.spec.user);
    }
    if let Some(dir) = given.text("workdir") {
        dir.clone_into(&mut wanted.spec.working_dir);
    }
    wanted.name = Some(container);
    let detached = given.has("detach");
    wanted.auto_remove = given.has("rm") && detached;
    let id = compose.client.create(wanted)?;
    if detached {
        compose.client.start(&id)?;
        compose.client.say(&id);
        return Ok(0);
    }
    // Standard input goes through, and what is not a terminal ends at once.
    let interactive = given.text("interactive").is_none_or(|on| on == "true");
    let stdin = if interactive { std::mem::take(&mut compose.client.process.stdin) } else { Stream::default() };
    let ran = compose.client.run_to_end(&id, stdin);
    if given.has("rm") && !matches!(ran, Err(Fault::Unsimulated(_))) {
        compose.client.forget(&id, true);
    }
    let output = ran?;
    compose.client.process.stdout.extend(output.stdout);
    compose.client.process.stderr.push_str(&output.stderr);
    Ok(output.exit)
}
