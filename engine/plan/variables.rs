//! Variables: those of a system are rendered here, each after the ones it reads; those of a runbook stay lazy.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::diagnostic::Diagnostic;
use crate::model::runbook::VarValue;
use crate::model::source::{Map, Name};
use crate::model::system::{Environment, System};
use crate::template::scope::Var;
use crate::template::{Reference, Scope, Template, Value, Vars};

use super::findings::Findings;
use super::world::map;

/// A compiled variable; its templates.
fn compile(value: &VarValue, findings: &mut Findings) -> Var {
    match value {
        VarValue::Text(text) => Var::Text(findings.template(text)),
        VarValue::List(texts) => Var::List(texts.iter().map(|text| findings.template(text)).collect()),
    }
}

/// The templates of a variable.
#[must_use]
pub fn templates(var: &Var) -> &[Template] {
    match var {
        Var::Text(template) => std::slice::from_ref(template),
        Var::List(templates) => templates,
    }
}

fn eval(var: &Var, scope: &Scope, findings: &mut Findings) -> Value {
    let mut one = |template: &Template| {
        template.value(scope).unwrap_or_else(|error| {
            findings.evaluation(&error);
            Value::from(())
        })
    };
    match var {
        Var::Text(template) => one(template),
        Var::List(templates) => Value::from(templates.iter().map(one).collect::<Vec<_>>()),
    }
}

/// A runbook's variables, compiled.
pub fn lazy(vars: &Map<VarValue>, findings: &mut Findings) -> Arc<Vars> {
    Arc::new(vars.iter().map(|(name, value)| (name.value.clone(), compile(value, findings))).collect())
}

/// Variables that read nothing of each other.
pub fn plain(vars: &Map<VarValue>, scope: &Scope, findings: &mut Findings) -> Value {
    let mut values = Vec::new();
    for (name, value) in vars {
        let var = compile(value, findings);
        values.push((name.value.clone(), eval(&var, scope, findings)));
    }
    map(values)
}

/// `system.vars` with those of the environment over them.
pub fn system(
    system: &System,
    environment: Option<&Environment>,
    outer: &Scope,
    fields: &[(&'static str, Value)],
    findings: &mut Findings,
) -> Value {
    let mut order: Vec<&Name> = Vec::new();
    let mut sources: BTreeMap<&str, (&Name, Var)> = BTreeMap::new();
    for (name, value) in system.vars.iter().chain(environment.iter().flat_map(|it| &it.vars)) {
        let var = compile(value, findings);
        if sources.insert(&name.value, (name, var)).is_none() {
            order.push(name);
        }
    }
    let reads: BTreeMap<&str, Vec<String>> =
        sources.iter().map(|(name, (_, var))| (*name, siblings(var, |name| sources.contains_key(name)))).collect();
    let mut known: BTreeMap<&str, Value> = BTreeMap::new();
    let mut open: Vec<&str> = order.iter().map(|name| name.value.as_str()).collect();
    while !open.is_empty() {
        let values = map(known.iter().map(|(name, value)| (*name, value.clone())));
        let scope = outer.with("system", map(fields.iter().cloned().chain([("vars", values)])));
        let (next, rest): (Vec<&str>, Vec<&str>) =
            open.iter().partition(|name| reads[**name].iter().all(|read| known.contains_key(read.as_str())));
        if next.is_empty() {
            for name in &rest {
                let (place, _) = &sources[*name];
                let message = format!("variable `{name}` cannot be computed: {} in a circle", reads[*name].join(", "));
                findings.push(Diagnostic::error("plan::variable_cycle", place.span, message));
            }
            break;
        }
        for name in next {
            known.insert(name, eval(&sources[name].1, &scope, findings));
        }
        open = rest;
    }
    map(order.iter().filter_map(|name| Some((name.value.as_str(), known.get(name.value.as_str())?.clone()))))
}

fn siblings(var: &Var, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let name = |(reference, _): (Reference, _)| match reference.path.as_slice() {
        [system, vars, name, ..] if system == "system" && vars == "vars" && exists(name) => Some(name.clone()),
        _ => None,
    };
    templates(var).iter().flat_map(Template::references).filter_map(name).collect()
}
