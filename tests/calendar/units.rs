//! What is printed for systemd and cron, given to their own programs where this machine has them, from places with names of every kind.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::Value;

use super::{calendar, place, runbook};
use crate::labs::engine::run;
use crate::support::{Runbook, Workspace};

/// Spaces, quotes, and what systemd, cron or a shell take for their own.
const HOSTILE: &str = "it's a \"50 %d\" $HOME #1; `x` & ünï";
/// The same without what systemd does not take in the name of a program.
const TAKEN: &str = "a 50 %d $HOME #1; & ünï =";

/// The program itself in a directory with a hostile name, beside the calendar.
fn hostile(name: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let here = dir.path().join(name);
    fs::create_dir(&here).expect("a directory");
    fs::hard_link(env!("CARGO_BIN_EXE_runbook"), here.join("runbook")).expect("the program");
    fs::write(here.join("backup.yaml"), "kind: runbook/v1\nname: backup\nsteps:\n  - id: it\n    exec: touch done\n")
        .expect("a file");
    let entry = "  it:\n    run: backup.yaml\n    every: day at 00:00\n";
    fs::write(here.join("the calendar.yaml"), calendar("UTC", entry)).expect("a file");
    let here = here.display().to_string();
    (dir, here)
}

fn has(program: &str) -> bool {
    which::which(program).is_ok()
}

/// The units of a calendar in a place.
fn units(here: &str) -> [String; 2] {
    let program = format!("{here}/runbook");
    let config = format!("{here}/config");
    let args = ["drill", "install", "--systemd", "--user", "--write", "the calendar.yaml"];
    run(Path::new(here), &[("XDG_CONFIG_HOME", &config), ("PATH", "/nonexistent")], &program, &args).gives(1);
    ["service", "timer"].map(|kind| format!("{config}/systemd/user/runbook-four.{kind}"))
}

/// The words of a command in a unit as systemd reads them.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(std::mem::take(&mut word)),
            '\\' => word.extend(chars.next()),
            '%' => word.extend(chars.next().filter(|next| *next == '%')),
            c => word.push(c),
        }
    }
    words.push(word);
    words[1..].iter_mut().for_each(|word| *word = word.replace("$$", "$"));
    words
}

#[test]
fn systemd_starts_it_from_a_place_of_any_name() {
    for name in [HOSTILE, TAKEN] {
        let (_dir, here) = hostile(name);
        let unit = fs::read_to_string(&units(&here)[0]).expect("a unit");
        let value = |key: &str| unit.lines().find_map(|line| line.strip_prefix(key)).expect("a key").to_owned();
        let directory = value("WorkingDirectory=").replace("%%", "%");
        assert_eq!(directory, here);
        let words = words(&value("ExecStart="));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        run(Path::new(&directory), &[], words[0], &words[1..]).gives(0);
        assert!(Path::new(&here).join("done").exists(), "{unit}");
    }
}

#[test]
fn systemd_takes_the_units_from_a_place_of_any_name() {
    if !has("systemd-analyze") {
        return;
    }
    let (_dir, here) = hostile(HOSTILE);
    let [service, timer] = units(&here);
    run(Path::new("/"), &[], "systemd-analyze", &["verify", "--man=no", &service, &timer]).gives(0);
    let (_dir, here) = hostile(TAKEN);
    let files = units(&here);
    // It looks whether the program is there: the name is read as it is meant.
    let verify = ["verify", "--man=no", &files[0], &files[1]];
    let said = run(Path::new("/"), &[], "systemd-analyze", &verify).gives(0);
    assert!(!said.text.contains("runbook-four"), "{}", said.text);
    let text = fs::read_to_string(&files[0]).expect("a unit").replace("/runbook\"", "/gone\"");
    fs::write(&files[0], text).expect("a unit");
    let said = run(Path::new("/"), &[], "systemd-analyze", &verify);
    assert!(said.text.contains(&format!("{here}/gone is not executable")), "{}", said.text);
}

/// What cron gives to the shell: a bare `%` ends the line, `\%` is one.
fn to_the_shell(command: &str) -> String {
    let mut given = String::new();
    let mut chars = command.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'%') => given.extend(chars.next()),
            '\\' => given.extend(std::iter::once(c).chain(chars.next())),
            '%' => break,
            c => given.push(c),
        }
    }
    given
}

#[test]
fn cron_starts_it_from_a_place_of_any_name() {
    let (_dir, here) = hostile(HOSTILE);
    let program = format!("{here}/runbook");
    let printed = run(
        Path::new(&here),
        &[("TZ", "UTC")],
        &program,
        &["drill", "install", "--cron", "--user", "the calendar.yaml"],
    )
    .gives(0);
    let line =
        printed.text.lines().find(|line| line.starts_with("0 * * * * ")).unwrap_or_else(|| panic!("{}", printed.text));
    let command = to_the_shell(&line["0 * * * * ".len()..]);
    let started = run(Path::new("/"), &[("PATH", "/nonexistent")], "/bin/sh", &["-c", &command]).gives(0);
    assert!(Path::new(&here).join("done").exists(), "{command}\n{}", started.text);
    assert_eq!(fs::read_dir(format!("{here}/runs")).expect("runs").count(), 1, "recorded beside the calendar");
    // The next one has nothing to do and says nothing.
    assert_eq!(run(Path::new("/"), &[], "/bin/sh", &["-c", &command]).gives(0).text, "");
    if has("crontab") {
        let file = format!("{here}/crontab");
        fs::write(&file, &printed.text).expect("a file");
        run(Path::new("/"), &[], "crontab", &["-n", &file]).gives(0);
    }
}

#[test]
fn what_a_timer_cannot_hold_is_refused() {
    let entry = "  it:\n    run: backup.yaml\n    every: day at 00:00\n";
    let place = place();
    for (name, kind, why) in [
        ("new\nline", "--systemd", "control character"),
        ("new\nline", "--cron", "control character"),
        ("back\\slash", "--cron", "backslash"),
    ] {
        let file = format!("{name}/four.yaml");
        place.write(&file, calendar("UTC", entry).replace("backup.yaml", "../backup.yaml"));
        drop(runbook(&place, &["drill", "install", kind, &file]).run().exits(2).warns(why));
    }
}

/// When systemd starts a line, from a moment on.
fn elapses(line: &str, from: &str, many: usize) -> BTreeSet<DateTime<Utc>> {
    let base = format!("--base-time={from}");
    let iterations = format!("--iterations={many}");
    let said =
        run(Path::new("/"), &[("TZ", "UTC")], "systemd-analyze", &["calendar", &base, &iterations, line]).gives(0);
    let moment = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let at = words.iter().position(|word| *word == "UTC")?;
        let text = format!("{} {}", words.get(at.checked_sub(2)?)?, words.get(at - 1)?);
        NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S").ok().map(|time| time.and_utc())
    };
    let is_one = |line: &&str| line.trim_start().starts_with("Next elapse:") || line.trim_start().starts_with("Iter.");
    said.text.lines().filter(is_one).filter_map(moment).collect()
}

#[test]
fn a_timer_misses_no_moment_and_fires_seldom_without_one() {
    if !has("systemd-analyze") {
        return;
    }
    let rules = [
        ("day at 02:30", 1),
        ("week on sunday at 02:30", 1),
        ("month on the second monday at 03:00", 0),
        ("month on the last friday at 22:00", 0),
        ("month on sunday of week 4 at 04:00", 40),
        ("month on wednesday of week 1 at 04:00", 0),
        ("month on day 29 at 04:00", 5),
        ("month on day 30 at 04:00", 0),
        ("month on day 31 at 04:00", 0),
        ("month on the last day at 04:00", 0),
        ("quarter on the first thursday at 04:00", 0),
        ("quarter on the last day at 04:00", 0),
        ("quarter on day 31 at 04:00", 45),
        ("quarter on saturday of week 4 at 04:00", 30),
    ];
    for zone in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"] {
        for (rule, more) in rules {
            let entry = format!("  it:\n    run: backup.yaml\n    every: {rule}\n");
            let place = place().file("four.yaml", calendar(zone, &entry));
            // From a week before clocks are put forward in Berlin.
            let from = "2027-03-20 00:00:00 UTC";
            let args = ["drill", "next", "four.yaml", "--json", "--count", "36", "--at", "2027-03-20T00:00:00Z"];
            let next: Value = serde_json::from_str(&runbook(&place, &args).run().exits(0).stdout).expect("JSON");
            let ours: BTreeSet<DateTime<Utc>> = next["moments"]
                .as_array()
                .expect("moments")
                .iter()
                .map(|it| it["utc"].as_str().expect("a time").parse().expect("a time"))
                .collect();
            let timer = runbook(&place, &["drill", "install", "--systemd", "four.yaml"]).run().exits(0).stdout;
            let lines = timer.lines().filter_map(|line| line.strip_prefix("OnCalendar="));
            let theirs: BTreeSet<DateTime<Utc>> = lines.flat_map(|line| elapses(line, from, 40)).collect();
            let missed: Vec<_> = ours.difference(&theirs).collect();
            assert!(missed.is_empty(), "{rule} in {zone}: systemd misses {missed:?}\n{timer}");
            let last = ours.last().expect("a moment");
            let idle = theirs.iter().filter(|moment| *moment <= last).count() - ours.len();
            let clocks = if timer.matches("OnCalendar=").count() > 1 && rule.contains("02:") { 36 } else { 0 };
            assert!(idle <= more + clocks, "{rule} in {zone}: {idle} times for nothing\n{timer}");
        }
    }
}

#[test]
fn the_shipped_calendars_have_timers() {
    if !has("systemd-analyze") {
        return;
    }
    let root = env!("CARGO_MANIFEST_DIR");
    let place = Workspace::new();
    for calendar in ["nchat", "mockupaws"] {
        let file = format!("runbooks/calendars/{calendar}.yaml");
        let args = ["drill", "install", "--systemd", "--user", "--write", &file];
        let ran = Runbook::new()
            .dir(root.as_ref())
            .args(args)
            .env("XDG_CONFIG_HOME", place.path(""))
            .env("PATH", "/nonexistent");
        drop(ran.run().exits(1).says("written: "));
        for kind in ["service", "timer"] {
            let unit = place.path(&format!("systemd/user/runbook-{calendar}.{kind}")).display().to_string();
            run(Path::new("/"), &[], "systemd-analyze", &["verify", "--man=no", &unit]).gives(0);
        }
    }
}
