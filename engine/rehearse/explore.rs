//! Every single failure, and with a budget every pair: the run that goes well is walked once; where a step would act, a fork of it goes
//! the way of each failure to its end, and pays only for what comes after.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::failure::{self, Done, Failure, Kind};
use super::findings::{self, Tally};
use super::path;
use super::result::{Exploration, Row};
use super::scene::{Scene, Stage};
use super::setup;
use crate::execute::{Command, Options, Outside, Question, Simulation};
use crate::model::work::Purpose;
use crate::plan::NodeIx;
use crate::runner::sim::World;

/// How much is explored.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Ways to fail; none: all of them.
    pub ways: Vec<Kind>,
    /// Two failures on one path, too.
    pub pairs: bool,
    /// At most so many paths in all; single failures always are.
    pub paths: usize,
}

/// A fork with a failure in it, and where its row belongs.
struct Fork {
    place: usize,
    simulation: Simulation<Scene>,
    first: Failure,
    then: Option<Failure>,
    /// Records that were there before the (last) failure.
    from: usize,
}

/// What a fork came to, and the pairs that begin with it.
struct Walked {
    place: usize,
    rows: Vec<(Failure, Option<Failure>, Row)>,
    tally: Tally,
    left_out: usize,
    steps: u64,
}

/// Walks every path.
#[must_use]
pub fn explore(stage: &Arc<Stage>, options: &Options, budget: &Budget, fault: String) -> Exploration {
    let scene = Scene::new(Arc::clone(stage));
    let mut nominal = Simulation::new(Arc::clone(&stage.plan), options.clone(), stage.world.now(), scene);
    let singles = (0..).zip(&stage.plan.nodes).map(|(at, node)| failure::of(node, NodeIx(at)).len()).sum::<usize>();
    // Every failure has the same share of the pairs, so that the same paths are walked on every machine.
    let share = if budget.pairs { budget.paths.saturating_sub(singles) / singles.max(1) } else { 0 };
    let mut walked: Vec<Walked> = Vec::new();
    std::thread::scope(|scope| {
        let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
        // A full channel holds the walk up: forks that wait cost memory.
        let (forks, todo) = sync_channel::<Fork>(4 * workers);
        let (done, results) = channel();
        let todo = Arc::new(Mutex::new(todo));
        for _ in 0..workers {
            let (todo, done) = (Arc::clone(&todo), done.clone());
            scope.spawn(move || {
                while let Some(fork) = next(&todo) {
                    let _ = done.send(walk(stage, fork, budget, budget.pairs.then_some(share)));
                }
            });
        }
        drop(done);
        let mut forked = Forked::default();
        let mut place = 0;
        loop {
            for failure in forked.here(stage, budget, nominal.next_command()) {
                let fork = fork(&nominal, failure, None, place);
                place += 1;
                // The workers end only after this end of the channel is gone.
                let _ = forks.send(fork);
            }
            prove_gate(&mut nominal);
            if !nominal.advance() {
                break;
            }
        }
        drop(forks);
        walked = results.into_iter().collect();
    });
    walked.sort_by_key(|walked| walked.place);
    let mut tally = Tally::of(&nominal);
    for world in &stage.others {
        tally.join(elsewhere(stage, options, world.clone()));
    }
    let mut steps = nominal.outside().seen.works;
    let nominal = path::end(&mut nominal);
    let (mut rows, mut left_out) = (Vec::new(), 0);
    for one in walked {
        tally.join(one.tally);
        steps += one.steps;
        left_out += one.left_out;
        rows.extend(one.rows);
    }
    let paths = rows.len() + 1;
    let rows = merge(rows);
    let mut findings = findings::of(&stage.plan, &nominal, &rows, &tally);
    if !budget.ways.is_empty() {
        findings::only_of_paths(&mut findings);
    }
    Exploration { fault, nominal, rows, paths, left_out, steps, findings }
}

/// What the runbook reaches when something else is broken.
fn elsewhere(stage: &Stage, options: &Options, world: World) -> Tally {
    let stage = Arc::new(Stage { world, ..stage.clone() });
    let mut path =
        Simulation::new(Arc::clone(&stage.plan), options.clone(), stage.world.now(), Scene::new(Arc::clone(&stage)));
    loop {
        prove_gate(&mut path);
        if !path.advance() {
            return Tally::of(&path);
        }
    }
}

/// Before a gate is asked for the first time: would it say no elsewhere?
fn prove_gate(path: &mut Simulation<Scene>) {
    let Some(Command::Start(work)) = path.next_command() else { return };
    if work.attempt.purpose == Purpose::Gate && path.outside().gate_can_say_no(path.core(), work) {
        let step = work.attempt.step.0.clone();
        path.outside_mut().gate_is_red(&step);
    }
}

fn next(todo: &Mutex<Receiver<Fork>>) -> Option<Fork> {
    todo.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Steps (and rollbacks) at which forks have been made.
#[derive(Clone, Debug, Default)]
struct Forked(BTreeSet<(NodeIx, Place)>);

/// What of a step is about to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Action,
    Gate,
    Undo,
    UndoGate,
}

impl Forked {
    /// The failures to try before the next command; each step is made to fail once, at its first attempt.
    fn here(&mut self, stage: &Stage, budget: &Budget, command: Option<&Command>) -> Vec<Failure> {
        let (step, place, is_script) = match command {
            Some(Command::Start(work)) => match place_of(work.attempt.purpose) {
                Some(place) => (&work.attempt.step, place, failure::is_script(work)),
                None => return Vec::new(),
            },
            Some(Command::Ask(_, Question::Manual { step, .. })) => (step, Place::Action, false),
            _ => return Vec::new(),
        };
        let Some(ix) = stage.steps.get(step).copied() else { return Vec::new() };
        if !self.0.insert((ix, place)) {
            return Vec::new();
        }
        let undoing = |kind| vec![Failure { undoing: true, ..Failure::new(ix, kind, Done::Nothing) }];
        let forwards = |gate: bool| {
            let all = failure::of(stage.plan.node(ix), ix).into_iter();
            let here =
                |failure: &Failure| (failure.kind == Kind::Gate) == gate && (is_script || failure.done != Done::Half);
            all.filter(here).collect()
        };
        let mut failures = match place {
            Place::Action => forwards(false),
            Place::Gate => forwards(true),
            Place::Undo => undoing(Kind::Error),
            Place::UndoGate => undoing(Kind::Gate),
        };
        failures.retain(|failure| budget.ways.is_empty() || budget.ways.contains(&failure.kind));
        failures
    }
}

const fn place_of(purpose: Purpose) -> Option<Place> {
    Some(match purpose {
        Purpose::Action => Place::Action,
        Purpose::Gate => Place::Gate,
        Purpose::Rollback => Place::Undo,
        Purpose::RollbackGate => Place::UndoGate,
        _ => return None,
    })
}

/// A fork of a path, with a failure in it.
fn fork(path: &Simulation<Scene>, failure: Failure, first: Option<Failure>, place: usize) -> Fork {
    let mut simulation = path.clone();
    let from = simulation.records().len();
    if failure.kind == Kind::Killed {
        setup::die(&mut simulation, failure);
    } else {
        simulation.outside_mut().fail(failure);
    }
    let (first, then) = match first {
        Some(first) => (first, Some(failure)),
        None => (failure, None),
    };
    Fork { place, simulation, first, then, from }
}

/// Walks a fork to its end, and so many forks of it with a second failure.
fn walk(stage: &Arc<Stage>, fork: Fork, budget: &Budget, share: Option<usize>) -> Walked {
    let Fork { place, mut simulation, first, then, from } = fork;
    let before = simulation.outside().seen.works;
    let mut walked = Walked { place, rows: Vec::new(), tally: Tally::default(), left_out: 0, steps: 0 };
    let mut forked = Forked::default();
    // The failing step itself fails already.
    forked.0.extend([(first.step, Place::Action), (first.step, Place::Gate)]);
    let mut seconds = Vec::new();
    loop {
        if let Some(share) = share {
            for failure in forked.here(stage, budget, simulation.next_command()) {
                if seconds.len() >= share {
                    walked.left_out += 1;
                } else {
                    let second = self::fork(&simulation, failure, Some(first), place);
                    seconds.push(walk(stage, second, budget, None));
                }
            }
        }
        if !simulation.advance() {
            break;
        }
    }
    walked.steps = simulation.outside().seen.works - before;
    walked.tally = Tally::of(&simulation);
    let row = Row {
        step: stage.plan.node(first.step).id.clone(),
        failure: first.kind,
        done: Some(first.done),
        then: then.map(|then| (stage.plan.node(then.step).id.clone(), then.kind)),
        path: path::describe(simulation.records(), from),
        end: path::end(&mut simulation),
    };
    walked.rows.push((first, then, row));
    for second in seconds {
        walked.tally.join(second.tally);
        walked.steps += second.steps;
        walked.rows.extend(second.rows);
    }
    walked
}

/// Rows that differ only in how much was done, and lead to the same, are one row.
fn merge(rows: Vec<(Failure, Option<Failure>, Row)>) -> Vec<Row> {
    let mut merged: Vec<(Failure, Option<Failure>, Row)> = Vec::with_capacity(rows.len());
    for (first, then, row) in rows {
        let alike = |(known, also, _): &&mut (Failure, Option<Failure>, Row)| {
            known.step == first.step && known.kind == first.kind && *also == then
        };
        match merged.iter_mut().rev().take_while(alike).find(|(.., known)| is_same(known, &row)) {
            Some((.., known)) => known.done = None,
            None => merged.push((first, then, row)),
        }
    }
    // Where only one is left, there is nothing to tell apart.
    let mut rows: Vec<Row> = merged.into_iter().map(|(.., row)| row).collect();
    for at in 0..rows.len() {
        let twin = |other: Option<&Row>| {
            other.is_some_and(|other| {
                (&other.step, other.failure, &other.then) == (&rows[at].step, rows[at].failure, &rows[at].then)
            })
        };
        if !twin(rows.get(at + 1)) && !twin(at.checked_sub(1).and_then(|before| rows.get(before))) {
            rows[at].done = None;
        }
    }
    rows
}

fn is_same(one: &Row, other: &Row) -> bool {
    let down = |row: &Row| row.end.down().map(|service| service.id.clone()).collect::<Vec<_>>();
    let states = |row: &Row| row.end.data.iter().map(|data| data.state).collect::<Vec<_>>();
    one.path == other.path
        && one.end.outcome == other.end.outcome
        && down(one) == down(other)
        && states(one) == states(other)
        && one.end.stuck == other.end.stuck
        && one.end.paused == other.end.paused
        && one.end.left_behind == other.end.left_behind
        && one.end.at_risk == other.end.at_risk
        && one.end.broken == other.end.broken
}
