//! `runbook drill due --run`: what is due is carried out, nobody is asked, and who wants to know is told.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::{Drilled, calendar, drill, place, runbook};
use crate::labs::engine::wait_until;
use crate::support::{Workspace, shell_code};

fn run(id: &str, runbook: &str) -> String {
    format!("  {id}:\n    title: Do {id}\n    run: {runbook}\n    every: day at 00:00\n")
}

fn here(head: &str, entries: &[String]) -> Workspace {
    let text = calendar("UTC", &entries.concat()).replace("entries:", &format!("{head}entries:"));
    place()
        .file("bad.yaml", "kind: runbook/v1\nname: bad\nsteps:\n  - id: it\n    exec: \"false\"\n")
        .file("ask.yaml", "kind: runbook/v1\nname: ask\nsteps:\n  - id: it\n    manual: Look at it\n")
        .file("four.yaml", text)
}

const ARGS: [&str; 4] = ["drill", "due", "four.yaml", "--run"];

#[test]
fn what_is_due_is_carried_out_once_and_a_failure_stops_nothing() {
    let notify = "notify:\n  exec: [sh, -c, cat >> told]\n";
    let place = here(notify, &[run("bad", "bad.yaml"), run("ask", "ask.yaml"), run("good", "backup.yaml")]);
    let ran = runbook(&place, &ARGS).run().exits(1);
    for part in
        ["four/bad: Do bad, due since", "    runbook run bad.yaml\n", "Do bad: FAILED, failed", "Do good: succeeded"]
    {
        assert!(ran.stdout.contains(part), "no `{part}` in\n{}", ran.stdout);
    }
    let told = place.read("told");
    let heads: Vec<&str> = told.lines().filter(|line| line.starts_with("Do ")).collect();
    assert_eq!(heads, ["Do bad: FAILED, failed", "Do ask: FAILED, failed", "Do good: succeeded"]);
    for part in ["four/good, due since ", "took ", "record: /", "command: runbook run backup.yaml", "why: "] {
        assert!(told.contains(part), "no `{part}` in\n{told}");
    }
    // All of it is done: what failed was done, too.
    drop(runbook(&place, &ARGS).run().exits(0).says("nothing is due"));
    let ran = runbook(&place, &["drill", "due", "four.yaml"]).run().exits(0).says("0 overdue, 0 due, 3 not due");
    drop(ran.says("last done").says("FAILED, failed").says("succeeded (took "));
    assert_eq!(place.read("told"), told);
}

#[test]
fn a_notice_that_does_not_arrive_is_a_warning() {
    let notify = "notify:\n  - exec: \"false\"\n  - exec: ./gone\n  - exec: [sh, -c, echo no such list >&2; exit 3]\n";
    let place = here(notify, &[run("good", "backup.yaml")]);
    let ran = runbook(&place, &ARGS).run().exits(0);
    let ran = ran.warns("warning: notice 1 (exec) of four/good did not arrive: `false` ended with exit 1");
    drop(ran.warns("notice 2 (exec)").warns("/gone").warns("ended with exit 3: no such list"));
}

#[test]
fn a_webhook_gets_the_result_and_its_secret_is_never_shown() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            head.push_str(&line);
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").expect("an answer");
        (head, body)
    });
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address").port();
    let notify = format!(
        "secrets:\n  hook:\n    env: DRILL_HOOK\nnotify:\n  - webhook: http://127.0.0.1:{port}/${{{{ secrets.hook }}}}\n  \
         - slack: http://127.0.0.1:{closed}/${{{{ secrets.hook }}}}\n"
    );
    let place = here(&notify, &[run("good", "backup.yaml")]);
    let ran = runbook(&place, &ARGS).env("DRILL_HOOK", "tell-tale-value").run().exits(0);
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("tell-tale"), "{ran:?}");
    drop(ran.warns("notice 2 (slack) of four/good did not arrive"));
    let (head, body) = served.join().expect("a request");
    assert!(head.starts_with("POST /tell-tale-value HTTP/1.1"), "{head}");
    let message: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(
        (&message["calendar"], &message["entry"], &message["verdict"]),
        (&"four".into(), &"good".into(), &"succeeded".into())
    );
    assert!(message["text"].as_str().is_some_and(|text| text.starts_with("Do good: succeeded\n")), "{message:#}");
    assert_eq!((&message["exit"], &message["missed"]), (&0.into(), &1.into()));
    // Without the secret nobody is told, and that is said.
    let place = here(&notify, &[run("good", "backup.yaml")]);
    drop(runbook(&place, &ARGS).env_remove("DRILL_HOOK").run().exits(0).warns("DRILL_HOOK is not set"));
}

#[test]
fn for_machines_it_is_one_object() {
    let place = here("", &[run("bad", "bad.yaml"), run("good", "backup.yaml")]);
    let ran = runbook(&place, &["drill", "due", "four.yaml", "--run", "--json"]).run().exits(1);
    let object: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
    let carried = object["carried_out"].as_array().expect("a list");
    let exits: Vec<_> = carried.iter().map(|one| (one["entry"].as_str(), one["exit"].as_i64())).collect();
    assert_eq!(exits, [(Some("bad"), Some(1)), (Some("good"), Some(0))]);
    assert_eq!((&carried[0]["result"]["failed"], &carried[1]["result"]["counts"]), (&true.into(), &true.into()));
    assert_eq!(object["exit"], 1);
}

#[test]
fn what_cannot_be_carried_out_is_said_and_stays_due() {
    // There is no Docker on this path.
    let place = place().file("four.yaml", calendar("UTC", &drill("restore", "day at 00:00", "")));
    let ran = runbook(&place, &ARGS).env("PATH", "/nonexistent").run();
    assert!(ran.code.is_some_and(|code| code != 0), "{ran:?}");
    drop(ran.says("restore: NOT CARRIED OUT"));
    drop(runbook(&place, &["drill", "due", "four.yaml"]).run().exits(0).says("0 overdue, 1 due, 0 not due"));
}

#[test]
fn after_three_tries_it_is_left_to_a_person() {
    let place = place().file("four.yaml", calendar("UTC", &drill("restore", "day at 00:00", "")));
    let midnight = chrono::DateTime::<chrono::Utc>::from(
        std::fs::metadata(place.path("four.yaml")).and_then(|it| it.modified()).expect("the time"),
    );
    let midnight = midnight.format("%Y-%m-%d").to_string();
    for n in 1..=3 {
        Drilled { verdict: Some("refused"), took: 0, ..Drilled::default() }
            .began(&place, &format!("{midnight}T00:00:0{n}Z"));
    }
    let ran = runbook(&place, &ARGS).run().exits(1);
    drop(
        ran.says("four/restore was tried 3 times and is left alone: refused: because it is refused")
            .says("    runbook drill run recover.yaml"),
    );
    let quiet = runbook(&place, &[&ARGS[..], &["--quiet"]].concat()).run().exits(1);
    assert_eq!(quiet.stdout, "");
    assert_eq!(std::fs::read_dir(place.path("drills")).expect("drills").count(), 3);
}

#[test]
fn two_do_not_carry_out_one_calendar() {
    let place = here("", &[run("good", "backup.yaml")]);
    let file = File::open(place.path("four.yaml")).expect("the calendar");
    file.try_lock().expect("the lock");
    drop(runbook(&place, &ARGS).run().exits(5).warns("another `runbook drill due --run` carries four.yaml out"));
    assert!(!place.path("runs").exists());
    // Who only looks is not held up.
    drop(runbook(&place, &["drill", "due", "four.yaml"]).run().exits(0));
}

#[test]
fn a_signal_lets_the_step_end_and_starts_nothing_new() {
    let slow = "kind: runbook/v1\nname: slow\nsteps:\n  - id: one\n    shell: touch begun; until test -e go; do sleep 0.05; done\n  \
                - id: two\n    exec: touch second\n";
    let place = here("", &[run("slow", "slow.yaml"), run("good", "backup.yaml")]).file("slow.yaml", slow);
    let mut child = runbook(&place, &ARGS).start();
    wait_until("the first step runs", || place.path("begun").exists());
    kill(Pid::from_raw(i32::try_from(child.id()).expect("a pid")), Signal::SIGTERM).expect("a signal");
    let journal = || -> String {
        let runs = std::fs::read_dir(place.path("runs")).expect("runs").filter_map(Result::ok);
        runs.map(|run| std::fs::read_to_string(run.path().join("journal.jsonl")).unwrap_or_default()).collect()
    };
    wait_until("the run knows of the signal", || journal().contains(r#""kind":"interrupted""#));
    place.write("go", "");
    assert_eq!(shell_code(child.wait().expect("its end")), Some(143));
    assert!(!place.path("second").exists());
    assert_eq!(std::fs::read_dir(place.path("runs")).expect("runs").count(), 1);
    // It does not count: it is due as before.
    drop(
        runbook(&place, &["drill", "due", "four.yaml"])
            .run()
            .exits(0)
            .says("0 overdue, 2 due")
            .says("tried once since"),
    );
}
