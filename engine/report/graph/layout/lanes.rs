//! Which lane each member of a list lies in, and each line between them. Members with the same followers share one line to them, so that
//! ten steps side by side take three lanes, not ten.

use std::collections::BTreeMap;

use fixedbitset::FixedBitSet;

use super::Knot;

/// The lanes of one list.
#[derive(Debug, Default)]
pub struct Lanes {
    /// Positions, from top to bottom.
    pub order: Vec<usize>,
    /// By position.
    pub of: Vec<usize>,
    /// From one position to another, and the lane that the line between them runs in. Lines from the beginning of the list are in lane 0.
    pub lines: Vec<(usize, usize, usize)>,
    /// Positions that wait for nothing.
    pub roots: Vec<usize>,
    /// True when the list begins with several.
    pub fans_out: bool,
    /// True when it ends with several, too: lane 0 leads past them to its end.
    pub leads_past: bool,
    /// By position: the last lane that has something in its row.
    pub widest: Vec<usize>,
    /// The member that the list ends with, where lane 0 leads on from it.
    pub last: Option<usize>,
    /// By position: something waits for it.
    pub is_waited_for: Vec<bool>,
}

/// Lines with the same followers.
struct Net {
    lane: usize,
    open: usize,
}

/// Finds lanes. What waits for itself is placed in authored order.
#[must_use]
pub fn lanes(list: &[Knot]) -> Lanes {
    let order = order(list);
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); list.len()];
    for (at, knot) in list.iter().enumerate() {
        for before in &knot.after {
            followers[*before].push(at);
        }
    }
    let roots: Vec<usize> =
        order.iter().copied().filter(|at| list[*at].after.is_empty() && list[*at].beside.is_none()).collect();
    let mut sharers: BTreeMap<&[usize], usize> = BTreeMap::new();
    for to in followers.iter().filter(|to| !to.is_empty()) {
        *sharers.entry(to).or_default() += 1;
    }
    let mut work = Work {
        list,
        followers: &followers,
        sharers,
        ancestors: vec![FixedBitSet::with_capacity(list.len()); list.len()],
        nets: BTreeMap::new(),
        taken: Vec::new(),
        out: Lanes {
            of: vec![0; list.len()],
            widest: vec![0; list.len()],
            fans_out: roots.len() > 1,
            ..Lanes::default()
        },
    };
    let ends = list.iter().zip(&followers).filter(|(knot, to)| to.is_empty() && knot.beside.is_none()).count();
    work.out.fans_out = roots.len() > 1;
    work.out.leads_past = work.out.fans_out && ends > 1;
    if work.out.fans_out {
        work.take(0);
    }
    for at in &order {
        work.place(*at);
        if roots.last() == Some(at) && work.out.fans_out && !work.out.leads_past {
            work.taken[0] = false;
        }
    }
    let mut out = work.out;
    let last_in_first = order.iter().rev().find(|at| out.of[**at] == 0).copied();
    let mut place = vec![0; list.len()];
    for (number, at) in order.iter().enumerate() {
        place[*at] = number;
    }
    let is_over = |at: &usize| {
        followers[*at].is_empty() && out.lines.iter().all(|(_, to, lane)| *lane != 0 || place[*to] <= place[*at])
    };
    out.last = last_in_first.filter(|at| !out.leads_past && list[*at].beside.is_none() && is_over(at));
    out.is_waited_for = followers.iter().map(|to| !to.is_empty()).collect();
    (out.order, out.roots) = (order, roots);
    out
}

/// The first lane that is free.
fn lowest(from: usize, blocked: &[bool]) -> usize {
    let free = blocked.iter().skip(from).position(|taken| !taken);
    free.map_or(blocked.len().max(from), |at| from + at)
}

/// What is waited for first; otherwise as authored.
fn order(list: &[Knot]) -> Vec<usize> {
    let mut placed = vec![false; list.len()];
    let mut order = Vec::with_capacity(list.len());
    // Almost always as authored, so that one walk is enough; each further one places at least one more.
    while order.len() < list.len() {
        let begun = order.len();
        for (at, knot) in list.iter().enumerate() {
            if !placed[at] && knot.after.iter().chain(&knot.beside).all(|before| placed[*before]) {
                placed[at] = true;
                order.push(at);
            }
        }
        if order.len() == begun {
            order.extend((0..list.len()).filter(|at| !placed[*at]));
        }
    }
    order
}

struct Work<'a> {
    list: &'a [Knot],
    followers: &'a [Vec<usize>],
    /// How many members have exactly these followers.
    sharers: BTreeMap<&'a [usize], usize>,
    /// Whom each member waits for, also through others.
    ancestors: Vec<FixedBitSet>,
    /// Lines that are under way, by whom they lead to.
    nets: BTreeMap<&'a [usize], Net>,
    taken: Vec<bool>,
    out: Lanes,
}

impl<'a> Work<'a> {
    fn take(&mut self, lane: usize) {
        if self.taken.len() <= lane {
            self.taken.resize(lane + 1, false);
        }
        self.taken[lane] = true;
    }

    fn place(&mut self, at: usize) {
        let knot = &self.list[at];
        let mut blocked = self.taken.clone();
        let mut above = FixedBitSet::with_capacity(self.list.len());
        for before in &knot.after {
            above.union_with(&self.ancestors[*before]);
            above.insert(*before);
        }
        let (mut met, mut ended): (Vec<&'a [usize]>, Vec<&'a [usize]>) = (Vec::new(), Vec::new());
        for before in &knot.after {
            let to: &'a [usize] = &self.followers[*before];
            // In a circle the line is not there yet.
            let Some(net) = self.nets.get_mut(to) else { continue };
            self.out.lines.push((*before, at, net.lane));
            if met.contains(&to) {
                continue;
            }
            met.push(to);
            net.open -= 1;
            if net.open == 0 {
                ended.push(to);
                // A line leads straight on to what waits for all the others at its end.
                let goes_straight = to.iter().all(|other| *other == at || above.contains(*other));
                blocked[net.lane] &= !goes_straight;
            }
        }
        self.ancestors[at] = above;
        let to: &'a [usize] = &self.followers[at];
        let is_shared = self.sharers.get(to).is_some_and(|count| *count > 1);
        let is_new = !to.is_empty() && !self.nets.contains_key(to);
        let mut bus = None;
        let lane = if knot.inner.is_some() || knot.beside.is_some() {
            // A box reaches to the right edge: every line that is under way passes it on the left.
            if is_shared && is_new {
                let free = lowest(0, &blocked);
                bus = Some(free);
                blocked.resize(blocked.len().max(free + 1), false);
                blocked[free] = true;
            }
            blocked.iter().rposition(|taken| *taken).map_or(0, |lane| lane + 1)
        } else {
            lowest(0, &blocked)
        };
        self.out.of[at] = lane;
        let passing = self.taken.iter().rposition(|taken| *taken).unwrap_or(0);
        self.out.widest[at] = lane.max(passing);
        for to in ended {
            if let Some(net) = self.nets.remove(to) {
                self.taken[net.lane] = false;
            }
        }
        if is_new {
            let lane = match (is_shared, bus) {
                (true, Some(bus)) => bus,
                (true, None) => lowest(lane + 1, &self.taken),
                (false, _) => lane,
            };
            self.take(lane);
            self.out.widest[at] = self.out.widest[at].max(lane);
            self.nets.insert(to, Net { lane, open: to.len() });
        }
    }
}
