//! Scripts do in the simulated world what the real shell and the real programs do: the same output, exit codes and files.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use runbook::model::facts::SystemFacts;
use runbook::runner::sim::World;

/// What every script finds in its directory: a path and its text, none: a directory.
const FILES: [(&str, Option<&str>); 13] = [
    ("docs", None),
    ("docs/deep", None),
    ("with space", None),
    ("empty", None),
    ("lines", Some("one\ntwo\nthree\n")),
    ("pairs", Some("b 2\na 10\nc 1\na 9\n")),
    ("users", Some("root:x:0:0\nuser:x:1000:1000\n")),
    (".env", Some("KEY=value\n# a comment\nOTHER=\"two words\"\n")),
    ("docs/deep/file.txt", Some("deep\n")),
    ("docs/guide.md", Some("guide\n")),
    ("with space/a b", Some("x")),
    ("nothing", Some("")),
    ("run.sh", Some("#!/bin/sh\necho \"script $1\"\n")),
];

/// Links, modes and a time, in the words of a shell.
const ATTRIBUTES: &str = "ln -s docs/guide.md link; ln -s nowhere dangling; chmod 755 run.sh; chmod 600 .env; \
    touch -d '2024-05-06 07:08:09 UTC' lines";

/// What is left at the end.
const STATE: &str = r#"
find . -printf '%y %m %p %l\n' | sort
find . -type f | sort | while read -r file; do echo "== $file"; cat "$file"; done
"#;

/// Lines of standard input.
const STDIN: &str = "first line\nsecond  line here\nthird\n";

/// One script of a file below `scripts/`.
struct Case {
    name: String,
    script: String,
}

/// What came of a script.
#[derive(PartialEq)]
struct Outcome {
    exit: i32,
    stdout: String,
    state: String,
    /// It has complained.
    said: bool,
}

pub fn root() -> PathBuf {
    std::env::var_os("RUNBOOK_ROOT").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

/// The cases of all files: each begins with `### NAME`.
fn cases() -> Vec<Case> {
    let mut found = Vec::new();
    let mut files: Vec<_> =
        fs::read_dir(root().join("tests/sim/scripts")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        for part in text.split("### ").skip(1) {
            let (name, script) = part.split_once('\n').unwrap();
            found.push(Case { name: format!("{stem}: {name}"), script: script.to_owned() });
        }
    }
    found
}

/// The arguments of a shell that carries out a script in a directory.
fn argv(dir: &Path, script: &str) -> Vec<String> {
    // On the first line of the script, so that lines are counted alike.
    let script = format!("cd '{0}' && HOME='{0}'; umask 022; {script}", dir.display());
    ["bash", "-c", &script, "bash", "one", "two words", ""].map(str::to_owned).to_vec()
}

fn real(dir: &Path, script: &str, stdin: &str) -> (i32, String, String) {
    let argv = argv(dir, script);
    #[expect(clippy::disallowed_methods, reason = "it is what the simulation is compared with")]
    let mut child = Command::new("/bin/bash")
        .args(&argv[1..])
        .env_clear()
        .envs([("LC_ALL", "C"), ("TZ", "UTC"), ("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A script that does not read its input may have ended by now.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn really(dir: &Path, script: &str) -> (Outcome, String) {
    fs::create_dir_all(dir).unwrap();
    for (path, text) in FILES {
        match text {
            None => fs::create_dir(dir.join(path)).unwrap(),
            Some(text) => fs::write(dir.join(path), text).unwrap(),
        }
    }
    for (path, to) in [("link", "docs/guide.md"), ("dangling", "nowhere")] {
        std::os::unix::fs::symlink(to, dir.join(path)).unwrap();
    }
    for (path, mode) in [("run.sh", 0o755), (".env", 0o600)] {
        fs::set_permissions(dir.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }
    let touched: DateTime<Utc> = "2024-05-06T07:08:09Z".parse().unwrap();
    fs::File::options().append(true).open(dir.join("lines")).unwrap().set_modified(touched.into()).unwrap();
    let (exit, stdout, stderr) = real(dir, script, STDIN);
    (Outcome { exit, stdout, state: state(dir), said: !stderr.is_empty() }, stderr)
}

/// What the script that looks at the state prints.
fn state(dir: &Path) -> String {
    let (mut lines, mut texts) = (Vec::new(), Vec::new());
    let mut open = vec![(dir.to_owned(), ".".to_owned())];
    while let Some((path, shown)) = open.pop() {
        let metadata = fs::symlink_metadata(&path).unwrap();
        let mode = metadata.permissions().mode() & 0o7777;
        let (letter, to) = if metadata.is_dir() {
            for entry in fs::read_dir(&path).unwrap().map(Result::unwrap) {
                open.push((entry.path(), format!("{shown}/{}", entry.file_name().to_string_lossy())));
            }
            ('d', String::new())
        } else if metadata.is_symlink() {
            ('l', fs::read_link(&path).unwrap().display().to_string())
        } else {
            texts.push((shown.clone(), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()));
            ('f', String::new())
        };
        lines.push(format!("{letter} {mode:o} {shown} {to}\n"));
    }
    lines.sort();
    texts.sort();
    let mut state = lines.concat();
    for (path, text) in texts {
        let _ = writeln!(state, "== {path}");
        state.push_str(&text);
    }
    state
}

fn began() -> DateTime<Utc> {
    "2026-02-09T14:30:00Z".parse().unwrap()
}

fn world() -> World {
    World::empty(began(), 7, Arc::new(SystemFacts::default()))
}

fn simulated(dir: &Path, script: &str) -> Result<(Outcome, String), String> {
    let mut world = world();
    let make = ["mkdir".to_owned(), "-p".to_owned(), dir.display().to_string()];
    world.command("local", &make, "").map_err(|what| what.0)?;
    let mut setup = String::new();
    for (path, text) in FILES {
        match text {
            None => drop(writeln!(setup, "mkdir '{path}'")),
            Some(text) => drop(writeln!(setup, "printf %s '{text}' > '{path}'")),
        }
    }
    let setup =
        world.command("local", &argv(dir, &(setup + ATTRIBUTES)), "").map_err(|what| format!("setup: {what}"))?;
    assert_eq!((setup.exit, setup.stderr.as_str()), (0, ""), "the setup");
    let said = world.command("local", &argv(dir, script), STDIN).map_err(|what| what.0)?;
    let state = world.command("local", &argv(dir, STATE), "").map_err(|what| format!("state: {what}"))?.stdout;
    Ok((Outcome { exit: said.exit, stdout: said.stdout, state, said: !said.stderr.is_empty() }, said.stderr))
}

#[test]
fn scripts_do_what_the_real_shell_does() {
    let base = std::env::temp_dir().join(format!("runbook-scripts-{}", std::process::id()));
    let cases = cases();
    let only = std::env::var("RUNBOOK_CASE").ok();
    let mut report = String::new();
    let mut failed = 0;
    for (number, case) in cases.iter().enumerate() {
        if only.as_ref().is_some_and(|only| !case.name.contains(only.as_str())) {
            continue;
        }
        let dir = base.join(number.to_string());
        let (expected, real_stderr) = really(&dir, &case.script);
        match simulated(&dir, &case.script) {
            Ok((found, _)) if found == expected => {}
            Ok((found, stderr)) => {
                failed += 1;
                let _ = writeln!(report, "----- {}\n{}", case.name, case.script);
                let _ = writeln!(
                    report,
                    "real: exit {} stdout {:?} stderr {real_stderr:?}",
                    expected.exit, expected.stdout
                );
                let _ = writeln!(report, "here: exit {} stdout {:?} stderr {stderr:?}", found.exit, found.stdout);
                if found.state != expected.state {
                    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
                    let (real, here) = (lines(&expected.state), lines(&found.state));
                    for line in real.iter().filter(|line| !here.contains(line)) {
                        let _ = writeln!(report, "  only there: {line}");
                    }
                    for line in here.iter().filter(|line| !real.contains(line)) {
                        let _ = writeln!(report, "  only here: {line}");
                    }
                }
            }
            Err(what) => {
                failed += 1;
                let _ = writeln!(report, "----- {}\n{}not simulated: {what}", case.name, case.script);
            }
        }
    }
    fs::remove_dir_all(&base).unwrap();
    assert!(failed == 0, "{failed} of {} scripts differ\n{report}", cases.len());
    assert!(only.is_some() || cases.len() >= 150, "only {} scripts", cases.len());
}
