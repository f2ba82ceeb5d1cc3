//! `operations`: what a request began.

use std::thread;
use std::time::Duration;

use super::super::answer::Answer;
use super::Ask;
use crate::runner::sim::cloud::{At, Scope};

/// Between two looks while a client waits.
const LOOK: Duration = Duration::from_millis(100);

/// A request that waits is answered after two minutes at the latest.
const LOOKS: u32 = 1200;

pub fn answer(ask: &Ask<'_>, project: &str, scope: &Scope, path: &[&str]) -> Answer {
    let at = |name: &str| At { project: project.to_owned(), scope: scope.clone(), name: name.to_owned() };
    match (ask.request.method.as_str(), path) {
        ("GET", []) => {
            let found = ask.lab.world().operation_documents(project, Some(scope));
            ask.list("operations", found)
        }
        ("GET", [name]) => look(ask, &at(name)),
        ("POST", [name, "wait"]) => wait(ask, &at(name)),
        _ => Answer::unknown(ask.request),
    }
}

fn look(ask: &Ask<'_>, at: &At) -> Answer {
    let world = ask.lab.world();
    let found = world.operation_at(at).map(|operation| world.operation_document(operation));
    found.into()
}

fn wait(ask: &Ask<'_>, at: &At) -> Answer {
    for _ in 0..LOOKS {
        let seen = look(ask, at);
        if seen.status != 200 || seen.body["status"] == "DONE" {
            return seen;
        }
        thread::sleep(LOOK);
    }
    look(ask, at)
}
