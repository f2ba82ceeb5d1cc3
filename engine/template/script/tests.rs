//! Scripts: binding, previews, other interpreters.

use serde_json::json;

use super::*;
use crate::template::Value;
use crate::template::testing::{scope, text};
use crate::template::value::secret;

fn script(source: &str) -> Script {
    Script::parse(&text(source), true).unwrap_or_else(|errors| panic!("{source}: {errors:?}"))
}

#[test]
fn values_travel_as_variables() {
    let scope = scope(&json!({ "x": "a'b", "n": 3 }));
    let scope = scope.with("secrets", Value::from_pairs([("db", secret("db"))]));
    let script = script("echo ${{ x }} \"-${{ n }}-\" '${{ secrets.db }}'\n");
    let bound = script.bind(&scope).unwrap();
    assert_eq!(bound.text, "echo \"${RB_1}\" \"-${RB_2}-\" ''\"${RB_3}\"''\n");
    let secret = Rendered(vec![work::Piece::Secret("db".into())]);
    let expected = [("RB_1", Rendered::text("a'b")), ("RB_2", Rendered::text("3")), ("RB_3", secret)];
    assert_eq!(bound.env, expected.map(|(name, value)| (name.to_owned(), value)));
    assert_eq!(script.preview(&scope), "echo 'a'\\''b' \"-3-\" '***'\n");
    assert_eq!(script.references().len(), 3);
    assert_eq!(serde_json::to_value(&script).unwrap(), json!(script.source()));
}

#[test]
fn another_interpreter_takes_no_values() {
    let errors = Script::parse(&text("print(${{ x }})\n# ${{ y }}"), false).unwrap_err();
    assert_eq!(errors.len(), 2);
    assert!(errors[0].help.as_deref().unwrap().contains("env:"));
    assert!(Script::parse(&text("print('$x')"), false).is_ok());
    // Without values any script is fine, however strange.
    assert!(Script::parse(&text("echo $(( 1 + ` ) ' \" [["), true).is_ok());
}

#[test]
fn nul_and_lists_are_refused() {
    let scope = scope(&json!({ "x": "a\u{0}b", "l": [1] }));
    assert!(script("echo ${{ x }}").bind(&scope).unwrap_err().message.contains("NUL"));
    assert!(script("echo ${{ l }}").bind(&scope).unwrap_err().message.contains("is a list"));
    assert_eq!(script("echo ${{ l }} ${{ nope }}").preview(&scope), "echo '[1]' ‹error›");
}
