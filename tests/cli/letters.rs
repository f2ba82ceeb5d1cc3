//! `approve`, `reject`, `pause`, `cancel` from another terminal. The engine that answers is this test: what a real one makes of letters is
//! in the tests of sessions.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use runbook::journal::inbox::{self, Letter, LetterKind};
use runbook::model::entry::Entry;
use runbook::model::id::StepId;
use runbook::model::outcome::RunOutcome;
use runbook::runner::signature::{Verification, identify, sign, verify};

use crate::support::recorded::{Recorded, run_finished, step_started};
use crate::support::{Ran, Workspace};

const RUN: &str = "01KB7Q00000000000000000001";
const DIGEST: &str = "5f2c000000000000000000000000000000000000000000000000000000000000";

fn at() -> DateTime<Utc> {
    "2026-11-20T03:00:00Z".parse().unwrap()
}

fn asks(workspace: &Workspace) -> Recorded {
    let asked = Entry::ApprovalAsked {
        step: StepId("wipe".to_owned()),
        digest: DIGEST.to_owned(),
        command: "rm -rf data\u{202e}".to_owned(),
        people: vec!["ben".to_owned(), "eva".to_owned()],
        min: 2,
        not_requester: true,
        expires: "2036-12-01T00:00:00Z".parse().unwrap(),
    };
    Recorded::new(workspace, RUN, at()).with(100, step_started("a", "make a")).with(200, asked)
}

/// Takes one letter and answers with an entry, as an engine would.
fn answers(mut run: Recorded, answer: impl FnOnce(Letter) -> Entry + Send + 'static) -> thread::JoinHandle<Recorded> {
    thread::spawn(move || {
        loop {
            let mut letters = inbox::take(&run.directory).unwrap();
            if let Some(letter) = letters.pop() {
                let entry = answer(letter.letter.unwrap());
                run.add(300, entry);
                return run;
            }
            thread::sleep(Duration::from_millis(10));
        }
    })
}

fn counted(letter: &Letter, refused: &str, verified: bool) -> Entry {
    let (step, digest, reason, verdict) = match &letter.kind {
        LetterKind::Approve { step, digest, reason, .. } => (step, digest, reason, "approve"),
        LetterKind::Reject { step, digest, reason, .. } => (step, digest, reason, "reject"),
        other => panic!("{other:?}"),
    };
    Entry::Approved {
        step: step.clone(),
        digest: digest.clone(),
        verdict: verdict.to_owned(),
        by: "ben@desk".to_owned(),
        verified,
        reason: reason.clone(),
        refused: refused.to_owned(),
    }
}

fn approve(workspace: &Workspace, more: &[&str]) -> Ran {
    workspace.runbook(["approve", "01KB7", "wipe", "--reason", "CHG-1"]).args(more).env_remove("RUNBOOK_KEY").run()
}

#[test]
fn an_approval_shows_what_is_approved_and_what_came_of_it() {
    let workspace = Workspace::new();
    let run = asks(&workspace);
    let _lease = run.driven();
    let engine = answers(run, |letter| counted(&letter, "", false));
    let ran = approve(&workspace, &[]).exits(0).says("    rm -rf data\\u{202e}").says(DIGEST);
    let _ = ran.says("approved by ben@desk (unverified); 1 approval more needed");
    let engine = answers(engine.join().unwrap(), |letter| counted(&letter, "", false));
    let _ = approve(&workspace, &[]).exits(0).says("nobody else is needed");
    let _ = engine.join().unwrap();
}

#[test]
fn an_approval_that_does_not_count_says_why() {
    let workspace = Workspace::new();
    let run = asks(&workspace);
    let _lease = run.driven();
    let engine = answers(run, |letter| counted(&letter, "who runs it may not approve", false));
    let _ = approve(&workspace, &[]).exits(4).warns("it does not count: who runs it may not approve");
    let engine = answers(engine.join().unwrap(), |letter| counted(&letter, "too late", false));
    let json = approve(&workspace, &["--json"]).exits(4).json_lines();
    assert_eq!((&json[0]["counts"], &json[0]["refused"]), (&false.into(), &"too late".into()));
    assert_eq!((&json[0]["missing"], &json[0]["exit"]), (&2.into(), &4.into()));
    let engine = answers(engine.join().unwrap(), |letter| counted(&letter, "", true));
    let args = ["reject", RUN, "wipe", "--reason", "wrong volume"];
    let _ = workspace.runbook(args).run().exits(0).says("rejected by ben@desk");
    let _ = engine.join().unwrap();
}

#[test]
fn nothing_is_sent_where_nothing_is_asked() {
    let workspace = Workspace::new();
    let run = asks(&workspace);
    let _ = approve(&workspace, &[]).exits(4).warns("no engine drives run").warns("runbook resume");
    let _lease = run.driven();
    let other = workspace.runbook(["approve", RUN, "a", "--reason", "x"]).run();
    let _ = other.exits(4).warns("`a` does not wait for approval").warns("these do: wipe");
    let _ = workspace.runbook(["approve", RUN, "wipe"]).run().exits(2).warns("--reason");
    let _ = workspace.runbook(["approve", RUN, "wipe", "--reason", " "]).run().exits(2).warns("--reason is empty");
    let _ = approve(&workspace, &["--key", "gone"]).exits(4).warns("nothing was sent").warns("unverified");
    assert!(inbox::take(&run.directory).unwrap().is_empty());
}

#[test]
fn a_letter_that_nobody_takes_waits() {
    let workspace = Workspace::new();
    let run = asks(&workspace);
    let _lease = run.driven();
    let _ = approve(&workspace, &[]).exits(6).warns("waits in its inbox").warns("runbook status");
    assert_eq!(inbox::take(&run.directory).unwrap().len(), 1);
    let json = workspace.runbook(["pause", RUN, "--json"]).run().exits(6).json_lines();
    assert_eq!(json[0]["taken"], false);
}

#[test]
fn a_living_run_is_paused_and_cancelled_by_letters() {
    let workspace = Workspace::new();
    let run = asks(&workspace);
    let _lease = run.driven();
    let engine = answers(run, |letter| match letter.kind {
        LetterKind::Pause { why } => Entry::Paused { by: "ben@desk".to_owned(), why },
        other => panic!("{other:?}"),
    });
    let _ = workspace.runbook(["pause", RUN, "--why", "shift change"]).run().exits(0).says("pauses");
    let engine = answers(engine.join().unwrap(), |letter| match letter.kind {
        LetterKind::Cancel { why } => Entry::Cancelled { by: "ben@desk".to_owned(), why },
        other => panic!("{other:?}"),
    });
    let json = workspace.runbook(["cancel", RUN, "--json"]).run().exits(0).json_lines();
    assert_eq!(json[0]["taken"], true);
    let run = engine.join().unwrap();
    let _ = workspace.runbook(["show"]).run().exits(0).says("paused by ben@desk: shift change").says("cancelled by");
    drop(run);
}

#[test]
fn a_run_that_is_over_takes_no_letters() {
    let workspace = Workspace::new();
    let _run = asks(&workspace).with(400, run_finished(RunOutcome::Succeeded, 400));
    let _ = workspace.runbook(["cancel", RUN]).run().exits(4).warns("is over (succeeded)");
    let _ = workspace.runbook(["pause", RUN]).run().exits(4).warns("it is over");
}

#[expect(clippy::disallowed_methods, reason = "makes keys")]
fn key(directory: &Path, name: &str) -> String {
    let path = directory.join(name);
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(&path).status();
    assert!(made.unwrap().success());
    std::fs::read_to_string(path.with_extension("pub")).unwrap()
}

#[test]
fn an_answer_is_signed_over_its_digest() {
    let workspace = Workspace::new();
    let public = key(&workspace.path(""), "ben");
    let other = key(&workspace.path(""), "mallory");
    workspace.write("allowed", format!("ben namespaces=\"runbook\" {public}eva {other}"));
    let allowed = workspace.path("allowed");
    let run = asks(&workspace);
    let _lease = run.driven();
    let (sender, signatures) = std::sync::mpsc::channel();
    let engine = answers(run, move |letter| {
        let LetterKind::Approve { signature, .. } = &letter.kind else { panic!("{letter:?}") };
        sender.send(signature.clone().unwrap()).unwrap();
        counted(&letter, "", true)
    });
    let key = workspace.path("ben").display().to_string();
    let _ = approve(&workspace, &["--key", &key]).exits(0).says("approved by ben@desk;").never_says("unverified");
    let _ = engine.join().unwrap();
    let signature = signatures.recv().unwrap();
    let people = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let verified = Verification::Verified { principal: "ben".to_owned() };
    assert_eq!(verify(DIGEST, &signature, &allowed, "ben"), verified);
    assert_eq!(identify(DIGEST, &signature, &allowed, &people(&["eva", "ben"])), verified);
    let unverified = |found: &Verification| matches!(found, Verification::Unverified { .. });
    assert!(unverified(&verify(DIGEST, &signature, &allowed, "eva")), "another person");
    assert!(unverified(&verify(&DIGEST.replace('5', "6"), &signature, &allowed, "ben")), "another digest");
    assert!(unverified(&identify(DIGEST, &signature, &allowed, &people(&["eva"]))), "a person who is not asked");
    assert!(unverified(&verify(DIGEST, "nonsense", &allowed, "ben")), "no signature");
    assert!(unverified(&verify(DIGEST, &signature, &workspace.path("none"), "ben")), "no signers");
    assert!(unverified(&verify(DIGEST, &signature, &allowed, "-Overify-time=0")), "no flag by way of a name");
    let stranger = sign(DIGEST, &workspace.path("mallory")).unwrap();
    assert!(unverified(&identify(DIGEST, &stranger, &allowed, &people(&["ben"]))), "another key");
}
