//! `runbook render`: a runbook as a document for the wall, for the hour in which no tool is there. Nothing is asked and nothing changed.

use std::sync::Arc;

use super::args::{RenderArgs, RenderFormat};
use super::exit::Exit;
use super::failure::Failure;
use super::{identity, load, report, saved};
use crate::execute::preview;
use crate::model::port::Now;
use crate::report::{Sink, paper};

/// What names of a run's own are made of; the person puts in the time.
const STAMP: &str = "yyyymmdd-hhmmss";

/// Prints it.
pub fn render(args: &RenderArgs) -> Result<Exit, Failure> {
    let plan = Arc::new(load::for_paper(&args.plan, STAMP)?.plan);
    let now = identity::wall();
    let preview = preview::paper(&plan, Now { elapsed: std::time::Duration::ZERO, wall: now });
    let paper = paper::Paper::new(&plan, &preview, &saved::values(&plan), now);
    let text = match args.format {
        RenderFormat::Md => paper::markdown(&paper),
        RenderFormat::Html => paper::html(&paper),
    };
    match &args.output {
        Some(path) => {
            report::write(path, &text)?;
            Sink::stderr().line(format!("written to {}", path.display()));
        }
        None => Sink::stdout().text(&text),
    }
    Ok(Exit::Success)
}
