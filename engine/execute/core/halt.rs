//! Why a run starts nothing new: a signal, a pause, a cancel, a rollback that a person asked for.
//!
//! A signal or a pause holds everything back, finally-steps too, since the run goes on later. A cancel spares the finally-steps: it
//! is the end. A rollback holds back like a pause; undoing begins once nothing runs. A later word replaces an earlier one, but
//! nothing replaces a cancel.

use super::list::{ListIx, Role};
use super::run::RunPhase;
use super::{Core, Owner};
use crate::model::entry::Entry;
use crate::model::outcome::SkipReason;
use crate::model::status::StepStatus;
use crate::plan::NodeIx;

/// What a person (or a lost connection, or an approval that did not come) asked of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Halt {
    No,
    Pause,
    Cancel,
    Rollback { by: String, why: String },
}

impl Core {
    /// Nothing new starts; what runs may finish.
    pub(super) fn pause(&mut self, by: &str, why: &str) {
        if self.is_over() || matches!(self.halt, Halt::Pause | Halt::Cancel) {
            return;
        }
        self.record(Entry::Paused { by: by.to_owned(), why: why.to_owned() });
        self.halt = Halt::Pause;
        self.halted_why = Some(said("paused", by, why));
        self.stop_waiting();
    }

    /// What runs is ended, except finally-steps; those that are left run, nothing else.
    pub(super) fn cancel(&mut self, by: &str, why: &str) {
        if self.is_over() || self.halt == Halt::Cancel {
            return;
        }
        self.record(Entry::Cancelled { by: by.to_owned(), why: why.to_owned() });
        self.halt = Halt::Cancel;
        self.options.step = false;
        self.halted_why = Some(said("cancelled", by, why));
        self.stop_waiting();
        self.cancel_all();
    }

    /// Once nothing runs any more, the whole run is undone. No second time.
    pub(super) fn roll_back(&mut self, by: &str, why: &str) {
        let undoing = matches!(self.phase, RunPhase::Undoing(_));
        if self.is_over() || undoing || matches!(self.halt, Halt::Rollback { .. } | Halt::Cancel) {
            return;
        }
        self.halt = Halt::Rollback { by: by.to_owned(), why: why.to_owned() };
        // Nobody is asked about each finally-step of a run that is given up.
        self.options.step = false;
        self.halted_why = Some(said("rolled back", by, why));
        self.stop_waiting();
    }

    /// True when anything holds the run back.
    pub(super) fn is_halted(&self) -> bool {
        self.interrupted > 0 || self.halt != Halt::No
    }

    /// True when a step must not start anything.
    pub(super) fn holds_back(&self, ix: NodeIx) -> bool {
        self.interrupted > 0
            || match self.halt {
                Halt::No => false,
                Halt::Pause | Halt::Rollback { .. } => true,
                Halt::Cancel => !self.is_in_finally(ix),
            }
    }

    /// True when what a step runs is ended.
    pub(super) fn ends_now(&self, ix: NodeIx) -> bool {
        self.interrupted > 1 || (self.halt == Halt::Cancel && !self.is_in_finally(ix))
    }

    /// Why a step that is held back did not run.
    pub(super) fn held_back_because(&self, ix: NodeIx) -> Option<SkipReason> {
        let cancelled = match self.halt {
            Halt::No | Halt::Pause => false,
            Halt::Rollback { .. } => true,
            Halt::Cancel => !self.is_in_finally(ix),
        };
        if cancelled { Some(SkipReason::Cancelled) } else { self.holds_back(ix).then_some(SkipReason::Interrupted) }
    }

    /// Finally-steps, of the run or of a group, and everything inside them. A step that is being undone counts as the step (or the
    /// run) whose failure asked for it.
    fn is_in_finally(&self, ix: NodeIx) -> bool {
        let mut at = ix;
        if let Some(undo) = &self.nodes[ix.0 as usize].undo {
            match undo.owner {
                Some(owner) => at = owner,
                None => return false,
            }
        }
        loop {
            let ListIx(list) = self.nodes[at.0 as usize].list;
            match self.lists[list].role {
                Role::Main => return false,
                Role::RunFinally | Role::Finally(_) => return true,
                Role::Members(owner) | Role::Fallback(owner) => at = owner,
            }
        }
    }

    /// Finally-steps of the run, and everything inside them.
    pub(super) fn is_in_run_finally(&self, ix: NodeIx) -> bool {
        let mut at = ix;
        loop {
            match self.lists[self.nodes[at.0 as usize].list.0].role {
                Role::Main => return false,
                Role::RunFinally => return true,
                Role::Members(owner) | Role::Finally(owner) | Role::Fallback(owner) => at = owner,
            }
        }
    }

    /// True for a step and everything inside it: members, finally-steps, fallbacks.
    pub(super) fn is_inside(&self, ix: NodeIx, outer: NodeIx) -> bool {
        let mut at = ix;
        while at != outer {
            match self.lists[self.nodes[at.0 as usize].list.0].role {
                Role::Main | Role::RunFinally => return false,
                Role::Members(owner) | Role::Finally(owner) | Role::Fallback(owner) => at = owner,
            }
        }
        true
    }

    /// What has not started will not; who waits for a person or a timer stops waiting.
    pub(super) fn stop_waiting(&mut self) {
        let ready: Vec<NodeIx> = self.ready.iter().copied().collect();
        for ix in ready {
            if let Some(reason) = self.held_back_because(ix) {
                self.skip(ix, &reason);
            }
        }
        let questions: Vec<_> = self
            .under_way
            .iter()
            .filter(|(_, work)| work.question)
            .map(|(token, work)| (token.clone(), work.owner))
            .collect();
        for (token, owner) in questions {
            let Owner::Step(ix) = owner else { continue };
            if self.holds_back(ix) {
                self.under_way.remove(&token);
                self.out.push(super::Command::Withdraw(token));
                self.end_held_back(ix);
            }
        }
        for (at, ix) in std::mem::take(&mut self.timers) {
            if !self.holds_back(ix) {
                self.timers.insert((at, ix));
            } else if self.nodes[ix.0 as usize].status == StepStatus::Backoff {
                self.end_held_back(ix);
            } else {
                self.timers.insert((self.now.elapsed, ix));
            }
        }
    }

    /// Ends what runs, except what a cancel spares.
    pub(super) fn cancel_all(&mut self) {
        let mut running = Vec::new();
        for (token, work) in &self.under_way {
            let ends = match work.owner {
                Owner::Step(ix) => self.ends_now(ix),
                Owner::Run(_) | Owner::Lost => true,
            };
            if ends && !work.question {
                running.push(token.clone());
            }
        }
        self.out.extend(running.into_iter().map(super::Command::Cancel));
        for (at, ix) in std::mem::take(&mut self.timers) {
            if !self.ends_now(ix) {
                self.timers.insert((at, ix));
            } else if !self.nodes[ix.0 as usize].status.is_ended()
                && self.nodes[ix.0 as usize].stage == super::stage::Stage::Timer
            {
                self.end_held_back(ix);
            }
        }
    }

    /// A step that was under way stops here.
    pub(super) fn end_held_back(&mut self, ix: NodeIx) {
        if self.nodes[ix.0 as usize].undo.is_some() {
            self.undo_interrupted(ix);
        } else {
            self.end(ix, crate::model::status::StepEvent::Interrupt);
        }
    }
}

fn said(what: &str, by: &str, why: &str) -> String {
    if why.is_empty() { format!("{what} by {by}") } else { format!("{what} by {by}: {why}") }
}
