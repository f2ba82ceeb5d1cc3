//! The graph as a Mermaid flowchart: groups are subgraphs, skipped steps are dashed, fallbacks hang on dotted edges, the critical path is
//! thick; of a run, how each step ended.

use std::fmt::Write as _;

use super::marks::Path;
use super::{Graph, Marks, Standing, one_line};
use crate::model::effect::Effect;
use crate::model::outcome::Outcome;
use crate::plan::{NodeIx, Outline, OutlineStep};
use crate::report::phrase;
use crate::template::quantity::format_duration;

/// A flowchart.
#[must_use]
pub fn mermaid(graph: &Graph<'_>) -> String {
    let Graph { outline, marks, critical, .. } = *graph;
    let path = Path::of(outline, critical);
    let out = String::from("flowchart TD\n");
    let mut chart = Chart { outline, marks, path, out, edges: String::new(), classes: Vec::new() };
    chart.list(&outline.main, 1);
    if !outline.finally.is_empty() {
        chart.out.push_str("  subgraph finally[\"finally\"]\n");
        chart.list(&outline.finally, 2);
        chart.out.push_str("  end\n");
        for last in outline.last_of(&outline.main) {
            let arrow = arrow(outline.finally.iter().any(|first| chart.path.leads(last, *first)));
            let _ = writeln!(chart.edges, "  n{} {arrow} finally", last.0);
        }
    }
    let Chart { mut out, edges, classes, .. } = chart;
    out.push_str(&edges);
    for (class, style) in STYLES {
        let named: Vec<String> =
            classes.iter().filter(|(_, own)| *own == class).map(|(ix, _)| format!("n{}", ix.0)).collect();
        if !named.is_empty() {
            let _ = writeln!(out, "  classDef {class} {style}\n  class {} {class}", named.join(","));
        }
    }
    out
}

/// Borders only: what is inside has to be read on light and on dark. The label says the same in a word.
const STYLES: [(&str, &str); 10] = [
    ("skipped", "stroke-dasharray: 5 5,opacity:0.6"),
    ("destroys", "stroke:#c62828,stroke-width:3px"),
    ("succeeded", "stroke:#2e7d32,stroke-width:2px"),
    ("warned", "stroke:#b26a00,stroke-width:3px"),
    ("failed", "stroke:#c62828,stroke-width:4px"),
    ("unknown", "stroke:#c62828,stroke-width:4px,stroke-dasharray: 2 2"),
    ("interrupted", "stroke:#7b1fa2,stroke-width:3px"),
    ("rolled-back", "stroke:#7b1fa2,stroke-width:3px,stroke-dasharray: 2 2"),
    ("under-way", "stroke:#1565c0,stroke-width:3px"),
    ("not-started", "stroke-dasharray: 1 3"),
];

struct Chart<'a> {
    outline: &'a Outline,
    marks: Option<&'a Marks>,
    path: Path,
    out: String,
    edges: String,
    classes: Vec<(NodeIx, &'static str)>,
}

impl Chart<'_> {
    fn list(&mut self, list: &[NodeIx], depth: usize) {
        for ix in list {
            self.step(*ix, depth);
        }
    }

    fn step(&mut self, ix: NodeIx, depth: usize) {
        let outline = self.outline;
        let step = outline.step(ix);
        let indent = "  ".repeat(depth);
        let label = self.label(ix, step);
        match step.open() {
            Some(members) => {
                let _ = writeln!(self.out, "{indent}subgraph n{}[\"{label}\"]", ix.0);
                self.list(members, depth + 1);
                if !step.finally.is_empty() {
                    let _ = writeln!(self.out, "{indent}  subgraph f{}[\"finally\"]", ix.0);
                    self.list(&step.finally, depth + 2);
                    let _ = writeln!(self.out, "{indent}  end");
                    for last in outline.last_of(members) {
                        let _ = writeln!(self.edges, "  n{} --> f{}", last.0, ix.0);
                    }
                }
                let _ = writeln!(self.out, "{indent}end");
            }
            None => {
                let _ = writeln!(self.out, "{indent}n{}[\"{label}\"]", ix.0);
            }
        }
        for need in &step.needs {
            let arrow = arrow(self.path.leads(*need, ix));
            let _ = writeln!(self.edges, "  n{} {arrow} n{}", need.0, ix.0);
        }
        for before in &step.after {
            let _ = writeln!(self.edges, "  n{} -.-> n{}", before.0, ix.0);
        }
        if step.pruned.is_none() && !step.fallback.is_empty() {
            let _ = writeln!(self.out, "{indent}subgraph b{}[\"fallback of {}\"]", ix.0, escape(&step.name));
            self.list(&step.fallback, depth + 1);
            let _ = writeln!(self.out, "{indent}end");
            let _ = writeln!(self.edges, "  n{0} -. fails .-> b{0}", ix.0);
        }
    }

    fn label(&mut self, ix: NodeIx, step: &OutlineStep) -> String {
        let mut label = escape(&step.name);
        let mark = self.marks.map(|marks| (marks, marks.step(&step.id)));
        if let (Some(takes), None) = (self.outline.takes(ix), &mark) {
            let _ = write!(label, " ({})", format_duration(takes));
        }
        if step.effect == Some(Effect::Destroy) && step.pruned.is_none() {
            label.push_str("<br/>destroys");
            self.classes.extend(mark.is_none().then_some((ix, "destroys")));
        }
        if let Some(reason) = &step.pruned {
            let _ = write!(label, "<br/>skipped: {}", escape(&reason.describe()));
            self.classes.push((ix, "skipped"));
        } else if let Some((marks, mark)) = mark {
            let took = mark.took_ms.map_or_else(String::new, |ms| format!(" in {}", phrase::ms(ms)));
            let why = mark.skipped.map_or_else(String::new, |why| format!(": {}", escape(&why)));
            let _ = write!(label, "<br/>{} {}{took}{why}", mark.standing.sign(), marks.word(mark.standing));
            let is_box = step.open().is_some() && mark.standing == Standing::Ended(Outcome::Succeeded);
            self.classes.extend((!is_box).then_some((ix, mark.standing.class())));
        }
        label
    }
}

const fn arrow(is_critical: bool) -> &'static str {
    if is_critical { "==>" } else { "-->" }
}

/// As text in a quoted label: what Mermaid, Markdown in it or HTML might read as more is written as a number.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in one_line(text).chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | '*' | '|' => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}
