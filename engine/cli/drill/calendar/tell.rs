//! What came of an entry, as text and as an object, and whoever wants to know is told. A notice that does not arrive is a warning.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

use super::due;
use super::item::Item;
use crate::cli::exit::Exit;
use crate::model::calendar::Notice;
use crate::model::drill::Scorecard;
use crate::model::operation::Argv;
use crate::model::runbook::{SecretDecl, SecretSource};
use crate::model::source::Text;
use crate::model::system::ChannelKind;
use crate::model::work::Rendered;
use crate::report::done::{Done, End};
use crate::report::{drill, phrase};
use crate::runner::{capture, notify as channels, secrets};
use crate::secret::SecretStore;
use crate::template::{Scope, Template, Value as Datum, Words, value};

/// For a program of a notice.
const PATIENCE: Duration = Duration::from_mins(1);

/// What came of an entry.
pub struct Told<'c> {
    /// The entry.
    pub item: Item<'c>,
    /// The moments that it made up for.
    pub open: Vec<DateTime<FixedOffset>>,
    /// How the program ended.
    pub exit: Exit,
    /// Its record; none: it ended before there was one.
    pub done: Option<Done>,
    /// Of a drill: what was measured.
    pub score: Option<Scorecard>,
}

impl Told<'_> {
    fn verdict(&self) -> String {
        match &self.done {
            Some(done) if done.end == End::Failed => format!("FAILED, {}", done.verdict),
            Some(done) if done.end.counts() => done.verdict.clone(),
            Some(done) if !done.verdict.is_empty() => format!("NOT CARRIED OUT, {}", done.verdict),
            _ => format!("NOT CARRIED OUT, exit {}: {}", self.exit.code(), self.exit.meaning()),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut lines = vec![format!("{}: {}", self.item.title(), self.verdict())];
        let due = self.open.first().map(|moment| self.item.shown(moment.to_utc())).unwrap_or_default();
        let missed = match self.open.len() {
            0 | 1 => String::new(),
            times => format!(", missed {times} times"),
        };
        lines.push(format!("{}, due since {due}{missed}", self.item.label()));
        lines.extend(self.score.iter().flat_map(drill::brief));
        if let Some(done) = &self.done {
            if let (None, Some(ended)) = (&self.score, done.ended) {
                let took = ended.signed_duration_since(done.began).to_std().unwrap_or_default();
                lines.push(format!("took {}", phrase::time(took)));
            }
            lines.extend(done.why.as_ref().map(|why| format!("why: {why}")));
            lines.extend(done.journal.parent().map(|record| format!("record: {}", absolute(record))));
        }
        lines.push(format!("command: {}", self.item.typed()));
        lines.join("\n")
    }

    /// For machines.
    pub fn object(&self) -> Value {
        let record = self.done.as_ref().and_then(|done| done.journal.parent()).map(absolute);
        json!({
            "calendar": self.item.opened.name(),
            "entry": self.item.id,
            "title": self.item.title(),
            "due_since": self.open.first().map(DateTime::to_rfc3339),
            "missed": self.open.len(),
            "verdict": self.verdict(),
            "recovery_ms": self.score.as_ref().and_then(|score| score.verified_ms),
            "rto_ms": self.score.as_ref().and_then(|score| score.rto_ms),
            "loss_ms": self.score.as_ref().and_then(Scorecard::loss_ms),
            "rpo_ms": self.score.as_ref().and_then(|score| score.rpo_ms),
            "result": self.done.as_ref().map(due::record),
            "record": record,
            "command": self.item.command(),
            "exit": self.exit.code(),
        })
    }
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string()
}

/// Tells everybody that the calendar names. Gives what did not arrive.
pub fn notify(told: &Told<'_>) -> Vec<String> {
    let calendar = &told.item.opened.document.calendar;
    let mut warnings = Vec::new();
    for (index, notice) in calendar.notify.iter().enumerate() {
        let (name, sent) = match notice {
            Notice::Exec(argv) => ("exec", start(told, argv)),
            Notice::Channel(channel) => {
                let name = if channel.kind == ChannelKind::Slack { "slack" } else { "webhook" };
                (name, send(told, channel.kind, &channel.url))
            }
        };
        if let Err(why) = sent {
            warnings.push(format!("notice {} ({name}) of {} did not arrive: {why}", index + 1, told.item.label()));
        }
    }
    warnings
}

/// A program gets the text on its standard input. A path is relative to the calendar.
fn start(told: &Told<'_>, argv: &Argv) -> Result<(), String> {
    let words = Words::parse(argv).map_err(|found| found.first().map(|it| it.message.clone()).unwrap_or_default())?;
    let words = words.render(&Scope::default()).map_err(|error| error.message.clone())?;
    let (program, arguments) = words.split_first().ok_or("its command is empty")?;
    let program = if program.contains('/') { beside(told, Path::new(program)) } else { program.clone() };
    let text = format!("{}\n", told.text()).into_bytes();
    let said = capture::capture_with(&program, arguments, text, PATIENCE).map_err(|error| error.to_string())?;
    match said.exit {
        Some(0) => Ok(()),
        exit => {
            let exit = exit.map_or_else(|| "a signal".to_owned(), |exit| format!("exit {exit}"));
            let last = said.stderr.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no message");
            Err(format!("`{program}` ended with {exit}: {last}"))
        }
    }
}

fn send(told: &Told<'_>, kind: ChannelKind, url: &Text) -> Result<(), String> {
    let store = store(told)?;
    let url = address(told, url)?;
    let text = told.text();
    let message = match kind {
        ChannelKind::Slack => json!({ "text": text }),
        ChannelKind::Webhook => {
            let mut object = told.object();
            object["text"] = json!(text);
            object
        }
    };
    channels::tell(&url, &store, &message)
}

/// The calendar's secrets; one that is not there is why nobody is told.
fn store(told: &Told<'_>) -> Result<SecretStore, String> {
    let declared: Vec<(&str, SecretDecl)> = told
        .item
        .opened
        .document
        .calendar
        .secrets
        .iter()
        .map(|(name, secret)| {
            let mut secret = secret.clone();
            if let SecretSource::File(path) = &secret.source {
                secret.source = SecretSource::File(beside(told, path).into());
            }
            (name.value.as_str(), secret)
        })
        .collect();
    secrets::resolve(declared.iter().map(|(name, secret)| (*name, secret)))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

fn address(told: &Told<'_>, url: &Text) -> Result<Rendered, String> {
    let secrets = told.item.opened.document.calendar.secrets.iter();
    let secrets: std::collections::BTreeMap<&str, Datum> =
        secrets.map(|(name, _)| (name.value.as_str(), value::secret(&name.value))).collect();
    let template =
        Template::parse(url).map_err(|found| found.first().map(|it| it.message.clone()).unwrap_or_default())?;
    let scope = Scope::default().with("secrets", Datum::from(secrets));
    template.render_secret(&scope).map_err(|error| error.message.clone())
}

/// A path that the calendar's file names.
fn beside(told: &Told<'_>, path: &Path) -> String {
    absolute(&told.item.opened.path.parent().unwrap_or_else(|| Path::new("")).join(path))
}
