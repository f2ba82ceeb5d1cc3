//! What of a resource is shown: columns, and for JSON and YAML the same as a tree.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map as Object, Value};

use super::super::expression::Bad;
use super::super::expression::key::{Key, Part, snake};
use super::super::expression::lexer::Lexer;
use super::super::expression::transform::{Call, apply};

/// The columns of a form; none: the whole resource.
#[derive(Debug, Default)]
pub struct Projection {
    pub columns: Vec<Column>,
    /// Names that columns have already.
    labels: Vec<String>,
    tree: Branch,
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    pub key: Key,
    pub calls: Vec<Call>,
    /// The transforms come from the command's own table.
    pub inherited: bool,
    pub label: String,
    /// Sorted by this column: its rank, and whether the other way round.
    pub sort: Option<(u32, bool)>,
    pub right: bool,
}

/// What of a part of a resource is shown.
#[derive(Clone, Debug, Default)]
struct Branch {
    /// All of it, through these.
    whole: Option<Vec<Call>>,
    parts: BTreeMap<Part, Branch>,
}

impl Projection {
    /// Reads `key, key:label=…)` from behind the parenthesis on.
    ///
    /// # Errors
    /// It is none, or this world does not know it.
    pub fn parse(&mut self, lexer: &mut Lexer<'_>, own: &[Column]) -> Result<(), Bad> {
        self.tree = Branch::default();
        lexer.skip_space();
        if lexer.eat(")").is_some() {
            return Ok(());
        }
        loop {
            lexer.skip_space();
            let column = self.column(lexer, own)?;
            self.tree.grow(&column);
            self.columns.push(column);
            lexer.skip_space();
            if lexer.need(")")?.is_some() {
                return Ok(());
            }
            if lexer.eat(",").is_none() {
                return Err(lexer.error("Expected ) in projection expression", lexer.position()));
            }
        }
    }

    fn column(&mut self, lexer: &mut Lexer<'_>, own: &[Column]) -> Result<Column, Bad> {
        let (mut key, mut calls) = lexer.key()?;
        let mut inherited = false;
        let known = match key.name() {
            Some(name) => own.iter().find(|column| column.label == name),
            None => None,
        };
        if let Some(known) = known {
            key = known.key.clone();
            inherited = calls.is_empty() && !known.calls.is_empty();
            calls.splice(0..0, known.calls.iter().cloned());
        }
        let known = known.or_else(|| own.iter().find(|column| column.key == key && !key.0.is_empty()));
        if calls.is_empty()
            && let Some(known) = known
        {
            inherited = !known.calls.is_empty();
            calls.clone_from(&known.calls);
        }
        let (mut label, mut sort, mut right) = (None, None, false);
        lexer.skip_space();
        while lexer.eat(":").is_some() {
            let name = lexer.token("=:,)", false, false)?.unwrap_or_default();
            let here = lexer.position();
            let value = if lexer.eat("=").is_some() {
                lexer.token(":,)", false, false)?.unwrap_or_default()
            } else {
                String::new()
            };
            match name.as_str() {
                "label" => label = Some(value),
                "sort" => sort = Some((value.parse().unwrap_or(1), false)),
                "reverse" => sort = sort.map(|(rank, _)| (rank, true)),
                "align" => right = value == "right",
                "wrap" | "optional" | "alias" | "format" | "width" => {
                    return Err(Bad::unsimulated(format!("`:{name}` in `--format`")));
                }
                _ => return Err(lexer.error("Unknown key attribute", here)),
            }
        }
        let label = label.or_else(|| known.map(|known| known.label.clone()));
        let label = label.unwrap_or_else(|| self.label(&key, &calls));
        self.labels.push(label.clone());
        Ok(Column { key, calls, inherited, label, sort, right })
    }

    /// The shortest name that no column has yet, from the end of the key on.
    fn label(&self, key: &Key, calls: &[Call]) -> String {
        let mut names: Vec<&str> = key
            .0
            .iter()
            .filter_map(|part| match part {
                Part::Name(name) => Some(name.as_str()),
                Part::Index(_) | Part::Slice => None,
            })
            .collect();
        if names.is_empty() {
            names.extend(calls.first().map(|call| call.name));
        }
        let mut label = String::new();
        for name in names.iter().rev() {
            let name = snake(name).to_uppercase();
            label = if label.is_empty() { name } else { format!("{name}_{label}") };
            if !self.labels.contains(&label) {
                break;
            }
        }
        label
    }

    /// The cells of a resource; `inherit`: with the transforms of the command's own table.
    pub fn row(&self, resource: &Value, inherit: bool) -> Vec<Value> {
        let cells = self.columns.iter().map(|column| {
            let value = column.key.get(resource);
            if column.inherited && !inherit { value.into_owned() } else { apply(&column.calls, &value) }
        });
        cells.collect()
    }

    /// The part of a resource that JSON and YAML show.
    pub fn of<'v>(&self, resource: &'v Value) -> Cow<'v, Value> {
        if self.columns.is_empty() {
            return Cow::Borrowed(resource);
        }
        Cow::Owned(self.tree.of(resource).unwrap_or(Value::Null))
    }
}

impl Branch {
    fn grow(&mut self, column: &Column) {
        let mut branch = self;
        for part in &column.key.0 {
            branch = branch.parts.entry(part.clone()).or_default();
        }
        branch.whole = Some(if column.inherited { Vec::new() } else { column.calls.clone() });
    }

    fn of(&self, value: &Value) -> Option<Value> {
        if let Some(calls) = &self.whole {
            return Some(apply(calls, value)).filter(|value| !value.is_null());
        }
        match value {
            Value::Object(fields) => {
                let shown = self.parts.iter().filter_map(|(part, branch)| {
                    let Part::Name(name) = part else { return None };
                    Some((name.clone(), branch.of(fields.get(name)?)?))
                });
                let shown: Object<String, Value> = shown.collect();
                (!shown.is_empty()).then_some(Value::Object(shown))
            }
            Value::Array(items) if items.is_empty() => Some(Value::Array(Vec::new())),
            Value::Array(items) => {
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let slice = self.parts.get(&Part::Slice);
                let shown = items.iter().zip(0..).map(|(item, n)| {
                    let own = [n, n - length].into_iter().find_map(|n| self.parts.get(&Part::Index(n)));
                    own.or(slice).and_then(|branch| branch.of(item))
                });
                let mut shown: Vec<Option<Value>> = shown.collect();
                let last = shown.iter().rposition(Option::is_some)?;
                shown.truncate(last + 1);
                Some(shown.into_iter().map(Option::unwrap_or_default).collect())
            }
            _ => None,
        }
    }
}
