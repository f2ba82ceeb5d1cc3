//! `runbook graph FILE`.

use super::args::{GraphArgs, GraphFormat};
use super::exit::Exit;
use super::failure::Failure;
use super::load;
use crate::report::{Sink, graph as forms};

/// Prints the graph.
pub fn graph(args: &GraphArgs) -> Result<Exit, Failure> {
    let loaded = load::load(&args.plan, false)?;
    Sink::stdout().text(match args.format {
        GraphFormat::Mermaid => forms::mermaid(&loaded.plan),
        GraphFormat::Text => forms::text(&loaded.plan),
    });
    Ok(Exit::Success)
}
