//! `services:`: a verb alone (`start`), or `{ VERB: selection, scope, image }`.

use serde_json::{Value, json};

use super::{Record, Table, foreign, row};
use crate::document::kind::{Choice, Kind, List, OneOrMany, TEXT, scalar};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, NodeKind};
use crate::model::operation::{Scope, ServicesAction, Verb};
use crate::model::source::{Span, Spanned, Text};
use crate::template::nearest::nearest;

#[derive(Default)]
struct Draft {
    verb: Option<Spanned<Verb>>,
    selection: Vec<Text>,
    scope: Option<(Span, Scope)>,
    image: Option<(Span, Text)>,
}

const SELECTION: OneOrMany<crate::document::kind::TextKind> = OneOrMany { item: List { item: TEXT, least: 1 } };

const SCOPE: Choice<Scope> = Choice(&[
    ("selected", Some(Scope::Selected)),
    ("with_dependencies", Some(Scope::WithDependencies)),
    ("with_dependents", Some(Scope::WithDependents)),
    ("dependents", Some(Scope::Dependents)),
]);

macro_rules! verb {
    ($key:literal, $verb:ident, $doc:literal) => {
        row!($key, SELECTION, $doc, |t, v, at| {
            t.verb = Some(Spanned { value: Verb::$verb, span: at });
            t.selection = v;
        })
    };
}

static TABLE: Table<Draft> = Table {
    name: "services",
    what: "`services`",
    doc: "A verb for services of the system: `all`, ids and tags.",
    rows: &[&[
        verb!("start", Start, "starts them in order; each must be healthy before what needs it"),
        verb!("stop", Stop, "stops them, dependents first"),
        verb!("restart", Restart, "restarts them; ends healthy"),
        verb!("recreate", Recreate, "makes their containers anew; ends healthy"),
        verb!("remove", Remove, "removes their containers, dependents first; data stays"),
        verb!("pause", Pause, "freezes them, all at once"),
        verb!("unpause", Unpause, "lets them go on, all at once"),
        verb!("deploy", Deploy, "runs them from `image`; ends healthy"),
        verb!("check", Check, "asks whether they are healthy; changes nothing"),
        verb!("logs", Logs, "reads what they wrote since they started"),
        row!("scope", SCOPE, "how the selection grows (selected)", |t, v| t.scope = Some((v.span, v.value))),
        row!("image", TEXT, "image to deploy", |t, v, at| t.image = Some((at, v))),
    ]],
    foreign: foreign![
        "up" => "`start:`",
        "down" => "`stop:` or `remove:`",
        "rm" | "delete" => "`remove:`",
        "status" | "health" => "`check:`",
        "name" | "names" | "service" => "`VERB: service`, e.g. `start: postgres`",
        "state" => "a verb: `start:`, `stop:`, `restart:`",
    ],
    one_of: &["start", "stop", "restart", "recreate", "remove", "pause", "unpause", "deploy", "check", "logs"],
};

const LONG: Record<Draft, ServicesAction> = Record { table: &TABLE, finish };

fn finish(lower: &mut Lower<'_>, draft: Draft, node: &Node<'_>) -> Option<ServicesAction> {
    let verb = draft.verb?;
    let image = draft.image.map(|(at, image)| {
        if verb.value != Verb::Deploy {
            let place = node.get("image").map_or(node.head(), |entry| entry.key_place);
            let message = format!("`{}` takes no `image`", verb.value.as_str());
            lower.error("document::key_without_use", place, message, "use `deploy:` to run another image");
        }
        let _ = at;
        image
    });
    if verb.value == Verb::Deploy && image.is_none() && node.get("image").is_none() {
        lower.error(
            "document::missing_key",
            node.head(),
            "`deploy` needs `image`",
            "add `image:` with the image to run",
        );
    }
    let scope = draft.scope.map(|(_, scope)| scope).unwrap_or_default();
    Some(ServicesAction { verb, selection: draft.selection, scope, image })
}

pub(super) struct Services;
pub(super) const SERVICES: Services = Services;

impl Kind for Services {
    type Out = ServicesAction;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<ServicesAction> {
        if matches!(node.kind, NodeKind::Mapping { .. }) {
            return LONG.read(lower, node);
        }
        let (text, _) = scalar(lower, node, "a verb or a mapping")?;
        let verb = Verb::ALL.into_iter().find(|verb| verb.as_str() == text);
        let words = Verb::ALL.map(Verb::as_str);
        let Some(verb) = verb else {
            let message = format!("`{}` is not a verb for services", text.escape_debug());
            let list = words.join(", ");
            let help = nearest(text, words).map_or_else(
                || format!("verbs: {list}; a service is named behind one: `services: {{ start: postgres }}`"),
                |near| format!("did you mean `{near}`? verbs: {list}"),
            );
            lower.error("document::unknown_value", node.place, message, help);
            return None;
        };
        if verb == Verb::Deploy {
            let help = "write `services: { deploy: service, image: … }`";
            lower.error("document::missing_key", node.place, "`deploy` needs a service and an image", help);
            return None;
        }
        let verb = Spanned { value: verb, span: lower.span(node.place) };
        Some(ServicesAction { verb, selection: Vec::new(), scope: Scope::default(), image: None })
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        let verbs: Vec<_> = Verb::ALL.into_iter().filter(|verb| *verb != Verb::Deploy).map(Verb::as_str).collect();
        json!({ "anyOf": [{ "enum": verbs }, LONG.schema(schemas)] })
    }
}
