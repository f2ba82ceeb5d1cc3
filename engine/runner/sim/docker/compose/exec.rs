//! `docker compose exec`.

use super::super::super::world::{Container, Status};
use super::super::command::Given;
use super::super::engine::Exec;
use super::super::fault::{Done, Fault};
use super::super::verbs::{How, environment};
use super::{Compose, number_of};

pub fn exec(compose: &mut Compose<'_, '_, '_>, given: &Given) -> Done<i32> {
    given.only(&["T", "detach", "env", "index", "interactive", "no-TTY", "privileged", "tty", "user", "workdir"])?;
    let Some((service, argv)) = given.operands.split_first() else { return Ok(1) };
    let known = compose.known(&[])?;
    let index = given.text("index").and_then(|index| index.parse().ok()).filter(|index| *index > 0);
    let container = compose.running(&known.name, service, index)?;
    let env = environment(compose.client, given, "env")?;
    let exec = Exec {
        argv: argv.to_vec(),
        env: env.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        user: given.text("user").map(str::to_owned),
        cwd: given.text("workdir").map(str::to_owned),
        ..Exec::default()
    };
    // Standard input goes through unless somebody says otherwise.
    let interactive = given.text("interactive").is_none_or(|on| on == "true");
    let how = How { detached: given.has("detach"), interactive, tty: false };
    compose.client.take(80);
    compose.client.exec(&container.id, exec, how)
}

impl Compose<'_, '_, '_> {
    /// A container of a service that runs.
    ///
    /// # Errors
    /// There is none.
    pub fn running(&mut self, project: &str, service: &str, index: Option<usize>) -> Done<Container> {
        let now = self.client.process.world.now();
        let names = [service.to_owned()];
        let mut containers = self.chosen(project, &names, false)?;
        containers.retain(|container| !matches!(container.at(now).status, Status::Created | Status::Exited));
        containers.sort_by_key(number_of);
        let found = containers.into_iter().find(|container| index.is_none_or(|index| number_of(container) == index));
        found.ok_or_else(|| {
            let which = index.map(|index| format!(" container #{index}")).unwrap_or_default();
            Fault::said(1, format!("service {service:?} is not running{which}"))
        })
    }
}
