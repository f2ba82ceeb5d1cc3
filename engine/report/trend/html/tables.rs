//! Tables of a history: trends, people, drills and runs.

use super::super::group::{Trend, place};
use super::super::measure::Measure;
use super::super::row::{Kind, Row};
use super::super::words;
use super::cover::badge;
use crate::report::page::{self, Cell, Tone, escape};
use crate::report::phrase;

/// Two rows a trend.
pub(super) fn trends(trends: &[Trend]) -> String {
    let head = ["scenario", "where", "what", "last", "p50", "p90", "best", "worst", "objective", "direction"];
    let mut rows = Vec::new();
    for trend in trends {
        let mut add = |what: &str, measure: &Measure, objective: &str, direction: String| {
            let spread = &measure.spread;
            let mut row = vec![
                Cell::text(&trend.scenario),
                Cell::text(&format!("{}, {}s", trend.place(), trend.kind.as_str())),
                Cell::markup(what),
            ];
            let figures = [spread.last_ms, spread.p50_ms, spread.p90_ms, spread.best_ms, spread.worst_ms];
            row.extend(figures.map(|ms| Cell::number(&phrase::ms(ms))));
            row.push(Cell::markup(objective_of(measure, objective)));
            row.push(Cell::markup(toned(words::is_worse(&measure.direction), &direction)));
            rows.push(row);
        };
        if let Some(recovery) = &trend.recovery {
            add("recovery time", recovery, "RTO", words::speed(&recovery.direction));
        }
        if let Some(loss) = &trend.loss {
            add("data loss", loss, "RPO", words::amount(&loss.direction));
        }
    }
    if rows.is_empty() {
        return "<p>Nothing was recovered yet.</p>".to_owned();
    }
    page::table("Recovery time and data loss", &head, &rows)
}

fn objective_of(measure: &Measure, name: &str) -> String {
    toned(measure.met < measure.judged, &words::objective(measure, name))
}

fn toned(needs_attention: bool, text: &str) -> String {
    let text = escape(text);
    if needs_attention { format!("<span class=\"{}\">{text}</span>", Tone::Warn.class()) } else { text.into_owned() }
}

/// A row a trend.
pub(super) fn people(trends: &[Trend]) -> String {
    let head = [
        "scenario",
        "where",
        "steps that ask",
        "of these, a person does",
        "time waiting",
        "direction",
        "p50 without",
        "p90 without",
    ];
    let cells = |trend: &Trend| {
        let share = &trend.people;
        let without = trend.recovery.as_ref().and_then(|recovery| recovery.without_people);
        let figure = |ms: Option<u64>| Cell::number(&ms.map_or_else(|| "-".to_owned(), phrase::ms));
        vec![
            Cell::text(&trend.scenario),
            Cell::text(&format!("{}, {}s", trend.place(), trend.kind.as_str())),
            Cell::number(&words::steps_that_ask(share)),
            Cell::number(&share.steps_manual.to_string()),
            Cell::number(&words::time_waiting(share)),
            Cell::markup(toned(words::is_worse(&share.direction), &words::amount(&share.direction))),
            figure(without.map(|it| it.p50_ms)),
            figure(without.map(|it| it.p90_ms)),
        ]
    };
    let has_steps = |trend: &&Trend| trend.people.steps_with_people + trend.people.steps_alone > 0;
    let rows: Vec<Vec<Cell>> = trends.iter().filter(has_steps).map(cells).collect();
    if rows.is_empty() {
        return "<p>No step was carried out yet.</p>".to_owned();
    }
    page::table("People and machines", &head, &rows)
}

/// A row a drill or run.
pub(super) fn records<'r>(records: impl Iterator<Item = &'r Row>) -> String {
    let head = [
        "began (UTC)",
        "scenario",
        "where",
        "broken",
        "result",
        "recovery time",
        "without people",
        "RTO",
        "data loss",
        "RPO",
        "why",
        "id",
    ];
    let cells = |row: &Row| {
        let measured = |ms: Option<u64>| Cell::number(&ms.map_or_else(|| "-".to_owned(), phrase::ms));
        let met = |met: Option<bool>, objective: Option<u64>| {
            let word = match met {
                Some(true) => " met",
                Some(false) => " MISSED",
                None => "",
            };
            let text = objective.map_or_else(|| "-".to_owned(), |ms| format!("{}{word}", phrase::ms(ms)));
            Cell::markup(toned(met == Some(false), &text))
        };
        let result = if row.verdict.is_result() || row.control {
            badge(row.verdict)
        } else {
            format!("{} <span class=\"muted\">{}</span>", badge(row.verdict), escape(&row.ended))
        };
        vec![
            Cell::markup(escape(&words::minute(row.at)).into_owned()),
            Cell::text(&row.scenario),
            Cell::text(&place(row.system.as_deref(), row.environment.as_deref())),
            Cell::text(if row.kind == Kind::Run { "a real run" } else { row.fault.as_deref().unwrap_or("-") }),
            Cell::markup(result),
            measured(row.recovery_ms),
            measured(row.without_people_ms),
            met(row.rto_met, row.rto_ms),
            measured(row.loss_ms),
            met(row.rpo_met, row.rpo_ms),
            Cell::text(row.why.as_deref().unwrap_or_default()),
            Cell::markup(format!("<code>{}</code>", escape(&row.id))),
        ]
    };
    let rows: Vec<Vec<Cell>> = records.map(cells).collect();
    page::table("Drills and runs", &head, &rows)
}
