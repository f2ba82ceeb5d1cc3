//! What each step did when: the fold of a run's records into spans, and the chain of steps that made the run take as long as it did.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Excerpt, since};
use crate::model::entry::{Entry, Record};
use crate::model::id::StepId;
use crate::report::Summary;
use crate::report::trend::{by_somebody, milliseconds};

/// Records of one moment are written in one batch; times in them are rounded to ms.
const SAME_MOMENT_MS: u64 = 2;

/// A step's times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StepTimeline {
    /// Which.
    pub step: StepId,
    /// True when it has members: its spans are theirs.
    pub group: bool,
    /// On the chain that made the run take as long as it did.
    pub critical: bool,
    /// In order, without overlap.
    pub spans: Vec<Span>,
    /// The end of what it wrote.
    pub log: Option<Excerpt>,
}

/// A stretch of time in which a step did one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Span {
    /// What.
    pub doing: Doing,
    /// ms.
    pub from_ms: u64,
    /// ms.
    pub to_ms: u64,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Its turn: probes before the action, or waiting for a free place.
    Ready,
    /// Its action.
    Working,
    /// Its gate.
    Gate,
    /// Until the next attempt.
    Delay,
    /// A person is asked.
    People,
    /// It is being undone.
    Undo,
}

impl Doing {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Ready, Self::Working, Self::Gate, Self::Delay, Self::People, Self::Undo];

    /// For people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ready => "getting ready",
            Self::Working => "working",
            Self::Gate => "at its gate",
            Self::Delay => "until the next attempt",
            Self::People => "waiting for people",
            Self::Undo => "being undone",
        }
    }
}

impl StepTimeline {
    /// When it began, ms.
    #[must_use]
    pub fn from_ms(&self) -> Option<u64> {
        self.spans.first().map(|span| span.from_ms)
    }

    /// When it did something for the first time, ms: waiting for its place is over.
    #[must_use]
    pub fn began_ms(&self) -> Option<u64> {
        let busy = self.spans.iter().find(|span| span.doing != Doing::Ready).or(self.spans.first());
        busy.map(|span| span.from_ms)
    }

    /// When it ended, ms.
    #[must_use]
    pub fn to_ms(&self) -> Option<u64> {
        self.spans.last().map(|span| span.to_ms)
    }
}

/// What a step is doing since when.
struct Open {
    doing: Doing,
    from: DateTime<Utc>,
}

struct Fold {
    began: DateTime<Utc>,
    open: HashMap<StepId, Open>,
    spans: HashMap<StepId, Vec<Span>>,
}

impl Fold {
    /// What the step did so far ends here.
    fn end(&mut self, step: &StepId, doing: Option<Doing>, at: DateTime<Utc>) {
        let Some(open) = self.open.remove(step) else { return };
        let (from_ms, to_ms) = (since(self.began, open.from), since(self.began, at));
        if to_ms > from_ms {
            let span = Span { doing: doing.unwrap_or(open.doing), from_ms, to_ms };
            self.spans.entry(step.clone()).or_default().push(span);
        }
    }

    fn turn(&mut self, step: &StepId, doing: Doing, at: DateTime<Utc>) {
        self.end(step, None, at);
        self.open.insert(step.clone(), Open { doing, from: at });
    }

    /// An answer ends a wait for people, whatever the step seemed to do until then.
    fn answer(&mut self, step: &StepId, waited_ms: Option<u64>, at: DateTime<Utc>) {
        let asked = waited_ms.map(|ms| at - milliseconds(ms));
        if let (Some(asked), Some(open)) = (asked, self.open.get(step))
            && asked > open.from
        {
            self.end(step, None, asked);
            self.open.insert(step.clone(), Open { doing: Doing::People, from: asked });
        }
        self.end(step, Some(Doing::People), at);
        self.open.insert(step.clone(), Open { doing: Doing::Ready, from: at });
    }

    fn add(&mut self, record: &Record, last: DateTime<Utc>) {
        let at = record.at;
        match &record.entry {
            Entry::StepStarted { step, .. } => self.turn(step, Doing::Working, at),
            Entry::GateStarted { step, .. } => self.turn(step, Doing::Gate, at),
            Entry::AttemptFailed { step, .. } => self.turn(step, Doing::Delay, at),
            Entry::ApprovalAsked { step, .. } => self.turn(step, Doing::People, at),
            Entry::Answered { step, answer, waited_ms, .. } if by_somebody(answer) => self.answer(step, *waited_ms, at),
            Entry::Approved { step, .. } => self.answer(step, None, at),
            Entry::UndoStarted { step, .. } => self.turn(step, Doing::Undo, at),
            Entry::StepFinished { step, .. } | Entry::UndoFinished { step, .. } => self.end(step, None, at),
            // Nobody drove it from the last record until now.
            Entry::RunResumed { .. } => self.stop(last),
            Entry::RunFinished { .. } => self.stop(at),
            _ => {}
        }
    }

    fn stop(&mut self, at: DateTime<Utc>) {
        let open: Vec<StepId> = self.open.keys().cloned().collect();
        for step in open {
            self.end(&step, None, at);
        }
    }
}

/// When the step's turn came: the first record that names it says less where it was waited for somebody or something before. What a
/// step took leaves out the time in which people thought, except where it was theirs to do.
fn turns(records: &[Record]) -> BTreeMap<u64, Vec<(StepId, DateTime<Utc>)>> {
    let mut first: HashMap<&StepId, u64> = HashMap::new();
    let mut turns: BTreeMap<u64, Vec<(StepId, DateTime<Utc>)>> = BTreeMap::new();
    let mut thought: HashMap<&StepId, u64> = HashMap::new();
    for record in records {
        if let Entry::Answered { step, question, waited_ms: Some(ms), .. } = &record.entry
            && question != "manual"
        {
            *thought.entry(step).or_default() += ms;
        }
        match &record.entry {
            Entry::StepStarted { step, .. }
            | Entry::GateStarted { step, .. }
            | Entry::ApprovalAsked { step, .. }
            | Entry::Answered { step, .. } => drop(first.entry(step).or_insert(record.seq)),
            Entry::StepFinished { step, elapsed_ms, .. } => {
                let length = milliseconds(elapsed_ms.saturating_add(thought.remove(step).unwrap_or_default()));
                let seq = first.remove(step).unwrap_or(record.seq);
                turns.entry(seq).or_default().push((step.clone(), record.at - length));
            }
            // Walked again, its turn comes again.
            Entry::RunResumed { .. } => {
                first.clear();
                thought.clear();
            }
            _ => {}
        }
    }
    turns
}

/// Every step's times, and the critical chain.
pub(super) fn of(
    summary: &Summary,
    records: &[Record],
    began: DateTime<Utc>,
    excerpts: &mut BTreeMap<StepId, Excerpt>,
) -> (Vec<StepTimeline>, Vec<StepId>) {
    let mut fold = Fold { began, open: HashMap::new(), spans: HashMap::new() };
    let turns = turns(records);
    let mut last = began;
    for record in records {
        for (step, at) in turns.get(&record.seq).into_iter().flatten() {
            // Between two records of one moment the clock of the run and that of the wall may differ by a rounding.
            fold.open.entry(step.clone()).or_insert(Open { doing: Doing::Ready, from: (*at).min(record.at) });
        }
        fold.add(record, last);
        last = record.at;
    }
    fold.stop(last);
    let mut timeline: Vec<StepTimeline> = summary
        .nested()
        .into_iter()
        .map(|step| StepTimeline {
            step: step.step.clone(),
            group: step.group,
            critical: false,
            spans: fold.spans.remove(&step.step).unwrap_or_default(),
            log: excerpts.remove(&step.step),
        })
        .collect();
    let critical = critical(&timeline);
    for step in &mut timeline {
        step.critical = critical.contains(&step.step);
    }
    (timeline, critical)
}

/// Backwards from the step that ended last: what ended last before it could begin is what it waited for, be it a result or a place.
fn critical(timeline: &[StepTimeline]) -> Vec<StepId> {
    let leaves: Vec<(&StepTimeline, u64, u64)> = timeline
        .iter()
        .filter(|step| !step.group)
        .filter_map(|step| Some((step, step.began_ms()?, step.to_ms()?)))
        .collect();
    let mut chain = Vec::new();
    let mut next = leaves.iter().max_by_key(|(_, _, to)| *to);
    while let Some((step, from, to)) = next {
        chain.push(step.step.clone());
        next = leaves
            .iter()
            .filter(|(other, _, other_to)| {
                other.step != step.step && *other_to <= from + SAME_MOMENT_MS && *other_to < *to
            })
            .max_by_key(|(_, _, other_to)| *other_to);
    }
    chain.reverse();
    chain
}

/// How much time is covered by at least one span, ms.
pub(super) fn covered<'s>(spans: impl Iterator<Item = &'s Span>) -> u64 {
    let mut edges: Vec<(u64, u64)> = spans.map(|span| (span.from_ms, span.to_ms)).collect();
    edges.sort_unstable();
    let (mut sum, mut until) = (0, 0);
    for (from, to) in edges {
        sum += to.saturating_sub(from.max(until));
        until = until.max(to);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, from_ms: u64, to_ms: u64) -> StepTimeline {
        let spans = vec![Span { doing: Doing::Working, from_ms, to_ms }];
        StepTimeline { step: StepId(name.to_owned()), group: false, critical: false, spans, log: None }
    }

    #[test]
    fn the_chain_is_what_each_waited_for() {
        let steps = [step("stop", 0, 10), step("copy", 10, 90), step("look", 10, 30), step("start", 90, 120)];
        let names: Vec<String> = critical(&steps).into_iter().map(|it| it.0).collect();
        assert_eq!(names, ["stop", "copy", "start"]);
    }

    #[test]
    fn time_that_two_share_counts_once() {
        let spans = [step("a", 0, 10), step("b", 5, 20), step("c", 30, 40)];
        assert_eq!(covered(spans.iter().flat_map(|step| &step.spans)), 30);
    }
}
