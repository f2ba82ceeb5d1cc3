//! What it is, how it ended, and the figures that matter.

use std::fmt::Write as _;

use super::line;
use crate::model::outcome::{Mode, Outcome};
use crate::report::account::Account;
use crate::report::page::{Tile, Tone, badge, tiles};
use crate::report::phrase;

/// The head of the page.
pub fn markup(account: &Account) -> String {
    let mut out = format!("<header><h1>{}</h1>", line(&account.title));
    let tone = if account.verdict.well { Tone::Good } else { Tone::Bad };
    let sign = if account.verdict.well { "✓" } else { "✗" };
    let what = if account.drill.is_some() { "drill" } else { "run" };
    let _ = write!(
        out,
        "<p class=\"verdict\">{} <span>{}</span></p>",
        badge(tone, &format!("{sign} {}", account.verdict.word)),
        verdict(account)
    );
    if account.drill.as_ref().is_some_and(|drill| drill.control) {
        out.push_str("<p>A control: nothing is recovered, and the drill has to end red.</p>");
    }
    if let Some(why) = &account.verdict.why {
        let _ = write!(out, "<p class=\"{}\">{}</p>", tone.class(), line(why));
    }
    out.push_str("<dl class=\"facts\">");
    for (name, value) in facts(account, what) {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", line(&value));
    }
    out.push_str("</dl>");
    out.push_str(&tiles(&figures(account)));
    out.push_str("</header>");
    out
}

/// The verdict in a sentence.
fn verdict(account: &Account) -> String {
    let Some(drill) = &account.drill else {
        return account.run.as_ref().map_or_else(String::new, |run| line(&phrase::verdict(&run.summary)));
    };
    let fault = drill.fault_title.as_deref().unwrap_or(&drill.fault);
    line(fault)
}

fn facts(account: &Account, what: &'static str) -> Vec<(&'static str, String)> {
    let mut facts = vec![(if what == "drill" { "Drill" } else { "Run" }, account.id.clone())];
    facts.push(("Runbook", account.runbook.clone()));
    facts.extend(account.system.clone().map(|system| ("System", system)));
    facts.extend(account.environment.clone().map(|name| ("Environment", name)));
    if let Some(drill) = &account.drill {
        facts.push(("Lab", drill.lab_title.clone()));
        facts.push(("Fault", drill.fault.clone()));
        facts.extend(account.run.as_ref().and_then(|run| run.summary.run.clone()).map(|run| ("Its run", run.0)));
    }
    facts.push(("By", account.operator.clone()));
    facts.extend(account.began.map(|began| ("Began", phrase::clock(began))));
    facts.extend(account.last.map(|last| ("Last record", phrase::clock(last))));
    let resumes = account.run.as_ref().map_or(0, |run| run.summary.resumes);
    if resumes > 0 {
        facts.push(("Taken over", phrase::times(resumes)));
    }
    facts
}

fn figures(account: &Account) -> Vec<Tile> {
    let mut figures: Vec<Tile> = account
        .objectives
        .iter()
        .map(|objective| {
            let (tone, said) = match objective.met {
                Some(true) => (Tone::Good, "met"),
                Some(false) => (Tone::Bad, "missed"),
                None => (Tone::Plain, "not judged"),
            };
            let mut note = objective.objective_ms.map_or_else(
                || "no objective".to_owned(),
                |ms| format!("{} {}: {said}", objective.name, phrase::ms(ms)),
            );
            // Rows can be lost without any loss of time: those that were promised after the fault.
            let lost: usize = account.stores().iter().map(|store| store.lost).sum();
            if objective.name == "RPO" && lost > 0 {
                let _ = write!(note, "; {} lost", phrase::count(lost, "row"));
            }
            let value = objective.actual_ms.map_or_else(|| "not measured".to_owned(), phrase::ms);
            Tile { label: objective.title.to_owned(), value, note, tone }
        })
        .collect();
    let plain =
        |label: &str, value: String, note: String| Tile { label: label.to_owned(), value, note, tone: Tone::Plain };
    if let Some(score) = account.drill.as_ref().and_then(|drill| drill.score.as_ref()) {
        if let Some(ms) = score.outage_ms {
            figures.push(plain("outage as a client saw it", phrase::ms(ms), String::new()));
        }
        if let (Some(without), true) = (score.without_people_ms(), score.people_ms > 0) {
            figures.push(plain("recovery without waiting", phrase::ms(without), String::new()));
        }
    }
    if account.run.is_some() {
        figures.push(plain("steps at work", phrase::ms(account.working_ms), String::new()));
        figures.push(plain("waiting for people", phrase::ms(account.waiting_ms), String::new()));
        figures.push(steps(account));
    }
    figures.push(plain("in all", phrase::ms(account.elapsed_ms), String::new()));
    figures
}

/// How many steps ran, and how they ended.
fn steps(account: &Account) -> Tile {
    let (mut ran, mut notes) = (0, Vec::new());
    if let Some(run) = &account.run {
        let mode = Mode::of(&run.summary.mode);
        let leaves = || run.summary.steps.iter().filter(|step| !step.group);
        for outcome in [
            Outcome::Succeeded,
            Outcome::Warned,
            Outcome::Failed,
            Outcome::Unknown,
            Outcome::Interrupted,
            Outcome::RolledBack,
            Outcome::Skipped,
        ] {
            let many = leaves().filter(|step| step.outcome == Some(outcome)).count();
            ran += if outcome == Outcome::Skipped { 0 } else { many };
            notes.extend((many > 0).then(|| format!("{many} {}", outcome.word(mode))));
        }
        let open = leaves().filter(|step| step.outcome.is_none()).count();
        notes.extend((open > 0).then(|| format!("{open} without an end")));
    }
    Tile { label: "steps that ran".to_owned(), value: ran.to_string(), note: notes.join(", "), tone: Tone::Plain }
}

/// The foot of the page.
pub fn foot(account: &Account) -> String {
    format!(
        "<footer>Made by runbook {} from the journal of {} {}, and from nothing else. Times are UTC.</footer>",
        line(env!("CARGO_PKG_VERSION")),
        if account.drill.is_some() { "drill" } else { "run" },
        line(&account.id)
    )
}
