//! Order among selected services: their own needs, also through services that are not selected.

use std::collections::HashMap;

use crate::plan::world::World;

/// One service waits for another; positions in the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Who waits.
    pub by: usize,
    /// For whom.
    pub needed: usize,
    /// `needs`, not only `after`.
    pub hard: bool,
}

/// The edges among selected services. A path through unselected ones is hard if all of it is.
#[must_use]
pub fn edges(world: &World<'_>, selected: &[usize]) -> Vec<Edge> {
    let position: HashMap<usize, usize> = selected.iter().enumerate().map(|(at, service)| (*service, at)).collect();
    let mut edges = Vec::new();
    for (by, &service) in selected.iter().enumerate() {
        let mut found: HashMap<usize, bool> = HashMap::new();
        let mut seen: HashMap<usize, bool> = HashMap::from([(service, true)]);
        let mut open = vec![(service, true)];
        while let Some((at, hard_so_far)) = open.pop() {
            let own = world.services[at].service;
            let needs = own.needs.iter().map(|name| (name, true));
            for (name, hard) in needs.chain(own.after.iter().map(|name| (name, false))) {
                let Some(&next) = world.index.get(name.value.as_str()) else { continue };
                let hard = hard && hard_so_far;
                if let Some(&needed) = position.get(&next) {
                    if needed != by {
                        let known = found.entry(needed).or_insert(hard);
                        *known |= hard;
                    }
                } else if seen.get(&next).is_none_or(|known| hard && !known) {
                    seen.insert(next, hard);
                    open.push((next, hard));
                }
            }
        }
        edges.extend(found.into_iter().map(|(needed, hard)| Edge { by, needed, hard }));
    }
    edges.sort_unstable();
    edges
}
