//! Work carried out in the simulated world instead of the real one: the same shapes go in and come out, and a transport's failure is
//! told from the work's own by the same rules.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::work::{Completion, End, Rendered, Task, Tool, Work};

use super::sim::{Call, Said, Unanswered, Unsimulated, World};
use super::{container, outputs, transport};

/// Where a program leaves its values.
const OUTPUT: &str = "/tmp/.runbook-output";

/// Carries one piece of work out, now; `elapsed` is the simulated time that it takes.
///
/// # Errors
/// Something in it is not simulated; then nothing of it has happened.
pub fn simulate(world: &mut World, work: &Work) -> Result<Completion, Unsimulated> {
    let before = world.clone();
    let done = carry_out(world, work);
    if done.is_err() {
        *world = before;
    }
    done
}

fn carry_out(world: &mut World, work: &Work) -> Result<Completion, Unsimulated> {
    match &work.task {
        Task::Wait(duration) => {
            return Ok(Completion { elapsed: *duration, ..Completion::of(End::Done { warning: None }) });
        }
        Task::Notify { .. } => {
            let elapsed = world.about(Duration::from_millis(400));
            return Ok(Completion { elapsed, ..Completion::of(End::Done { warning: None }) });
        }
        Task::Http { .. } | Task::Program { .. } => {}
    }
    let work = match container::entered(work.clone()) {
        Ok(entered) => entered.work,
        Err(why) => return Ok(Completion::of(End::NotStarted { why })),
    };
    let machine = match world.reach(&work.target) {
        Ok(machine) => machine,
        Err(Unanswered { why, after }) => {
            let end = End::Unreachable { why, may_have_run: false };
            return Ok(Completion { elapsed: after, ..Completion::of(end) });
        }
    };
    match &work.task {
        Task::Http { method, url, body, .. } => {
            let body = body.as_ref().map(Rendered::redacted).unwrap_or_default();
            request(world, &machine, method, &url.redacted(), &body, work.timeout)
        }
        Task::Program { tool, argv } => program(world, &machine, &work, *tool, argv),
        Task::Wait(_) | Task::Notify { .. } => Ok(Completion::of(End::Done { warning: None })),
    }
}

fn program(
    world: &mut World,
    machine: &str,
    work: &Work,
    tool: Tool,
    argv: &[String],
) -> Result<Completion, Unsimulated> {
    let mut env: BTreeMap<String, String> =
        work.env.iter().map(|(name, value)| (name.clone(), value.redacted())).collect();
    env.insert("RUNBOOK_OUTPUT".to_owned(), OUTPUT.to_owned());
    env.insert("RUNBOOK_STEP".to_owned(), work.attempt.step.0.clone());
    let call = Call {
        argv,
        env,
        stdin: work.stdin.as_ref().map(Rendered::redacted),
        working_dir: work.working_dir.as_ref().map(|dir| dir.to_string_lossy().into_owned()),
        timeout: Some(work.timeout),
    };
    let Said { exit, stdout, stderr, took } = world.call(machine, call)?;
    if took >= work.timeout {
        return Ok(Completion { stderr, elapsed: work.timeout, ..Completion::of(End::TimedOut) });
    }
    let end = match transport::classify(tool, argv, exit, &stderr) {
        Some(found) => End::Unreachable { why: found.why, may_have_run: found.may_have_run },
        None => End::Exited(exit),
    };
    let mut completion = Completion { elapsed: took, stderr, ..Completion::of(end) };
    completion.stdout = work.capture.stdout.then_some(stdout);
    if let Some(text) = world.take_file(machine, OUTPUT) {
        match outputs::values(text.into_bytes()) {
            Ok(values) => completion.values = values,
            Err(problem) => completion.stderr.push_str(&problem),
        }
    }
    Ok(completion)
}

fn request(
    world: &mut World,
    machine: &str,
    method: &str,
    url: &str,
    body: &str,
    timeout: Duration,
) -> Result<Completion, Unsimulated> {
    let before = world.now();
    let answered = world.request(machine, method, url, body)?;
    let elapsed = (world.now() - before).to_std().unwrap_or_default();
    Ok(match answered {
        Ok(response) => {
            let headers = response.headers.into_iter().collect();
            let end = End::Responded { status: response.status, headers };
            Completion { stdout: Some(response.body), elapsed, ..Completion::of(end) }
        }
        Err(Unanswered { after, .. }) if after >= timeout => {
            Completion { elapsed: timeout, ..Completion::of(End::TimedOut) }
        }
        Err(Unanswered { why, after }) => {
            let end = End::Unreachable { why, may_have_run: false };
            Completion { elapsed: after, ..Completion::of(end) }
        }
    })
}
