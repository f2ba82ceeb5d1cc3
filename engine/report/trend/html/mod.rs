//! A history as one page: what is covered, the trends as pictures and as numbers, people, steps, every drill.

mod cover;
mod plots;
mod steps;
mod tables;

use super::cover::Coverage;
use super::group::Trend;
use super::row::{Kind, Row};
use super::{Damaged, History, Overdue, words};
use crate::report::page::{self, Cell, Page, Tile, Tone};
use crate::report::phrase;

/// Drills and runs in the list, the newest; JSON has all.
const LISTED: usize = 100;

/// The page of a history.
#[must_use]
pub fn html(history: &History) -> String {
    let mut page = Page::new("Recovery history").style(plots::STYLE);
    page.add("<header><h1>Recovery history</h1>");
    page.say(&words::extent(history));
    if let Some(filter) = words::filter(&history.filter) {
        page.say(&filter);
    }
    page.add("</header><main>");
    if history.records.is_empty() {
        page.say(&nothing(history));
    }
    page.add(&page::tiles(&tiles(history)));
    if !history.coverage.scenarios.is_empty() {
        page.heading("coverage", "Last drill of each scenario on each system");
        page.add(&cover::matrix(&history.coverage));
    }
    if let Some(overdue) = &history.overdue {
        page.heading("overdue", "Overdue");
        self::overdue(&mut page, overdue);
    }
    if !history.trends.is_empty() {
        page.heading("trends", "Recovery time and data loss");
        page.add(&tables::trends(&history.trends));
        page.add(&plots::legend(&history.records));
        for trend in &history.trends {
            self::trend(&mut page, trend, &history.records);
        }
        page.heading("people", "People and machines");
        page.say("A step asks when a person does it, confirms it, approves it, or decides about it. The time is that of recoveries.");
        page.add(&tables::people(&history.trends));
        page.heading("steps", "Steps");
        page.add(&steps::sections(&history.trends));
        page.heading("records", "Drills and runs");
        if history.records.len() > LISTED {
            page.say(&format!("The newest {LISTED} of {}; `--format json` has all.", history.records.len()));
        }
        page.add(&tables::records(history.records.iter().rev().take(LISTED)));
    }
    if !history.damaged.is_empty() {
        page.heading("damaged", "Cannot be read");
        page.add(&damaged(&history.damaged));
    }
    page.add("</main>");
    page.add(&footer(history));
    page.render()
}

fn nothing(history: &History) -> String {
    match history.coverage.next() {
        Some(command) => format!("Nothing is recorded yet. A drill is the beginning: {command}"),
        None => format!(
            "Nothing is recorded in {} or {}. A drill is the beginning: runbook drill run FILE",
            history.places.drills, history.places.runs
        ),
    }
}

fn trend(page: &mut Page, trend: &Trend, records: &[Row]) {
    let name = format!("{} · {} · {}s", trend.scenario, trend.place(), trend.kind.as_str());
    page.add(&format!("<section class=\"trend\"><h3>{}</h3>", page::escape(&name)));
    let mut said = vec![trend.title.clone(), words::results(trend)];
    if !trend.faults.is_empty() {
        let faults: Vec<String> = trend
            .faults
            .iter()
            .map(|(fault, count)| if *count == 1 { fault.clone() } else { format!("{fault} ({count} times)") })
            .collect();
        said.push(format!("broken: {}", faults.join(", ")));
    }
    said.retain(|part| !part.is_empty());
    page.say(&said.join(" · "));
    page.add(&plots::of(trend, records));
    page.add("</section>");
}

fn tiles(history: &History) -> Vec<Tile> {
    let tile =
        |label: &str, value: String, note: String, tone: Tone| Tile { label: label.to_owned(), value, note, tone };
    let good = |is_good: bool| if is_good { Tone::Good } else { Tone::Bad };
    let drills: Vec<&Row> = history.records.iter().filter(|row| row.kind == Kind::Drill).collect();
    let results: Vec<&&Row> = drills.iter().filter(|row| row.verdict.is_result()).collect();
    let recovered = results.iter().filter(|row| row.verdict.is_recovered()).count();
    let mut tiles = vec![tile(
        "Drills",
        drills.len().to_string(),
        if results.is_empty() {
            "none has a result".to_owned()
        } else {
            format!("{recovered} of {} recovered", results.len())
        },
        Tone::Plain,
    )];
    let runs = history.count(Kind::Run);
    if runs > 0 {
        tiles.push(tile("Real runs", runs.to_string(), String::new(), Tone::Plain));
    }
    let met = |label: &str, verdict: fn(&Row) -> Option<bool>| {
        let judged: Vec<bool> = history.records.iter().filter_map(verdict).collect();
        let met = judged.iter().filter(|met| **met).count();
        (!judged.is_empty())
            .then(|| tile(label, format!("{met} of {}", judged.len()), String::new(), good(met == judged.len())))
    };
    tiles.extend(met("RTO met", |row| row.rto_met));
    tiles.extend(met("RPO met", |row| row.rpo_met));
    if let Some((cell, last)) = newest(&history.coverage) {
        tiles.push(tile("Last drill", words::age(last.age_ms), cell.scenario.clone(), Tone::Plain));
    }
    let cells = history.coverage.cells.len();
    if cells > 0 {
        let never = history.coverage.never().count();
        tiles.push(tile(
            "Never drilled",
            format!("{never} of {cells}"),
            "scenarios on systems".to_owned(),
            good(never == 0),
        ));
    }
    if let Some(overdue) = &history.overdue {
        tiles.push(tile("Overdue", overdue.len().to_string(), String::new(), good(overdue.is_empty())));
    }
    let (waiting, working) = history.trends.iter().fold((0_u64, 0_u64), |(a, b), it| {
        (a.saturating_add(it.people.waiting_ms), b.saturating_add(it.people.working_ms))
    });
    if waiting > 0 {
        let share = waiting.saturating_mul(1000) / waiting.saturating_add(working).max(1);
        let of = format!("of {}", phrase::ms(waiting.saturating_add(working)));
        tiles.push(tile("Waiting for people", words::percent(share), of, Tone::Plain));
    }
    if !history.damaged.is_empty() {
        tiles.push(tile("Cannot be read", history.damaged.len().to_string(), "journals".to_owned(), Tone::Bad));
    }
    tiles
}

fn newest(coverage: &Coverage) -> Option<(&super::Cell, &super::cover::Last)> {
    coverage.cells.iter().filter_map(|cell| Some((cell, cell.drill.as_ref()?))).max_by_key(|(_, last)| last.at)
}

fn overdue(page: &mut Page, overdue: &[Overdue]) {
    if overdue.is_empty() {
        page.say("Nothing.");
        return;
    }
    let cells = |row: &Overdue| {
        vec![
            Cell::text(&row.scenario),
            Cell::text(row.system.as_deref().unwrap_or("-")),
            Cell::text(&row.calendar),
            Cell::text(&words::minute(row.due)),
            Cell::number(&row.missed.to_string()),
            Cell::text(&row.command),
        ]
    };
    let rows: Vec<Vec<Cell>> = overdue.iter().map(cells).collect();
    page.add(&page::table(
        "Overdue drills",
        &["scenario", "system", "calendar", "was due (UTC)", "missed", "command"],
        &rows,
    ));
}

fn damaged(damaged: &[Damaged]) -> String {
    let cells = |one: &Damaged| {
        vec![Cell::text(&one.id), Cell::text(one.kind.as_str()), Cell::text(&one.why), Cell::text(&one.path)]
    };
    let rows: Vec<Vec<Cell>> = damaged.iter().map(cells).collect();
    page::table("Journals that cannot be read", &["id", "of a", "what is wrong", "file"], &rows)
}

fn footer(history: &History) -> String {
    let text = format!(
        "Made by runbook {} at {} UTC from the journals in {} and {}; the chain of each was checked. Drills count from the fault \
         until the system is verified, runs from their start. Times are UTC; p50 and p90 are values that were measured. A direction \
         compares the median of the newest values, five at most, with that of as many before them.",
        history.engine,
        words::minute(history.at),
        history.places.drills,
        history.places.runs
    );
    format!("<footer>{}</footer>", page::escape(&text))
}
