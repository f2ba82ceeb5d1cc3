//! A real drill as it was recorded: read, shown, bundled, and held together by the drill's own chain.

use std::fs;
use std::path::{Path, PathBuf};

use runbook::journal::{FileJournal, Journal, RunDirectory, Runs};
use runbook::model::drill::{DrillFact, KeptFile, Scorecard, Stage};
use runbook::model::entry::Entry;
use runbook::model::id::RunId;
use runbook::model::outcome::RunOutcome;

use super::{began, head};
use crate::support::Workspace;
use crate::support::recorded::{run_finished, run_started};

/// The drill of the fixture, and its run.
const GOLDEN: (&str, &str) = ("01M8EZPW5QGAQKTQ67WP72RFE5", "01M8EZQ1MMR586QNZT3BHNZCJ2");

fn golden(workspace: &Workspace) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/journals");
    let (drill, run) = GOLDEN;
    workspace.write(&format!("drills/{drill}/journal.jsonl"), fs::read(fixtures.join("drill-0.1.0.jsonl")).unwrap());
    workspace
        .write(&format!("drills/runs/{run}/journal.jsonl"), fs::read(fixtures.join("drill-run-0.1.0.jsonl")).unwrap());
}

#[test]
fn the_drill_of_version_0_1_0_is_read_and_shown() {
    let workspace = Workspace::new();
    golden(&workspace);
    let _ = workspace
        .runbook(["drill", "show"])
        .run()
        .exits(0)
        .says("Container crash or bad deploy")
        .says("drill in lab One machine, one service · system small in lab · broken: crash")
        .says(" 4/10 break it")
        .says("RTO 2m: met")
        .says("recovered (the drill took ");
    let json = workspace.runbook(["drill", "show", "--json"]).run().exits(0).json_lines();
    assert_eq!(json[0]["drill"]["verdict"], "recovered");
    assert_eq!(json[0]["drill"]["score"]["run"], GOLDEN.1);
    assert_eq!(json[0]["facts"].as_array().unwrap().len(), 27);
    let _ =
        workspace.runbook(["show", "--runs-dir", "drills/runs"]).run().exits(0).says("Container crash or bad deploy");
}

#[test]
fn its_chains_hold_and_what_is_not_there_is_missed() {
    let workspace = Workspace::new();
    golden(&workspace);
    // The journals alone are kept as a fixture: everything else is gone, and its digests are in the drill's chain.
    let ran = workspace
        .runbook(["verify", GOLDEN.0])
        .run()
        .exits(8)
        .says("27 records in one chain")
        .says("53 records in one chain");
    let gone = ran.stdout.lines().filter(|line| line.contains("is gone: the drill's journal has its digest")).count();
    assert_eq!(gone, 14);
    assert!(ran.stdout.contains(&format!("BROKEN runs/{}/plan.json: is not there", GOLDEN.1)));
    assert!(!ran.stdout.contains(&format!("BROKEN runs/{}/journal.jsonl", GOLDEN.1)), "its run's journal is as it was");
    let printed = workspace.runbook(["head", GOLDEN.0]).run().exits(0);
    assert!(printed.stdout.starts_with(&format!("runbook-head/1 drill {} records 27 sha256 ", GOLDEN.0)));
}

/// A drill of a few facts, whose files are in its chain.
struct Made {
    workspace: Workspace,
    drill: RunDirectory,
    run: RunDirectory,
}

const DRILL: &str = "01KB7Q00000000000000000005";
const RUN: &str = "01KB7Q00000000000000000006";

fn append(directory: &RunDirectory, entries: Vec<Entry>) {
    let mut journal = FileJournal::new(directory.create_journal().unwrap());
    for entry in entries {
        journal.append(journal.position(), began(), vec![entry]).unwrap();
    }
}

fn fact(fact: DrillFact) -> Entry {
    Entry::Drill { fact: Box::new(fact) }
}

fn started() -> DrillFact {
    serde_json::from_value(serde_json::json!({
        "kind": "started", "drill": DRILL, "lab": "small", "lab_title": "Small", "stand_ins": [], "runbook": "restore",
        "title": "Restore", "system": "shop", "environment": "lab", "fault": "crash", "control": false,
        "operator": "ana@desk", "engine": "0.1.0", "gcloud": null,
        "predicted": { "rehearsed_ms": null, "p50_ms": null, "p90_ms": null, "drills": 0 },
    }))
    .unwrap()
}

fn drilled() -> Made {
    let workspace = Workspace::new();
    let drill = Runs::new(workspace.path("drills")).create(&RunId(DRILL.to_owned())).unwrap();
    let run = Runs::new(workspace.path("drills/runs")).create(&RunId(RUN.to_owned())).unwrap();
    append(&run, vec![run_started(RUN), run_finished(RunOutcome::Succeeded, 1)]);
    workspace.write(&format!("drills/runs/{RUN}/steps/dump/1.log"), "dumped\n");
    workspace.write(&format!("drills/runs/{RUN}/plan.json"), "{}");
    workspace.write(&format!("drills/{DRILL}/canary.jsonl"), "{\"number\":1}\n{\"number\":2}\n");
    let digest = |path: &str| -> KeptFile {
        runbook::journal::kept::digest(&workspace.path("drills").join(path), path.to_owned()).unwrap()
    };
    let files = [
        format!("{DRILL}/canary.jsonl"),
        format!("runs/{RUN}/journal.jsonl"),
        format!("runs/{RUN}/plan.json"),
        format!("runs/{RUN}/steps/dump/1.log"),
    ];
    let files = files.iter().map(|path| digest(path)).collect();
    let score = Box::new(Scorecard { run: Some(RUN.to_owned()), ..Scorecard::default() });
    append(
        &drill,
        vec![
            fact(started()),
            fact(DrillFact::Measured { score }),
            fact(DrillFact::StageStarted { stage: Stage::Report }),
            fact(DrillFact::Kept { files }),
            fact(DrillFact::Finished { verdict: "recovered".to_owned(), why: None, elapsed_ms: 1 }),
            fact(DrillFact::StageFinished { stage: Stage::Report, why: None, elapsed_ms: 1 }),
        ],
    );
    Made { workspace, drill, run }
}

/// A bundle of it, as small as one can be.
pub fn bundled() -> Vec<u8> {
    let Made { workspace, .. } = drilled();
    let _ = workspace.runbook(["bundle", "-o", "d.tar"]).run().exits(0);
    fs::read(workspace.path("d.tar")).unwrap()
}

impl Made {
    #[track_caller]
    fn breaks(&self, path: &str, words: &str) {
        let ran = self.workspace.runbook(["verify", DRILL]).run().exits(8);
        let found =
            ran.stdout.lines().any(|line| line.starts_with("BROKEN ") && line.contains(path) && line.contains(words));
        assert!(found, "no BROKEN `{path}` with `{words}` in\n{}", ran.stdout);
    }
}

#[test]
fn one_head_of_the_drill_proves_all_of_it() {
    let Made { workspace, drill, .. } = drilled();
    let _ = workspace.runbook(["verify"]).run().exits(0).says("4 files as the drill's journal has them");
    let line = workspace.runbook(["head"]).run().exits(0).stdout;
    let ran = workspace.runbook(["verify", "--head", line.trim(), "--json"]).run().exits(0);
    let findings = ran.json_lines()[0]["findings"].as_array().unwrap().clone();
    let open: Vec<_> = findings.iter().filter(|one| one["status"] != "holds").collect();
    // Only the plan of this test is none.
    assert!(open.len() == 1 && open[0]["about"].as_str().unwrap().ends_with("plan.json"), "{open:?}");
    assert_eq!(ran.json_lines()[0]["heads"].as_array().unwrap().len(), 2);
    // The hash of its run's head is known, too.
    let run = workspace.runbook(["head", RUN]).run().exits(0).stdout;
    let hash = run.split_whitespace().nth(6).unwrap().to_owned();
    let _ = workspace
        .runbook(["verify", DRILL, "--head", &hash])
        .run()
        .exits(0)
        .says(&format!("runs/{RUN}/journal.jsonl: record 1 has"));
    drop(drill);
}

#[test]
fn every_file_of_a_drill_is_in_its_chain() {
    let all = [
        (format!("{DRILL}/canary.jsonl"), "was changed"),
        (format!("runs/{RUN}/steps/dump/1.log"), "was changed"),
        (format!("runs/{RUN}/plan.json"), "was changed"),
    ];
    for (path, words) in all {
        let drill = drilled();
        let file = drill.workspace.path("drills").join(&path);
        let mut bytes = fs::read(&file).unwrap();
        bytes[1] ^= 1;
        fs::write(&file, &bytes).unwrap();
        drill.breaks(&path, words);
        bytes.push(b'x');
        fs::write(&file, &bytes).unwrap();
        drill.breaks(&path, words);
        fs::remove_file(&file).unwrap();
        drill.breaks(&path, "is gone: the drill's journal has its digest");
    }
    let drill = drilled();
    let path = format!("runs/{RUN}/steps/evil/1.log");
    drill.workspace.write(&format!("drills/{path}"), "added\n");
    drill.breaks(&path, "was added after the drill");
    // Another run in place of its own, as consistent as it.
    let drill = drilled();
    let forged = super::journal(vec![run_started(RUN), run_finished(RunOutcome::Failed, 1)]);
    assert!(matches!(head(&forged), runbook::report::evidence::Kept::Line(_)));
    fs::write(drill.run.journal(), forged).unwrap();
    drill.breaks(&format!("runs/{RUN}/journal.jsonl"), "was changed");
    fs::remove_dir_all(drill.run.path()).unwrap();
    drill.breaks(&format!("runs/{RUN}"), "is not there: it is the run of this drill");
}

#[test]
fn a_drill_is_bundled_with_its_run() {
    let Made { workspace, .. } = drilled();
    let _ = workspace.runbook(["bundle", "-o", "d.tar"]).run().exits(0).says(&format!("drill {DRILL}, 6 files"));
    let names: Vec<String> =
        super::bundle::members(&fs::read(workspace.path("d.tar")).unwrap()).into_iter().map(|(name, _)| name).collect();
    let expected = [
        "manifest.json".to_owned(),
        "SHA256SUMS".to_owned(),
        "README.txt".to_owned(),
        format!("{DRILL}/canary.jsonl"),
        format!("{DRILL}/journal.jsonl"),
        format!("runs/{RUN}/journal.jsonl"),
        format!("runs/{RUN}/plan.json"),
        format!("runs/{RUN}/steps/dump/1.log"),
    ];
    assert_eq!(names, expected.map(|name| format!("drill-{DRILL}/{name}")));
    let _ = workspace.runbook(["verify", "d.tar"]).run().exits(0).says("4 files as the drill's journal has them");
    let head = workspace.runbook(["head", DRILL]).run().exits(0).stdout;
    let _ = workspace.runbook(["verify", "d.tar", "--head", head.trim()]).run().exits(0).says("record 5 has the hash");
    // In a directory of its own it is a directory of drills.
    fs::remove_dir_all(workspace.path("drills")).unwrap();
    for (name, bytes) in super::bundle::members(&fs::read(workspace.path("d.tar")).unwrap()) {
        workspace.write(&name, bytes);
    }
    let place = format!("drill-{DRILL}");
    let _ = workspace.runbook(["verify", DRILL, "--drills-dir", &place]).run().exits(0);
    let _: PathBuf = workspace.path(&place);
    let _ = workspace.runbook(["drill", "show", "--drills-dir", &place]).run().exits(0).says("recovered");
}
