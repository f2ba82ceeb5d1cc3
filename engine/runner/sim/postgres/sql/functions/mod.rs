//! Functions of SQL: those over values, and those that ask or change the server.

mod server;
mod values;

use super::super::session::Session;
use super::ast::Call;
use super::eval::{Evaluator, Scope};
use super::query::Output;
use super::value::Value;
use super::{Fail, SqlError, aggregate};

impl Evaluator<'_, '_> {
    /// The value of a call.
    pub fn call(&mut self, call: &Call, scope: &Scope<'_>) -> Result<Value, Fail> {
        if aggregate::is_aggregate(&call.name) {
            // One row: nothing is selected from.
            if scope.frames.is_empty() && scope.outer.is_none_or(|outer| outer.frames.is_empty()) && call.star {
                return Ok(Value::Int(1));
            }
            return Err(SqlError::new("aggregate functions are not allowed here").at(call.at).into());
        }
        if call.name == "coalesce" {
            for argument in &call.arguments {
                let value = self.value(argument, scope)?;
                if !value.is_null() {
                    return Ok(value);
                }
            }
            return Ok(Value::Null);
        }
        let values = call.arguments.iter().map(|argument| self.value(argument, scope));
        let values = values.collect::<Result<Vec<_>, Fail>>()?;
        if let Some(value) = values::call(&call.name, &values)? {
            return Ok(value);
        }
        if let Some(value) = server::call(self.session, &call.name, &values)? {
            return Ok(value);
        }
        Err(Fail::unknown(&format!("the function {}", call.name)))
    }
}

/// The rows that a function gives in `from`.
pub fn rows(session: &mut Session<'_>, call: &Call, outer: &Scope<'_>) -> Result<Output, Fail> {
    let values = call.arguments.iter().map(|argument| Evaluator { session: &mut *session }.value(argument, outer));
    let values = values.collect::<Result<Vec<_>, Fail>>()?;
    match (call.name.as_str(), values.as_slice()) {
        ("generate_series", [Value::Int(first), Value::Int(last)]) if last.saturating_sub(*first) < 10_000 => {
            let rows = (*first..=*last).map(|number| vec![Value::Int(number)]).collect();
            Ok(Output { columns: vec!["generate_series".to_owned()], rows })
        }
        ("pg_ls_archive_statusdir", []) => {
            let waiting = super::super::wal::waiting(session.world, &session.backend);
            let moment = Value::Time(session.began);
            let row = |name: String| vec![Value::Text(name), Value::Int(0), moment.clone()];
            Ok(Output {
                columns: named(&["name", "size", "modification"]),
                rows: waiting.into_iter().map(row).collect(),
            })
        }
        _ => {
            let value = Evaluator { session }.call(call, outer)?;
            Ok(Output { columns: vec![call.name.clone()], rows: vec![vec![value]] })
        }
    }
}

fn named(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|&column| column.to_owned()).collect()
}
