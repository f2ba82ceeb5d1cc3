//! Steps that wait for each other, as the path `a → b → a` with the place of each edge.

use std::collections::{HashMap, HashSet};

use crate::model::diagnostic::Diagnostic;
use crate::model::source::Span;
use crate::plan::builder::Note;
use crate::plan::{Node, NodeIx};

/// One finding a cycle. Only siblings wait for each other, so each list is looked at by itself; a loop with its own stack, since
/// chains may be long.
#[must_use]
pub fn cycles(nodes: &[Node], memory: &[Note]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut done = vec![false; nodes.len()];
    let mut on_path = vec![false; nodes.len()];
    for root in 0..nodes.len() {
        let mut path: Vec<(usize, usize)> = if done[root] { Vec::new() } else { vec![(root, 0)] };
        while let Some((at, edge)) = path.last_mut() {
            let at = *at;
            on_path[at] = true;
            let (needs, after) = (&nodes[at].needs, &nodes[at].after);
            let Some(next) = needs.get(*edge).or_else(|| after.get(*edge - needs.len())) else {
                done[at] = true;
                on_path[at] = false;
                path.pop();
                continue;
            };
            *edge += 1;
            let next = next.0 as usize;
            if on_path[next] {
                let from = path.iter().position(|(it, _)| *it == next).unwrap_or(0);
                let cycle: Vec<usize> = path[from..].iter().map(|(it, _)| *it).collect();
                found.push(describe(&cycle, nodes, memory));
            } else if !done[next] {
                path.push((next, 0));
            }
        }
    }
    let mut seen = HashSet::new();
    found.retain(|it: &Diagnostic| seen.insert(it.message.clone()));
    found
}

fn describe(cycle: &[usize], nodes: &[Node], memory: &[Note]) -> Diagnostic {
    let mut names: Vec<&str> = cycle.iter().map(|at| nodes[*at].name.as_str()).collect();
    names.push(names[0]);
    let next: HashMap<usize, usize> = cycle.iter().copied().zip(cycle.iter().copied().cycle().skip(1)).collect();
    let mut places = cycle.iter().map(|at| (place(*at, next[at], memory), &nodes[*at].name, &nodes[next[at]].name));
    let message = format!("steps wait for each other: {}", names.join(" → "));
    let first = places.next().map_or(memory[cycle[0]].name_place, |(place, ..)| place);
    let mut found = Diagnostic::error("plan::cycle", first, message).help("leave one of the edges out");
    for (place, from, to) in places {
        found = found.related(place, format!("`{from}` waits for `{to}`"));
    }
    found
}

/// Where an edge was written; an implied one stands at the step's own id.
fn place(from: usize, to: usize, memory: &[Note]) -> Span {
    let to = NodeIx(u32::try_from(to).unwrap_or(u32::MAX));
    let written = memory[from].edges.iter().find(|(other, ..)| *other == to);
    written.map_or(memory[from].name_place, |(_, place, _)| *place)
}
