//! Expressions: strictness, references, messages.

use serde_json::json;

use crate::template::testing::{at, eval, expression, message, parsed, scope};
use crate::template::value::{self, kind, show, to_plain_json};
use crate::template::{Scope, Value};

fn world() -> Scope {
    scope(&json!({
        "params": { "image": "app:2", "none": null, "count": 3, "flag": true, "wrong": "false", "from": "daily", "x": { "y": "deep" } },
        "exit": 1,
        "stdout": "t",
        "lines": ["redis_1.tar.gz", "other", "redis_2.tar.gz"],
        "json": { "disks": [{ "deviceName": "a", "source": "d1" }, { "deviceName": "b", "source": "d2" }], "nothing": null, "n": 2.0 },
        "system": {
            "services": { "app": { "port": 80 }, "db": { "port": 5432 } },
            "objectives": { "rto": { "$duration_ms": 300_000 } },
        },
        "now": { "$timestamp": "2026-03-01T12:00:00Z" },
        "max_age": { "$duration_ms": 3_600_000 },
    }))
}

fn check(source: &str, expected: &serde_json::Value) {
    let value = eval(source, &world()).unwrap_or_else(|error| panic!("{source}: {}", error.message));
    assert_eq!(&to_plain_json(&value), expected, "{source}");
}

#[test]
fn what_the_examples_use_works() {
    for (source, expected) in [
        ("json.disks | selectattr('deviceName', 'eq', 'b') | map(attribute='source') | list", json!(["d2"])),
        ("lines | select('glob', 'redis_*.tar.gz') | list | length >= 2", json!(true)),
        ("lines | select('glob', 'redis_*.tar.gz') | first", json!("redis_1.tar.gz")),
        ("system.services | list | chain(['regenerate']) | list", json!(["app", "db", "regenerate"])),
        ("params.none or (lines | first)", json!("redis_1.tar.gz")),
        ("params.image or (missing | first)", json!("app:2")),
        ("(json.disks | length) + 1", json!(3)),
        ("'regenerate' if params.from == 'regenerate' else params.image", json!("app:2")),
        ("params.image is not none and stdout is not containing 'ZONE'", json!(true)),
        ("exit in (0, 1)", json!(true)),
        ("exit not in [0, 2]", json!(true)),
        ("json.users is not defined", json!(true)),
        ("json.users.deep[0] is defined", json!(false)),
        ("json.users.deep | default('x')", json!("x")),
        ("lines | select('glob', 'nope*') | first | default(none)", json!(null)),
        ("'2026-03-01T11:30:00Z' | timestamp | age <= max_age", json!(true)),
        ("'2026-03-01T09:30:00Z' | timestamp | age <= max_age", json!(false)),
        ("['2026-03-01T11:30:00Z'] | map('timestamp') | map('age') | first", json!("30m")),
        ("'3.5' | float <= system.objectives.rto | seconds", json!(true)),
        ("' 12\n' | int > 0", json!(true)),
        ("'a.b' | regex_escape", json!("a\\.b")),
        ("json | path('disks.1.source')", json!("d2")),
        ("'v1.10.0' | semver > '1.9.0' | semver", json!(true)),
        ("1536 | filesize", json!("1.5 KiB")),
        ("'64KiB' | bytes == 65536 | bytes", json!(true)),
        ("[1, 2, 3][1:]", json!([2, 3])),
        ("range(3) | list", json!([0, 1, 2])),
        ("{'a': 1}.a", json!(1)),
        ("1 < 2 < 3", json!(true)),
        ("stdout is matching '^t$'", json!(true)),
        ("params.flag and not params.none", json!(true)),
        ("params.x['y'] ~ '-' ~ exit ~ '-' ~ params.flag", json!("deep-1-true")),
        ("[true, 1.0, max_age] | join(',')", json!("true,1.0,1h")),
        ("now - ('2026-03-01T11:00:00Z' | timestamp) == max_age", json!(true)),
        ("max_age * 2 > max_age + max_age / 2", json!(true)),
        ("-3 // 2 == -2 and -3 % 2 == 1 and 7 / 2 == 3.5 and 2 ** 10 == 1024", json!(true)),
        ("json.n == 2", json!(true)),
        (
            "{'at': now, 'bytes': '1kB' | bytes} | tojson",
            json!("{\"at\":\"2026-03-01T12:00:00+00:00\",\"bytes\":1000}"),
        ),
    ] {
        check(source, &expected);
    }
}

#[test]
fn newest_picks_strictly_before() {
    let bases = json!([
        { "dir": "a", "ended": "2026-03-01T10:00:00Z" },
        { "dir": "c", "ended": "2026-03-01T12:00:00Z" },
        { "dir": "b", "ended": "2026-03-01T13:00:00+02:00" },
    ]);
    let scope = world().with("json", value::from_plain_json(&bases));
    let dir = |source: &str| eval(source, &scope).map(|value| value.to_string());
    assert_eq!(dir("(json | newest('ended')).dir").unwrap(), "c");
    assert_eq!(dir("(json | newest('ended', before=now)).dir").unwrap(), "b");
    assert_eq!(dir("(json | newest('ended', before='2026-03-01T10:00:00Z')) | default('none')").unwrap(), "none");
    let error = dir("(json | newest('ended', before='2026-03-01T10:00:00Z')).dir").unwrap_err();
    assert!(error.message.contains("gave nothing"), "{}", error.message);
}

/// Each was measured in minijinja: no error and the wrong answer.
#[test]
fn no_result_is_silently_wrong() {
    for (source, expected) in [
        ("'false' and true", "always true; use `| bool`"),
        ("not params.wrong", "always true; use `| bool`"),
        ("exit == '0'", "a number (1) is compared with a text ('0'); use `| int`"),
        ("'5m' < '10m'", "texts have no order ('5m' and '10m')"),
        ("system.objectives.rto < '10m'", "a duration (5m) is compared with a text ('10m'); use `| duration`"),
        ("system.objectives.rto < 10", "use `| seconds`"),
        ("true == 1", "a boolean (true) is compared with a number (1)"),
        ("1 in ['1']", "a number (1) is compared with a text ('1')"),
        ("lines | select('eq', 1) | list", "a text ('redis_1.tar.gz') is compared with a number (1)"),
        ("[1, 'a'] | sort", "has no order"),
        ("none < 1", "a none (none) is compared with a number (1)"),
        ("{} < {}", "has no order"),
        ("'abc' | int", "is not a whole number"),
        ("none | int", "is not a whole number"),
        ("'1.5' | int", "is not a whole number"),
        ("'nan' | float", "is not a number"),
        ("'yes' | bool", "is not a boolean"),
        ("true + 1", "`+` does not go with a boolean (true) and a number (1)"),
        ("'2026-03-01T12:30:00Z' | timestamp | age", "30m in the future"),
        ("'2026-03-01 12:30:00' | timestamp", "zone"),
        ("1 / 0", "has no result"),
        ("nope", "`nope` is not defined"),
        ("json.disk", "`json.disk` is not defined; did you mean `disks`?"),
        ("json.disks[5].source", "`json.disks[5]` is not defined: `json.disks` is a list of 2 without 5"),
        ("params.none.x", "`params.none.x` is not defined: `params.none` is a none (none)"),
        ("stdout.x", "`stdout` is a text ('t')"),
        ("stdout | first", "use `| lines`"),
        ("1 if params.none", "gave nothing"),
        ("none ~ 'x'", "has no text"),
        ("'a' | replace('a', 'aaaaaaaaaaaaaaaa') | replace('a', 'b')", ""),
    ] {
        if expected.is_empty() {
            assert!(eval(source, &world()).is_ok());
            continue;
        }
        let message = message(source, &world());
        assert!(message.contains(expected), "{source}: {message}");
    }
    check("params.none == none and params.image != none and none == none", &json!(true));
    check("params.wrong | bool", &json!(false));
    check("'t\n' == 't'", &json!(false));
}

#[test]
fn a_condition_is_a_boolean() {
    let verdict = expression("exit == 0 or params.count > 2").holds(&world()).unwrap();
    assert!(verdict.holds);
    assert_eq!(verdict.seen, [("exit".to_owned(), "1".to_owned()), ("params.count".to_owned(), "3".to_owned())]);
    for source in ["stdout", "exit", "params.none", "params.none and true", "lines"] {
        let error = expression(source).holds(&world()).unwrap_err();
        assert!(error.message.contains("not true or false"), "{}", error.message);
    }
    let seen = expression("params.none is none or steps.x.outputs.y == 1").holds(&world()).unwrap().seen;
    assert_eq!(seen, [("params.none".to_owned(), "none".to_owned())]);
    let seen = expression("system.services[params.service].port == 80");
    let seen = seen.holds(&world().with("params", value::from_json(&json!({ "service": "app" })))).unwrap().seen;
    assert_eq!(seen[0], ("system.services[params.service].port".to_owned(), "80".to_owned()));
}

#[test]
fn errors_point_at_the_part() {
    for (source, part) in [
        ("params.flag and exit == 'x'", "exit == 'x'"),
        ("(1 + 2) == (params.nope + 1)", "params.nope"),
        ("lines | first | int", "lines | first | int"),
        ("x if params.flag else y", "x"),
    ] {
        let error = eval(source, &world()).unwrap_err();
        assert_eq!(at(source, error.span), part, "{}", error.message);
    }
}

#[test]
fn mistakes_are_found_while_parsing() {
    for (source, part, message, help) in [
        ("stdout | timestmp", "timestmp", "there is no filter `timestmp`", "did you mean `timestamp`?"),
        ("stdout is contains 'x'", "contains", "there is no test `contains`", ""),
        ("lines | select('glop', 'x')", "glop", "there is no test `glop`", "`glob`"),
        ("lines | map('uper')", "uper", "there is no filter `uper`", "`upper`"),
        ("length(lines)", "length(lines)", "`length` is a filter", "value | length"),
        ("system.services.items()", "system.services.items()", "no methods", "value | items"),
        ("foo(1)", "foo(1)", "there is no function `foo`", "range"),
        ("steps.my-step.outputs.x == 1", "steps.my-step.outputs.x", "is a minus", "`my_step`"),
        ("a && b", "", "not an expression", "write `and`"),
        ("exit = 0", "", "not an expression", "`==`"),
        ("${{ exit }} == 0", "", "not an expression", "without `${{ }}`"),
        ("", "", "missing", ""),
        ("exit ==", "", "not an expression", ""),
        ("stdout is matching '('", "'('", "not a regular expression", ""),
        ("lines | select('glob', '[')", "'['", "not a glob", ""),
        ("'x' | format", "format", "there is no filter", ""),
        ("x | foo and y | bar", "foo", "there is no filter", ""),
    ] {
        let errors = parsed(source).unwrap_err();
        assert!(errors[0].message.contains(message), "{source}: {}", errors[0].message);
        assert!(errors[0].help.as_deref().unwrap_or("").contains(help), "{source}: {:?}", errors[0].help);
        if !part.is_empty() {
            assert_eq!(at(source, errors[0].span.unwrap()), part);
        }
    }
    assert_eq!(parsed("x | foo and y | bar").unwrap_err().len(), 2);
    assert!(parsed("params.a - params.b").is_ok());
    assert!(parsed("5-3").is_ok());
}

#[test]
fn references_know_what_is_guarded() {
    let found = |source: &str| -> Vec<String> {
        let expression = expression(source);
        let references = expression.references().iter();
        references
            .map(|reference| {
                assert!(source[reference.range.clone()].starts_with(&reference.path[0]), "{source}");
                format!("{}{}", reference.path.join("."), if reference.guarded { "?" } else { "" })
            })
            .collect()
    };
    for (source, expected) in [
        ("steps.newest.outputs.name", vec!["steps.newest.outputs.name"]),
        ("system.services[params.service].image", vec!["system.services", "params.service"]),
        ("system['services'].x", vec!["system.services.x"]),
        ("json[0].name", vec!["json"]),
        ("steps.a.outputs.x is defined", vec!["steps.a.outputs.x?"]),
        ("steps.a.outputs.x | default(steps.b.outputs.y)", vec!["steps.a.outputs.x?", "steps.b.outputs.y"]),
        ("(steps.a.outputs.x | int) | default(1)", vec!["steps.a.outputs.x?"]),
        ("x.y is defined and x.y > 1", vec!["x.y?", "x.y?"]),
        ("x.y is not defined or x.y > 1", vec!["x.y?", "x.y?"]),
        ("x.y is not defined and x.y > 1", vec!["x.y?", "x.y"]),
        ("x.y is defined or x.y > 1", vec!["x.y?", "x.y"]),
        ("x.y if x.y is defined else x.z", vec!["x.y?", "x.y?", "x.z"]),
        ("a or b", vec!["a", "b"]),
        ("a if b else c", vec!["a", "b", "c"]),
        ("not a.b is defined or a.b.c", vec!["a.b?", "a.b.c?"]),
        ("lines | select('eq', x) | list", vec!["lines", "x"]),
        ("[a, {'k': b}, -c, d[e:f]]", vec!["a", "b", "c", "d", "e", "f"]),
    ] {
        assert_eq!(found(source), expected, "{source}");
    }
}

#[test]
fn the_unknown_stays_unknown_and_is_not_an_error() {
    let scope =
        world().with("steps", Value::from_pairs([("a", Value::from_pairs([("outputs", value::unknown("a"))]))]));
    for source in [
        "steps.a.outputs",
        "steps.a.outputs.x",
        "steps.a.outputs.x | default('y')",
        "steps.a.outputs.x is defined",
        "steps.a.outputs.x == 1 and params.flag",
        "steps | tojson",
        "[steps]",
        "params.flag and steps.a.outputs.x",
        "1 if steps.a.outputs.x else 2",
        "lines | select('eq', steps.a.outputs.x) | list",
    ] {
        assert_eq!(eval(source, &scope).unwrap_err().unknown.as_deref(), Some("a"), "{source}");
    }
    for source in [
        "params.flag or steps.a.outputs.x",
        "params.none is not none and steps.a.outputs.x",
        "1 if params.flag else steps.a",
    ] {
        assert!(eval(source, &scope).is_ok(), "{source}");
    }
}

#[test]
fn secrets_are_passed_on_and_never_looked_into() {
    let scope = world().with("secrets", Value::from_pairs([("db", value::secret("db")), ("none", Value::from(()))]));
    for source in
        ["secrets.db", "secrets.db if params.flag else none", "secrets.db | default('x')", "secrets.none or secrets.db"]
    {
        assert_eq!(kind(&eval(source, &scope).unwrap()), "secret", "{source}");
    }
    for source in [
        "secrets.db ~ 'x'",
        "secrets.db == 'x'",
        "secrets.db | length",
        "secrets.db is containing 'x'",
        "secrets.db.x",
        "'x' in secrets.db",
        "[secrets.db] == ['x']",
    ] {
        let message = message(source, &scope);
        assert!(message.contains("secret"), "{source}: {message}");
    }
    assert_eq!(eval("secrets.none is none", &scope).map(|value| show(&value)).unwrap(), "true");
    let seen = expression("secrets.db is defined").holds(&scope).unwrap().seen;
    assert_eq!(seen, [("secrets.db".to_owned(), "***".to_owned())]);
}

#[test]
fn costs_are_bounded() {
    let deep = "(".repeat(1_000) + "1" + &")".repeat(1_000);
    assert!(parsed(&deep).is_err());
    assert!(parsed(&("[".repeat(140) + &"]".repeat(140))).is_err());
    let long = "1".to_owned() + &"+1".repeat(3_000);
    assert!(parsed(&long).unwrap_err()[0].message.contains("nested"));
    assert!(parsed(&"x".repeat(10_000)).unwrap_err()[0].message.contains("8 KiB"));
    let growing = "'aaaaaaaaaa'".to_owned() + &" | replace('a', 'aaaaaaaaaa')".repeat(12);
    assert!(message(&growing, &world()).contains("8 MiB"));
    assert!(message("range(10000000)", &world()).contains("too many"));
    assert!(message("10 ** 10000", &world()).contains("no result"));
}

#[test]
fn a_value_is_never_rendered_again() {
    let scope = world().with("stdout", "${{ secrets.x }} {{ params.image }}");
    assert_eq!(eval("stdout ~ ''", &scope).unwrap().to_string(), "${{ secrets.x }} {{ params.image }}");
}
