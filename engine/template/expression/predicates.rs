//! Tests: `containing`, `matching`, `glob`, and strict forms of the comparisons (which `select` and `selectattr` use by name).

use minijinja::{Environment, Error, Value};

use super::compare::compare;
use super::conversions::fail;
use super::environment::{glob, regex};
use super::node::Relation;
use crate::template::value::{kind, show};

pub(super) fn add(environment: &mut Environment<'static>) {
    let relations: [(&'static str, Relation); 16] = [
        ("==", Relation::Eq),
        ("eq", Relation::Eq),
        ("equalto", Relation::Eq),
        ("!=", Relation::Ne),
        ("ne", Relation::Ne),
        ("<", Relation::Lt),
        ("lt", Relation::Lt),
        ("lessthan", Relation::Lt),
        ("<=", Relation::Le),
        ("le", Relation::Le),
        (">", Relation::Gt),
        ("gt", Relation::Gt),
        ("greaterthan", Relation::Gt),
        (">=", Relation::Ge),
        ("ge", Relation::Ge),
        ("in", Relation::In),
    ];
    for (name, relation) in relations {
        environment.add_test(name, move |left: &Value, right: &Value| compare(relation, left, right).map_err(fail));
    }
    environment.add_test("containing", |whole: &Value, part: &Value| compare(Relation::In, part, whole).map_err(fail));
    environment.add_test("matching", |value: &Value, pattern: &Value| {
        Ok::<_, Error>(regex(as_text(pattern)?).map_err(fail)?.is_match(as_text(value)?))
    });
    environment.add_test("glob", |value: &Value, pattern: &Value| {
        Ok::<_, Error>(glob(as_text(pattern)?).map_err(fail)?.is_match(as_text(value)?))
    });
    environment.add_test("startingwith", |value: &Value, start: &Value| {
        Ok::<_, Error>(as_text(value)?.starts_with(as_text(start)?))
    });
    environment
        .add_test("endingwith", |value: &Value, end: &Value| Ok::<_, Error>(as_text(value)?.ends_with(as_text(end)?)));
    environment.add_test("number", |value: &Value| kind(value) == "number");
}

fn as_text(value: &Value) -> Result<&str, Error> {
    value.as_str().ok_or_else(|| fail(format!("a {} ({}) is not a text", kind(value), show(value))))
}
