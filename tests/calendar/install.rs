//! `runbook drill install`: what is printed, written and taken away, and what is left alone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{calendar, place, runbook};
use crate::support::{Ran, Workspace};

const ENTRIES: &str = "  nightly:
    run: backup.yaml
    every: day at 02:30
  fourth:
    run: backup.yaml
    every: month on thursday of week 4 at 04:15
  last:
    run: backup.yaml
    every: quarter on the last friday at 04:15
";

fn here() -> Workspace {
    let place = place().file("four.yaml", calendar("Europe/Berlin", ENTRIES));
    for name in ["systemctl", "crontab"] {
        let script = match name {
            "systemctl" => "#!/bin/sh\necho \"$*\" >> \"$HOME/told\"\n".to_owned(),
            _ => "#!/bin/sh\ncase $1 in\n-l) cat \"$HOME/crontab\" 2>/dev/null || { echo no crontab for you >&2; exit 1; } ;;\n\
                  -r) rm \"$HOME/crontab\" ;;\n-) cat > \"$HOME/crontab\" ;;\nesac\n"
                .to_owned(),
        };
        place.write(&format!("bin/{name}"), script);
        fs::set_permissions(place.path(&format!("bin/{name}")), fs::Permissions::from_mode(0o755)).expect("a program");
    }
    place
}

fn install(place: &Workspace, args: &[&str]) -> Ran {
    let all: Vec<&str> = ["drill", "install"].into_iter().chain(args.iter().copied()).collect();
    let path = format!("{}:/usr/bin:/bin", place.path("bin").display());
    runbook(place, &all).env("HOME", place.path("")).env_remove("XDG_CONFIG_HOME").env("PATH", path).run()
}

/// What differs from machine to machine.
fn normal(place: &Workspace, text: &str) -> String {
    let home = place.path("").canonicalize().expect("a directory").display().to_string();
    text.replace(home.trim_end_matches('/'), "/home/ana").replace(env!("CARGO_BIN_EXE_runbook"), "/usr/bin/runbook")
}

#[test]
fn it_prints_what_it_would_write() {
    let place = here();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (name, args) in [
        ("install-systemd", &["--systemd", "four.yaml"][..]),
        ("install-systemd-user", &["--systemd", "--user", "--print", "four.yaml"]),
        ("install-cron", &["--cron", "four.yaml"]),
        ("install-cron-user", &["--cron", "--user", "four.yaml"]),
    ] {
        let ran = install(&place, args).exits(0);
        settings.bind(|| insta::assert_snapshot!(name, normal(&place, &ran.stdout)));
    }
    assert!(!place.path(".config").exists() && !place.path("crontab").exists(), "printing writes nothing");
}

#[test]
fn units_are_written_once_and_taken_away() {
    let place = here();
    let units = || {
        let list = fs::read_dir(place.path(".config/systemd/user")).into_iter().flatten();
        let mut names: Vec<String> =
            list.map(|it| it.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    let args = ["--systemd", "--user", "four.yaml", "--write"];
    drop(install(&place, &args).exits(0).says("written: ").says("done: systemctl --user restart runbook-four.timer"));
    assert_eq!(units(), ["runbook-four.service", "runbook-four.timer"]);
    assert_eq!(
        place.read("told"),
        "--user daemon-reload\n--user enable runbook-four.timer\n--user restart runbook-four.timer\n"
    );
    let before = place.read(".config/systemd/user/runbook-four.timer");
    drop(install(&place, &args).exits(0).says("unchanged: ").never_says("written: "));
    // The calendar changed.
    place.write("four.yaml", place.read("four.yaml").replace("02:30", "05:45"));
    drop(install(&place, &args).exits(0).says("written: ").says("unchanged: "));
    assert!(before.contains("02:30:00") && place.read(".config/systemd/user/runbook-four.timer").contains("05:45:00"));
    drop(install(&place, &["--systemd", "--user", "four.yaml", "--remove"]).exits(0).says("removed: "));
    assert_eq!(units(), Vec::<String>::new());
    assert!(place.read("told").ends_with("--user disable --now runbook-four.timer\n--user daemon-reload\n"));
    drop(install(&place, &["--systemd", "--user", "four.yaml", "--remove"]).exits(0).says("not there: "));
}

#[test]
fn what_somebody_else_wrote_is_left_alone() {
    for (text, why) in [
        ("[Timer]\n", "was not written by `runbook drill install`"),
        (
            "# runbook drill install: calendar four in '/elsewhere/four.yaml'\n",
            "is of another one, calendar four in '/elsewhere/four.yaml'",
        ),
    ] {
        for args in [["--write"], ["--remove"]] {
            let place = here();
            place.write(".config/systemd/user/runbook-four.timer", text);
            let all = [&["--systemd", "--user", "four.yaml"][..], &args].concat();
            drop(install(&place, &all).exits(4).warns(why).warns("nothing was changed"));
            assert_eq!(place.read(".config/systemd/user/runbook-four.timer"), text);
            assert!(!place.path(".config/systemd/user/runbook-four.service").exists());
            assert_eq!(place.read("told"), "");
        }
    }
    // A masked unit is a link.
    let place = here();
    fs::create_dir_all(place.path(".config/systemd/user")).expect("a directory");
    std::os::unix::fs::symlink("/dev/null", place.path(".config/systemd/user/runbook-four.service")).expect("a link");
    drop(
        install(&place, &["--systemd", "--user", "--write", "four.yaml"]).exits(4).warns("is no file that this wrote"),
    );
}

#[test]
fn lines_of_a_crontab_are_written_once_and_taken_away_and_the_others_stay() {
    let place = here();
    let mine = "MAILTO=ana\n0 1 * * * mine\n";
    place.write("crontab", mine);
    let args = ["--cron", "--user", "four.yaml", "--write"];
    drop(install(&place, &args).exits(0).says("written into the crontab"));
    let first = place.read("crontab");
    assert!(first.starts_with(mine) && first.lines().count() == 5, "{first}");
    drop(install(&place, &args).exits(0).says("unchanged"));
    place.write("four.yaml", place.read("four.yaml").replace("02:30", "05:45"));
    drop(install(&place, &args).exits(0));
    assert_eq!(place.read("crontab").lines().count(), 5);
    assert!(place.read("crontab").contains("\n15,45 * * * * "), "{}", place.read("crontab"));
    drop(install(&place, &["--cron", "--user", "four.yaml", "--remove"]).exits(0));
    assert_eq!(place.read("crontab"), mine);
    // The last one goes with its file.
    let empty = here();
    drop(install(&empty, &args).exits(0));
    assert!(empty.path("crontab").exists());
    drop(install(&empty, &["--cron", "--user", "four.yaml", "--remove"]).exits(0));
    assert!(!empty.path("crontab").exists());
}

#[test]
fn what_is_missing_is_said() {
    let place = here();
    drop(install(&place, &["four.yaml"]).exits(2).warns("--systemd"));
    drop(install(&place, &["--systemd", "--cron", "four.yaml"]).exits(2));
    drop(install(&place, &["--systemd", "--write", "--remove", "four.yaml"]).exits(2));
    place.write("other/four.yaml", place.read("four.yaml").replace("backup.yaml", "../backup.yaml"));
    drop(
        install(&place, &["--systemd", "four.yaml", "other/four.yaml"])
            .exits(2)
            .warns("two calendars are called `four`"),
    );
    // Without systemctl the units are there, and what to type is said.
    fs::remove_file(place.path("bin/systemctl")).expect("gone");
    let args = ["drill", "install", "--systemd", "--user", "--write", "four.yaml"];
    let ran =
        runbook(&place, &args).env("HOME", place.path("")).env_remove("XDG_CONFIG_HOME").env("PATH", place.path("bin"));
    drop(ran.run().exits(1).says("written: ").warns("type: systemctl --user daemon-reload"));
    let long = format!("{}:/usr/bin", "/a".repeat(500));
    let ran = runbook(&place, &["drill", "install", "--cron", "four.yaml"]).env("PATH", long);
    drop(ran.run().exits(2).warns("cron takes 990"));
}
