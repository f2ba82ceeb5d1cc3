//! What was written from outside during a drill, write by write: promised, refused, lost; and what each store lost.

use std::fmt::Write as _;

use super::line;
use super::recovery::moments;
use super::tracks::{Row, Window, tracks};
use crate::model::drill::{CanaryWrites, StoreLoss};
use crate::report::account::Account;
use crate::report::page::{Cell, table};
use crate::report::phrase;

/// None: nothing was written.
pub fn markup(account: &Account) -> Option<String> {
    let drill = account.drill.as_ref()?;
    let stores = account.stores();
    if drill.canary.is_none() && stores.is_empty() {
        return None;
    }
    let mut out = String::new();
    if let (Some(canary), Some(began)) = (&drill.canary, account.began) {
        let zero = u64::try_from((canary.began - began).num_milliseconds()).unwrap_or(0);
        out.push_str(&plot(account, canary, zero));
    }
    if !stores.is_empty() {
        out.push_str(&losses(stores));
    }
    Some(out)
}

/// Number, when it was sent, how long its acknowledgement took: see [`CanaryWrites`].
type Write = (u64, u64, Option<u64>);

fn plot(account: &Account, canary: &CanaryWrites, zero: u64) -> String {
    let moments = moments(account);
    let lane_of = |name: &str, (tone, sign): (&'static str, &str), class, holds: &dyn Fn(&Write) -> bool| {
        let many = canary.writes.iter().filter(|write| holds(write)).count().to_string();
        lane(name, (tone, sign, &many), class, stretches(canary, zero, holds))
    };
    let mut rows = vec![
        lane_of("acknowledged", ("good", "✓"), "kept", &|write| write.2.is_some()),
        lane_of("not acknowledged", ("warn", "!"), "refused", &|write| write.2.is_none()),
    ];
    for store in account.stores() {
        let name = format!("lost in {}", store.store);
        if store.unreadable.is_some() {
            rows.push(lane(&name, ("warn", "?", "unknown"), "lost", Vec::new()));
            continue;
        }
        let (tone, sign) = if store.lost > 0 { ("bad", "✗") } else { ("good", "✓") };
        let is_lost = |write: &Write| store.lost_ranges.iter().any(|(first, last)| (*first..=*last).contains(&write.0));
        let bars = stretches(canary, zero, &is_lost);
        rows.push(lane(&name, (tone, sign, &store.lost.to_string()), "lost", bars));
    }
    let last = canary.writes.last().map_or(zero, |write| write_end(write, canary, zero));
    let end = moments.iter().map(|moment| moment.at).max().unwrap_or(last).max(last);
    let fault = moments.first().map_or(zero, |moment| moment.at);
    let mut out = format!(
        "<p>A writer outside the system sent a numbered row every {}: {}.</p>",
        phrase::ms(canary.every_ms),
        phrase::count(canary.writes.len(), "write")
    );
    let since = if moments.is_empty() { "time" } else { "time since the fault" };
    out.push_str(&tracks(
        "Writes over time",
        ["writes", "how many", since],
        Window::new(zero.min(fault), end, fault),
        &moments,
        &rows,
    ));
    out
}

fn lane(name: &str, (tone, sign, many): (&str, &str, &str), class: &'static str, bars: Vec<(u64, u64)>) -> Row {
    Row {
        who: format!("<span>{}</span>", line(name)),
        what: format!("<span class=\"{tone}\">{sign} {many}</span>"),
        bars: bars.into_iter().map(|(from, to)| (class, from, to)).collect(),
        ..Row::default()
    }
}

/// Writes one after the other as one bar: from the first to the time at which the next would have come.
fn stretches(canary: &CanaryWrites, zero: u64, holds: &dyn Fn(&Write) -> bool) -> Vec<(u64, u64)> {
    let mut found: Vec<(u64, u64)> = Vec::new();
    let mut is_open = false;
    for write in &canary.writes {
        if !holds(write) {
            is_open = false;
            continue;
        }
        let to = write_end(write, canary, zero);
        match found.last_mut().filter(|_| is_open) {
            Some(last) => last.1 = to,
            None => found.push((zero.saturating_add(write.1), to)),
        }
        is_open = true;
    }
    found
}

fn write_end(write: &Write, canary: &CanaryWrites, zero: u64) -> u64 {
    zero.saturating_add(write.1).saturating_add(canary.every_ms.max(1))
}

/// What each store lost.
fn losses(stores: &[StoreLoss]) -> String {
    // Columns that say something of no store are left out.
    let (has_lost, has_target) =
        (stores.iter().any(|store| store.lost > 0), stores.iter().any(|store| store.beyond_target.is_some()));
    let row = |store: &StoreLoss| {
        let mut cells = vec![Cell::text(&store.store)];
        if let Some(why) = &store.unreadable {
            cells.push(Cell::text(&format!("cannot be asked: {why}")));
            return cells;
        }
        cells.extend([store.acknowledged, store.kept, store.lost].map(|many| Cell::number(&many.to_string())));
        cells.extend(has_lost.then(|| Cell::text(&numbers(&store.lost_ranges))));
        cells.push(Cell::text(&time(store)));
        cells.push(Cell::number(&store.unacknowledged.to_string()));
        cells.extend(has_target.then(|| Cell::text(&target(store))));
        cells
    };
    let rows: Vec<Vec<Cell>> = stores.iter().map(row).collect();
    let mut head = vec!["store", "acknowledged", "kept", "lost"];
    head.extend(has_lost.then_some("numbers"));
    head.extend(["time lost", "kept unasked"]);
    head.extend(has_target.then_some("at the moment to go back to"));
    if stores.iter().all(|store| store.unreadable.is_some()) {
        head = vec!["store", ""];
    }
    let mut out = table("What each store lost", &head, &rows);
    out.push_str(
        "<p class=\"muted\">Time lost is the time from the newest row that was kept to the fault. Kept unasked: rows that are there \
         although nobody was told so.</p>",
    );
    out
}

fn time(store: &StoreLoss) -> String {
    match (store.loss_ms, store.nothing_kept) {
        (Some(ms), true) => format!("{} at least: everything from before the fault", phrase::ms(ms)),
        (Some(ms), false) => phrase::ms(ms),
        (None, _) => "not measured".to_owned(),
    }
}

/// `12 to 40, 44`.
fn numbers(ranges: &[(u64, u64)]) -> String {
    const SHOWN: usize = 8;
    let mut out = String::new();
    for (at, (first, last)) in ranges.iter().take(SHOWN).enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        let _ = if first == last { write!(out, "{comma}{first}") } else { write!(out, "{comma}{first} to {last}") };
    }
    if ranges.len() > SHOWN {
        let _ = write!(out, " and {} more stretches", ranges.len() - SHOWN);
    }
    out
}

fn target(store: &StoreLoss) -> String {
    match (store.missing_before_target, store.beyond_target) {
        (Some(missing), Some(beyond)) => format!("{missing} missing before it, {beyond} from after it"),
        _ => String::new(),
    }
}
