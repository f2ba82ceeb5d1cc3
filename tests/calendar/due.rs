//! `runbook drill due` and `drill next`: before, at and after the moment; what was missed; what the last one was like.

use serde_json::Value;

use super::{Drilled, calendar, drill, place, runbook};
use crate::support::{Ran, Workspace};

const FIRST_MONDAY: &str = "month on the first monday at 03:00";

/// A place with one drill, on the first Monday at 03:00 in Berlin, and a grace of two days. That is the 7th in December 2026, 02:00 UTC.
fn first_monday() -> Workspace {
    place()
        .file("calendars/four.yaml", calendar("Europe/Berlin", &drill("restore", FIRST_MONDAY, "    grace: 2d\n")))
        .file("calendars/recover.yaml", "") // a file of another kind, which nobody asked for
}

/// The calendar beside what it names.
fn here(entries: &str) -> Workspace {
    place().file("four.yaml", calendar("Europe/Berlin", entries))
}

fn due(place: &Workspace, moment: &str) -> Ran {
    runbook(place, &["drill", "due", "four.yaml", "--at", moment]).run()
}

/// The only entry, as JSON.
fn entry(place: &Workspace, moment: &str) -> Value {
    let ran = runbook(place, &["drill", "due", "four.yaml", "--at", moment, "--json"]).run();
    let object: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
    let exit = object["exit"].as_i64();
    assert_eq!(exit, ran.code.map(i64::from));
    object["calendars"][0]["entries"][0].clone()
}

#[test]
fn before_at_and_after_the_moment() {
    let place = here(&drill("restore", FIRST_MONDAY, "    grace: 2d\n"));
    Drilled::default().began(&place, "2026-11-02T02:00:00Z");
    for (moment, state, exit) in [
        ("2026-12-07T01:59:59Z", "not due", 0),
        ("2026-12-07T02:00:00Z", "due", 0),
        ("2026-12-09T01:59:59Z", "due", 0),
        ("2026-12-09T02:00:00Z", "overdue", 1),
        ("2027-01-20T02:00:00Z", "overdue", 1),
    ] {
        let ran = due(&place, moment).exits(exit);
        let line = format!("  {state:<8} restore: restore");
        assert!(ran.stdout.lines().any(|one| one == line), "{moment}:\n{}", ran.stdout);
        assert_eq!(entry(&place, moment)["state"], state, "{moment}");
    }
    let ran = due(&place, "2026-12-07T01:59:59Z").exits(0);
    let ran =
        ran.says("next Mon 2026-12-07 03:00 CET").says("0 overdue, 0 due, 1 not due").never_says("runbook drill run");
    drop(ran.says("last done Mon 2026-11-02 03:00 CET: recovered (took 1m)"));
    let ran = due(&place, "2026-12-09T02:00:00Z").exits(1);
    let ran = ran.says("due since Mon 2026-12-07 03:00 CET; overdue since Wed 2026-12-09 03:00 CET");
    drop(ran.says("runbook drill run recover.yaml --lab lab.yaml\n").says("1 overdue, 0 due, 0 not due"));
}

#[test]
fn what_began_at_the_moment_counts_and_a_second_before_it_does_not() {
    let place = here(&drill("restore", FIRST_MONDAY, ""));
    Drilled { took: 1, ..Drilled::default() }.began(&place, "2026-12-07T01:59:59Z");
    assert_eq!(entry(&place, "2026-12-07T04:00:00Z")["state"], "due");
    Drilled::default().began(&place, "2026-12-07T02:00:00Z");
    assert_eq!(entry(&place, "2026-12-07T04:00:00Z")["state"], "not due");
    // While it goes on it is not done, and at an earlier moment it had not begun.
    assert_eq!(entry(&place, "2026-12-07T02:00:59Z")["state"], "due");
    assert_eq!(entry(&place, "2026-12-07T02:00:00Z")["last"]["began"], "2026-12-07T01:59:59.000Z");
    assert_eq!(entry(&place, "2026-12-07T01:59:30Z")["last"], Value::Null);
}

#[test]
fn what_was_missed_while_the_machine_was_off_is_counted() {
    let place = here(&drill("restore", "week on monday at 03:00", "    grace: 1d\n"));
    Drilled::default().began(&place, "2026-10-19T01:00:05Z");
    let ran = due(&place, "2026-11-10T12:00:00Z").exits(1);
    let ran = ran.says("missed 3 times since Mon 2026-10-26 03:00 CET; overdue since Tue 2026-10-27 03:00 CET");
    drop(ran.says("last done Mon 2026-10-19 03:00 CEST: recovered"));
    let found = entry(&place, "2026-11-10T12:00:00Z");
    let missed = ["2026-10-26T03:00:00+01:00", "2026-11-02T03:00:00+01:00", "2026-11-09T03:00:00+01:00"];
    assert_eq!(found["missed"], serde_json::json!(missed));
    assert_eq!(found["next"], "2026-11-16T03:00:00+01:00");
    // Doing it once makes up for all of them.
    Drilled::default().began(&place, "2026-11-10T13:00:00Z");
    assert_eq!(entry(&place, "2026-11-10T14:00:00Z")["state"], "not due");
}

#[test]
fn what_was_never_done_is_due_since_its_newest_moment_or_since_the_calendar_begins() {
    let place = here(&drill("restore", "week on monday at 03:00", "    grace: 1d\n"));
    let ran = due(&place, "2026-11-10T12:00:00Z").exits(1);
    drop(ran.says("due since Mon 2026-11-09 03:00 CET; overdue since").says("never done"));
    place.write("four.yaml", place.read("four.yaml").replace("zone:", "from: 2026-11-02\nzone:"));
    drop(due(&place, "2026-11-01T12:00:00Z").exits(0).says("not due").says("next Mon 2026-11-02 03:00 CET"));
    drop(due(&place, "2026-11-10T12:00:00Z").exits(1).says("missed 2 times since Mon 2026-11-02 03:00 CET"));
}

#[test]
fn a_failed_drill_is_done_and_says_so() {
    let place = here(&drill("restore", FIRST_MONDAY, ""));
    for (day, verdict, words) in [
        (7, "not recovered", "FAILED, not recovered: because it is not recovered"),
        (8, "not noticed", "FAILED, not noticed: because it is not noticed"),
        (9, "objective missed", "objective missed: because it is objective missed (recovery time 1m 30s)"),
        (10, "recovered", "recovered (recovery time 1m 30s)"),
    ] {
        let verdict = Some(verdict);
        Drilled { verdict, recovery: Some(90_000), ..Drilled::default() }
            .began(&place, &format!("2026-12-{day:02}T02:00:00Z"));
        let ran = due(&place, &format!("2026-12-{day:02}T12:00:00Z")).exits(0).says("  not due  restore");
        drop(ran.says(&format!("CET: {words}\n")));
    }
}

#[test]
fn what_was_not_carried_out_does_not_count() {
    let place = here(&drill("restore", FIRST_MONDAY, ""));
    Drilled { control: true, verdict: Some("not recovered"), ..Drilled::default() }
        .began(&place, "2026-12-07T02:10:00Z");
    assert_eq!(entry(&place, "2026-12-07T12:00:00Z")["tries"], serde_json::json!([]));
    Drilled { verdict: Some("interrupted"), ..Drilled::default() }.began(&place, "2026-12-07T02:20:00Z");
    Drilled { verdict: Some("refused"), ..Drilled::default() }.began(&place, "2026-12-07T02:30:00Z");
    Drilled { verdict: None, ..Drilled::default() }.began(&place, "2026-12-07T02:40:00Z");
    let ran = due(&place, "2026-12-07T12:00:00Z").exits(0).says("  due      restore").says("never done");
    let ran = ran.says("tried 3 times since, which does not count, last Mon 2026-12-07 03:40 CET: it has no end");
    drop(ran);
    Drilled { verdict: Some("failed"), ..Drilled::default() }.began(&place, "2026-12-07T02:50:00Z");
    drop(due(&place, "2026-12-07T12:00:00Z").exits(0).says("03:50 CET: failed: because it is failed"));
}

#[test]
fn only_the_same_runbook_system_lab_and_fault_count() {
    let named = here(&drill("restore", FIRST_MONDAY, "    fault: flood\n"));
    let any = here(&drill("restore", FIRST_MONDAY, ""));
    let others = [
        Drilled { lab: "other", ..Drilled::default() },
        Drilled { runbook: "other", ..Drilled::default() },
        Drilled { system: "other", ..Drilled::default() },
    ];
    for (n, other) in others.iter().enumerate() {
        other.began(&named, &format!("2026-12-07T02:0{n}:00Z"));
        other.began(&any, &format!("2026-12-07T02:0{n}:00Z"));
    }
    Drilled::default().began(&named, "2026-12-07T02:10:00Z");
    assert_eq!(entry(&named, "2026-12-07T12:00:00Z")["state"], "due");
    assert_eq!(entry(&any, "2026-12-07T12:00:00Z")["state"], "due");
    Drilled { fault: "flood", ..Drilled::default() }.began(&named, "2026-12-07T02:20:00Z");
    Drilled { fault: "flood", ..Drilled::default() }.began(&any, "2026-12-07T02:20:00Z");
    assert_eq!(entry(&named, "2026-12-07T12:00:00Z")["state"], "not due");
    assert_eq!(entry(&any, "2026-12-07T12:00:00Z")["last"]["fault"], "flood");
}

#[test]
fn calendars_are_found_and_what_is_wrong_is_said() {
    let place = first_monday();
    place.write(
        "calendars/four.yaml",
        place.read("calendars/four.yaml").replace("recover.yaml", "../recover.yaml").replace("lab.yaml", "../lab.yaml"),
    );
    let found = runbook(&place, &["drill", "due", "--at", "2026-12-09T02:00:00Z"]).run().exits(1);
    drop(
        found
            .says("four (calendars/four.yaml), Wed 2026-12-09 03:00 CET")
            .says("runbook drill run recover.yaml --lab lab.yaml"),
    );
    drop(runbook(&place, &["drill", "next", "calendars"]).run().exits(0).says("four/restore: restore"));
    let empty = Workspace::new().file("a/b.yaml", "kind: runbook/v1\n");
    drop(
        runbook(&empty, &["drill", "due"]).run().exits(2).warns("no calendar below calendars/ or runbooks/calendars/"),
    );
    drop(runbook(&empty, &["drill", "due", "a"]).run().exits(2).warns("no calendar below a"));
    drop(runbook(&empty, &["drill", "due", "gone.yaml"]).run().exits(2).warns("cannot read `gone.yaml`"));
    drop(runbook(&empty, &["drill", "due", "a/b.yaml"]).run().exits(2).warns("this file is a runbook, not a calendar"));
    let broken = here(&drill("restore", "month on the fifth monday at 03:00", ""));
    drop(
        runbook(&broken, &["drill", "due", "four.yaml"])
            .run()
            .exits(2)
            .warns("four.yaml:8:25")
            .warns("not every month has a fifth one"),
    );
    for at in ["yesterday", "2026-12-07T02:00:00", "2300-01-01T00:00:00Z"] {
        drop(runbook(&place, &["drill", "due", "--at", at]).run().exits(2).warns("--at"));
    }
}

#[test]
fn names_of_others_cannot_move_the_cursor() {
    let title = "    title: \"wipe\\e[2J\\u202E\"\n";
    let place = here(&drill("restore", FIRST_MONDAY, title));
    Drilled { verdict: Some("not recovered\u{1b}[31m"), ..Drilled::default() }.began(&place, "2026-12-07T02:10:00Z");
    let ran = due(&place, "2026-12-07T12:00:00Z").exits(0).says("wipe\\x1b[2J\\u{202e}").says("not recovered\\x1b[31m");
    assert!(!ran.stdout.contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn what_is_coming_is_listed_in_order() {
    let entries = [
        drill("restore", FIRST_MONDAY, "    title: Week 1\n    fault: flood\n    set:\n      text: it's 5 %\n"),
        "  backups:\n    run: backup.yaml\n    every: week on friday at 23:30\n".to_owned(),
    ];
    let place = place()
        .file("four.yaml", calendar("Europe/Berlin", &entries.concat()))
        .file("recover.yaml", "kind: runbook/v1\nname: recover\nparams:\n  text: {type: string}\nsteps:\n  - id: it\n    services:\n      start: app\n");
    let next = |more: &[&str]| {
        let mut args = vec!["drill", "next", "four.yaml", "--at", "2026-12-03T12:00:00Z"];
        args.extend(more);
        runbook(&place, &args).run().exits(0)
    };
    assert_eq!(
        next(&["--count", "3"]).stdout,
        "Fri 2026-12-04 23:30 CET  four/backups: backups
    runbook run backup.yaml
Mon 2026-12-07 03:00 CET  four/restore: Week 1
    runbook drill run recover.yaml --lab lab.yaml --fault flood --set 'text=it'\\''s 5 %'
Fri 2026-12-11 23:30 CET  four/backups: backups
    runbook run backup.yaml
"
    );
    assert_eq!(next(&[]).stdout.lines().count(), 20);
    // Until a moment, that one included.
    assert_eq!(next(&["--until", "2026-12-11T22:30:00Z"]).stdout.lines().count(), 6);
    assert_eq!(next(&["--until", "2026-12-04T22:29:59Z"]).stdout, "nothing is coming by then\n");
    let object: Value = serde_json::from_str(&next(&["--json", "-n", "2"]).stdout).expect("JSON");
    let second = &object["moments"][1];
    assert_eq!((&second["at"], &second["utc"]), (&"2026-12-07T03:00:00+01:00".into(), &"2026-12-07T02:00:00Z".into()));
    assert_eq!(
        (&second["zone"], &second["calendar"], &second["entry"]),
        (&"Europe/Berlin".into(), &"four".into(), &"restore".into())
    );
}

#[test]
fn the_shipped_calendars_follow_the_documents() {
    let root = env!("CARGO_MANIFEST_DIR");
    let next = |calendar: &str, until: &str| -> Vec<String> {
        let file = format!("runbooks/calendars/{calendar}.yaml");
        let args = ["drill", "next", &file, "--at", "2026-08-01T00:00:00Z", "--until", until, "--json"];
        let ran = crate::support::Runbook::new().dir(root.as_ref()).args(args).run().exits(0);
        let object: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let moments = object["moments"].as_array().expect("moments").iter();
        let words =
            |it: &Value| format!("{} {}", it["at"].as_str().expect("a time"), it["entry"].as_str().expect("an id"));
        moments.map(words).filter(|line| !line.contains("backup")).collect()
    };
    // August 2026 has five Mondays.
    assert_eq!(
        next("nchat", "2026-09-08T00:00:00Z"),
        [
            "2026-08-03T03:00:00-04:00 week_1_restore",
            "2026-08-10T03:00:00-04:00 week_2_service",
            "2026-08-17T03:00:00-04:00 week_3_pitr",
            "2026-08-24T03:00:00-04:00 week_4_full",
            "2026-09-07T03:00:00-04:00 week_1_restore",
        ]
    );
    let all = next("mockupaws", "2027-08-01T00:00:00Z");
    let count = |entry: &str| all.iter().filter(|line| line.ends_with(entry)).count();
    assert_eq!((count("restore_test"), count("full_drill"), count("region_failover")), (52, 12, 4));
}
