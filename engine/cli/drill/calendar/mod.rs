//! `runbook drill due|next|install`: what calendars ask for, and a timer that does it.

mod carry_out;
mod due;
mod install;
mod item;
mod late;
mod next;
mod stand;
mod tell;

use std::path::{Path, PathBuf};

use crate::cli::check;
use crate::cli::failure::Failure;
use crate::document::{self, CalendarDocument};
use crate::report::visible;

pub use due::due;
pub use install::install;
pub use late::overdue;
pub use next::next;

use item::Item;

/// Where calendars stand, from here.
const PLACES: [&str; 2] = ["calendars", "runbooks/calendars"];
/// How files are found.
const OURS: [&str; 1] = ["calendar/"];

/// A calendar and where it is written.
struct Opened {
    path: PathBuf,
    document: CalendarDocument,
}

impl Opened {
    /// What it asks for, in its order.
    fn items(&self) -> impl Iterator<Item = Item<'_>> {
        let entries = self.document.calendar.entries.iter().zip(&self.document.planned);
        entries.map(|((id, entry), planned)| Item { opened: self, id: &id.value, entry, planned })
    }

    /// Its name.
    fn name(&self) -> &str {
        &self.document.calendar.name.value
    }
}

/// Reads the calendars that are named, or those that are found.
fn open(named: &[PathBuf]) -> Result<Vec<Opened>, Failure> {
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            let before = files.len();
            check::collect(path, &mut files, &OURS)?;
            if files.len() == before {
                let shown = path.display().to_string();
                return Err(Failure::usage(format!("no calendar below {}", visible::line(&shown)))
                    .help("a calendar says `kind: calendar/v1`"));
            }
        } else {
            files.push(path.clone());
        }
    }
    if named.is_empty() {
        for place in PLACES.iter().map(Path::new).filter(|place| place.is_dir()) {
            check::collect(place, &mut files, &OURS)?;
        }
        if files.is_empty() {
            return Err(Failure::usage("no calendar below calendars/ or runbooks/calendars/")
                .help("name one: a file with `kind: calendar/v1`; `runbook schema calendar` says what is in it"));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    files.into_iter().map(opened).collect()
}

fn opened(path: PathBuf) -> Result<Opened, Failure> {
    match document::load_calendar(&path) {
        Ok(document) => Ok(Opened { path, document }),
        Err(invalid) => Err(Failure::Invalid { sources: invalid.sources, diagnostics: invalid.diagnostics }),
    }
}
