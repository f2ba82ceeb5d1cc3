//! Targets and channels of a system.

use serde_json::{Value, json};

use super::{Record, Table, foreign, not_yet, row};
use crate::document::kind::{Kind, TEXT, scalar};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, NodeKind};
use crate::model::source::Text;
use crate::model::system::{Channel, ChannelKind, Target};

/// `local`; the others are refused.
pub(super) struct TargetDecl;
pub(super) const TARGET_DECL: TargetDecl = TargetDecl;

impl Kind for TargetDecl {
    type Out = Target;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Target> {
        if let NodeKind::Mapping { entries, .. } = &node.kind {
            let known = entries.iter().find(|entry| matches!(entry.key.as_ref(), "ssh" | "gcloud" | "container"));
            let (place, what) =
                known.map_or((node.head(), "this target"), |entry| (entry.key_place, entry.key.as_ref()));
            if known.is_some() {
                let help = "write `local`, and reach the other machine with its own client: DOCKER_HOST in `env:` of the environment, \
                            `gcloud: compute ssh …`, `psql -h …`";
                lower.error(
                    "document::not_supported_yet",
                    place,
                    format!("targets of kind `{what}` are not supported yet"),
                    help,
                );
            } else {
                lower.error("document::wrong_type", place, "this is not a target", "write `local`");
            }
            return None;
        }
        let (text, _) = scalar(lower, node, "`local`")?;
        if text == "local" {
            return Some(Target::Local);
        }
        let message = format!("`{}` is not a target", text.escape_debug());
        lower.error("document::unknown_value", node.place, message, "write `local`");
        None
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        json!({ "const": "local" })
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
