//! The report of a run or drill as one HTML file: nothing is fetched, nothing runs, all of it is on paper too. Every figure is the
//! account's; nothing is computed here but where a bar begins and ends.

mod canary;
mod decisions;
mod flow;
mod head;
mod logs;
mod objectives;
mod proof;
mod recovery;
mod stages;
mod steps;
mod surroundings;
mod tracks;

use std::fmt::Write as _;

use super::account::Account;
use super::graph;
use super::page::Page;
use super::visible;
use crate::model::outcome::Outcome;
use crate::plan::Outline;

/// What a report is made of.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    /// What happened.
    pub account: &'a Account,
    /// The plan that the run was run by; why it is not to be had; none: there was no run.
    pub outline: Option<Result<&'a Outline, &'a str>>,
}

/// One part of the page.
struct Section {
    anchor: &'static str,
    title: &'static str,
    markup: String,
}

/// The whole file.
#[must_use]
pub fn html(sheet: &Sheet<'_>) -> String {
    let account = sheet.account;
    let sections: Vec<Section> = [
        ("objectives", "Objectives and what was measured", objectives::markup(account)),
        ("stages", "The drill", stages::markup(account)),
        ("recovery", "The recovery", recovery::markup(account)),
        ("graph", "The plan and what became of it", flow::markup(sheet)),
        ("canary", "What was written meanwhile", canary::markup(account)),
        ("people", "What people decided", decisions::markup(account)),
        ("steps", "Every step", steps::markup(account)),
        ("logs", "What steps wrote that did not go well", logs::markup(account)),
        ("real", "What is real", Some(proof::real(account))),
        ("with", "Machine, programs, inputs", surroundings::markup(account)),
        ("integrity", "Can this be trusted", Some(proof::integrity(account))),
    ]
    .into_iter()
    .filter_map(|(anchor, title, markup)| Some(Section { anchor, title, markup: markup? }))
    .collect();
    let mut page = Page::new(&format!("{} · {}", account.title, account.verdict.word))
        .style(graph::RULES)
        .style("\n")
        .style(include_str!("report.css"));
    page.add(&head::markup(account));
    page.add(&contents(&sections));
    for section in &sections {
        page.heading(section.anchor, section.title);
        page.add(&section.markup);
    }
    page.add(&head::foot(account));
    page.render()
}

/// Leads to the parts; paper has pages.
fn contents(sections: &[Section]) -> String {
    let mut markup = "<nav class=\"contents screen\" aria-label=\"Contents\">".to_owned();
    for section in sections {
        let _ = write!(markup, "<a href=\"#{}\">{}</a>", section.anchor, section.title);
    }
    markup.push_str("</nav>");
    markup
}

/// The class of an outcome's colour; the word stands beside it, always.
const fn tone(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "good",
        Outcome::Warned => "warn",
        Outcome::Failed | Outcome::Unknown => "bad",
        Outcome::Interrupted | Outcome::RolledBack => "other",
        Outcome::Skipped => "muted",
    }
}

/// One line of text that others wrote, escaped.
fn line(text: &str) -> String {
    super::page::escape(&visible::line(text)).into_owned()
}
