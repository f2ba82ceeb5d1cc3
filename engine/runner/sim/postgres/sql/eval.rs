//! Values of expressions.

use super::super::session::Session;
use super::ast::{Expr, Is, Type};
use super::number::Numeric;
use super::operators;
use super::query;
use super::value::{Interval, Value, parse_lsn, parse_time};
use super::{Fail, SqlError};

/// The columns that an expression sees: those of one row of each source, and those around them.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub frames: &'a [Frame<'a>],
    pub outer: Option<&'a Self>,
}

/// The columns of one source.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    pub alias: &'a str,
    pub columns: &'a [String],
    /// None: nobody knows what is in the rows.
    pub row: Option<&'a [Value]>,
    /// There are other columns too.
    pub partial: bool,
}

impl Scope<'_> {
    pub const NOTHING: Self = Self { frames: &[], outer: None };
}

/// Works out values against a session.
pub struct Evaluator<'e, 's> {
    pub session: &'e mut Session<'s>,
}

impl Evaluator<'_, '_> {
    pub fn value(&mut self, expression: &Expr, scope: &Scope<'_>) -> Result<Value, Fail> {
        Ok(match expression {
            Expr::Value(value) => value.clone(),
            Expr::Column { table, name, at } => column(scope, table.as_deref(), name, *at)?,
            Expr::Call(call) => return self.call(call, scope),
            Expr::Not(inner) => match self.truth(inner, scope)? {
                Some(truth) => Value::Bool(!truth),
                None => Value::Null,
            },
            Expr::Negate(inner) => operators::negate(self.value(inner, scope)?)?,
            Expr::Binary(operator, left, right) => return operators::binary(self, *operator, left, right, scope),
            Expr::Is(inner, is, turned) => {
                let value = self.value(inner, scope)?;
                let is = match is {
                    Is::Null => value.is_null(),
                    Is::True => value == Value::Bool(true),
                    Is::False => value == Value::Bool(false),
                };
                Value::Bool(is != *turned)
            }
            Expr::In(inner, list, turned) => {
                let value = self.value(inner, scope)?;
                let list: Vec<Value> = list.iter().map(|item| self.value(item, scope)).collect::<Result<_, _>>()?;
                is_in(&value, &list, *turned)?
            }
            Expr::InQuery(inner, query, turned) => {
                let value = self.value(inner, scope)?;
                let output = query::run(self.session, query, scope)?;
                let list: Vec<Value> = output.rows.into_iter().filter_map(|row| row.into_iter().next()).collect();
                is_in(&value, &list, *turned)?
            }
            Expr::Between(inner, low, high) => {
                let value = self.value(inner, scope)?;
                let (low, high) = (self.value(low, scope)?, self.value(high, scope)?);
                match (operators::compare(&value, &low)?, operators::compare(&value, &high)?) {
                    (Some(low), Some(high)) => Value::Bool(low.is_ge() && high.is_le()),
                    _ => Value::Null,
                }
            }
            Expr::Like(text, pattern, any_case) => {
                let (text, pattern) = (self.value(text, scope)?, self.value(pattern, scope)?);
                if text.is_null() || pattern.is_null() {
                    Value::Null
                } else {
                    Value::Bool(operators::like(&text.to_string(), &pattern.to_string(), *any_case))
                }
            }
            Expr::Cast(inner, named) => {
                let value = self.value(inner, scope)?;
                cast(value, *named)?
            }
            Expr::Case(arms, otherwise) => {
                for (condition, value) in arms {
                    if self.truth(condition, scope)? == Some(true) {
                        return self.value(value, scope);
                    }
                }
                match otherwise {
                    Some(otherwise) => return self.value(otherwise, scope),
                    None => Value::Null,
                }
            }
            Expr::Exists(query) => Value::Bool(query::exists(self.session, query, scope)?),
            Expr::Scalar(query) => {
                let output = query::run(self.session, query, scope)?;
                if output.columns.len() > 1 {
                    return Err(SqlError::new("subquery must return only one column").into());
                }
                if output.rows.len() > 1 {
                    return Err(SqlError::new("more than one row returned by a subquery used as an expression").into());
                }
                output.rows.into_iter().flatten().next().unwrap_or(Value::Null)
            }
            Expr::Extract(field, inner) => extract(field, &self.value(inner, scope)?)?,
        })
    }

    /// True, false, or unknown.
    pub fn truth(&mut self, expression: &Expr, scope: &Scope<'_>) -> Result<Option<bool>, Fail> {
        match self.value(expression, scope)? {
            Value::Null => Ok(None),
            Value::Bool(truth) => Ok(Some(truth)),
            other => match cast(other, Type::Bool)? {
                Value::Bool(truth) => Ok(Some(truth)),
                _ => Ok(None),
            },
        }
    }
}

/// The value of a column, looked for from the inside to the outside.
fn column(scope: &Scope<'_>, table: Option<&str>, name: &str, at: usize) -> Result<Value, Fail> {
    let mut here = Some(scope);
    while let Some(scope) = here {
        for frame in scope.frames.iter().filter(|frame| table.is_none_or(|table| table == frame.alias)) {
            let Some(row) = frame.row else { return Err(Fail::Rows) };
            if let Some(n) = frame.columns.iter().position(|column| column == name) {
                return Ok(row.get(n).cloned().unwrap_or(Value::Null));
            }
            if frame.partial {
                return Err(Fail::unknown(&format!("column {}.{name}", frame.alias)));
            }
        }
        here = scope.outer;
    }
    let known = |table: &str| scope.frames.iter().any(|frame| frame.alias == table);
    let message = match table {
        Some(table) if !known(table) => format!("missing FROM-clause entry for table \"{table}\""),
        Some(table) => format!("column {table}.{name} does not exist"),
        None => format!("column \"{name}\" does not exist"),
    };
    Err(SqlError::new(message).at(at).into())
}

fn is_in(value: &Value, list: &[Value], turned: bool) -> Result<Value, Fail> {
    let mut unknown = value.is_null();
    for item in list {
        match operators::compare(value, item)? {
            Some(order) if order.is_eq() => return Ok(Value::Bool(!turned)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown && !list.is_empty() { Value::Null } else { Value::Bool(turned) })
}

/// A value as another type.
pub fn cast(value: Value, named: Type) -> Result<Value, Fail> {
    let text = match (&value, named) {
        (Value::Null, _) => return Ok(Value::Null),
        (Value::Int(_), Type::Int) | (Value::Bool(_), Type::Bool) | (Value::Time(_), Type::Time) => return Ok(value),
        (Value::Int(number), Type::Bool) => return Ok(Value::Bool(*number != 0)),
        (Value::Bool(flag), Type::Int) => return Ok(Value::Int(i64::from(*flag))),
        (Value::Numeric(number), Type::Int) => {
            let whole = number.to_whole().ok_or_else(|| SqlError::new("bigint out of range"))?;
            return Ok(Value::Int(whole));
        }
        _ => value.to_string(),
    };
    let (cast, name) = match named {
        Type::Text => return Ok(Value::Text(text)),
        Type::Json => return Ok(Value::Json(text)),
        Type::Int => (text.trim().parse().ok().map(Value::Int), "integer"),
        Type::Numeric => (Numeric::parse(text.trim()).map(Value::Numeric), "numeric"),
        Type::Bool => (boolean(text.trim()).map(Value::Bool), "boolean"),
        Type::Time => (parse_time(&text).map(Value::Time), "timestamp with time zone"),
        Type::Interval => (Interval::parse(&text).map(Value::Interval), "interval"),
        Type::Lsn => (parse_lsn(text.trim()).map(Value::Lsn), "pg_lsn"),
    };
    cast.ok_or_else(|| SqlError::new(format!("invalid input syntax for type {name}: \"{text}\"")).into())
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "t" | "true" | "yes" | "on" | "1" | "y" => Some(true),
        "f" | "false" | "no" | "off" | "0" | "n" => Some(false),
        _ => None,
    }
}

fn extract(field: &str, value: &Value) -> Result<Value, Fail> {
    match (field, value) {
        (_, Value::Null) => Ok(Value::Null),
        ("epoch", Value::Interval(interval)) => Ok(interval.seconds().map_or(Value::Null, Value::Numeric)),
        ("epoch", Value::Time(time)) => {
            Ok(Value::Numeric(Numeric { digits: i128::from(time.timestamp_micros()), scale: 6 }))
        }
        _ => Err(Fail::unknown(&format!("extract({field} from …)"))),
    }
}
