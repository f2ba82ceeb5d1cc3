//! `runbook drill next`: what is coming, in order.

use chrono::{DateTime, FixedOffset, SecondsFormat};
use serde_json::json;

use super::item::Item;
use crate::cli::args::NextArgs;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::identity;
use crate::report::{Sink, visible};

/// Shown where nobody says how many or until when.
const COUNT: usize = 10;
/// Nobody reads more.
const MOST: usize = 10_000;

/// Lists them.
pub fn next(args: &NextArgs) -> Result<Exit, Failure> {
    let opened = super::open(&args.which.calendars)?;
    let after = args.at.unwrap_or_else(identity::wall);
    let most = match (args.count, args.until) {
        (Some(count), _) => usize::try_from(count).unwrap_or(MOST),
        (None, Some(_)) => MOST,
        (None, None) => COUNT,
    };
    let mut coming: Vec<(DateTime<FixedOffset>, Item<'_>)> = Vec::new();
    for item in opened.iter().flat_map(super::Opened::items) {
        let moments = item.terms().coming(after).take_while(|at| args.until.is_none_or(|until| *at <= until));
        coming.extend(moments.take(most).map(|at| (at, item)));
    }
    coming.sort_by_key(|(at, _)| at.to_utc());
    coming.truncate(most);
    if args.json {
        let moments: Vec<_> = coming.iter().map(|(at, item)| object(at, item)).collect();
        let after = after.to_rfc3339_opts(SecondsFormat::Secs, true);
        Sink::stdout().line(json!({ "kind": "drill_next", "after": after, "moments": moments }).to_string());
        return Ok(Exit::Success);
    }
    if coming.is_empty() {
        Sink::stdout().line("nothing is coming by then");
    }
    for (at, item) in &coming {
        Sink::stdout().line(format!("{}  {}: {}", item.shown(at.to_utc()), item.label(), visible::line(item.title())));
        Sink::stdout().line(format!("    {}", item.typed()));
    }
    Ok(Exit::Success)
}

fn object(at: &DateTime<FixedOffset>, item: &Item<'_>) -> serde_json::Value {
    json!({
        "at": at.to_rfc3339(),
        "utc": at.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true),
        "zone": item.opened.document.calendar.zone.name(),
        "calendar": item.opened.name(),
        "entry": item.id,
        "title": item.title(),
        "command": item.command(),
    })
}
