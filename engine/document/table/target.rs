//! Targets: `local`, other machines, containers. And channels of a system.

use serde_json::{Value, json};

use super::{Record, Table, foreign, not_yet, row};
use crate::document::kind::{ID, Kind, MapOf, Named, TEXT, TextKind, scalar};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, NodeKind};
use crate::model::source::{Name, Text};
use crate::model::system::{Channel, ChannelKind, Target, TargetRef};

#[derive(Default)]
pub(in crate::document) struct TargetDraft {
    ssh: Option<Text>,
    port: Option<Text>,
    identity_file: Option<Text>,
    gcloud: Option<Text>,
    project: Option<Text>,
    zone: Option<Text>,
    container: Option<Text>,
    via: Option<Name>,
}

static TARGET_TABLE: Table<TargetDraft> = Table {
    name: "target",
    what: "a target",
    doc: "Where operations happen: another machine, or inside a container.",
    rows: &[&[
        row!("ssh", TEXT, "a machine, over OpenSSH: `user@host`, or an alias of the ssh configuration", |t, v| t.ssh =
            Some(v)),
        row!("port", Port, "of `ssh`; default: OpenSSH's own", |t, v| t.port = Some(v)),
        row!(
            "identity_file",
            TEXT,
            "of `ssh`: a private key, relative to this file; default: OpenSSH's own",
            |t, v| t.identity_file = Some(v)
        ),
        row!("gcloud", TEXT, "a virtual machine, over `gcloud compute ssh`", |t, v| t.gcloud = Some(v)),
        row!("project", TEXT, "of `gcloud`; default: the client's own", |t, v| t.project = Some(v)),
        row!("zone", TEXT, "of `gcloud`; default: the client's own", |t, v| t.zone = Some(v)),
        row!("container", TEXT, "a container; `exec` and `shell` run inside, over `docker exec -i`", |t, v| t
            .container =
            Some(v)),
        row!("via", ID, "of `container`: the target where its Docker Engine is; default: this machine", |t, v| t.via =
            Some(v)),
    ]],
    foreign: foreign![
        "host" | "hostname" | "address" | "server" | "ip" => "`ssh: user@host`",
        "user" | "username" => "part of `ssh: user@host`",
        "key" | "key_file" | "identity" | "private_key" => "`identity_file:`",
        "password" => "not possible: ssh here asks nobody; use a key or an agent",
        "vm" | "instance" | "gce" => "`gcloud:`",
        "docker" | "pod" => "`container:`",
        "local" | "localhost" => "a word, not a key: `target: local`",
        "region" => "`zone:`",
        "jump" | "proxy" | "bastion" | "proxy_jump" => "not a key: put `ProxyJump` into the ssh configuration, and name the alias in `ssh:`",
    ],
    one_of: &["ssh", "gcloud", "container"],
};

const LONG: Record<TargetDraft, Target> = Record { table: &TARGET_TABLE, finish };

fn finish(lower: &mut Lower<'_>, draft: TargetDraft, node: &Node<'_>) -> Option<Target> {
    let belongs =
        [("port", "ssh"), ("identity_file", "ssh"), ("project", "gcloud"), ("zone", "gcloud"), ("via", "container")];
    let kind = ["ssh", "gcloud", "container"].into_iter().find(|key| node.get(key).is_some())?;
    for (key, to) in belongs {
        if let Some(entry) = node.get(key).filter(|_| to != kind) {
            let message = format!("a target of kind `{kind}` does not use `{key}`");
            lower.error("document::key_without_use", entry.key_place, message, format!("`{key}` belongs to `{to}:`"));
        }
    }
    Some(match kind {
        "ssh" => Target::Ssh { host: draft.ssh?, port: draft.port, identity_file: draft.identity_file },
        "gcloud" => Target::Gcloud { vm: draft.gcloud?, project: draft.project, zone: draft.zone },
        _ => Target::Container { name: draft.container?, via: draft.via },
    })
}

/// A TCP port; a template is looked at when it is rendered.
struct Port;

impl Kind for Port {
    type Out = Text;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Text> {
        let text = TEXT.read(lower, node)?;
        if !text.0.source.contains("${{") && text.0.source.parse::<u16>().map_or(true, |port| port == 0) {
            let message = format!("`{}` is not a port", text.0.source.escape_debug());
            lower.error("document::wrong_type", node.place, message, "write a number from 1 to 65535");
            return None;
        }
        Some(text)
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        json!({ "anyOf": [{ "type": "integer", "minimum": 1, "maximum": 65535 }, { "type": "string" }] })
    }
}

/// `local`, or a mapping.
pub(super) struct TargetDecl;
pub(super) const TARGETS: MapOf<Named, TargetDecl> = MapOf { name: ID, value: TargetDecl };

impl Kind for TargetDecl {
    type Out = Target;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Target> {
        if matches!(node.kind, NodeKind::Mapping { .. }) {
            return LONG.read(lower, node);
        }
        let (text, _) = scalar(lower, node, "`local` or a mapping")?;
        if text == "local" {
            return Some(Target::Local);
        }
        let message = format!("`{}` is not a target", text.escape_debug());
        let help = if text.contains('@') {
            format!("write `{{ ssh: {text} }}`")
        } else {
            "write `local`, `{ ssh: user@host }`, `{ gcloud: vm }` or `{ container: name }`".to_owned()
        };
        lower.error("document::unknown_value", node.place, message, help);
        None
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [{ "const": "local" }, LONG.schema(schemas)] })
    }
}

/// `target:`: a name, or the target itself.
pub(in crate::document) struct TargetKind;
pub(in crate::document) const TARGET: TargetKind = TargetKind;

impl Kind for TargetKind {
    type Out = TargetRef;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<TargetRef> {
        if matches!(node.kind, NodeKind::Mapping { .. }) {
            let target = Box::new(LONG.read(lower, node)?);
            return Some(TargetRef::Inline { span: lower.span(node.head()), target });
        }
        TextKind.read(lower, node).map(TargetRef::Named)
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [TEXT.schema(schemas), LONG.schema(schemas)] })
    }
}

#[derive(Default)]
pub(super) struct ChannelDraft {
    channel: Option<Channel>,
}

static CHANNEL_TABLE: Table<ChannelDraft> = Table {
    name: "channel",
    what: "a channel",
    doc: "Where messages go. The URL is usually a secret; without it the channel is skipped.",
    rows: &[&[
        row!("slack", TEXT, "a Slack-style webhook", |t, v| t.channel = Some(channel(ChannelKind::Slack, v))),
        row!("webhook", TEXT, "any URL; gets JSON", |t, v| t.channel = Some(channel(ChannelKind::Webhook, v))),
        not_yet!("pagerduty", "A PagerDuty routing key."),
    ]],
    foreign: foreign![
        "url" | "http" | "teams" | "discord" | "mattermost" => "`webhook:` (or `slack:` for Slack-style messages)",
        "email" | "mail" | "smtp" => "not supported: use a webhook",
        "type" | "kind" => "the key itself: `slack: URL` or `webhook: URL`",
    ],
    one_of: &["slack", "webhook", "pagerduty"],
};

fn channel(kind: ChannelKind, url: Text) -> Channel {
    Channel { kind, url }
}

pub(super) const CHANNEL: Record<ChannelDraft, Channel> =
    Record { table: &CHANNEL_TABLE, finish: |_, draft, _| draft.channel };
