//! The five scenarios, drilled: the shipped runbooks recover the shipped systems in labs, from a real fault, and what was lost is
//! counted by the canary. The figures are printed; the README has those of a quiet machine.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::drills::{Place, held, result};
use super::engine::docker;

const NCHAT: &str = "fixtures/labs/nchat/lab.yaml";
/// Of the canary, ms.
const INTERVAL: i64 = 200;

/// A drill of a scenario, as JSON.
fn drill(place: &Place, scenario: &str, lab: &str, more: &[&str], exit: i32) -> Value {
    let file = format!("runbooks/scenario-{scenario}.yaml");
    let mut arguments = vec!["drill", "run", &file, "--lab", lab, "--json"];
    arguments.extend(more);
    let ended = place.runbook(&arguments).gives(exit);
    let result = result(&ended.text);
    show(scenario, &result);
    assert_eq!(place.left(), Vec::<String>::new());
    result
}

/// The figures belong into the log of a passing run too.
#[expect(clippy::print_stderr, reason = "a measurement that nobody sees proves nothing")]
fn show(scenario: &str, result: &Value) {
    let score = &result["score"];
    let seconds = |value: &Value| value.as_f64().map_or_else(|| "-".to_owned(), |ms| format!("{:.1} s", ms / 1e3));
    let stores: Vec<String> = score["stores"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| {
            format!(
                "{} lost {} rows, {}",
                it["store"].as_str().unwrap_or_default(),
                it["lost"],
                seconds(&it["loss_ms"])
            )
        })
        .collect();
    eprintln!(
        "scenario {scenario}: {}; drill {}, detected {}, serving {}, verified {}, expected {} (rehearsal); {}",
        result["verdict"],
        seconds(&result["elapsed_ms"]),
        seconds(&score["detected_ms"]),
        seconds(&score["serving_ms"]),
        seconds(&score["verified_ms"]),
        seconds(&score["predicted"]["rehearsed_ms"]),
        stores.join("; "),
    );
}

fn store<'r>(result: &'r Value, name: &str) -> &'r Value {
    let stores = result["score"]["stores"].as_array().expect("stores");
    stores.iter().find(|store| store["store"] == name).unwrap_or_else(|| panic!("store {name} in {result:#}"))
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("a time").parse().expect("a time")
}

/// The canary's writes of the only drill of a place: number, when it was sent, when it was acknowledged.
fn writes(place: &Place) -> Vec<(u64, DateTime<Utc>, Option<DateTime<Utc>>)> {
    let drills = std::fs::read_dir(place.dir.path().join("drills"))
        .expect("drills")
        .map(|entry| entry.expect("an entry").path());
    let log = drills.map(|drill| drill.join("canary.jsonl")).find(|log| log.exists()).expect("the canary's record");
    let text = std::fs::read_to_string(log).expect("the canary's record");
    let one = |line: &str| {
        let write: Value = serde_json::from_str(line).expect("JSON");
        let acked = (!write["acked"].is_null()).then(|| time(&write["acked"]));
        (write["number"].as_u64().expect("a number"), time(&write["sent"]), acked)
    };
    text.lines().map(one).collect()
}

/// The records of the run that recovered.
fn run_of(place: &Place, result: &Value) -> Vec<Value> {
    let run = result["score"]["run"].as_str().expect("a run");
    let journal = place.dir.path().join("drills/runs").join(run).join("journal.jsonl");
    let text = std::fs::read_to_string(journal).expect("the run's journal");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_container_crash() {
    let place = Place::new("runbook-lab-nchat-");
    let result = drill(&place, "a", NCHAT, &[], 0);
    for name in ["postgres", "redis", "files"] {
        assert_eq!(store(&result, name)["lost"], 0, "{result:#}");
    }
    assert!(result["score"]["outage_ms"].as_u64().is_some_and(|ms| ms > 0), "{result:#}");
}

#[test]
fn a_bad_deploy_is_replaced_by_an_image_of_the_registry() {
    let place = Place::new("runbook-lab-nchat-");
    // The good image comes from the lab's registry.
    let result = drill(&place, "a", NCHAT, &["--fault", "bad_image", "--set", "image=127.0.0.1:5000/chat:v2"], 0);
    assert_eq!(store(&result, "postgres")["lost"], 0, "{result:#}");
    let run = run_of(&place, &result);
    let pulled = run.iter().find(|it| it["kind"] == "step_finished" && it["step"] == "pull").expect("a pull");
    assert_eq!(pulled["outcome"], "succeeded", "{pulled:#}");
}

#[test]
fn b_a_volume_is_lost() {
    let place = Place::new("runbook-lab-nchat-");
    let result = drill(&place, "b", NCHAT, &[], 0);
    // Redis goes back to its newest copy; the others lose nothing.
    let redis = store(&result, "redis");
    assert!(redis["kept"].as_u64() > Some(0) && redis["loss_ms"].as_u64() < Some(10_000), "{result:#}");
    assert_eq!(store(&result, "postgres")["lost"], 0, "{result:#}");
}

#[test]
fn d_a_table_is_dropped_and_the_database_goes_back_to_a_second_before() {
    let place = Place::new("runbook-lab-nchat-");
    let result = drill(&place, "d", NCHAT, &[], 0);
    let postgres = store(&result, "postgres");
    assert_eq!(
        (&postgres["missing_before_target"], &postgres["beyond_target"]),
        (&Value::from(0), &Value::from(0)),
        "{result:#}"
    );
    // What is reported against the truth, to within one interval: everything after the moment before the drop is given up.
    let fault = time(&result["score"]["fault_at"]);
    let target = fault - TimeDelta::seconds(1);
    let newest = writes(&place).iter().filter_map(|(_, _, acked)| *acked).filter(|acked| *acked <= target).max();
    let truth = (fault - newest.expect("a write before the target")).num_milliseconds();
    let reported = postgres["loss_ms"].as_i64().expect("a loss");
    assert!((reported - truth).abs() <= INTERVAL, "{reported} ms reported, {truth} ms true");
    let lost = writes(&place)
        .iter()
        .filter(|(_, _, acked)| acked.is_some_and(|acked| acked > target && acked <= fault))
        .count();
    assert!(postgres["lost"].as_u64().is_some_and(|rows| rows.abs_diff(lost as u64) <= 2), "{lost} of {result:#}");
}

#[test]
fn d_rows_are_deleted_and_come_back_beside_the_live_database() {
    let place = Place::new("runbook-lab-nchat-");
    let set = ["--fault", "rows_deleted", "--set", "mode=beside", "--set", "tables=nchat_messages,canary"];
    let result = drill(&place, "d", NCHAT, &set, 0);
    // It serves all the time: nothing was refused, and what came after the moment to go back to is there.
    assert!(writes(&place).iter().all(|(_, _, acked)| acked.is_some()), "the live database stopped serving");
    let postgres = store(&result, "postgres");
    assert_eq!(postgres["missing_before_target"], 0, "{result:#}");
    // Every second row of the last second before the fault was deleted, and is not in the copy.
    assert!(postgres["lost"].as_u64() <= Some(4), "{result:#}");
}

#[test]
fn e_a_region_is_lost() {
    let place = Place::new("runbook-lab-nchat-");
    let facts = std::fs::File::create(place.path("facts")).expect("a file");
    let mut drill = held(&place, "runbooks/scenario-e.yaml", NCHAT, "destroy", facts.into());
    let labs = std::fs::read_dir(place.path("labs")).expect("labs");
    let lab = labs.map(|entry| entry.expect("an entry").file_name()).next().expect("a lab");
    let lab = lab.to_string_lossy();
    // What the promoted standby has, asked without the drill.
    let query = ["psql", "-XAtU", "postgres", "-d", "nself_db", "-c", "select number from canary"];
    let mut arguments = vec![
        "exec".to_owned(),
        format!("{lab}-eu-west"),
        "docker".to_owned(),
        "exec".to_owned(),
        "nself-postgres".to_owned(),
    ];
    arguments.extend(query.map(str::to_owned));
    let said = docker(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let kept: BTreeSet<u64> = said.lines().map(|line| line.parse().expect("a number")).collect();
    drill.stdin.take().expect("its input").write_all(b"\n").expect("to go on");
    assert_eq!(drill.wait().expect("its end").code(), Some(0));
    let result = result(&std::fs::read_to_string(place.path("facts")).expect("the facts"));
    show("e", &result);
    assert_eq!(place.left(), Vec::<String>::new());

    let writes = writes(&place);
    let lost: Vec<u64> = writes
        .iter()
        .filter(|(number, _, acked)| acked.is_some() && !kept.contains(number))
        .map(|(number, ..)| *number)
        .collect();
    assert_eq!(store(&result, "postgres")["lost"].as_u64(), Some(lost.len() as u64), "{lost:?} of {result:#}");

    // A client that keeps writing, from the promotion to its first write that is taken.
    let promoted = run_of(&place, &result)
        .iter()
        .find(|it| it["kind"] == "step_started" && it["step"] == "promote/promote")
        .map(|it| time(&it["at"]));
    let promoted = promoted.expect("a promotion");
    let back = writes
        .iter()
        .filter(|(_, sent, _)| *sent > promoted)
        .filter_map(|(.., acked)| *acked)
        .min()
        .expect("a write after it");
    figure(&format!(
        "a client that keeps writing is back {} ms after the promotion began",
        (back - promoted).num_milliseconds()
    ));
    assert!(back - promoted < TimeDelta::seconds(10), "{back} after {promoted}");
}

#[expect(clippy::print_stderr, reason = "a measurement that nobody sees proves nothing")]
fn figure(text: &str) {
    eprintln!("{text}");
}

#[test]
fn e_nothing_is_promoted_while_the_primary_answers() {
    let place = Place::new("runbook-lab-nchat-");
    let result = drill(&place, "e", NCHAT, &["--fault", "crash"], 1);
    assert_eq!(result["verdict"], "not recovered", "{result:#}");
    let run = run_of(&place, &result);
    let started = |step: &str| run.iter().any(|it| it["kind"] == "step_started" && it["step"] == step);
    assert!(!started("promote/fence") && !started("promote/promote"), "{run:#?}");
}

const ANALYST: &str = "fixtures/labs/data-analyst/lab.yaml";

/// Without loop devices there are no virtual disks, and so no such drill: named, not passed over.
fn has_loops() -> bool {
    let there = std::path::Path::new("/dev/loop-control").exists();
    if !there {
        figure("skipped: this machine has no loop devices, and the drill of a virtual machine needs them");
    }
    there
}

fn loses_a_vm(more: &[&str], client: &str) {
    if !has_loops() {
        return;
    }
    let place = Place::new("runbook-lab-data-analyst-");
    let result = drill(&place, "c", ANALYST, more, 0);
    assert_eq!(result["drill"]["gcloud"], client, "{result:#}");
    let lost: u64 =
        result["score"]["stores"].as_array().expect("stores").iter().filter_map(|it| it["lost"].as_u64()).sum();
    assert_eq!(lost, 0, "the disk outlives its machine: {result:#}");
    let run = run_of(&place, &result);
    let ended = |step: &str| {
        run.iter().any(|it| it["kind"] == "step_finished" && it["step"] == step && it["outcome"] == "succeeded")
    };
    assert!(ended("host/create") && ended("dns/update") && ended("dns/resolves"), "{run:#?}");
}

#[test]
fn c_a_virtual_machine_is_lost() {
    loses_a_vm(&["--shim"], "shim");
}

#[test]
fn c_a_virtual_machine_is_lost_with_the_real_client() {
    if duct::cmd!("gcloud", "--version").stdout_null().stderr_null().unchecked().run().is_err() {
        figure("skipped: this machine has no gcloud");
        return;
    }
    loses_a_vm(&[], "gcloud");
}

#[test]
fn b_the_files_are_lost_and_come_back_from_a_snapshot() {
    if !has_loops() {
        return;
    }
    let place = Place::new("runbook-lab-data-analyst-");
    let result = drill(&place, "b", ANALYST, &["--shim"], 0);
    let stores = result["score"]["stores"].as_array().expect("stores");
    assert!(stores.iter().all(|it| it["kept"].as_u64() > Some(0) && it["nothing_kept"] == false), "{result:#}");
}

#[test]
fn c_killed_in_the_middle_it_leaves_no_machine_disk_or_process() {
    assert!(!has_loops() || c_killed_at("recover"), "the kill came too late to leave anything");
}

/// The lab of a cloud takes half a minute to make: in the suite at one stage, here at each.
#[test]
#[ignore = "several minutes; tests/sweep cloud"]
#[expect(clippy::print_stdout, reason = "the figures of a sweep are what it is for")]
fn c_killed_at_every_stage_it_leaves_no_machine_disk_or_process() {
    let stages = runbook::model::drill::Stage::ALL.map(runbook::model::drill::Stage::as_str);
    let left = stages.into_iter().filter(|stage| has_loops() && c_killed_at(stage)).count();
    println!("cloud sweep: {} of {} stages, {left} left something, 0 violations", stages.len(), stages.len());
    assert!(!has_loops() || left >= 7, "the kills came too late to leave anything: {left}");
}

/// Kills a drill at a stage; true when it left something, which is gone after `drill clean`.
fn c_killed_at(stage: &str) -> bool {
    let place = Place::new("runbook-lab-data-analyst-");
    let mut drill = held(&place, "runbooks/scenario-c.yaml", ANALYST, stage, Stdio::null());
    let labs = place.path("labs");
    let disks = || {
        let listed = duct::cmd!("losetup", "--list", "--noheadings", "--output", "BACK-FILE").read().expect("losetup");
        listed.lines().filter(|file| file.starts_with(&labs)).count()
    };
    if stage == "recover" {
        assert!(disks() > 0, "the lab has no disk");
        // Into the run, which goes on without its drill.
        drop(drill.stdin.take());
        std::thread::sleep(std::time::Duration::from_secs(5));
    }
    drill.kill().expect("to kill it");
    drill.wait().expect("its end");
    let left = !place.left().is_empty();
    place.runbook(&["drill", "clean"]).gives(0);
    assert_eq!((place.left(), disks()), (Vec::<String>::new(), 0), "after a kill at `{stage}`");
    left
}
