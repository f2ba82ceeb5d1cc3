//! Steps that wait for each other.

use super::workspace::Workspace;

#[test]
fn a_cycle_is_shown_as_a_path() {
    let refused = Workspace::new(
        "steps:
  - id: a
    needs: [c]
    wait: 1s
  - id: b
    needs: [a]
    wait: 1s
  - id: c
    needs: []
    after: [b]
    wait: 1s
",
    )
    .refused();
    assert_eq!(refused, ["plan::cycle 5:13 steps wait for each other: a → c → b → a (leave one of the edges out)"]);
}

#[test]
fn an_implied_edge_takes_part() {
    let check = Workspace::new("steps:\n  - id: a\n    after: [b]\n    wait: 1s\n  - id: b\n    wait: 1s\n").check();
    assert_eq!(check, ["plan::cycle 5:13 steps wait for each other: a → b → a (leave one of the edges out)"]);
}
