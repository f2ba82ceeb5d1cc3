//! The graph of the plan with what became of every step, in as many columns as the page has room for.

use super::Sheet;
use super::line;
use crate::report::graph::{self, Graph, Marks};

/// Pixels: a phone has so many.
const WIDTH: f64 = 334.0;

/// None: there was no run.
pub fn markup(sheet: &Sheet<'_>) -> Option<String> {
    let run = sheet.account.run.as_ref()?;
    let outline = match sheet.outline? {
        Ok(outline) => outline,
        Err(why) => return Some(format!("<p class=\"muted\">The plan cannot be drawn: {}</p>", line(why))),
    };
    let marks = Marks::of(&run.summary);
    let shown = Graph { outline, marks: Some(&marks), critical: &run.critical, verdict: None };
    let mut out = String::new();
    if !run.summary.amendments.is_empty() || !run.summary.changes.is_empty() {
        out.push_str("<p class=\"muted\">The plan as the run began; it was changed on the way.</p>");
    }
    out.push_str("<div class=\"graphs\" role=\"group\" aria-label=\"Graph of the plan\">");
    out.extend(graph::picture(&shown, WIDTH).strips());
    out.push_str("</div>");
    out.push_str(&graph::legend(&shown, WIDTH));
    Some(out)
}
