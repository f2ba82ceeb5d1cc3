//! The matrix of scenarios and systems.

use std::fmt::Write as _;

use super::super::cover::{Cell as Pair, Coverage, Last};
use super::super::row::Verdict;
use super::super::words;
use crate::report::page::{self, Cell, Tone, escape};

/// What a verdict is like.
pub(super) const fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Recovered => Tone::Good,
        Verdict::ObjectiveMissed => Tone::Warn,
        Verdict::NotRecovered | Verdict::ControlGreen => Tone::Bad,
        Verdict::ControlRed => Tone::Other,
        Verdict::NoResult => Tone::Plain,
    }
}

/// A verdict as a badge.
pub(super) fn badge(verdict: Verdict) -> String {
    page::badge(tone(verdict), &format!("{} {}", verdict.mark(), verdict.as_str()))
}

/// A row a scenario, a column a system.
pub(super) fn matrix(coverage: &Coverage) -> String {
    let mut head = vec!["scenario"];
    head.extend(coverage.systems.iter().map(String::as_str));
    let row = |scenario: &super::super::cover::Scenario| {
        let name =
            format!("{}<br><span class=\"muted plain\">{}</span>", escape(&scenario.name), escape(&scenario.title));
        let cells = coverage.systems.iter().map(|system| match coverage.cell(&scenario.name, system) {
            Some(pair) => Cell::markup(of_pair(pair)),
            None => Cell::text("·"),
        });
        std::iter::once(Cell::broken(name)).chain(cells).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<Cell>> = coverage.scenarios.iter().map(row).collect();
    let mut markup = page::table("Last drill of each scenario on each system", &head, &rows);
    if let Some(command) = coverage.never().next().and_then(|_| coverage.next()) {
        let _ = write!(markup, "<p>Drill next: <code>{}</code></p>", escape(&command));
    }
    markup
}

fn of_pair(pair: &Pair) -> String {
    let said = |last: &Last| format!("{} <span class=\"muted\">{}</span>", badge(last.verdict), line_of(last));
    match (&pair.drill, &pair.control, &pair.run) {
        (Some(last), _, _) => format!("{}<br><span class=\"muted\">of {}</span>", said(last), drills(pair.drills)),
        (None, Some(control), _) => format!("{}<br>{}", never(), said(control)),
        (None, None, Some(run)) => format!("{}<br>run: {}", never(), said(run)),
        (None, None, None) => never(),
    }
}

fn never() -> String {
    page::badge(Tone::Warn, "never drilled")
}

fn line_of(last: &Last) -> String {
    format!(
        "<span title=\"{}\">{}</span>",
        escape(&format!("{} UTC, {}", words::minute(last.at), last.id)),
        words::age(last.age_ms)
    )
}

fn drills(count: usize) -> String {
    crate::report::phrase::count(count, "drill")
}
