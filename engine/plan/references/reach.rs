//! Whether one step has ended when another is read.

use std::collections::HashSet;

use crate::plan::NodeIx;
use crate::plan::builder::{Builder, Role};

use super::Reader;

/// How a step stands to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It has ended well or was skipped.
    Above(NodeIx),
    /// It has ended somehow, or never began (`finally`, `fallback`).
    Ended,
    /// It is the reader, or a group around it.
    Itself,
    /// Nothing says that it runs first.
    Below,
    /// It is a member of a group that the reader is not in.
    Inside(NodeIx),
}

impl Builder<'_> {
    /// How `step` stands to the reader.
    pub fn reach(&self, reader: Reader, step: NodeIx) -> Reach {
        let list = |ix: NodeIx| (self.nodes[ix.0 as usize].parent, self.notes[ix.0 as usize].role);
        let (parent, role) = list(step);
        if reader.members && parent == reader.node && role == Role::Main {
            return Reach::Above(step);
        }
        let mut next = reader.node;
        while let Some(at) = next {
            let (around, own) = list(at);
            if (around, own) == (parent, role) {
                return match at == step {
                    // It may have failed half way, without any output.
                    true if reader.undoes && reader.node == Some(step) => Reach::Ended,
                    true => Reach::Itself,
                    false if self.is_above(step, at) => Reach::Above(step),
                    false => Reach::Below,
                };
            }
            if around == parent && own != Role::Main && role == Role::Main {
                return Reach::Ended;
            }
            // A fallback may ask how its own step ended.
            if own == Role::Fallback && around == Some(step) {
                return Reach::Ended;
            }
            next = around;
        }
        match parent {
            Some(group) => Reach::Inside(group),
            None => Reach::Below,
        }
    }

    /// True when `step` is over before `reader` starts; both are members of one list. Without `needs` everything above is.
    fn is_above(&self, step: NodeIx, reader: NodeIx) -> bool {
        let position = |ix: NodeIx| self.notes[ix.0 as usize].position;
        let mut seen = HashSet::new();
        let mut open = vec![reader];
        while let Some(at) = open.pop() {
            if at == step {
                return true;
            }
            if !self.notes[at.0 as usize].explicit && position(step) < position(at) {
                return true;
            }
            if seen.insert(at) {
                let node = &self.nodes[at.0 as usize];
                open.extend(node.needs.iter().chain(&node.after).filter(|next| !seen.contains(next)));
            }
        }
        false
    }
}
