//! An operation and a scope become work for a runner, or lines for people. The dry run and the run share it.

use std::path::PathBuf;
use std::time::Duration;

use crate::model::source::Span;
use crate::model::work::{Attempt, Rendered, Target, Task, Tool, Work};
use crate::plan::{Action, Operation, Plan, Target as Place, targets};
use crate::template::{EvalError, Scope, Template};

/// Renders an operation. `limit` shortens its timeout (a gate's remaining time).
///
/// # Errors
/// Whatever an expression in it says; an operation without work (manual, judgement only) is a bug of the caller and reported so.
pub(super) fn work(
    plan: &Plan,
    operation: &Operation,
    scope: &Scope,
    attempt: Attempt,
    limit: Option<Duration>,
) -> Result<Work, EvalError> {
    let mut env = Vec::with_capacity(operation.env.len());
    for (name, template) in &operation.env {
        env.push((name.clone(), template.render_secret(scope)?));
    }
    let task = task(plan, operation, scope, &mut env)?;
    let stdin = operation.stdin.as_ref().map(|template| template.render_secret(scope)).transpose()?;
    let working_dir = working_dir(operation, scope)?;
    let timeout = limit.map_or(operation.timeout, |limit| limit.min(operation.timeout));
    let target = target(operation.target.as_ref(), scope)?;
    Ok(Work { attempt, target, task, env, stdin, working_dir, timeout, capture: operation.capture })
}

/// Where it happens; what a client could take for an option is refused.
fn target(target: Option<&Place>, scope: &Scope) -> Result<Target, EvalError> {
    let checked = |template: &Template| {
        let text = template.render(scope)?;
        targets::part(&text).map_err(|why| EvalError::new(template.span(), why))
    };
    let maybe = |template: &Option<Template>| template.as_ref().map(checked).transpose();
    Ok(match target {
        None => Target::Local,
        Some(Place::Ssh { host, port, identity_file }) => {
            let at = |template: &Template| {
                targets::port(&template.render(scope)?).map_err(|why| EvalError::new(template.span(), why))
            };
            // The plan has made its path; it may hold white space.
            let file = identity_file.as_ref().map(|template| template.render(scope)).transpose()?;
            let port = port.as_ref().map(at).transpose()?;
            Target::Ssh { host: checked(host)?, port, identity_file: file.map(PathBuf::from) }
        }
        Some(Place::Gcloud { vm, project, zone }) => {
            Target::Gcloud { vm: checked(vm)?, project: maybe(project)?, zone: maybe(zone)? }
        }
        Some(Place::Container { name, via }) => {
            let via = Box::new(self::target(via.as_deref(), scope)?);
            Target::Container { name: checked(name)?, via }
        }
    })
}

/// `ssh deploy@db1 port 2222`, `container db on ssh db1`, for people.
fn place(target: &Place, scope: &Scope) -> String {
    let named = |words: &[(&str, Option<&Template>)]| {
        let words =
            words.iter().filter_map(|(word, it)| Some(format!("{word} {}", quoted(&it.as_ref()?.preview(scope)))));
        words.collect::<Vec<_>>().join(" ")
    };
    match target {
        Place::Ssh { host, port, identity_file } => {
            named(&[("ssh", Some(host)), ("port", port.as_ref()), ("key", identity_file.as_ref())])
        }
        Place::Gcloud { vm, project, zone } => {
            named(&[("gcloud", Some(vm)), ("project", project.as_ref()), ("zone", zone.as_ref())])
        }
        Place::Container { name, via } => {
            let on = via.as_ref().map_or_else(String::new, |via| format!(" on {}", place(via, scope)));
            format!("{}{on}", named(&[("container", Some(name))]))
        }
    }
}

fn task(
    plan: &Plan,
    operation: &Operation,
    scope: &Scope,
    env: &mut Vec<(String, Rendered)>,
) -> Result<Task, EvalError> {
    let program = |tool: Tool, name: Option<&str>, arguments: Vec<String>| Task::Program {
        tool,
        argv: name.map(str::to_owned).into_iter().chain(arguments).collect(),
    };
    Ok(match &operation.action {
        Some(Action::Exec(words)) => program(Tool::Exec, None, words.render(scope)?),
        Some(Action::Docker(words)) => program(Tool::Docker, Some("docker"), words.render(scope)?),
        Some(Action::Gcloud(words)) => program(Tool::Gcloud, Some("gcloud"), words.render(scope)?),
        Some(Action::Shell { script, interpreter }) => {
            let bound = script.bind(scope)?;
            env.extend(bound.env);
            let mut argv = interpreter.clone();
            argv.push(bound.text);
            Task::Program { tool: Tool::Shell, argv }
        }
        Some(Action::Http { method, url, headers, body, follow, insecure }) => {
            let mut rendered = Vec::with_capacity(headers.len());
            for (name, template) in headers {
                rendered.push((name.clone(), template.render_secret(scope)?));
            }
            Task::Http {
                method: method.clone(),
                url: url.render_secret(scope)?,
                headers: rendered,
                body: body.as_ref().map(|template| template.render_secret(scope)).transpose()?,
                follow: *follow,
                insecure: *insecure,
            }
        }
        Some(Action::Wait(duration)) => Task::Wait(*duration),
        Some(Action::Notify { channels, text }) => {
            let mut rendered = Vec::with_capacity(channels.len());
            for name in channels {
                if let Some(channel) = plan.channels.get(name) {
                    rendered.push((channel.kind, channel.url.render_secret(scope)?));
                }
            }
            Task::Notify { channels: rendered, text: text.render(scope)? }
        }
        Some(Action::Manual { .. }) | None => return Err(no_work(operation.place)),
    })
}

fn no_work(span: Span) -> EvalError {
    EvalError { span, message: "this operation has no work for a runner".to_owned(), unknown: None }
}

fn working_dir(operation: &Operation, scope: &Scope) -> Result<Option<PathBuf>, EvalError> {
    let Some(template) = &operation.working_dir else { return Ok(None) };
    let written = PathBuf::from(template.render(scope)?);
    // Elsewhere the directory of the file means nothing: there it is relative to where one logs in.
    let is_here = operation.target.is_none();
    Ok(Some(if is_here { operation.base_dir.join(written) } else { written }))
}

/// An action as people read it, one line each: where it happens if not here (`[on ssh deploy@db1]`), its variables, then itself;
/// unknown parts as placeholders, secrets as `***`.
#[must_use]
pub fn preview(operation: &Operation, scope: &Scope) -> Vec<String> {
    let command = |name: Option<&str>, words: Vec<String>| {
        let words: Vec<String> = name.map(str::to_owned).into_iter().chain(words).collect();
        vec![words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")]
    };
    let mut lines = match &operation.action {
        Some(Action::Exec(words)) => command(None, words.preview(scope)),
        Some(Action::Docker(words)) => command(Some("docker"), words.preview(scope)),
        Some(Action::Gcloud(words)) => command(Some("gcloud"), words.preview(scope)),
        Some(Action::Shell { script, .. }) => script.preview(scope).trim_end().lines().map(str::to_owned).collect(),
        Some(Action::Http { method, url, .. }) => vec![format!("{method} {}", url.preview(scope))],
        Some(Action::Manual { text, .. }) => {
            text.preview(scope).lines().map(|line| format!("a person: {line}")).collect()
        }
        Some(Action::Wait(duration)) => {
            vec![format!("wait {}", crate::template::quantity::format_duration(*duration))]
        }
        Some(Action::Notify { channels, text }) => {
            vec![format!("notify {}: {}", channels.join(", "), text.preview(scope))]
        }
        None => Vec::new(),
    };
    lines.extend(stdin_lines(operation.stdin.as_ref(), scope));
    let env = operation.env.iter().map(|(name, value)| format!("{name}={}", quoted(&value.preview(scope))));
    let place = operation.target.iter().map(|target| format!("[on {}]", place(target, scope)));
    place.chain(env).chain(lines).collect()
}

fn stdin_lines(stdin: Option<&Template>, scope: &Scope) -> Vec<String> {
    let Some(stdin) = stdin else { return Vec::new() };
    stdin.preview(scope).trim_end().lines().map(|line| format!("< {line}")).collect()
}

/// A word as a shell would take it, for display only. Placeholders stay readable.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "‹›_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    crate::template::quote::quote(word)
}
