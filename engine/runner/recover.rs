//! What became of an attempt whose engine is gone.

use tokio::sync::watch;

use crate::model::work::{Completion, End, Target, Task, Tool, Work};

use super::attempt::end_in_containers;
use super::container::Entered;
use super::launch::{outputs_path, prepare};
use super::local::Shared;
use super::{container, ending, remote, sweep};

/// On another machine: attaches, and its end is the real one. Here: what is left of it is ended, since nobody can see its end any more.
pub(super) async fn recover(shared: &Shared, work: Work, mut cancel: watch::Receiver<u8>) -> Completion {
    let Entered { work, values } = match container::entered(work) {
        Ok(entered) => entered,
        // It was never started by this engine's like either.
        Err(why) => return Completion::of(End::Unreachable { why, may_have_run: false }),
    };
    match (&work.task, &work.target) {
        (Task::Program { tool, argv }, Target::Ssh { .. } | Target::Gcloud { .. }) => {
            let order = remote::Order { work: &work, tool: *tool, argv, values: values.as_deref() };
            remote::run(shared, order, cancel, remote::Start::Attach).await
        }
        (Task::Program { tool, argv }, Target::Local | Target::Container { .. }) => {
            here(shared, &work, *tool, argv, &mut cancel).await
        }
        // Nothing happens while time passes: it begins again.
        (Task::Wait(_), _) => gone(false),
        (Task::Http { .. } | Task::Notify { .. }, _) => gone(true),
    }
}

fn gone(may_have_run: bool) -> Completion {
    Completion::of(End::Unreachable {
        why: "the engine that ran it is gone, and nobody saw its end".to_owned(),
        may_have_run,
    })
}

async fn here(
    shared: &Shared,
    work: &Work,
    tool: Tool,
    argv: &[String],
    cancel: &mut watch::Receiver<u8>,
) -> Completion {
    let token = &work.attempt.token.0;
    let left = ending::end_orphans(sweep::VARIABLE, token, shared.settings.grace, cancel).await;
    let settings = &shared.settings;
    // It may have written there until now.
    let _ = std::fs::remove_file(outputs_path(&settings.run_directory, &work.attempt));
    if let Ok(prepared) = prepare(work, tool, argv, &settings.run_directory, &shared.secrets, &shared.programs)
        && let Some(site) = prepared.site
    {
        end_in_containers(shared, work, &prepared.argv, site).await;
    }
    Completion { left_behind: left, ..gone(true) }
}
