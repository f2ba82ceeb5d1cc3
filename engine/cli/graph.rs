//! `runbook graph FILE`.

use super::args::{GraphArgs, GraphFormat, RunsDir};
use super::exit::Exit;
use super::failure::Failure;
use super::load;
use crate::journal::Runs;
use crate::plan::Outline;
use crate::report::{Sink, graph, visible};

/// Prints the graph.
pub fn graph(args: &GraphArgs) -> Result<Exit, Failure> {
    let loaded = load::load(&args.plan, &Runs::new(RunsDir { runs_dir: None }.path()), false)?;
    let outline = Outline::of(&loaded.plan);
    let text = match args.format {
        GraphFormat::Mermaid => graph::mermaid(&outline, None),
        GraphFormat::Text => graph::text(&outline, None),
        GraphFormat::Dot => graph::dot(&outline, None),
        GraphFormat::Svg => graph::svg(&outline, None, &outline.budget.critical_path, None),
    };
    Sink::stdout().text(visible::block(&text));
    Ok(Exit::Success)
}
