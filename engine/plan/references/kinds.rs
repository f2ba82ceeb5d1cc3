//! Kinds of names, as far as documents say them: what can never be compared or be a condition is found before the run.

use crate::model::runbook::{Param, ParamType};
use crate::plan::Body;
use crate::plan::builder::Builder;
use crate::template::scope::Var;
use crate::template::{Expression, Known};

use super::{Reader, Slot, Watch, rehearsal};

/// The kind of a parameter that has a value.
#[must_use]
pub const fn of_param(param: &Param) -> &'static str {
    match param.kind {
        ParamType::String | ParamType::Enum => "text",
        ParamType::Int | ParamType::Number => "number",
        ParamType::Bool => "boolean",
        ParamType::Duration => "duration",
        ParamType::Timestamp => "timestamp",
        ParamType::Bytes => "bytes",
        ParamType::List => "list",
    }
}

/// The kind of a part of a result.
fn of_result(name: &str) -> Option<&'static str> {
    match name {
        "exit" | "status" => Some("number"),
        "stdout" | "stderr" => Some("text"),
        "lines" => Some("list"),
        "elapsed" => Some("duration"),
        "healthy" => Some("boolean"),
        _ => None,
    }
}

impl Builder<'_> {
    /// Finds comparisons of unlike kinds in an expression.
    pub fn kinds(&mut self, expression: &Expression, reader: Reader) {
        let found = expression.unlike_kinds(&|path| self.kind(path, reader));
        self.report(found);
    }

    /// Finds an expression that can never be a condition.
    pub fn condition(&mut self, expression: &Expression, reader: Reader) {
        self.expression_references(expression, reader);
        let found = expression.never_holds(&|path| self.kind(path, reader));
        self.report(found);
    }

    fn report(&mut self, found: impl IntoIterator<Item = crate::template::EvalError>) {
        for error in found {
            self.findings.push(crate::model::diagnostic::Diagnostic { code: "plan::kind", ..error.diagnostic() });
        }
    }

    /// The kind of a name, where it is certain. Loop names and what an operation is given are not.
    pub(super) fn kind(&self, path: &[&str], reader: Reader) -> Option<&'static str> {
        let root = *path.first()?;
        if let Some(node) = reader.node {
            let bound = self.nodes[node.0 as usize].bindings.iter().any(|(name, _)| name == root);
            if bound || self.notes[node.0 as usize].open.iter().any(|name| name == root) {
                return None;
            }
        }
        let frame = &self.frames[reader.frame.0 as usize];
        match path {
            ["params", name] => frame.kinds.get(*name).copied(),
            ["vars", name] => match frame.vars.get(*name)? {
                Var::List(_) => Some("list"),
                Var::Text(template) => {
                    let known: Known<'_> = &|path| match path {
                        ["vars", ..] => None,
                        other => self.kind(other, reader),
                    };
                    template.only().map_or(Some("text"), |expression| expression.kind(known))
                }
            },
            ["world", ..] if reader.watch != Watch::Nothing => rehearsal::kind(path),
            ["run", "id" | "stamp" | "operator" | "outcome"] | ["steps", _, "outcome"] => Some("text"),
            ["run", "started"] => Some("timestamp"),
            ["run", "elapsed"] => Some("duration"),
            ["steps", id, "outputs", name] => self.output_kind(id, name, reader),
            ["before", name] | [name] if reader.slot == Slot::Judgement && reader.results.contains(name) => {
                of_result(name)
            }
            _ => None,
        }
    }

    /// The kind of another step's output that is made of its result.
    fn output_kind(&self, id: &str, name: &str, reader: Reader) -> Option<&'static str> {
        let node = &self.nodes[self.find_step(reader.frame, id)?.0 as usize];
        let Body::Operation(operation) = &node.body else { return None };
        let (_, output) = operation.judge.outputs.iter().find(|(own, _)| own == name)?;
        output.kind(&|path| if let [name] = path { of_result(name) } else { None })
    }
}
