//! Where the steps of a graph lie: a list from top to bottom with its lines on the left, as a version history is drawn. What follows one
//! another stands on one line; what goes on side by side hangs beside it; groups are boxes around their members. Lines run in lanes that
//! boxes keep out of. Plain numbers: nothing here knows what is drawn.

mod lanes;
mod place;

pub use place::layout;

/// A step, a group, or a list that hangs on a step, in a list of them.
#[derive(Clone, Debug, Default)]
pub struct Knot {
    /// The caller's name for it: an index of the result.
    pub key: usize,
    /// Positions in the same list of what it waits for.
    pub after: Vec<usize>,
    /// It belongs to this one and nothing waits for it: a fallback.
    pub beside: Option<usize>,
    /// What lies in it; it is a box then.
    pub inner: Option<Vec<Self>>,
}

/// Where a knot lies.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spot {
    /// The middle of its sign.
    pub x: f64,
    /// The same.
    pub y: f64,
    /// Top of its row.
    pub top: f64,
    /// Bottom of its row.
    pub bottom: f64,
    /// Where its label begins.
    pub label: f64,
    /// Where its label has to end.
    pub right: f64,
    /// The box around its members.
    pub frame: Option<Frame>,
}

/// A box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Bottom edge.
    pub bottom: f64,
}

/// What a line joins; keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joins {
    /// One waits for the other.
    Edge(usize, usize),
    /// From the beginning of a list to what waits for nothing.
    Begin(Option<usize>, usize),
    /// From the last one of a list to the end of its box.
    End(usize, usize),
    /// Past what lies side by side in a box, to its end.
    Past(usize),
    /// From a step to what hangs on it.
    Beside(usize, usize),
}

/// A line with corners.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it joins.
    pub joins: Joins,
    /// Its corners, first to last.
    pub points: Vec<(f64, f64)>,
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// By key.
    pub spots: Vec<Spot>,
    /// In no order of importance.
    pub lines: Vec<Line>,
    /// Where several steps begin at once: the beginning of all.
    pub start: Option<(f64, f64)>,
    /// In all.
    pub height: f64,
    /// Heights at which it may be cut in two without cutting a row, first to last.
    pub cuts: Vec<f64>,
}

/// Radius of a sign.
pub const RADIUS: f64 = 8.0;
/// From a sign or the last lane to a label.
pub const LABEL: f64 = 8.0;
