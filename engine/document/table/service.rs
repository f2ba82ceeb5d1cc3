//! Services of a system, and how verbs are done.

use std::time::Duration;

use serde_json::{Value, json};

use super::gate::GATE;
use super::operation::VERB_OPERATION;
use super::shared::{OBJECTIVES, VARS};
use super::target::TARGET;
use super::{Record, Table, foreign, row};
use crate::document::kind::{BOOL, Choice, ID, Kind, List, MapOf, SPAN_OF_TIME, TEXT};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, Place};
use crate::model::operation::{Gate, Operation, Verb};
use crate::model::runbook::{Objectives, VarValue};
use crate::model::source::{Map, Name, Spanned, Text};
use crate::model::system::{Priority, Runtime, Service, TargetRef};
use crate::template::nearest::nearest;

#[derive(Default)]
pub(super) struct Draft {
    compose: Option<Text>,
    container: Option<Text>,
    unit: Option<Text>,
    target: Option<TargetRef>,
    title: Option<Text>,
    needs: Vec<Name>,
    after: Vec<Name>,
    optional: bool,
    tags: Vec<Name>,
    priority: Option<Priority>,
    objectives: Objectives,
    estimate: Option<Duration>,
    known_good: Option<Text>,
    health: Option<Gate>,
    operations: Vec<(Spanned<Verb>, Operation)>,
    vars: Map<VarValue>,
}

const PRIORITY: Choice<Priority> = Choice(&[
    ("critical", Some(Priority::Critical)),
    ("high", Some(Priority::High)),
    ("medium", Some(Priority::Medium)),
    ("low", Some(Priority::Low)),
]);

const IDS: List<crate::document::kind::Named> = List { item: ID, least: 0 };

static TABLE: Table<Draft> = Table {
    name: "service",
    what: "a service",
    doc: "A service: what runs it, what it needs, and how it proves that it is healthy.",
    rows: &[&[
        row!("compose", TEXT, "its name in the Compose file", |t, v| t.compose = Some(v)),
        row!("container", TEXT, "its container; derived for a Compose service", |t, v| t.container = Some(v)),
        row!("unit", TEXT, "its systemd unit", |t, v| t.unit = Some(v)),
        row!(
            "target",
            TARGET,
            "where it runs, if elsewhere than the system; its verbs and its health happen there",
            |t, v| t.target = Some(v)
        ),
        row!("title", TEXT, "for people; default: the id", |t, v| t.title = Some(v)),
        row!("needs", IDS, "services that must be healthy first", |t, v| t.needs = v),
        row!("after", IDS, "services that start first, without being needed", |t, v| t.after = v),
        row!("optional", BOOL, "absent: skipped; unhealthy: needs attention (false)", |t, v| t.optional = v),
        row!("tags", IDS, "names for selections", |t, v| t.tags = v),
        row!("priority", PRIORITY, "how much it matters", |t, v| t.priority = Some(v.value)),
        row!("objectives", OBJECTIVES, "its own objectives", |t, v| t.objectives = v),
        row!("estimate", SPAN_OF_TIME, "time until healthy", |t, v| t.estimate = Some(v)),
        row!("known_good", TEXT, "an image to go back to", |t, v| t.known_good = Some(v)),
        row!(
            "health",
            GATE,
            "proves that it is healthy; default: the container runs and Docker's own check passes",
            |t, v| t.health = Some(v)
        ),
        row!("operations", OPERATIONS, "how a verb is done for this service", |t, v| t.operations = v),
        row!("vars", VARS, "values: `service.vars.NAME`", |t, v| t.vars = v),
    ]],
    foreign: foreign![
        "depends_on" | "dependsOn" | "requires" | "links" => "`needs: [id]`",
        "container_name" => "`container:`",
        "healthcheck" | "health_check" | "livenessProbe" | "readinessProbe" => "`health:`",
        "image" => "`known_good:` (an image to go back to); the Compose file says which image runs",
        "restart" | "ports" | "volumes" | "networks" | "environment" | "env" | "build" | "command" | "entrypoint" | "deploy"
            => "the Compose file's business; this file says how to recover the service",
        "name" => "the id in front of it, and `title:` for people",
        "systemd" | "service" => "`unit:`",
        "docker" => "`container:` or `compose:`",
        "labels" | "groups" => "`tags:`",
        "profiles" => "`optional: true`, or `tags:`",
        "commands" | "actions" => "`operations:`",
        "required" => "`optional:`, the opposite",
    ],
    one_of: &[],
};

pub(super) const SERVICE: Record<Draft, Service> = Record { table: &TABLE, finish };

fn finish(lower: &mut Lower<'_>, draft: Draft, node: &Node<'_>) -> Option<Service> {
    let given = |key: &str| node.get(key).map(|entry| entry.key_place);
    match (given("compose"), given("container"), given("unit")) {
        (None, None, None) if ["compose", "container", "unit"].iter().any(|key| TABLE.is_meant(node, key)) => {}
        (None, None, None) => {
            let help = "add `compose: NAME`, `container: NAME` or `unit: NAME`";
            lower.error("document::missing_key", node.head(), "nothing says what runs this service", help);
        }
        (Some(_), _, Some(at)) | (_, Some(_), Some(at)) => {
            let help = "keep `unit:`, or `compose:` and `container:`";
            lower.error("document::several_forms", at, "a service is a container or a systemd unit, not both", help);
        }
        _ => {}
    }
    let runtime = match (draft.compose, draft.container, draft.unit) {
        (Some(service), container, _) => Runtime::Compose { service, container },
        (None, Some(container), _) => Runtime::Container(container),
        (None, None, unit) => Runtime::Unit(unit?),
    };
    Some(Service {
        span: lower.span(node.head()),
        runtime,
        target: draft.target,
        title: draft.title,
        needs: draft.needs,
        after: draft.after,
        optional: draft.optional,
        tags: draft.tags,
        priority: draft.priority,
        objectives: draft.objectives,
        estimate: draft.estimate,
        known_good: draft.known_good,
        health: draft.health,
        operations: draft.operations,
        vars: draft.vars,
    })
}

/// Verb → operation.
pub(super) struct Operations;
pub(super) const OPERATIONS: Operations = Operations;

impl Kind for Operations {
    type Out = Vec<(Spanned<Verb>, Operation)>;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Self::Out> {
        MapOf { name: (), value: VERB_OPERATION }.read_with(lower, node, verb)
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        let operation = VERB_OPERATION.schema(schemas);
        let verbs: serde_json::Map<_, _> =
            Verb::ALL.iter().map(|verb| (verb.as_str().to_owned(), operation.clone())).collect();
        json!({ "type": "object", "additionalProperties": false, "properties": verbs })
    }
}

fn verb(lower: &mut Lower<'_>, text: &str, place: Place) -> Option<Spanned<Verb>> {
    if let Some(verb) = Verb::ALL.into_iter().find(|verb| verb.as_str() == text) {
        return Some(Spanned { value: verb, span: lower.span(place) });
    }
    let words = Verb::ALL.map(Verb::as_str);
    let list = words.join(", ");
    let help = nearest(text, words)
        .map_or_else(|| format!("verbs: {list}"), |near| format!("did you mean `{near}`? verbs: {list}"));
    lower.error("document::unknown_key", place, format!("`{}` is not a verb for services", text.escape_debug()), help);
    None
}
