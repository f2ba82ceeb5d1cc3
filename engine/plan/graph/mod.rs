//! Pass 6: the graph. Each step is a start and an end; a group's members lie between its own.

mod cycles;
mod times;

use petgraph::graph::{DiGraph, NodeIndex};

use super::builder::{Note, Role};
use super::{Body, Node};

pub use cycles::cycles;
pub use times::{budget, estimate};

/// The whole plan as one graph.
#[derive(Debug)]
pub struct Flow {
    /// A weight tells which node's end it is; starts and barriers have none.
    pub graph: DiGraph<Option<u32>, ()>,
    /// Start and end of each node; none for what never runs.
    pub ends: Vec<Option<(NodeIndex, NodeIndex)>>,
}

/// Builds the graph of what may run: pruned steps and fallbacks excluded.
#[must_use]
pub fn flow(nodes: &[Node], memory: &[Note]) -> Flow {
    let mut graph = DiGraph::with_capacity(nodes.len() * 2 + 1, nodes.len() * 4);
    let mut ends: Vec<Option<(NodeIndex, NodeIndex)>> = Vec::with_capacity(nodes.len());
    for (node, note) in nodes.iter().zip(memory) {
        let outside = node.parent.is_some_and(|parent| ends[parent.0 as usize].is_none());
        if node.pruned.is_some() || note.role == Role::Fallback || outside {
            ends.push(None);
            continue;
        }
        let at = u32::try_from(ends.len()).unwrap_or(u32::MAX);
        ends.push(Some((graph.add_node(None), graph.add_node(Some(at)))));
    }
    let barrier = graph.add_node(None);
    let mut barriers: Vec<Option<NodeIndex>> = vec![None; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        if let (Some(_), Body::List { finally, .. }) = (ends[at], &node.body)
            && !finally.members.is_empty()
        {
            barriers[at] = Some(graph.add_node(None));
        }
    }
    for (at, (node, note)) in nodes.iter().zip(memory).enumerate() {
        let Some((start, end)) = ends[at] else { continue };
        graph.add_edge(start, end, ());
        for other in node.needs.iter().chain(&node.after) {
            if let Some((_, other)) = ends[other.0 as usize] {
                graph.add_edge(other, start, ());
            }
        }
        let parent = node.parent.map(|parent| parent.0 as usize);
        let around = parent.and_then(|parent| ends[parent]);
        let middle = parent.map_or(Some(barrier), |parent| barriers[parent]);
        if let Some((outer, _)) = around {
            graph.add_edge(outer, start, ());
        }
        match (note.role, middle) {
            (Role::Finally, Some(middle)) => {
                graph.add_edge(middle, start, ());
            }
            (_, Some(middle)) => {
                graph.add_edge(end, middle, ());
            }
            (_, None) => {}
        }
        if let Some((_, outer)) = around {
            graph.add_edge(end, outer, ());
        }
    }
    Flow { graph, ends }
}
