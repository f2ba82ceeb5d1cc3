//! Waves, critical path and expected time.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use petgraph::Direction;
use petgraph::algo::toposort;
use petgraph::graph::NodeIndex;

use crate::model::effect::Effect;
use crate::model::id::StepId;
use crate::plan::budget::{self, Budget, Expected};
use crate::plan::{Action, Body, History, Node};

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
pub fn budget(flow: &Flow, nodes: &[Node], history: &History) -> Budget {
    let Ok(order) = toposort(&flow.graph, None) else { return Budget::default() };
    let known: Vec<Option<Expected>> = nodes.iter().map(|node| expected(node, history)).collect();
    let usual = longest(flow, nodes, &order, |at| known[at].map(|it| it.p50));
    let slow = longest(flow, nodes, &order, |at| known[at].map(|it| it.p90));
    let on_the_way: HashSet<usize> = slow.path.iter().copied().collect();
    let most = (0..nodes.len()).filter(|at| on_the_way.contains(at)).max_by_key(|at| known[*at].map(|it| it.p90));
    let unknown = |(at, node): &(usize, &Node)| {
        let changes = matches!(&node.body, Body::Operation(operation) if operation.effect.effect != Effect::Read);
        changes && flow.ends[*at].is_some() && known[*at].is_none()
    };
    let named = |at: &usize| nodes[*at].id.clone();
    let kept = nodes.iter().zip(&known).filter(|(node, _)| node.pruned.is_none());
    let steps: BTreeMap<StepId, Expected> =
        kept.filter_map(|(node, known)| Some((node.id.clone(), (*known)?))).collect();
    Budget {
        waves: waves(flow, nodes, &order),
        critical_path: usual.path.iter().map(named).collect(),
        expected: usual.time,
        p90: slow.time,
        longest: most.as_ref().map(named),
        unestimated: nodes.iter().enumerate().filter(unknown).count(),
        steps,
    }
}

/// The longest chain of leaf steps.
struct Longest {
    time: Duration,
    /// Leaf steps, first to last.
    path: Vec<usize>,
}

fn longest(flow: &Flow, nodes: &[Node], order: &[NodeIndex], takes: impl Fn(usize) -> Option<Duration>) -> Longest {
    let mut ways = vec![Way::default(); flow.graph.node_count()];
    for vertex in order {
        let mut way = Way::default();
        for other in flow.graph.neighbors_directed(*vertex, Direction::Incoming) {
            let there = ways[other.index()];
            if way.from.is_none() || (there.time, there.steps) > (way.time, way.steps) {
                way = Way { from: Some(other.index()), ..there };
            }
        }
        if let Some(at) = flow.graph[*vertex].map(|at| at as usize) {
            let own = takes(at).unwrap_or_default();
            let start = flow.ends[at].map_or(Way::default(), |(start, _)| ways[start.index()]);
            if let Body::Operation(_) = &nodes[at].body {
                way.steps += 1;
                way.time += own;
            } else {
                // A group takes at least as long as it says.
                way.time = way.time.max(start.time + own);
            }
        }
        ways[vertex.index()] = way;
    }
    let last = (0..ways.len()).max_by_key(|at| (ways[*at].time, ways[*at].steps, std::cmp::Reverse(*at)));
    let mut path = Vec::new();
    let mut next = last;
    while let Some(at) = next {
        let node = flow.graph[NodeIndex::new(at)].map(|at| at as usize);
        path.extend(node.filter(|at| matches!(nodes[*at].body, Body::Operation(_))));
        next = ways[at].from;
    }
    path.reverse();
    Longest { time: last.map_or(Duration::ZERO, |at| ways[at].time), path }
}

/// Leaf steps by how many others must have ended before.
fn waves(flow: &Flow, nodes: &[Node], order: &[NodeIndex]) -> Vec<Vec<StepId>> {
    let mut waves: Vec<Vec<u32>> = Vec::new();
    let mut levels = vec![0_usize; flow.graph.node_count()];
    for vertex in order {
        let before = flow.graph.neighbors_directed(*vertex, Direction::Incoming);
        let mut level = before.map(|other| levels[other.index()]).max().unwrap_or_default();
        if let Some(at) = flow.graph[*vertex]
            && let Body::Operation(_) = &nodes[at as usize].body
        {
            if waves.len() == level {
                waves.push(Vec::new());
            }
            waves[level].push(at);
            level += 1;
        }
        levels[vertex.index()] = level;
    }
    // In the order of the plan, whatever order the graph was walked in.
    for wave in &mut waves {
        wave.sort_unstable();
    }
    let named = |wave: Vec<u32>| wave.into_iter().map(|at| nodes[at as usize].id.clone()).collect();
    waves.into_iter().map(named).collect()
}

fn expected(node: &Node, history: &History) -> Option<Expected> {
    budget::expected(history.get(&node.id), estimate(node))
}

/// What a step says that it takes; a wait takes what it says.
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
