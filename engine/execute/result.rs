//! A completion as expressions see it: `exit`, `stdout`, `lines`, `json`, `fields`, `status`, `headers`, `elapsed`, …

use minijinja::{Error, ErrorKind};

use crate::model::work::{Completion, End};
use crate::template::{Scope, Value, value};

/// The names of a result, ready to be laid over a step's scope. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct ResultView {
    names: Vec<(&'static str, Value)>,
}

impl ResultView {
    /// What an attempt brought back.
    pub(super) fn of(completion: &Completion) -> Self {
        let mut names = vec![
            ("stderr", Value::from(completion.stderr.trim_end_matches('\n'))),
            ("elapsed", value::duration(completion.elapsed)),
        ];
        match &completion.end {
            End::Exited(code) => names.push(("exit", Value::from(*code))),
            End::Responded { status, headers } => {
                names.push(("status", Value::from(*status)));
                names.push((
                    "headers",
                    Value::from_pairs(headers.iter().map(|(k, v)| (k.as_str(), Value::from(v.as_str())))),
                ));
            }
            End::Signaled { .. }
            | End::TimedOut
            | End::Cancelled
            | End::Unreachable { .. }
            | End::NotStarted { .. }
            | End::Done { .. } => {}
        }
        if let Some(stdout) = &completion.stdout {
            names.extend(output_names(stdout, completion.truncated));
        }
        Self { names }
    }

    /// What a group brought together.
    pub(super) fn gathered(names: Vec<(&'static str, Value)>) -> Self {
        Self { names }
    }

    /// `lines` and `stdout` of several logs.
    pub(super) fn logs(text: &str) -> Self {
        Self { names: output_names(text, false) }
    }

    /// The result as one mapping, for `before`.
    pub(super) fn as_value(&self) -> Value {
        Value::from_pairs(self.names.iter().cloned())
    }

    /// Lays the names over a scope.
    pub(super) fn over(&self, scope: &Scope) -> Scope {
        self.names.iter().fold(scope.clone(), |scope, (name, value)| scope.with(name, value.clone()))
    }
}

fn output_names(stdout: &str, truncated: bool) -> Vec<(&'static str, Value)> {
    if truncated {
        let cut = || {
            Value::from(Error::new(
                ErrorKind::InvalidOperation,
                "the output is over 1 MiB: write it to a file, or let the command print less",
            ))
        };
        return ["stdout", "lines", "json", "fields"].into_iter().map(|name| (name, cut())).collect();
    }
    let text = stdout.trim_end_matches('\n').trim_end_matches('\r');
    let json = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(json) => value::from_json(&json),
        Err(error) => json_lines(text).unwrap_or_else(|| {
            Value::from(Error::new(ErrorKind::InvalidOperation, format!("the output is not JSON: {error}")))
        }),
    };
    let lines: Vec<Value> = text.lines().map(|line| Value::from(line.trim_end_matches('\r'))).collect();
    let fields = Value::from_pairs(text.lines().filter_map(|line| {
        let (key, field) = line.split_once(':')?;
        Some((key.trim().to_owned(), Value::from(field.trim())))
    }));
    vec![("stdout", Value::from(text)), ("lines", Value::from(lines)), ("json", json), ("fields", fields)]
}

/// One document a line, as `docker compose ps --format json` prints them, is a list.
fn json_lines(text: &str) -> Option<Value> {
    if text.lines().count() < 2 {
        return None;
    }
    let documents: Result<Vec<serde_json::Value>, _> = text.lines().map(serde_json::from_str).collect();
    documents.ok().map(|documents| value::from_json(&serde_json::Value::Array(documents)))
}
