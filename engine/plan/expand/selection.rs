//! `--only`, `--skip` and `--from`: what is left out says by which flag.

use std::collections::{HashMap, HashSet};

use crate::model::diagnostic::Diagnostic;
use crate::model::outcome::SkipReason;
use crate::plan::builder::{Builder, Role};
use crate::plan::{Node, NodeIx};
use crate::template::nearest::did_you_mean;

impl Builder<'_> {
    /// Prunes what the flags leave out. `--only` keeps the named steps, their members and the groups around them, and every
    /// `finally`; `--skip` leaves out the named steps with their members.
    pub fn select(&mut self, only: &[String], skip: &[String]) {
        let kept = self.chosen("--only", only);
        let left_out = self.chosen("--skip", skip);
        let mut keep = vec![kept.is_empty(); self.nodes.len()];
        let mut around = vec![false; self.nodes.len()];
        for &ix in kept.keys() {
            keep[ix.0 as usize] = true;
            let mut parent = self.nodes[ix.0 as usize].parent;
            while let Some(group) = parent {
                around[group.0 as usize] = true;
                parent = self.nodes[group.0 as usize].parent;
            }
        }
        for at in 0..self.nodes.len() {
            let ix = NodeIx(u32::try_from(at).unwrap_or(u32::MAX));
            let parent = self.nodes[at].parent.map(|parent| parent.0 as usize);
            // Parents come before their members.
            keep[at] = keep[at] || parent.is_some_and(|parent| keep[parent]) || self.notes[at].role == Role::Finally;
            let flag = match left_out.get(&ix) {
                Some(flag) => Some(flag.clone()),
                None if !keep[at] && !around[at] => Some(format!("--only {}", only.join(","))),
                None => None,
            };
            let reason = match (flag, parent) {
                (Some(flag), _) => SkipReason::Selection { flag },
                (None, Some(parent)) if self.nodes[parent].pruned.is_some() => {
                    SkipReason::Parent { step: self.nodes[parent].id.0.clone() }
                }
                _ => continue,
            };
            self.nodes[at].pruned.get_or_insert(reason);
        }
    }

    /// Prunes everything that must come before a step: what it and the groups around it wait for, with all their members.
    pub fn jump(&mut self, to: &str) {
        let Some(target) = self.chosen("--from", &[to.to_owned()]).into_keys().next() else { return };
        let name = self.nodes[target.0 as usize].id.0.clone();
        let mut before: HashSet<NodeIx> = HashSet::new();
        let mut at = target;
        loop {
            let (node, role) = (&self.nodes[at.0 as usize], self.notes[at.0 as usize].role);
            if role == Role::Fallback {
                let message = format!("--from: `{name}` is in a fallback, which runs only when its step fails");
                let help = "begin with that step, or with a step of the main list";
                self.findings.push(Diagnostic::unplaced("plan::jump_into_fallback", message).help(help));
                return;
            }
            let mut open: Vec<NodeIx> = node.needs.iter().chain(&node.after).copied().collect();
            if role == Role::Finally {
                let parent = node.parent;
                open.extend(self.in_list(parent, Role::Main));
            }
            while let Some(ix) = open.pop() {
                if before.insert(ix) {
                    let node = &self.nodes[ix.0 as usize];
                    open.extend(node.needs.iter().chain(&node.after));
                }
            }
            let Some(parent) = self.nodes[at.0 as usize].parent else { break };
            at = parent;
        }
        for at in 0..self.nodes.len() {
            let ix = NodeIx(u32::try_from(at).unwrap_or(u32::MAX));
            // Parents come before their members.
            if before.contains(&ix) || self.nodes[at].parent.is_some_and(|parent| before.contains(&parent)) {
                before.insert(ix);
                self.nodes[at].pruned.get_or_insert_with(|| SkipReason::Jumped { to: name.clone() });
            }
        }
    }

    fn in_list(&self, parent: Option<NodeIx>, role: Role) -> Vec<NodeIx> {
        let member = |(at, node): (usize, &Node)| {
            let is_one = node.parent == parent && self.notes[at].role == role;
            is_one.then(|| NodeIx(u32::try_from(at).unwrap_or(u32::MAX)))
        };
        self.nodes.iter().enumerate().filter_map(member).collect()
    }

    fn chosen(&mut self, flag: &str, names: &[String]) -> HashMap<NodeIx, String> {
        let mut chosen = HashMap::new();
        for name in names {
            let matching: Vec<NodeIx> = self
                .nodes
                .iter()
                .enumerate()
                .filter(|(_, node)| node.id.0 == *name || node.name == *name)
                .map(|(at, _)| NodeIx(u32::try_from(at).unwrap_or(u32::MAX)))
                .collect();
            let exact = matching.iter().find(|ix| self.nodes[ix.0 as usize].id.0 == *name).copied();
            match (exact, matching.as_slice()) {
                (Some(ix), _) | (None, &[ix]) => {
                    chosen.insert(ix, format!("{flag} {name}"));
                }
                (None, []) => {
                    let mut found =
                        Diagnostic::unplaced("plan::unknown_step", format!("{flag}: there is no step `{name}`"));
                    found.help = did_you_mean(name, self.nodes.iter().map(|node| node.id.0.as_str()));
                    self.findings.push(found);
                }
                (None, several) => {
                    let ids: Vec<&str> = several.iter().map(|ix| self.nodes[ix.0 as usize].id.0.as_str()).collect();
                    let message = format!("{flag}: `{name}` may be {}", ids.join(" or "));
                    self.findings.push(Diagnostic::unplaced("plan::unknown_step", message).help("give the whole id"));
                }
            }
        }
        chosen
    }
}
