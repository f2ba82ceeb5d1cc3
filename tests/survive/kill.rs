//! The kill sweep: an engine with a 50-step run is killed at every point of its ports (a seeded choice of them in the suite), twice in
//! a row, and the run is resumed. A step whose end is durable has exactly one effect, one whose end is not has one at most before
//! somebody decides, one that never started has none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use runbook::journal;
use runbook::model::entry::Entry;
use tempfile::TempDir;

use super::engine::{DIRECTORY, KILL_AT, RUN};
use super::running::say;

/// Points that the suite tries; `tests/sweep` tries all.
const CHOSEN: usize = 60;
/// Trials side by side.
const WORKERS: usize = 2;

/// Ten groups of five that run side by side, two at a time slower than the rest. By their number modulo 3 they say `done_when`,
/// `idempotent: true`, or nothing.
fn runbook() -> String {
    let mut yaml = String::from("kind: runbook/v1\nname: fifty\nsteps:\n");
    for group in 0..10 {
        let _ = write!(yaml, "  - id: g{group}\n    parallel: 4\n    steps:\n");
        for member in 0..5 {
            let number = group * 5 + member;
            let pause = if number % 4 == 0 { "sleep 0.01; " } else { "" };
            let _ = write!(yaml, "      - id: s{number:02}\n        shell: {pause}echo s{number:02} >>\"$EFFECTS\"\n");
            match number % 3 {
                0 => {
                    let _ = write!(yaml, "        done_when:\n          shell: grep -qx s{number:02} \"$EFFECTS\"\n");
                }
                1 => yaml.push_str("        idempotent: true\n"),
                _ => {}
            }
        }
    }
    yaml
}

struct Trial {
    directory: TempDir,
    run: String,
}

impl Trial {
    fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        fs::write(directory.path().join("runbook.yaml"), runbook()).expect("write the runbook");
        fs::write(directory.path().join("effects"), "").expect("write the effects");
        Self { directory, run: ulid::Ulid::generate().to_string() }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Lets an engine work until it ends or dies at a point.
    #[expect(clippy::disallowed_methods, reason = "the engine is this test program, started again")]
    fn engine(&self, kill_at: u64) -> ExitStatus {
        let output = Command::new(std::env::current_exe().expect("this program"))
            .args(["--ignored", "--exact", "survive::engine::one_engine", "--nocapture"])
            .env(DIRECTORY, self.path())
            .env(RUN, &self.run)
            .env(KILL_AT, kill_at.to_string())
            .env("EFFECTS", self.path().join("effects"))
            .output()
            .expect("start an engine");
        let died = output.status.signal() == Some(9);
        assert!(died || output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        output.status
    }

    fn points(&self) -> u64 {
        fs::read_to_string(self.path().join("points"))
            .expect("an engine that came to the end")
            .parse()
            .expect("a number")
    }

    fn effects(&self) -> BTreeMap<String, usize> {
        let mut effects = BTreeMap::new();
        for line in fs::read_to_string(self.path().join("effects")).expect("effects").lines() {
            *effects.entry(line.to_owned()).or_default() += 1;
        }
        effects
    }

    /// Leaf steps that started, and those whose end stands, as the journal has them.
    fn journal(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let path = self.path().join("runs").join(&self.run).join("journal.jsonl");
        let (mut started, mut ended) = (BTreeSet::new(), BTreeSet::new());
        if path.exists() {
            let name = |step: &str| step.split_once('/').map(|(_, name)| name.to_owned());
            for record in journal::load(&path).expect("a journal that can be read").records {
                match &record.entry {
                    Entry::StepStarted { step, .. } => started.extend(name(&step.0)),
                    Entry::StepFinished { step, outcome, skipped, .. }
                        if outcome.stands_on_resume(skipped.as_ref()) =>
                    {
                        ended.extend(name(&step.0));
                    }
                    _ => {}
                }
            }
        }
        (started, ended)
    }

    /// What must hold right after a death. `begun` is what was started under this engine and those before.
    fn check_after_death(&self, again: &BTreeSet<String>, violations: &mut Vec<String>) {
        let (started, ended) = self.journal();
        let effects = self.effects();
        for number in 0..50 {
            let name = format!("s{number:02}");
            let count = effects.get(&name).copied().unwrap_or(0);
            let most = if number % 3 == 1 && again.contains(&name) { 2 } else { 1 };
            let holds = match (started.contains(&name), ended.contains(&name)) {
                (_, true) => (1..=most).contains(&count),
                (true, false) => count <= most,
                (false, false) => count == 0,
            };
            if !holds {
                violations.push(format!("{name}: {count} effects, started {started:?}, ended {ended:?}"));
            }
        }
    }
}

/// Kills at `first`, then (counted in the second engine) at `second`, then lets a third engine finish.
fn trial(first: u64, second: u64) -> Vec<String> {
    let trial = Trial::new();
    let mut violations = Vec::new();
    let mut lost = BTreeSet::new();
    for kill_at in [first, second] {
        trial.engine(kill_at);
        trial.check_after_death(&lost, &mut violations);
        let (started, ended) = trial.journal();
        lost.extend(started.difference(&ended).cloned());
    }
    trial.engine(0);
    let (_, ended) = trial.journal();
    let effects = trial.effects();
    for number in 0..50 {
        let name = format!("s{number:02}");
        let count = effects.get(&name).copied().unwrap_or(0);
        // `idempotent` says that it may have run more often, once for each death in the middle of it.
        let most = if number % 3 == 1 && lost.contains(&name) { 3 } else { 1 };
        if !(1..=most).contains(&count) || !ended.contains(&name) {
            violations.push(format!("{name}: {count} effects at the end"));
        }
    }
    violations.into_iter().map(|what| format!("killed at {first}, then at {second}: {what}")).collect()
}

fn sweep(chosen: &[(u64, u64)]) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let violations = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((first, second)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    violations.lock().expect("no panic inside").extend(trial(*first, *second));
                }
            });
        }
    });
    violations.into_inner().expect("no panic inside")
}

fn all_points() -> u64 {
    let trial = Trial::new();
    assert!(trial.engine(0).success());
    trial.points()
}

fn report(tried: usize, all: u64, violations: &[String]) {
    say(&format!("kill sweep: {tried} of {all} points, {} violations", violations.len()));
    assert!(violations.is_empty(), "{violations:#?}");
}

/// The next number of a seeded sequence (`SplitMix64`).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[test]
fn an_engine_killed_at_some_points_loses_and_repeats_nothing() {
    const SEED: u64 = 20_261_121;
    let all = all_points();
    let mut state = SEED;
    let chosen: Vec<(u64, u64)> =
        (0..CHOSEN).map(|_| (1 + random(&mut state) % all, 1 + random(&mut state) % all)).collect();
    report(CHOSEN, all, &sweep(&chosen));
}

#[test]
#[ignore = "every point: minutes; tests/sweep runs it"]
fn an_engine_killed_at_every_point_loses_and_repeats_nothing() {
    let all = all_points();
    let chosen: Vec<(u64, u64)> = (1..=all).map(|first| (first, 1 + (first * 7919) % all)).collect();
    report(chosen.len(), all, &sweep(&chosen));
}
