//! One drill or one real run, as the history sees it: what is left of a journal once it was folded.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::outcome::Outcome;

/// A lab was broken on purpose, or a system was recovered in earnest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `drills/<id>`.
    #[default]
    Drill,
    /// `runs/<id>`.
    Run,
}

impl Kind {
    /// One word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drill => "drill",
            Self::Run => "run",
        }
    }
}

/// What it says about the recovery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Recovered, and no objective was missed.
    Recovered,
    /// Recovered, and an objective was missed.
    ObjectiveMissed,
    /// Not recovered.
    NotRecovered,
    /// A control that ended red, as it has to be.
    ControlRed,
    /// A control that was green without a recovery: its drill proves nothing.
    ControlGreen,
    /// Nothing: it could not be carried out, was interrupted, was given up, or has no end.
    #[default]
    NoResult,
}

impl Verdict {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::ObjectiveMissed => "objective missed",
            Self::NotRecovered => "not recovered",
            Self::ControlRed => "control: red",
            Self::ControlGreen => "control: GREEN",
            Self::NoResult => "no result",
        }
    }

    /// One character.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Recovered => "✓",
            Self::ObjectiveMissed => "!",
            Self::NotRecovered | Self::ControlGreen => "✗",
            Self::ControlRed => "□",
            Self::NoResult => "?",
        }
    }

    /// True when it says whether the scenario can be recovered.
    #[must_use]
    pub const fn is_result(self) -> bool {
        matches!(self, Self::Recovered | Self::ObjectiveMissed | Self::NotRecovered)
    }

    /// True when the system was well at the end, thanks to the recovery.
    #[must_use]
    pub const fn is_recovered(self) -> bool {
        matches!(self, Self::Recovered | Self::ObjectiveMissed)
    }
}

/// One drill or run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Row {
    /// Which.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// When it began.
    pub at: DateTime<Utc>,
    /// The runbook's name.
    pub scenario: String,
    /// For people.
    pub title: String,
    /// The system's name.
    pub system: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// The lab, of a drill.
    pub lab: Option<String>,
    /// What was broken, of a drill.
    pub fault: Option<String>,
    /// Nothing was recovered on purpose.
    pub control: bool,
    /// What it says.
    pub verdict: Verdict,
    /// How it ended, in the record's own word; `no end` when it has none.
    pub ended: String,
    /// Why, if not well.
    pub why: Option<String>,
    /// From start to end (or to the last record), ms.
    pub elapsed_ms: u64,
    /// Until the system was verified, ms: of a drill from the fault, of a run from its start. None: it was not.
    pub recovery_ms: Option<u64>,
    /// The same without waiting for people, ms.
    pub without_people_ms: Option<u64>,
    /// Waiting for people, ms.
    pub people_ms: u64,
    /// Recovery-time objective, ms.
    pub rto_ms: Option<u64>,
    /// Whether it was met; none: no objective, or no recovery.
    pub rto_met: Option<bool>,
    /// Data lost, ms; none: nobody measured it.
    pub loss_ms: Option<u64>,
    /// Acknowledged rows that are gone.
    pub rows_lost: Option<usize>,
    /// Recovery-point objective, ms.
    pub rpo_ms: Option<u64>,
    /// Whether it was met; none: no objective, or nothing measured.
    pub rpo_met: Option<bool>,
    /// The run that recovered it, of a drill.
    pub run: Option<String>,
    /// Steps that were carried out, without groups, in the order in which they began.
    pub steps: Vec<StepRow>,
}

/// One step that was carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StepRow {
    /// Its id.
    pub step: String,
    /// For people.
    pub title: String,
    /// How it ended; none: it has not.
    pub outcome: Option<Outcome>,
    /// As it ended last, ms.
    pub took_ms: Option<u64>,
    /// Attempts of its action; 0: nobody knows.
    pub attempts: u32,
    /// Of these, the ones that failed, whether or not they were repeated.
    pub failed_attempts: u32,
    /// A person does it.
    pub manual: bool,
    /// A person was asked: to do it, to confirm it, to approve it, or what to do about it.
    pub asked: bool,
    /// Waiting for people, ms.
    pub waited_ms: u64,
}

impl StepRow {
    /// True when it is done.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Succeeded | Outcome::Warned))
    }
}
