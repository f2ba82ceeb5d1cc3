//! Objectives against what was measured, and against what was expected.

use std::fmt::Write as _;

use crate::report::account::{Account, Objective};
use crate::report::phrase;

/// None: there is nothing to compare.
pub fn markup(account: &Account) -> Option<String> {
    let expected = expected(account);
    if account.objectives.is_empty() && expected.is_empty() {
        return None;
    }
    let mut out = String::new();
    for objective in &account.objectives {
        one(objective, &mut out);
    }
    if !expected.is_empty() {
        out.push_str("<p>Expected were</p><ul>");
        for (name, ms, measured) in expected {
            #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
            let ratio = |measured: u64| measured as f64 / ms.max(1) as f64;
            let ratio = measured
                .map_or_else(String::new, |it| format!("; it took {}, {:.2} times that", phrase::ms(it), ratio(it)));
            let _ = write!(out, "<li>{} {name}{ratio}</li>", phrase::ms(ms));
        }
        out.push_str("</ul>");
    }
    Some(out)
}

fn one(objective: &Objective, out: &mut String) {
    let judged = match objective.met {
        Some(true) => "<span class=\"good\">✓ met</span>",
        Some(false) => "<span class=\"bad\">✗ missed</span>",
        None => "<span class=\"muted\">not judged</span>",
    };
    let actual = objective.actual_ms.map_or_else(|| "not measured".to_owned(), phrase::ms);
    let limit = objective
        .objective_ms
        .map_or_else(|| format!("no {}", objective.name), |ms| format!("{} {}", objective.name, phrase::ms(ms)));
    let _ = write!(
        out,
        "<div class=\"objective\"><b>{}</b><span>{actual}</span><span>{limit}</span>{judged}{}</div>",
        objective.title,
        bar(objective)
    );
}

/// What was measured as a bar, the objective as a line across it.
fn bar(objective: &Objective) -> String {
    let (Some(limit), Some(actual)) = (objective.objective_ms, objective.actual_ms) else { return String::new() };
    let most = limit.max(actual);
    if most == 0 {
        return String::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "a place on a screen")]
    let percent = |ms: u64| ms as f64 / most as f64 * 96.0;
    let class = if objective.met == Some(false) { "missed" } else { "met" };
    let mut out = "<span class=\"meter\" aria-hidden=\"true\">".to_owned();
    let _ = write!(
        out,
        "<i class=\"{class}\" style=\"width:{:.1}%\"></i><b style=\"left:{:.1}%\"></b></span>",
        percent(actual),
        percent(limit)
    );
    out
}

/// What was expected, and what compares with it.
fn expected(account: &Account) -> Vec<(String, u64, Option<u64>)> {
    let mut rows = Vec::new();
    if let Some(drill) = &account.drill {
        let measured = drill.score.as_ref().and_then(|score| score.verified_ms);
        let predicted = drill.predicted;
        let drills = phrase::count(predicted.drills as usize, "earlier drill");
        rows.extend(predicted.p50_ms.map(|ms| (format!("of the recovery, the median of {drills}"), ms, measured)));
        rows.extend(
            predicted
                .p90_ms
                .map(|ms| (format!("of the recovery, what nine of ten of {drills} took at most"), ms, measured)),
        );
        rows.extend(predicted.rehearsed_ms.map(|ms| ("of the recovery, by its rehearsal".to_owned(), ms, measured)));
    }
    if let Some(run) = &account.run
        && run.summary.expected_ms > 0
    {
        let measured = run.summary.finished.map(|_| run.summary.elapsed_ms);
        rows.push((
            "of the run, by estimates and earlier runs of its steps".to_owned(),
            run.summary.expected_ms,
            measured,
        ));
    }
    rows
}
