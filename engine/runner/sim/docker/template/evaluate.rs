//! Lays a template over a value.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::tree::{Command, Kind, Node, Operand, Pipeline};
use super::{Bad, Subject, Template, functions};
use crate::runner::sim::process::Unsimulated;

/// A value on the way, and the name of the field that it was in: Go prints nothing at all differently by its type.
#[derive(Clone, Debug)]
pub struct Val<'a> {
    pub value: Cow<'a, Value>,
    pub name: &'a str,
}

/// Fields that a structure of the client has and the daemon leaves out when they are empty.
const OPTIONAL: [&str; 11] = [
    "ExposedPorts",
    "Health",
    "Healthcheck",
    "Init",
    "Mounts",
    "SizeRootFs",
    "SizeRw",
    "StopSignal",
    "StopTimeout",
    "Sysctls",
    "Tmpfs",
];

struct Run<'a> {
    subject: Subject<'a>,
    out: String,
    variables: Vec<(&'a str, Val<'a>)>,
}

/// What stopped a template, without its place.
enum Stop {
    At(usize, String, String),
    Unsimulated(Unsimulated),
}

type Step<T> = Result<T, Stop>;

impl From<Unsimulated> for Stop {
    fn from(what: Unsimulated) -> Self {
        Self::Unsimulated(what)
    }
}

impl<'a> Val<'a> {
    pub fn new(value: Value) -> Self {
        Self { value: Cow::Owned(value), name: "" }
    }

    const fn of(value: &'a Value, name: &'a str) -> Self {
        Self { value: Cow::Borrowed(value), name }
    }

    pub fn is_true(&self) -> bool {
        match &*self.value {
            Value::Null => false,
            Value::Bool(is) => *is,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => !text.is_empty(),
            Value::Array(list) => !list.is_empty(),
            Value::Object(map) => !map.is_empty(),
        }
    }
}

/// The text of a template for a subject.
///
/// # Errors
/// It stumbles, or something of it is not simulated.
pub fn execute(template: &Template, subject: Subject<'_>) -> Result<String, Bad> {
    let mut run = Run { subject, out: String::new(), variables: Vec::new() };
    let dot = Val::of(subject.value, "");
    run.variables.push(("", dot.clone()));
    match run.nodes(&template.nodes, &dot) {
        Ok(()) => Ok(run.out),
        Err(Stop::Unsimulated(what)) => Err(Bad::Unsimulated(what)),
        Err(Stop::At(at, shown, why)) => {
            let (place, name) = (template.place(at), template.name);
            Err(Bad::Failed(run.out, format!("template: {place}: executing {name:?} at <{shown}>: {why}")))
        }
    }
}

impl<'a> Run<'a> {
    fn nodes(&mut self, nodes: &'a [Node], dot: &Val<'a>) -> Step<()> {
        let known = self.variables.len();
        for node in nodes {
            self.node(node, dot)?;
        }
        self.variables.truncate(known);
        Ok(())
    }

    fn node(&mut self, node: &'a Node, dot: &Val<'a>) -> Step<()> {
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Print(pipeline) => {
                let value = self.pipeline(pipeline, dot)?;
                if pipeline.sets.is_empty() {
                    let shown = pipeline.commands.first().map(Command::shown).unwrap_or_default();
                    let text = functions::print(&value).ok_or_else(|| {
                        Unsimulated(format!("`{{{{{shown}}}}}` of a `--format`: a structure as Go prints it"))
                    })?;
                    self.out.push_str(&text);
                }
            }
            Node::If(condition, body, other) => {
                let known = self.variables.len();
                let is = self.pipeline(condition, dot)?.is_true();
                self.nodes(if is { body } else { other }, dot)?;
                self.variables.truncate(known);
            }
            Node::With(condition, body, other) => {
                let known = self.variables.len();
                let value = self.pipeline(condition, dot)?;
                if value.is_true() {
                    self.nodes(body, &value)?;
                } else {
                    self.nodes(other, dot)?;
                }
                self.variables.truncate(known);
            }
            Node::Range(over, body, other) => self.range(over, body, other, dot)?,
        }
        Ok(())
    }

    fn range(&mut self, over: &'a Pipeline, body: &'a [Node], other: &'a [Node], dot: &Val<'a>) -> Step<()> {
        let known = self.variables.len();
        let value = self.value(over, dot)?;
        let items: Vec<(Value, Val<'a>)> = match &*value.value {
            Value::Array(list) => list.iter().enumerate().map(|(n, item)| (n.into(), Val::new(item.clone()))).collect(),
            Value::Object(map) => {
                let sorted: BTreeMap<&String, &Value> = map.iter().collect();
                sorted.into_iter().map(|(key, item)| (key.clone().into(), Val::new(item.clone()))).collect()
            }
            Value::Null => Vec::new(),
            _ => return Err(Unsimulated("`range` over something that is no list".to_owned()).into()),
        };
        if items.is_empty() {
            return self.nodes(other, dot);
        }
        for (key, item) in items {
            match over.sets.as_slice() {
                [] => {}
                [item_name] => self.variables.push((item_name, item.clone())),
                [key_name, item_name, ..] => {
                    self.variables.push((key_name, Val::new(key)));
                    self.variables.push((item_name, item.clone()));
                }
            }
            self.nodes(body, &item)?;
            self.variables.truncate(known);
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &'a Pipeline, dot: &Val<'a>) -> Step<Val<'a>> {
        let value = self.value(pipeline, dot)?;
        for name in &pipeline.sets {
            let known = self.variables.iter_mut().rev().find(|(known, _)| pipeline.assigns && known == name);
            match known {
                Some((_, variable)) => *variable = value.clone(),
                None => self.variables.push((name, value.clone())),
            }
        }
        Ok(value)
    }

    fn value(&mut self, pipeline: &'a Pipeline, dot: &Val<'a>) -> Step<Val<'a>> {
        let mut last = None;
        for command in &pipeline.commands {
            last = Some(self.command(command, dot, last)?);
        }
        Ok(last.unwrap_or_else(|| Val::new(Value::Null)))
    }

    fn command(&mut self, command: &'a Command, dot: &Val<'a>, last: Option<Val<'a>>) -> Step<Val<'a>> {
        let Some((first, arguments)) = command.words.split_first() else { return Ok(Val::new(Value::Null)) };
        let name = match &first.kind {
            Kind::Function(name) => name,
            Kind::Dot if first.fields.last().is_some_and(|field| field == "Label") => {
                return self.label(arguments, dot);
            }
            _ if arguments.is_empty() && last.is_none() => return self.operand(first, dot),
            _ => return Err(Unsimulated(format!("`{}` in a `--format`", command.shown())).into()),
        };
        let mut given = Vec::with_capacity(arguments.len() + 1);
        for argument in arguments {
            let value = self.operand(argument, dot)?;
            // The rest is not looked at once the answer is known.
            if (name == "and" && !value.is_true()) || (name == "or" && value.is_true()) {
                return Ok(value);
            }
            given.push(value);
        }
        given.extend(last);
        let whole = matches!(arguments, [Operand { kind: Kind::Dot, fields, .. }] if fields.is_empty());
        if name == "json" && whole && self.subject.of_type.is_some() {
            // A table's line writes itself, with some characters by their numbers.
            let line = crate::runner::sim::docker::listing::escaped(&*dot.value);
            return Ok(Val::new(line.into()));
        }
        functions::call(name, &given)?.map_err(|why| match why {
            functions::Wrong::Call(why) => Stop::At(first.at, command.shown(), format!("error calling {name}: {why}")),
            functions::Wrong::Argument(n, why) => match arguments.get(n) {
                Some(argument) => Stop::At(argument.at, argument.shown(), why),
                None => Stop::At(first.at, command.shown(), why),
            },
        })
    }

    /// `.Label "name"` of a table's line.
    fn label(&mut self, arguments: &'a [Operand], dot: &Val<'a>) -> Step<Val<'a>> {
        let ([argument], Some(labels)) = (arguments, self.subject.labels) else {
            return Err(Unsimulated("`.Label` in this `--format`".to_owned()).into());
        };
        let name = self.operand(argument, dot)?;
        let label = name.value.as_str().and_then(|name| labels.get(name)).cloned().unwrap_or_default();
        Ok(Val::new(label.into()))
    }

    fn operand(&mut self, operand: &'a Operand, dot: &Val<'a>) -> Step<Val<'a>> {
        let value = match &operand.kind {
            Kind::Dot => dot.clone(),
            Kind::Variable(name) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                let undefined = || Unsimulated(format!("`${name}`, which the `--format` does not set"));
                known.map(|(_, value)| value.clone()).ok_or_else(undefined)?
            }
            Kind::Text(text) => Val::new(text.clone().into()),
            Kind::Integer(number) => Val::new((*number).into()),
            Kind::Bool(is) => Val::new((*is).into()),
            Kind::Nil => Val::new(Value::Null),
            Kind::Inner(pipeline) => self.value(pipeline, dot)?,
            Kind::Function(name) => return Err(Unsimulated(format!("`{name}` as an argument in a `--format`")).into()),
        };
        self.fields(value, operand)
    }

    fn fields(&self, mut value: Val<'a>, operand: &'a Operand) -> Step<Val<'a>> {
        let stop = |why: String| Stop::At(operand.at, operand.shown(), why);
        for (n, field) in operand.fields.iter().enumerate() {
            let is_last = n + 1 == operand.fields.len();
            let inner = match &value.value {
                Cow::Borrowed(Value::Object(map)) => map.get(field).map(|inner| Val::of(inner, field)),
                Cow::Owned(Value::Object(map)) => {
                    map.get(field).map(|inner| Val { value: Cow::Owned(inner.clone()), name: field })
                }
                Cow::Borrowed(Value::Null) | Cow::Owned(Value::Null) => {
                    return Err(stop(format!("nil pointer evaluating interface {{}}.{field}")));
                }
                _ => return Err(stop(format!("can't evaluate field {field} in type interface {{}}"))),
            };
            value = match (inner, self.subject.of_type) {
                (Some(inner), _) => inner,
                (None, Some(of_type)) => return Err(stop(format!("can't evaluate field {field} in type {of_type}"))),
                (None, None) if is_last && OPTIONAL.contains(&field.as_str()) => {
                    Val { value: Cow::Owned(Value::Null), name: field }
                }
                (None, None) => return Err(stop(format!("map has no entry for key {field:?}"))),
            };
        }
        Ok(value)
    }
}
