//! Scopes: shadowing, lazy variables, cycles.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::model::operation::Argv;
use crate::template::testing::{eval, message, template, text};
use crate::template::{Words, value};

fn vars(pairs: &[(&str, &str)]) -> Arc<Vars> {
    Arc::new(pairs.iter().map(|(name, source)| ((*name).to_owned(), Var::Text(template(source)))).collect())
}

#[test]
fn the_nearest_name_counts() {
    let outer = Scope::default().with("x", 1).with("y", 2);
    let inner = outer.with("x", 3);
    assert_eq!(inner.get("x"), Some(Value::from(3)));
    assert_eq!(outer.get("x"), Some(Value::from(1)));
    assert_eq!(inner.get("y"), Some(Value::from(2)));
    assert_eq!(inner.get("z"), None);
    assert!(message("parms", &inner.with("params", 1)).contains("did you mean `params`?"));
}

#[test]
fn variables_are_evaluated_where_read_and_once() {
    let reads = Arc::new(AtomicUsize::new(0));
    let counter = reads.clone();
    let scope = Scope::default().with_lazy("slow", move || Ok(Value::from(counter.fetch_add(1, Ordering::Relaxed))));
    let scope = scope.with_vars(vars(&[
        ("a", "${{ vars.b }}"),
        ("b", "${{ [slow, 'x'] }}"),
        ("broken", "${{ nope }}"),
        ("text", "b=${{ vars.b | join('-') }}"),
    ]));
    assert_eq!(reads.load(Ordering::Relaxed), 0);
    assert_eq!(value::kind(&eval("vars.a", &scope).unwrap()), "list");
    assert_eq!(eval("vars.text ~ vars['text']", &scope).unwrap().to_string(), "b=0-xb=0-x");
    assert_eq!(reads.load(Ordering::Relaxed), 1);
    assert_eq!(message("vars.broken", &scope), "`nope` is not defined");
    assert!(message("vars.bb", &scope).contains("did you mean `b`?"));
    assert_eq!(eval("vars.zzz is defined", &scope).unwrap(), Value::from(false));
    assert!(message("vars | tojson", &scope).contains("`nope` is not defined"));
    assert!(message("vars", &scope).contains("`nope` is not defined"));
}

#[test]
fn variables_see_the_scope_they_stand_in() {
    let scope = Scope::default().with("x", "outer").with_vars(vars(&[("v", "${{ x }}")]));
    assert_eq!(eval("vars.v", &scope.with("x", "inner")).unwrap().to_string(), "outer");
    let other = scope.with_vars(vars(&[("w", "${{ x }}")]));
    assert!(message("vars.v", &other).contains("there is no variable `v`"));
}

#[test]
fn a_cycle_names_its_path() {
    let scope = Scope::default().with_vars(vars(&[
        ("a", "${{ vars.b }}"),
        ("b", "x ${{ vars['c'] }}"),
        ("c", "${{ vars.b or 1 }}"),
        ("itself", "${{ vars.itself }}"),
        ("guarded", "${{ vars.guarded | default(1) }}"),
    ]));
    assert_eq!(message("vars.a", &scope), "the variable `vars.b` needs itself: b → c → b");
    assert_eq!(message("vars.itself", &scope), "the variable `vars.itself` needs itself: itself → itself");
    assert!(message("vars.guarded", &scope).contains("needs itself"));
}

#[test]
fn the_unknown_comes_through_variables() {
    let scope = Scope::default()
        .with("steps", value::unknown("copy"))
        .with_vars(vars(&[("v", "${{ steps.x }}"), ("w", "a${{ vars.v }}")]));
    assert_eq!(eval("vars.w", &scope).unwrap_err().unknown.as_deref(), Some("copy"));
    assert_eq!(eval("vars | tojson", &scope).unwrap_err().unknown.as_deref(), Some("copy"));
}

#[test]
fn a_lazy_value_that_fails_says_why() {
    let scope = Scope::default().with_lazy("json", || Err("the output is not JSON".to_owned()));
    assert_eq!(message("json.x", &scope), "`json`: the output is not JSON");
    assert!(eval("json.x | default(1)", &scope).is_err());
}

#[test]
fn literals_of_a_list_may_be_options_but_data_may_not() {
    let list = ["exec", "-i", "${{ x }}"].map(template).to_vec();
    let vars: Arc<Vars> = Arc::new(BTreeMap::from([("psql".to_owned(), Var::List(list))]));
    let words = Words::parse(&Argv::List(vec![text("${{ vars.psql }}"), text("${{ vars.psql + ['-v'] }}")])).unwrap();
    let argv = words.render(&Scope::default().with("x", "db").with_vars(vars.clone())).unwrap();
    assert_eq!(argv, ["exec", "-i", "db", "exec", "-i", "db", "-v"]);
    let error = words.render(&Scope::default().with("x", "-db").with_vars(vars)).unwrap_err();
    assert!(error.message.contains("'-db'"), "{}", error.message);
}
