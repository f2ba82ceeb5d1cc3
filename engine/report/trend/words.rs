//! Words that the text and the page of a history share.

use chrono::{DateTime, Utc};

use super::direction::{Direction, Word};
use super::group::Trend;
use super::measure::Measure;
use super::row::Kind;
use super::share::Share;
use super::{Filter, History};
use crate::report::phrase;

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// `3d ago`.
pub(super) fn age(ms: u64) -> String {
    match ms {
        0..HOUR => format!("{}m ago", ms / MINUTE),
        HOUR..TWO_DAYS => format!("{}h ago", ms / HOUR),
        _ => format!("{}d ago", ms / DAY),
    }
}

const TWO_DAYS: u64 = 2 * DAY;

/// `2026-11-20 03:05`.
pub(super) fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// `2026-11-20`.
pub(super) fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}

/// `12 %`, `0.4 %`.
pub(super) fn percent(per_mille: u64) -> String {
    match (per_mille / 10, per_mille % 10) {
        (0, tenths) if tenths > 0 => format!("0.{tenths} %"),
        (whole, _) => format!("{whole} %"),
    }
}

/// `3 drills, 1 run, 2026-03-01 to 2026-11-27 (UTC)`.
pub(super) fn extent(history: &History) -> String {
    let (drills, runs) = (history.count(Kind::Drill), history.count(Kind::Run));
    let mut parts = Vec::new();
    if drills > 0 || runs == 0 {
        parts.push(if drills == 0 { "no drills".to_owned() } else { phrase::count(drills, "drill") });
    }
    if runs > 0 || drills == 0 {
        parts.push(if runs == 0 { "no runs".to_owned() } else { phrase::count(runs, "run") });
    }
    if let (Some(first), Some(last)) = (history.records.first(), history.records.last()) {
        let (first, last) = (day(first.at), day(last.at));
        parts.push(if first == last { format!("{first} (UTC)") } else { format!("{first} to {last} (UTC)") });
    }
    parts.join(", ")
}

/// `only system nchat, since 2026-11-01 00:00 UTC`; none: everything.
pub(super) fn filter(filter: &Filter) -> Option<String> {
    let named = [("scenario", &filter.scenario), ("system", &filter.system), ("environment", &filter.environment)];
    let mut parts: Vec<String> =
        named.into_iter().filter_map(|(what, name)| Some(format!("{what} {}", name.as_ref()?))).collect();
    parts.extend(filter.since.map(|since| format!("since {} UTC", minute(since))));
    (!parts.is_empty()).then(|| format!("only {}", parts.join(", ")))
}

/// `12 of 14 recovered`, and what else there was.
pub(super) fn results(trend: &Trend) -> String {
    let tried = trend.recovered + trend.not_recovered;
    let recovered = if tried > 0 { format!("{} of {tried} recovered", trend.recovered) } else { String::new() };
    [recovered, rest(trend)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// What is neither recovered nor not: `1 control red, 2 without a result`.
pub(super) fn rest(trend: &Trend) -> String {
    let mut parts = Vec::new();
    if trend.controls_red > 0 {
        parts.push(format!("{} red", phrase::count(trend.controls_red, "control")));
    }
    if trend.controls_green > 0 {
        parts.push(format!("{} GREEN", phrase::count(trend.controls_green, "control")));
    }
    if trend.no_result > 0 {
        parts.push(format!("{} without a result", trend.no_result));
    }
    parts.join(", ")
}

/// `RTO 2m: met 11 of 12`.
pub(super) fn objective(measure: &Measure, name: &str) -> String {
    match measure.objective_ms {
        Some(ms) if measure.judged > 0 => {
            format!("{name} {}: met {} of {}", phrase::ms(ms), measure.met, measure.judged)
        }
        Some(ms) => format!("{name} {}", phrase::ms(ms)),
        None => format!("no {name}"),
    }
}

/// Of times of recovery.
pub(super) fn speed(direction: &Direction) -> String {
    direction.words("faster", "slower")
}

/// Of what should be little.
pub(super) fn amount(direction: &Direction) -> String {
    direction.words("less", "more")
}

/// True when a person should look at it.
pub(super) const fn is_worse(direction: &Direction) -> bool {
    matches!(direction.word, Word::Worse)
}

/// `2 of 41 (5 %)`, and how many of these a person does.
pub(super) fn steps_that_ask(share: &Share) -> String {
    let all = share.steps_with_people + share.steps_alone;
    match share.steps_per_mille() {
        Some(per_mille) => format!("{} of {all} ({})", share.steps_with_people, percent(per_mille)),
        None => "-".to_owned(),
    }
}

/// `1m 20s of 4m (31 %)`.
pub(super) fn time_waiting(share: &Share) -> String {
    match share.waiting_per_mille {
        Some(per_mille) => {
            let all = share.waiting_ms.saturating_add(share.working_ms);
            format!("{} of {} ({})", phrase::ms(share.waiting_ms), phrase::ms(all), percent(per_mille))
        }
        None => "-".to_owned(),
    }
}
