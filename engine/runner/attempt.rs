//! One attempt of a program: spawn, pump, wait, end it when its time is over, and say what happened.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::PipeReader;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::pin::Pin;
use std::process::{ExitStatus, Output as Captured};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::Receiver;
use tokio::process::ChildStdin;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::model::work::{Attempt, Capture, Completion, End, Tool, Work};

use super::family::Membership;
use super::launch::{Prepared, prepare};
use super::local::Shared;
use super::log::{Log, log_path};
use super::process::{self, Launch, Spawned};
use super::pump::{Sink, drain, pump};
use super::sweep::{Members, Orphans};
use super::{boot, docker, ending, family, outputs, program, sweep, transport};

/// After the program has ended, its pipes may stay open in a child that it left behind: they are read this much longer.
const DRAIN: Duration = Duration::from_millis(200);
/// A program that ends sooner costs less: see [`follow`].
const QUIET: Duration = Duration::from_millis(2);
/// For the client that ends work in a container.
const HELPER: Duration = Duration::from_secs(10);

/// Output and input of one process, all in one future.
type Pumps = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Why the work is ended before its own end.
enum Cut {
    TimedOut,
    Cancelled,
}

/// Runs a program to its end.
pub(super) async fn run(
    shared: &Shared,
    work: &Work,
    tool: Tool,
    argv: &[String],
    mut cancel: watch::Receiver<u8>,
) -> Completion {
    let began = boot::now();
    let company = shared.company.join();
    let mut completion = match start(shared, work, tool, argv) {
        Err(why) => Completion::of(End::NotStarted { why }),
        Ok((spawned, prepared)) => follow(shared, work, tool, spawned, prepared, (began, &company), &mut cancel).await,
    };
    completion.elapsed = boot::now().saturating_sub(began);
    completion
}

fn start(shared: &Shared, work: &Work, tool: Tool, argv: &[String]) -> Result<(Spawned, Prepared), String> {
    let settings = &shared.settings;
    let prepare = || prepare(work, tool, argv, &settings.run_directory, &shared.secrets, &shared.programs);
    let mut prepared = prepare()?;
    let child = process::spawn(&prepared.launch).or_else(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            // It may have moved since it was found.
            shared.programs.forget(&prepared.launch.name);
            prepared = prepare()?;
            return process::spawn(&prepared.launch).map_err(|error| why(&prepared.launch, &error));
        }
        Err(why(&prepared.launch, &error))
    })?;
    Ok((child, prepared))
}

fn why(launch: &Launch, error: &std::io::Error) -> String {
    program::not_started(launch, error)
}

async fn follow(
    shared: &Shared,
    work: &Work,
    tool: Tool,
    spawned: Spawned,
    prepared: Prepared,
    (began, company): (Duration, &Membership<'_>),
    cancel: &mut watch::Receiver<u8>,
) -> Completion {
    let attempt = &work.attempt;
    let mut child = spawned.child;
    let _kin = spawned.kin;
    let names = [sweep::pipe_name(&spawned.stdout), sweep::pipe_name(&spawned.stderr)];
    let pid = child.id().unwrap_or(0);
    let group = i32::try_from(pid).unwrap_or(0);
    shared.report.spawned(attempt, pid);
    let sink = sink(shared, attempt, work.capture);
    let mut pipes = Pipes {
        stdin: child.stdin.take().zip(prepared.stdin),
        stdout: Some(spawned.stdout),
        stderr: Some(spawned.stderr),
    };
    let due = boot::sleep_until(began.saturating_add(work.timeout));
    tokio::pin!(due);
    let mut outcome = None;
    if pipes.stdin.is_none() {
        // Most programs end before anybody must read: then the pipes are read once, and the poller never hears of them.
        outcome = tokio::select! {
            biased;
            status = child.wait() => {
                pipes.drain(&sink);
                Some(Ok(status))
            }
            Ok(_) = cancel.wait_for(|asked| *asked > 0) => Some(Err(Cut::Cancelled)),
            () = &mut due => Some(Err(Cut::TimedOut)),
            () = tokio::time::sleep(QUIET) => None,
        };
    }
    let mut drained = pipes.is_drained();
    let mut pumps = pipes.pump(&sink);
    let outcome = match outcome {
        Some(outcome) => outcome,
        None => loop {
            tokio::select! {
                biased;
                () = &mut pumps, if !drained => drained = true,
                status = child.wait() => break Ok(status),
                Ok(_) = cancel.wait_for(|asked| *asked > 0) => break Err(Cut::Cancelled),
                () = &mut due => break Err(Cut::TimedOut),
            }
        },
    };
    let members =
        || Members::new(group, &attempt.token.0, Orphans { since: began, pipes: names, alone: company.was_alone() });
    let (end, left_behind) = match outcome {
        Ok(Ok(status)) => {
            if !drained {
                drained = timeout(DRAIN, &mut pumps).await.is_ok();
            }
            let orphans = family::reap();
            let left = if drained && !orphans && !sweep::group_lives(group) {
                Vec::new()
            } else {
                let mut members = members();
                let left = members.living();
                members.keep();
                left
            };
            if !drained {
                // What it left behind goes on writing to the log, and does not die of a closed pipe while the engine lives.
                tokio::spawn(pumps);
            }
            (of_status(status, shared), left)
        }
        Ok(Err(error)) => {
            (End::Unreachable { why: format!("wait for process {pid}: {error}"), may_have_run: true }, Vec::new())
        }
        Err(cut) => {
            // Somebody must go on reading, or a program that says goodbye blocks on a full pipe.
            let reading = tokio::spawn(pumps);
            let left = ending::end(&mut child, group, members(), shared.settings.grace, cancel).await;
            if let Some(site) = prepared.site {
                end_in_containers(shared, work, &prepared.argv, site).await;
            }
            let stop = reading.abort_handle();
            if timeout(DRAIN, reading).await.is_err() {
                stop.abort();
            }
            let end = match cut {
                Cut::TimedOut => End::TimedOut,
                Cut::Cancelled => End::Cancelled,
            };
            (end, left)
        }
    };
    complete(tool, &prepared.argv, end, left_behind, &sink, outputs::collect(&prepared.outputs))
}

/// Where the output of an attempt goes.
pub(super) fn sink(shared: &Shared, attempt: &Attempt, capture: Capture) -> Arc<Mutex<Sink>> {
    let log = Log::new(log_path(&shared.settings.run_directory, attempt));
    Arc::new(Mutex::new(Sink::new(
        attempt.step.clone(),
        log,
        shared.settings.live_lines,
        capture,
        &shared.masker,
        Arc::clone(&shared.report),
    )))
}

/// What is still open of a process.
struct Pipes {
    stdin: Option<(ChildStdin, String)>,
    stdout: Option<PipeReader>,
    stderr: Option<PipeReader>,
}

impl Pipes {
    /// Reads what is there; what has ended is closed.
    fn drain(&mut self, sink: &Mutex<Sink>) {
        self.stdout.take_if(|pipe| drain(pipe, false, sink));
        self.stderr.take_if(|pipe| drain(pipe, true, sink));
    }

    fn is_drained(&self) -> bool {
        self.stdin.is_none() && self.stdout.is_none() && self.stderr.is_none()
    }

    /// Everything to its end.
    fn pump(self, sink: &Arc<Mutex<Sink>>) -> Pumps {
        if self.is_drained() {
            return Box::pin(std::future::ready(()));
        }
        let (for_output, for_errors) = (Arc::clone(sink), Arc::clone(sink));
        Box::pin(async move {
            let write = async move {
                if let Some((mut pipe, text)) = self.stdin {
                    // A program may end without having read it all: that is its business.
                    let _ = pipe.write_all(text.as_bytes()).await;
                }
            };
            let read_output = async move {
                if let Some(pipe) = self.stdout {
                    pump(pipe, false, for_output).await;
                }
            };
            let read_errors = async move {
                if let Some(pipe) = self.stderr {
                    pump(pipe, true, for_errors).await;
                }
            };
            tokio::join!(write, read_output, read_errors);
        })
    }
}

fn of_status(status: ExitStatus, shared: &Shared) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Exited(code),
        (None, signal) => {
            let signal = signal.unwrap_or(0);
            End::Signaled { signal, why: shared.oom.explain(signal) }
        }
    }
}

/// Everything that is known about an attempt of a program, put together.
pub(super) fn complete(
    tool: Tool,
    argv: &[String],
    end: End,
    left_behind: Vec<u32>,
    sink: &Mutex<Sink>,
    values: Result<BTreeMap<String, String>, String>,
) -> Completion {
    let output = sink.lock().unwrap_or_else(PoisonError::into_inner).take();
    let end = match end {
        End::Exited(code) => match transport::classify(tool, argv, code, &output.stderr) {
            Some(found) => End::Unreachable { why: found.why, may_have_run: found.may_have_run },
            None => End::Exited(code),
        },
        other => other,
    };
    let mut completion = Completion {
        stdout: output.stdout,
        stderr: output.stderr,
        truncated: output.truncated,
        left_behind,
        ..Completion::of(end)
    };
    put_values(&mut completion, values);
    completion
}

fn put_values(completion: &mut Completion, values: Result<BTreeMap<String, String>, String>) {
    match values {
        Ok(values) => completion.values = values,
        Err(problem) => {
            let stderr = &mut completion.stderr;
            if !stderr.is_empty() && !stderr.ends_with('\n') {
                stderr.push('\n');
            }
            stderr.push_str(&problem);
        }
    }
}

/// Runs the client that brings the values from where the work was.
pub(super) async fn bring_values(shared: &Shared, work: &Work, bring: Vec<String>, completion: &mut Completion) {
    if let Some(said) = helper(shared, work, bring).await.filter(|said| said.status.success()) {
        put_values(completion, outputs::values(said.stdout));
    }
}

/// Killing the client does not end what it started in a container; the token does.
pub(super) async fn end_in_containers(shared: &Shared, work: &Work, argv: &[String], site: docker::Site) {
    let token = &work.attempt.token;
    if let Some(list) = docker::list_containers(argv, site, token) {
        let Some(found) = helper(shared, work, list).await else { return };
        let containers: Vec<String> = String::from_utf8_lossy(&found.stdout).lines().map(str::to_owned).collect();
        if !containers.is_empty() {
            helper(shared, work, docker::end_containers(argv, site, &containers)).await;
        }
    } else if let Some(inside) = docker::end_inside(argv, site, token) {
        helper(shared, work, inside).await;
    }
}

/// Runs a client with the same surroundings as the work (its `DOCKER_HOST` above all). Best effort.
async fn helper(shared: &Shared, work: &Work, argv: Vec<String>) -> Option<Captured> {
    let bare = Work { stdin: None, ..work.clone() };
    // `Tool::Exec`: the token must not be put in, or the helper would be found as part of the work.
    let run = &shared.settings.run_directory;
    let mut prepared = prepare(&bare, Tool::Exec, &argv, run, &shared.secrets, &shared.programs).ok()?;
    prepared.launch.env.retain(|(name, _)| name != sweep::VARIABLE);
    let mut spawned = process::spawn(&prepared.launch).ok()?;
    let group = i32::try_from(spawned.child.id()?).ok()?;
    let waiting = async {
        let mut output = Receiver::from_owned_fd(OwnedFd::from(spawned.stdout)).ok()?;
        let mut errors = Receiver::from_owned_fd(OwnedFd::from(spawned.stderr)).ok()?;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let (_, _, status) =
            tokio::join!(output.read_to_end(&mut stdout), errors.read_to_end(&mut stderr), spawned.child.wait());
        Some(Captured { status: status.ok()?, stdout, stderr })
    };
    let done = timeout(HELPER, waiting).await;
    if done.is_err() {
        sweep::signal_group(group, nix::sys::signal::Signal::SIGKILL);
    }
    done.ok().flatten()
}
