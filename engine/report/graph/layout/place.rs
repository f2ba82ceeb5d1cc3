//! From lanes to coordinates: rows from top to bottom, boxes around their members, lines with their corners.

use super::lanes::{Lanes, lanes};
use super::{Frame, Joins, Knot, LABEL, Layout, Line, RADIUS, Spot};

/// Between two lanes.
const PITCH: f64 = 19.0;
/// A box reaches so far to the left of what lies in it, and ends so far before the right edge of the box around it.
const INSET: f64 = 6.0;
/// Above and below a box.
const GAP: f64 = 6.0;
/// Room at the foot of a box.
const FOOT: f64 = 4.0;
/// From the top of a row to the middle of its sign.
const MIDDLE: f64 = 11.0;

/// Lays a list out. `height` says how high a row is, by its key and the width that its label has.
#[must_use]
pub fn layout(list: &[Knot], width: f64, height: &mut dyn FnMut(usize, f64) -> f64) -> Layout {
    let nest = Nest::of(list);
    let mut work = Work { out: Layout::default(), height, y: 0.0 };
    work.out.spots = vec![Spot::default(); count(list)];
    let trunk = nest.reach(0) + 2.0;
    let begin = nest.lanes.fans_out.then(|| {
        work.y += 2.0 * MIDDLE;
        (trunk, MIDDLE)
    });
    work.out.start = begin;
    work.list(&Around { list, nest: &nest, trunk, right: width - 2.0, owner: None, begin, goes_on: false });
    work.out.height = work.y;
    work.out
}

fn count(list: &[Knot]) -> usize {
    list.iter().map(|knot| 1 + knot.inner.as_deref().map_or(0, count)).sum()
}

/// The lanes of a list and of the boxes in it.
struct Nest {
    lanes: Lanes,
    inner: Vec<Option<Self>>,
}

impl Nest {
    fn of(list: &[Knot]) -> Self {
        Self { lanes: lanes(list), inner: list.iter().map(|knot| knot.inner.as_deref().map(Self::of)).collect() }
    }

    /// How far what lies in a lane reaches to the left of its middle.
    fn reach(&self, lane: usize) -> f64 {
        let own = self.inner.iter().zip(&self.lanes.of).filter(|(_, its)| **its == lane);
        own.map(|(inner, _)| inner.as_ref().map_or(RADIUS, |inner| INSET + inner.reach(0))).fold(RADIUS, f64::max)
    }

    /// The middle of each lane.
    fn middles(&self, trunk: f64) -> Vec<f64> {
        let lanes = self.lanes.widest.iter().copied().max().unwrap_or(0);
        let mut middles = vec![trunk];
        for lane in 1..=lanes {
            let reach = self.reach(lane);
            let step = if reach > RADIUS { reach + INSET } else { PITCH };
            middles.push(middles[lane - 1] + step.max(PITCH));
        }
        middles
    }
}

/// A list and where it stands.
struct Around<'a> {
    list: &'a [Knot],
    nest: &'a Nest,
    trunk: f64,
    right: f64,
    owner: Option<usize>,
    begin: Option<(f64, f64)>,
    /// Something follows the list: its last line leads on to the end of its box.
    goes_on: bool,
}

struct Work<'h> {
    out: Layout,
    height: &'h mut dyn FnMut(usize, f64) -> f64,
    y: f64,
}

impl Work<'_> {
    /// Lays out a list from the present height on.
    fn list(&mut self, around: &Around<'_>) {
        let lanes = &around.nest.lanes;
        let middles = around.nest.middles(around.trunk);
        for (number, at) in lanes.order.iter().enumerate() {
            // A box is not torn from its first member.
            if number > 0 || around.owner.is_none() {
                self.out.cuts.push(self.y);
            }
            let (knot, x) = (&around.list[*at], middles[lanes.of[*at]]);
            let label = middles[lanes.widest[*at]] + RADIUS + LABEL;
            let Some(inner) = &knot.inner else {
                self.row(knot.key, (x, label), around.right - INSET);
                continue;
            };
            let Some(nest) = &around.nest.inner[*at] else { continue };
            let right = around.right - INSET;
            self.y += GAP;
            let frame = Frame { left: x - INSET - nest.reach(0), top: self.y, right, bottom: 0.0 };
            self.row(knot.key, (x, x + RADIUS + LABEL), right - INSET);
            let spot = self.out.spots[knot.key];
            let goes_on = lanes.is_waited_for[*at] || (around.goes_on && lanes.last == Some(*at));
            let begin = Some((x, spot.y));
            self.list(&Around { list: inner, nest, trunk: x, right, owner: Some(knot.key), begin, goes_on });
            self.y += FOOT;
            self.out.spots[knot.key].frame = Some(Frame { bottom: self.y, ..frame });
            if goes_on {
                self.end(knot.key, inner, &nest.lanes);
            }
            self.y += GAP;
        }
        self.lines(around, &middles);
    }

    fn row(&mut self, key: usize, (x, label): (f64, f64), right: f64) {
        let top = self.y;
        self.y += (self.height)(key, right - label);
        self.out.spots[key] = Spot { x, y: top + MIDDLE, top, bottom: self.y, label, right, frame: None };
    }

    /// The line to the end of a box.
    fn end(&mut self, group: usize, list: &[Knot], lanes: &Lanes) {
        let own = self.out.spots[group];
        let end = (own.x, own.frame.map_or(own.bottom, |frame| frame.bottom));
        if lanes.leads_past {
            self.out.lines.push(Line { joins: Joins::Past(group), points: vec![(own.x, own.y), end] });
        } else if let Some(last) = lanes.last {
            let key = list[last].key;
            let from = foot(&self.out.spots[key]);
            self.out.lines.push(Line { joins: Joins::End(group, key), points: vec![from, end] });
        }
    }

    fn lines(&mut self, around: &Around<'_>, middles: &[f64]) {
        let spot = |out: &Layout, at: usize| out.spots[around.list[at].key];
        if let Some(begin) = around.begin {
            for root in &around.nest.lanes.roots {
                let to = spot(&self.out, *root);
                let points = vec![begin, (begin.0, to.y), (to.x, to.y)];
                self.push(Joins::Begin(around.owner, around.list[*root].key), points);
            }
        }
        for (from, to, lane) in &around.nest.lanes.lines {
            let (a, b, x) = (spot(&self.out, *from), spot(&self.out, *to), middles[*lane]);
            let joins = Joins::Edge(around.list[*from].key, around.list[*to].key);
            let mut points = match a.frame {
                None if x >= a.x => vec![(a.x, a.y), (x, a.y)],
                None => vec![(a.x, a.y), (a.x, a.bottom), (x, a.bottom)],
                Some(frame) => vec![(a.x, frame.bottom), (a.x, frame.bottom + GAP), (x, frame.bottom + GAP)],
            };
            match b.frame {
                // Its label lies where the line would come in from the right.
                Some(frame) if x > b.x => {
                    let above = frame.top - GAP / 2.0;
                    points.extend([(x, above), (b.x, above), (b.x, b.y)]);
                }
                _ => points.extend([(x, b.y), (b.x, b.y)]),
            }
            self.push(joins, points);
        }
        for knot in around.list {
            let Some(owner) = knot.beside else { continue };
            let (a, b) = (spot(&self.out, owner), self.out.spots[knot.key]);
            let from = a.frame.map_or((a.x, a.y), |frame| (a.x, frame.bottom));
            self.push(Joins::Beside(around.list[owner].key, knot.key), vec![from, (a.x, b.y), (b.x, b.y)]);
        }
    }

    fn push(&mut self, joins: Joins, mut points: Vec<(f64, f64)>) {
        points.dedup();
        self.out.lines.push(Line { joins, points });
    }
}

/// Where a line that leads on from it begins.
fn foot(spot: &Spot) -> (f64, f64) {
    (spot.x, spot.frame.map_or(spot.y, |frame| frame.bottom))
}
