//! `runbook drill due`: what is due or overdue, what was missed, how it went last.

use std::fmt::Write as _;

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::stand::{Records, Stand};
use super::{Opened, carry_out};
use crate::cli::args::DueArgs;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::identity;
use crate::model::calendar::Due;
use crate::report::done::{Done, End};
use crate::report::{Sink, phrase, visible};

/// Says it, or carries it out.
pub fn due(args: &DueArgs) -> Result<Exit, Failure> {
    let opened = super::open(&args.which.calendars)?;
    if args.run {
        return carry_out::carry_out(args, &opened);
    }
    let now = args.at.unwrap_or_else(identity::wall);
    let records = Records::read(&args.which);
    let stands: Vec<(&Opened, Vec<Stand<'_>>)> =
        opened.iter().map(|one| (one, one.items().map(|item| records.stand(item, now)).collect())).collect();
    let count = |due: Due| stands.iter().flat_map(|(_, stands)| stands).filter(|stand| stand.due() == due).count();
    let exit = if count(Due::Overdue) > 0 { Exit::RunFailed } else { Exit::Success };
    if args.json {
        let calendars: Vec<Value> = stands.iter().map(|(opened, stands)| calendar(opened, stands)).collect();
        let at = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        let object = json!({ "kind": "drill_due", "at": at, "calendars": calendars, "exit": exit.code() });
        Sink::stdout().line(object.to_string());
        return Ok(exit);
    }
    for (opened, stands) in &stands {
        show(opened, stands, now, args.quiet);
    }
    let [overdue, due, not] = [Due::Overdue, Due::Now, Due::No].map(count);
    Sink::stdout().line(format!("{overdue} overdue, {due} due, {not} not due"));
    Ok(exit)
}

fn show(opened: &Opened, stands: &[Stand<'_>], now: DateTime<Utc>, quiet: bool) {
    if quiet && stands.iter().all(|stand| stand.due() == Due::No) {
        return;
    }
    let sink = Sink::stdout();
    let path = opened.path.display().to_string();
    sink.line(format!(
        "{} ({}), {}",
        visible::line(opened.document.calendar.shown()),
        visible::line(&path),
        opened.document.calendar.zone.shown(now)
    ));
    for stand in stands.iter().filter(|stand| !quiet || stand.due() != Due::No) {
        let title = visible::line(stand.item.title());
        sink.line(format!("  {:<8} {}: {title}", stand.due().as_str(), stand.item.id));
        for line in words(stand) {
            sink.line(format!("           {}", visible::line(&line)));
        }
        if stand.due() != Due::No {
            sink.line(format!("           {}", stand.item.typed()));
        }
    }
}

/// Since when it is due, how it went last, when it is next.
fn words(stand: &Stand<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let shown = |moment: DateTime<Utc>| stand.item.shown(moment);
    if let Some(first) = stand.standing.open.first() {
        let mut line = match stand.standing.open.len() {
            1 => format!("due since {}", shown(first.to_utc())),
            missed => format!("missed {missed} times since {}", shown(first.to_utc())),
        };
        if let Some(at) = &stand.standing.overdue_at {
            let word = if stand.due() == Due::Overdue { "overdue since" } else { "overdue from" };
            let _ = write!(line, "; {word} {}", shown(at.to_utc()));
        }
        lines.push(line);
    }
    lines.push(match &stand.last {
        Some(last) => format!("last done {}: {}", shown(last.began), result(last)),
        None => "never done".to_owned(),
    });
    if let Some(newest) = stand.tries.first() {
        let tries = match stand.tries.len() {
            1 => "tried once since".to_owned(),
            tries => format!("tried {tries} times since"),
        };
        let at = shown(newest.began);
        lines.push(format!("{tries}, which does not count, last {at}: {}", result(newest)));
    }
    if stand.due() == Due::No {
        lines.extend(stand.standing.next.as_ref().map(|next| format!("next {}", shown(next.to_utc()))));
    }
    lines
}

/// How something went, in a line.
pub fn result(done: &Done) -> String {
    let why = done.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    match (done.end, done.ended) {
        (End::Failed, _) => format!("FAILED, {}{why}", done.verdict),
        (End::Well | End::Late, Some(ended)) => {
            let took = match done.score().and_then(|score| score.verified_ms) {
                Some(ms) => format!("recovery time {}", phrase::ms(ms)),
                None => format!("took {}", phrase::time((ended - done.began).to_std().unwrap_or_default())),
            };
            format!("{}{why} ({took})", done.verdict)
        }
        (_, None) => "it has no end: it goes on, or was killed".to_owned(),
        (_, Some(_)) => format!("{}{why}", done.verdict),
    }
}

fn calendar(opened: &Opened, stands: &[Stand<'_>]) -> Value {
    json!({
        "calendar": opened.name(),
        "title": opened.document.calendar.shown(),
        "file": opened.path,
        "zone": opened.document.calendar.zone.name(),
        "entries": stands.iter().map(entry).collect::<Vec<_>>(),
    })
}

fn entry(stand: &Stand<'_>) -> Value {
    let standing = &stand.standing;
    let shown = |moment: &Option<DateTime<FixedOffset>>| moment.as_ref().map(DateTime::to_rfc3339);
    json!({
        "entry": stand.item.id,
        "title": stand.item.title(),
        "every": stand.item.entry.every.to_string(),
        "state": standing.due.as_str(),
        "missed": standing.open.iter().map(DateTime::to_rfc3339).collect::<Vec<_>>(),
        "overdue_at": shown(&standing.overdue_at),
        "next": shown(&standing.next),
        "last": stand.last.as_ref().map(record),
        "tries": stand.tries.iter().map(record).collect::<Vec<_>>(),
        "command": stand.item.command(),
    })
}

/// A record for machines.
pub fn record(done: &Done) -> Value {
    let at = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({
        "id": done.id,
        "began": at(done.began),
        "ended": done.ended.map(at),
        "verdict": (!done.verdict.is_empty()).then_some(&done.verdict),
        "counts": done.end.counts(),
        "failed": done.end == End::Failed,
        "why": done.why,
        "fault": done.drill.as_ref().map(|broken| &broken.fault),
    })
}
