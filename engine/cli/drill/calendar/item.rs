//! One entry of a calendar: its words, and the command that carries it out.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::Opened;
use crate::document::Planned;
use crate::model::calendar::standing::Terms;
use crate::model::calendar::{CalendarEntry, Work};
use crate::report::done::Done;
use crate::report::visible;
use crate::template::quote::quote;

/// An entry with its calendar.
#[derive(Clone, Copy)]
pub struct Item<'c> {
    /// The calendar.
    pub opened: &'c Opened,
    /// Its id.
    pub id: &'c str,
    /// As authored.
    pub entry: &'c CalendarEntry,
    /// What it names.
    pub planned: &'c Planned,
}

impl Item<'_> {
    /// For people.
    pub fn title(&self) -> &str {
        self.entry.title.as_ref().map_or(self.id, |title| title.value.as_str())
    }

    /// `nchat/week_1`.
    pub fn label(&self) -> String {
        format!("{}/{}", self.opened.name(), self.id)
    }

    /// A moment by the clocks of the calendar's zone.
    pub fn shown(&self, moment: DateTime<Utc>) -> String {
        self.opened.document.calendar.zone.shown(moment)
    }

    /// When it is due.
    pub fn terms(&self) -> Terms {
        let calendar = &self.opened.document.calendar;
        Terms { every: self.entry.every, zone: calendar.zone.clone(), grace: self.entry.grace, from: calendar.from }
    }

    /// Whether a record is one of this entry, by its beginning.
    pub fn is_of(&self, done: &Done) -> bool {
        let planned = self.planned;
        if done.runbook != planned.runbook || done.system != planned.system {
            return false;
        }
        match (&self.entry.work, &done.drill) {
            (Work::Drill { fault, .. }, Some(broken)) => {
                let lab = planned.lab.as_ref().map(|(_, name)| name.as_str());
                !broken.control
                    && lab == Some(broken.lab.as_str())
                    && fault.as_ref().is_none_or(|fault| fault.value == broken.fault)
            }
            (Work::Run { environment, .. }, None) => {
                environment.as_ref().is_none_or(|name| done.environment.as_deref() == Some(name.value.as_str()))
            }
            _ => false,
        }
    }

    /// The words after `runbook`, as they are typed here.
    pub fn command(&self) -> Vec<String> {
        self.words(&|path| path.display().to_string())
    }

    /// The same with absolute paths, for a program that starts it.
    pub fn absolute(&self) -> Vec<String> {
        self.words(&|path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string())
    }

    fn words(&self, shown: &dyn Fn(&Path) -> String) -> Vec<String> {
        let path = |path: &Path| {
            let text = shown(path);
            // What begins with `-` would be a flag.
            if text.starts_with('-') { format!("./{text}") } else { text }
        };
        let mut words: Vec<String> = Vec::new();
        let mut flag = |name: &str, value: String| words.extend([format!("--{name}"), value]);
        match &self.entry.work {
            Work::Drill { fault, .. } => {
                if let Some((lab, _)) = &self.planned.lab {
                    flag("lab", path(lab));
                }
                if let Some(fault) = fault {
                    flag("fault", fault.value.clone());
                }
            }
            Work::Run { environment, .. } => {
                if let Some(system) = &self.planned.system_file {
                    flag("system", path(system));
                }
                if let Some(environment) = environment {
                    flag("environment", environment.value.clone());
                }
            }
        }
        for (name, values) in &self.entry.set {
            for value in values {
                flag("set", format!("{}={}", name.value, value.value));
            }
        }
        let verb: &[&str] = if matches!(self.entry.work, Work::Drill { .. }) { &["drill", "run"] } else { &["run"] };
        let begin = verb.iter().map(|word| (*word).to_owned()).chain([path(&self.planned.file)]);
        begin.chain(words).collect()
    }

    /// The command as a shell takes it.
    pub fn typed(&self) -> String {
        let plain = |word: &str| word.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_./=,:@+".contains(&c));
        let shown = |word: String| if plain(&word) && !word.is_empty() { word } else { quote(&word) };
        let line = self.command().into_iter().map(shown).collect::<Vec<_>>().join(" ");
        visible::line(&format!("runbook {line}")).into_owned()
    }
}
