//! The graph of a plan, as text, Mermaid, Graphviz and SVG; for a recorded run with the outcome of every step, never by colour alone.

mod dot;
pub mod layout;
mod marks;
mod mermaid;
mod sign;
mod svg;
mod text;

use crate::model::id::StepId;
use crate::plan::Outline;

pub use dot::dot;
pub use marks::{Mark, Marks, Standing};
pub use mermaid::mermaid;
pub use svg::{Picture, RULES, legend, picture, svg};
pub use text::text;

/// A graph to be shown: a plan, or a plan and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Graph<'a> {
    /// The plan.
    pub outline: &'a Outline,
    /// How its steps ended; none before a run.
    pub marks: Option<&'a Marks>,
    /// The steps that take longest, first to last: as expected, or as it was.
    pub critical: &'a [StepId],
    /// How the run ended.
    pub verdict: Option<&'a str>,
}

impl<'a> Graph<'a> {
    /// Of a plan that has not been run.
    #[must_use]
    pub fn of(outline: &'a Outline) -> Self {
        Self { outline, marks: None, critical: &outline.budget.critical_path, verdict: None }
    }
}

/// Text that others wrote, in one line in which nothing is hidden.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    crate::report::visible::line(&words.join(" ")).into_owned()
}
