//! What a shell does with time, with what it does not know, and with input that makes no sense.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use proptest::prelude::*;

use crate::model::facts::SystemFacts;
use crate::runner::sim::Said;
use crate::runner::sim::place::Place;
use crate::runner::sim::process::{Process, Unsimulated};
use crate::runner::sim::world::World;

fn world() -> World {
    World::empty("2026-02-09T14:30:00Z".parse().unwrap(), 1, Arc::new(SystemFacts::default()))
}

fn run(shell: &str, script: &str) -> Result<Said, Unsimulated> {
    world().command("local", &[shell, "-c", script].map(str::to_owned), "some input\n")
}

#[test]
fn what_is_not_known_is_named_before_anything_happens() {
    for (script, what) in [
        ("touch made; nonsuch arg", "`nonsuch`"),
        ("touch made; x=$(nonsuch)", "`nonsuch`"),
        ("touch made; f() { if true; then nonsuch; fi; }", "`nonsuch`"),
        ("touch made; eval true", "`eval`"),
        ("touch made; sleep 5 &", "`&`: commands in the background"),
        ("touch made; a=(1 2)", "arrays"),
        ("touch made; echo ${a[0]}", "arrays"),
        ("touch made; diff <(ls) <(ls)", "`<(…)`"),
        ("touch made; time ls", "`time`"),
        ("touch made; echo x 3>&1", "descriptor 3"),
        ("touch made; cat <<E\nnever ends", "a here-document without its end"),
        ("touch made; select x in a; do :; done", "`select`"),
    ] {
        let mut world = world();
        let mut process = Process::new(&mut world, Place::machine("local"));
        let ran = process.run(&["bash", "-c", script].map(str::to_owned));
        assert_eq!(ran.unwrap_err().0, what, "{script}");
        assert!(world.node(&Place::machine("local"), "/root/made").is_err(), "{script}");
    }
}

#[test]
fn what_only_some_shells_have_is_not_simulated_in_sh() {
    for script in [
        "[[ a = a ]]",
        "echo {a,b}",
        "cat <<< x",
        "x=${y/a/b}",
        "((1))",
        "set -o pipefail",
        "echo $'a'",
        "function f { :; }",
    ] {
        assert!(run("sh", script).is_err(), "{script}");
        assert!(run("bash", script).is_ok(), "{script}");
    }
    assert!(run("sh", "echo 'a\\nb'").is_err(), "some take the backslash, some do not");
    assert_eq!(
        run("sh", "echo '\\.'; printf '%s\\n' \"${x:-y}\" $((1+2)); false || exit 3").unwrap().stdout,
        "\\.\ny\n3\n"
    );
}

#[test]
fn mistakes_are_told_as_the_shell_tells_them() {
    for (script, exit, said) in [
        ("true\nset -u\necho $x", 127, "bash: line 3: x: unbound variable\n"),
        ("cd /none", 1, "bash: line 1: cd: /none: No such file or directory\n"),
        ("echo a > /none/b", 1, "bash: line 1: /none/b: No such file or directory\n"),
        ("docker ps", 127, "bash: line 1: docker: command not found\n"),
        ("/tmp", 126, "bash: line 1: /tmp: Is a directory\n"),
        ("./none", 127, "bash: line 1: ./none: No such file or directory\n"),
        ("[ 1 -eq x ]", 2, "bash: line 1: [: x: integer expression expected\n"),
        ("echo $((1/0))", 1, "bash: line 1: 1/0: division by 0\n"),
        ("if true; fi", 2, "bash: -c: line 1: syntax error near unexpected token `fi'\n"),
        ("if true; then\n:", 2, "bash: -c: line 2: syntax error: unexpected end of file\n"),
    ] {
        let found = run("bash", script).unwrap();
        assert_eq!((found.exit, found.stderr.as_str()), (exit, said), "{script}");
    }
    assert_eq!(run("bash", "set -x; echo 'a b'").unwrap().stderr, "+ echo 'a b'\n");
}

#[test]
fn time_passes_while_a_script_sleeps() {
    let said = run("bash", "for i in 1 2 3; do sleep 2; done; sleep 1m; echo $SECONDS").unwrap();
    assert_eq!(said.stdout, "66\n");
    assert!(said.took >= Duration::from_secs(66) && said.took < Duration::from_secs(67));
}

#[test]
fn a_loop_that_waits_for_ever_is_ended_by_whoever_started_it() {
    let mut world = world();
    let began = world.now();
    let mut process = Process::new(&mut world, Place::machine("local"));
    process.deadline = Some(began + TimeDelta::minutes(10));
    let script = "until test -e /never; do sleep 5; done; touch /after";
    assert_eq!(process.run(&["bash", "-c", script].map(str::to_owned)), Ok(143));
    let lasted = world.now() - began;
    assert!(lasted >= TimeDelta::minutes(10) && lasted < TimeDelta::minutes(11), "{lasted}");
    assert!(world.node(&Place::machine("local"), "/after").is_err());
}

#[test]
fn nothing_happens_after_the_end() {
    let mut world = world();
    let began = world.now();
    let mut process = Process::new(&mut world, Place::machine("local"));
    process.deadline = Some(began + TimeDelta::seconds(30));
    let script = "touch /before; bash -c 'sleep 60; touch /after' || touch /after; touch /after";
    assert_eq!(process.run(&["bash", "-c", script].map(str::to_owned)), Ok(143));
    let place = Place::machine("local");
    assert!(world.node(&place, "/before").is_ok() && world.node(&place, "/after").is_err());
}

#[test]
fn timeout_ends_what_waits_too_long() {
    let said = run("bash", "timeout 10 bash -c 'until false; do sleep 3; done; echo never'; echo $? $SECONDS").unwrap();
    assert_eq!(said.stdout, "124 10\n");
    assert_eq!(run("bash", "timeout -s KILL 1 sleep 5; echo $?").unwrap().stdout, "137\n");
}

#[test]
fn loops_without_an_end_come_to_one() {
    assert!(run("bash", "while :; do :; done").is_err());
    assert!(run("bash", "for ((;;)); do :; done").is_err());
    assert_eq!(run("bash", "while :; do sleep 60; done").unwrap().exit, 143);
    assert!(run("bash", "f() { f; }; f").is_err());
    assert!(run("bash", "echo 'bash s' > s; bash s").is_err());
    let deep = "cat > s <<'END'\nf() { if [ $1 = 0 ]; then bash s; else { ( x=$(f $(($1-1))); echo $x ); }; fi; }; f 14\nEND\nbash s";
    assert!(run("bash", deep).is_err());
    assert!(run("bash", &format!("echo {}x{}", "$(".repeat(100), ")".repeat(100))).is_err());
    assert!(run("bash", &"(".repeat(100_000)).is_err());
    assert!(run("bash", "x=aaaa; while :; do x=$x$x; done").is_err());
    assert!(run("bash", "echo a > f; while :; do cat f f > g; cat g g > f; done").is_err());
    assert!(run("bash", "while :; do mkdir d && cd d; done").is_err());
    assert!(run("bash", "awk 'BEGIN { while (1) x = x \"a\" x }'").is_err());
    assert!(run("bash", "x=x; echo $((x))").unwrap().exit == 1);
}

#[test]
fn a_script_is_read_once() {
    let script = "echo \"$1\"; for i in 1 2 3; do :; done";
    let first = super::invoke::read(script, super::parse::Dialect::Bash).unwrap();
    let second = super::invoke::read(script, super::parse::Dialect::Bash).unwrap();
    assert!(Arc::ptr_eq(&first, &second));
}

#[test]
fn the_same_script_gives_the_same_again() {
    let script = "echo $RANDOM; mktemp; sleep 1; date +%s%N; tar czf a.tgz /etc; sha256sum a.tgz";
    assert_eq!(run("bash", script), run("bash", script));
}

/// Pieces that scripts are made of.
const PIECES: [&str; 60] = [
    "if", "then", "fi", "else", "elif", "for", "i", "in", "do", "done", "while", "until", "case", "esac", "{", "}",
    "(", ")", ";", ";;", "\n", " ", "&&", "||", "|", "!", "[[", "]]", "[", "]", "$(", "`", "\"", "'", "$((", "))",
    "${x", "}", ":-", "#", "%", "/", "$x", "$1", "$@", ">", "<", "<<E", ">&2", "\\", "*", "?", "a", "echo", "true",
    "x=1", "f()", "1", "+", "{a,b}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_script_makes_the_shell_panic(pieces in prop::collection::vec(0..PIECES.len(), 0..24), spaces in any::<u32>()) {
        let mut script = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            script.push_str(PIECES[*piece]);
            if spaces >> (at % 32) & 1 == 1 {
                script.push(' ');
            }
        }
        let _ = run("bash", &script);
    }

    #[test]
    fn no_text_makes_a_program_panic(text in "\\PC{0,20}", at in 0_usize..14) {
        let program = ["sed", "awk", "grep -E", "grep", "find . -name", "printf", "date -d", "tr a-z", "sort -k", "cut -f", "test a -a", "stat -c", "chmod", "seq"][at];
        let quoted = format!("'{}'", text.replace('\'', "'\\''"));
        let _ = run("bash", &format!("{program} {quoted} /etc/fstab"));
        let _ = run("bash", &format!("echo {quoted} | xargs; [[ a =~ {quoted} ]]; x={quoted}; echo ${{x%{quoted}}} ${{x//{quoted}/y}} $(({quoted}))"));
    }
}
