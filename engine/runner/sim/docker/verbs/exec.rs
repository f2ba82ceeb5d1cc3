//! `docker exec`.

use super::super::super::process::Stream;
use super::super::super::world::Status;
use super::super::client::Client;
use super::super::command::Given;
use super::super::engine::{Ended, Exec};
use super::super::fault::{Done, Fault};
use super::run::environment;

pub fn exec(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["detach", "env", "env-file", "interactive", "privileged", "tty", "user", "workdir"])?;
    let Some((name, argv)) = given.operands.split_first() else { return Ok(1) };
    if given.has("interactive") && given.has("tty") {
        return Err(Fault::said(1, "the input device is not a TTY"));
    }
    let env = environment(client, given, "env").map_err(|fault| match fault {
        Fault::Said(_, text) => Fault::said(1, text),
        other => other,
    })?;
    let exec = Exec {
        argv: argv.to_vec(),
        env: env.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        user: given.text("user").map(str::to_owned),
        cwd: given.text("workdir").map(str::to_owned),
        stdin: Stream::default(),
    };
    let how = How { detached: given.has("detach"), interactive: given.has("interactive"), tty: given.has("tty") };
    client.exec(name, exec, how)
}

/// How a program is run in a container.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    pub detached: bool,
    pub interactive: bool,
    pub tty: bool,
}

impl Client<'_, '_> {
    /// Runs a program in a container that runs, with the streams of the client.
    ///
    /// # Errors
    /// The container does not run, or something is not simulated.
    pub fn exec(&mut self, name: &str, mut exec: Exec, how: How) -> Done<i32> {
        self.take(15);
        let now = self.process.world.now();
        let container = self.container(name)?;
        let id = &container.id;
        match container.at(now).status {
            Status::Running => {}
            Status::Paused => {
                return Err(Fault::daemon(format!("Container {name} is paused, unpause the container before exec")));
            }
            Status::Restarting => {
                return Err(Fault::daemon(format!(
                    "Container {id} is restarting, wait until the container is running"
                )));
            }
            Status::Created | Status::Exited => return Err(Fault::daemon(format!("Container {id} is not running"))),
        }
        let container = container.clone();
        self.take(50);
        if how.interactive {
            exec.stdin = std::mem::take(&mut self.process.stdin);
        }
        if container.spec.open_stdin && container.spec.tty {
            exec.env.push(("TERM".to_owned(), "xterm".to_owned()));
        }
        let began = self.process.world.now();
        match self.run_inside(&container, exec)? {
            Ended::Refused(why) => {
                let text = match why.as_str() {
                    why if why.starts_with("unable to find user") => why.to_owned(),
                    "Cwd must be an absolute path" => format!("OCI runtime exec failed: exec failed: {why}: unknown"),
                    why => format!(
                        "OCI runtime exec failed: exec failed: unable to start container process: {why}: unknown"
                    ),
                };
                if how.detached {
                    return Err(Fault::daemon(text));
                }
                // The daemon sends it where the program would have printed.
                self.say(text);
                Ok(126)
            }
            Ended::Ran(_) if how.detached => {
                // It goes on while others do something else.
                self.process.world.set_now(began);
                Ok(0)
            }
            Ended::Ran(output) => {
                self.process.stdout.extend(output.stdout);
                if how.tty {
                    self.process.stdout.push(&output.stderr);
                } else {
                    self.process.stderr.push_str(&output.stderr);
                }
                Ok(output.exit)
            }
        }
    }
}
