//! Effect classes of the Docker client, Compose included.

use super::{Known, Literals, has_flag};
use crate::model::effect::Effect::{Destroy, Mutate, Read};

/// Flags before the verb that take the next word as their value.
const GLOBAL_VALUED: &[&str] =
    &["--config", "-c", "--context", "-H", "--host", "-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey"];
const COMPOSE_VALUED: &[&str] = &[
    "-f",
    "--file",
    "-p",
    "--project-name",
    "--project-directory",
    "--profile",
    "--env-file",
    "--ansi",
    "--parallel",
    "--progress",
    "--workdir",
];

type Row = (&'static [&'static str], Known);

const READ: Known = Known::Class(Read);
const MUTATE: Known = Known::Class(Mutate);
const DESTROY: Known = Known::Class(Destroy);

const CONTAINER: &[Row] = &[
    (&["ls", "list", "ps", "inspect", "logs", "top", "stats", "port", "diff", "wait"], READ),
    (
        &[
            "start", "stop", "restart", "pause", "unpause", "kill", "rename", "update", "create", "commit", "cp",
            "export",
        ],
        MUTATE,
    ),
    (&["exec", "run", "attach"], Known::Opaque),
    (&["rm", "remove", "prune"], DESTROY),
];
const TOP: &[Row] = &[
    (
        &[
            "ps", "inspect", "logs", "version", "info", "images", "history", "top", "stats", "port", "diff", "search",
            "events", "wait",
        ],
        READ,
    ),
    (
        &[
            "start", "stop", "restart", "pause", "unpause", "kill", "rename", "update", "create", "pull", "push",
            "tag", "build", "commit", "load", "save", "import", "export", "cp", "login", "logout",
        ],
        MUTATE,
    ),
    (&["exec", "run", "attach"], Known::Opaque),
    (&["rm", "rmi"], DESTROY),
];
const IMAGE: &[Row] = &[
    (&["ls", "list", "inspect", "history"], READ),
    (&["pull", "push", "tag", "build", "load", "save", "import"], MUTATE),
    (&["rm", "remove", "prune"], DESTROY),
];
const VOLUME: &[Row] = &[(&["ls", "list", "inspect"], READ), (&["create", "update"], MUTATE)];
const NETWORK: &[Row] = &[(&["ls", "list", "inspect"], READ), (&["create", "connect", "disconnect"], MUTATE)];
const SYSTEM: &[Row] = &[(&["df", "info", "events"], READ)];
const CONTEXT: &[Row] =
    &[(&["ls", "list", "show", "inspect"], READ), (&["use", "create", "update", "import", "export"], MUTATE)];
const BUILD: &[Row] =
    &[(&["ls", "list", "inspect", "du", "version"], READ), (&["build", "bake", "create", "use", "stop"], MUTATE)];
const SWARM: &[Row] = &[
    (&["ls", "list", "ps", "inspect", "logs", "services"], READ),
    (&["create", "update", "scale", "rollback", "deploy", "init", "join", "promote", "demote"], MUTATE),
];
const COMPOSE: &[Row] = &[
    (&["ps", "ls", "logs", "config", "convert", "images", "top", "events", "port", "version", "stats", "wait"], READ),
    (
        &[
            "up", "create", "start", "stop", "restart", "pause", "unpause", "pull", "push", "build", "kill", "scale",
            "cp", "watch", "down",
        ],
        MUTATE,
    ),
    (&["exec", "run", "attach"], Known::Opaque),
    (&["rm"], DESTROY),
];

/// Management commands: `docker volume rm`.
const GROUPS: &[(&str, &[Row])] = &[
    ("container", CONTAINER),
    ("image", IMAGE),
    ("volume", VOLUME),
    ("network", NETWORK),
    ("system", SYSTEM),
    ("context", CONTEXT),
    ("builder", BUILD),
    ("buildx", BUILD),
    ("manifest", &[(&["inspect"], READ), (&["create", "annotate", "push"], MUTATE)]),
    ("stack", SWARM),
    ("service", SWARM),
    ("node", SWARM),
    ("swarm", SWARM),
    ("secret", SWARM),
    ("config", SWARM),
];

/// `docker` without its own name. Unknown verbs destroy.
#[must_use]
pub fn docker(literals: &Literals) -> Known {
    let (verb, rest) = match verb(literals, GLOBAL_VALUED) {
        Verb::Is(verb, rest) => (verb, rest),
        Verb::Hidden => return Known::Hidden,
        Verb::Missing if has_flag(literals, &["-v", "--version", "--help"]) => return READ,
        Verb::Missing => return DESTROY,
    };
    if verb == "compose" {
        return compose(rest);
    }
    if let Some((_, rows)) = GROUPS.iter().find(|(name, _)| *name == verb) {
        return match self::verb(rest, &[]) {
            Verb::Is(verb, _) => look_up(rows, verb),
            Verb::Hidden => Known::Hidden,
            Verb::Missing => DESTROY,
        };
    }
    look_up(TOP, verb)
}

fn compose(literals: &Literals) -> Known {
    let (verb, rest) = match verb(literals, COMPOSE_VALUED) {
        Verb::Is(verb, rest) => (verb, rest),
        Verb::Hidden => return Known::Hidden,
        Verb::Missing => return DESTROY,
    };
    let before = &literals[..literals.len() - rest.len()];
    if has_flag(before, &["--dry-run"]) {
        return READ;
    }
    let destroys = match verb {
        "down" => has_flag(rest, &["-v", "--volumes", "--rmi", "--remove-orphans"]),
        "up" | "create" => has_flag(rest, &["-V", "--renew-anon-volumes", "--remove-orphans"]),
        "wait" => has_flag(rest, &["--down-project"]),
        _ => false,
    };
    if destroys { DESTROY } else { look_up(COMPOSE, verb) }
}

fn look_up(rows: &[Row], verb: &str) -> Known {
    rows.iter().find(|(verbs, _)| verbs.contains(&verb)).map_or(DESTROY, |(_, known)| *known)
}

/// What stands where the verb would be.
enum Verb<'a> {
    /// The verb, and what follows it.
    Is(&'a str, &'a Literals),
    /// A template.
    Hidden,
    /// Nothing.
    Missing,
}

fn verb<'a>(literals: &'a Literals, valued: &[&str]) -> Verb<'a> {
    let mut at = 0;
    while let Some(literal) = literals.get(at) {
        let Some(word) = literal.as_deref() else { return Verb::Hidden };
        if !word.starts_with('-') {
            return Verb::Is(word, &literals[at + 1..]);
        }
        at += if valued.contains(&word) { 2 } else { 1 };
    }
    Verb::Missing
}
