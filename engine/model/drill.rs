//! A drill: its stages, the facts of its journal, what it measured. Times are milliseconds since the fault unless they say otherwise.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::id::StepId;

/// The ten stages of a drill, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each says it itself; `Stage::title` is for people")]
pub enum Stage {
    Create,
    Baseline,
    Canary,
    Fault,
    Detect,
    Recover,
    Verify,
    Measure,
    Destroy,
    Report,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 10] = [
        Self::Create,
        Self::Baseline,
        Self::Canary,
        Self::Fault,
        Self::Detect,
        Self::Recover,
        Self::Verify,
        Self::Measure,
        Self::Destroy,
        Self::Report,
    ];

    /// From 1.
    #[must_use]
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// One word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Baseline => "baseline",
            Self::Canary => "canary",
            Self::Fault => "fault",
            Self::Detect => "detect",
            Self::Recover => "recover",
            Self::Verify => "verify",
            Self::Measure => "measure",
            Self::Destroy => "destroy",
            Self::Report => "report",
        }
    }

    /// For people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Create => "make the lab",
            Self::Baseline => "everything is healthy",
            Self::Canary => "the canary writes",
            Self::Fault => "break it",
            Self::Detect => "somebody notices",
            Self::Recover => "recover it with the runbook",
            Self::Verify => "everything is healthy again",
            Self::Measure => "measure",
            Self::Destroy => "take the lab down",
            Self::Report => "report",
        }
    }
}

/// What one drill measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scorecard {
    /// When the fault was about to be injected.
    pub fault_at: Option<DateTime<Utc>>,
    /// From the fault until it was noticed.
    pub detected_ms: Option<u64>,
    /// … until the recovery was decided.
    pub declared_ms: Option<u64>,
    /// … until the runbook's first record.
    pub started_ms: Option<u64>,
    /// … until the first write of the canary was acknowledged again.
    pub serving_ms: Option<u64>,
    /// … until the system was verified: the recovery time.
    pub verified_ms: Option<u64>,
    /// Of the recovery, waiting for people.
    pub people_ms: u64,
    /// Recovery-time objective.
    pub rto_ms: Option<u64>,
    /// Whether it was met; none: no objective, or no recovery.
    pub rto_met: Option<bool>,
    /// Recovery-point objective.
    pub rpo_ms: Option<u64>,
    /// Whether it was met; none: no objective, or nothing measured.
    pub rpo_met: Option<bool>,
    /// What each store lost.
    pub stores: Vec<StoreLoss>,
    /// From the last acknowledged write before the fault to the first after it, as a client saw it.
    pub outage_ms: Option<u64>,
    /// The time that was expected before the drill.
    pub predicted: Prediction,
    /// The run that recovered it.
    pub run: Option<String>,
    /// Its steps.
    pub steps: Vec<StepTime>,
    /// Who was waited for.
    pub people: Vec<Wait>,
}

impl Scorecard {
    /// The recovery time without waiting for people.
    #[must_use]
    pub fn without_people_ms(&self) -> Option<u64> {
        self.verified_ms.map(|all| all.saturating_sub(self.people_ms))
    }

    /// The largest data loss of all stores.
    #[must_use]
    pub fn loss_ms(&self) -> Option<u64> {
        self.stores.iter().filter_map(|store| store.loss_ms).max()
    }

    /// True when an objective was measured and missed.
    #[must_use]
    pub fn misses_an_objective(&self) -> bool {
        self.rto_met == Some(false) || self.rpo_met == Some(false)
    }
}

/// How long the recovery was expected to take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Prediction {
    /// By the rehearsal of the same fault, ms; none: it cannot be rehearsed.
    pub rehearsed_ms: Option<u64>,
    /// Median of earlier drills like this, from the fault to verified, ms.
    pub p50_ms: Option<u64>,
    /// Nine of ten were not slower, ms.
    pub p90_ms: Option<u64>,
    /// How many of them.
    pub drills: u32,
}

/// What a store lost, by the canary's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoreLoss {
    /// Its name.
    pub store: String,
    /// Writes that were acknowledged.
    pub acknowledged: usize,
    /// Of these, how many it has.
    pub kept: usize,
    /// Acknowledged, and not there: rows lost.
    pub lost: usize,
    /// The lost numbers: first and last of each stretch, in order.
    #[serde(default)]
    pub lost_ranges: Vec<(u64, u64)>,
    /// There, although nobody was told so.
    pub unacknowledged: usize,
    /// Nothing from before the fault is there: the loss is at least what is measured.
    pub nothing_kept: bool,
    /// From the newest kept write before the fault to the fault; 0 when nothing from before it is lost.
    pub loss_ms: Option<u64>,
    /// Rows that were acknowledged by the moment to go back to, and are not there.
    pub missing_before_target: Option<usize>,
    /// Rows that were acknowledged after the moment to go back to and before the recovery, and are there.
    pub beyond_target: Option<usize>,
    /// Why it could not be asked.
    pub unreadable: Option<String>,
}

impl StoreLoss {
    /// The first and the last lost number.
    #[must_use]
    pub fn lost_range(&self) -> Option<(u64, u64)> {
        self.lost_ranges.first().zip(self.lost_ranges.last()).map(|(first, last)| (first.0, last.1))
    }
}

/// Every write of a canary, in the order of its numbers: what was promised, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CanaryWrites {
    /// When the first was sent.
    pub began: DateTime<Utc>,
    /// The time between two, ms.
    pub every_ms: u64,
    /// Number, when it was sent (ms since the first), and how long its acknowledgement took (ms); none: it was not acknowledged.
    pub writes: Vec<(u64, u64, Option<u64>)>,
}

/// How long a step took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepTime {
    /// The step.
    pub step: StepId,
    /// For people.
    pub title: String,
    /// Measured, ms.
    pub took_ms: u64,
    /// As its author said, ms.
    pub estimate_ms: Option<u64>,
    /// Median of earlier drills, ms.
    pub p50_ms: Option<u64>,
}

/// A file and its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFile {
    /// Its path, with `/`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256.
    pub sha256: String,
}

/// Somebody was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wait {
    /// The step that asked.
    pub step: String,
    /// `confirm`, `manual`.
    pub question: String,
    /// Until the answer, ms.
    pub waited_ms: u64,
}

/// One fact of a drill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one at a time, boxed in its entry")]
pub enum DrillFact {
    /// First in the journal of a drill.
    Started {
        /// The drill.
        drill: String,
        /// The lab's name and, for people, its title.
        lab: String,
        /// For people.
        lab_title: String,
        /// What in it is not the real thing.
        stand_ins: Vec<String>,
        /// The runbook's name.
        runbook: String,
        /// For people.
        title: String,
        /// The system's name.
        system: String,
        /// Its environment.
        environment: String,
        /// What will be broken.
        fault: String,
        /// Nothing is recovered: the drill has to end red.
        control: bool,
        /// Who, as `user@host`.
        operator: String,
        /// This program's version.
        engine: String,
        /// Which client speaks to the cloud, if there is one: `gcloud` or `shim`.
        gcloud: Option<String>,
        /// The recovery time that is expected.
        predicted: Prediction,
    },
    /// A stage of a drill begins.
    StageStarted {
        /// Which.
        stage: Stage,
    },
    /// A stage of a drill is over.
    StageFinished {
        /// Which.
        stage: Stage,
        /// Why it is not as it should be; none: it is.
        why: Option<String>,
        /// From its beginning, ms.
        elapsed_ms: u64,
    },
    /// Before a fault is injected: the intent.
    FaultPlanned {
        /// Which.
        fault: String,
        /// For people.
        title: String,
        /// What will be done, a line each.
        deeds: Vec<String>,
    },
    /// The fault is there.
    FaultInjected {
        /// Which.
        fault: String,
    },
    /// The fault was taken back.
    FaultUndone {
        /// Which.
        fault: String,
        /// Why that failed; none: it did not.
        why: Option<String>,
    },
    /// What the canary wrote, before it is judged.
    Canary {
        /// All of it.
        canary: CanaryWrites,
    },
    /// What a drill measured.
    Measured {
        /// All of it.
        score: Box<Scorecard>,
    },
    /// What the drill and its run have written, once nobody writes there any more: with it, all of it is in the chain.
    Kept {
        /// Paths from the directory of drills, in order.
        files: Vec<KeptFile>,
    },
    /// Last in the journal of a drill.
    Finished {
        /// `recovered`, `objective missed`, `not recovered`, `not noticed`, `failed` or `interrupted`.
        verdict: String,
        /// Why, if not well.
        why: Option<String>,
        /// From start to end, ms.
        elapsed_ms: u64,
    },
    /// A kind of a later version.
    #[serde(other)]
    Unknown,
}
