//! Which steps are slow, which fail, and all of them.

use std::fmt::Write as _;

use super::super::group::Trend;
use super::super::order;
use super::super::row::Kind;
use super::super::step::StepTrend;
use super::super::words;
use crate::report::page::{self, Cell, escape};
use crate::report::phrase;

/// Of each list.
const LISTED: usize = 12;

/// The slowest, the flakiest, and each trend's own.
pub(super) fn sections(trends: &[Trend]) -> String {
    let slowest = order::slowest(trends);
    if slowest.is_empty() && trends.iter().all(|trend| trend.steps.is_empty()) {
        return "<p>No step was carried out yet.</p>".to_owned();
    }
    let mut markup = "<h3>The slowest</h3>".to_owned();
    let head = ["step", "of", "p50", "p90", "worst", "times", "people"];
    let rows: Vec<Vec<Cell>> = slowest.iter().take(LISTED).map(|(trend, step)| slow(trend, step)).collect();
    markup.push_str(&page::table("The slowest steps", &head, &rows));
    let flakiest = order::flakiest(trends);
    markup.push_str("<h3>Attempts that fail</h3>");
    if flakiest.is_empty() {
        markup.push_str("<p>None.</p>");
    } else {
        let head = ["step", "of", "failed attempts", "share", "times it happened"];
        let rows: Vec<Vec<Cell>> = flakiest.iter().take(LISTED).map(|(trend, step)| flaky(trend, step)).collect();
        markup.push_str(&page::table("Steps whose attempts fail", &head, &rows));
    }
    for trend in trends.iter().filter(|trend| !trend.steps.is_empty()) {
        let _ = write!(
            markup,
            "<details><summary>All {} of {}</summary>{}</details>",
            phrase::count(trend.steps.len(), "step"),
            escape(&of(trend)),
            all(trend)
        );
    }
    markup
}

fn of(trend: &Trend) -> String {
    let run = if trend.kind == Kind::Run { ", runs" } else { "" };
    format!("{} {}{run}", trend.scenario, trend.place())
}

/// The id, and below it what it is called.
fn name(step: &StepTrend) -> Cell {
    let title = if step.title == step.step {
        String::new()
    } else {
        format!("<br><span class=\"muted plain\">{}</span>", escape(&step.title))
    };
    // A narrow column breaks between the parts of an id.
    Cell::broken(format!("{}{title}", escape(&step.step).replace('/', "/<wbr>")))
}

fn figures(step: &StepTrend) -> [Cell; 4] {
    let number = |value: Option<String>| Cell::number(&value.unwrap_or_else(|| "-".to_owned()));
    let took = step.took.as_ref();
    [
        number(took.map(|it| phrase::ms(it.p50_ms))),
        number(took.map(|it| phrase::ms(it.p90_ms))),
        number(took.map(|it| phrase::ms(it.worst_ms))),
        number(Some(step.runs.to_string())),
    ]
}

fn people(step: &StepTrend) -> Cell {
    let text = match (step.manual, step.asked) {
        (true, _) => "a person does it".to_owned(),
        (false, 0) => String::new(),
        (false, asked) => format!("asked {}", phrase::times(u32::try_from(asked).unwrap_or(u32::MAX))),
    };
    let waited = if step.waited_ms > 0 { format!("{text}, {} in all", phrase::ms(step.waited_ms)) } else { text };
    Cell::text(&waited)
}

fn slow(trend: &Trend, step: &StepTrend) -> Vec<Cell> {
    let mut row = vec![name(step), Cell::text(&of(trend))];
    row.extend(figures(step));
    row.push(people(step));
    row
}

fn flaky(trend: &Trend, step: &StepTrend) -> Vec<Cell> {
    vec![
        name(step),
        Cell::text(&of(trend)),
        Cell::number(&format!("{} of {}", step.failed_attempts, step.attempts)),
        Cell::number(&share(step)),
        Cell::number(&format!("{} of {}", step.runs_with_failures, step.runs)),
    ]
}

fn share(step: &StepTrend) -> String {
    step.failed_per_mille().map_or_else(|| "-".to_owned(), |it| words::percent(it.into()))
}

fn all(trend: &Trend) -> String {
    let cells = |step: &StepTrend| {
        let mut row = vec![name(step)];
        row.extend(figures(step));
        row.extend([Cell::number(&share(step)), people(step)]);
        row
    };
    let rows: Vec<Vec<Cell>> = trend.steps.iter().map(cells).collect();
    page::table(&of(trend), &["step", "p50", "p90", "worst", "times", "failed attempts", "people"], &rows)
}
