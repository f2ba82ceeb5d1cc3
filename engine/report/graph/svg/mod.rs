//! The graph as SVG: one file without a script, or pieces of it for a page. The same picture on a phone and on paper: it is narrow, goes
//! from top to bottom, and may be cut between any two rows.

mod knots;
mod legend;
mod markup;
mod measure;
mod row;
mod style;

use std::fmt::Write as _;

use super::layout::{Frame, Joins, Line, Spot, layout};
use super::marks::Path;
use super::{Graph, one_line};
use crate::plan::NodeIx;
use knots::{What, knots};
use row::{Row, Rows};

pub use style::RULES;

/// A drawn graph.
#[derive(Clone, Debug)]
pub struct Picture {
    width: f64,
    height: f64,
    /// From back to front, each with the heights that it reaches over.
    pieces: Vec<(f64, f64, String)>,
    cuts: Vec<f64>,
}

/// Rounds the corners of lines.
const CORNER: f64 = 7.0;
/// Around a picture that stands alone.
const MARGIN: f64 = 12.0;
/// Of a picture that stands alone.
const WIDTH: f64 = 420.0;

/// Draws it, so many pixels wide.
#[must_use]
pub fn picture(graph: &Graph<'_>, width: f64) -> Picture {
    let Graph { outline, marks, critical, .. } = *graph;
    let path = Path::of(outline, critical);
    let rows = Rows { outline, marks, path: &path };
    let (list, all) = knots(outline, &|ix| rows.is_left_out(ix));
    let mut drawn: Vec<Option<Row>> = vec![None; all.len()];
    let laid = layout(&list, width, &mut |key, room| {
        let row = rows.row(all[key], room);
        let height = row.height();
        drawn[key] = Some(row);
        height
    });
    let mut pieces = Vec::new();
    // Keys grow inwards: an outer box lies behind its inner ones.
    for (what, spot) in all.iter().zip(&laid.spots) {
        pieces.extend(spot.frame.map(|frame| (frame.top - 1.0, frame.bottom + 1.0, draw_frame(&frame, *what))));
    }
    let mut lines: Vec<(u8, &Line, &str)> = laid
        .lines
        .iter()
        .map(|line| {
            let class = class(line.joins, &all, &rows, &path);
            (u8::from(class == "critical") * 2 + u8::from(class.is_empty()), line, class)
        })
        .collect();
    lines.sort_by_key(|(order, ..)| *order);
    pieces.extend(lines.iter().map(|(_, line, class)| draw_line(line, class)));
    pieces.extend(laid.start.map(|(x, y)| {
        let ring = format!("<circle class=\"sign list\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>");
        (y - 6.0, y + 6.0, ring)
    }));
    for (row, spot) in drawn.iter().zip(&laid.spots) {
        pieces.extend(row.as_ref().map(|row| draw_row(row, spot)));
    }
    Picture { width, height: laid.height, pieces, cuts: laid.cuts }
}

fn draw_row(row: &Row, spot: &Spot) -> (f64, f64, String) {
    let mut out = String::new();
    row.draw(spot, &mut out);
    (spot.top, spot.bottom, out)
}

fn draw_frame(frame: &Frame, what: What) -> String {
    let class = if matches!(what, What::Fallback(_)) { "frame fallback" } else { "frame" };
    format!(
        "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"8\"/>",
        frame.left,
        frame.top,
        frame.right - frame.left,
        frame.bottom - frame.top
    )
}

/// Corners are rounded where there is room for it.
fn draw_line(line: &Line, class: &str) -> (f64, f64, String) {
    let mut path = String::new();
    let points = &line.points;
    for (at, (x, y)) in points.iter().enumerate() {
        let (before, after) = (at.checked_sub(1).and_then(|at| points.get(at)), points.get(at + 1));
        match (before, after) {
            (None, _) => {
                let _ = write!(path, "M{x:.1} {y:.1}");
            }
            (Some(_), None) => {
                let _ = write!(path, "L{x:.1} {y:.1}");
            }
            (Some(before), Some(after)) => {
                let toward = |other: &(f64, f64)| {
                    let (dx, dy) = (other.0 - x, other.1 - y);
                    let length = dx.hypot(dy).max(0.01);
                    let part = CORNER.min(length / 2.0) / length;
                    (x + dx * part, y + dy * part)
                };
                let ((ax, ay), (bx, by)) = (toward(before), toward(after));
                let _ = write!(path, "L{ax:.1} {ay:.1}Q{x:.1} {y:.1} {bx:.1} {by:.1}");
            }
        }
    }
    let heights = points.iter().map(|(_, y)| *y);
    let (top, bottom) = (heights.clone().fold(f64::INFINITY, f64::min), heights.fold(f64::NEG_INFINITY, f64::max));
    let class = if class.is_empty() { String::new() } else { format!(" {class}") };
    (top - 3.0, bottom + 3.0, format!("<path class=\"line{class}\" d=\"{path}\"/>"))
}

/// What a line is: on the critical path, or one that is not taken, or only then.
fn class(joins: Joins, all: &[What], rows: &Rows<'_>, path: &Path) -> &'static str {
    let step = |key: usize| match all[key] {
        What::Step(ix) => Some(ix),
        What::Finally(_) | What::Fallback(_) => None,
    };
    let firsts = |key: usize| -> &[NodeIx] {
        match all[key] {
            What::Finally(Some(ix)) => &rows.outline.step(ix).finally,
            What::Finally(None) => &rows.outline.finally,
            What::Fallback(ix) => &rows.outline.step(ix).fallback,
            What::Step(_) => &[],
        }
    };
    let is_left_out = |key: usize| step(key).is_some_and(|ix| rows.is_left_out(ix));
    let (is_critical, is_skipped) = match joins {
        Joins::Beside(..) => return "fails",
        Joins::Edge(from, to) => {
            let critical = match (step(from), step(to)) {
                (Some(a), Some(b)) => path.leads(a, b),
                (Some(a), None) => firsts(to).iter().any(|first| path.leads(a, *first)),
                _ => false,
            };
            (critical, is_left_out(from) || is_left_out(to))
        }
        Joins::Begin(owner, to) => {
            let critical = match (owner.map(|owner| (owner, step(owner))), step(to)) {
                (Some((_, Some(group))), Some(member)) => path.enters(group, member),
                (Some((list, None)), Some(member)) => firsts(list).iter().find(|ix| path.holds(**ix)) == Some(&member),
                (None, Some(member)) => path.begins(member),
                _ => false,
            };
            (critical, is_left_out(to))
        }
        Joins::End(group, last) => match (step(group), step(last)) {
            (Some(group), Some(last)) => (path.leaves(group, last), rows.is_left_out(last)),
            _ => (false, false),
        },
        Joins::Past(_) => (false, false),
    };
    let is_after = match joins {
        Joins::Edge(from, to) => match (step(from), step(to)) {
            (Some(a), Some(b)) => {
                let waits = rows.outline.step(b);
                waits.after.contains(&a) && !waits.needs.contains(&a)
            }
            _ => false,
        },
        _ => false,
    };
    match (is_critical, is_skipped, is_after) {
        (_, true, _) => "skipped",
        (true, ..) => "critical",
        (_, _, true) => "after",
        _ => "",
    }
}

impl Picture {
    /// Pieces of a page, from top to bottom, each an `svg` of whole rows: together they are the picture, and a page may break between them.
    #[must_use]
    pub fn strips(&self) -> Vec<String> {
        let ends = self.cuts.iter().copied().skip(1).chain([self.height]);
        self.cuts
            .iter()
            .copied()
            .zip(ends)
            .filter(|(top, bottom)| bottom > top)
            .map(|(top, bottom)| self.strip(top, bottom))
            .collect()
    }

    fn strip(&self, top: f64, bottom: f64) -> String {
        let (width, height) = (self.width, bottom - top);
        let mut out = format!(
            "<svg class=\"graph\" width=\"{width:.0}\" height=\"{height:.1}\" viewBox=\"0 {top:.1} {width:.0} {height:.1}\">"
        );
        for (from, to, piece) in &self.pieces {
            if *to > top && *from < bottom {
                out.push_str(piece);
            }
        }
        out.push_str("</svg>");
        out
    }

    fn all(&self) -> String {
        self.pieces.iter().map(|(_, _, piece)| piece.as_str()).collect()
    }
}

/// What the signs mean, for a page that has pieces of a picture.
#[must_use]
pub fn legend(graph: &Graph<'_>, width: f64) -> String {
    let part = legend::legend(graph, width);
    format!(
        "<div class=\"legend-strip\"><svg class=\"graph\" width=\"{width:.0}\" height=\"{0:.0}\" viewBox=\"0 0 {width:.0} {0:.0}\">{1}</svg></div>",
        part.height, part.markup
    )
}

/// A file of its own, with its title, what the signs mean, and the colours of light and dark.
#[must_use]
pub fn svg(graph: &Graph<'_>) -> String {
    let picture = picture(graph, WIDTH);
    let head = legend::head(graph, WIDTH);
    let legend = legend::legend(graph, WIDTH);
    let (width, height) = (WIDTH + 2.0 * MARGIN, head.height + picture.height + legend.height + 2.0 * MARGIN);
    let below = MARGIN + head.height;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" style=\"max-width:100%;height:auto\"><title>{}</title><style>{}{}</style>\
         <rect width=\"100%\" height=\"100%\" fill=\"var(--paper)\"/>\
         <g transform=\"translate({MARGIN} {MARGIN})\">{}</g><g transform=\"translate({MARGIN} {below:.1})\">{}</g>\
         <g transform=\"translate({MARGIN} {:.1})\">{}</g></svg>\n",
        markup::text(&one_line(&graph.outline.title)),
        style::COLOURS,
        style::RULES,
        head.markup,
        picture.all(),
        below + picture.height,
        legend.markup,
    )
}
