//! `runbook graph FILE`.

use super::args::{GraphArgs, GraphFormat, RunsDir};
use super::exit::Exit;
use super::failure::Failure;
use super::load;
use crate::journal::Runs;
use crate::plan;
use crate::report::{Sink, visible};

/// Prints the graph.
pub fn graph(args: &GraphArgs) -> Result<Exit, Failure> {
    let loaded = load::load(&args.plan, &Runs::new(RunsDir { runs_dir: None }.path()), false)?;
    let text = match args.format {
        GraphFormat::Mermaid => plan::mermaid(&loaded.plan),
        GraphFormat::Text => plan::text(&loaded.plan),
    };
    Sink::stdout().text(visible::block(&text));
    Ok(Exit::Success)
}
