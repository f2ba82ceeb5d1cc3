//! One run per system and environment, one engine per run: through the real program.

use nix::sys::signal::Signal;

use super::running::{Running, waits_for};
use crate::support::{Runbook, Workspace};

const SYSTEM: &str =
    "kind: system/v1\nname: shop\nenvironments:\n  blue: { class: staging }\n  green: { class: staging }\n";
const BOOK: &str = "\
kind: runbook/v1
name: book
system: shop.yaml
steps:
  - id: hold
    idempotent: true
    shell: touch held-$WHERE; until test -e go; do sleep 0.02; done; echo hold >>effects
    env: { WHERE: \"${{ environment.name }}\" }
";

fn call(workspace: &Workspace, args: &[&str]) -> Runbook {
    workspace.runbook(args).env("RUNBOOK_LOCKS", workspace.path("locks"))
}

#[test]
fn the_second_run_of_an_environment_is_told_who_has_it_and_gets_it_when_the_holder_dies() {
    let workspace = Workspace::new().file("shop.yaml", SYSTEM).file("book.yaml", BOOK);
    let blue = ["run", "book.yaml", "--environment", "blue"];
    let running = Running::start(call(&workspace, &blue));
    waits_for("it holds", || workspace.path("held-blue").exists());
    let refused = Running::start(call(&workspace, &blue)).ends().exits(5);
    let pid = format!("process {}", running.pid());
    for part in ["shop in blue is held by", "@", pid.as_str(), "run 0", "since 20", "at step `hold`"] {
        assert!(refused.stderr.contains(part), "no `{part}` in {refused:?}");
    }
    let runs = || std::fs::read_dir(workspace.path("runs")).unwrap().count();
    assert_eq!(runs(), 1, "what was refused left no run");
    // The run itself is held, too.
    let _ = Running::start(call(&workspace, &["resume"])).ends().exits(5).warns(&pid);
    // Another environment is another place.
    let green = Running::start(call(&workspace, &["run", "book.yaml", "--environment", "green"]));
    waits_for("the other holds", || workspace.path("held-green").exists());
    running.signals(Signal::SIGKILL);
    let _ = running.ends();
    workspace.write("go", "");
    let _ = green.ends().exits(0);
    #[expect(clippy::disallowed_methods, reason = "it is measured")]
    let begun = std::time::Instant::now();
    let _ = call(&workspace, &blue).run().exits(0);
    assert!(begun.elapsed().as_secs() < 10, "at once, also on a busy machine: {:?}", begun.elapsed());
}
