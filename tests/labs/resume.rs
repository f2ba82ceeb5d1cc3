//! Recoveries whose engine is killed in the middle, on a real stack.

use super::engine::{TOOLS, docker};
use super::notes::Notes;
use crate::support::driven::{Driven, Records, holds, until};

const RESTORE: &str = "\
kind: runbook/v1
name: restore
owner: lab
system: system.yaml
steps:
  - id: look
    docker: exec ${{ system.services.postgres.container }} sh -c 'touch /tmp/looked && sleep 777'
    done_when: { docker: 'exec ${{ system.services.postgres.container }} test -e /tmp/looked' }
  - id: stop
    services: { stop: app }
  - id: refill
    docker: >-
      run --rm --pull=never --network=none -v VOLUME:/data -v BACKUPS:/backup TOOLS
      sh -c 'rm -rf /data/*; tar -xzf /backup/app_1.tar.gz -C /data; [ -e /backup/go ] || sleep 777; touch /backup/done'
    done_when: { exec: [test, -e, BACKUPS/done] }
  - id: start
    services: start
  - id: verify
    include: verify.yaml
";

const ARCHIVE: &str = "tar -czf /backup/app_1.tar.gz -C /data .";

fn records(notes: &Notes) -> Records {
    Records::newest(&notes.dir().join("runs"))
}

fn resume(notes: &Notes) -> Driven {
    let arguments = ["resume", "--runs-dir", "runs", "--yes", "--environment", "lab"];
    Driven::start(notes.call(&arguments), &notes.dir().join("said"))
}

#[test]
fn no_work_in_containers_outlives_a_killed_engine_and_its_resume() {
    let notes = Notes::start("orphans");
    notes.tools("app", ARCHIVE);
    notes.tools("app", "rm -rf /data/*");
    let text = RESTORE.replace("VOLUME", &notes.volume("app")).replace("TOOLS", TOOLS);
    let text = text.replace("BACKUPS", &notes.backups().display().to_string());
    std::fs::write(notes.dir().join("restore.yaml"), text).expect("the runbook");
    let looks = || docker(&["top", &notes.container("postgres"), "-eo", "pid,args"]).contains("sleep 777");
    let containers = || {
        let token = records(&notes).text("step_started", "refill", "token").to_owned();
        docker(&["ps", "--all", "--quiet", "--filter", &format!("label=runbook.attempt={token}")])
    };

    let engine = Driven::start(notes.own_runbook("restore.yaml", &[]), &notes.dir().join("said"));
    holds("`docker exec` works", || looks() && records(&notes).last("step_noted", "look").is_some());
    engine.kill();
    assert!(looks(), "the death of the engine alone does not end it");

    let engine = resume(&notes);
    holds("`docker run` works", || records(&notes).last("step_noted", "refill").is_some() && !containers().is_empty());
    assert!(!looks(), "`docker exec` is gone");
    assert_eq!(records(&notes).resolved("look"), ("done", "done_when"));
    let refill = containers();
    holds("it sleeps", || docker(&["top", &refill, "-eo", "pid,args"]).contains("sleep 777"));
    engine.kill();
    assert_eq!(containers(), refill, "the death of the engine alone does not end it");

    std::fs::write(notes.backups().join("go"), "").expect("let it end");
    let _ = resume(&notes).ends(0);
    assert_eq!(docker(&["ps", "--all", "--quiet", "--no-trunc", "--filter", &format!("id={refill}")]), "");
    let records = records(&notes);
    assert_eq!(records.resolved("refill"), ("again", "done_when"));
    assert_eq!(records.of("step_started", "look").len(), 1);
    assert_eq!(records.ran_again(), Vec::<&str>::new());
    assert!(notes.is_well("v1") && notes.has_note());
}

/// Where it is killed in any case.
const WORST: &str = "archive/refill";
/// The other leaf steps of scenario B, from an archive, in their order.
const STEPS: [&str; 7] =
    ["before/app", "archive_found/pick", "archive_found/whole", "stop/app", "keep", "archive/compare", "start/app"];
/// The choice of steps, and how long after their beginning.
const SEED: u64 = 20_261_121;

#[test]
#[expect(clippy::print_stderr, reason = "a failure is repeated with the seed and the moment")]
fn a_volume_recovery_survives_the_death_of_its_engine_at_any_step() {
    let notes = Notes::start("killed");
    notes.tools("app", ARCHIVE);
    let mut state = SEED;
    let mut steps = STEPS.to_vec();
    for trial in 0..5 {
        let chosen = usize::try_from(random(&mut state)).expect("small") % steps.len();
        let step = if trial == 0 { WORST } else { steps.remove(chosen) };
        let delay = std::time::Duration::from_millis(random(&mut state) % 250);
        eprintln!("seed {SEED}: killed {} ms after the beginning of `{step}`", delay.as_millis());
        notes.tools("app", "rm -rf /data/*; echo half > /data/left");
        assert!(!notes.has_note());
        let before = records(&notes).0.first().map(|first| first["run"].clone());

        let engine = Driven::start(notes.shipped("scenario-b", &super::volume::RESTORE), &notes.dir().join("said"));
        until("the step begins", || {
            let records = records(&notes);
            (records.0.first().map(|first| first["run"].clone()) != before).then_some(())?;
            records.last("step_started", step).map(|_| ())
        });
        std::thread::sleep(delay);
        engine.kill();
        assert!(
            !records(&notes).0.iter().any(|record| record["kind"] == "run_finished"),
            "it was killed in the middle"
        );
        let _ = resume(&notes).ends(0);

        let records = records(&notes);
        assert_eq!(records.ran_again(), Vec::<&str>::new(), "killed at {step}");
        assert!(notes.has_note() && notes.is_well("v1"), "killed at {step}");
    }
    assert_eq!(notes.set_aside("app").len(), 5, "what was left is kept beside it, each time");
}

/// The next number of a seeded sequence (`SplitMix64`), 31 bits of it.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) & 0x7fff_ffff
}
