//! The tree to a value. Strict: nothing undefined leaves a part of an expression unless something asks for it (`is defined`,
//! `default`); nothing unknown or secret is looked into.

use std::ops::Range;
use std::sync::LazyLock;

use minijinja::value::Kwargs;
use minijinja::{Error, State, Value};

use super::environment::ENVIRONMENT;
use super::node::{Arg, Kind, Node, is_default, is_defined};
use super::{arithmetic, compare};
use crate::template::nearest::nearest;
use crate::template::scope::{Found, Scope, VarsValue};
use crate::template::value::{as_bool, as_unknown, is_lazy, kind, show};
use crate::template::{EvalError, value};

/// Parts evaluated; lists are walked by filters and do not count.
const FUEL: u32 = 20_000;

/// Why there is no value.
pub(super) enum Stop {
    /// In this expression.
    Here(Range<usize>, String),
    /// In a variable, with its own place.
    There(EvalError),
    /// Not before this step has run.
    Unknown(String),
}

type Outcome = Result<Value, Stop>;

pub(super) struct Evaluation<'a> {
    source: &'a str,
    scope: &'a Scope,
    state: Option<State<'static, 'static>>,
    fuel: u32,
}

impl<'a> Evaluation<'a> {
    pub fn new(source: &'a str, scope: &'a Scope) -> Self {
        Self { source, scope, state: None, fuel: FUEL }
    }

    /// The value; defined, known, and free of unknown parts.
    pub fn run(&mut self, node: &Node) -> Outcome {
        let value = self.value(node)?;
        self.plain_throughout(node, &value)?;
        Ok(value)
    }

    /// A defined value.
    fn value(&mut self, node: &Node) -> Outcome {
        let value = self.maybe(node, false)?;
        if value.is_undefined() {
            return Err(here(node, format!("`{}` gave nothing", self.text(node))));
        }
        Ok(value)
    }

    /// A value that may be undefined if `lenient`; then also names along a chain may be missing.
    fn maybe(&mut self, node: &Node, lenient: bool) -> Outcome {
        self.fuel = self.fuel.checked_sub(1).ok_or_else(|| here(node, "the expression takes too long".to_owned()))?;
        let value = self.kind(node, lenient)?;
        match kind(&value) {
            "unknown" | "error" => Err(self.stop(node, &value)),
            _ => Ok(value),
        }
    }

    /// What an unknown or failed value means.
    fn stop(&self, node: &Node, value: &Value) -> Stop {
        if let Some(step) = as_unknown(value) {
            return Stop::Unknown(step);
        }
        // The error inside a failed value comes out only of an iterator over it.
        let list = Value::from(vec![value.clone()]);
        let error = list.try_iter().ok().and_then(|items| items.checked().find_map(Result::err));
        self.failed(node, error)
    }

    /// A value with an unknown or failed part is that as a whole.
    fn plain_throughout(&self, node: &Node, value: &Value) -> Result<(), Stop> {
        not_plain(value, &mut 10_000).map_or(Ok(()), |part| Err(self.stop(node, &part)))
    }

    fn kind(&mut self, node: &Node, lenient: bool) -> Outcome {
        match &node.kind {
            Kind::Const(value) => Ok(value.clone()),
            Kind::Name(name) => self.name(node, name, lenient),
            Kind::Attr(base, name) => {
                let base_value = self.maybe(base, lenient)?;
                self.member(node, base, &base_value, &Value::from(name.as_str()), lenient)
            }
            Kind::Item(base, key) => {
                let base_value = self.maybe(base, lenient)?;
                let key = self.value(key)?;
                self.member(node, base, &base_value, &key, lenient)
            }
            Kind::Slice(base, bounds) => {
                let base = self.value(base)?;
                let mut parts = vec![("value", base)];
                for (name, bound) in ["start", "stop", "step"].into_iter().zip(bounds) {
                    let bound = bound.as_ref().map_or(Ok(Value::from(())), |bound| self.value(bound))?;
                    parts.push((name, bound));
                }
                let sliced = SLICE.eval(Value::from_pairs(parts)).map_err(|error| self.failed(node, Some(error)))?;
                // Lists come back lazily; what is asked twice must not be walked twice.
                Ok(value::items(&sliced).map_or(sliced, Value::from))
            }
            Kind::Not(operand) => self.truth(operand).map(|truth| Value::from(!truth)),
            Kind::Neg(operand) => {
                let operand = self.value(operand)?;
                arithmetic::negate(&operand).map_err(|why| self.explained(node, &why))
            }
            Kind::And(left, right) => {
                let value = self.value(left)?;
                if self.truth_of(left, &value)? { self.value(right) } else { Ok(value) }
            }
            Kind::Or(left, right) => {
                let value = self.value(left)?;
                if self.truth_of(left, &value)? { Ok(value) } else { self.value(right) }
            }
            Kind::Math(math, left, right) => {
                let (left, right) = (self.open(left)?, self.open(right)?);
                arithmetic::calculate(*math, &left, &right).map_err(|why| self.explained(node, &why))
            }
            Kind::Compare(first, rest) => self.comparison(node, first, rest),
            Kind::If { test, then, otherwise } => match (self.truth(test)?, otherwise) {
                (true, _) => self.maybe(then, lenient),
                (false, Some(otherwise)) => self.maybe(otherwise, lenient),
                (false, None) => Ok(Value::UNDEFINED),
            },
            Kind::Filter { name, on, args } => self.filter(node, name, on, args, lenient),
            Kind::Test { name, on, args } => self.test(node, name, on, args),
            Kind::Range(args) => {
                let args = self.arguments(args)?;
                let range = minijinja::value::from_args::<(isize, Option<isize>, Option<isize>)>(&args)
                    .and_then(|(lower, upper, step)| minijinja::functions::range(lower, upper, step))
                    .map_err(|error| self.failed(node, Some(error)))?;
                Ok(value::items(&range).map_or(range, Value::from))
            }
            Kind::List(items) => {
                items.iter().map(|item| self.value(item)).collect::<Result<Vec<_>, _>>().map(Value::from)
            }
            Kind::Map(pairs) => {
                let mut map = Vec::with_capacity(pairs.len());
                for (key, value) in pairs {
                    map.push((self.open(key)?, self.value(value)?));
                }
                Ok(Value::from_pairs(map))
            }
        }
    }

    fn name(&self, node: &Node, name: &str, lenient: bool) -> Outcome {
        match self.scope.find(name) {
            Some(Found::Value(value)) => Ok(value),
            Some(Found::Vars(vars)) => Ok(Value::from_object(vars)),
            Some(Found::Failed(why)) => Err(here(node, format!("`{name}`: {why}"))),
            None if lenient => Ok(Value::UNDEFINED),
            None => Err(here(node, missing(&format!("`{name}` is not defined"), name, self.scope.names()))),
        }
    }

    /// `base.key` or `base[key]`.
    fn member(&self, node: &Node, base: &Node, value: &Value, key: &Value, lenient: bool) -> Outcome {
        if let (Some(vars), Some(name)) = (value.downcast_object_ref::<VarsValue>(), key.as_str()) {
            return match vars.read(name) {
                Some(Ok(value)) => Ok(value),
                Some(Err(error)) => Err(error.unknown.clone().map_or(Stop::There(error), Stop::Unknown)),
                None if lenient => Ok(Value::UNDEFINED),
                None => Err(here(node, missing(&format!("there is no variable `{name}`"), name, vars.names()))),
            };
        }
        let found = match kind(value) {
            "mapping" | "list" | "object" => value.get_item(key).map_err(|error| self.failed(node, Some(error)))?,
            "secret" => {
                return Err(here(node, format!("`{}` is a secret: it can only be passed on", self.text(base))));
            }
            _ => Value::UNDEFINED,
        };
        if !found.is_undefined() || lenient {
            return Ok(found);
        }
        let (whole, from) = (self.text(node), self.text(base));
        let message = match (kind(value), key.as_str()) {
            ("mapping", Some(name)) => {
                let names: Vec<Value> = value.try_iter().into_iter().flatten().collect();
                missing(&format!("`{whole}` is not defined"), name, names.iter().filter_map(Value::as_str))
            }
            ("mapping", None) => format!("`{whole}` is not defined: `{from}` has no key {}", show(key)),
            ("list", _) => {
                format!(
                    "`{whole}` is not defined: `{from}` is a list of {} without {}",
                    value.len().unwrap_or(0),
                    show(key)
                )
            }
            ("undefined", _) => format!("`{from}` gave nothing, so `{whole}` is not defined"),
            (kind, _) => format!("`{whole}` is not defined: `{from}` is a {kind} ({})", show(value)),
        };
        Err(here(node, message))
    }

    fn comparison(&mut self, node: &Node, first: &Node, rest: &[(super::node::Relation, Node)]) -> Outcome {
        let mut left = self.open(first)?;
        for (relation, operand) in rest {
            let right = self.open(operand)?;
            if !compare::compare(*relation, &left, &right).map_err(|why| self.explained(node, &why))? {
                return Ok(Value::from(false));
            }
            left = right;
        }
        Ok(Value::from(true))
    }

    fn filter(&mut self, node: &Node, name: &str, on: &Node, args: &[Arg], lenient: bool) -> Outcome {
        if is_default(name) {
            let value = self.maybe(on, true)?;
            let also_false = match args.get(1) {
                Some(arg) => self.truth(&arg.value)?,
                None => false,
            };
            let replaced = value.is_undefined() || also_false && !self.truth_of(on, &value)?;
            if !replaced {
                return Ok(value);
            }
            return args.first().map_or(Ok(Value::from("")), |arg| self.maybe(&arg.value, lenient));
        }
        let value = self.maybe(on, lenient)?;
        if value.is_undefined() {
            return if lenient { Ok(value) } else { Err(here(on, format!("`{}` gave nothing", self.text(on)))) };
        }
        self.not_secret(on, &value)?;
        self.plain_throughout(on, &value)?;
        let mut all = vec![value];
        all.extend(self.arguments(args)?);
        let result = self.state().apply_filter(name, &all);
        result.map_err(|error| self.failed(node, Some(error)))
    }

    fn test(&mut self, node: &Node, name: &str, on: &Node, args: &[Arg]) -> Outcome {
        if is_defined(name) {
            let defined = !self.maybe(on, true)?.is_undefined();
            return Ok(Value::from(defined == (name == "defined")));
        }
        let value = self.value(on)?;
        if name == "none" {
            return Ok(Value::from(value.is_none()));
        }
        self.not_secret(on, &value)?;
        self.plain_throughout(on, &value)?;
        let mut all = vec![value];
        all.extend(self.arguments(args)?);
        let result = self.state().perform_test(name, &all);
        result.map(Value::from).map_err(|error| self.failed(node, Some(error)))
    }

    /// Positional, then the keywords as minijinja takes them.
    fn arguments(&mut self, args: &[Arg]) -> Result<Vec<Value>, Stop> {
        let mut positional = Vec::with_capacity(args.len());
        let mut keywords: Vec<(&str, Value)> = Vec::new();
        for arg in args {
            let value = self.open(&arg.value)?;
            self.plain_throughout(&arg.value, &value)?;
            match &arg.keyword {
                Some(keyword) => keywords.push((keyword, value)),
                None => positional.push(value),
            }
        }
        if !keywords.is_empty() {
            positional.push(keywords.into_iter().collect::<Kwargs>().into());
        }
        Ok(positional)
    }

    /// A value that is looked into: no secret.
    fn open(&mut self, node: &Node) -> Outcome {
        let value = self.value(node)?;
        self.not_secret(node, &value)?;
        Ok(value)
    }

    fn not_secret(&self, node: &Node, value: &Value) -> Result<(), Stop> {
        match kind(value) {
            "secret" => Err(here(node, format!("`{}` is a secret: it can only be passed on", self.text(node)))),
            _ => Ok(()),
        }
    }

    fn truth(&mut self, node: &Node) -> Result<bool, Stop> {
        let value = self.value(node)?;
        self.truth_of(node, &value)
    }

    /// Empty, zero, none and false are false. A text that spells a boolean would always be true: refused.
    fn truth_of(&self, node: &Node, value: &Value) -> Result<bool, Stop> {
        if let Some(bool) = as_bool(value) {
            return Ok(bool);
        }
        if value.as_str().is_some_and(|text| matches!(text.trim(), "true" | "false" | "True" | "False")) {
            let message = format!(
                "`{}` is the text {}, which as a condition is always true; use `| bool`",
                self.text(node),
                show(value)
            );
            return Err(here(node, message));
        }
        Ok(value.is_true())
    }

    fn state(&mut self) -> &mut State<'static, 'static> {
        let scope = self.scope;
        self.state.get_or_insert_with(|| {
            let mut state = ENVIRONMENT.empty_state();
            if let Some(now) = scope.get("now") {
                state.set_temp("now", now);
            }
            state
        })
    }

    pub fn text(&self, node: &Node) -> &str {
        self.source.get(node.range.clone()).unwrap_or(self.source).trim()
    }

    fn explained(&self, node: &Node, why: &str) -> Stop {
        here(node, format!("in `{}` {why}", self.text(node)))
    }

    /// An error of minijinja or of one of our filters.
    fn failed(&self, node: &Node, error: Option<Error>) -> Stop {
        let why = error.map_or_else(String::new, |error| match error.detail() {
            Some(detail) => detail.to_owned(),
            None => error.kind().to_string(),
        });
        self.explained(node, &why)
    }
}

static SLICE: LazyLock<minijinja::Expression<'static, 'static>> = LazyLock::new(|| {
    let compiled = ENVIRONMENT.compile_expression("value[start:stop:step]");
    compiled.expect("a constant expression that a test evaluates")
});

fn missing<'n>(message: &str, name: &str, names: impl Iterator<Item = &'n str>) -> String {
    match nearest(name, names) {
        Some(near) => format!("{message}; did you mean `{near}`?"),
        None => message.to_owned(),
    }
}

fn here(node: &Node, message: String) -> Stop {
    Stop::Here(node.range.clone(), message)
}

/// The first unknown or failed part. Looks at ten thousand parts at most: larger values are data from outside, which has none.
fn not_plain(value: &Value, budget: &mut u32) -> Option<Value> {
    *budget = budget.checked_sub(1)?;
    match kind(value) {
        "unknown" | "error" => Some(value.clone()),
        "list" => value.try_iter().ok()?.find_map(|item| not_plain(&item, budget)),
        "mapping" if is_lazy(value) => None,
        "mapping" => value.try_iter().ok()?.find_map(|key| not_plain(&value.get_item(&key).ok()?, budget)),
        _ => None,
    }
}
