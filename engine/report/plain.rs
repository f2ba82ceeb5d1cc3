//! Without a terminal: one line an event, each with the time since the start, no escape sequences.

use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::events::Weight;
use super::sink::Sink;
use super::summary::Summary;
use super::{Detail, closing, events, phrase, visible};
use crate::model::entry::{Entry, Record};
use crate::model::id::StepId;
use crate::model::outcome::{Mode, Outcome, SkipReason};
use crate::model::port::{Live, Observer};

/// Columns of the closing table where nobody knows the width.
const WIDTH: usize = 100;

/// Writes plain lines.
pub struct Plain {
    sink: Sink,
    detail: Detail,
    dir: Option<PathBuf>,
    summary: Summary,
    /// A parameter is being changed: how this leg of the run ends is nobody's news.
    between: bool,
    /// The caller says how it ends.
    open_end: bool,
}

impl Plain {
    /// To this sink; `dir` is the run's directory, for places of logs.
    #[must_use]
    pub fn new(sink: Sink, detail: Detail, dir: Option<PathBuf>) -> Self {
        Self { sink, detail, dir, summary: Summary::default(), between: false, open_end: false }
    }

    /// A rehearsed run: it has no directory, and its end is the caller's to say.
    #[must_use]
    pub fn rehearsal(sink: Sink, detail: Detail) -> Self {
        Self { open_end: true, ..Self::new(sink, detail, None) }
    }

    fn word(&self, outcome: Outcome) -> &'static str {
        outcome.word(Mode::of(&self.summary.mode))
    }

    fn say(&self, at: DateTime<Utc>, text: &str) {
        let since = self.summary.started.map_or(0, |started| (at - started).num_milliseconds());
        let since = phrase::ms(u64::try_from(since).unwrap_or(0));
        self.sink.line(format!("[{since:>7}] {text}"));
    }

    fn more(&self, text: &str) {
        for line in text.lines() {
            self.sink.line(format!("{:10}  {}", "", visible::line(line)));
        }
    }

    fn finished(&self, record: &Record) {
        let Entry::StepFinished { step, outcome, skipped, why, hint, elapsed_ms, attempts, .. } = &record.entry else {
            return;
        };
        let step_shown = visible::line(&step.0);
        let elapsed = phrase::ms(*elapsed_ms);
        match outcome {
            Outcome::Skipped => {
                let reason = skipped.as_ref().map(SkipReason::describe).unwrap_or_default();
                let minor = matches!(skipped, Some(SkipReason::Parent { .. } | SkipReason::NotNeeded));
                if self.detail == Detail::Commands || (self.detail > Detail::Quiet && !minor) {
                    self.say(record.at, &format!("{step_shown}: skipped: {}", visible::line(&reason)));
                }
            }
            Outcome::Succeeded | Outcome::Warned if self.detail == Detail::Quiet => {}
            Outcome::Succeeded if why.is_empty() => {
                self.say(record.at, &format!("{step_shown}: {} in {elapsed}", self.word(*outcome)));
            }
            _ => {
                let times = if *attempts > 1 { format!(", {attempts} attempts") } else { String::new() };
                self.say(record.at, &format!("{step_shown}: {} after {elapsed}{times}", self.word(*outcome)));
                for why in why {
                    self.more(why);
                }
                if let Some(hint) = hint {
                    self.more(&format!("hint: {hint}"));
                }
                if let Some(log) = log_of(self.dir.as_ref(), step) {
                    self.more(&format!("log: {log}"));
                }
            }
        }
    }

    fn event(&self, at: DateTime<Utc>, entry: &Entry) {
        let Some(event) = events::of(entry, &self.summary, &|step| step.0.clone()) else { return };
        if self.detail > Detail::Quiet || event.weight == Weight::Wrong {
            self.say(at, &visible::line(&event.text));
            for more in &event.more {
                self.more(more);
            }
        }
    }

    fn started(&self, record: &Record) {
        let Entry::StepStarted { step, title, attempt, command, .. } = &record.entry else { return };
        let mut text = format!("{}: {}", visible::line(&step.0), visible::line(title));
        if *attempt > 1 {
            let _ = write!(text, " (attempt {attempt})");
        }
        self.say(record.at, &text);
        if self.detail == Detail::Commands {
            for line in command.lines() {
                self.more(&format!("$ {line}"));
            }
        }
    }
}

/// The directory of a step's logs, if there is one by now.
#[must_use]
pub fn log_of(dir: Option<&PathBuf>, step: &StepId) -> Option<String> {
    let path = dir?.join("steps").join(step.file_name());
    path.exists().then(|| path.display().to_string())
}

impl Observer for Plain {
    fn replay(&mut self, records: &[Record]) {
        for record in records {
            self.summary.add(record);
        }
    }

    fn record(&mut self, record: &Record) {
        self.summary.add(record);
        self.between |= events::is_edit(&record.entry);
        if self.between && !matches!(record.entry, Entry::Amended { .. } | Entry::RunResumed { .. }) {
            return;
        }
        self.between = false;
        let quiet = self.detail == Detail::Quiet;
        match &record.entry {
            Entry::RunStarted { .. } | Entry::RunFinished { .. } if self.open_end => {}
            Entry::RunStarted { run, title, .. } if !quiet => {
                self.say(record.at, &format!("{}: {}", visible::line(title), phrase::header(&self.summary)));
                self.say(record.at, &format!("run {run}"));
            }
            Entry::StepStarted { .. } if !quiet => self.started(record),
            Entry::GateStarted { step, within_ms, .. } if !quiet && *within_ms > 0 => {
                let step = visible::line(&step.0);
                self.say(record.at, &format!("{step}: waiting for its gate, at most {}", phrase::ms(*within_ms)));
            }
            Entry::AttemptFailed { step, attempt, why, delay_ms } if !quiet => {
                let step = visible::line(&step.0);
                let delay = phrase::ms(*delay_ms);
                self.say(record.at, &format!("{step}: attempt {attempt} failed, the next in {delay}"));
                self.more(why);
            }
            Entry::Answered { step, question, answer, by, .. } if !quiet => {
                let step = visible::line(&step.0);
                self.say(record.at, &format!("{step}: {question} answered {answer} by {}", visible::line(by)));
            }
            Entry::FallbackStarted { step, why } => {
                self.say(record.at, &format!("{}: failed, its fallback begins", visible::line(&step.0)));
                self.more(why);
            }
            Entry::StepFinished { .. } => self.finished(record),
            Entry::Interrupted { level } => {
                let next = match level {
                    1 => "nothing new starts; what runs may finish",
                    _ => "what runs is being ended",
                };
                self.say(record.at, &format!("interrupted: {next}"));
            }
            Entry::RunFinished { .. } => {
                for line in closing::lines(&self.summary, self.detail, WIDTH, false, self.dir.as_deref()) {
                    self.sink.line(line);
                }
            }
            Entry::UndoStarted { step, command, .. } if !quiet => {
                self.say(record.at, &format!("{}: is being undone", visible::line(&step.0)));
                if self.detail == Detail::Commands {
                    self.more(&format!("$ {command}"));
                }
            }
            Entry::UndoFinished { step, undone, why, elapsed_ms } if !quiet || !undone => {
                let word = if *undone { "undone" } else { "stuck, not undone" };
                self.say(record.at, &format!("{}: {word} after {}", visible::line(&step.0), phrase::ms(*elapsed_ms)));
                for why in why {
                    self.more(why);
                }
            }
            entry => self.event(record.at, entry),
        }
    }

    fn live(&mut self, live: &Live) {
        match live {
            Live::Output { step, line, .. } if self.detail >= Detail::Output => {
                self.sink.line(format!("{:10}{} | {}", "", visible::line(&step.0), visible::line(line)));
            }
            Live::Gate { step, seen, progress } if self.detail >= Detail::Output => {
                let percent = progress.map(|percent| format!(" ({percent:.0} %)")).unwrap_or_default();
                let step = visible::line(&step.0);
                self.sink.line(format!("{:10}{step}: waiting{percent}: {}", "", visible::line(seen)));
            }
            _ => {}
        }
    }
}
