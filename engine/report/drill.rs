//! A drill for people and for machines: its facts as they come, then what was measured.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use console::Style;
use serde_json::{Value, json};

use super::{phrase, visible};
use crate::model::drill::{DrillFact, Prediction, Scorecard, Stage, StoreLoss};
use crate::model::entry::{Entry, Record};

/// Slowest steps that are shown.
const SLOWEST: usize = 8;

fn facts(records: &[Record]) -> impl Iterator<Item = (&Record, &DrillFact)> {
    records.iter().filter_map(|record| match &record.entry {
        Entry::Drill { fact } => Some((record, fact.as_ref())),
        _ => None,
    })
}

/// A fact as it comes, a line each.
#[must_use]
pub fn fact(record: &Record) -> Vec<String> {
    let Entry::Drill { fact } = &record.entry else { return Vec::new() };
    let lines = match fact.as_ref() {
        DrillFact::Started {
            lab_title,
            title,
            system,
            environment,
            fault,
            control,
            predicted,
            stand_ins,
            gcloud,
            ..
        } => {
            let control = if *control { " · control: nothing is recovered" } else { "" };
            let mut lines = vec![
                title.clone(),
                format!("drill in lab {lab_title} · system {system} in {environment} · broken: {fault}{control}"),
            ];
            lines.push(expected(*predicted));
            lines.extend(stand_ins.iter().map(|text| format!("stand-in: {text}")));
            lines.extend(gcloud.as_ref().map(|client| match client.as_str() {
                "gcloud" => "the cloud is a stand-in; the client is the real gcloud".to_owned(),
                _ => "the cloud is a stand-in, and so is its client".to_owned(),
            }));
            lines.push(String::new());
            lines
        }
        DrillFact::StageStarted { stage } if *stage != Stage::Report => {
            vec![format!("{:>2}/10 {}", stage.number(), stage.title())]
        }
        DrillFact::StageFinished { why: Some(why), elapsed_ms, .. } => {
            vec![format!("      FAILED after {}: {why}", phrase::ms(*elapsed_ms))]
        }
        DrillFact::StageFinished { stage: Stage::Report, why: None, .. } => Vec::new(),
        DrillFact::StageFinished { why: None, elapsed_ms, .. } => vec![format!("      {}", phrase::ms(*elapsed_ms))],
        DrillFact::FaultPlanned { title, deeds, .. } => std::iter::once(format!("      {title}"))
            .chain(deeds.iter().map(|deed| format!("      $ {deed}")))
            .collect(),
        DrillFact::FaultUndone { why: Some(why), .. } => {
            vec![format!("      the fault could not be taken back: {why}")]
        }
        _ => Vec::new(),
    };
    lines.into_iter().map(|line| visible::block(&line).into_owned()).collect()
}

/// What is expected, before anything is done.
fn expected(predicted: Prediction) -> String {
    let mut parts = Vec::new();
    if let (Some(p50), Some(p90)) = (predicted.p50_ms, predicted.p90_ms) {
        let drills = phrase::count(predicted.drills as usize, "earlier drill");
        parts.push(format!("p50 {}, p90 {} of {drills}", phrase::ms(p50), phrase::ms(p90)));
    }
    parts.push(match predicted.rehearsed_ms {
        Some(ms) => format!("the rehearsal takes {}", phrase::ms(ms)),
        None => "it cannot be rehearsed".to_owned(),
    });
    format!("expected recovery: {}", parts.join("; "))
}

/// What was measured, and the verdict.
#[must_use]
pub fn result(records: &[Record], colour: bool) -> Vec<String> {
    let mut lines = vec![String::new()];
    let score = facts(records).find_map(|(_, fact)| match fact {
        DrillFact::Measured { score } => Some(score.as_ref()),
        _ => None,
    });
    if let Some(score) = score {
        lines.extend(times(score));
        lines.extend(score.stores.iter().map(store));
        lines.extend(steps(score));
    }
    let end = facts(records).find_map(|(_, fact)| match fact {
        DrillFact::Finished { verdict, why, elapsed_ms } => Some((verdict.as_str(), why.as_deref(), *elapsed_ms)),
        _ => None,
    });
    let control = facts(records).any(|(_, fact)| matches!(fact, DrillFact::Started { control: true, .. }));
    let Some((verdict, why, elapsed)) = end else {
        lines.push("the drill has no end: it was killed; `runbook drill clean` removes what it left".to_owned());
        return lines;
    };
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    let is_red = !matches!(verdict, "recovered");
    let text = match (control, verdict) {
        (true, "not recovered" | "not noticed") => format!("red, as a control has to be{why}"),
        (true, "recovered" | "objective missed") => {
            "GREEN WITHOUT A RECOVERY: this drill proves nothing, the system came back by itself".to_owned()
        }
        _ => format!("{verdict}{why}"),
    };
    let text = visible::block(&format!("{text} (the drill took {})", phrase::ms(elapsed))).into_owned();
    let style = if is_red == control { Style::new().green().bold() } else { Style::new().red().bold() };
    lines.push(if colour { style.apply_to(text).to_string() } else { text });
    lines
}

fn met(met: Option<bool>, objective: Option<u64>, name: &str) -> String {
    match (met, objective) {
        (Some(true), Some(ms)) => format!("; {name} {}: met", phrase::ms(ms)),
        (Some(false), Some(ms)) => format!("; {name} {}: MISSED", phrase::ms(ms)),
        (None, Some(ms)) => format!("; {name} {}", phrase::ms(ms)),
        _ => String::new(),
    }
}

fn times(score: &Scorecard) -> Vec<String> {
    let mut parts = Vec::new();
    for (name, ms) in [
        ("detected", score.detected_ms),
        ("declared", score.declared_ms),
        ("started", score.started_ms),
        ("serving", score.serving_ms),
        ("verified", score.verified_ms),
    ] {
        parts.extend(ms.map(|ms| format!("{name} {}", phrase::ms(ms))));
    }
    let mut lines = vec![format!("since the fault: {}", parts.join(", "))];
    lines.extend(recovery(score));
    lines.extend(score.verified_ms.map(|all| against(all, score.predicted)));
    lines.extend(score.outage_ms.map(|ms| format!("outage as a client saw it: {}", phrase::ms(ms))));
    lines.extend(lost(score));
    lines
}

/// What was measured in two lines: the recovery time and the data loss, each against its objective.
#[must_use]
pub fn brief(score: &Scorecard) -> Vec<String> {
    recovery(score).into_iter().chain(lost(score)).collect()
}

fn recovery(score: &Scorecard) -> Option<String> {
    let (all, without) = (score.verified_ms?, score.without_people_ms()?);
    let people = if score.people_ms == 0 {
        String::new()
    } else {
        format!(", {} without waiting for people", phrase::ms(without))
    };
    Some(format!("recovery time {}{people}{}", phrase::ms(all), met(score.rto_met, score.rto_ms, "RTO")))
}

fn lost(score: &Scorecard) -> Option<String> {
    let loss = score.loss_ms()?;
    let rows: usize = score.stores.iter().map(|store| store.lost).sum();
    let text = match (loss, rows) {
        (0, 0) => "nothing".to_owned(),
        (0, rows) => format!("{}, acknowledged after the fault", phrase::count(rows, "row")),
        (loss, rows) => format!("{}, {}", phrase::ms(loss), phrase::count(rows, "row")),
    };
    Some(format!("data lost: {text}{}", met(score.rpo_met, score.rpo_ms, "RPO")))
}

/// The measured time against the expected one.
fn against(all: u64, predicted: Prediction) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    let ratio = |ms: u64| format!("{:.2} × {}", all as f64 / ms.max(1) as f64, phrase::ms(ms));
    let mut parts = Vec::new();
    parts.extend(predicted.p50_ms.map(|ms| format!("{} of earlier drills (p50)", ratio(ms))));
    parts.extend(predicted.rehearsed_ms.map(|ms| format!("{} of the rehearsal", ratio(ms))));
    if parts.is_empty() { "nothing was expected".to_owned() } else { format!("that is {}", parts.join(", ")) }
}

fn store(store: &StoreLoss) -> String {
    if let Some(why) = &store.unreadable {
        return visible::line(&format!("  {}: cannot be asked: {why}", store.store)).into_owned();
    }
    let rows = |n: usize| phrase::count(n, "row");
    let mut text = format!("  {}: {} of {} acknowledged kept", store.store, store.kept, rows(store.acknowledged));
    if store.lost > 0 {
        let range = store.lost_range().map_or_else(String::new, |(first, last)| {
            if first == last { format!(" (number {first})") } else { format!(" (numbers {first} to {last})") }
        });
        let time = if store.nothing_kept {
            ", everything from before the fault".to_owned()
        } else {
            let ms = store.loss_ms.filter(|ms| *ms > 0);
            ms.map_or_else(String::new, |ms| format!(", from {} before the fault", phrase::ms(ms)))
        };
        let _ = write!(text, ", {} lost{range}{time}", store.lost);
    }
    if store.unacknowledged > 0 {
        let _ = write!(text, ", {} there that nobody was promised", store.unacknowledged);
    }
    if let (Some(missing), Some(beyond)) = (store.missing_before_target, store.beyond_target) {
        let _ = write!(text, "; of the moment to go back to: {missing} missing before it, {beyond} from after it");
    }
    visible::line(&text).into_owned()
}

/// The slowest steps against estimate and history.
fn steps(score: &Scorecard) -> Vec<String> {
    let mut steps: Vec<_> = score.steps.iter().collect();
    steps.sort_by_key(|step| std::cmp::Reverse(step.took_ms));
    let line = |step: &&crate::model::drill::StepTime| {
        let mut text = format!("  {:>8}  {}", phrase::ms(step.took_ms), step.step.0);
        if let Some(p50) = step.p50_ms {
            let _ = write!(text, ", p50 {}", phrase::ms(p50));
        }
        if let Some(estimate) = step.estimate_ms {
            let _ = write!(text, ", estimate {}", phrase::ms(estimate));
        }
        visible::line(&text).into_owned()
    };
    steps.iter().take(SLOWEST).map(line).collect()
}

/// One object: what was drilled, what was measured, how it ended.
#[must_use]
pub fn json(records: &[Record], exit: u8) -> Value {
    let mut object = json!({ "kind": "drill_result", "exit": exit });
    let mut stages = Vec::new();
    let began: Option<DateTime<Utc>> = records.first().map(|record| record.at);
    for (_, fact) in facts(records) {
        match fact {
            DrillFact::Started { .. } => object["drill"] = serde_json::to_value(fact).unwrap_or_default(),
            DrillFact::StageFinished { stage, why, elapsed_ms } => {
                stages.push(
                    json!({ "stage": stage.as_str(), "number": stage.number(), "why": why, "elapsed_ms": elapsed_ms }),
                );
            }
            DrillFact::Measured { score } => object["score"] = serde_json::to_value(score).unwrap_or_default(),
            DrillFact::Finished { verdict, why, elapsed_ms } => {
                object["verdict"] = json!(verdict);
                object["why"] = json!(why);
                object["elapsed_ms"] = json!(elapsed_ms);
            }
            _ => {}
        }
    }
    object["began"] = json!(began);
    object["stages"] = Value::Array(stages);
    object
}
