//! Includes that lead back to a file they came from.

use std::collections::{HashMap, HashSet};

use super::load::Edge;
use crate::model::diagnostic::Diagnostic;
use crate::model::source::{FileId, SourceMap};

/// One finding for each edge that closes a circle.
pub(super) fn find(sources: &SourceMap, edges: &[Edge]) -> Vec<Diagnostic> {
    let mut from: HashMap<FileId, Vec<&Edge>> = HashMap::new();
    for edge in edges {
        from.entry(edge.from).or_default().push(edge);
    }
    let mut starts: Vec<_> = from.keys().copied().collect();
    starts.sort_unstable();
    let mut done = HashSet::new();
    let mut findings = Vec::new();
    for start in starts {
        // The way here: each file with the edges not yet followed; the edge that led to it stands in `way`.
        let mut open = vec![(start, 0)];
        let mut way: Vec<&Edge> = Vec::new();
        while let Some((file, next)) = open.last_mut() {
            let edge = from.get(file).and_then(|edges| edges.get(*next)).copied();
            *next += 1;
            match edge {
                Some(edge) if done.contains(&edge.to) => {}
                Some(edge) => {
                    if let Some(at) = open.iter().position(|(file, _)| *file == edge.to) {
                        findings.push(describe(sources, &way[at..], edge));
                    } else {
                        way.push(edge);
                        open.push((edge.to, 0));
                    }
                }
                None => {
                    done.insert(*file);
                    open.pop();
                    way.pop();
                }
            }
        }
    }
    findings
}

fn describe(sources: &SourceMap, way: &[&Edge], last: &Edge) -> Diagnostic {
    let name = |file: FileId| sources.file(file).path.display().to_string();
    let mut path: Vec<_> = way.iter().map(|edge| name(edge.from)).collect();
    path.push(name(last.from));
    path.push(name(last.to));
    let message = format!("runbooks include each other: {}", path.join(" → "));
    let mut finding = Diagnostic::error("document::include_cycle", last.at, message)
        .label("closes the circle")
        .help("take one of these includes out, or move what both need to a third file");
    for edge in way {
        finding = finding.related(edge.at, format!("includes {}", name(edge.to)));
    }
    finding
}
