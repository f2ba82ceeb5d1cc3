//! `runbook schema KIND`.

use super::args::{SchemaArgs, SchemaKind};
use super::exit::Exit;
use super::failure::Failure;
use crate::document;
use crate::report::{Sink, account};

/// What `history --format json` prints; a test holds it against that.
const HISTORY: &str = include_str!("../../schemas/history.schema.json");

/// Prints the schema.
pub fn schema(args: &SchemaArgs) -> Result<Exit, Failure> {
    let kind = match args.kind {
        SchemaKind::Runbook => "runbook",
        SchemaKind::System => "system",
        SchemaKind::Test => "test",
        SchemaKind::Lab => "lab",
        SchemaKind::Report => "report",
        SchemaKind::History => {
            Sink::stdout().text(HISTORY);
            return Ok(Exit::Success);
        }
        SchemaKind::Calendar => "calendar",
    };
    let schema = if args.kind == SchemaKind::Report { Some(account::schema()) } else { document::schema(kind) };
    let schema = schema.ok_or_else(|| Failure::Internal(format!("no schema for `{kind}`")))?;
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|error| Failure::Internal(format!("write the schema of `{kind}`: {error}")))?;
    Sink::stdout().line(text);
    Ok(Exit::Success)
}
