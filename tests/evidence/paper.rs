//! `runbook render`: everything that a person needs stands on the paper, nothing on it is markup of others, and nobody is asked.

use std::path::Path;

use crate::support::{Runbook, Workspace};

const EVIL: &str = r#"kind: runbook/v1
name: evil
title: "<script>alert(1)</script> *bold* \u202e [a](http://x)"
secrets:
  token:
    env: EVIL_TOKEN
params:
  place:
    type: string
    default: "a b"
steps:
  - id: look
    title: "`x` <img src=y>"
    shell: |
      touch asked
      echo "${{ params.place }}"
    outputs:
      size: stdout | trim
      never: stdout
    expect: exit in (0, 1)
  - id: wipe
    effect: destroy
    confirm: wipe it
    exec: [rm, -r, "${{ steps.look.outputs.size }}"]
    env:
      TOKEN: ${{ secrets.token }}
    gate:
      shell: test ! -e gone
      every: 2s
      within: 30s
    hint: "ask </pre> the owner"
    rollback:
      exec: [cp, -r, backup, "it's back"]
"#;

fn printed(format: &str) -> (Workspace, String) {
    let workspace = Workspace::new().file("evil.yaml", EVIL);
    let ran = workspace.runbook(["render", "evil.yaml", "--format", format]).env("EVIL_TOKEN", "s3cr3t-value").run();
    let text = ran.exits(0).never_says("s3cr3t-value").stdout;
    assert_eq!(workspace.names(), ["evil.yaml"], "paper asks nothing and leaves nothing");
    (workspace, text)
}

#[test]
fn markdown_has_every_command_and_what_it_should_say() {
    let (_workspace, text) = printed("md");
    for part in [
        "touch asked\necho \"a b\"",
        "Must hold: `exit in (0, 1)`",
        "Write down `size` = `stdout | trim`",
        "DESTROYS: cannot be undone",
        "this is confirmed by typing `wipe it`",
        "rm -r ‹steps.look.outputs.size›",
        "export TOKEN=",
        "Wait until it holds: ask every 2s, for at most 30s.",
        "test ! -e gone",
        "ask &lt;/pre> the owner",
        "cp -r backup 'it'\\''s back'",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(!text.contains("Write down `never`"), "nothing later reads it");
    assert!(!text.contains("<script") && !text.contains('\u{202e}'), "{text}");
}

#[test]
fn html_shows_what_others_wrote_as_text() {
    let (_workspace, text) = printed("html");
    assert!(!text.contains("<script") && !text.contains("<img") && !text.contains('\u{202e}'), "{text}");
    assert!(text.contains("&lt;script&gt;") && text.contains("ask &lt;/pre&gt; the owner"), "{text}");
    assert!(text.contains("rm -r ‹steps.look.outputs.size›"), "{text}");
}

#[test]
fn every_shipped_scenario_can_be_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, part) in [
        ("a", "docker container inspect"),
        ("b", "gcloud compute disks create app-yyyymmdd-hhmmss"),
        ("c", "gcloud compute instances"),
        ("d", "recovery_target_time"),
        ("e", "pg_isready"),
    ] {
        let file = root.join(format!("runbooks/scenario-{name}.yaml"));
        let _ = Runbook::new().args(["render".as_ref(), file.as_os_str()]).run().exits(0).says("## Steps").says(part);
    }
}

#[test]
fn a_file_is_written_whole_and_a_bad_place_is_named() {
    let (workspace, text) = printed("html");
    let _ = workspace.runbook(["render", "evil.yaml", "--format", "html", "-o", "wall.html"]).run().exits(0);
    // The time of printing may differ by a minute.
    assert_eq!(workspace.read("wall.html").len(), text.len());
    let _ = workspace.runbook(["render", "evil.yaml", "-o", "no/where.md"]).run().exits(8).warns("no/where.md");
}
