//! A runbook for the wall: every step with the commands themselves, what they should say and how to undo them, for the hour in which
//! nothing but a shell is there. Here it is set as blocks; [`markdown`] and [`html`] print them.

mod html;
pub mod markdown;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

pub use self::html::html;
pub use self::markdown::markdown;
use super::phrase;
use crate::execute::preview::{Check, GateSheet, Preview, PreviewStep, Sheet, Verdict};
use crate::model::effect::Effect;
use crate::model::runbook::OnFailure;
use crate::plan::Plan;
use crate::template::quantity::format_duration;

/// A piece of the document. All text is text of others, to be escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Block {
    /// A step begins: nesting from 0, its number, its title, its id, whether it destroys.
    Step { depth: usize, number: String, title: String, id: String, destroys: bool },
    /// A section begins.
    Section(String),
    /// A sentence; its parts in a fixed font stand in pairs of back-quotes of the first kind of text only.
    Say(Vec<Word>),
    /// Points of a list.
    Points(Vec<Vec<Word>>),
    /// To be typed, as it stands.
    Type(Vec<String>),
    /// To be filled in by hand: its label.
    Blank(Vec<Word>),
    /// Ticked off.
    Done,
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Plain(String),
    Strong(String),
    Code(String),
}

/// The document.
#[derive(Clone, Debug)]
pub struct Paper {
    title: String,
    blocks: Vec<Block>,
}

fn plain(text: impl Into<String>) -> Word {
    Word::Plain(text.into())
}

fn strong(text: impl Into<String>) -> Word {
    Word::Strong(text.into())
}

fn code(text: impl Into<String>) -> Word {
    Word::Code(text.into())
}

impl Paper {
    /// Sets it. `params` are the values that it is printed for, `at` the time of printing.
    #[must_use]
    pub fn new(plan: &Plan, preview: &Preview, params: &Map<String, Value>, at: DateTime<Utc>) -> Self {
        let mut paper = Self { title: plan.title.clone(), blocks: Vec::new() };
        paper.head(plan, params, at);
        paper.steps(&preview.steps);
        paper.left_out(&preview.steps);
        paper
    }

    fn head(&mut self, plan: &Plan, params: &Map<String, Value>, at: DateTime<Utc>) {
        let mut what = vec![plain("Runbook "), code(&plan.name)];
        if let Some(system) = &plan.system {
            what.extend([plain(" for "), code(system)]);
        }
        if let Some(environment) = &plan.environment {
            what.extend([plain(" in "), code(&environment.name)]);
        }
        self.blocks.push(Block::Say(what));
        let mut times = Vec::new();
        times.extend(plan.objectives.rto.map(|time| format!("well again within {} (RTO)", format_duration(time))));
        times.extend(plan.objectives.rpo.map(|time| format!("at most {} of data lost (RPO)", format_duration(time))));
        times.push(format!("expected time {}", phrase::ms(ms(plan.budget.expected))));
        self.blocks.push(Block::Say(vec![strong(times.join(" · "))]));
        self.blocks.push(Block::Say(vec![plain(format!(
            "Printed {} UTC from documents {}. Text in ‹angle marks› is only known on the way: put in what you have written down; for {} the time at which you begin.",
            at.format("%Y-%m-%d %H:%M"),
            plan.source_digest.get(..12).unwrap_or(&plan.source_digest),
            plan.run.stamp,
        ))]));
        self.blocks.push(Block::Section("Before you begin".to_owned()));
        let mut points = Vec::new();
        let tools: Vec<Word> = spread(plan.tools.keys().map(String::as_str));
        if !tools.is_empty() {
            points.push(std::iter::once(plain("Programs: ")).chain(tools).collect());
        }
        let secrets: Vec<Word> = spread(plan.secrets.keys().map(String::as_str));
        if !secrets.is_empty() {
            points.push(std::iter::once(plain("Secrets, shown as ***: ")).chain(secrets).collect());
        }
        for (name, value) in params.iter().filter(|(_, value)| !value.is_null()) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            points.push(vec![plain("Printed for "), code(format!("{name} = {value}"))]);
        }
        self.blocks.push(Block::Points(points));
        for label in ["Begun at", "By"] {
            self.blocks.push(Block::Blank(vec![plain(label)]));
        }
        self.blocks.push(Block::Section("Steps".to_owned()));
    }

    fn steps(&mut self, steps: &[PreviewStep]) {
        let used = used(steps);
        let mut numbers: Vec<usize> = Vec::new();
        for step in steps {
            let Some(sheet) = &step.sheet else { continue };
            numbers.truncate(step.depth + 1);
            numbers.resize(step.depth + 1, 0);
            numbers[step.depth] += 1;
            let number = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
            self.step(step, sheet, number, &used);
        }
    }

    fn step(&mut self, step: &PreviewStep, sheet: &Sheet, number: String, used: &str) {
        let destroys = step.effect.effect == Effect::Destroy;
        self.blocks.push(Block::Step {
            depth: step.depth,
            number,
            title: step.title.clone(),
            id: step.step.0.clone(),
            destroys,
        });
        self.about(step, sheet);
        if let Some(check) = &sheet.done_when {
            self.check("Already done? Then leave it out. Ask:", check);
        }
        if let Some(check) = &sheet.require {
            self.check("Go on only if:", check);
        }
        if let Some(typed) = &step.confirm {
            let shown = sheet.shown.iter().flat_map(|shown| [plain(" "), plain(shown)]);
            let words = [strong("Stop and think: "), plain("this is confirmed by typing "), code(typed), plain(".")];
            self.blocks.push(Block::Say(words.into_iter().chain(shown).collect()));
        }
        if let Some(approve) = &step.approve {
            let people = approve.people.join(", ");
            let text = format!("{} of {people} must agree. Name and time:", approve.min);
            self.blocks.push(Block::Blank(vec![strong("Approval: "), plain(text)]));
        }
        let is_group = step.verdict == Verdict::Group;
        if is_group {
            if sheet.side_by_side {
                self.blocks.push(Block::Say(vec![plain("Its steps can be done at the same time, in any order.")]));
            }
        } else {
            self.check("", &sheet.action);
        }
        if let Some(gate) = &sheet.gate {
            self.gate(gate);
        }
        if !sheet.warn_unless.is_empty() {
            let words = std::iter::once(plain("Worth a look unless ")).chain(spread(refs(&sheet.warn_unless)));
            self.blocks.push(Block::Say(words.collect()));
        }
        for name in &sheet.inputs {
            self.blocks.push(Block::Blank(vec![plain("Write down "), code(name)]));
        }
        for (name, value) in sheet.outputs.iter().filter(|(name, _)| used.contains(&format!("outputs.{name}"))) {
            // What a group gives was written down at one of its steps.
            self.blocks.push(if is_group {
                Block::Say(vec![plain("Its "), code(name), plain(" is "), code(value)])
            } else {
                Block::Blank(vec![plain("Write down "), code(name), plain(" = "), code(value)])
            });
        }
        if sheet.evidence {
            self.blocks.push(Block::Blank(vec![plain("For the record")]));
        }
        self.failure(step, sheet);
        if let Some(rollback) = &sheet.rollback {
            self.check("To undo it:", rollback);
        }
        if !is_group {
            self.blocks.push(Block::Done);
        }
    }

    /// What kind of step it is, and when it runs.
    fn about(&mut self, step: &PreviewStep, sheet: &Sheet) {
        let mut parts: Vec<Word> = Vec::new();
        let mut part = |word: Word| {
            if !parts.is_empty() {
                parts.push(plain(" · "));
            }
            parts.push(word);
        };
        if step.verdict != Verdict::Group {
            match (step.manual, step.effect.effect) {
                (true, _) => part(strong("by hand")),
                (false, Effect::Read) => part(plain("only looks")),
                (false, Effect::Mutate) => part(plain("changes something")),
                (false, Effect::Destroy) => part(strong("DESTROYS: cannot be undone")),
            }
        }
        if let Some(time) = step.estimate {
            part(plain(format!("about {}", format_duration(time))));
        }
        if sheet.attempts.0 > 1 {
            let (attempts, delay) = sheet.attempts;
            part(plain(format!("try {attempts} times, {} apart", format_duration(delay))));
        }
        if let Some(note) = &step.note {
            part(strong(note));
        }
        if !parts.is_empty() {
            self.blocks.push(Block::Say(parts));
        }
    }

    fn check(&mut self, lead: &str, check: &Check) {
        let mut words = Vec::new();
        if !lead.is_empty() {
            words.push(strong(lead));
        }
        if let Some(login) = &check.login {
            let gap = if words.is_empty() { "On " } else { " on " };
            words.extend([plain(gap), code(login)]);
        }
        if !words.is_empty() {
            self.blocks.push(Block::Say(words));
        }
        if check.manual {
            for line in check.commands.iter().filter(|line| !line.trim().is_empty()) {
                self.blocks.push(Block::Say(vec![plain(line)]));
            }
        } else if !check.commands.is_empty() {
            self.blocks.push(Block::Type(check.commands.clone()));
        }
        if !check.expect.is_empty() {
            let mut words = vec![plain("Must hold: ")];
            for (at, text) in check.expect.iter().enumerate() {
                if at > 0 {
                    words.push(plain("; "));
                }
                let is_sentence = matches!(text.as_str(), "exit code 0" | "a status of 200 to 299");
                words.push(if is_sentence { plain(text) } else { code(text) });
            }
            self.blocks.push(Block::Say(words));
        }
    }

    fn gate(&mut self, gate: &GateSheet) {
        let times = if gate.successes > 1 { format!(", {} times in a row", gate.successes) } else { String::new() };
        let lead = if gate.within.is_zero() {
            "Then look, once:".to_owned()
        } else {
            let (every, within) = (format_duration(gate.every), format_duration(gate.within));
            format!("Wait until it holds{times}: ask every {every}, for at most {within}.")
        };
        self.check(&lead, &gate.check);
        if !gate.fail_if.is_empty() {
            let words = std::iter::once(plain("Give up at once if ")).chain(spread(refs(&gate.fail_if)));
            self.blocks.push(Block::Say(words.collect()));
        }
    }

    fn failure(&mut self, step: &PreviewStep, sheet: &Sheet) {
        let does = match sheet.on_failure {
            OnFailure::Stop => None,
            OnFailure::Continue => Some("go on with what does not need it"),
            OnFailure::Warn => Some("note it and go on"),
            OnFailure::Rollback => Some("undo what was done, newest first, then stop"),
        };
        let mut words = Vec::new();
        if sheet.fallback {
            words.push(plain(format!("do the steps marked only if {} fails", step.step.0)));
        } else {
            words.extend(does.map(plain));
        }
        if let Some(hint) = &sheet.hint {
            if !words.is_empty() {
                words.push(plain(". "));
            }
            words.push(plain(hint));
        }
        if !words.is_empty() {
            self.blocks.push(Block::Say(std::iter::once(strong("If it fails: ")).chain(words).collect()));
        }
    }

    /// Steps that these parameters leave out: another sheet has them.
    fn left_out(&mut self, steps: &[PreviewStep]) {
        let points: Vec<Vec<Word>> = steps
            .iter()
            .filter_map(|step| match &step.verdict {
                Verdict::Skipped(reason) => Some(vec![plain(&step.title), plain(": "), plain(reason.describe())]),
                _ => None,
            })
            .collect();
        if !points.is_empty() {
            self.blocks.push(Block::Section("Not on this sheet".to_owned()));
            self.blocks.push(Block::Points(points));
        }
    }
}

/// Everything in which a step can name what another has given.
fn used(steps: &[PreviewStep]) -> String {
    let mut text = String::new();
    let mut add = |lines: &[String]| lines.iter().for_each(|line| text.extend([line.as_str(), "\n"]));
    for (step, sheet) in steps.iter().filter_map(|step| Some((step, step.sheet.as_ref()?))) {
        let gate = sheet.gate.as_ref();
        let checks = [Some(&sheet.action), sheet.require.as_ref(), sheet.done_when.as_ref(), sheet.rollback.as_ref()];
        for check in checks.into_iter().flatten().chain(gate.map(|gate| &gate.check)) {
            add(&check.commands);
            add(&check.expect);
            add(check.login.as_slice());
        }
        add(&sheet.warn_unless);
        add(gate.map_or(&[], |gate| &gate.fail_if));
        add(step.note.as_slice());
        add(sheet.hint.as_slice());
        add(sheet.shown.as_slice());
        add(&sheet.outputs.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>());
    }
    text
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn refs(texts: &[String]) -> impl Iterator<Item = &str> {
    texts.iter().map(String::as_str)
}

/// Code, with commas between.
fn spread<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<Word> {
    let mut words = Vec::new();
    for text in texts {
        if !words.is_empty() {
            words.push(plain(", "));
        }
        words.push(code(text));
    }
    words
}
