//! A step as a sheet of paper has it: commands that can be typed where nothing but a shell is there, what they should say, how long to
//! wait, how to undo it. What only a run knows stays a placeholder, to be filled in by hand.

use std::time::Duration;

use crate::model::runbook::OnFailure;
use crate::plan::{Action, Gate, Judge, Node, Operation, Probe, Target};
use crate::template::Scope;

use super::render;

/// Something to do or to ask, and what it should say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// How to get there first; none: here.
    pub login: Option<String>,
    /// Lines for a shell, or what a person is told.
    pub commands: Vec<String>,
    /// True: a person does it, nothing is typed.
    pub manual: bool,
    /// What must hold.
    pub expect: Vec<String>,
}

/// Asked until it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateSheet {
    /// What is asked.
    pub check: Check,
    /// Between two.
    pub every: Duration,
    /// In all.
    pub within: Duration,
    /// Passes in a row.
    pub successes: u32,
    /// Holds: give up at once.
    pub fail_if: Vec<String>,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What is done; of a group: what it is judged by.
    pub action: Check,
    /// Where this does not hold, look at it.
    pub warn_unless: Vec<String>,
    /// Must hold before.
    pub require: Option<Check>,
    /// Holds: nothing needs to be done.
    pub done_when: Option<Check>,
    /// Waited for.
    pub gate: Option<GateSheet>,
    /// Names of values that a person gives.
    pub inputs: Vec<String>,
    /// A text for the record is wanted.
    pub evidence: bool,
    /// Names that later steps use, and what each is.
    pub outputs: Vec<(String, String)>,
    /// Tries in all, and the time before the second.
    pub attempts: (u32, Duration),
    /// What its failure means.
    pub on_failure: OnFailure,
    /// True when steps follow that run only if it fails.
    pub fallback: bool,
    /// The author's hint.
    pub hint: Option<String>,
    /// What undoes it.
    pub rollback: Option<Check>,
    /// What is shown to who confirms it.
    pub shown: Option<String>,
    /// Members may be done at the same time.
    pub side_by_side: bool,
}

/// The sheet of a step.
pub(super) fn of(node: &Node, scope: &Scope) -> Sheet {
    let (action, judge, inputs, evidence, side_by_side) = match &node.body {
        crate::plan::Body::Operation(operation) => {
            let (inputs, evidence) = match &operation.action {
                Some(Action::Manual { inputs, evidence, .. }) => {
                    (inputs.iter().map(|input| input.name.clone()).collect(), *evidence)
                }
                _ => (Vec::new(), false),
            };
            (check(operation, scope), &operation.judge, inputs, evidence, false)
        }
        crate::plan::Body::List { list, .. } => {
            let expect = sources(&node.judge.expect);
            (Check { expect, ..Check::default() }, &node.judge, Vec::new(), false, list.independent)
        }
    };
    Sheet {
        action,
        warn_unless: sources(&judge.warn_unless),
        require: node.require.as_ref().map(|probe| of_probe(probe, scope)),
        done_when: node.done_when.as_ref().map(|probe| of_probe(probe, scope)),
        gate: node.gate.as_ref().map(|gate| of_gate(gate, scope)),
        inputs,
        evidence,
        outputs: judge.outputs.iter().map(|(name, value)| (name.clone(), value.source().to_owned())).collect(),
        attempts: (node.retry.attempts, node.retry.delay),
        on_failure: node.on_failure,
        fallback: !node.fallback.members.is_empty(),
        hint: judge.hint.as_ref().map(|hint| hint.preview(scope)),
        rollback: node.rollback.as_ref().map(|rollback| check(&rollback.operation, scope)),
        shown: node.confirm.as_ref().and_then(|confirm| Some(confirm.show.as_ref()?.preview(scope))),
        side_by_side,
    }
}

fn of_probe(probe: &Probe, scope: &Scope) -> Check {
    check(&probe.operation, scope)
}

fn of_gate(gate: &Gate, scope: &Scope) -> GateSheet {
    GateSheet {
        check: of_probe(&gate.probe, scope),
        every: gate.every,
        within: gate.within,
        successes: gate.successes,
        fail_if: sources(&gate.fail_if),
    }
}

fn sources(expressions: &[crate::template::Expression]) -> Vec<String> {
    expressions.iter().map(|expression| expression.source().to_owned()).collect()
}

fn check(operation: &Operation, scope: &Scope) -> Check {
    let manual = matches!(operation.action, Some(Action::Manual { .. } | Action::Wait(_) | Action::Notify { .. }));
    Check {
        login: operation.target.as_ref().and_then(|target| login(target, scope)),
        commands: commands(operation, scope),
        manual,
        expect: expected(&operation.judge, operation.action.as_ref()),
    }
}

/// What must hold, the default in words.
fn expected(judge: &Judge, action: Option<&Action>) -> Vec<String> {
    let default = match action {
        Some(Action::Http { .. }) => Some("a status of 200 to 299"),
        Some(Action::Exec(_) | Action::Docker(_) | Action::Gcloud(_) | Action::Shell { .. }) => Some("exit code 0"),
        Some(Action::Manual { .. } | Action::Wait(_) | Action::Notify { .. }) | None => None,
    };
    let default = default.filter(|_| judge.default_expectation).map(str::to_owned);
    default.into_iter().chain(sources(&judge.expect)).collect()
}

/// Lines for a shell.
fn commands(operation: &Operation, scope: &Scope) -> Vec<String> {
    let words = |first: Option<&str>, words: Vec<String>| -> Vec<String> {
        first.map(str::to_owned).into_iter().chain(words).collect()
    };
    let inside = container(operation.target.as_ref(), scope);
    let env: Vec<(String, String)> =
        operation.env.iter().map(|(name, value)| (name.clone(), render::quoted(&value.preview(scope)))).collect();
    let mut lines: Vec<String> = Vec::new();
    if inside.is_none() {
        lines.extend(env.iter().map(|(name, value)| format!("export {name}={value}")));
        let directory = operation.working_dir.as_ref().map(|directory| directory.preview(scope));
        lines.extend(directory.map(|directory| format!("cd {}", render::quoted(&directory))));
    }
    let argv = match operation.action.as_ref() {
        Some(Action::Exec(argv)) => words(None, argv.preview(scope)),
        Some(Action::Docker(argv)) => words(Some("docker"), argv.preview(scope)),
        Some(Action::Gcloud(argv)) => words(Some("gcloud"), argv.preview(scope)),
        Some(Action::Shell { script, interpreter }) => {
            let script = script.preview(scope).trim_end().to_owned();
            if inside.is_none() && operation.stdin.is_none() && is_plain(interpreter) {
                lines.extend(script.lines().map(str::to_owned));
                return lines;
            }
            interpreter.iter().cloned().chain([script]).collect()
        }
        Some(Action::Http { method, url, headers, body, follow, insecure }) => {
            let mut argv = vec!["curl".to_owned(), "-sS".to_owned(), "-i".to_owned()];
            argv.extend(follow.then(|| "-L".to_owned()));
            argv.extend(insecure.then(|| "-k".to_owned()));
            if method != "GET" {
                argv.extend(["-X".to_owned(), method.clone()]);
            }
            for (name, value) in headers {
                argv.extend(["-H".to_owned(), format!("{name}: {}", value.preview(scope))]);
            }
            argv.extend(body.iter().flat_map(|body| ["--data-binary".to_owned(), body.preview(scope)]));
            argv.push(url.preview(scope));
            argv
        }
        Some(Action::Manual { text, .. }) => return text.preview(scope).lines().map(str::to_owned).collect(),
        Some(Action::Wait(time)) => {
            return vec![format!("Wait {}.", crate::template::quantity::format_duration(*time))];
        }
        Some(Action::Notify { channels, text }) => {
            return vec![format!("Tell {}: {}", channels.join(", "), text.preview(scope))];
        }
        None => return lines,
    };
    let argv = match inside {
        Some(name) => {
            let mut outer = vec!["docker".to_owned(), "exec".to_owned()];
            outer.extend(operation.stdin.is_some().then(|| "-i".to_owned()));
            outer.extend(env.iter().flat_map(|(name, value)| ["-e".to_owned(), format!("{name}={value}")]));
            outer.push(name);
            outer.into_iter().chain(argv).collect()
        }
        None => argv,
    };
    let mut command: String = argv.iter().map(|word| render::quoted(word)).collect::<Vec<_>>().join(" ");
    let stdin = operation.stdin.as_ref().map(|stdin| stdin.preview(scope).trim_end().to_owned());
    if stdin.is_some() {
        command.push_str(" <<'END'");
    }
    lines.extend(command.lines().map(str::to_owned));
    if let Some(stdin) = stdin {
        lines.extend(stdin.lines().map(str::to_owned));
        lines.push("END".to_owned());
    }
    lines
}

/// A script that can be typed as it stands.
fn is_plain(interpreter: &[String]) -> bool {
    interpreter.first().is_some_and(|program| program == "bash" || program == "sh")
}

/// The container that it runs in.
fn container(target: Option<&Target>, scope: &Scope) -> Option<String> {
    match target {
        Some(Target::Container { name, .. }) => Some(name.preview(scope)),
        Some(Target::Ssh { .. } | Target::Gcloud { .. }) | None => None,
    }
}

/// How to get there.
fn login(target: &Target, scope: &Scope) -> Option<String> {
    let flag = |name: &str, value: Option<&crate::template::Template>| {
        value.map(|value| format!("{name}{}", render::quoted(&value.preview(scope))))
    };
    match target {
        Target::Ssh { host, port, identity_file } => {
            let flags = [flag("-p ", port.as_ref()), flag("-i ", identity_file.as_ref())];
            let words = std::iter::once("ssh".to_owned()).chain(flags.into_iter().flatten());
            Some(words.chain([render::quoted(&host.preview(scope))]).collect::<Vec<_>>().join(" "))
        }
        Target::Gcloud { vm, project, zone } => {
            let flags = [flag("--project=", project.as_ref()), flag("--zone=", zone.as_ref())];
            let words = ["gcloud compute ssh".to_owned(), render::quoted(&vm.preview(scope))].into_iter();
            Some(words.chain(flags.into_iter().flatten()).collect::<Vec<_>>().join(" "))
        }
        Target::Container { via, .. } => via.as_ref().and_then(|via| login(via, scope)),
    }
}
