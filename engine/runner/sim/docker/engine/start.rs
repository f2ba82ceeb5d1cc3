//! Starting a container.

use super::super::super::lifecycle;
use super::super::super::process::{Output, Stream};
use super::super::super::world::{Life, Past, Program, Status};
use super::super::client::Client;
use super::super::fault::{Done, Fault, unsimulated};
use super::begin::is_endless;

impl Client<'_, '_> {
    /// Starts a container beside everything else. One that runs stays as it is.
    ///
    /// # Errors
    /// It is paused, a port or a network is not to be had, its program cannot be started.
    pub fn start(&mut self, id: &str) -> Done {
        let now = self.process.world.now();
        match self.container(id)?.at(now).status {
            Status::Running | Status::Restarting => return Ok(()),
            Status::Paused => return Err(Fault::daemon("cannot start a paused container, try unpause instead")),
            Status::Created | Status::Exited => {}
        }
        self.prepare(id)?;
        let life = if self.is_service(id)? {
            let machine = self.machine.clone();
            lifecycle::start(self.process.world, &machine, id)
        } else {
            self.begin(id)?
        };
        let container = self.container_mut(id)?;
        container.life = life;
        container.paused = false;
        self.take(80);
        Ok(())
    }

    /// Starts a container and waits for its end; the container stays.
    ///
    /// # Errors
    /// As [`Client::start`]; a server does not end.
    pub fn run_to_end(&mut self, id: &str, stdin: Stream) -> Done<Output> {
        self.prepare(id)?;
        if !self.is_service(id)? {
            let output = self.run_main(id, stdin)?;
            self.take(120);
            let container = self.container(id)?;
            let oom = output.exit == 137 && container.spec.memory > 0 && is_endless(&container.command);
            self.finish(id, output.exit, oom)?;
            return Ok(output);
        }
        let (machine, began) = (self.machine.clone(), self.process.world.now());
        let life = lifecycle::start(self.process.world, &machine, id);
        let container = self.container_mut(id)?;
        let Life::Exited { code, .. } = life else {
            return unsimulated(format!("a server in the foreground (`{}`)", container.name));
        };
        container.life = life;
        let said = |of: bool| container.log.iter().filter(move |(at, is_error, _)| *at >= began && *is_error == of);
        let text = |of: bool| said(of).flat_map(|(_, _, line)| [line.trim_end_matches('\n'), "\n"]).collect::<String>();
        let output = Output { exit: code, stdout: Stream::text(text(false)), stderr: text(true) };
        self.take(120);
        Ok(output)
    }

    /// What a container does is its own: a service or a server, or an image that crashes.
    fn is_service(&mut self, id: &str) -> Done<bool> {
        let container = self.container(id)?;
        let (image, program) = (container.image.clone(), container.program);
        let odd = self.engine()?.images.get(&image).is_some_and(|image| image.crashes.is_some() || image.unhealthy);
        Ok(program != Program::Tools || odd)
    }

    /// Everything that a start needs: networks, addresses, ports, a program. What is missing is kept as the container's error.
    fn prepare(&mut self, id: &str) -> Done {
        self.take(120);
        let prepared = self.provide(id);
        if let Err(Fault::Daemon(why)) = &prepared {
            let code = code_of(why);
            let container = self.container_mut(id)?;
            container.past = Past { code, error: why.clone(), published: Vec::new(), ..container.past.clone() };
            if code != 128 {
                // The runtime was asked, and that takes its time.
                self.take(150);
            }
        }
        prepared
    }

    fn provide(&mut self, id: &str) -> Done {
        let container = self.container(id)?.clone();
        for network in container.networks.keys() {
            if !self.engine()?.networks.contains_key(network) {
                return Err(Fault::daemon(format!("network {network} not found")));
            }
        }
        let published = self.publish(&container)?;
        if !self.is_service(id)? {
            let cwd = container.spec.working_dir.clone();
            if !cwd.is_empty() {
                // The Engine makes it. What is in the way stays, and then the program begins elsewhere.
                let place = self.inside(id);
                let _ = self.process.world.make_dirs(&place, &cwd);
            }
            let cwd = if cwd.is_empty() { "/" } else { &cwd };
            if let Some(why) = self.refused(&container, &container.command, cwd)? {
                return Err(Fault::daemon(format!(
                    "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: \
                     {why}: unknown"
                )));
            }
        }
        let mut networks = container.networks.clone();
        for network in container.networks.keys() {
            let address = self.engine()?.free_address(network);
            networks.insert_mut(network.clone(), address);
        }
        let now = self.process.world.now();
        let engine = self.engine_mut()?;
        engine.tell(now, "start", &container, &[]);
        if let Some(container) = engine.containers.get_mut(id) {
            container.networks = networks;
            container.restarts = 0;
            container.past = Past { published, code: 0, error: String::new(), ..container.past.clone() };
        }
        Ok(())
    }
}

/// The code of a container that could not be started, and of `docker run` with it.
pub fn code_of(why: &str) -> i32 {
    match () {
        () if !why.contains("OCI runtime") => 128,
        () if why.contains("executable file not found") || why.contains("no such file or directory") => 127,
        () if why.contains("permission denied") || why.contains("not a directory") => 126,
        () => 128,
    }
}
