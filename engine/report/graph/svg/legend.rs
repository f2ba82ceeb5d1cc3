//! The head of a graph that stands alone, and what its signs mean: only those that occur.

use std::fmt::Write as _;

use super::markup::text;
use super::measure::{width, wrap};
use crate::model::effect::Effect;
use crate::model::outcome::Outcome;
use crate::report::graph::sign::Sign;
use crate::report::graph::{Graph, Standing, one_line};
use crate::template::quantity::format_duration;

/// A part of the file.
#[derive(Debug, Default)]
pub struct Part {
    /// Its elements.
    pub markup: String,
    /// Its height.
    pub height: f64,
}

const LINE: f64 = 16.0;

/// Title, system, times; of a run its verdict.
#[must_use]
pub fn head(graph: &Graph<'_>, room: f64) -> Part {
    let Graph { outline, verdict, .. } = *graph;
    let mut part = Part::default();
    let title = wrap(&one_line(&outline.title), 16.0, room, 3);
    for line in title {
        part.line("title", 19.0, &line);
    }
    let mut facts = vec![one_line(&outline.name)];
    facts.extend(outline.system.as_ref().map(|system| format!("system {}", one_line(system))));
    facts.extend(outline.environment.as_ref().map(|name| format!("environment {}", one_line(name))));
    if !outline.budget.expected.is_zero() {
        facts.push(format!("expected {}", format_duration(outline.budget.expected)));
    }
    facts.extend(outline.rto.map(|rto| format!("RTO {}", format_duration(rto))));
    for line in wrap(&facts.join(" · "), 11.5, room, 3).iter().chain(&verdict_lines(verdict, room)) {
        part.line("said", LINE, line);
    }
    part.height += 8.0;
    part
}

fn verdict_lines(verdict: Option<&str>, room: f64) -> Vec<String> {
    verdict.map(|verdict| wrap(&one_line(verdict), 11.5, room, 3)).unwrap_or_default()
}

impl Part {
    fn line(&mut self, class: &str, high: f64, said: &str) {
        self.height += high;
        let _ =
            write!(self.markup, "<text class=\"{class}\" x=\"2\" y=\"{:.1}\">{}</text>", self.height - 4.0, text(said));
    }
}

enum Shown {
    Sign(Sign, Option<Standing>),
    Line(&'static str),
}

/// What the signs mean.
#[must_use]
pub fn legend(graph: &Graph<'_>, room: f64) -> Part {
    let mut part = Part { height: 14.0, ..Part::default() };
    let (mut x, mut y) = (0.0, part.height + 8.0);
    for (shown, said) in entries(graph) {
        let wide = 30.0 + width(said, 11.5, false) + 14.0;
        if x > 0.0 && x + wide > room {
            (x, y) = (0.0, y + 20.0);
        }
        match shown {
            Shown::Sign(sign, standing) => sign.draw((x + 12.0, y), 8.0, standing, &mut part.markup),
            Shown::Line(class) => {
                let _ = write!(part.markup, "<path class=\"line {class}\" d=\"M{:.1} {y:.1}h20\"/>", x + 2.0);
            }
        }
        let _ = write!(part.markup, "<text class=\"said\" x=\"{:.1}\" y=\"{:.1}\">{said}</text>", x + 28.0, y + 4.0);
        x += wide;
    }
    part.height = y + 12.0;
    part
}

fn entries(graph: &Graph<'_>) -> Vec<(Shown, &'static str)> {
    let Graph { outline, marks, critical, .. } = *graph;
    let mut entries: Vec<(Shown, &'static str)> = Vec::new();
    let kept = || outline.steps.iter().filter(|step| step.pruned.is_none());
    if let Some(marks) = marks {
        for standing in Standing::ALL {
            let is_there = kept().any(|step| marks.step(&step.id).standing == standing);
            if is_there && standing != Standing::Ended(Outcome::Skipped) {
                entries.push((Shown::Sign(Sign::Ended(standing), Some(standing)), marks.word(standing)));
            }
        }
    } else {
        let effects = [
            (Effect::Read, Sign::Reads, "reads"),
            (Effect::Mutate, Sign::Changes, "changes something"),
            (Effect::Destroy, Sign::Destroys, "no way back"),
        ];
        for (effect, sign, said) in effects {
            if kept().any(|step| step.effect == Some(effect)) {
                entries.push((Shown::Sign(sign, None), said));
            }
        }
    }
    let is_skipped = |standing| standing == Standing::Ended(Outcome::Skipped);
    let any_skipped = outline
        .steps
        .iter()
        .any(|step| step.pruned.is_some() || marks.is_some_and(|marks| is_skipped(marks.step(&step.id).standing)));
    if any_skipped {
        entries.push((Shown::Sign(Sign::LeftOut, Some(Standing::Ended(Outcome::Skipped))), "skipped"));
    }
    if critical.len() > 1 {
        entries.push((Shown::Line("critical"), "critical path"));
    }
    if kept().any(|step| !step.fallback.is_empty()) {
        entries.push((Shown::Line("fails"), "if it fails"));
    }
    entries
}
