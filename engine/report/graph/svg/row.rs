//! The row of a step: its name, what is special about it, its title, and at the right what it takes or how it ended.

use std::fmt::Write as _;

use super::knots::What;
use super::markup::{attribute, text};
use super::measure::{cut, width, wrap};
use crate::model::effect::Effect;
use crate::model::outcome::Outcome;
use crate::plan::{NodeIx, Outline, OutlineStep};
use crate::report::graph::layout::{RADIUS, Spot};
use crate::report::graph::marks::Path;
use crate::report::graph::{Marks, Standing, one_line, sign};
use crate::report::phrase;
use crate::template::quantity::format_duration;

const NAME: f64 = 13.0;
const SMALL: f64 = 11.5;
const TINY: f64 = 10.5;
/// Of a row of one line.
const HIGH: f64 = 22.0;
/// Of each further line.
const LINE: f64 = 15.0;
/// Around the text of a flag.
const PILL: f64 = 10.0;
/// Between two things in a line.
const SPACE: f64 = 6.0;
/// No title takes more lines.
const LINES: usize = 2;

/// What a row says.
#[derive(Clone, Debug)]
pub struct Row {
    name: String,
    standing: Option<Standing>,
    sign: sign::Sign,
    /// Marks beside the name, or below it where they do not fit: the line, its place, its text.
    flags: Vec<(usize, f64, &'static str)>,
    /// Right of the name, where it fits.
    beside: Option<String>,
    end: Option<String>,
    below: Vec<String>,
    is_left_out: bool,
    tip: String,
    is_on_path: bool,
}

/// Everything that rows are made of.
pub struct Rows<'a> {
    /// The plan.
    pub outline: &'a Outline,
    /// How its steps ended.
    pub marks: Option<&'a Marks>,
    /// What took longest.
    pub path: &'a Path,
}

impl Rows<'_> {
    /// The row of a knot that has so much room.
    #[must_use]
    pub fn row(&self, what: What, room: f64) -> Row {
        match what {
            What::Step(ix) => self.step(ix, room),
            What::Finally(_) => plain("finally", "whatever happened", room),
            What::Fallback(ix) => {
                let step = self.outline.step(ix);
                let name = format!("fallback of {}", one_line(&step.name));
                if step.fallback.iter().any(|member| !self.is_left_out(*member)) {
                    return plain(&name, "if it fails", room);
                }
                Row { sign: sign::Sign::LeftOut, is_left_out: true, ..plain(&name, "not needed", room) }
            }
        }
    }

    /// True for what does not run, or did not.
    #[must_use]
    pub fn is_left_out(&self, ix: NodeIx) -> bool {
        let step = self.outline.step(ix);
        let skipped = |marks: &Marks| marks.step(&step.id).standing == Standing::Ended(Outcome::Skipped);
        step.pruned.is_some() || self.marks.is_some_and(skipped)
    }

    fn step(&self, ix: NodeIx, room: f64) -> Row {
        let step = self.outline.step(ix);
        let mark = self.marks.map(|marks| (marks, marks.step(&step.id)));
        let pruned = step.pruned.as_ref().map(crate::model::outcome::SkipReason::describe);
        let standing = match &mark {
            Some((_, mark)) if mark.standing == Standing::NotStarted && pruned.is_some() => {
                Some(Standing::Ended(Outcome::Skipped))
            }
            Some((_, mark)) => Some(mark.standing),
            None => pruned.as_ref().map(|_| Standing::Ended(Outcome::Skipped)),
        };
        let end = match (&mark, standing) {
            (_, Some(Standing::Ended(Outcome::Skipped))) => Some("skipped".to_owned()),
            (Some((marks, mark)), Some(standing)) => {
                let took = mark.took_ms.map_or_else(String::new, |ms| format!(" {}", phrase::ms(ms)));
                Some(format!("{}{took}", marks.word(standing)))
            }
            _ => self.outline.takes(ix).map(format_duration),
        };
        let title = mark.as_ref().and_then(|(_, mark)| mark.title.clone()).unwrap_or_else(|| step.title.clone());
        let why = mark.as_ref().and_then(|(_, mark)| mark.skipped.clone()).or(pruned);
        let title = if title == step.id.0 { String::new() } else { title };
        let said = one_line(why.as_deref().unwrap_or(&title));
        let mut row = Row {
            sign: sign::Sign::of(step, self.marks.is_some().then_some(standing).flatten()),
            standing,
            is_left_out: self.is_left_out(ix),
            is_on_path: self.marks.is_some() && step.members.is_none() && self.path.holds(ix),
            tip: format!("{}: {}{}", one_line(&step.id.0), one_line(&title), tip(step)),
            ..plain(&one_line(&step.name), "", room)
        };
        row.fill(step, end, &said, room);
        row
    }
}

fn tip(step: &OutlineStep) -> String {
    let effect = step.effect.map_or_else(String::new, |effect| format!(", {}", phrase::effect(effect)));
    format!(" ({}{effect})", step.kind)
}

fn plain(name: &str, beside: &str, room: f64) -> Row {
    let name = cut(name, NAME, room, true);
    let begun = width(&name, NAME, true) + SPACE;
    Row {
        beside: Some(beside.to_owned()).filter(|said| !said.is_empty() && begun + width(said, SMALL, false) <= room),
        name,
        standing: None,
        sign: sign::Sign::List,
        flags: Vec::new(),
        end: None,
        below: Vec::new(),
        is_left_out: false,
        tip: String::new(),
        is_on_path: false,
    }
}

impl Row {
    /// The room that it takes.
    #[must_use]
    pub fn height(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few lines")]
        let lines = self.lines() as f64;
        HIGH + lines * LINE + if lines > 0.0 { 3.0 } else { 0.0 }
    }

    /// Further lines.
    fn lines(&self) -> usize {
        self.below.len() + usize::from(self.flags.iter().any(|(line, ..)| *line > 0))
    }

    fn fill(&mut self, step: &OutlineStep, end: Option<String>, said: &str, room: f64) {
        let name = one_line(&step.name);
        let mut right = end.as_ref().map_or(0.0, |end| width(end, SMALL, false) + SPACE);
        let flags = flags(step);
        let wide = |flag: &&str| width(flag, TINY, true) + PILL + SPACE / 2.0;
        let all: f64 = flags.iter().map(wide).sum();
        let fits = width(&name, NAME, true) + SPACE + all + right <= room;
        let mut at = if fits { room - right - all } else { 0.0 };
        for flag in flags {
            self.flags.push((usize::from(!fits), at, flag));
            at += wide(&flag);
        }
        right += if fits { all } else { 0.0 };
        self.name = cut(&name, NAME, (room - right).max(40.0), true);
        self.end = end;
        let begun = width(&self.name, NAME, true) + SPACE;
        self.beside = None;
        if said.is_empty() || said == step.name {
            return;
        }
        if begun + width(said, SMALL, false) + right <= room {
            self.beside = Some(said.to_owned());
        } else {
            self.below = wrap(said, SMALL, room, LINES);
        }
    }

    /// Draws it.
    pub fn draw(&self, spot: &Spot, out: &mut String) {
        let class = self.standing.map_or_else(String::new, |standing| format!(" {}", standing.class()));
        let left_out = if self.is_left_out { " left-out" } else { "" };
        let _ = write!(out, "<g class=\"row{left_out}\">");
        if !self.tip.is_empty() {
            let _ = write!(out, "<title>{}</title>", text(&self.tip));
        }
        if self.is_on_path {
            let _ = write!(out, "<circle class=\"on-path\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"10\"/>", spot.x, spot.y);
        }
        self.sign.draw((spot.x, spot.y), RADIUS, self.standing, out);
        let base = spot.y + 4.5;
        let _ = write!(
            out,
            "<text x=\"{:.1}\" y=\"{base:.1}\"><tspan class=\"name\">{}</tspan>",
            spot.label,
            text(&self.name)
        );
        if let Some(said) = &self.beside {
            let _ = write!(out, "<tspan class=\"said\" dx=\"{SPACE}\">{}</tspan>", text(said));
        }
        out.push_str("</text>");
        for (line, at, flag) in &self.flags {
            let down = if *line == 0 { 0.0 } else { LINE };
            let (x, y) = (spot.label + at, spot.y + down);
            let wide = width(flag, TINY, true) + PILL;
            let _ = write!(
                out,
                "<rect class=\"flag {}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"14\" rx=\"7\"/>",
                attribute(flag),
                x,
                y - 7.5
            );
            let _ = write!(
                out,
                "<text class=\"flag-text {}\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                attribute(flag),
                x + wide / 2.0,
                y + 3.2,
                text(flag)
            );
        }
        if let Some(end) = &self.end {
            let _ =
                write!(out, "<text class=\"end{class}\" x=\"{:.1}\" y=\"{base:.1}\">{}</text>", spot.right, text(end));
        }
        let mut y = base + LINE + if self.lines() > self.below.len() { LINE } else { 0.0 };
        for line in &self.below {
            write_text(out, "said", (spot.label, y), line);
            y += LINE;
        }
        out.push_str("</g>");
    }
}

/// What a person looks for before a run: the points of no return, and where somebody is needed.
fn flags(step: &OutlineStep) -> Vec<&'static str> {
    let mut flags = Vec::new();
    if step.pruned.is_some() {
        return flags;
    }
    flags.extend((step.effect == Some(Effect::Destroy)).then_some("destroys"));
    flags.extend(step.approvals.map(|_| "approval"));
    flags.extend(step.asks.then_some("asks"));
    flags.extend((step.kind == "manual").then_some("by hand"));
    flags
}

fn write_text(out: &mut String, class: &str, (x, y): (f64, f64), said: &str) {
    let _ = write!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", text(said));
}
