//! Names that are not there when they are read.

use super::workspace::Workspace;

/// A mistake in one step after some good ones; what `check` must say.
fn mistakes(step: &str) -> Vec<String> {
    let body = format!(
        "system: system.yaml
params:
  mode: {{ type: enum, values: [a, b] }}
  note: {{ type: string, default: null }}
secrets:
  token: {{ env: TOKEN }}
vars:
  where: ${{{{ system.vars.dir }}}}
steps:
  - id: first
    exec: date
    outputs: {{ now: stdout }}
  - id: maybe
    when: params.mode == 'a'
    exec: date
    outputs: {{ now: stdout }}
  - id: group
    steps:
      - id: inner
        exec: date
        outputs: {{ now: stdout }}
    outputs: {{ seen: steps.inner.outputs.now }}
{step}  - id: below
    exec: date
    outputs: {{ now: stdout }}
finally:
  - id: tell
    manual: ${{{{ run.outcome }}}} ${{{{ steps.first.outputs.now | default('') }}}} ${{{{ steps.first.outcome }}}}
"
    );
    Workspace::new(&body)
        .system(
            "vars: { dir: /srv }
services:
  app: { container: app, tags: [writer] }
data:
  files: { service: app, path: /data, backups: { daily: { kind: copy, path: /b } } }
",
        )
        .check()
}

#[test]
fn what_is_right_is_accepted() {
    for good in [
        "manual: ${{ params.mode }} ${{ vars.where }} ${{ system.data.files.backups.daily.path }}",
        "manual: ${{ steps.first.outputs.now }} ${{ steps.group.outputs.seen }} ${{ steps.maybe.outcome }}",
        "manual: ${{ steps.maybe.outputs.now | default('never') }}",
        "{ when: params.mode == 'a', manual: \"${{ steps.maybe.outputs.now }}\" }",
        "{ exec: date, env: { T: \"${{ secrets.token }}\" }, expect: stdout != '' }",
        "{ http: { url: \"http://h/\", headers: { A: \"${{ secrets.token }}\" } }, expect: status == 200 }",
        "{ exec: date, gate: { exec: date, expect: stdout != before.stdout } }",
        "{ services: { check: writer }, expect: json.app.healthy or healthy }",
        "{ services: { logs: all }, warn_unless: lines | length == 0 }",
        "{ exec: date, retry: { attempts: 2, when: exit == 3 and stderr is containing 'busy' } }",
        "{ manual: { text: which?, inputs: { host: { type: string } } }, outputs: { other: \"'x'\" } }",
        "{ exec: date, env: { A: \"${{ system.vars.nope | default('x') }}\" } }",
    ] {
        let step = if good.starts_with('{') {
            format!("  - {{ id: it, {}\n", good.trim_start_matches('{'))
        } else {
            format!("  - id: it\n    {good}\n")
        };
        assert_eq!(mistakes(&step), Vec::<String>::new(), "{good}");
    }
}

#[test]
fn each_mistake_is_found_and_named() {
    for (bad, code, words) in [
        ("manual: ${{ parms.mode }}", "unknown_name", "`parms`"),
        ("manual: ${{ mode }}", "unknown_name", "did you mean `params.mode`?"),
        ("manual: ${{ params.mod }}", "unknown_parameter", "did you mean `mode`?"),
        ("manual: ${{ vars.wher }}", "unknown_variable", "did you mean `where`?"),
        ("manual: ${{ system.services.ap.container }}", "unknown_name", "did you mean `app`?"),
        ("manual: ${{ system.data.files.backups.dayly.path }}", "unknown_name", "did you mean `daily`?"),
        ("manual: ${{ system.vars.dri }}", "unknown_name", "did you mean `dir`?"),
        ("manual: ${{ environment.nmae }}", "unknown_name", "did you mean `name`?"),
        ("manual: ${{ run.ids }}", "unknown_name", "did you mean `id`?"),
        ("manual: ${{ run.outcome }}", "too_early", "finally"),
        ("manual: ${{ steps.frist.outputs.now }}", "unknown_step", "did you mean `first`?"),
        ("manual: ${{ steps.below.outputs.now }}", "step_not_above", "needs"),
        ("manual: ${{ steps.it.outputs.now }}", "step_not_above", "itself"),
        ("manual: ${{ steps.inner.outputs.now }}", "step_inside_group", "`group`"),
        ("manual: ${{ steps.first.outputs.nwo }}", "unknown_output", "did you mean `now`?"),
        ("manual: ${{ steps.first.now }}", "unknown_name", "did you mean `steps.first.outputs.now`?"),
        ("manual: ${{ steps.maybe.outputs.now }}", "may_be_skipped", "params.mode == 'a'"),
        ("exec: echo ${{ secrets.token }}", "secret_place", "env:"),
        ("exec: echo ${{ secrets.tokn }}", "unknown_secret", "did you mean `token`?"),
        ("manual: ${{ secrets.token }}", "secret_place", "people"),
        ("manual: ${{ exit }}", "no_result_here", "outputs"),
        ("{ exec: date, expect: status == 200 }", "no_such_result", "it has exit"),
        ("{ http: \"http://h/\", expect: exit == 0 }", "no_such_result", "it has status"),
        ("{ exec: date, expect: before.stdout == '' }", "before_outside_gate", "gate"),
        ("{ exec: date, when: exit == 0 }", "no_result_here", ""),
        ("services: { stop: ap }", "unknown_service", "did you mean `app`?"),
        ("docker: volume rm data", "destroy_without_confirm", "confirm"),
        ("{ docker: ps, effect: destroy, gate: { docker: rm x } }", "probe_changes", "destroy"),
        ("{ docker: volume rm data, effect: read }", "effect_lowered", "destroy"),
        ("docker: exec -it db psql", "docker_tty", "terminal"),
    ] {
        let step = if bad.starts_with('{') {
            format!("  - {{ id: it, {}\n", bad.trim_start_matches('{'))
        } else {
            format!("  - id: it\n    {bad}\n")
        };
        let found = mistakes(&step);
        let hit = found.iter().any(|it| it.starts_with(&format!("plan::{code} ")) && it.contains(words));
        assert!(hit, "{bad}: {found:#?}");
    }
}

#[test]
fn a_pruned_branch_is_checked_for_names_but_not_for_values() {
    let body = "system: system.yaml
params:
  mode: { type: enum, values: [a, b], default: a }
steps:
  - id: left_out
    when: params.mode == 'b'
    steps:
      - id: it
        manual: ${{ system.data.nothing.path }} ${{ params.mdoe }}
";
    let refused = Workspace::new(body).system("services: { app: { container: app } }\n").refused();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].contains("`mdoe`"), "{refused:?}");
}
