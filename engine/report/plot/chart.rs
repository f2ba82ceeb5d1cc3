//! One figure over time as SVG: axes, the objective as a line, a mark for every drill or run. What has no value stands in a strip below
//! the picture, so that it is seen and not taken for 0.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};

use super::scale::{Scale, moment, number};
use super::{dates, ticks};
use crate::report::page::{Tone, escape};
use crate::report::phrase;

/// The picture, in units of the drawing.
const WIDTH: f64 = 360.0;
const LEFT: f64 = 54.0;
const RIGHT: f64 = 350.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 146.0;
/// The strip for what has no value.
const STRIP: f64 = 26.0;
/// Below everything, for the words of the dates.
const WORDS: f64 = 20.0;
/// A character of the words, at most.
const CHARACTER: f64 = 5.8;
/// Between two words.
const GAP: f64 = 6.0;
/// An objective that is so many times the largest value is not drawn: it would press the values flat. Values that are all 0 are flat.
const FAR: u64 = 5;

/// More marks than this are smaller.
const MANY: usize = 80;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Time,
    /// Thousandths.
    Share,
}

/// What a mark looks like; with its tone it is told apart twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As it should be.
    Dot,
    /// There, and an objective was missed.
    Triangle,
    /// Not there.
    Cross,
    /// A control that ended red, as it has to.
    Square,
    /// A control that did not.
    Diamond,
    /// Says nothing.
    Ring,
}

impl Shape {
    /// Around the mark's own place.
    fn markup(self, size: f64) -> String {
        let (tone, markup) = match self {
            Self::Dot => (Tone::Good, "circle r=\"3.2\""),
            Self::Triangle => (Tone::Warn, "path d=\"M0 -4.6L4.4 3.2H-4.4Z\""),
            Self::Cross => (Tone::Bad, "path d=\"M-3.4 -3.4L3.4 3.4M-3.4 3.4L3.4 -3.4\""),
            Self::Square => (Tone::Other, "path d=\"M-3 -3H3V3H-3Z\""),
            Self::Diamond => (Tone::Bad, "path d=\"M0 -4.4L4.4 0L0 4.4L-4.4 0Z\""),
            Self::Ring => (Tone::Plain, "circle r=\"2.6\""),
        };
        let scale = if size < 1.0 { format!(" transform=\"scale({size})\"") } else { String::new() };
        format!("<{markup}{scale} class=\"mark {}\"/>", tone.class())
    }
}

/// One drill or run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: DateTime<Utc>,
    /// How much; none: it has no value.
    pub value: Option<u64>,
    /// The same without what the picture tells apart (waiting for people): the difference is a line below the mark.
    pub less: Option<u64>,
    /// What it looks like.
    pub shape: Shape,
    /// What it says when it is pointed at, text.
    pub words: String,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What it shows, text; for who cannot see it.
    pub label: String,
    /// What is measured.
    pub unit: Unit,
    /// In the order of time.
    pub marks: Vec<Mark>,
    /// The objective from these moments on, in the order of time.
    pub objective: Vec<(DateTime<Utc>, u64)>,
    /// What the objective is called.
    pub name: &'static str,
}

impl Chart {
    /// As an element.
    #[must_use]
    pub fn svg(&self) -> String {
        let (Some(first), Some(last)) = (self.marks.first(), self.marks.last()) else { return String::new() };
        let has_strip = self.marks.iter().any(|mark| mark.value.is_none());
        let foot = if has_strip { BOTTOM + STRIP } else { BOTTOM };
        let height = foot + WORDS;
        let across = across(first.at, last.at);
        let x = Scale::new((moment(across.0.timestamp_millis()), moment(across.1.timestamp_millis())), (LEFT, RIGHT));
        let x = |at: DateTime<Utc>| x.at(moment(at.timestamp_millis()));
        let largest = self.marks.iter().filter_map(|mark| mark.value).max();
        let objective = self.objective.iter().map(|(_, ms)| *ms).max();
        let far = objective
            .zip(largest.filter(|value| *value > 0))
            .is_some_and(|(objective, value)| objective > value.saturating_mul(FAR));
        let drawn = objective.filter(|_| !far);
        let top = largest.max(drawn).unwrap_or(0);
        let ticks = match self.unit {
            Unit::Time => ticks::durations(top),
            Unit::Share => ticks::shares(top),
        };
        let y = Scale::new((0.0, number(ticks.last().copied().unwrap_or(1))), (BOTTOM, TOP));
        let y = |value: u64| y.at(number(value));

        let mut svg = format!(
            "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n",
            escape(&self.label)
        );
        for tick in &ticks {
            let at = y(*tick);
            let _ = writeln!(
                svg,
                "<path class=\"rule\" d=\"M{LEFT} {at:.2}H{RIGHT}\"/><text class=\"y\" x=\"{}\" y=\"{:.2}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                at + 3.5,
                escape(&self.words(*tick))
            );
        }
        draw_dates(&mut svg, across, foot, &x);
        let _ = writeln!(svg, "<path class=\"frame\" d=\"M{LEFT} {TOP}V{foot}H{RIGHT}\"/>");
        if has_strip {
            let at = BOTTOM + STRIP / 2.0;
            let _ = writeln!(
                svg,
                "<path class=\"frame\" d=\"M{LEFT} {BOTTOM}H{RIGHT}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\">none</text>",
                LEFT - 6.0,
                at + 3.5
            );
        }
        if !far {
            self.draw_objective(&mut svg, &x, &y);
        }
        self.draw_marks(&mut svg, &x, &y);
        self.name_objective(&mut svg, far, &y);
        svg.push_str("</svg>");
        svg
    }

    fn draw_objective(&self, svg: &mut String, x: &dyn Fn(DateTime<Utc>) -> f64, y: &dyn Fn(u64) -> f64) {
        let Some((_, first)) = self.objective.first() else { return };
        let mut path = format!("M{LEFT} {:.2}", y(*first));
        for pair in self.objective.windows(2).filter(|pair| pair[0].1 != pair[1].1) {
            let _ = write!(path, "H{:.2}V{:.2}", x(pair[1].0), y(pair[1].1));
        }
        let _ = writeln!(svg, "<path class=\"objective\" d=\"{path}H{RIGHT}\"/>");
    }

    /// Over the marks, so that many of them do not hide it.
    fn name_objective(&self, svg: &mut String, far: bool, y: &dyn Fn(u64) -> f64) {
        let Some((_, last)) = self.objective.last() else { return };
        let (at, more) = if far { (TOP - 6.0, ", above this picture") } else { (y(*last) - 5.0, "") };
        let _ = writeln!(
            svg,
            "<text class=\"objective\" x=\"{RIGHT}\" y=\"{at:.2}\" text-anchor=\"end\">{} {}{more}</text>",
            escape(self.name),
            escape(&self.words(*last))
        );
    }

    fn draw_marks(&self, svg: &mut String, x: &dyn Fn(DateTime<Utc>) -> f64, y: &dyn Fn(u64) -> f64) {
        let trace: Vec<String> =
            self.marks.iter().filter_map(|mark| Some(format!("{:.2} {:.2}", x(mark.at), y(mark.value?)))).collect();
        if trace.len() > 1 {
            let _ = writeln!(svg, "<path class=\"trace\" d=\"M{}\"/>", trace.join("L"));
        }
        let size = if self.marks.len() > MANY { 0.7 } else { 1.0 };
        for mark in &self.marks {
            let at = x(mark.at);
            let place = mark.value.map_or(BOTTOM + STRIP / 2.0, y);
            if let Some(less) = mark.less.filter(|less| mark.value.is_some_and(|value| *less < value)) {
                let _ = writeln!(svg, "<path class=\"wait\" d=\"M{at:.2} {place:.2}V{:.2}\"/>", y(less));
            }
            let _ = writeln!(
                svg,
                "<g transform=\"translate({at:.2} {place:.2})\"><title>{}</title>{}</g>",
                escape(&mark.words),
                mark.shape.markup(size)
            );
        }
    }

    fn words(&self, value: u64) -> String {
        match self.unit {
            Unit::Time => phrase::ms(value),
            Unit::Share => format!("{} %", value / 10),
        }
    }
}

/// Ticks of time; where two would stand in each other's way, only the first has words.
fn draw_dates(svg: &mut String, across: (DateTime<Utc>, DateTime<Utc>), foot: f64, x: &dyn Fn(DateTime<Utc>) -> f64) {
    let mut free = 0.0;
    for (at, words) in dates(across.0, across.1) {
        let at = x(at);
        let _ = writeln!(svg, "<path class=\"frame\" d=\"M{at:.2} {foot}v4\"/>");
        let width = words.chars().count().min(20);
        let width = CHARACTER * f64::from(u32::try_from(width).unwrap_or(u32::MAX));
        let middle = at.clamp(LEFT + width / 2.0 - GAP, RIGHT - width / 2.0 + GAP);
        if middle - width / 2.0 < free {
            continue;
        }
        free = middle + width / 2.0 + GAP;
        let _ = writeln!(
            svg,
            "<text class=\"x\" x=\"{middle:.2}\" y=\"{}\" text-anchor=\"middle\">{words}</text>",
            foot + 16.0
        );
    }
}

/// The span of the picture: a little more than that of the marks, a day for one alone.
fn across(first: DateTime<Utc>, last: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let span = last - first;
    let more = if span < TimeDelta::minutes(10) { TimeDelta::hours(12) } else { span / 30 };
    (first - more, last + more)
}

/// What the shapes mean: these, in this order. `line`: what the line below a mark is; empty: there is none.
#[must_use]
pub fn legend(items: &[(Shape, &str)], line: &str) -> String {
    let mut markup = "<ul class=\"legend\">".to_owned();
    for (shape, words) in items {
        let _ = write!(
            markup,
            "<li><svg width=\"14\" height=\"14\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\">{}</svg>{}</li>",
            shape.markup(1.0),
            escape(words)
        );
    }
    if !line.is_empty() {
        let _ = write!(
            markup,
            "<li><svg width=\"14\" height=\"14\" viewBox=\"-7 -7 14 14\" aria-hidden=\"true\"><path class=\"wait\" d=\"M0 -6V6\"/></svg>{}</li>",
            escape(line)
        );
    }
    markup.push_str("</ul>");
    markup
}
