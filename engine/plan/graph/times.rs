//! Waves, critical path and expected time.

use std::time::Duration;

use petgraph::Direction;
use petgraph::algo::toposort;

use crate::model::effect::Effect;
use crate::model::id::StepId;
use crate::plan::budget::Budget;
use crate::plan::{Action, Body, Node};

use super::Flow;

/// The best way to a vertex: longest time, then most steps.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    time: Duration,
    steps: usize,
    from: Option<usize>,
}

/// The budget of a plan without cycles.
#[must_use]
pub fn budget(flow: &Flow, nodes: &[Node]) -> Budget {
    let Ok(order) = toposort(&flow.graph, None) else { return Budget::default() };
    let mut ways = vec![Way::default(); flow.graph.node_count()];
    let mut waves: Vec<Vec<u32>> = Vec::new();
    let mut levels = vec![0_usize; flow.graph.node_count()];
    let mut unestimated = 0;
    for vertex in order {
        let before = flow.graph.neighbors_directed(vertex, Direction::Incoming);
        let mut way = Way::default();
        let mut level = 0;
        for other in before {
            let there = ways[other.index()];
            if way.from.is_none() || (there.time, there.steps) > (way.time, way.steps) {
                way = Way { from: Some(other.index()), ..there };
            }
            level = level.max(levels[other.index()]);
        }
        if let Some(at) = flow.graph[vertex] {
            let node = &nodes[at as usize];
            let start = flow.ends[at as usize].map_or(Way::default(), |(start, _)| ways[start.index()]);
            let own = estimate(node);
            if let Body::Operation(operation) = &node.body {
                way.steps += 1;
                way.time += own.unwrap_or_default();
                unestimated += usize::from(own.is_none() && operation.effect.effect != Effect::Read);
                if waves.len() == level {
                    waves.push(Vec::new());
                }
                waves[level].push(at);
                level += 1;
            } else if let Some(own) = own
                && start.time + own > way.time
            {
                // A group takes at least as long as it says.
                way.time = start.time + own;
            }
        }
        ways[vertex.index()] = way;
        levels[vertex.index()] = level;
    }
    let last = (0..ways.len()).max_by_key(|at| (ways[*at].time, ways[*at].steps, std::cmp::Reverse(*at)));
    let expected = last.map_or(Duration::ZERO, |at| ways[at].time);
    let mut critical_path = Vec::new();
    let mut next = last;
    while let Some(at) = next {
        if let Some(node) = flow.graph[petgraph::graph::NodeIndex::new(at)].map(|at| &nodes[at as usize])
            && let Body::Operation(_) = node.body
        {
            critical_path.push(node.id.clone());
        }
        next = ways[at].from;
    }
    critical_path.reverse();
    // In the order of the plan, whatever order the graph was walked in.
    for wave in &mut waves {
        wave.sort_unstable();
    }
    let named = |wave: Vec<u32>| wave.into_iter().map(|at| nodes[at as usize].id.clone()).collect();
    let waves: Vec<Vec<StepId>> = waves.into_iter().map(named).collect();
    Budget { waves, critical_path, expected, unestimated }
}

/// What a step is expected to take; a wait takes what it says.
#[must_use]
pub fn estimate(node: &Node) -> Option<Duration> {
    match &node.body {
        Body::Operation(operation) => match &operation.action {
            Some(Action::Wait(duration)) => node.estimate.or(Some(*duration)),
            _ => node.estimate,
        },
        Body::List { .. } => node.estimate,
    }
}
