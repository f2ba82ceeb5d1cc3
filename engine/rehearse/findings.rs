//! What all paths together say: what is wrong, with the place in the runbook, and what is worth a look.

use std::collections::{BTreeMap, BTreeSet};

use fixedbitset::FixedBitSet;

use super::result::{Assumption, End, Finding, Row};
use super::scene::Scene;
use crate::execute::Simulation;
use crate::model::id::StepId;
use crate::model::outcome::RunOutcome;
use crate::model::rehearsal::Finding as Kind;
use crate::model::source::Span;
use crate::plan::{Body, Plan};

/// What was seen on any path; steps by their index.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Steps that began.
    ran: FixedBitSet,
    /// Gates that were asked.
    asked: FixedBitSet,
    /// Gates that said no by themselves.
    red: FixedBitSet,
    /// What is not simulated.
    assumed: BTreeSet<Assumption>,
}

impl Tally {
    /// What one path saw.
    pub fn of(simulation: &Simulation<Scene>) -> Self {
        let seen = &simulation.outside().seen;
        Self { ran: seen.ran.clone(), asked: seen.asked.clone(), red: seen.red.clone(), assumed: seen.assumed.clone() }
    }

    /// Both.
    pub fn join(&mut self, other: Self) {
        self.ran.union_with(&other.ran);
        self.asked.union_with(&other.asked);
        self.red.union_with(&other.red);
        self.assumed.extend(other.assumed);
    }
}

/// One kind of trouble at one step, on however many paths.
struct Found {
    message: String,
    help: String,
    related: Vec<(Span, String)>,
    paths: usize,
    example: Option<(StepId, super::failure::Kind)>,
}

type All = BTreeMap<(Kind, usize, Option<StepId>), Found>;

/// Everything that is found.
pub fn of(plan: &Plan, nominal: &End, rows: &[Row], tally: &Tally) -> Vec<Finding> {
    let mut all = All::new();
    let mut add = |kind: Kind, step: Option<&StepId>, row: Option<&Row>, message: String, help: &str| {
        let at = step.and_then(|step| plan.nodes.iter().position(|node| node.id == *step)).unwrap_or(usize::MAX);
        let found = all.entry((kind, at, step.cloned())).or_insert_with(|| Found {
            message,
            help: help.to_owned(),
            related: Vec::new(),
            paths: 0,
            example: row.map(|row| (row.step.clone(), row.failure)),
        });
        found.paths += 1;
    };
    for (row, end) in std::iter::once((None, nominal)).chain(rows.iter().map(|row| (Some(row), &row.end))) {
        for risk in &end.at_risk {
            let message =
                format!("destroys `{}` in {}; no copy and no proved backup of it is left", risk.data, risk.place);
            let help = "read the backup to its end before, or set aside what is there";
            add(Kind::DataAtRisk, Some(&risk.step), row, message, help);
        }
        let culprit = row.map(|row| &row.step);
        if end.claims_success() {
            let down: Vec<&str> = end.down().map(|service| service.id.as_str()).collect();
            let lost: Vec<String> = end.lost().map(|data| format!("{} is {}", data.id, data.state)).collect();
            if !down.is_empty() || !lost.is_empty() {
                let down = (!down.is_empty()).then(|| format!("{} down", down.join(", ")));
                let what = down.into_iter().chain(lost).collect::<Vec<_>>().join("; ");
                let message = match row {
                    Some(row) => format!("the run ends well although this step {}: {what}", row.failure.meaning()),
                    None => format!("the run ends well although {what}"),
                };
                let help = "give it a gate, or check its result in a later step";
                add(Kind::FalseSuccess, culprit, row, message, help);
            }
        }
        let is_final = end.outcome.is_some_and(RunOutcome::is_final);
        // A failed run can be resumed, but nothing makes anybody do it.
        let is_over = is_final || matches!(end.outcome, Some(RunOutcome::Failed | RunOutcome::RollbackFailed));
        if is_over && !end.paused.is_empty() {
            let message = format!("the run is over, and paused still: {}", end.paused.join(", "));
            let help = "unpause it in a `finally:`, or in the rollback of the step that pauses it";
            add(Kind::LeftPaused, end.pauser.as_ref().or(culprit), row, message, help);
        }
        if is_final && !end.left_behind.is_empty() {
            let message = format!("the run is over, and leaves behind: {}", end.left_behind.join(", "));
            add(Kind::LeftBehind, culprit, row, message, "remove it in a `finally:`");
        }
        for stuck in &end.stuck {
            let message = "its rollback can fail".to_owned();
            let help = "give the rollback a `done_when`, so that it knows what is undone already";
            add(Kind::StuckRollback, Some(stuck), row, message, help);
        }
        let is_lost = |row: &&Row| end.outcome == Some(RunOutcome::Unknown) && !resolves_itself(plan, &row.step);
        if let Some(row) = row.filter(is_lost) {
            let message = "when nobody sees how it ends, a person has to find out before the run can go on".to_owned();
            let help = "say how the world shows that it is done (`done_when`), or that it may be repeated (`idempotent: true`)";
            add(Kind::NeedsPerson, Some(&row.step), Some(row), message, help);
        }
    }
    for node in tally.asked.difference(&tally.red).map(|at| &plan.nodes[at]) {
        let message = "this gate said no on no path, and would not in another world: it may prove nothing".to_owned();
        let help = "let it ask for what the step is there to change";
        add(Kind::NeverRed, Some(&node.id), None, message, help);
    }
    for (_, node) in plan.nodes.iter().enumerate().filter(|(at, _)| !tally.ran.contains(*at)) {
        if node.pruned.is_some() || !matches!(node.body, Body::Operation(_)) {
            continue;
        }
        let message = "this step ran on no path, whichever fault there was: nothing shows that it works".to_owned();
        let help = "rehearse it with other parameters, or declare the fault that it is for";
        add(Kind::Unreachable, Some(&node.id), None, message, help);
    }
    for assumption in &tally.assumed {
        let message = format!(
            "its {} is not simulated ({}); the rehearsal assumed {}",
            assumption.part, assumption.what, assumption.assumed
        );
        add(Kind::NotSimulated, Some(&assumption.step), None, message, "say what it does with `simulate:`");
    }
    let mut findings: Vec<Finding> =
        all.into_iter().map(|((kind, _, step), found)| finding(plan, kind, step, found)).collect();
    findings.splice(0..0, broken(plan, nominal, rows));
    findings
}

/// A resume finds out by itself what became of the step, or runs it again.
fn resolves_itself(plan: &Plan, step: &StepId) -> bool {
    plan.nodes.iter().find(|node| node.id == *step).is_some_and(|node| node.idempotent || node.done_when.is_some())
}

/// What one path alone shows.
pub fn of_one(plan: &Plan, end: &End, tally: &Tally) -> Vec<Finding> {
    let mut found = of(plan, end, &[], tally);
    only_of_paths(&mut found);
    found
}

/// Some paths do not show that a step is never reached, or that a gate never says no.
pub fn only_of_paths(found: &mut Vec<Finding>) {
    found.retain(|finding| !matches!(finding.kind, Kind::NeverRed | Kind::Unreachable));
}

/// Invariants, each with the first path on which it broke.
fn broken(plan: &Plan, nominal: &End, rows: &[Row]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, invariant) in plan.invariants.iter().enumerate() {
        let ends = std::iter::once((None, nominal)).chain(rows.iter().map(|row| (Some(row), &row.end)));
        let mut broken = ends.filter_map(|(row, end)| Some((row, end.broken.iter().find(|it| it.invariant == at)?)));
        let Some((row, first)) = broken.next() else { continue };
        let paths = 1 + broken.count();
        let step = first.step.clone();
        let culprit = step.as_ref().and_then(|step| plan.nodes.iter().find(|node| node.id == *step));
        let seen = if first.seen.is_empty() { String::new() } else { format!(" ({})", first.seen) };
        let at = step.as_ref().map_or_else(|| "at the beginning".to_owned(), |step| format!("at `{step}`"));
        findings.push(Finding {
            kind: Kind::Invariant,
            place: Some(invariant.place),
            related: culprit.map(|node| (node.place, "it stops to hold here".to_owned())).into_iter().collect(),
            message: format!("this does not hold {at}: {}{seen}", first.expression),
            help: "change the order of the steps, or add what must be true first".to_owned(),
            step,
            paths,
            example: row.map(|row| (row.step.clone(), row.failure)),
            accepted: None,
        });
    }
    findings
}

fn finding(plan: &Plan, kind: Kind, step: Option<StepId>, found: Found) -> Finding {
    let node = step.as_ref().and_then(|step| plan.nodes.iter().find(|node| node.id == *step));
    let place = node.or(plan.nodes.first()).map(|node| node.place);
    let accepted = plan.accepted.iter().find(|accepted| {
        accepted.finding == kind
            && accepted.step.as_ref().is_none_or(|outer| step.as_ref().is_some_and(|step| is_inside(step, outer)))
    });
    Finding {
        kind,
        place,
        related: found.related,
        message: found.message,
        help: found.help,
        step,
        paths: found.paths,
        example: found.example,
        accepted: accepted.map(|accepted| accepted.because.clone()),
    }
}

/// True for a step and everything inside it.
fn is_inside(step: &StepId, outer: &StepId) -> bool {
    step.0.strip_prefix(&outer.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
