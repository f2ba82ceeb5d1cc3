//! Parameters: types, defaults, choices, and what is said when one is missing or wrong.

use runbook::template::value;

use super::workspace::Workspace;

fn param(declaration: &str) -> Workspace {
    Workspace::new(&format!(
        "params:\n  x: {{ {declaration} }}\nsteps:\n  - id: say\n    manual: ${{{{ params.x }}}}\n"
    ))
}

fn shown(workspace: &Workspace) -> String {
    let plan = workspace.plan();
    value::to_json(&plan.frames[plan.nodes[0].frame.0 as usize].params[0].1).to_string()
}

#[test]
fn each_type_reads_its_own_texts() {
    for (declaration, given, expected) in [
        ("type: string", "1.10", "\"1.10\""),
        ("type: int", "42", "42"),
        ("type: number", "1.5", "1.5"),
        ("type: bool", "true", "true"),
        ("type: duration", "1h30m", r#"{"$duration_ms":5400000}"#),
        ("type: bytes", "64KiB", r#"{"$bytes":65536}"#),
        ("type: timestamp", "2026-03-01T14:05:00Z", r#"{"$timestamp":"2026-03-01T14:05:00+00:00"}"#),
        ("type: enum, values: [a, b]", "b", "\"b\""),
        ("type: list, of: int", "1,2", "[1,2]"),
        ("type: int, min: 1, max: 10", "10", "10"),
        ("type: string, pattern: '[a-z]+'", "abc", "\"abc\""),
    ] {
        assert_eq!(shown(&param(declaration).set("x", given)), expected, "{declaration} {given}");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_origin() {
    for (declaration, given, why) in [
        ("type: int", "1.5", "whole number"),
        ("type: bool", "yes", "true or false"),
        ("type: duration", "5", "duration"),
        ("type: duration, max: 1h", "2h", "more than 1h"),
        ("type: int, min: 3", "2", "less than 3"),
        ("type: timestamp", "2026-03-01 14:05:00", "zone"),
        ("type: enum, values: [alpha, beta]", "alhpa", "did you mean `alpha`?"),
        ("type: string, pattern: '[a-z]+'", "abc; rm", "does not match"),
        ("type: string, pattern: 'a|b'", "bb", "does not match"),
        ("type: list, of: string, pattern: '[a-z]+'", "ab,C", "does not match"),
    ] {
        let refused = param(declaration).set("x", given).refused();
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert!(refused[0].contains(&format!("--set x={given}")), "{refused:?}");
        assert!(refused[0].contains(why), "{refused:?}");
    }
}

#[test]
fn a_required_parameter_is_asked_for_with_its_help() {
    let refused = param("type: string, help: the host to leave").refused();
    assert_eq!(
        refused,
        ["plan::missing_parameter 4:3 parameter `x` has no value: the host to leave (give it with --set x=…)"]
    );
}

#[test]
fn an_unknown_parameter_names_the_nearest() {
    let refused = param("type: string, default: a").set("xx", "1").refused();
    assert!(refused[0].contains("has no parameter `xx`") && refused[0].contains("did you mean `x`?"), "{refused:?}");
}

#[test]
fn defaults_are_templates_over_what_is_above() {
    let workspace = Workspace::new(
        "params:\n  a: { type: string, default: one }\n  b: { type: string, default: \"${{ params.a }}-two\" }\nsteps:\n  - id: say\n    manual: hello\n",
    );
    let plan = workspace.plan();
    assert_eq!(
        plan.frames.iter().find(|frame| !frame.params.is_empty()).expect("the root").params[1].1.to_string(),
        "one-two"
    );
}

#[test]
fn an_enum_computed_from_the_system_defaults_to_its_only_value() {
    let body = "system: system.yaml\nparams:\n  service: { type: enum, values: system.services | list }\nsteps:\n  - id: go\n    services: { start: \"${{ params.service }}\" }\n";
    let one = Workspace::new(body).system("services:\n  app: { container: app }\n");
    assert!(one.plan().nodes.iter().any(|node| node.id.0 == "go/app"));
    let two = Workspace::new(body).system("services:\n  app: { container: app }\n  web: { container: web }\n");
    assert!(two.refused()[0].contains("one of app, web"), "{:?}", two.refused());
    assert_eq!(two.check(), Vec::<String>::new());
}
