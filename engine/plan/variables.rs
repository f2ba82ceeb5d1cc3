//! Variables: those of a system are rendered here, each after the ones it reads; those of a runbook stay lazy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::diagnostic::Diagnostic;
use crate::model::runbook::VarValue;
use crate::model::source::{Map, Name, Span};
use crate::model::system::{Environment, System};
use crate::template::scope::Var;
use crate::template::{Reference, Scope, Template, Value, Vars, value};

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

/// Stands for what has its finding already: whatever reads it is not reported as well.
fn broken() -> Value {
    value::unknown("system")
}

fn eval(var: &Var, scope: &Scope, findings: &mut Findings) -> Value {
    let mut one = |template: &Template| {
        template.value(scope).unwrap_or_else(|error| {
            findings.evaluation(&error);
            broken()
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
            let all = sources.iter().map(|(name, (_, var))| (*name, var));
            findings.push_all(cycles(all, &["system", "vars"]));
            known.extend(open.iter().map(|name| (*name, broken())));
            break;
        }
        for name in next {
            known.insert(name, eval(&sources[name].1, &scope, findings));
        }
        open = rest;
    }
    map(order.iter().filter_map(|name| Some((name.value.as_str(), known.get(name.value.as_str())?.clone()))))
}

/// Variables that need each other: one finding a circle, with the place of every read. `under`: the path that variables have in
/// front of their name.
pub fn cycles<'v>(vars: impl IntoIterator<Item = (&'v str, &'v Var)>, under: &[&str]) -> Vec<Diagnostic> {
    let vars: BTreeMap<&str, &Var> = vars.into_iter().collect();
    let reads: BTreeMap<&str, Vec<(&str, Span)>> =
        vars.iter().map(|(name, var)| (*name, reads_of(var, &vars, under))).collect();
    let mut found = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in vars.keys() {
        // The way here: each variable with how many of its reads were followed. Its own stack, since chains may be long.
        let mut way: Vec<(&str, usize)> = if done.contains(start) { Vec::new() } else { vec![(start, 0)] };
        while let Some((name, next)) = way.last_mut() {
            let Some((read, _)) = reads[*name].get(*next) else {
                done.insert(name);
                way.pop();
                continue;
            };
            *next += 1;
            if let Some(at) = way.iter().position(|(name, _)| name == read) {
                found.push(circle(&way[at..], &reads));
            } else if !done.contains(read) {
                way.push((read, 0));
            }
        }
    }
    found
}

/// Every other variable that one reads, with its place.
fn reads_of<'v>(var: &Var, vars: &BTreeMap<&'v str, &'v Var>, under: &[&str]) -> Vec<(&'v str, Span)> {
    let read = |(reference, place): (Reference, Span)| {
        let (path, name) = reference.path.split_at_checked(under.len())?;
        let (name, _) = vars.get_key_value(name.first()?.as_str())?;
        (path == under).then_some((*name, place))
    };
    templates(var).iter().flat_map(Template::references).filter_map(read).collect()
}

/// `way`: variables of a circle, each with how many of its reads were followed; the last one leads to the next.
fn circle(way: &[(&str, usize)], reads: &BTreeMap<&str, Vec<(&str, Span)>>) -> Diagnostic {
    let edges: Vec<(&str, &str, Span)> = way
        .iter()
        .map(|(name, followed)| {
            let (read, place) = reads[name][followed - 1];
            (*name, read, place)
        })
        .collect();
    let path: Vec<&str> = edges.iter().map(|(name, ..)| *name).chain([edges[0].0]).collect();
    let message = format!("variables need each other: {}", path.join(" → "));
    let help = "give one of them a value of its own";
    let found = Diagnostic::error("plan::variable_cycle", edges[0].2, message).help(help);
    edges[1..]
        .iter()
        .fold(found, |found, (name, read, place)| found.related(*place, format!("`{name}` reads `{read}`")))
}

fn siblings(var: &Var, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let name = |(reference, _): (Reference, _)| match reference.path.as_slice() {
        [system, vars, name, ..] if system == "system" && vars == "vars" && exists(name) => Some(name.clone()),
        _ => None,
    };
    templates(var).iter().flat_map(Template::references).filter_map(name).collect()
}
