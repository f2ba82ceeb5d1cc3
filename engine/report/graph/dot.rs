//! The graph for Graphviz: groups are clusters, skipped steps are dashed, fallbacks hang on dotted edges, the critical path is thick; of
//! a run, how each step ended.

use std::fmt::Write as _;

use super::marks::Path;
use super::{Graph, Marks, Standing, one_line};
use crate::model::effect::Effect;
use crate::model::outcome::Outcome;
use crate::plan::{NodeIx, Outline, OutlineStep};
use crate::report::phrase;
use crate::template::quantity::format_duration;

/// A digraph.
#[must_use]
pub fn dot(graph: &Graph<'_>) -> String {
    let Graph { outline, marks, critical, .. } = *graph;
    let path = Path::of(outline, critical);
    let mut graph = Digraph { outline, marks, path, out: String::new(), edges: String::new() };
    graph.head();
    graph.list(&outline.main, 1);
    if !outline.finally.is_empty() {
        graph.cluster("finally", "finally", "", &outline.finally, 1);
        let to = graph.first(&outline.finally);
        for last in outline.last_of(&outline.main) {
            let style = if outline.finally.iter().any(|first| graph.path.leads(last, *first)) { THICK } else { "" };
            graph.edge(last, (to, "finally"), style);
        }
    }
    let Digraph { mut out, edges, .. } = graph;
    out.push_str(&edges);
    out.push_str("}\n");
    out
}

const THICK: &str = "penwidth=3";

struct Digraph<'a> {
    outline: &'a Outline,
    marks: Option<&'a Marks>,
    path: Path,
    out: String,
    edges: String,
}

impl Digraph<'_> {
    fn head(&mut self) {
        let label = format!("{}: {}", escape(&self.outline.name), escape(&self.outline.title));
        let _ = writeln!(
            self.out,
            "digraph runbook {{\n  graph [compound=true, rankdir=TB, fontname=\"sans-serif\", label=\"{label}\", labelloc=t]\n  \
             node [shape=box, style=rounded, fontname=\"sans-serif\"]\n  edge [fontname=\"sans-serif\"]"
        );
    }

    fn list(&mut self, list: &[NodeIx], depth: usize) {
        for ix in list {
            self.step(*ix, depth);
        }
    }

    fn cluster(&mut self, name: &str, label: &str, style: &str, list: &[NodeIx], depth: usize) {
        let indent = "  ".repeat(depth);
        let _ = writeln!(
            self.out,
            "{indent}subgraph \"cluster_{name}\" {{\n{indent}  label=\"{label}\"; style=\"rounded\";{style}"
        );
        self.list(list, depth + 1);
        let _ = writeln!(self.out, "{indent}}}");
    }

    fn step(&mut self, ix: NodeIx, depth: usize) {
        let outline = self.outline;
        let step = outline.step(ix);
        let (label, style) = self.label(ix, step);
        match step.open() {
            Some(members) => {
                self.cluster(&format!("n{}", ix.0), &label, &style_of_box(&style), members, depth);
                if !step.finally.is_empty() {
                    // A cluster of its own beside the group's: one inside could not be pointed at from inside.
                    self.cluster(
                        &format!("f{}", ix.0),
                        &format!("finally of {}", escape(&step.name)),
                        "",
                        &step.finally,
                        depth,
                    );
                    let to = self.first(&step.finally);
                    self.edge(ix, (to, &format!("f{}", ix.0)), "");
                }
            }
            None => {
                let _ = writeln!(self.out, "{}n{} [label=\"{label}\"{style}]", "  ".repeat(depth), ix.0);
            }
        }
        for need in &step.needs {
            let style = if self.path.leads(*need, ix) { THICK } else { "" };
            self.edge(*need, (ix, &format!("n{}", ix.0)), style);
        }
        for before in &step.after {
            self.edge(*before, (ix, &format!("n{}", ix.0)), "style=dashed");
        }
        if step.pruned.is_none() && !step.fallback.is_empty() {
            let name = format!("b{}", ix.0);
            self.cluster(&name, &format!("fallback of {}", escape(&step.name)), "", &step.fallback, depth);
            let to = self.first(&step.fallback);
            self.edge(ix, (to, &name), "style=dotted, label=\"fails\"");
        }
    }

    /// Clusters have no edges of their own: an edge goes between steps in them and is cut off at the borders.
    fn edge(&mut self, from: NodeIx, (to, head): (NodeIx, &str), style: &str) {
        let (tail, first) = (self.last(from), self.first(&[to]));
        let mut attributes: Vec<String> = Vec::new();
        if tail != from {
            attributes.push(format!("ltail=\"cluster_n{}\"", from.0));
        }
        if format!("n{}", first.0) != head {
            attributes.push(format!("lhead=\"cluster_{head}\""));
        }
        attributes.extend((!style.is_empty()).then(|| style.to_owned()));
        let _ = writeln!(self.edges, "  n{} -> n{} [{}]", tail.0, first.0, attributes.join(", "));
    }

    /// The first step of a list that is no cluster.
    fn first(&self, list: &[NodeIx]) -> NodeIx {
        let mut ix = list[0];
        while let Some([first, ..]) = self.outline.step(ix).open() {
            ix = *first;
        }
        ix
    }

    /// The last step of a group that is no cluster.
    fn last(&self, mut ix: NodeIx) -> NodeIx {
        while let Some([.., last]) = self.outline.step(ix).open() {
            ix = *last;
        }
        ix
    }

    /// The label, and the attributes that follow it.
    fn label(&self, ix: NodeIx, step: &OutlineStep) -> (String, String) {
        let mut label = escape(&step.name);
        let mut style = String::new();
        let mark = self.marks.map(|marks| (marks, marks.step(&step.id)));
        if let (Some(takes), None) = (self.outline.takes(ix), &mark) {
            let _ = write!(label, " ({})", format_duration(takes));
        }
        if step.effect == Some(Effect::Destroy) && step.pruned.is_none() {
            label.push_str("\\ndestroys");
            style.push_str(", shape=octagon, color=\"#c62828\"");
        }
        if let Some(reason) = &step.pruned {
            let _ = write!(label, "\\nskipped: {}", escape(&reason.describe()));
            style.push_str(SKIPPED);
        } else if let Some((marks, mark)) = mark {
            let took = mark.took_ms.map_or_else(String::new, |ms| format!(" in {}", phrase::ms(ms)));
            let why = mark.skipped.map_or_else(String::new, |why| format!(": {}", escape(&why)));
            let _ = write!(label, "\\n{} {}{took}{why}", mark.standing.sign(), marks.word(mark.standing));
            style.push_str(colour(mark.standing));
        }
        (label, style)
    }
}

const SKIPPED: &str = ", style=\"rounded,dashed\", color=\"#757575\", fontcolor=\"#616161\"";

const fn colour(standing: Standing) -> &'static str {
    match standing {
        Standing::Ended(Outcome::Succeeded) => ", color=\"#2e7d32\"",
        Standing::Ended(Outcome::Warned) => ", color=\"#b26a00\", penwidth=2",
        Standing::Ended(Outcome::Failed | Outcome::Unknown) => ", color=\"#c62828\", penwidth=3",
        Standing::Ended(Outcome::Interrupted | Outcome::RolledBack) => ", color=\"#7b1fa2\", penwidth=2",
        Standing::Ended(Outcome::Skipped) => SKIPPED,
        Standing::UnderWay => ", color=\"#1565c0\", penwidth=2",
        Standing::NotStarted => ", style=\"rounded,dotted\"",
    }
}

/// The same for a cluster: `, a=b, c=d` becomes ` a=b; c=d;`.
fn style_of_box(style: &str) -> String {
    style.split(", ").filter(|part| !part.is_empty()).fold(String::new(), |mut all, part| {
        let _ = write!(all, " {part};");
        all
    })
}

/// As text in a quoted string: quotes and escapes of the language, and the character references that Graphviz reads in labels.
fn escape(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;")
}
