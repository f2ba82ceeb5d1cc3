//! A completion as expressions see it: `exit`, `stdout`, `lines`, `json`, `fields`, `status`, `headers`, `elapsed`, …

use std::sync::Arc;

use crate::model::work::{Completion, End};
use crate::template::{Scope, Value, value};

type Make = fn(&str) -> Result<Value, String>;

/// Names that are made from captured output when they are first read.
const MADE: [(&str, Make); 3] = [("lines", lines), ("json", json), ("fields", fields)];

/// The names of a result, ready to be laid over a step's scope. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct ResultView {
    names: Vec<(&'static str, Value)>,
    output: Option<Output>,
}

#[derive(Clone, Debug)]
enum Output {
    Whole(Arc<str>),
    Cut,
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
                let headers = headers.iter().map(|(name, text)| (name.as_str(), Value::from(text.as_str())));
                names.push(("headers", Value::from_pairs(headers)));
            }
            End::Signaled { .. }
            | End::TimedOut
            | End::Cancelled
            | End::Unreachable { .. }
            | End::NotStarted { .. }
            | End::Done { .. } => {}
        }
        let output = completion.stdout.as_deref().map(|text| output(text, completion.truncated));
        Self { names, output }
    }

    /// What a group brought together.
    pub(super) fn gathered(names: Vec<(&'static str, Value)>) -> Self {
        Self { names, output: None }
    }

    /// A result kept by the journal, as [`Self::as_value`] gave it.
    pub(super) fn restored(kept: &Value) -> Self {
        const NAMES: [&str; 10] =
            ["stderr", "elapsed", "exit", "status", "headers", "stdout", "lines", "json", "fields", "healthy"];
        let names =
            NAMES.iter().filter_map(|name| Some((*name, kept.get_attr(name).ok().filter(|it| !it.is_undefined())?)));
        Self { names: names.collect(), output: None }
    }

    /// `lines` and `stdout` of several logs.
    pub(super) fn logs(text: &str) -> Self {
        Self { names: Vec::new(), output: Some(output(text, false)) }
    }

    /// The result as one mapping, for `before`; what cannot be had is left out.
    pub(super) fn as_value(&self) -> Value {
        let mut names = self.names.clone();
        if let Some(Output::Whole(text)) = &self.output {
            names.push(("stdout", Value::from(&**text)));
            names.extend(MADE.iter().filter_map(|(name, make)| Some((*name, make(text).ok()?))));
        }
        Value::from_pairs(names)
    }

    /// Lays the names over a scope.
    pub(super) fn over(&self, scope: &Scope) -> Scope {
        let mut scope = self.names.iter().fold(scope.clone(), |scope, (name, value)| scope.with(name, value.clone()));
        match &self.output {
            None => {}
            Some(Output::Cut) => {
                for name in ["stdout", "lines", "json", "fields"] {
                    scope = scope.with_lazy(name, || {
                        Err("the output is over 1 MiB: write it to a file, or let the command print less".to_owned())
                    });
                }
            }
            Some(Output::Whole(text)) => {
                scope = scope.with("stdout", &**text);
                for (name, make) in MADE {
                    let text = Arc::clone(text);
                    scope = scope.with_lazy(name, move || make(&text));
                }
            }
        }
        scope
    }
}

fn output(stdout: &str, truncated: bool) -> Output {
    if truncated { Output::Cut } else { Output::Whole(stdout.trim_end_matches(['\n', '\r']).into()) }
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for everything that is made from output")]
fn lines(text: &str) -> Result<Value, String> {
    Ok(text.lines().map(|line| line.trim_end_matches('\r')).collect())
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for everything that is made from output")]
fn fields(text: &str) -> Result<Value, String> {
    Ok(Value::from_pairs(text.lines().filter_map(|line| {
        let (key, field) = line.split_once(':')?;
        Some((key.trim(), field.trim()))
    })))
}

/// One document, or one a line (as `docker compose ps --format json` prints them), which is a list.
fn json(text: &str) -> Result<Value, String> {
    let whole = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(json) => return Ok(value::from_plain_json(&json)),
        Err(error) => format!("the output is not JSON: {error}"),
    };
    let documents: Result<Vec<serde_json::Value>, _> = text.lines().map(serde_json::from_str).collect();
    match documents {
        Ok(documents) if documents.len() > 1 => Ok(value::from_plain_json(&serde_json::Value::Array(documents))),
        _ => Err(whole),
    }
}
