//! `runbook runs`: every run of a directory, newest first. A run whose journal cannot be trusted is listed as such and hides no other.

use chrono::{DateTime, Utc};
use console::measure_text_width;
use serde::Serialize;

use super::args::RunsArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::found::{Found, State};
use super::identity;
use crate::journal::{Holder, Runs};
use crate::model::id::RunId;
use crate::report::{Sink, Summary, json, phrase, visible};

/// Ids are not shown shorter than this.
const SHORTEST_ID: usize = 8;

/// One run, as `--json` has it.
#[derive(Serialize)]
struct Listed<'a> {
    kind: &'static str,
    run: &'a RunId,
    directory: String,
    /// `running`, `engine_gone`, `damaged`, or how it ended.
    state: serde_json::Value,
    resumable: bool,
    #[serde(flatten)]
    details: Option<Details<'a>>,
    /// What is damaged.
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct Details<'a> {
    started: Option<DateTime<Utc>>,
    runbook: &'a str,
    title: &'a str,
    system: Option<&'a str>,
    environment: Option<&'a str>,
    operator: &'a str,
    elapsed_ms: u64,
    steps_ended: usize,
    steps: usize,
    rto_ms: Option<u64>,
    rto_met: Option<bool>,
    engine: Option<&'a Holder>,
}

/// Lists the runs.
pub fn runs(args: &RunsArgs) -> Result<Exit, Failure> {
    let runs = Runs::new(args.runs.path());
    let mut ids = runs.list().map_err(|error| Failure::Storage(format!("read {}: {error}", runs.path().display())))?;
    ids.reverse();
    let length = shortest_prefix(&ids);
    ids.truncate(args.limit.map_or(usize::MAX, |limit| limit as usize));
    let found: Vec<(RunId, Result<Found, Failure>)> = ids
        .into_iter()
        .map(|id| {
            let found = Found::open(&runs, Some(&id.0));
            (id, found)
        })
        .collect();
    let sink = Sink::stdout();
    if args.json {
        for (id, found) in &found {
            sink.line(json::line(&listed(&runs, id, found)));
        }
        return Ok(Exit::Success);
    }
    if found.is_empty() {
        sink.line(format!("no runs in {}", visible::line(&runs.path().display().to_string())));
        return Ok(Exit::Success);
    }
    let now = identity::wall();
    let mut rows =
        vec![["run", "started (UTC)", "runbook", "where", "state", "elapsed", "steps", "objective"].map(str::to_owned)];
    let mut notes = Vec::new();
    for (id, found) in &found {
        let short = id.0[..length.min(id.0.len())].to_owned();
        match found {
            Ok(found) => rows.push(row(short, found, now)),
            Err(failure) => {
                let mut row: [String; 8] = std::array::from_fn(|_| "-".to_owned());
                (row[0], row[4]) = (short, "damaged".to_owned());
                rows.push(row);
                notes.push(format!("{id}: {}", visible::line(failure.message())));
            }
        }
    }
    for line in table(&rows) {
        sink.line(line);
    }
    for note in notes {
        sink.line(note);
    }
    Ok(Exit::Success)
}

fn row(short: String, found: &Found, now: DateTime<Utc>) -> [String; 8] {
    let summary = &found.summary;
    let started = summary.started.map_or_else(|| "-".to_owned(), |at| at.format("%Y-%m-%d %H:%M").to_string());
    let place = match (&summary.system, &summary.environment) {
        (Some(system), Some(environment)) => format!("{system}/{environment}"),
        (Some(name), None) | (None, Some(name)) => name.clone(),
        (None, None) => "-".to_owned(),
    };
    let elapsed = elapsed_ms(summary, found.state(), now);
    [
        short,
        started,
        visible::line(&summary.runbook).into_owned(),
        visible::line(&place).into_owned(),
        found.state().as_str().to_owned(),
        phrase::ms(elapsed - elapsed % 100),
        format!("{}/{}", summary.ended(), summary.planned),
        objective(summary, elapsed),
    ]
}

/// Time since the start: of a living run until now, of another until its last record.
pub fn elapsed_ms(summary: &Summary, state: State, now: DateTime<Utc>) -> u64 {
    match (state, summary.started) {
        (State::Running, Some(started)) => u64::try_from((now - started).num_milliseconds()).unwrap_or(0),
        _ => summary.elapsed_ms,
    }
}

fn objective(summary: &Summary, elapsed: u64) -> String {
    match (summary.rto_ms, summary.rto_met) {
        (None, _) => "-".to_owned(),
        (Some(rto), Some(true)) => format!("{} met", phrase::ms(rto)),
        (Some(rto), Some(false)) => format!("{} missed", phrase::ms(rto)),
        (Some(rto), None) if elapsed > rto => format!("{} passed", phrase::ms(rto)),
        (Some(rto), None) => phrase::ms(rto),
    }
}

fn listed<'a>(runs: &Runs, id: &'a RunId, found: &'a Result<Found, Failure>) -> Listed<'a> {
    let directory = runs.path().join(&id.0).display().to_string();
    let kind = "run";
    match found {
        Ok(found) => {
            let summary = &found.summary;
            let details = Details {
                started: summary.started,
                runbook: &summary.runbook,
                title: &summary.title,
                system: summary.system.as_deref(),
                environment: summary.environment.as_deref(),
                operator: &summary.operator,
                elapsed_ms: elapsed_ms(summary, found.state(), identity::wall()),
                steps_ended: summary.ended(),
                steps: summary.planned,
                rto_ms: summary.rto_ms,
                rto_met: summary.rto_met,
                engine: found.holder.as_ref(),
            };
            let state = serde_json::json!(found.state());
            let resumable = found.holder.is_none() && summary.is_resumable();
            Listed { kind, run: id, directory, state, resumable, details: Some(details), error: None }
        }
        Err(failure) => Listed {
            kind,
            run: id,
            directory,
            state: "damaged".into(),
            resumable: false,
            details: None,
            error: Some(failure.message()),
        },
    }
}

/// The length at which every id is the only one with its beginning.
fn shortest_prefix(ids: &[RunId]) -> usize {
    let mut sorted: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
    sorted.sort_unstable();
    let common = |pair: &[&str]| pair[0].bytes().zip(pair[1].bytes()).take_while(|(a, b)| a == b).count() + 1;
    sorted.windows(2).map(common).max().unwrap_or(0).max(SHORTEST_ID)
}

/// Columns as wide as their widest cell.
pub fn table<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let widths: [usize; N] =
        std::array::from_fn(|at| rows.iter().map(|row| measure_text_width(&row[at])).max().unwrap_or(0));
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| {
            let pad = width.saturating_sub(measure_text_width(cell));
            format!("{cell}{}", " ".repeat(pad))
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_short_as_they_can_be() {
        let ids = |texts: &[&str]| texts.iter().map(|text| RunId((*text).to_owned())).collect::<Vec<_>>();
        assert_eq!(shortest_prefix(&ids(&["01KB7QAAAAAA"])), 8);
        assert_eq!(shortest_prefix(&ids(&["01KB7QAAAAAB", "01KB7QAAAAAA"])), 12);
    }
}
