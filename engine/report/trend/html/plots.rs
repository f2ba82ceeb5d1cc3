//! The pictures of a trend: recovery time, data loss, and how much of the recovery people are.

use std::fmt::Write as _;

use super::super::group::Trend;
use super::super::row::{Row, Verdict};
use super::super::words;
use crate::report::page::escape;
use crate::report::phrase;
use crate::report::plot::{self, Chart, Mark, Shape, Unit};

/// What only this page has.
pub(super) const STYLE: &str = "\
.plain { font-weight: 400; }
.trend { break-inside: avoid; }
details { margin: 0.5rem 0; }
summary { cursor: pointer; color: var(--info); }
@media print { details:not([open]) { display: none; } }
";

const fn shape(verdict: Verdict) -> Shape {
    match verdict {
        Verdict::Recovered => Shape::Dot,
        Verdict::ObjectiveMissed => Shape::Triangle,
        Verdict::NotRecovered => Shape::Cross,
        Verdict::ControlRed => Shape::Square,
        Verdict::ControlGreen => Shape::Diamond,
        Verdict::NoResult => Shape::Ring,
    }
}

/// Those shapes that occur.
pub(super) fn legend(rows: &[Row]) -> String {
    let all = [
        (Verdict::Recovered, "recovered"),
        (Verdict::ObjectiveMissed, "recovered, the objective missed"),
        (Verdict::NotRecovered, "not recovered"),
        (Verdict::ControlRed, "control, red as it has to be"),
        (Verdict::ControlGreen, "control, green: proves nothing"),
        (Verdict::NoResult, "no result"),
    ];
    let items: Vec<(Shape, &str)> = all
        .into_iter()
        .filter(|(verdict, _)| rows.iter().any(|row| row.verdict == *verdict))
        .map(|(verdict, words)| (shape(verdict), words))
        .collect();
    let is_waiting = rows.iter().any(|row| row.verdict.is_recovered() && row.people_ms > 0);
    plot::legend(&items, if is_waiting { "waiting for people, of a recovery" } else { "" })
}

/// Every picture that has something to show.
pub(super) fn of(trend: &Trend, records: &[Row]) -> String {
    let rows: Vec<&Row> = records.iter().filter(|row| trend.has(row)).collect();
    let mut markup = "<div class=\"plots\">".to_owned();
    if let Some(recovery) = &trend.recovery {
        let label = format!(
            "Recovery time of {} on {}: {} values, last {}, p50 {}, {}",
            trend.scenario,
            trend.place(),
            recovery.spread.count,
            phrase::ms(recovery.spread.last_ms),
            phrase::ms(recovery.spread.p50_ms),
            words::objective(recovery, "RTO")
        );
        let chart = Chart {
            label,
            unit: Unit::Time,
            marks: rows.iter().map(|row| mark(row, row.recovery_ms, row.without_people_ms, row.rto_met)).collect(),
            objective: objective(&rows, |row| row.rto_ms),
            name: "RTO",
        };
        figure(&mut markup, "Recovery time", &chart);
    }
    if let Some(loss) = &trend.loss {
        let label = format!(
            "Data loss of {} on {}: {} values, last {}, worst {}, {}",
            trend.scenario,
            trend.place(),
            loss.spread.count,
            phrase::ms(loss.spread.last_ms),
            phrase::ms(loss.spread.worst_ms),
            words::objective(loss, "RPO")
        );
        let chart = Chart {
            label,
            unit: Unit::Time,
            marks: rows.iter().map(|row| mark(row, row.loss_ms, None, row.rpo_met)).collect(),
            objective: objective(&rows, |row| row.rpo_ms),
            name: "RPO",
        };
        figure(&mut markup, "Data loss", &chart);
    }
    if trend.people.waiting_ms > 0 {
        let label = format!("Waiting for people in recoveries of {} on {}", trend.scenario, trend.place());
        let share = |point: &super::super::SharePoint| Mark {
            at: point.at,
            value: Some(point.per_mille()),
            less: None,
            shape: Shape::Dot,
            words: format!(
                "{} UTC: {} of {} waiting for people ({})",
                words::minute(point.at),
                phrase::ms(point.waiting_ms),
                phrase::ms(point.waiting_ms.saturating_add(point.working_ms)),
                words::percent(point.per_mille())
            ),
        };
        let marks = trend.people.points.iter().map(share).collect();
        let chart = Chart { label, unit: Unit::Share, marks, objective: Vec::new(), name: "" };
        figure(&mut markup, "Waiting for people, of the recovery", &chart);
    }
    markup.push_str("</div>");
    if trend.recovery.is_none() {
        return "<p>Nothing was recovered, so there is no recovery time to show.</p>".to_owned();
    }
    markup
}

/// A value counts only where the system was recovered. `met`: whether the objective of this picture was.
fn mark(row: &Row, value: Option<u64>, less: Option<u64>, met: Option<bool>) -> Mark {
    let value = value.filter(|_| row.verdict.is_recovered());
    let measured = value.map_or_else(String::new, |ms| format!(", {}", phrase::ms(ms)));
    let people = match (value, less) {
        (Some(all), Some(less)) if less < all => format!(", {} of it waiting for people", phrase::ms(all - less)),
        _ => String::new(),
    };
    let fault = row.fault.as_ref().map_or_else(String::new, |fault| format!(", broken: {fault}"));
    Mark {
        at: row.at,
        value,
        less,
        shape: match (row.verdict.is_recovered(), met) {
            (true, Some(false)) => Shape::Triangle,
            (true, _) => Shape::Dot,
            (false, _) => shape(row.verdict),
        },
        words: format!("{} UTC: {}{measured}{people}{fault} ({})", words::minute(row.at), row.verdict.as_str(), row.id),
    }
}

fn objective(rows: &[&Row], of: fn(&Row) -> Option<u64>) -> Vec<(chrono::DateTime<chrono::Utc>, u64)> {
    rows.iter().filter_map(|row| Some((row.at, of(row)?))).collect()
}

fn figure(markup: &mut String, caption: &str, chart: &Chart) {
    let _ = writeln!(markup, "<figure><figcaption>{}</figcaption>{}</figure>", escape(caption), chart.svg());
}
