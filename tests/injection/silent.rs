//! Results that template languages get silently wrong, and values that are never read a second time.

use std::collections::BTreeMap;
use std::sync::Arc;

use runbook::template::scope::Var;
use runbook::template::{Scope, Template, Value, value};
use serde_json::json;

use super::{corpus, expression, text};

fn error(source: &str, scope: &Scope) -> String {
    match expression(source).holds(scope) {
        Ok(verdict) => panic!("{source}: {verdict:?}"),
        Err(error) => error.message,
    }
}

#[test]
fn the_text_false_is_not_true() {
    let scope = Scope::default().with("flag", "false");
    assert!(error("flag", &scope).contains("a text ('false'), not true or false"));
    assert!(error("flag and true", &scope).contains("always true"));
    assert!(error("not flag", &scope).contains("always true"));
    assert!(!expression("flag | bool").holds(&scope).unwrap().holds);
}

#[test]
fn a_number_is_not_compared_with_a_text() {
    let scope = Scope::default().with("exit", 0);
    assert!(error("exit == '0'", &scope).contains("a number (0) is compared with a text ('0')"));
    assert!(expression("exit == 0").holds(&scope).unwrap().holds);
}

#[test]
fn durations_do_not_order_as_texts() {
    let scope = Scope::default();
    assert!(error("'5m' < '10m'", &scope).contains("texts have no order"));
    assert!(expression("'5m' | duration < '10m' | duration").holds(&scope).unwrap().holds);
    assert!(expression("'900KiB' | bytes < '1MiB' | bytes").holds(&scope).unwrap().holds);
    let scope = scope.with("at", "2026-03-01T14:00:00+02:00");
    assert!(expression("at | timestamp == '2026-03-01T12:00:00Z' | timestamp").holds(&scope).unwrap().holds);
}

/// The final newline goes where the result is made, not by a lenient comparison.
#[test]
fn a_newline_is_a_difference() {
    let verdict = expression("stdout == 't'").holds(&Scope::default().with("stdout", "t\n")).unwrap();
    assert!(!verdict.holds);
    assert_eq!(verdict.seen, [("stdout".to_owned(), "'t\\n'".to_owned())]);
}

/// S2: five variables deep, in lists and through JSON, an output that holds a template stays a text.
#[test]
fn a_value_is_never_rendered_again() {
    let hostile = "${{ secrets.db }} {{ 7 * 7 }} {% raw %}";
    let mut vars = BTreeMap::from([("v0".to_owned(), Var::Text(Template::parse(&text("${{ stdout }}")).unwrap()))]);
    for at in 1..5 {
        let source = format!("${{{{ [vars.v{}, 'x'][0] }}}}", at - 1);
        vars.insert(format!("v{at}"), Var::Text(Template::parse(&text(&source)).unwrap()));
    }
    let secrets = Value::from_pairs([("db", value::secret("db"))]);
    let scope = Scope::default().with("stdout", hostile).with("secrets", secrets).with_vars(Arc::new(vars));
    let rendered = Template::parse(&text("<${{ vars.v4 }}>")).unwrap().render(&scope).unwrap();
    assert_eq!(rendered, format!("<{hostile}>"));
    let through_json = value::from_json(&value::to_json(&Value::from(hostile)));
    assert_eq!(through_json.as_str(), Some(hostile));
}

/// S4: what a program prints never becomes a value of our own kinds, a secret least of all.
#[test]
fn output_is_data() {
    let outside = json!({ "$secret": "db", "$unknown": "x", "a": { "$duration_ms": 1 }, "b": [{ "$timestamp": "2026-01-01T00:00:00Z" }] });
    let scope = Scope::default().with("json", value::from_plain_json(&outside));
    for source in ["json is mapping", "json.a is mapping", "json.b[0] is mapping", "json['$secret'] == 'db'"] {
        assert!(expression(source).holds(&scope).unwrap().holds, "{source}");
    }
    let back = value::from_json(&value::to_json(&value::from_plain_json(&outside)));
    assert_eq!(value::to_plain_json(&back), outside);
    for text in corpus::strings() {
        let scope = Scope::default().with("stdout", text.as_str());
        assert_eq!(expression("stdout").eval(&scope).unwrap().as_str(), Some(text.as_str()));
    }
}
