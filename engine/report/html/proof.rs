//! What in it was not the real thing, and by what the record can be recognised.

use std::fmt::Write as _;

use super::line;
use crate::model::outcome::Mode;
use crate::report::account::Account;
use crate::report::page::{Cell, table};

/// What is a stand-in, and what is real.
pub fn real(account: &Account) -> String {
    let mut out = String::new();
    match (&account.drill, account.run.as_ref().map(|run| Mode::of(&run.summary.mode))) {
        (Some(drill), _) => {
            out.push_str("<p>A drill: the environment was made for it, and it was broken for real");
            out.push_str(if drill.control { ".</p>" } else { " and recovered for real.</p>" });
            if account.stand_ins.is_empty() {
                out.push_str("<p>The lab names no stand-in: everything in it is the real thing.</p>");
            }
        }
        (None, Some(Mode::Rehearse)) => {
            out.push_str("<p>A rehearsal in a simulated world: nothing of it has happened.</p>");
        }
        (None, Some(Mode::Drill)) => {
            out.push_str("<p>The run of a drill, in a lab: what happened is real, and nobody needs it.</p>");
        }
        (None, Some(Mode::Run)) => {
            let place = account
                .environment
                .as_ref()
                .map_or_else(|| "no environment was chosen".to_owned(), |name| format!("environment {}", line(name)));
            let _ = write!(out, "<p>A run: everything in it is the real thing ({place}).</p>");
        }
        (None, None) => {}
    }
    if !account.stand_ins.is_empty() {
        out.push_str("<p>Not the real thing:</p><ul>");
        for stand_in in &account.stand_ins {
            let _ = write!(out, "<li>{}</li>", line(stand_in));
        }
        out.push_str("</ul>");
    }
    out
}

/// The chains that all of this is from.
pub fn integrity(account: &Account) -> String {
    let rows: Vec<Vec<Cell>> = account
        .chains
        .iter()
        .map(|chain| {
            let torn = chain
                .torn
                .map_or_else(String::new, |bytes| format!("{bytes} bytes at its end were never acknowledged"));
            vec![
                Cell::text(&format!("of the {}", chain.of)),
                Cell::number(&chain.records.to_string()),
                Cell::text(&chain.head),
                Cell::text(&torn),
            ]
        })
        .collect();
    let mut out = table("Journals", &["journal", "records", "head (SHA-256 of the last record)", ""], &rows);
    if let Some(run) = &account.run {
        let rows = vec![
            vec![Cell::text("sealed plan"), Cell::text(&run.summary.plan_digest)],
            vec![Cell::text("documents and inputs"), Cell::text(&run.summary.source_digest)],
        ];
        out.push_str(&table("Digests", &["digest of", "SHA-256"], &rows));
    }
    let _ = write!(
        out,
        "<p>Every record holds the hash of the one before it, and the chain held when this page was made: nothing in it was changed, \
         left out or put in after that. It cannot prove by itself that the whole chain was not made anew, or that nothing was cut off at \
         its end: keep the head elsewhere to be able to. <code>runbook verify {}</code> checks it again.</p>",
        line(&account.id)
    );
    out
}
