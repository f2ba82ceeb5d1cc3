//! Where every step of a file stands, so that a wrong reference can be explained.

use std::collections::HashMap;

use crate::model::runbook::{Body, Runbook, Step};
use crate::model::source::Span;

/// One list of steps.
pub(super) struct ListOf<'a> {
    pub steps: &'a [Step],
    /// `steps`, `finally`, `fallback`.
    pub key: &'static str,
    /// The step that holds it, and the list that step is in; none: the runbook's own.
    pub owner: Option<(&'a Step, usize)>,
    /// Members do not wait for those above.
    pub independent: bool,
}

/// A step by its id.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub step: &'a Step,
    pub list: usize,
}

/// Every list and every id of a file.
pub(super) struct Ids<'a> {
    pub lists: Vec<ListOf<'a>>,
    pub by_id: HashMap<&'a str, Entry<'a>>,
    /// An id, its first place and the later one.
    pub duplicates: Vec<(&'a str, Span, Span)>,
}

impl<'a> Ids<'a> {
    pub fn of(runbook: &'a Runbook) -> Self {
        use crate::model::runbook::Parallel;
        let mut ids = Self { lists: Vec::new(), by_id: HashMap::new(), duplicates: Vec::new() };
        ids.add(&runbook.steps, "steps", None, runbook.parallel != Parallel::No);
        ids.add(&runbook.finally, "finally", None, false);
        ids
    }

    fn add(&mut self, steps: &'a [Step], key: &'static str, owner: Option<(&'a Step, usize)>, independent: bool) {
        use crate::model::runbook::Parallel;
        if steps.is_empty() {
            return;
        }
        let list = self.lists.len();
        self.lists.push(ListOf { steps, key, owner, independent });
        for step in steps {
            let id = step.id.value.as_str();
            if !id.is_empty() {
                if let Some(first) = self.by_id.get(id) {
                    self.duplicates.push((id, first.step.id.span, step.id.span));
                } else {
                    self.by_id.insert(id, Entry { step, list });
                }
            }
            let owner = Some((step, list));
            if let Body::Steps(members) = &step.body {
                self.add(members, "steps", owner, step.parallel != Parallel::No);
            }
            self.add(&step.finally, "finally", owner, false);
            self.add(&step.fallback, "fallback", owner, false);
        }
    }

    /// The member of `list` that holds the step, if any: itself excluded.
    pub fn ancestor_in(&self, entry: Entry<'a>, list: usize) -> Option<&'a Step> {
        let mut at = self.lists[entry.list].owner;
        while let Some((step, outer)) = at {
            if outer == list {
                return Some(step);
            }
            at = self.lists[outer].owner;
        }
        None
    }

    /// The groups that hold a list, innermost first.
    pub fn holders(&self, list: usize) -> impl Iterator<Item = (&'a Step, usize)> + '_ {
        std::iter::successors(self.lists[list].owner, |(_, outer)| self.lists[*outer].owner)
    }
}
