//! `runbook head [RUN]`: the head of a chain as one line, for keeping elsewhere.

use super::args::HeadArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::proof;
use crate::journal::kept;
use crate::report::evidence::{self, Gathered};
use crate::report::{Sink, json, visible};

/// Prints the head.
pub fn head(args: &HeadArgs) -> Result<Exit, Failure> {
    let directory = proof::directory(args.run.as_deref(), &args.runs, &args.drills)?;
    let path = directory.path.join("journal.jsonl");
    let failed = |error| Failure::Storage(format!("read {}: {error}", path.display()));
    let mut gathered = Gathered::default();
    gathered.take(&format!("{}/journal.jsonl", directory.id), kept::open(&path).map_err(failed)?).map_err(failed)?;
    let head = gathered.main().and_then(|(_, part)| evidence::head(part));
    let damage = gathered.main().and_then(|(_, part)| part.journal.as_ref()?.damage.as_ref());
    let name = &directory.id;
    match (head, damage) {
        (Some(head), None) => {
            if args.json {
                Sink::stdout().line(json::line(&head));
            } else {
                Sink::stdout().line(visible::line(&head.to_string()));
            }
            Ok(Exit::Success)
        }
        // A head of what is left would vouch for it.
        (_, Some(damage)) => Err(Failure::advised(
            Exit::Storage,
            format!("the journal of {name} does not hold: record {} {}", damage.seq, damage.what),
            format!("runbook verify {name} says where"),
        )),
        (None, None) => Err(Failure::Storage(format!("{} holds no record", path.display()))),
    }
}
