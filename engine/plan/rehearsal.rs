//! What a plan knows of its rehearsal: faults, invariants, findings that stand, simulated answers. In no digest: none of it changes
//! what a run does.

use std::time::Duration;

use crate::model::change::{Change, Presence};
use crate::model::id::StepId;
use crate::model::rehearsal::{ChangeOf, Finding, OrText, Refusal, Word};
use crate::model::source::Span;
use crate::template::quantity::parse_duration;
use crate::template::{EvalError, Expression, Scope, Template, value};

use super::FrameIx;

/// A change, compiled.
#[derive(Clone, Debug)]
pub struct PlannedChange {
    /// Where it was written.
    pub place: Span,
    /// What it does.
    pub change: ChangeOf<Template>,
}

/// What an operation does in a rehearsal, compiled. Rendered in the operation's own scope, with `world`.
#[derive(Clone, Debug)]
pub struct Simulate {
    /// Where it was written.
    pub place: Span,
    /// What it prints; of a request: the body.
    pub stdout: Option<Template>,
    /// What it says.
    pub stderr: Option<Template>,
    /// Its exit code; none: 0.
    pub exit: Option<Expression>,
    /// Of a request: its status; none: 200.
    pub status: Option<Expression>,
    /// How long it takes; none: whoever asks decides.
    pub takes: Option<Duration>,
    /// What becomes of the world.
    pub effects: Vec<PlannedChange>,
    /// What the person answers, by input.
    pub inputs: Vec<(String, Template)>,
}

/// A fault of the root runbook (or of a case), compiled.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Its id.
    pub name: String,
    /// For people.
    pub title: Template,
    /// Where it was written.
    pub place: Span,
    /// What it does.
    pub effects: Vec<PlannedChange>,
    /// Whose names it sees.
    pub frame: FrameIx,
}

/// What must hold at every moment of every path.
#[derive(Clone, Debug)]
pub struct Invariant {
    /// Whose names it sees, with `world`.
    pub frame: FrameIx,
    /// A condition.
    pub expression: Expression,
    /// Where it was written.
    pub place: Span,
}

/// A finding that is known and stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Which.
    pub finding: Finding,
    /// At which step, with all that is inside it; none: wherever.
    pub step: Option<StepId>,
    /// Why.
    pub because: String,
    /// Where it was written.
    pub place: Span,
}

/// Everything of these, of one plan.
#[derive(Clone, Debug, Default)]
pub struct Rehearsal {
    /// Of the root runbook, in its order.
    pub faults: Vec<Fault>,
    /// Of the root runbook and every one that it includes.
    pub invariants: Vec<Invariant>,
    /// The same.
    pub accepted: Vec<Accepted>,
    /// Of the system.
    pub world: Vec<PlannedChange>,
}

/// What a simulated operation answers, rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What it prints; of a request: the body.
    pub stdout: String,
    /// What it says.
    pub stderr: String,
    /// Its exit code.
    pub exit: i32,
    /// Of a request: its status.
    pub status: u16,
    /// How long it takes; none: whoever asks decides.
    pub takes: Option<Duration>,
    /// What becomes of the world.
    pub effects: Vec<Change>,
    /// What the person answers, by input.
    pub inputs: Vec<(String, String)>,
}

impl Simulate {
    /// What it answers; `scope` has `world`.
    ///
    /// # Errors
    /// As [`PlannedChange::render`]; an exit code that is none (0 to 255), a status that is none (100 to 599).
    pub fn answer(&self, scope: &Scope) -> Result<Answer, EvalError> {
        let text = |template: Option<&Template>| template.map_or_else(|| Ok(String::new()), |it| it.render(scope));
        let exit = self.exit.as_ref().map_or(Ok(0), |it| number(it, scope, 0..=255, "an exit code"))?;
        let status = self.status.as_ref().map_or(Ok(200), |it| number(it, scope, 100..=599, "a status"))?;
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for (name, template) in &self.inputs {
            inputs.push((name.clone(), template.render(scope)?));
        }
        Ok(Answer {
            stdout: text(self.stdout.as_ref())?,
            stderr: text(self.stderr.as_ref())?,
            exit: i32::from(exit),
            status,
            takes: self.takes,
            effects: self.effects.iter().map(|effect| effect.render(scope)).collect::<Result<_, _>>()?,
            inputs,
        })
    }
}

/// A whole number in bounds.
fn number(
    expression: &Expression,
    scope: &Scope,
    bounds: std::ops::RangeInclusive<u16>,
    what: &str,
) -> Result<u16, EvalError> {
    let found = expression.eval(scope)?;
    let number = value::text(&found).and_then(|text| text.parse::<u16>().ok());
    number.filter(|number| value::kind(&found) == "number" && bounds.contains(number)).ok_or_else(|| {
        let (source, shown) = (expression.source().trim(), value::show(&found));
        let message =
            format!("`{source}` is {shown}, which is not {what}: a number from {} to {}", bounds.start(), bounds.end());
        EvalError::new(expression.span(), message)
    })
}

impl PlannedChange {
    /// The change with every text rendered. Pure.
    ///
    /// # Errors
    /// As [`Template::render`]; a rendered word, duration or number that is none.
    pub fn render(&self, scope: &Scope) -> Result<Change, EvalError> {
        let text = |template: &Template| template.render(scope);
        let maybe = |template: &Option<Template>| template.as_ref().map_or(Ok(None), |it| optional(it, scope));
        Ok(match &self.change {
            ChangeOf::Service { name, is, image } => {
                Change::Service { id: text(name)?, is: word(is, scope)?, image: maybe(image)? }
            }
            ChangeOf::Data { name, is, from } => {
                Change::Data { id: text(name)?, is: word(is, scope)?, from: maybe(from)? }
            }
            ChangeOf::Backup { data, name, is, age } => Change::Backup {
                data: text(data)?,
                id: text(name)?,
                is: word(is, scope)?,
                age: length(age.as_ref(), scope)?,
            },
            ChangeOf::Image { name, is } => Change::Image { name: text(name)?, is: word(is, scope)? },
            ChangeOf::Host { name, is, address } => {
                Change::Host { name: maybe(name)?, is: word(is, scope)?, address: maybe(address)? }
            }
            ChangeOf::Vm { name, is, project, zone, address, host } => Change::Vm {
                name: text(name)?,
                is: word(is, scope)?,
                project: maybe(project)?,
                zone: maybe(zone)?,
                address: maybe(address)?,
                host: maybe(host)?,
            },
            ChangeOf::Disk { name, is, vm, device, data, project, zone } => Change::Disk {
                name: text(name)?,
                is: word(is, scope)?,
                vm: maybe(vm)?,
                device: maybe(device)?,
                data: maybe(data)?,
                project: maybe(project)?,
                zone: maybe(zone)?,
            },
            ChangeOf::Snapshot { name, is, disk, age, ready } => Change::Snapshot {
                name: text(name)?,
                is: word(is, scope)?,
                disk: maybe(disk)?,
                age: length(age.as_ref(), scope)?,
                ready: known(ready, scope, |text| text.parse().map_err(|_| "not true or false".to_owned()))?,
            },
            ChangeOf::Dns { name, address, zone } => {
                Change::Dns { name: text(name)?, address: maybe(address)?, zone: maybe(zone)? }
            }
            ChangeOf::Http { url, status, body, service } => Change::Http {
                url: text(url)?,
                status: status.as_ref().map(|status| known(status, scope, code)).transpose()?,
                body: maybe(body)?.unwrap_or_default(),
                service: maybe(service)?,
            },
            ChangeOf::Database { host, is, of, lag } => Change::Database {
                host: text(host)?,
                is: word(is, scope)?,
                of: maybe(of)?,
                lag: length(lag.as_ref(), scope)?,
            },
            ChangeOf::File { path, text: content, host, is } => Change::File {
                path: text(path)?,
                text: match word(is, scope)? {
                    Presence::Present => Some(maybe(content)?.unwrap_or_default()),
                    Presence::Absent => None,
                },
                host: maybe(host)?,
            },
            ChangeOf::Cloud { refuses, is } => {
                Change::Cloud { what: text(refuses)?, refused: word(is, scope)? == Refusal::Refused }
            }
        })
    }
}

/// A text that may be none.
fn optional(template: &Template, scope: &Scope) -> Result<Option<String>, EvalError> {
    match template.only() {
        Some(expression) if expression.eval(scope)?.is_none() => Ok(None),
        _ => template.render(scope).map(Some),
    }
}

fn known<V: Copy>(
    given: &OrText<V, Template>,
    scope: &Scope,
    read: impl Fn(&str) -> Result<V, String>,
) -> Result<V, EvalError> {
    match given {
        OrText::Value(value) => Ok(*value),
        OrText::Text(template) => {
            let text = template.render(scope)?;
            let wrong = |why| EvalError::new(template.span(), format!("`{}` is {why}", text.escape_debug()));
            read(&text).map_err(wrong)
        }
    }
}

fn word<W: Word>(given: &OrText<W, Template>, scope: &Scope) -> Result<W, EvalError> {
    known(given, scope, |text| {
        let words = || W::WORDS.iter().map(|(word, _)| *word);
        W::of(text).ok_or_else(|| {
            let near = crate::template::nearest::nearest(text, words()).map(|near| format!("did you mean `{near}`?"));
            let help = near.unwrap_or_else(|| format!("use one of {}", words().collect::<Vec<_>>().join(", ")));
            format!("not {}; {help}", W::WHAT)
        })
    })
}

fn length(given: Option<&OrText<Duration, Template>>, scope: &Scope) -> Result<Option<Duration>, EvalError> {
    let read = |text: &str| parse_duration(text).map_err(|_| "not a duration, like 90s or 1h30m".to_owned());
    given.map(|given| known(given, scope, read)).transpose()
}

fn code(text: &str) -> Result<u16, String> {
    let code = text.parse().ok().filter(|code| (100..=599).contains(code));
    code.ok_or_else(|| "not a status, a number from 100 to 599".to_owned())
}
