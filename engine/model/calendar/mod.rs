//! `calendar/v1` as authored: what is drilled or run when, and who is told what came of it. When that is, is in [`rule`]; what is due
//! at a moment in [`standing`].

pub mod rule;
pub mod standing;
pub mod zone;

use std::time::Duration;

use chrono::NaiveDate;

use super::operation::Argv;
use super::runbook::SecretDecl;
use super::source::{FileId, Map, Name, Span, Spanned};
use super::system::Channel;

pub use rule::{Days, Period, Rule, Which};
pub use standing::{Due, Standing};
pub use zone::Zone;

/// A whole calendar. Paths are relative to its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Its file.
    pub file: FileId,
    /// Its name; timers are called after it.
    pub name: Name,
    /// For people.
    pub title: Option<Spanned<String>>,
    /// Who answers for it.
    pub owner: Option<Spanned<String>>,
    /// Where its times of day are meant.
    pub zone: Zone,
    /// Nothing is due before the beginning of this day.
    pub from: Option<NaiveDate>,
    /// For the addresses of `notify`.
    pub secrets: Map<SecretDecl>,
    /// Who is told what came of an entry.
    pub notify: Vec<Notice>,
    /// What is done when.
    pub entries: Map<CalendarEntry>,
}

impl Calendar {
    /// For people.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.title.as_ref().map_or(self.name.value.as_str(), |title| title.value.as_str())
    }
}

/// Who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A Slack-style or a plain webhook.
    Channel(Channel),
    /// A program, which reads the result on its standard input.
    Exec(Argv),
}

/// One line of a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarEntry {
    /// Where it was written.
    pub span: Span,
    /// For people.
    pub title: Option<Spanned<String>>,
    /// What is done.
    pub work: Work,
    /// Parameters of the runbook.
    pub set: Map<Vec<Spanned<String>>>,
    /// When.
    pub every: Rule,
    /// How long it may stay undone.
    pub grace: Duration,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// A lab is broken and recovered.
    Drill {
        /// The runbook that recovers it.
        runbook: Spanned<String>,
        /// The lab.
        lab: Spanned<String>,
        /// What is broken; none: what the lab says for this runbook.
        fault: Option<Name>,
    },
    /// A runbook is carried out where it is for, by nobody: what asks is not answered.
    Run {
        /// The runbook.
        runbook: Spanned<String>,
        /// Instead of the runbook's own.
        system: Option<Spanned<String>>,
        /// Of the system.
        environment: Option<Name>,
    },
}

impl Work {
    /// The runbook's path.
    #[must_use]
    pub const fn runbook(&self) -> &Spanned<String> {
        match self {
            Self::Drill { runbook, .. } | Self::Run { runbook, .. } => runbook,
        }
    }
}
