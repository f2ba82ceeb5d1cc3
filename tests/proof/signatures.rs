//! Signatures: of a bundle, and of the approvals in a journal; by the right key, for the right purpose.

use std::fs;
use std::process::Command;

use runbook::journal::inbox::{Letter, LetterKind};
use runbook::model::entry::Entry;
use runbook::model::id::StepId;
use runbook::model::outcome::RunOutcome;
use runbook::runner::signature::{sign, sign_for};

use super::bundle::{bundled, members, packed};
use super::{RUN, began};
use crate::support::Workspace;
use crate::support::recorded::{Recorded, run_finished};

const DIGEST: &str = "5f2c000000000000000000000000000000000000000000000000000000000000";

/// Makes a key; gives its public half.
#[expect(clippy::disallowed_methods, reason = "makes keys")]
fn key(workspace: &Workspace, name: &str) -> String {
    let path = workspace.path(name);
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(&path).status();
    assert!(made.unwrap().success());
    fs::read_to_string(path.with_extension("pub")).unwrap()
}

#[test]
fn a_bundle_is_signed_and_only_the_right_key_counts() {
    let (workspace, _) = bundled();
    let (ana, mallory) = (key(&workspace, "ana"), key(&workspace, "mallory"));
    workspace.write("allowed", format!("ana@example.com namespaces=\"runbook-bundle\" {ana}eva@example.com {mallory}"));
    workspace.write("allowed_eva", format!("eva@example.com {mallory}"));
    let _ = workspace.runbook(["bundle", "-o", "s.tar", "--key", "ana"]).run().exits(0).says(", signed");
    let first = fs::read(workspace.path("s.tar")).unwrap();
    let _ = workspace.runbook(["bundle", "-o", "s.tar"]).env("RUNBOOK_KEY", "ana").run().exits(0).says(", signed");
    assert_eq!(fs::read(workspace.path("s.tar")).unwrap(), first, "an Ed25519 signature is always the same");
    let verify = |more: &[&str]| workspace.runbook([&["verify", "s.tar"], more].concat()).run();
    let _ = verify(&[])
        .exits(0)
        .says("the manifest is signed with the key SHA256:")
        .says("whose that is, --signers FILE says");
    let _ = verify(&["--signers", "allowed"]).exits(0).says("the manifest is signed by ana@example.com");
    let _ = verify(&["--signers", "allowed", "--identity", "ana@example.com"]).exits(0);
    let _ = verify(&["--signers", "allowed", "--identity", "eva@example.com"])
        .exits(8)
        .says("manifest.json.sig: proves nothing");
    let _ = verify(&["--signers", "allowed_eva"]).exits(8).says("no allowed signer has its key");
    let _ = verify(&["--signers", "nowhere"]).exits(2).warns("is no file of allowed signers");
    let _ = verify(&["--identity", "ana@example.com"]).exits(2).warns("--signers");
    let _ =
        workspace.runbook(["bundle", "-o", "t.tar", "--key", "nowhere"]).run().exits(4).warns("nothing was written");

    let with = |signature: Vec<u8>| {
        let mut whole = members(&first);
        whole[1].1 = signature;
        workspace.write("s.tar", packed(&whole));
    };
    let manifest = members(&first)[0].1.clone();
    // For another purpose, over something else, with another key, and nonsense.
    with(sign_for("runbook", manifest.clone(), &workspace.path("ana")).unwrap().into_bytes());
    let _ = verify(&["--signers", "allowed"]).exits(8).says("proves nothing");
    let _ = verify(&[]).exits(8).says("proves nothing");
    with(sign_for("runbook-bundle", b"else".to_vec(), &workspace.path("ana")).unwrap().into_bytes());
    let _ = verify(&["--signers", "allowed"]).exits(8).says("proves nothing");
    with(sign_for("runbook-bundle", manifest, &workspace.path("mallory")).unwrap().into_bytes());
    let _ = verify(&["--signers", "allowed", "--identity", "ana@example.com"]).exits(8).says("proves nothing");
    with(b"nonsense".to_vec());
    let _ = verify(&["--signers", "allowed"]).exits(8).says("proves nothing");
    with(vec![0xff; 10]);
    let _ = verify(&[]).exits(8).says("manifest.json.sig: is no signature");
    // Changed and made anew without the key: the signature is over another manifest.
    let mut whole = members(&first);
    let text = String::from_utf8(whole[0].1.clone()).unwrap();
    whole[0].1 = text.replacen("\"program\": \"", "\"program\": \"9", 1).into_bytes();
    workspace.write("s.tar", packed(&whole));
    let _ = verify(&["--signers", "allowed"]).exits(8).says("manifest.json.sig: proves nothing");
}

fn approved(verified: bool) -> Entry {
    Entry::Approved {
        step: StepId("wipe".to_owned()),
        digest: DIGEST.to_owned(),
        verdict: "approve".to_owned(),
        by: "ben".to_owned(),
        verified,
        reason: "CHG-1".to_owned(),
        refused: String::new(),
    }
}

fn letter(digest: &str, signature: String) -> String {
    let kind = LetterKind::Approve {
        step: StepId("wipe".to_owned()),
        digest: digest.to_owned(),
        reason: "CHG-1".to_owned(),
        signature: Some(signature),
    };
    serde_json::to_string(&Letter::from(kind)).unwrap()
}

#[test]
fn the_signature_of_an_approval_is_checked_again() {
    let workspace = Workspace::new();
    let (ben, eva) = (key(&workspace, "ben"), key(&workspace, "eva"));
    workspace.write("allowed", format!("ben {ben}eva {eva}"));
    let run =
        Recorded::new(&workspace, RUN, began()).with(1, approved(true)).with(2, run_finished(RunOutcome::Succeeded, 2));
    let taken = run.directory.inbox().join("taken");
    fs::create_dir_all(&taken).unwrap();
    let put = |text: String| fs::write(taken.join("01KB7Q00000000000000000002.json"), text).unwrap();
    let about = format!("{RUN}: approve of wipe by ben (record 1)");
    let said = |words: &str, more: &[&str]| {
        let ran = workspace.runbook([&["verify"], more].concat()).run();
        assert!(ran.stdout.contains(&about) && ran.stdout.contains(words), "no `{words}` in {}", ran.stdout);
    };
    said("no letter with a signature over it is kept", &[]);
    put(letter(DIGEST, sign(DIGEST, &workspace.path("ben")).unwrap()));
    said("is signed with the key SHA256:", &[]);
    said("is signed by ben, over the digest in the journal", &["--signers", "allowed"]);
    put(letter(DIGEST, sign(DIGEST, &workspace.path("eva")).unwrap()));
    said("has a signature that proves nothing", &["--signers", "allowed"]);
    put(letter(DIGEST, sign(&DIGEST.replace('5', "6"), &workspace.path("ben")).unwrap()));
    said("has a signature that proves nothing", &[]);
    put(letter(&DIGEST.replace('5', "6"), sign(&DIGEST.replace('5', "6"), &workspace.path("ben")).unwrap()));
    said("no letter with a signature over it is kept", &["--signers", "allowed"]);
    put("nonsense".to_owned());
    said("no letter with a signature over it is kept", &[]);
}

#[test]
fn an_approval_without_a_signature_is_what_the_machine_said() {
    let workspace = Workspace::new();
    let _run = Recorded::new(&workspace, RUN, began()).with(1, approved(false));
    let ran = workspace.runbook(["verify"]).run();
    assert!(ran.stdout.contains("not provable: "), "{}", ran.stdout);
    assert!(ran.stdout.contains("is not signed: who it was is what the machine said"), "{}", ran.stdout);
}
