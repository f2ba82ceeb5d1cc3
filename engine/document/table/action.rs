//! The actions, in their short and long forms, and what may stand beside each.

use serde_json::{Value, json};

use super::http::HTTP;
use super::manual::{MANUAL, NOTIFY};
use super::operation::{Draft, HasOperation};
use super::services::SERVICES;
use super::{Row, Schemas, simulate};
use crate::document::kind::{DURATION, Kind, List, TEXT};
use crate::document::lower::Lower;
use crate::document::tree::{Node, NodeKind, Place};
use crate::model::diagnostic::Diagnostic;
use crate::model::operation::{Action, Argv};
use crate::model::source::Span;

/// An action key as found; no action: its value was wrong, and a finding says so.
pub(in crate::document) struct Given {
    pub key: &'static str,
    pub place: Place,
    pub action: Option<Action>,
}

/// One action row: it is recorded even when its value is wrong, so that nobody is told that the step has none.
macro_rules! action {
    ($key:literal, $kind:expr, $doc:literal, |$value:ident| $make:expr) => {
        Row {
            key: $key,
            doc: $doc,
            required: false,
            supported: true,
            read: |lower, target, entry| {
                let action = Kind::read(&$kind, lower, &entry.value).map(|$value| $make);
                target.draft().actions.push(Given { key: $key, place: entry.key_place, action });
            },
            schema: |schemas| Kind::schema(&$kind, schemas),
        }
    };
}

pub(in crate::document) struct Rows<T>(std::marker::PhantomData<T>);

impl<T: HasOperation> Rows<T> {
    pub const ALL: &'static [Row<T>] = &[
        action!("exec", ARGV, "runs a program, without a shell", |v| Action::Exec(v)),
        action!("docker", ARGV, "runs the docker client; `compose …` gets the flags of the system's project", |v| {
            Action::Docker(v)
        }),
        action!("gcloud", ARGV, "runs the gcloud client", |v| Action::Gcloud(v)),
        action!(
            "shell",
            TEXT,
            "runs a script; each `${{ }}` becomes a variable, so no value is ever read as code",
            |v| { Action::Shell { script: v, interpreter: None } }
        ),
        action!("http", HTTP, "sends a request; a text alone is the URL of a GET", |v| Action::Http(Box::new(v))),
        action!(
            "services",
            SERVICES,
            "does a verb for services of the system, in the order of their dependencies",
            |v| { Action::Services(Box::new(v)) }
        ),
        action!("manual", MANUAL, "asks a person to do something", |v| Action::Manual(Box::new(v))),
        action!("wait", DURATION, "lets time pass; a gate is better where there is something to wait for", |v| {
            Action::Wait(v)
        }),
        action!("notify", NOTIFY, "sends a message to the system's channels", |v| Action::Notify(Box::new(v))),
    ];
}

/// An argument vector: one text, or a list.
pub(super) struct ArgvKind;
pub(super) const ARGV: ArgvKind = ArgvKind;

impl Kind for ArgvKind {
    type Out = Argv;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Argv> {
        if matches!(node.kind, NodeKind::Sequence { .. }) {
            return List { item: TEXT, least: 1 }.read(lower, node).map(Argv::List);
        }
        let text = TEXT.read(lower, node)?;
        if text.0.source.trim().is_empty() {
            lower.error(
                "document::wrong_type",
                node.place,
                format!("`{}` has no words", lower.key),
                "write the command",
            );
            return None;
        }
        Some(Argv::Line(text))
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        schemas.shared("arguments", |schemas| {
            let text = TEXT.schema(schemas);
            json!({
                "description": "An argument vector: one text, split into words after templates are found, or a list with one argument each.",
                "anyOf": [text, { "type": "array", "items": text, "minItems": 1 }],
            })
        })
    }
}

/// Which actions take a key.
fn takes(key: &str, action: &str) -> bool {
    let program = matches!(action, "exec" | "docker" | "gcloud" | "shell");
    match key {
        "env" | "stdin" | "working_dir" => program,
        "target" => matches!(action, "exec" | "docker" | "shell" | "http" | "services"),
        "effect" => !matches!(action, "wait" | "notify"),
        "timeout" => action != "wait",
        _ => true,
    }
}

/// One action at most, and nothing beside it that it would ignore.
pub(super) fn check(lower: &mut Lower<'_>, draft: &Draft) {
    if let [first, second, ..] = &draft.actions[..] {
        let message = format!("`{}` and `{}` are two actions; one operation has one", first.key, second.key);
        let finding = Diagnostic::error("document::several_actions", lower.span(second.place), message)
            .label("second action")
            .help("make it a step of its own")
            .related(lower.span(first.place), "first action");
        lower.findings.push(finding);
        return;
    }
    let action = draft.actions.first();
    if let Some((at, _)) = &draft.interpreter
        && action.is_none_or(|action| action.key != "shell")
    {
        ignored(lower, "interpreter", *at, "`interpreter:` belongs to `shell:`");
    }
    for (key, at) in &draft.surroundings {
        match action {
            Some(action) if !takes(key, action.key) => {
                ignored(lower, key, *at, &format!("`{}:` does not use `{key}`", action.key));
            }
            // `target` is also that of the step's gate.
            None if matches!(*key, "env" | "stdin" | "working_dir") => {
                ignored(lower, key, *at, &format!("`{key}` needs an action beside it"));
            }
            _ => {}
        }
    }
    if let Some((at, simulated)) = &draft.simulate {
        simulate::check(lower, action, *at, simulated);
    }
    if let Some(Given { action: Some(Action::Docker(argv)), place, .. }) = action
        && let Some(stdin) = &draft.operation.stdin
        && exec_without_interactive(argv)
    {
        let message = "`docker exec` without `-i` does not read `stdin:`; it would run nothing and exit 0";
        let finding = Diagnostic::error("document::stdin_ignored", lower.span(*place), message)
            .help("write `docker: exec -i …`")
            .related(stdin.0.span, "this would never arrive");
        lower.findings.push(finding);
    }
}

fn ignored(lower: &mut Lower<'_>, key: &str, at: Span, message: &str) {
    let finding =
        Diagnostic::error("document::key_without_use", at, message).help(format!("leave `{key}` out, or move it"));
    lower.findings.push(finding);
}

/// True when the words say so for certain: `exec`, flags without `-i`, then a container.
fn exec_without_interactive(argv: &Argv) -> bool {
    let words: Vec<&str> = match argv {
        Argv::Line(text) => text.0.source.split_whitespace().collect(),
        Argv::List(texts) => texts.iter().map(|text| text.0.source.as_str()).collect(),
    };
    let mut words = words.into_iter();
    if words.next() != Some("exec") {
        return false;
    }
    while let Some(word) = words.next() {
        match word {
            "--interactive" | "--interactive=true" => return false,
            "-e" | "--env" | "--env-file" | "-u" | "--user" | "-w" | "--workdir" | "--detach-keys" => {
                words.next();
            }
            _ if word.starts_with("--") => {}
            _ if word.starts_with('-') => {
                let flags = word.trim_start_matches('-');
                let flags = flags.split(['e', 'u', 'w']).next().unwrap_or(flags);
                if flags.contains('i') {
                    return false;
                }
            }
            // A list among the variables may hold flags; anything else that is rendered cannot begin with `-`.
            _ => return !word.contains("${{") || word.contains("service."),
        }
    }
    false
}
