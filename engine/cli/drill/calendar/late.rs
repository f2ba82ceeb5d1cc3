//! What the calendars found here say is overdue, for the history.

use chrono::{DateTime, Utc};

use super::stand::Records;
use crate::cli::failure::Failure;
use crate::journal::Runs;
use crate::model::calendar::Due;
use crate::report::Sink;
use crate::report::trend::Overdue;

/// None: there is no calendar, or one of them cannot be read, which is said.
pub fn overdue(drills: &Runs, runs: &Runs, now: DateTime<Utc>) -> Option<Vec<Overdue>> {
    let opened = match super::open(&[]) {
        Ok(opened) => opened,
        Err(Failure::Invalid { .. }) => {
            Sink::stderr()
                .line("warning: what is overdue is not known: a calendar has errors; `runbook check` names them");
            return None;
        }
        Err(_) => return None,
    };
    let records = Records::of_all(drills, runs);
    let stands = opened.iter().flat_map(super::Opened::items).map(|item| records.stand(item, now));
    let late = stands.filter(|stand| stand.due() == Due::Overdue).filter_map(|stand| {
        Some(Overdue {
            calendar: stand.item.opened.name().to_owned(),
            name: stand.item.id.to_owned(),
            scenario: stand.item.planned.runbook.clone(),
            system: stand.item.planned.system.clone(),
            due: stand.standing.open.first()?.to_utc(),
            missed: u32::try_from(stand.standing.open.len()).unwrap_or(u32::MAX),
            command: stand.item.typed(),
        })
    });
    Some(late.collect())
}
