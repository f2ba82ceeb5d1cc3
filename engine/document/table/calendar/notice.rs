//! Who is told what came of an entry.

use super::{Record, Table, foreign, row};
use crate::document::kind::TEXT;
use crate::document::table::action::ARGV;
use crate::model::calendar::Notice;
use crate::model::system::{Channel, ChannelKind};

#[derive(Default)]
pub(super) struct Draft {
    notice: Option<Notice>,
}

static TABLE: Table<Draft> = Table {
    name: "notice",
    what: "a notice",
    doc: "Who is told. A notice that does not arrive is a warning.",
    rows: &[&[
        row!("slack", TEXT, "a Slack-style webhook; a place for secrets", |t, v| {
            t.notice = Some(Notice::Channel(Channel { kind: ChannelKind::Slack, url: v }));
        }),
        row!("webhook", TEXT, "any URL; gets JSON; a place for secrets", |t, v| {
            t.notice = Some(Notice::Channel(Channel { kind: ChannelKind::Webhook, url: v }));
        }),
        row!("exec", ARGV, "a program; reads the result as text on its standard input", |t, v| {
            t.notice = Some(Notice::Exec(v));
        }),
    ]],
    foreign: foreign![
        "url" | "http" | "teams" | "discord" | "mattermost" => "`webhook:` (or `slack:` for Slack-style messages)",
        "email" | "mail" | "smtp" => "`exec:`, like `exec: mail -s drill ops@example.com`",
        "command" | "run" | "shell" | "program" => "`exec:`",
        "to" | "channel" | "channels" => "the address itself: `webhook: URL`, `slack: URL` or `exec: COMMAND`",
    ],
    one_of: &["slack", "webhook", "exec"],
};

pub(super) const NOTICE: Record<Draft, Notice> = Record { table: &TABLE, finish: |_, draft, _| draft.notice };
