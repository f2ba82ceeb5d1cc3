//! The plan as a Mermaid flowchart: groups are subgraphs, skipped steps are dashed, fallbacks hang on dotted edges.

use std::fmt::Write as _;

use crate::plan::{Body, List, NodeIx, Plan};
use crate::template::quantity::format_duration;

use super::times::estimate;

/// A flowchart.
#[must_use]
pub fn mermaid(plan: &Plan) -> String {
    let mut chart = Chart { plan, out: String::from("flowchart TD\n"), edges: String::new(), skipped: Vec::new() };
    chart.list(&plan.steps, 1);
    if !plan.finally.members.is_empty() {
        let _ = writeln!(chart.out, "  subgraph finally[\"finally\"]");
        chart.list(&plan.finally, 2);
        chart.out.push_str("  end\n");
        for last in sinks(plan, &plan.steps) {
            let _ = writeln!(chart.edges, "  n{} --> finally", last.0);
        }
    }
    let Chart { mut out, edges, skipped, .. } = chart;
    out.push_str(&edges);
    if !skipped.is_empty() {
        out.push_str("  classDef skipped stroke-dasharray: 5 5,opacity:0.6\n");
        let _ = writeln!(out, "  class {} skipped", skipped.join(","));
    }
    out
}

struct Chart<'a> {
    plan: &'a Plan,
    out: String,
    edges: String,
    skipped: Vec<String>,
}

impl Chart<'_> {
    fn list(&mut self, list: &List, depth: usize) {
        for ix in &list.members {
            self.step(*ix, depth);
        }
    }

    fn step(&mut self, ix: NodeIx, depth: usize) {
        let plan = self.plan;
        let node = plan.node(ix);
        let indent = "  ".repeat(depth);
        let mut label = node.name.clone();
        if let Some(estimate) = estimate(node) {
            let _ = write!(label, " ({})", format_duration(estimate));
        }
        if let Some(reason) = &node.pruned {
            let _ = write!(label, "<br/>skipped: {}", reason.describe());
            self.skipped.push(format!("n{}", ix.0));
        }
        let label = escape(&label);
        match &node.body {
            Body::List { list, finally, .. } if node.pruned.is_none() && !list.members.is_empty() => {
                let _ = writeln!(self.out, "{indent}subgraph n{}[\"{label}\"]", ix.0);
                self.list(list, depth + 1);
                if !finally.members.is_empty() {
                    let _ = writeln!(self.out, "{indent}  subgraph f{}[\"finally\"]", ix.0);
                    self.list(finally, depth + 2);
                    let _ = writeln!(self.out, "{indent}  end");
                    for last in sinks(plan, list) {
                        let _ = writeln!(self.edges, "  n{} --> f{}", last.0, ix.0);
                    }
                }
                let _ = writeln!(self.out, "{indent}end");
            }
            _ => {
                let _ = writeln!(self.out, "{indent}n{}[\"{label}\"]", ix.0);
            }
        }
        for need in &node.needs {
            let _ = writeln!(self.edges, "  n{} --> n{}", need.0, ix.0);
        }
        for before in &node.after {
            let _ = writeln!(self.edges, "  n{} -.-> n{}", before.0, ix.0);
        }
        if node.pruned.is_none() && !node.fallback.members.is_empty() {
            let _ = writeln!(self.out, "{indent}subgraph b{}[\"fallback of {}\"]", ix.0, escape(&node.name));
            self.list(&node.fallback, depth + 1);
            let _ = writeln!(self.out, "{indent}end");
            let _ = writeln!(self.edges, "  n{0} -. fails .-> b{0}", ix.0);
        }
    }
}

/// Members that nothing in the list waits for.
fn sinks(plan: &Plan, list: &List) -> Vec<NodeIx> {
    let waited: std::collections::HashSet<NodeIx> =
        list.members.iter().flat_map(|ix| plan.node(*ix).needs.iter().chain(&plan.node(*ix).after).copied()).collect();
    list.members.iter().copied().filter(|ix| !waited.contains(ix)).collect()
}

fn escape(label: &str) -> String {
    label
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace("<br/>", "\u{0}")
        .replace('<', "&lt;")
        .replace('\u{0}', "<br/>")
}
