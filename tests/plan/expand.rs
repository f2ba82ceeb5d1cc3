//! Lists, groups, includes, loops and conditions.

use runbook::model::outcome::SkipReason;
use runbook::plan::{Body, ListKind};

use super::workspace::{Workspace, needs, step, waves};

#[test]
fn a_step_waits_for_all_above_unless_it_says_otherwise() {
    let plan = Workspace::new(
        "steps:
  - id: a
    wait: 1s
  - id: b
    needs: []
    wait: 2s
  - id: c
    needs: [a]
    wait: 1s
  - id: d
    wait: 1s
  - id: e
    wait: 1s
",
    )
    .plan();
    assert_eq!(needs(&plan, "c"), ["a"]);
    assert_eq!(needs(&plan, "d"), ["b", "c"]);
    assert_eq!(needs(&plan, "e"), ["d"]);
    assert_eq!(waves(&plan), [vec!["a", "b"], vec!["c"], vec!["d"], vec!["e"]]);
    assert_eq!(plan.budget.expected.as_secs(), 4);
}

#[test]
fn members_of_a_parallel_group_do_not_wait_for_each_other() {
    let plan = Workspace::new(
        "steps:
  - id: all
    parallel: 2
    steps:
      - id: a
        wait: 1s
      - id: b
        wait: 5s
      - id: c
        needs: [a]
        wait: 1s
  - id: after
    wait: 1s
",
    )
    .plan();
    assert_eq!(waves(&plan), [vec!["all/a", "all/b"], vec!["all/c"], vec!["after"]]);
    let Body::List { list, .. } = &step(&plan, "all").body else { panic!("a group") };
    assert_eq!((list.independent, list.limit), (true, Some(2)));
    assert_eq!(plan.budget.critical_path.iter().map(|id| id.0.as_str()).collect::<Vec<_>>(), ["all/b", "after"]);
}

#[test]
fn a_false_condition_prunes_and_what_follows_waits_for_what_came_before() {
    let plan = Workspace::new(
        "params:
  mode: { type: enum, values: [a, b], default: a }
steps:
  - id: first
    wait: 1s
  - id: left_out
    when: params.mode == 'b'
    steps:
      - id: inner
        manual: ${{ params.mode }}
  - id: last
    wait: 1s
  - id: late
    needs: [left_out]
    wait: 1s
",
    )
    .plan();
    assert_eq!(step(&plan, "left_out").pruned, Some(SkipReason::When { expression: "params.mode == 'b'".to_owned() }));
    assert_eq!(step(&plan, "left_out/inner").pruned, Some(SkipReason::Parent { step: "left_out".to_owned() }));
    assert!(needs(&plan, "last").contains(&"first".to_owned()));
    assert!(needs(&plan, "late").contains(&"first".to_owned()));
    assert_eq!(waves(&plan), [vec!["first"], vec!["last", "late"]]);
}

#[test]
fn what_only_a_run_knows_stays_a_condition() {
    let plan = Workspace::new(
        "steps:
  - id: ask
    exec: [true]
    outputs: { code: exit }
  - id: maybe
    when: steps.ask.outputs.code == 0
    wait: 1s
",
    )
    .plan();
    assert_eq!(step(&plan, "maybe").pruned, None);
    assert_eq!(step(&plan, "maybe").when.len(), 1);
}

#[test]
fn a_loop_has_one_member_an_element_with_safe_and_unique_keys() {
    let body = "params:
  tables: { type: list, of: string, default: [messages, \"a/b c\"] }
steps:
  - id: each
    for_each: { table: params.tables }
    steps:
      - id: import
        manual: import ${{ table }}
        outputs: { done: \"true\" }
      - id: confirm_it
        manual: ${{ steps.import.outputs.done }}
";
    let plan = Workspace::new(body).plan();
    for id in ["each[messages]/import", "each[a%2Fb c]/confirm_it"] {
        assert_eq!(step(&plan, id).bindings[0].0, "table");
    }
    assert_eq!(needs(&plan, "each[a%2Fb c]"), ["messages"]);
    assert!(matches!(step(&plan, "each").body, Body::List { kind: ListKind::ForEach, .. }));
    let frame = plan.frame(step(&plan, "each[messages]/confirm_it").frame);
    assert_eq!(plan.node(frame.steps["import"]).id.0, "each[messages]/import");
    assert!(Workspace::new(body).set("tables", "a,a").refused()[0].contains("twice"));
    let none = Workspace::new(&body.replace("[messages, \"a/b c\"]", "[]")).plan();
    assert!(matches!(step(&none, "each").pruned, Some(SkipReason::Empty { .. })));
}

#[test]
fn a_loop_over_what_only_a_run_knows_is_refused_with_its_place() {
    let refused = Workspace::new(
        "steps:
  - id: ask
    exec: ls
    outputs: { files: lines }
  - id: each
    for_each: { file: steps.ask.outputs.files }
    manual: ${{ file }}
",
    )
    .refused();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].starts_with("plan::not_supported_yet 8:23"), "{refused:?}");
}

#[test]
fn an_include_has_names_of_its_own() {
    let workspace = Workspace::new(
        "params:
  host: { type: string, default: h1 }
steps:
  - id: ask
    exec: date
    outputs: { now: stdout }
  - id: sub
    include: other.yaml
    params:
      host: ${{ params.host }}-x
      when_: ${{ steps.ask.outputs.now }}
  - id: read
    manual: ${{ steps.sub.outputs.said }}
",
    )
    .runbook(
        "other",
        "params:
  host: { type: string }
  when_: { type: string }
  size: { type: int, default: 3 }
vars:
  both: ${{ params.host }}/${{ params.when_ }}
steps:
  - id: say
    exec: echo ${{ vars.both }} ${{ params.size }}
    outputs: { text: stdout }
outputs:
  said: steps.say.outputs.text
",
    );
    let plan = workspace.plan();
    let inner = step(&plan, "sub/say");
    let frame = plan.frame(inner.frame);
    assert_eq!(
        frame.params.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>(),
        ["host=h1-x", "size=3"]
    );
    assert_eq!(frame.deferred.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["when_"]);
    assert_eq!(frame.owner.map(|ix| plan.node(ix).id.0.as_str()), Some("sub"));
    assert_eq!(step(&plan, "sub").judge.outputs[0].0, "said");
    let missing = workspace
        .runbook("other", "params:\n  base: { type: string, help: where from }\nsteps:\n  - id: a\n    wait: 1s\n");
    let refused = missing.refused();
    assert!(refused.iter().any(|it| it.contains("the included runbook needs `base`: where from")), "{refused:?}");
    assert!(refused.iter().any(|it| it.contains("has no parameter `host`")), "{refused:?}");
}

#[test]
fn deferred_parameters_are_typed_when_the_owner_knows_them() {
    use runbook::template::{Scope, Value};
    let plan = Workspace::new(
        "steps:
  - id: ask
    exec: date
    outputs: { n: stdout | int }
  - id: sub
    include: other.yaml
    params:
      n: ${{ steps.ask.outputs.n }}
",
    )
    .runbook("other", "params:\n  n: { type: int, max: 5 }\nvars:\n  twice: ${{ params.n + params.n }}\nsteps:\n  - id: say\n    manual: ${{ vars.twice }}\n")
    .plan();
    let frame = plan.frame(step(&plan, "sub/say").frame);
    let owner = |n: i64| {
        let outputs = Value::from_pairs([("n", Value::from(n))]);
        let ask = Value::from_pairs([("outputs", outputs)]);
        Scope::default().with("steps", Value::from_pairs([("ask", ask)]))
    };
    let scope = frame.within(&owner(4));
    let Body::Operation(say) = &step(&plan, "sub/say").body else { panic!("a leaf") };
    let Some(runbook::plan::Action::Manual { text, .. }) = &say.action else { panic!("manual") };
    assert_eq!(text.render(&scope).expect("rendered"), "8");
    let refused = text.render(&frame.within(&owner(6))).expect_err("6 does not fit");
    assert!(refused.message.contains("more than 5"), "{refused:?}");
}

#[test]
fn long_lists_take_linear_time_and_no_stack() {
    let mut body = String::from("steps:\n");
    for at in 0..10_000 {
        let _ = std::fmt::Write::write_fmt(&mut body, format_args!("  - id: s{at}\n    wait: 1s\n"));
    }
    let plan = Workspace::new(&body).plan();
    assert_eq!(plan.nodes.iter().map(|node| node.needs.len()).sum::<usize>(), 9_999);
    assert_eq!(plan.budget.waves.len(), 10_000);
    assert_eq!(plan.budget.expected.as_secs(), 10_000);
}
