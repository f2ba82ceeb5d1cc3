//! A history for a terminal of any width.

use console::Style;

use super::cover::{Cell, Coverage};
use super::direction::Direction;
use super::grid::{self, number, words as column};
use super::group::Trend;
use super::measure::Measure;
use super::order;
use super::row::{Kind, Row, Verdict};
use super::spark;
use super::words;
use super::{Damaged, History, Overdue};
use crate::report::{phrase, visible};

/// Steps of each list.
const STEPS: usize = 8;
/// Of the newest drills and runs.
const NEWEST: usize = 8;
/// What is damaged, of which there may be much.
const DAMAGED: usize = 8;

/// How it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Columns.
    pub width: usize,
    /// With styles.
    pub colour: bool,
}

impl Look {
    fn heading(self, text: &str) -> String {
        if self.colour { Style::new().bold().apply_to(text).to_string() } else { text.to_owned() }
    }

    fn styled(self, style: &Style, text: String) -> String {
        if self.colour { style.apply_to(text).to_string() } else { text }
    }
}

/// Everything, a line each.
#[must_use]
pub fn text(history: &History, width: usize, colour: bool) -> Vec<String> {
    let look = Look { width, colour };
    let mut lines = vec![line(&format!("history of {}", words::extent(history)))];
    lines.extend(words::filter(&history.filter).map(|filter| line(&filter)));
    let sections = [
        ("recovery time and data loss", trends(history, look)),
        ("newest", newest(&history.records, look)),
        ("people and machines", people(&history.trends, look)),
        ("slowest steps", slowest(&history.trends, look)),
        ("steps whose attempts fail", flakiest(&history.trends, look)),
        ("last drill of each scenario on each system", coverage(&history.coverage, look)),
        ("overdue", history.overdue.as_deref().map(overdue).unwrap_or_default()),
        ("cannot be read", damaged(&history.damaged)),
    ];
    for (title, section) in sections {
        if !section.is_empty() {
            lines.extend([String::new(), look.heading(title)]);
            lines.extend(section);
        }
    }
    lines.extend(next(history));
    lines
}

/// Names and reasons are of others.
fn line(text: &str) -> String {
    visible::line(text).into_owned()
}

fn trends(history: &History, look: Look) -> Vec<String> {
    let head = [
        column("scenario"),
        column("where"),
        column("what"),
        number("recovered"),
        column("trend"),
        number("last"),
        number("p50"),
        number("p90"),
        number("best"),
        number("worst"),
        column("objective met"),
        column("direction"),
    ];
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for trend in &history.trends {
        let values = |of: fn(&Row) -> Option<u64>| spark::line(&values(trend, &history.records, of));
        let names = |what: &str| vec![line(&trend.scenario), line(&trend.place()), what.to_owned()];
        let mut row = names(if trend.kind == Kind::Run { "run" } else { "recovery" });
        row.push(format!("{}/{}", trend.recovered, trend.recovered + trend.not_recovered));
        let rest = words::rest(trend);
        if !rest.is_empty() {
            notes.push(format!("{} · {}: {rest}", line(&trend.scenario), place(trend)));
        }
        if let Some(recovery) = &trend.recovery {
            row.extend(figures(
                recovery,
                values(|row| row.recovery_ms),
                "RTO",
                words::speed(&recovery.direction),
                look,
            ));
        }
        row.resize(head.len(), String::new());
        rows.push(row);
        if let Some(loss) = &trend.loss {
            let mut row = names("data loss");
            row.push(String::new());
            row.extend(figures(loss, values(|row| row.loss_ms), "RPO", words::amount(&loss.direction), look));
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return Vec::new();
    }
    let mut lines = grid::lines(&head, &rows, 3, look.width);
    lines.extend(notes.iter().flat_map(|note| super::super::table::wrap(note, look.width)));
    lines
}

/// The system and its environment; runs say that they are some.
fn place(trend: &Trend) -> String {
    let runs = if trend.kind == Kind::Run { " runs" } else { "" };
    format!("{}{runs}", line(&trend.place()))
}

/// In the order of time; what was not recovered has no value, and is seen.
fn values(trend: &Trend, records: &[Row], of: fn(&Row) -> Option<u64>) -> Vec<Option<u64>> {
    let rows = records.iter().filter(|row| trend.has(row) && row.verdict.is_result());
    rows.map(|row| of(row).filter(|_| row.verdict.is_recovered())).collect()
}

fn figures(measure: &Measure, trend: String, objective: &str, direction: String, look: Look) -> Vec<String> {
    let spread = &measure.spread;
    let mut cells = vec![trend];
    cells.extend([spread.last_ms, spread.p50_ms, spread.p90_ms, spread.best_ms, spread.worst_ms].map(phrase::ms));
    let met = match measure.objective_ms {
        Some(ms) => format!("{}/{} {objective} {}", measure.met, measure.judged, phrase::ms(ms)),
        None => "-".to_owned(),
    };
    let is_missed = measure.met < measure.judged;
    cells.push(if is_missed { look.styled(&Style::new().yellow(), met) } else { met });
    cells.push(toned(&measure.direction, direction, look));
    cells
}

fn toned(direction: &Direction, text: String, look: Look) -> String {
    if words::is_worse(direction) { look.styled(&Style::new().yellow(), text) } else { text }
}

fn newest(rows: &[Row], look: Look) -> Vec<String> {
    let head = [
        column("began (UTC)"),
        column("scenario"),
        column("where"),
        column("broken"),
        column("result"),
        number("recovery"),
        number("data loss"),
    ];
    let cells = |row: &Row| {
        let kind = if row.kind == Kind::Run { "a run" } else { row.fault.as_deref().unwrap_or_default() };
        let measured = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), phrase::ms);
        vec![
            words::minute(row.at),
            line(&row.scenario),
            line(&super::group::place(row.system.as_deref(), row.environment.as_deref())),
            line(kind),
            verdict(row.verdict, &row.ended, look),
            measured(row.recovery_ms),
            measured(row.loss_ms),
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().rev().take(NEWEST).map(cells).collect();
    if rows.is_empty() { Vec::new() } else { grid::lines(&head, &rows, 3, look.width) }
}

fn verdict(verdict: Verdict, ended: &str, look: Look) -> String {
    let text = match verdict {
        Verdict::NoResult => format!("{} {}: {}", verdict.mark(), verdict.as_str(), line(ended)),
        verdict => format!("{} {}", verdict.mark(), verdict.as_str()),
    };
    look.styled(&style(verdict), text)
}

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Recovered | Verdict::ControlRed => Style::new().green(),
        Verdict::ObjectiveMissed => Style::new().yellow(),
        Verdict::NotRecovered | Verdict::ControlGreen => Style::new().red(),
        Verdict::NoResult => Style::new().dim(),
    }
}

fn people(trends: &[Trend], look: Look) -> Vec<String> {
    let head = [
        column("scenario"),
        column("where"),
        column("steps that ask"),
        column("time waiting"),
        column("direction"),
        number("p50 without"),
        number("p90 without"),
    ];
    let cells = |trend: &Trend| {
        let without = trend.recovery.as_ref().and_then(|recovery| recovery.without_people);
        let figure = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), phrase::ms);
        vec![
            line(&trend.scenario),
            place(trend),
            words::steps_that_ask(&trend.people),
            words::time_waiting(&trend.people),
            toned(&trend.people.direction, words::amount(&trend.people.direction), look),
            figure(without.map(|it| it.p50_ms)),
            figure(without.map(|it| it.p90_ms)),
        ]
    };
    let has_people = |trend: &&Trend| trend.people.steps_with_people > 0 || trend.people.waiting_ms > 0;
    let rows: Vec<Vec<String>> = trends.iter().filter(has_people).map(cells).collect();
    match (rows.is_empty(), trends.iter().any(|trend| !trend.steps.is_empty())) {
        (true, true) => vec!["no step asked anybody".to_owned()],
        (true, false) => Vec::new(),
        (false, _) => grid::lines(&head, &rows, 2, look.width),
    }
}

fn slowest(trends: &[Trend], look: Look) -> Vec<String> {
    let head =
        [column("step"), column("of"), number("p50"), number("p90"), number("worst"), number("times"), column("")];
    let rows: Vec<Vec<String>> = order::slowest(trends)
        .into_iter()
        .filter_map(|(trend, step)| {
            let took = step.took?;
            let mut row = vec![line(&step.step), of(trend)];
            row.extend([took.p50_ms, took.p90_ms, took.worst_ms].map(phrase::ms));
            row.extend([
                took.count.to_string(),
                if step.manual { "a person does it".to_owned() } else { String::new() },
            ]);
            Some(row)
        })
        .take(STEPS)
        .collect();
    if rows.is_empty() { Vec::new() } else { grid::lines(&head, &rows, 2, look.width) }
}

fn flakiest(trends: &[Trend], look: Look) -> Vec<String> {
    let head = [column("step"), column("of"), column("failed attempts"), column("times it happened")];
    let cells = |(trend, step): (&Trend, &super::StepTrend)| {
        let share = step.failed_per_mille().map_or_else(String::new, |it| format!(" ({})", words::percent(it.into())));
        vec![
            line(&step.step),
            of(trend),
            format!("{} of {}{share}", step.failed_attempts, step.attempts),
            format!("{} of {}", step.runs_with_failures, step.runs),
        ]
    };
    let rows: Vec<Vec<String>> = order::flakiest(trends).into_iter().take(STEPS).map(cells).collect();
    if rows.is_empty() { Vec::new() } else { grid::lines(&head, &rows, 2, look.width) }
}

fn of(trend: &Trend) -> String {
    let run = if trend.kind == Kind::Run { " runs" } else { "" };
    line(&format!("{} {}{run}", trend.scenario, trend.place()))
}

fn coverage(coverage: &Coverage, look: Look) -> Vec<String> {
    if coverage.scenarios.is_empty() {
        return Vec::new();
    }
    let systems: Vec<String> = coverage.systems.iter().map(|name| line(name)).collect();
    let mut head = vec![column("scenario")];
    head.extend(systems.iter().map(|name| column(name)));
    let row = |scenario: &super::cover::Scenario| {
        let cells = coverage.systems.iter().map(|system| match coverage.cell(&scenario.name, system) {
            Some(cell) => of_cell(cell, look),
            None => "·".to_owned(),
        });
        std::iter::once(line(&scenario.name)).chain(cells).collect()
    };
    let rows: Vec<Vec<String>> = coverage.scenarios.iter().map(row).collect();
    let mut lines = grid::lines(&head, &rows, 1, look.width);
    let legend = "✓ recovered, ! objective missed, ✗ not recovered, □ only a control, · not together";
    lines.extend(super::super::table::wrap(legend, look.width));
    let oldest =
        coverage.cells.iter().filter_map(|cell| Some((cell, cell.drill.as_ref()?))).min_by_key(|(_, last)| last.at);
    if let Some((cell, last)) = oldest {
        lines.push(line(&format!(
            "drilled longest ago: {} on {}, {}",
            cell.scenario,
            cell.system,
            words::age(last.age_ms)
        )));
    }
    lines
}

fn of_cell(cell: &Cell, look: Look) -> String {
    let said = |last: &super::cover::Last| format!("{} {}", last.verdict.mark(), words::age(last.age_ms));
    match (&cell.drill, &cell.control, &cell.run) {
        (Some(last), _, _) => look.styled(&style(last.verdict), said(last)),
        (None, Some(control), _) => look.styled(&Style::new().yellow(), format!("never; {}", said(control))),
        (None, None, Some(run)) => look.styled(&Style::new().yellow(), format!("never; run {}", said(run))),
        (None, None, None) => look.styled(&Style::new().yellow(), "never".to_owned()),
    }
}

fn overdue(rows: &[Overdue]) -> Vec<String> {
    if rows.is_empty() {
        return vec!["nothing".to_owned()];
    }
    let one = |row: &Overdue| {
        let system = row.system.as_ref().map_or_else(String::new, |name| format!(" on {name}"));
        let missed = if row.missed > 1 { format!(", missed {} times", row.missed) } else { String::new() };
        line(&format!("{}{system}: due {} UTC{missed}: {}", row.scenario, words::minute(row.due), row.command))
    };
    rows.iter().map(one).collect()
}

fn damaged(damaged: &[Damaged]) -> Vec<String> {
    let one = |one: &Damaged| line(&format!("{} {}: {}", one.kind.as_str(), one.id, one.why));
    let mut lines: Vec<String> = damaged.iter().take(DAMAGED).map(one).collect();
    if damaged.len() > DAMAGED {
        lines.push(format!("and {} more", damaged.len() - DAMAGED));
    }
    lines
}

/// What to do next, where that is known.
fn next(history: &History) -> Vec<String> {
    let never = history.coverage.never().count();
    let is_empty = history.records.is_empty();
    let command = history.coverage.next();
    let text = match (is_empty, command) {
        (true, Some(command)) => format!("drill something: {command}"),
        (true, None) => format!(
            "nothing is recorded in {} or {}; a drill is the beginning: runbook drill run FILE",
            history.places.drills, history.places.runs
        ),
        (false, Some(command)) if never > 0 => format!("never drilled: {command}"),
        _ => return Vec::new(),
    };
    vec![String::new(), line(&text)]
}
