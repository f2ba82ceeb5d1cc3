//! On a terminal: a line for each running step, finished steps above them, and a clock against the expected time and the RTO.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use console::{Style, style};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::events::Weight;
use super::pace::Pace;
use super::plain::log_of;
use super::summary::Summary;
use super::terminal::Terminal;
use super::{Detail, closing, events, phrase, visible};
use crate::model::entry::{Entry, Record};
use crate::model::id::StepId;
use crate::model::outcome::{Outcome, SkipReason};
use crate::model::port::{Live, Observer};

/// How often spinners turn.
const TICK: Duration = Duration::from_millis(120);

/// Draws a run.
pub struct Console {
    terminal: Terminal,
    detail: Detail,
    dir: Option<PathBuf>,
    /// As the plan has them: a step that never starts has no other.
    titles: HashMap<StepId, String>,
    summary: Summary,
    clock: Option<ProgressBar>,
    running: HashMap<StepId, ProgressBar>,
    /// A parameter is being changed: how this leg of the run ends is nobody's news.
    between: bool,
}

impl Console {
    /// On this terminal; `dir` is the run's directory, for places of logs.
    #[must_use]
    pub fn new(terminal: Terminal, detail: Detail, dir: Option<PathBuf>, titles: HashMap<StepId, String>) -> Self {
        Self {
            terminal,
            detail,
            dir,
            titles,
            summary: Summary::default(),
            clock: None,
            running: HashMap::new(),
            between: false,
        }
    }

    fn begin(&mut self) {
        let title = style(visible::line(&self.summary.title).into_owned()).bold();
        if self.detail > Detail::Quiet {
            self.terminal.line(title.to_string());
            self.terminal.line(phrase::header(&self.summary));
            self.terminal.line("");
        }
        self.show_clock();
    }

    fn show_clock(&mut self) {
        if self.clock.is_some() {
            return;
        }
        let clock = self.terminal.add(ProgressBar::new_spinner().with_style(clock_style(self.terminal.pace())), None);
        clock.enable_steady_tick(TICK);
        self.clock = Some(clock);
    }

    fn step_began(&mut self, at: DateTime<Utc>, step: &StepId, title: &str, message: &str) {
        // A step with members is shown by its members.
        if let Some((parent, _)) = step.0.rsplit_once('/') {
            self.remove(&StepId(parent.to_owned()));
        }
        if let Some(bar) = self.running.get(step) {
            bar.set_message(message.to_owned());
            return;
        }
        if self.running.len() + 3 >= self.terminal.height() {
            return;
        }
        // A terminal that was stopped learns of it late.
        let age = (self.terminal.pace().wall() - at).to_std().unwrap_or_default();
        let bar = ProgressBar::new_spinner().with_style(step_style()).with_prefix(title.to_owned()).with_elapsed(age);
        let bar = self.terminal.add(bar, self.clock.as_ref());
        bar.set_message(message.to_owned());
        bar.enable_steady_tick(TICK);
        self.running.insert(step.clone(), bar);
    }

    fn remove(&mut self, step: &StepId) {
        if let Some(bar) = self.running.remove(step) {
            self.terminal.remove(&bar);
        }
    }

    fn message(&self, step: &StepId, message: String) {
        if let Some(bar) = self.running.get(step) {
            bar.set_message(message);
        }
    }

    fn title(&self, step: &StepId) -> String {
        let known = self.summary.step(step).map(|known| known.title.as_str()).filter(|title| *title != step.0);
        let title = known.or_else(|| self.titles.get(step).map(String::as_str)).unwrap_or(&step.0);
        visible::line(title).into_owned()
    }

    fn more(&self, step: &StepId, text: &str, style: &Style) {
        let indent = "  ".repeat(step.depth() + 2);
        for line in text.lines() {
            self.terminal.line(format!("{indent}{}", style.apply_to(visible::line(line))));
        }
    }

    fn finished(&mut self, record: &Record) {
        let Entry::StepFinished { step, outcome, skipped, why, hint, elapsed_ms, attempts, .. } = &record.entry else {
            return;
        };
        self.remove(step);
        let well = matches!(outcome, Outcome::Succeeded | Outcome::Warned | Outcome::Skipped);
        let minor = matches!(skipped, Some(SkipReason::Parent { .. } | SkipReason::NotNeeded));
        if (self.detail == Detail::Quiet && well) || (self.detail < Detail::Commands && minor) {
            return;
        }
        let colour = phrase::style(*outcome);
        let indent = "  ".repeat(step.depth());
        let mark = colour.apply_to(phrase::mark(*outcome));
        let mut line = format!("{indent}{mark} {}", self.title(step));
        match skipped {
            Some(reason) => {
                let _ =
                    write!(line, "  {}", colour.apply_to(format!("skipped: {}", visible::line(&reason.describe()))));
            }
            None => {
                let _ = write!(line, "  {}", style(phrase::ms(*elapsed_ms)).dim());
            }
        }
        if *attempts > 1 {
            let _ = write!(line, "  {}", style(format!("{attempts} attempts")).dim());
        }
        self.terminal.line(line);
        for why in why {
            self.more(step, why, &colour);
        }
        if let Some(hint) = hint {
            self.more(step, &format!("hint: {hint}"), &Style::new().cyan());
        }
        if !well && let Some(log) = log_of(self.dir.as_ref(), step) {
            self.more(step, &format!("log: {log}"), &Style::new().dim());
        }
    }

    fn undo_finished(&mut self, step: &StepId, undone: bool, why: &[String], elapsed_ms: u64) {
        self.remove(step);
        if undone && self.detail == Detail::Quiet {
            return;
        }
        let indent = "  ".repeat(step.depth());
        let (outcome, word) =
            if undone { (Outcome::RolledBack, "undone") } else { (Outcome::Failed, "stuck, not undone") };
        let colour = phrase::style(outcome);
        let (mark, elapsed) = (colour.apply_to(phrase::mark(outcome)), style(phrase::ms(elapsed_ms)).dim());
        self.terminal.line(format!("{indent}{mark} {}  {}  {elapsed}", self.title(step), colour.apply_to(word)));
        for why in why {
            self.more(step, why, &colour);
        }
    }

    fn event(&self, entry: &Entry) {
        let Some(event) = events::of(entry, &self.summary, &|step| self.title(step)) else { return };
        if self.detail == Detail::Quiet && event.weight != Weight::Wrong {
            return;
        }
        let colour = event.weight.style();
        self.terminal.line(colour.apply_to(visible::line(&event.text)).to_string());
        for more in &event.more {
            self.terminal.line(format!("    {}", colour.apply_to(visible::line(more))));
        }
    }

    fn end(&mut self) {
        let bars: Vec<StepId> = self.running.keys().cloned().collect();
        for step in bars {
            self.remove(&step);
        }
        if let Some(clock) = self.clock.take() {
            self.terminal.remove(&clock);
        }
        let colour = console::colors_enabled();
        let width = self.terminal.width();
        for line in closing::lines(&self.summary, self.detail, width, colour, self.dir.as_deref()) {
            self.terminal.line(line);
        }
    }
}

impl Observer for Console {
    fn replay(&mut self, records: &[Record]) {
        for record in records {
            self.summary.add(record);
            self.terminal.pace().record(&self.summary, record);
        }
    }

    fn record(&mut self, record: &Record) {
        self.summary.add(record);
        self.terminal.pace().record(&self.summary, record);
        self.between |= events::is_edit(&record.entry);
        if self.between && !matches!(record.entry, Entry::Amended { .. } | Entry::RunResumed { .. }) {
            if let Entry::StepFinished { step, .. } = &record.entry {
                self.remove(step);
            }
            return;
        }
        self.between = false;
        let quiet = self.detail == Detail::Quiet;
        match &record.entry {
            Entry::RunStarted { .. } => self.begin(),
            Entry::StepStarted { step, title, command, attempt, .. } => {
                let command = visible::line(command.lines().next().unwrap_or_default()).into_owned();
                let again = if *attempt > 1 { format!("attempt {attempt}: ") } else { String::new() };
                if self.detail == Detail::Commands && !command.is_empty() {
                    self.terminal.line(style(format!("{}$ {command}", "  ".repeat(step.depth()))).dim().to_string());
                }
                self.step_began(record.at, step, &visible::line(title), &format!("{again}{command}"));
            }
            Entry::GateStarted { step, within_ms, .. } => {
                let message = format!("waiting for its gate, at most {}", phrase::ms(*within_ms));
                let title = self.title(step);
                self.step_began(record.at, step, &title, &message);
            }
            Entry::AttemptFailed { step, attempt, why, delay_ms } => {
                self.message(step, format!("next attempt in {}", phrase::ms(*delay_ms)));
                if !quiet {
                    let line = format!("{}! {}: attempt {attempt} failed", "  ".repeat(step.depth()), self.title(step));
                    self.terminal.line(style(line).yellow().to_string());
                    self.more(step, why, &Style::new().yellow());
                }
            }
            Entry::FallbackStarted { step, why } => {
                self.terminal
                    .line(style(format!("! {}: failed, its fallback begins", self.title(step))).yellow().to_string());
                self.more(step, why, &Style::new().yellow());
            }
            Entry::StepFinished { .. } => self.finished(record),
            Entry::Interrupted { level } => {
                let next = match level {
                    1 => "interrupted: nothing new starts, what runs may finish; once more ends it",
                    _ => "interrupted: what runs is being ended",
                };
                self.terminal.line(style(next).magenta().to_string());
            }
            Entry::RunFinished { .. } => self.end(),
            Entry::RunResumed { .. } => {
                self.show_clock();
                self.event(&record.entry);
            }
            Entry::UndoStarted { step, command, .. } => {
                let command = visible::line(command.lines().next().unwrap_or_default()).into_owned();
                let title = format!("undo {}", self.title(step));
                self.step_began(record.at, step, &title, &command);
            }
            Entry::UndoFinished { step, undone, why, elapsed_ms } => {
                self.undo_finished(step, *undone, why, *elapsed_ms);
            }
            Entry::Resolved { .. }
            | Entry::ApprovalAsked { .. }
            | Entry::Approved { .. }
            | Entry::Amended { .. }
            | Entry::Paused { .. }
            | Entry::RollbackStarted { .. }
            | Entry::Cancelled { .. } => self.event(&record.entry),
            Entry::Answered { .. }
            | Entry::Surroundings(_)
            | Entry::StepNoted { .. }
            | Entry::Drill { .. }
            | Entry::Unknown => {}
        }
    }

    fn live(&mut self, passing: &Live) {
        match passing {
            Live::Output { step, line, .. } => {
                let shown = visible::line(line);
                if self.detail >= Detail::Output {
                    self.terminal.line(format!("{} {shown}", style(format!("{} |", visible::line(&step.0))).dim()));
                } else {
                    self.message(step, shown.into_owned());
                }
            }
            Live::Gate { step, seen, progress } => {
                let percent = progress.map(|percent| format!("{percent:.0} %  ")).unwrap_or_default();
                self.message(step, format!("waiting: {percent}{}", visible::line(seen)));
            }
        }
    }
}

impl Drop for Console {
    /// A run that ends without its last record (storage failure) must not leave spinners behind.
    fn drop(&mut self) {
        for bar in self.running.values().chain(self.clock.as_ref()) {
            self.terminal.remove(bar);
        }
    }
}

fn whole_seconds(elapsed: Duration) -> String {
    phrase::time(Duration::from_secs(elapsed.as_secs()))
}

fn step_style() -> ProgressStyle {
    let age = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = out.write_str(&whole_seconds(state.elapsed()));
    };
    ProgressStyle::with_template("{spinner:.cyan} {prefix}  {age:.bold}  {wide_msg:.dim}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .with_key("age", age)
}

fn clock_style(pace: &Pace) -> ProgressStyle {
    let pace = pace.clone();
    let clock = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = out.write_str(&pace.line().unwrap_or_default());
    };
    ProgressStyle::with_template("{spinner:.dim} {clock}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .with_key("clock", clock)
}
