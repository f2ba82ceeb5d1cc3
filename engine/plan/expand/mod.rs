//! Pass 3: authored steps become nodes. Recursion follows nesting only; lists of any length are loops.

mod each;
mod include;
mod link;
pub mod selection;
mod step;

use crate::model::runbook::{Parallel, Step};

use super::builder::{Builder, Site};
use super::{List, NodeIx};

impl<'a> Builder<'a> {
    /// The nodes of a list.
    pub fn list(&mut self, steps: &'a [Step], site: &Site, parallel: Parallel) -> List {
        let mut members: Vec<NodeIx> = Vec::with_capacity(steps.len());
        for (position, step) in steps.iter().enumerate() {
            let ix = self.step(step, site, position);
            self.frames[site.frame.0 as usize].steps.entry(step.id.value.clone()).or_insert(ix);
            members.push(ix);
        }
        let independent = parallel != Parallel::No;
        self.link(steps, &members, independent);
        let limit = if let Parallel::AtMost(limit) = parallel { Some(limit) } else { None };
        List { members, independent, limit }
    }
}
