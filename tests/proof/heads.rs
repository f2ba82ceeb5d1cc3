//! What a head that was kept elsewhere proves, and that it is needed: `runbook head`, `runbook verify --head`.

use runbook::model::outcome::RunOutcome;
use runbook::report::evidence::{Kept, Status};

use super::{RUN, began, broken, entries, findings, head, journal};
use crate::support::Workspace;
use crate::support::recorded::{Recorded, run_finished, step_started};

fn hash_of(kept: &Kept) -> Kept {
    let Kept::Line(head) = kept else { panic!("a line") };
    Kept::Hash(head.head.clone())
}

#[test]
fn a_forgery_that_is_consistent_is_found_with_the_head_only() {
    let whole = journal(entries());
    let mut forged = entries();
    forged[3] = step_started("restore", "psql < another");
    let forged = journal(forged);
    let found = findings(&forged, &[]);
    assert!(broken(&found).is_empty(), "the chain cannot tell: {found:#?}");
    assert!(found.iter().any(|one| one.status == Status::NotProvable && one.text.contains("replaced by another")));
    let found = findings(&forged, &[head(&whole)]);
    let [finding] = broken(&found)[..] else { panic!("{found:#?}") };
    assert!(finding.text.contains("record 5 has the hash"), "{finding:#?}");
    assert_eq!(finding.place.as_ref().unwrap().record, 5);
    let found = findings(&forged, &[hash_of(&head(&whole))]);
    assert!(broken(&found)[0].text.contains("has no record of the hash"), "{found:#?}");
}

#[test]
fn a_head_proves_everything_up_to_it_and_nothing_behind_it() {
    let whole = journal(entries());
    for kept in [head(&whole), hash_of(&head(&whole))] {
        let found = findings(&whole, &[kept]);
        assert!(found.iter().all(|one| one.status == Status::Holds), "nothing is left open: {found:#?}");
    }
    let mut early = entries();
    early.truncate(3);
    for kept in [head(&journal(early.clone())), hash_of(&head(&journal(early)))] {
        let found = findings(&whole, &[kept]);
        assert!(broken(&found).is_empty(), "{found:#?}");
        assert!(
            found
                .iter()
                .any(|one| one.text.contains("record 2 has the hash") && one.text.contains("3 records came later"))
        );
        assert!(found.iter().any(|one| one.text.contains("those from number 3 on rewritten")), "{found:#?}");
    }
}

fn recorded(workspace: &Workspace) -> Recorded {
    let mut run = Recorded::new(workspace, RUN, began());
    for (at, entry) in (1..).zip(entries().into_iter().skip(1)) {
        run.add(at * 1000, entry);
    }
    run
}

#[test]
fn the_line_can_be_kept_in_a_file_and_given_back() {
    let workspace = Workspace::new();
    let run = recorded(&workspace);
    let printed = workspace.runbook(["head", "01kb7"]).run().exits(0);
    let line = printed.stdout.trim().to_owned();
    assert!(line.starts_with(&format!("runbook-head/1 run {RUN} records 6 sha256 ")), "{line}");
    assert!(line.ends_with(" at 2026-11-20T03:00:05.000000Z"), "{line}");
    let json = workspace.runbook(["head", "--json"]).run().exits(0).json_lines();
    assert_eq!((&json[0]["of"], &json[0]["records"]), (&"run".into(), &6.into()));
    assert!(line.contains(json[0]["head"].as_str().unwrap()));
    workspace.write("heads.txt", format!("Heads of this week\n> {line}\n"));
    // The plan of these records is not there; about the chain nothing is left open.
    for given in ["heads.txt", &line, json[0]["head"].as_str().unwrap()] {
        let ran = workspace.runbook(["verify", RUN, "--head", given]).run();
        assert!(ran.stdout.contains("record 5 has the hash that was kept elsewhere"), "{ran:?}");
    }
    // Cut at the end of a record.
    let path = run.directory.journal();
    let bytes = std::fs::read(&path).unwrap();
    let lines = super::lines(&bytes);
    std::fs::write(&path, lines[..4].concat()).unwrap();
    let _ = workspace.runbook(["verify", "--head", "heads.txt"]).run().exits(8).says("was cut off").says(
        "the head kept elsewhere is of record 5 (2026-11-20 03:00:05.000 UTC), 2 records from number 4 on are gone",
    );
    // A head of what is left would vouch for it only where it is whole.
    std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
    let _ = workspace.runbook(["head"]).run().exits(8).warns("record 5 is cut off").warns("runbook verify");
}

#[test]
fn what_is_no_head_or_of_something_else_is_no_proof() {
    let workspace = Workspace::new();
    let _run = recorded(&workspace);
    let _ = workspace.runbook(["verify", "--head", "nowhere.txt"]).run().exits(2).warns("neither a head nor a file");
    workspace.write("empty.txt", "no heads\n");
    let _ = workspace.runbook(["verify", "--head", "empty.txt"]).run().exits(2).warns("no line in it is one");
    let _ =
        workspace.runbook(["verify", "--head", "runbook-head/1 run X records"]).run().exits(2).warns("no whole head");
    let other = Workspace::new();
    let _other =
        Recorded::new(&other, "01KB7Q00000000000000000009", began()).with(1, run_finished(RunOutcome::Failed, 1));
    let line = other.runbook(["head"]).run().exits(0).stdout;
    let _ = workspace
        .runbook(["verify", "--head", line.trim()])
        .run()
        .exits(2)
        .warns("the head is of run 01KB7Q00000000000000000009, and this is 01KB7Q00000000000000000001");
    let _ = workspace.runbook(["verify", "01ZZZ"]).run().exits(2).warns("there is no run or drill");
    let _ = Workspace::new().runbook(["verify"]).run().exits(2).warns("there is no run in");
    let _ = Workspace::new().runbook(["head"]).run().exits(2);
}

#[test]
fn damage_ends_with_the_code_of_damage() {
    let workspace = Workspace::new();
    let run = recorded(&workspace);
    let path = run.directory.journal();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("psql", "rm  ", 1)).unwrap();
    let _ = workspace
        .runbook(["verify"])
        .run()
        .exits(8)
        .says("BROKEN")
        .says("record 3 (step_started, byte ")
        .says("DOES NOT HOLD");
    let json = workspace.runbook(["verify", "--json"]).run().exits(8).json_lines();
    assert_eq!(
        (&json[0]["kind"], &json[0]["holds"], &json[0]["exit"]),
        (&"verification".into(), &false.into(), &8.into())
    );
    let place = &json[0]["findings"][0]["place"];
    assert_eq!(
        (&place["record"], &place["kind"], &place["last_good"]["record"]),
        (&3.into(), &"step_started".into(), &2.into())
    );
    // By its directory, by its file, and under another name.
    let directory = run.directory.path().display().to_string();
    let _ = workspace.runbook(["verify", &directory]).run().exits(8).says("record 3 (step_started");
    let _ = workspace.runbook(["verify", &format!("{directory}/journal.jsonl")]).run().exits(8);
    std::fs::rename(&directory, workspace.path("copy")).unwrap();
    let _ = workspace.runbook(["verify", "copy"]).run().exits(8).says("record 3 (step_started");
    // No journal at all.
    std::fs::create_dir_all(&directory).unwrap();
    let _ = workspace.runbook(["verify", RUN]).run().exits(8).says("is not there: nothing says what happened");
    let _ = workspace.runbook(["verify", "."]).run().exits(2).warns("no run or drill");
}
