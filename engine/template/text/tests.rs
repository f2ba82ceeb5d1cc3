//! Templates: lexing, typed values, previews.

use serde_json::json;

use super::*;
use crate::model::source::{FileId, Layout};
use crate::template::testing::{at, scope, template, text};
use crate::template::value::{kind, secret, unknown};

fn world() -> Scope {
    let plain = scope(&json!({
        "x": "a b",
        "n": 3,
        "t": true,
        "none": null,
        "list": [1, 2],
        "d": { "$duration_ms": 90_000 },
    }));
    plain.with("secrets", Value::from_pairs([("db", secret("db"))])).with("later", unknown("copy"))
}

#[test]
fn exactly_one_value_keeps_its_type() {
    for (source, expected) in [
        ("${{ n }}", "number"),
        ("${{n}}", "number"),
        ("${{ list }}", "list"),
        ("${{ d }}", "duration"),
        ("${{ none }}", "none"),
        (" ${{ n }}", "text"),
        ("${{ n }}${{ n }}", "text"),
        ("plain", "text"),
    ] {
        assert_eq!(kind(&template(source).value(&world()).unwrap()), expected, "{source}");
    }
    assert_eq!(template("a ${{ x }}-${{ t }}-${{ d }}").render(&world()).unwrap(), "a a b-true-1m30s");
}

#[test]
fn strings_and_brackets_inside_do_not_end_it() {
    for (source, expected) in [
        ("${{ '}}' }}", "}}"),
        ("${{ \"a}}\\\"}}\" }}!", "a}}\"}}!"),
        ("${{ {'a': {'b': 1}}.a.b }}", "1"),
        ("${{ [{'a': 1}][0].a }}", "1"),
        ("docker info --format {{.Name}}", "docker info --format {{.Name}}"),
        ("{{ x }} $x ${x} $${{ n }} {% if %}", "{{ x }} $x ${x} $3 {% if %}"),
        ("${{ '${{' }}", "${{"),
        ("${{ 'é' }}é", "éé"),
        ("", ""),
    ] {
        assert_eq!(template(source).render(&world()).unwrap(), expected, "{source}");
    }
}

#[test]
fn what_is_not_closed_has_a_place() {
    for source in ["a ${{ x", "a ${{ '}} b", "a ${{ [x }}", "a ${{ x ${{ y }}"] {
        let errors = Template::parse(&text(source)).unwrap_err();
        assert_eq!(at(source, errors[0].span.unwrap()), "${{", "{source}");
    }
    let source = "a ${{ x | nope }} b ${{ y | nope }} ${{}}";
    let errors = Template::parse(&text(source)).unwrap_err();
    let places: Vec<_> = errors.iter().map(|error| at(source, error.span.unwrap())).collect();
    assert_eq!(places, ["nope", "nope", "${{}}"]);
}

#[test]
fn places_are_right_in_every_layout() {
    let block = Fragment {
        source: "first\nthe ${{ x\n| nope }}\n".to_owned(),
        span: Span { file: FileId(0), start: 100, end: 150 },
        layout: Layout::Lines(vec![104, 114, 130]),
    };
    let place = Template::parse(&Text(block.clone())).unwrap_err()[0].span.unwrap();
    assert_eq!((place.start, place.end), (132, 136));
    let folded = Fragment { layout: Layout::Opaque, ..block };
    let place = Template::parse(&Text(folded)).unwrap_err()[0].span.unwrap();
    assert_eq!((place.start, place.end), (100, 150));
}

#[test]
fn kinds_without_a_text_are_errors() {
    for (source, expected) in [
        ("a ${{ none }}", "`none` is none"),
        ("a ${{ list }}", "is a list ([1, 2])"),
        ("a ${{ secrets.db }}", "is a secret"),
        ("a ${{ {'a': 1} }}", "is a mapping"),
    ] {
        let error = template(source).render(&world()).unwrap_err();
        assert!(error.message.contains(expected), "{}", error.message);
    }
}

#[test]
fn secrets_leave_only_as_names() {
    let template = template("Bearer ${{ secrets.db }}, ${{ x }}");
    let rendered = template.render_secret(&world()).unwrap();
    let expected =
        vec![work::Piece::Text("Bearer ".into()), work::Piece::Secret("db".into()), work::Piece::Text(", a b".into())];
    assert_eq!(rendered, Rendered(expected));
    assert_eq!(template.preview(&world()), "Bearer ***, a b");
}

#[test]
fn previews_show_what_is_open() {
    let template = template("cp ${{ later.outputs.file }} ${{ nope }} ${{ list }}");
    assert_eq!(template.preview(&world()), "cp ‹later.outputs.file› ‹error› [1, 2]");
    assert_eq!(template.render(&world()).unwrap_err().unknown.as_deref(), Some("copy"));
    assert_eq!(template.references().len(), 3);
    assert_eq!(serde_json::to_value(&template).unwrap(), json!(template.source()));
}
