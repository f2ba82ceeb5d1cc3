//! How each runtime does each verb when neither the system nor the service says so.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::effect::Effect;
use crate::model::operation::{Action, Argv, Gate, Operation, Probe, Verb};
use crate::model::source::{Name, Span, Spanned, Text};
use crate::plan::findings::{expr, text};
use crate::plan::world::RuntimeFacts;

/// Asking the engine about a container takes no longer unless the engine hangs.
const ASK: Duration = Duration::from_secs(30);
const IS_WELL: &str = "json[0].State.Running and not json[0].State.Restarting and not json[0].State.Paused \
                       and (json[0].State.Health | default({'Status': 'healthy'})).Status in ['healthy', 'none']";

/// Why there is no default.
pub enum Missing {
    /// The runtime has no such verb.
    Verb,
    /// `deploy` of a Compose service lays an override over files that must be named.
    Files,
}

/// The operation of a verb.
pub fn operation(verb: Verb, runtime: &RuntimeFacts, names_files: bool, place: Span) -> Result<Operation, Missing> {
    let docker = |words: &[&str]| docker(words, place);
    Ok(match (runtime, verb) {
        (RuntimeFacts::Compose(service, _), _) if compose_verb(verb).is_some() => {
            let words = compose_verb(verb).unwrap_or_default();
            let words: Vec<&str> = ["compose"].iter().chain(words).copied().chain([service.as_str()]).collect();
            docker(&words)
        }
        (RuntimeFacts::Compose(..), Verb::Deploy) if !names_files => return Err(Missing::Files),
        (RuntimeFacts::Compose(service, _), Verb::Deploy) => {
            let mut op = docker(&["compose", "-f", "-", "up", "-d", "--no-deps", service]);
            op.stdin = Some(text(override_file(service), place));
            op
        }
        (RuntimeFacts::Compose(_, name) | RuntimeFacts::Container(name), _) => match verb {
            Verb::Start | Verb::Stop | Verb::Restart | Verb::Pause | Verb::Unpause => docker(&[verb.as_str(), name]),
            Verb::Remove => docker(&["rm", "-f", name]),
            Verb::Check => inspect(name, place),
            Verb::Logs => docker(&["logs", "--since", "${{ steps.started.outputs.at }}", "--tail", "1000", name]),
            Verb::Recreate | Verb::Deploy => return Err(Missing::Verb),
        },
        (RuntimeFacts::Unit(unit), _) => match verb {
            Verb::Start | Verb::Stop | Verb::Restart => exec(&["systemctl", verb.as_str(), unit], place),
            Verb::Check => unit_check(unit, place),
            Verb::Logs => read(exec(&["journalctl", "--no-pager", "--lines=1000", "--unit", unit, "--boot"], place)),
            _ => return Err(Missing::Verb),
        },
    })
}

const fn compose_verb(verb: Verb) -> Option<&'static [&'static str]> {
    Some(match verb {
        // A container that is there keeps its image: what was deployed last must not fall back to the file's.
        Verb::Start => &["up", "-d", "--no-deps", "--no-recreate"],
        Verb::Stop => &["stop"],
        Verb::Restart => &["restart", "--no-deps"],
        Verb::Recreate => &["up", "-d", "--no-deps", "--force-recreate"],
        Verb::Remove => &["rm", "-sf"],
        Verb::Pause => &["pause"],
        Verb::Unpause => &["unpause"],
        Verb::Deploy | Verb::Check | Verb::Logs => return None,
    })
}

/// The override with the image in place; the image is a JSON text, which is a YAML text too.
fn override_file(service: &str) -> String {
    let image = BTreeMap::from([("image", "IMAGE")]);
    let services = BTreeMap::from([("services", BTreeMap::from([(service.replace("${{", "${{ '${{' }}"), image)]))]);
    let yaml = serde_yaml::to_string(&services).unwrap_or_default();
    yaml.replace("image: IMAGE", "image: ${{ args.image | tojson }}")
}

/// When the container started, for `logs --since`.
pub fn started(name: &str, place: Span) -> Operation {
    let mut op = docker(&["container", "inspect", "--format", "{{.State.StartedAt}}", name], place);
    op.timeout = Some(Spanned { value: ASK, span: place });
    op.outputs = vec![output("at", "stdout", place)];
    op
}

/// Passes when the service is there at all.
pub fn presence(runtime: &RuntimeFacts, place: Span) -> Probe {
    let mut operation = match runtime {
        RuntimeFacts::Compose(_, name) | RuntimeFacts::Container(name) => {
            docker(&["container", "inspect", name], place)
        }
        RuntimeFacts::Unit(unit) => exec(&["systemctl", "cat", unit], place),
    };
    operation.timeout = Some(Spanned { value: ASK, span: place });
    Probe { operation }
}

/// Passes when there is nothing left to do for a verb that undoes another; none: nobody can tell.
pub fn already(verb: Verb, runtime: &RuntimeFacts, place: Span) -> Option<Probe> {
    let state = match verb {
        Verb::Stop => "exit != 0 or not json[0].State.Running",
        Verb::Pause => "exit != 0 or json[0].State.Paused",
        Verb::Unpause => "exit != 0 or not json[0].State.Paused",
        _ => return None,
    };
    let mut operation = match runtime {
        // A container that is not there is neither running nor paused.
        RuntimeFacts::Compose(_, name) | RuntimeFacts::Container(name) => {
            let mut op = docker(&["container", "inspect", name], place);
            op.expect = vec![expr(state, place)];
            op
        }
        RuntimeFacts::Unit(unit) => {
            let mut op = exec(&["systemctl", "is-active", "--quiet", unit], place);
            op.expect = vec![expr("exit != 0", place)];
            op
        }
    };
    operation.timeout = Some(Spanned { value: ASK, span: place });
    Some(Probe { operation })
}

/// Passes when a container is paused, or is not: `pause` and `unpause` refuse what is so already. None: another runtime.
pub fn paused(verb: Verb, runtime: &RuntimeFacts, place: Span) -> Option<Gate> {
    let state = if verb == Verb::Pause { "json[0].State.Paused" } else { "not json[0].State.Paused" };
    let (RuntimeFacts::Compose(_, name) | RuntimeFacts::Container(name)) = runtime else { return None };
    let mut operation = docker(&["container", "inspect", name], place);
    operation.expect = vec![expr("exit == 0", place), expr(state, place)];
    operation.timeout = Some(Spanned { value: ASK, span: place });
    let probe = Probe { operation };
    Some(Gate {
        probe,
        every: None,
        within: Some(Duration::ZERO),
        successes: None,
        fail_if: Vec::new(),
        progress: None,
    })
}

/// Health when the service declares none.
pub fn health(runtime: &RuntimeFacts, place: Span) -> Gate {
    let mut operation = match runtime {
        RuntimeFacts::Compose(_, name) | RuntimeFacts::Container(name) => {
            let mut op = docker(&["container", "inspect", name], place);
            op.expect = vec![expr(IS_WELL, place)];
            op
        }
        RuntimeFacts::Unit(unit) => exec(&["systemctl", "is-active", "--quiet", unit], place),
    };
    operation.timeout = Some(Spanned { value: ASK, span: place });
    Gate { probe: Probe { operation }, every: None, within: None, successes: None, fail_if: Vec::new(), progress: None }
}

fn inspect(name: &str, place: Span) -> Operation {
    let mut op = docker(&["container", "inspect", name], place);
    op.timeout = Some(Spanned { value: ASK, span: place });
    op.outputs = [
        ("state", "json[0].State.Status"),
        ("running", "json[0].State.Running"),
        ("image", "json[0].Config.Image"),
        ("health", "(json[0].State.Health | default({'Status': none})).Status"),
        ("restarts", "json[0].RestartCount"),
        ("started_at", "json[0].State.StartedAt | timestamp"),
    ]
    .map(|(name, source)| output(name, source, place))
    .into();
    op
}

fn unit_check(unit: &str, place: Span) -> Operation {
    let value =
        |name: &str| format!("((lines | select('startingwith', '{name}=') | first | default('=')) | split('='))[1]");
    let mut op = read(exec(&["systemctl", "show", "--property=ActiveState,NRestarts", unit], place));
    op.timeout = Some(Spanned { value: ASK, span: place });
    op.outputs = vec![
        output("state", &value("ActiveState"), place),
        output("running", &format!("{} == 'active'", value("ActiveState")), place),
        output("image", "none", place),
        output("health", "none", place),
        output("restarts", &value("NRestarts"), place),
        output("started_at", "none", place),
    ];
    op
}

fn output(name: &str, source: &str, place: Span) -> (Name, crate::model::source::Expr) {
    (Spanned { value: name.to_owned(), span: place }, expr(source, place))
}

fn docker(words: &[&str], place: Span) -> Operation {
    of(Action::Docker(Argv::List(argv(words, place))), place)
}

fn exec(words: &[&str], place: Span) -> Operation {
    of(Action::Exec(Argv::List(argv(words, place))), place)
}

/// Names were rendered from the system and are data; only our own template stays one.
fn argv(words: &[&str], place: Span) -> Vec<Text> {
    let own = |word: &str| word.starts_with("${{ steps.started");
    let safe = |word: &&str| if own(word) { (*word).to_owned() } else { word.replace("${{", "${{ '${{' }}") };
    words.iter().map(|word| text(safe(word), place)).collect()
}

fn of(action: Action, place: Span) -> Operation {
    Operation { span: place, action: Some(Spanned { value: action, span: place }), ..Operation::default() }
}

fn read(mut op: Operation) -> Operation {
    op.effect = Some(Spanned { value: Effect::Read, span: op.span });
    op
}
