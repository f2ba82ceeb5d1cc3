//! The graph of a plan, as text, Mermaid, Graphviz and SVG; for a recorded run with the outcome of every step, never by colour alone.

mod dot;
pub mod layout;
mod marks;
mod mermaid;
mod sign;
mod svg;
mod text;

pub use dot::dot;
pub use marks::{Mark, Marks, Standing};
pub use mermaid::mermaid;
pub use svg::{Drawing, Picture, RULES, svg};
pub use text::text;

/// Text that others wrote, in one line in which nothing is hidden.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    crate::report::visible::line(&words.join(" ")).into_owned()
}
