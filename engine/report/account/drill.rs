//! What a drill's own journal says: the lab, the fault, the stages, the canary, the scorecard.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Objective, Verdict, since};
use crate::model::drill::{CanaryWrites, DrillFact, Prediction, Scorecard, Stage};
use crate::model::entry::{Entry, Record};

/// A drill.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct DrillAccount {
    /// The drill's id.
    pub id: String,
    /// The lab's name.
    pub lab: String,
    /// For people.
    pub lab_title: String,
    /// What in it is not the real thing.
    pub stand_ins: Vec<String>,
    /// The runbook's name.
    pub runbook: String,
    /// For people.
    pub title: String,
    /// The system's name.
    pub system: String,
    /// Its environment.
    pub environment: String,
    /// What was to be broken.
    pub fault: String,
    /// For people; none: it was never reached.
    pub fault_title: Option<String>,
    /// What was done to break it, a line each.
    pub deeds: Vec<String>,
    /// True once it was broken.
    pub injected: bool,
    /// Why the fault could not be taken back.
    pub undo_failed: Option<String>,
    /// Nothing was recovered: the drill had to end red.
    pub control: bool,
    /// `user@host`.
    pub operator: String,
    /// The program's version.
    pub engine: String,
    /// Which client spoke to the cloud: `gcloud` or `shim`.
    pub gcloud: Option<String>,
    /// The recovery time that was expected.
    pub predicted: Prediction,
    /// In order.
    pub stages: Vec<StageTime>,
    /// What was written from outside.
    pub canary: Option<CanaryWrites>,
    /// What was measured; none: it was not reached.
    pub score: Option<Scorecard>,
    /// See [`DrillFact::Finished`]; none: it was killed.
    pub verdict: Option<String>,
    /// Why, if not well.
    pub why: Option<String>,
}

/// A stage and its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StageTime {
    /// Which.
    pub stage: Stage,
    /// For people.
    pub title: &'static str,
    /// When it began, ms.
    pub from_ms: u64,
    /// How long it took, ms; none: it has no end.
    pub took_ms: Option<u64>,
    /// Why it is not as it should be.
    pub why: Option<String>,
}

impl DrillAccount {
    pub(super) fn of(records: &[Record]) -> Self {
        let mut account = Self::default();
        let began = records.first().map(|record| record.at).unwrap_or_default();
        for record in records {
            if let Entry::Drill { fact } = &record.entry {
                account.add(fact, record.at, began);
            }
        }
        account
    }

    fn add(&mut self, fact: &DrillFact, at: DateTime<Utc>, began: DateTime<Utc>) {
        match fact {
            DrillFact::Started {
                drill,
                lab,
                lab_title,
                stand_ins,
                runbook,
                title,
                system,
                environment,
                fault,
                control,
                operator,
                engine,
                gcloud,
                predicted,
            } => {
                *self = Self {
                    id: drill.clone(),
                    lab: lab.clone(),
                    lab_title: lab_title.clone(),
                    stand_ins: stand_ins.clone(),
                    runbook: runbook.clone(),
                    title: title.clone(),
                    system: system.clone(),
                    environment: environment.clone(),
                    fault: fault.clone(),
                    control: *control,
                    operator: operator.clone(),
                    engine: engine.clone(),
                    gcloud: gcloud.clone(),
                    predicted: *predicted,
                    ..Self::default()
                };
            }
            DrillFact::StageStarted { stage } => self.stages.push(StageTime {
                stage: *stage,
                title: stage.title(),
                from_ms: since(began, at),
                took_ms: None,
                why: None,
            }),
            DrillFact::StageFinished { stage, why, elapsed_ms } => {
                if let Some(known) = self.stages.iter_mut().rev().find(|known| known.stage == *stage) {
                    known.took_ms = Some(*elapsed_ms);
                    known.why.clone_from(why);
                }
            }
            DrillFact::FaultPlanned { title, deeds, .. } => {
                self.fault_title = Some(title.clone());
                self.deeds.clone_from(deeds);
            }
            DrillFact::FaultInjected { .. } => self.injected = true,
            DrillFact::FaultUndone { why, .. } => self.undo_failed.clone_from(why),
            DrillFact::Canary { canary } => self.canary = Some(canary.clone()),
            DrillFact::Measured { score } => self.score = Some((**score).clone()),
            DrillFact::Finished { verdict, why, .. } => {
                self.verdict = Some(verdict.clone());
                self.why.clone_from(why);
            }
            DrillFact::Kept { .. } | DrillFact::Unknown => {}
        }
    }

    /// A control has to end red: that is well.
    pub(super) fn verdict(&self) -> Verdict {
        let Some(word) = &self.verdict else {
            let why = "the drill has no end: it goes on, or it was killed".to_owned();
            return Verdict { word: "unfinished".to_owned(), well: false, why: Some(why) };
        };
        let is_back = matches!(word.as_str(), "recovered" | "objective missed");
        if self.control && is_back {
            let why = "the system came back without a recovery: this drill proves nothing".to_owned();
            return Verdict { word: word.clone(), well: false, why: Some(why) };
        }
        let is_red = matches!(word.as_str(), "not recovered" | "not noticed");
        let well = if self.control { is_red } else { word == "recovered" };
        Verdict { word: word.clone(), well, why: self.why.clone() }
    }

    pub(super) fn objectives(&self) -> Vec<Objective> {
        let Some(score) = &self.score else { return Vec::new() };
        let recovery = Objective {
            name: "RTO",
            title: "recovery time",
            objective_ms: score.rto_ms,
            actual_ms: score.verified_ms,
            met: score.rto_met,
        };
        let point = Objective {
            name: "RPO",
            title: "data loss",
            objective_ms: score.rpo_ms,
            actual_ms: score.loss_ms(),
            met: score.rpo_met,
        };
        [recovery, point].into_iter().filter(|it| it.objective_ms.is_some() || it.actual_ms.is_some()).collect()
    }

    pub(super) fn stand_ins(&self) -> Vec<String> {
        let cloud = self.gcloud.as_ref().map(|client| match client.as_str() {
            "gcloud" => "the cloud is a stand-in; its client is the real gcloud".to_owned(),
            _ => "the cloud is a stand-in, and so is its client".to_owned(),
        });
        self.stand_ins.iter().cloned().chain(cloud).collect()
    }
}
