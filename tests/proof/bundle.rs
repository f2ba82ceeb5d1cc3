//! `runbook bundle`: one tar that says the same wherever it is opened, and every change to it is found.

use std::fs;
use std::io::{Cursor, Read as _};
use std::os::unix::fs::symlink;
use std::process::Command;

use runbook::report::evidence::{self, Given, Opened, Refused, Status, judge};
use tar::{Archive, Builder, Header};

use super::plan::ran;
use super::{Nobody, RUN, began};
use crate::support::Workspace;
use crate::support::recorded::{Recorded, run_finished, step_finished, step_started};
use runbook::model::outcome::{Outcome, RunOutcome};

/// The members of a bundle.
pub type Members = Vec<(String, Vec<u8>)>;

pub fn members(bundle: &[u8]) -> Members {
    let mut archive = Archive::new(bundle);
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().display().to_string(), bytes)
    });
    entries.collect()
}

pub fn packed(members: &Members) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_path(name).unwrap();
        header.set_cksum();
        builder.append(&header, &bytes[..]).unwrap();
    }
    builder.into_inner().unwrap()
}

/// The texts of what is broken in a bundle; one that cannot be looked into says why.
pub fn broken(bundle: &[u8]) -> Vec<String> {
    match evidence::open(bundle, &Nobody) {
        Err(Refused::NotABundle(why) | Refused::NoManifest(why)) => vec![why],
        Err(Refused::Storage(error)) => vec![error.to_string()],
        Ok(Opened { manifest, gathered, mut findings }) => {
            let given = Given { heads: &[], signatures: &Nobody, directory: Some(&manifest.id), is_bundle: true };
            findings.extend(judge(&gathered, &given));
            let broken = findings.into_iter().filter(|one| one.status == Status::Broken);
            broken.map(|one| format!("{}: {}", one.about, one.text)).collect()
        }
    }
}

/// A small run and its bundle.
pub fn bundled() -> (Workspace, Vec<u8>) {
    let workspace = Workspace::new();
    ran(&workspace);
    let _ = workspace
        .runbook(["bundle", "-o", "evidence.tar"])
        .run()
        .exits(0)
        .says("not signed")
        .says("runbook-head/1 run");
    let bytes = fs::read(workspace.path("evidence.tar")).unwrap();
    (workspace, bytes)
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let (workspace, bytes) = bundled();
    assert_eq!(broken(&bytes), Vec::<String>::new());
    let _ = workspace.runbook(["verify", "evidence.tar"]).run().exits(0).says("as the manifest has them, and no other");
    // Other times and modes of the files, another name: the same evidence.
    let run = fs::read_dir(workspace.path("runs")).unwrap().next().unwrap().unwrap().path();
    for name in ["journal.jsonl", "plan.json"] {
        let copy = fs::read(run.join(name)).unwrap();
        fs::remove_file(run.join(name)).unwrap();
        fs::write(run.join(name), copy).unwrap();
    }
    let json = workspace.runbook(["bundle", "--json"]).run().exits(0).json_lines();
    let path = json[0]["path"].as_str().unwrap().to_owned();
    assert_eq!(
        (path.as_str(), &json[0]["finished"]),
        (format!("run-{}.tar", json[0]["id"].as_str().unwrap()).as_str(), &true.into())
    );
    assert_eq!(fs::read(workspace.path(&path)).unwrap(), bytes);
    assert_eq!(workspace.names().iter().filter(|name| name.starts_with('.')).count(), 0, "nothing half-written stays");
}

#[test]
fn any_tar_opens_it_and_its_page_says_how_to_check_it() {
    let (workspace, bytes) = bundled();
    let readme =
        String::from_utf8(members(&bytes).iter().find(|(name, _)| name.ends_with("README.txt")).unwrap().1.clone());
    let readme = readme.unwrap();
    // What stands there is what is done here.
    let top = members(&bytes)[0].0.split('/').next().unwrap().to_owned();
    let unpack = format!("tar -xf {top}.tar && cd {top} && sha256sum --quiet -c SHA256SUMS");
    assert!(readme.contains(&unpack), "{readme}");
    let script = &readme[readme.find("  check() {").unwrap()..readme.find("4. What a chain alone").unwrap()];
    fs::rename(workspace.path("evidence.tar"), workspace.path(&format!("{top}.tar"))).unwrap();
    let said = shell(&workspace, &format!("{unpack}\n{script}"));
    let head = readme.lines().find(|line| line.contains("runbook-head/1")).unwrap();
    let words: Vec<&str> = head.split_whitespace().collect();
    assert_eq!(said.trim(), format!("{} records, head {}", words[4], words[6]));
    // The same script finds a change.
    let journal = workspace.path(&top).join(&top["run-".len()..]).join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, text.replacen("echo hello", "echo Hello", 1)).unwrap();
    let said = shell(&workspace, &format!("cd {top}\n{script}"));
    assert!(said.trim().starts_with("broken at record "), "{said}");
    // What is unpacked is a directory of runs.
    fs::write(&journal, text).unwrap();
    let _ = workspace.runbook(["show", "--runs-dir", &top]).run().exits(0).says("A run that is proved");
    let _ = workspace.runbook(["verify", "--runs-dir", &top]).run().exits(0);
}

#[expect(clippy::disallowed_methods, reason = "as a person without this program would check it")]
fn shell(workspace: &Workspace, script: &str) -> String {
    let done = Command::new("sh").arg("-c").arg(script).current_dir(workspace.path("")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn every_file_changed_removed_renamed_or_added_is_found() {
    let (_workspace, bytes) = bundled();
    let whole = members(&bytes);
    assert!(whole.len() >= 6, "{whole:?}");
    for at in 0..whole.len() {
        let name = whole[at].0.split_once('/').unwrap().1;
        let mut changed = whole.clone();
        let middle = changed[at].1.len() / 2;
        changed[at].1[middle] ^= 1;
        let found = broken(&packed(&changed));
        assert!(!found.is_empty(), "{name} changed");
        assert!(at == 0 || found.iter().any(|one| one.starts_with(name)), "{name}: {found:?}");
        let mut longer = whole.clone();
        longer[at].1.push(b'\n');
        assert!(!broken(&packed(&longer)).is_empty(), "{name} made longer");
        let mut fewer = whole.clone();
        fewer.remove(at);
        let found = broken(&packed(&fewer));
        assert!(
            found.iter().any(|one| one.contains("is not there") || one.contains("not its manifest")),
            "{name}: {found:?}"
        );
        let mut renamed = whole.clone();
        renamed[at].0.push('x');
        assert!(!broken(&packed(&renamed)).is_empty(), "{name} renamed");
        let mut more = whole.clone();
        more.push((format!("{}x", whole[at].0), b"added".to_vec()));
        let found = broken(&packed(&more));
        assert!(found.iter().any(|one| one.contains("was added: the manifest does not know it")), "{name}: {found:?}");
        let mut twice = whole.clone();
        twice.push(whole[at].clone());
        let found = broken(&packed(&twice));
        assert!(found.iter().any(|one| one.contains("is there twice")), "{name}: {found:?}");
    }
}

#[test]
fn a_manifest_that_was_made_anew_is_found_by_what_the_journal_has() {
    // Whoever changes the plan of a bundle and all digests of it still has the journal against them.
    let (_workspace, bytes) = bundled();
    let workspace = Workspace::new();
    for (name, bytes) in members(&bytes) {
        let (_, name) = name.split_once('/').unwrap();
        workspace.write(&format!("runs/{name}"), bytes);
    }
    let plan =
        fs::read_dir(workspace.path("runs")).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir());
    let plan = plan.unwrap().join("plan.json");
    let text = fs::read_to_string(&plan).unwrap();
    let (before, after) = text.rsplit_once("echo hello").unwrap();
    fs::write(&plan, format!("{before}echo HELLO{after}")).unwrap();
    let _ = workspace.runbook(["bundle", "-o", "forged.tar"]).run().exits(0);
    let found = broken(&fs::read(workspace.path("forged.tar")).unwrap());
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("has steps that are not those of the journal's plan digest"), "{found:?}");
}

#[test]
fn one_byte_of_a_bundle_changes_what_is_in_it_or_nothing() {
    let bytes = super::drill::bundled();
    let whole = members(&bytes);
    let mut quiet = 0;
    for at in (0..bytes.len()).step_by(3) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x15;
        if broken(&changed).is_empty() {
            // Padding: nobody ever sees it.
            assert_eq!(members(&changed), whole, "byte {at}");
            quiet += 1;
        }
    }
    assert!(quiet < bytes.len() / 6, "{quiet} of {}", bytes.len());
}

#[test]
fn cut_anywhere_it_does_not_hold() {
    let (_workspace, bytes) = bundled();
    let end = bytes.len() - 1024;
    for length in (0..end).step_by(101).chain((0..end).step_by(512)) {
        assert!(!broken(&bytes[..length]).is_empty(), "cut at {length}");
    }
    let mut more = bytes.clone();
    more.extend(packed(&members(&bytes)));
    assert_eq!(broken(&more), ["the archive: has something behind its end"]);
}

#[test]
fn a_run_that_goes_on_is_refused_and_one_without_an_end_says_so() {
    let workspace = Workspace::new();
    let run = Recorded::new(&workspace, RUN, began()).with(1, step_started("a", "make a"));
    let lease = run.driven();
    let _ = workspace.runbook(["bundle"]).run().exits(4).warns("an engine drives").warns("nothing was written");
    assert_eq!(workspace.names(), ["runs"]);
    drop(lease);
    let _ = workspace.runbook(["bundle", "-o", "b.tar"]).run().exits(0).warns("has no end");
    let found = evidence::open(Cursor::new(fs::read(workspace.path("b.tar")).unwrap()), &Nobody).unwrap();
    assert!(!found.manifest.finished);
    // The engine died while it wrote.
    let journal = run.directory.journal();
    let mut bytes = fs::read(&journal).unwrap();
    bytes.extend(br#"{"v":1,"seq":2,"prev":""#);
    fs::write(&journal, &bytes).unwrap();
    let _ = workspace.runbook(["bundle", "-o", "b.tar"]).run().exits(0).warns("record 2 is cut off");
    let _ =
        workspace.runbook(["verify", "b.tar"]).run().exits(8).says("record 2 (byte ").says("23 bytes of it are there");
    // Damage is not dressed up as evidence.
    fs::write(&journal, String::from_utf8(bytes).unwrap().replacen("make a", "make b", 1)).unwrap();
    let _ = workspace
        .runbook(["bundle", "-o", "c.tar"])
        .run()
        .exits(8)
        .warns("record 1 was changed")
        .warns("runbook verify");
    assert!(!workspace.path("c.tar").exists());
}

#[test]
fn names_that_are_long_or_strange_go_in_and_links_do_not() {
    let workspace = Workspace::new();
    let long = format!("{}[{}]", "restore", "ä".repeat(60));
    let run = Recorded::new(&workspace, RUN, began())
        .with(1, step_started(&long, "make a"))
        .with(2, step_finished(&long, Outcome::Succeeded))
        .with(3, run_finished(RunOutcome::Succeeded, 3));
    let step = runbook::model::id::StepId(long);
    let long = format!("{}/1.log", step.file_name());
    assert!(long.len() > 300, "longer than a header takes: {}", long.len());
    let long = format!("{}/1.log", &step.file_name()[..200]);
    run.log(&long, b"said\n");
    run.log("a\\b/1.log", b"back\n");
    run.log("c/1.log\n", b"line\n");
    symlink("/etc/passwd", run.log("d/1.log", b"").with_file_name("2.log")).unwrap();
    run.log("e/x/y/z/deep.log", b"deep\n");
    let _ = workspace
        .runbook(["bundle", "-o", "b.tar"])
        .run()
        .exits(0)
        .warns("steps/d/2.log: it is not a regular file")
        .warns("its name has control characters");
    let bytes = fs::read(workspace.path("b.tar")).unwrap();
    let names: Vec<String> = members(&bytes).into_iter().map(|(name, _)| name).collect();
    assert!(names.iter().any(|name| name.ends_with(&long)), "{names:?}");
    assert!(names.iter().any(|name| name.ends_with("a\\b/1.log")), "{names:?}");
    assert!(!names.iter().any(|name| name.ends_with("2.log")), "{names:?}");
    let listed =
        shell(&workspace, "tar -tf b.tar | wc -l; tar -xf b.tar; cd run-*; sha256sum -c SHA256SUMS | grep -vc OK");
    assert_eq!(listed.split_whitespace().collect::<Vec<_>>(), [names.len().to_string().as_str(), "0"]);
    // Only the plan is missed: these records never had one.
    let found = broken(&bytes);
    assert!(found.len() == 1 && found[0].contains("plan.json"), "{found:?}");
}
