//! Where and with what the run was driven.

use std::fmt::Write as _;

use super::decisions::plain;
use super::line;
use crate::model::surroundings::Surroundings;
use crate::report::account::Account;
use crate::report::page::{Cell, table};

/// None: nothing is recorded.
pub fn markup(account: &Account) -> Option<String> {
    let run = account.run.as_ref()?;
    let all = &run.summary.surroundings;
    if all.is_empty() {
        return None;
    }
    let mut out = String::new();
    for (at, one) in all.iter().enumerate() {
        if all.len() > 1 {
            let _ = write!(out, "<h3>Engine {}</h3>", at + 1);
        }
        describe(one, account, &mut out);
    }
    Some(out)
}

fn describe(one: &Surroundings, account: &Account, out: &mut String) {
    let _ = write!(out, "<dl class=\"facts\"><div><dt>runbook</dt><dd>{}</dd></div>", line(&account.engine));
    let _ = write!(out, "<div><dt>Machine</dt><dd>{}</dd></div>", line(&one.machine));
    let commit = one.commit.as_deref().unwrap_or("none: the runbook is in no repository");
    let _ = write!(out, "<div><dt>Commit</dt><dd>{}</dd></div></dl>", line(commit));
    if !one.programs.is_empty() {
        let rows: Vec<Vec<Cell>> = one
            .programs
            .iter()
            .map(|program| {
                let version = program.version.as_deref().unwrap_or("said no version");
                let path = program.path.as_deref().unwrap_or("not on this machine");
                vec![Cell::text(&program.name), Cell::text(version), Cell::text(path)]
            })
            .collect();
        out.push_str(&table("Programs", &["program", "version", "where"], &rows));
    }
    if !one.params.is_empty() {
        let rows: Vec<Vec<Cell>> =
            one.params.iter().map(|(name, value)| vec![Cell::text(name), Cell::text(&plain(value))]).collect();
        out.push_str(&table("Parameters", &["parameter", "value"], &rows));
    }
    if !one.documents.is_empty() {
        let rows: Vec<Vec<Cell>> =
            one.documents.iter().map(|it| vec![Cell::text(&it.path), Cell::text(&it.sha256)]).collect();
        out.push_str(&table("Documents", &["document", "SHA-256"], &rows));
    }
}
