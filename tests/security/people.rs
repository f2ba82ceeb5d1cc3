//! What people type and write: reasons, evidence, questions on a terminal; and what a death leaves. No secret stays.

use nix::sys::signal::Signal;
use nix::unistd::{User, geteuid};

use super::nest::{FROM_ENV, Nest, no_secret};
use crate::support::Ran;
use crate::survive::full::Mounted;
use crate::survive::running::{Running, journal, processes_of, waits_for};

const ASKS: &str = r#"
steps:
  - id: out
    env: { S: "${{ secrets.env }}" }
    shell: printf '%s' "$S"
    outputs: { token: stdout }
  - id: wipe
    exec: [touch, "wiped-${{ steps.out.outcome }}"]
    env: { S: "${{ steps.out.outputs.token }}" }
    approve: { by: [dba], within: 1m }
"#;

fn asking() -> (Nest, Running, String) {
    let nest = Nest::new(ASKS);
    let me = User::from_uid(geteuid()).unwrap().unwrap().name;
    let system = nest.workspace.read("system.yaml").replace("[ben]", &format!("[{me}]"));
    nest.workspace.write("system.yaml", system);
    let running = Running::start(nest.runbook(&["run", "nest.yaml", "--environment", "blue", "-vv"]));
    let asked = |path| std::fs::read_to_string(path).is_ok_and(|text| text.contains("approval_asked"));
    waits_for("it asks", || journal(&nest.workspace.path("runs")).is_some_and(asked));
    let run = nest.newest();
    (nest, running, run)
}

#[test]
fn without_a_terminal_an_approval_waits_and_takes_letters() {
    let (nest, running, run) = asking();
    assert!(!nest.workspace.path("wiped-succeeded").exists());
    let _ = nest.quiet(&["status", &run]).exits(0).says("waits: `wipe`");
    let args = ["approve", &run, "wipe", "--reason", FROM_ENV];
    let ran = nest.runbook(&args).run().exits(0).says("nobody else is needed");
    no_secret("approve", format!("{ran:?}").as_bytes());
    let ran = running.ends().exits(0);
    nest.says_nothing(&["run"], &ran);
    assert!(nest.workspace.path("wiped-succeeded").exists());
    assert!(nest.journal().contains(r#""reason":"***""#), "{}", nest.journal());
    let taken = std::fs::read_dir(nest.workspace.path(&format!("runs/{run}/inbox/taken"))).unwrap().count();
    assert_eq!(taken, 1, "the letter is kept");
    let _ = nest.quiet(&["show", "-vv"]).exits(0);
}

#[test]
fn a_rejection_with_a_secret_for_its_reason_leaves_none() {
    let (nest, running, run) = asking();
    let ran = nest.runbook(&["reject", &run, "wipe", "--reason", FROM_ENV, "--json"]).run().exits(0);
    no_secret("reject", format!("{ran:?}").as_bytes());
    let ran = running.ends();
    assert!(matches!(ran.code, Some(1 | 4)), "{ran:?}");
    nest.says_nothing(&["run"], &ran);
    assert!(!nest.workspace.path("wiped-succeeded").exists());
    for verb in ["show", "status", "runs"] {
        let _ = nest.quiet(&[verb]);
    }
}

#[test]
fn a_pause_and_a_cancellation_with_a_secret_for_their_reason_leave_none() {
    let (nest, running, run) = asking();
    let ran = nest.runbook(&["pause", &run, "--why", FROM_ENV]).run().exits(0);
    no_secret("pause", format!("{ran:?}").as_bytes());
    let ran = running.ends().exits(6);
    nest.says_nothing(&["run"], &ran);
    let ran = nest.runbook(&["cancel", &run, "--why", FROM_ENV]).run().exits(0);
    nest.says_nothing(&["cancel"], &ran);
    let ran = nest.runbook(&["rollback", &run, "--why", FROM_ENV]).run();
    nest.says_nothing(&["rollback"], &ran);
    let _ = nest.quiet(&["show", "-vv"]);
}

const HOLDS: &str = r#"
steps:
  - id: out
    env: { S: "${{ secrets.env }}" }
    shell: printf '%s' "$S"
    outputs: { token: stdout }
  - id: holds
    idempotent: true
    env: { S: "${{ secrets.file }}" }
    shell: |
      printf '%s' "$S"; printf '%s' "$S" >&2
      printf 'kept<<END\n%s\nEND\n' "$S" >>"$RUNBOOK_OUTPUT"
      touch held; until test -e go; do sleep 0.02; done
"#;

fn holding() -> (Nest, Running) {
    let nest = Nest::new(HOLDS);
    let running = Running::start(nest.runbook(&["run", "nest.yaml", "--environment", "blue", "-v"]));
    waits_for("it holds", || nest.workspace.path("held").exists());
    (nest, running)
}

fn goes_on(nest: &Nest) -> Ran {
    nest.workspace.write("go", "");
    nest.quiet(&["resume", "-vv"]).exits(0)
}

#[test]
fn an_interrupted_run_leaves_no_secret() {
    let (nest, running) = holding();
    running.signals(Signal::SIGINT);
    // Two signals at once are one.
    std::thread::sleep(std::time::Duration::from_millis(300));
    running.signals(Signal::SIGINT);
    let ran = running.ends().exits(130);
    nest.says_nothing(&["run"], &ran);
    let _ = goes_on(&nest);
}

#[test]
fn a_killed_engine_leaves_no_secret_once_the_run_has_gone_on() {
    let (nest, running) = holding();
    running.signals(Signal::SIGKILL);
    let ran = running.ends();
    no_secret("what it said", format!("{ran:?}").as_bytes());
    let run = nest.newest();
    assert!(!processes_of(&run).is_empty(), "an orphan is there");
    let _ = goes_on(&nest);
    assert!(processes_of(&run).is_empty());
}

const FILLS: &str = r#"
steps:
  - id: fill
    env: { S: "${{ secrets.env }}" }
    shell: cat /dev/zero >runs/filler 2>/dev/null || true; echo "$S"
"#;

#[test]
fn the_last_words_on_a_full_disk_hold_no_secret() {
    let says = |number| {
        let step = "env: { S: \"${{ secrets.env }}\" }\n    outputs: { text: stdout }";
        let script = "echo \"$S\"; head -c 40000 /dev/zero | tr '\\0' x";
        format!("  - id: says{number}\n    {step}\n    shell: {script}\n")
    };
    let steps: String = (0..16).map(says).collect();
    let nest = Nest::new(&format!("{FILLS}{steps}"));
    let Some(_mounted) = Mounted::on(&nest.workspace.path("runs")) else { return };
    let ran = nest.runbook(&["run", "nest.yaml", "--environment", "blue", "-vv"]).run().exits(8);
    std::fs::remove_file(nest.workspace.path("runs/filler")).unwrap();
    nest.says_nothing(&["run"], &ran);
    assert!(nest.journal().contains("***"), "it met the secret");
    let _ = nest.quiet(&["show", "-vv"]).exits(0);
}

const STEPPED: &str = r#"
steps:
  - id: out
    title: Read it
    env: { S: "${{ secrets.env }}" }
    shell: printf '%s' "$S"
    outputs: { token: stdout }
  - id: shows
    title: Show it
    exec: [echo, "${{ steps.out.outputs.token }}"]
    when: steps.out.outputs.token != ''
    gate:
      shell: echo "$S" >&2; printf '%s' "$S"; test -e ready
      env: { S: "${{ secrets.env }}" }
      expect: stdout != ''
      within: 1s
  - id: breaks
    title: Break it
    env: { S: "${{ secrets.env }}" }
    shell: echo "error $S" >&2; printf '%s' "$S"
    expect: stdout == 'x'
    hint: it was ${{ steps.out.outputs.token }}
  - id: call
    confirm: { typed: yes please, show: "it is ${{ steps.out.outputs.token }}" }
    manual:
      text: Compare it with ${{ steps.out.outputs.token }}
      evidence: true
"#;

#[test]
fn step_mode_shows_no_secret() {
    let nest = Nest::new(STEPPED);
    nest.workspace.write("ready", "");
    let call = nest.runbook(&["run", "nest.yaml", "--environment", "blue", "--step", "-vv"]);
    let mut session = call.on_a_terminal_of(400, 60);
    for (step, keys) in [("Read it", "d\n"), ("Show it", "d\n"), ("Break it", "d\n")] {
        session.meets(step);
        session.presses(&keys[..1]);
        session.meets("›");
        session.presses(&keys[1..]);
    }
    session.meets("failed");
    session.presses("s");
    session.meets("Why skip it?");
    // What a person types is echoed; what is kept of it is not.
    session.types("not now");
    session.meets("call");
    session.presses("\n");
    session.meets("Type yes please");
    session.types("yes please");
    session.meets("Done?");
    session.types("y");
    session.meets("Evidence");
    no_secret("the terminal", session.raw().as_bytes());
    session.types(FROM_ENV);
    session.ends();
    nest.files_hold_nothing("after step mode");
    let text = session.text();
    let (_, after) = text.rsplit_once("Evidence").unwrap();
    let (_, after) = after.split_once("w1;<#>*").unwrap();
    no_secret("the terminal after it was typed", after.rsplit_once(";<#>*").map_or(after, |(_, rest)| rest).as_bytes());
    let _ = nest.quiet(&["show", "-vv"]);
}
