//! The engine against the simulated world, under random runbooks and random courses: what must hold whatever happens. A seed is a
//! case; the same seed is the same case for ever.

mod check;
mod course;
mod generator;

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::execute::planted::{Bug, with};

/// Cases of a normal test run.
const CASES: u64 = 10_000;
/// Seeds that once failed, and what was wrong.
const ONCE: &[u64] = &[435, 462, 594, 1580, 4521, 6393, 8034, 8265];

#[test]
fn whatever_happens_the_engine_keeps_its_promises() {
    let seeds: Vec<u64> = ONCE.iter().copied().chain(0..CASES).collect();
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = &|worker: usize| {
        let mut tally = course::Tally::default();
        let mut wrong = Vec::new();
        for seed in seeds.iter().skip(worker).step_by(workers) {
            let case = || course::of(course::case(*seed), &mut tally).map_err(|why| format!("seed {seed}: {why}"));
            wrong.extend(
                catch_unwind(AssertUnwindSafe(case)).unwrap_or_else(|_| Err(format!("seed {seed} panics"))).err(),
            );
        }
        (tally, wrong)
    };
    let mut tally = course::Tally::default();
    let mut wrong = Vec::new();
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..workers).map(|worker| scope.spawn(move || share(worker))).collect();
        for (one, more) in all.into_iter().filter_map(|one| one.join().ok()) {
            tally.add(one);
            wrong.extend(more);
        }
    });
    assert!(wrong.is_empty(), "{} cases are wrong:\n{}", wrong.len(), wrong.join("\n\n"));
    tally.print(CASES);
}

/// A check that has only been seen green proves nothing.
#[test]
#[expect(clippy::print_stderr, reason = "the count is what a person wants to see")]
fn a_planted_bug_is_found_within_a_thousand_cases() {
    for bug in Bug::ALL {
        let mut tally = course::Tally::default();
        let found =
            with(bug, || (0..1000).find_map(|seed| Some((seed, course::of(course::case(seed), &mut tally).err()?))));
        let (seed, why) = found.unwrap_or_else(|| panic!("{bug:?} was not found"));
        eprintln!("{bug:?}: found by seed {seed}: {why}");
    }
}
