//! A plan as a graph: Mermaid for documents, text for terminals. Pruned steps are shown, marked.

use std::fmt::Write as _;

use super::{phrase, visible};
use crate::model::effect::Effect;
use crate::plan::{Body, List, Node, NodeIx, Plan};

/// A Mermaid flowchart: groups are subgraphs, arrows are `needs`, dotted ones `after` and fallbacks.
#[must_use]
pub fn mermaid(plan: &Plan) -> String {
    let mut text = String::from("flowchart TD\n");
    mermaid_list(plan, &plan.steps, 1, &mut text);
    if !plan.finally.members.is_empty() {
        text.push_str("  subgraph finally[\"finally\"]\n");
        mermaid_list(plan, &plan.finally, 2, &mut text);
        text.push_str("  end\n");
    }
    for (at, node) in plan.nodes.iter().enumerate() {
        for need in &node.needs {
            let _ = writeln!(text, "  s{} --> s{at}", need.0);
        }
        for other in node.after.iter().filter(|other| !node.needs.contains(other)) {
            let _ = writeln!(text, "  s{} -.-> s{at}", other.0);
        }
        if let Some(first) = node.fallback.members.first() {
            let _ = writeln!(text, "  s{at} -. if it fails .-> s{}", first.0);
        }
    }
    let class = |text: &mut String, name: &str, of: &dyn Fn(&Node) -> bool| {
        let ids: Vec<String> =
            plan.nodes.iter().enumerate().filter(|(_, node)| of(node)).map(|(at, _)| format!("s{at}")).collect();
        if !ids.is_empty() {
            let _ = writeln!(text, "  class {} {name}", ids.join(","));
        }
    };
    class(&mut text, "destroy", &|node| effect(node) == Some(Effect::Destroy) && node.pruned.is_none());
    class(&mut text, "pruned", &|node| node.pruned.is_some());
    text.push_str(
        "  classDef destroy stroke:#c00,stroke-width:3px\n  classDef pruned stroke-dasharray:4,opacity:0.5\n",
    );
    text
}

fn mermaid_list(plan: &Plan, list: &List, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for &ix in &list.members {
        let node = plan.node(ix);
        let label = mermaid_label(&title(plan, node), &node.id.0);
        match &node.body {
            Body::List { list, finally, .. } if !(list.members.is_empty() && finally.members.is_empty()) => {
                let _ = writeln!(text, "{indent}subgraph s{}[\"{label}\"]", ix.0);
                mermaid_list(plan, list, depth + 1, text);
                mermaid_list(plan, finally, depth + 1, text);
                let _ = writeln!(text, "{indent}end");
            }
            Body::Operation(operation) if operation.effect.effect == Effect::Destroy => {
                let _ = writeln!(text, "{indent}s{}{{{{\"{label}\"}}}}", ix.0);
            }
            _ => {
                let _ = writeln!(text, "{indent}s{}[\"{label}\"]", ix.0);
            }
        }
        mermaid_list(plan, &node.fallback, depth, text);
    }
}

fn mermaid_label(title: &str, id: &str) -> String {
    let escape = |text: &str| {
        visible::line(text).replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
    };
    if title == id { escape(id) } else { format!("{}<br/>{}", escape(title), escape(id)) }
}

/// Steps as an indented list, then waves and the critical path.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let mut rows = Vec::new();
    text_list(plan, &plan.steps, 0, "", &mut rows);
    text_list(plan, &plan.finally, 0, "finally: ", &mut rows);
    let widest = rows.iter().map(|(name, _)| console::measure_text_width(name)).max().unwrap_or(0).min(40);
    let mut text = format!("{}\n", visible::line(&plan.title));
    for (name, rest) in rows {
        let pad = " ".repeat(widest.saturating_sub(console::measure_text_width(&name)));
        let _ = writeln!(text, "{}", format!("  {name}{pad}  {rest}").trim_end());
    }
    text.push('\n');
    text.push_str(&budget(plan));
    text
}

fn text_list(plan: &Plan, list: &List, depth: usize, prefix: &str, rows: &mut Vec<(String, String)>) {
    for &ix in &list.members {
        let node = plan.node(ix);
        let mut parts = Vec::new();
        let title = title(plan, node);
        if title != node.id.0 && title != node.name {
            parts.push(visible::line(&title).into_owned());
        }
        if let Some(pruned) = &node.pruned {
            parts.push(format!("(skipped: {})", visible::line(&pruned.describe())));
        } else {
            match effect(node) {
                Some(Effect::Destroy) => parts.push("[destroy]".to_owned()),
                Some(Effect::Read) => parts.push("[read]".to_owned()),
                Some(Effect::Mutate) | None => {}
            }
        }
        parts.extend(names(plan, "needs", &node.needs));
        parts.extend(names(plan, "after", &node.after));
        if let Some(estimate) = node.estimate {
            parts.push(format!("~{}", phrase::time(estimate)));
        }
        rows.push((format!("{}{prefix}{}", "  ".repeat(depth), visible::line(&node.name)), parts.join("  ")));
        if node.pruned.is_none()
            && let Body::List { list, finally, .. } = &node.body
        {
            text_list(plan, list, depth + 1, "", rows);
            text_list(plan, finally, depth + 1, "finally: ", rows);
        }
        if node.pruned.is_none() {
            text_list(plan, &node.fallback, depth + 1, "fallback: ", rows);
        }
    }
}

fn names(plan: &Plan, word: &str, nodes: &[NodeIx]) -> Option<String> {
    let names: Vec<&str> = nodes.iter().map(|ix| plan.node(*ix).name.as_str()).collect();
    (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")))
}

/// Waves, critical path, expected time against the RTO.
#[must_use]
pub fn budget(plan: &Plan) -> String {
    let budget = &plan.budget;
    let mut text = String::from("waves:\n");
    for (at, wave) in budget.waves.iter().enumerate() {
        let ids: Vec<_> = wave.iter().map(|id| visible::line(&id.0)).collect();
        let _ = writeln!(text, "  {:>2}  {}", at + 1, ids.join(", "));
    }
    if !budget.critical_path.is_empty() && !budget.expected.is_zero() {
        let ids: Vec<_> = budget.critical_path.iter().map(|id| visible::line(&id.0)).collect();
        let _ = writeln!(text, "critical path: {}", ids.join(" → "));
    }
    let mut expected = format!("expected time: {}", phrase::time(budget.expected));
    if let Some(rto) = plan.objectives.rto {
        let fits = if budget.expected <= rto { "within" } else { "over" };
        let _ = write!(expected, ", {fits} the RTO of {}", phrase::time(rto));
    }
    if budget.unestimated > 0 {
        let _ = write!(expected, " ({} without an estimate)", phrase::count(budget.unestimated, "step"));
    }
    text.push_str(&expected);
    text.push('\n');
    text
}

fn effect(node: &Node) -> Option<Effect> {
    match &node.body {
        Body::Operation(operation) if operation.action.is_some() => Some(operation.effect.effect),
        Body::Operation(_) | Body::List { .. } => None,
    }
}

fn title(plan: &Plan, node: &Node) -> String {
    if let Some(title) = node.title.literal() {
        return title.to_owned();
    }
    let scope = node
        .bindings
        .iter()
        .fold(plan.frame(node.frame).scope.clone(), |scope, (name, value)| scope.with(name, value.clone()));
    node.title.preview(&scope)
}
