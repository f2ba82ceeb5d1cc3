//! Order in a list. An absent `needs` means every step above; only the sinks among them become edges, so that a list of
//! 100,000 steps has as many edges.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::model::runbook::Step;
use crate::model::source::Name;
use crate::plan::NodeIx;
use crate::plan::builder::Builder;

impl Builder<'_> {
    /// Resolves `needs` and `after` of each member.
    pub fn link(&mut self, steps: &[Step], members: &[NodeIx], independent: bool) {
        let at: HashMap<&str, usize> =
            steps.iter().enumerate().rev().map(|(at, step)| (step.id.value.as_str(), at)).collect();
        let mut sinks: Vec<NodeIx> = Vec::new();
        for (step, &ix) in steps.iter().zip(members) {
            let needs = match &step.needs {
                Some(names) => {
                    let needs = self.named_edges(ix, names, &at, members, true);
                    if !independent && !needs.is_empty() {
                        sinks.retain(|sink| !needs.contains(sink));
                    }
                    needs
                }
                None if independent => Vec::new(),
                None => {
                    self.note(ix).explicit = false;
                    std::mem::take(&mut sinks)
                }
            };
            let after = self.named_edges(ix, &step.after, &at, members, false);
            sinks.push(ix);
            let node = self.node(ix);
            node.needs = needs;
            node.after = after;
        }
    }

    /// A pruned step is over before the run begins, so waiting for it is waiting for nothing: who waits for it also waits for
    /// what it would have waited for.
    pub fn bypass_pruned(&mut self) {
        let mut through: HashMap<NodeIx, Rc<Vec<NodeIx>>> = HashMap::new();
        for at in 0..self.nodes.len() {
            if self.nodes[at].pruned.is_some() {
                continue;
            }
            for needs in [true, false] {
                let edges = if needs { &self.nodes[at].needs } else { &self.nodes[at].after };
                let pruned: Vec<NodeIx> = edges.iter().copied().filter(|ix| self.is_pruned(*ix)).collect();
                if pruned.is_empty() {
                    continue;
                }
                let more: Vec<_> = pruned.into_iter().map(|ix| self.waits_for(ix, &mut through)).collect();
                let node = &mut self.nodes[at];
                let edges = if needs { &mut node.needs } else { &mut node.after };
                let mut seen: HashSet<NodeIx> = edges.iter().copied().collect();
                edges.extend(more.iter().flat_map(|more| more.iter().copied()).filter(|ix| seen.insert(*ix)));
            }
        }
    }

    fn is_pruned(&self, ix: NodeIx) -> bool {
        self.nodes[ix.0 as usize].pruned.is_some()
    }

    /// The kept steps that a pruned one would have waited for. A loop with its own stack: chains may be long.
    fn waits_for(&self, ix: NodeIx, known: &mut HashMap<NodeIx, Rc<Vec<NodeIx>>>) -> Rc<Vec<NodeIx>> {
        let mut stack = vec![(ix, false)];
        let mut entered = HashSet::new();
        while let Some((at, left)) = stack.pop() {
            if known.contains_key(&at) {
                continue;
            }
            let needs = &self.nodes[at.0 as usize].needs;
            if !left && entered.insert(at) {
                stack.push((at, true));
                stack.extend(needs.iter().filter(|need| self.is_pruned(**need)).map(|need| (*need, false)));
                continue;
            }
            let only = if let [only] = needs.as_slice() { known.get(only).cloned() } else { None };
            let result = only.unwrap_or_else(|| {
                let mut all: Vec<NodeIx> = needs.iter().copied().filter(|need| !self.is_pruned(*need)).collect();
                all.extend(needs.iter().filter_map(|need| known.get(need)).flat_map(|more| more.iter().copied()));
                all.sort_unstable();
                all.dedup();
                Rc::new(all)
            });
            known.insert(at, result);
        }
        known.get(&ix).cloned().unwrap_or_default()
    }

    fn named_edges(
        &mut self,
        ix: NodeIx,
        names: &[Name],
        at: &HashMap<&str, usize>,
        members: &[NodeIx],
        need: bool,
    ) -> Vec<NodeIx> {
        let mut edges = Vec::with_capacity(names.len());
        for name in names {
            // Names that are no siblings were refused with the document.
            let Some(&position) = at.get(name.value.as_str()) else { continue };
            let other = members[position];
            self.note(ix).edges.push((other, name.span, need));
            if !edges.contains(&other) {
                edges.push(other);
            }
        }
        edges
    }
}
