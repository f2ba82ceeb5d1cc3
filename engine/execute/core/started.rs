//! Which steps started, in order. A rollback of very many steps takes one after the other out of it: none of them may cost a pass over
//! all the others.

use std::collections::HashMap;

use crate::plan::NodeIx;

/// Steps whose action was started, once for each attempt; without those that are undone.
#[derive(Clone, Debug, Default)]
pub(super) struct Started {
    /// None: undone.
    order: Vec<Option<NodeIx>>,
    places: HashMap<NodeIx, Vec<usize>>,
}

impl Started {
    pub fn push(&mut self, ix: NodeIx) {
        self.places.entry(ix).or_default().push(self.order.len());
        self.order.push(Some(ix));
    }

    /// All attempts of one step.
    pub fn remove(&mut self, ix: NodeIx) {
        for place in self.places.remove(&ix).unwrap_or_default() {
            self.order[place] = None;
        }
    }

    /// In the order of their starts.
    pub fn iter(&self) -> impl Iterator<Item = NodeIx> {
        self.order.iter().copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_undone_is_gone_with_all_its_attempts() {
        let mut started = Started::default();
        for ix in [1, 2, 1, 3] {
            started.push(NodeIx(ix));
        }
        started.remove(NodeIx(1));
        started.remove(NodeIx(7));
        assert_eq!(started.iter().collect::<Vec<_>>(), [NodeIx(2), NodeIx(3)]);
        started.push(NodeIx(1));
        assert_eq!(started.iter().last(), Some(NodeIx(1)));
    }
}
