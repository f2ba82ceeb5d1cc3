//! Texts of a lab's file with `${{ }}`: what they may read, and their values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::drill::error::DrillError;
use crate::model::operation::Argv;
use crate::model::source::Text;
use crate::template::{Scope, Template, Value, Words};

/// What texts of a lab read: `lab.name`, `lab.machines.ID.address`, `drill.fault_at`, `drill.before_fault`.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The lab's generated name.
    pub name: String,
    /// Addresses of machines, by their ids.
    pub addresses: BTreeMap<String, String>,
    /// When the fault was about to be injected; none: it has not been yet.
    pub fault_at: Option<DateTime<Utc>>,
}

/// Before the fault, the moment to go back to.
const BEFORE: TimeDelta = TimeDelta::seconds(1);

impl Scene {
    fn scope(&self) -> Scope {
        let moment = |at: Option<DateTime<Utc>>| {
            at.map_or_else(String::new, |at| at.to_rfc3339_opts(SecondsFormat::Micros, true))
        };
        let one = |address: &str| Value::from(BTreeMap::from([("address", Value::from(address))]));
        let machines: BTreeMap<&str, Value> = self.addresses.iter().map(|(id, at)| (id.as_str(), one(at))).collect();
        let lab = BTreeMap::from([("name", Value::from(self.name.as_str())), ("machines", Value::from(machines))]);
        let before = self.fault_at.map(|at| at - BEFORE);
        let drill = BTreeMap::from([
            ("fault_at", Value::from(moment(self.fault_at))),
            ("before_fault", Value::from(moment(before))),
        ]);
        Scope::default().with("lab", Value::from(lab)).with("drill", Value::from(drill))
    }

    /// A text with its values.
    ///
    /// # Errors
    /// What it reads is not there.
    pub fn text(&self, text: &Text) -> Result<String, DrillError> {
        let wrong = |why: String| DrillError::failed(format!("`{}` in the lab's file", text.0.source), why);
        let template = Template::parse(text)
            .map_err(|found| wrong(found.first().map(|one| one.message.clone()).unwrap_or_default()))?;
        template.render(&self.scope()).map_err(|error| wrong(error.message.clone()))
    }

    /// The words of a command with their values.
    ///
    /// # Errors
    /// What it reads is not there.
    pub fn words(&self, argv: &Argv) -> Result<Vec<String>, DrillError> {
        let source = || match argv {
            Argv::Line(text) => text.0.source.clone(),
            Argv::List(texts) => texts.iter().map(|text| text.0.source.as_str()).collect::<Vec<_>>().join(" "),
        };
        let wrong = |why: String| DrillError::failed(format!("`{}` in the lab's file", source()), why);
        let words = Words::parse(argv)
            .map_err(|found| wrong(found.first().map(|one| one.message.clone()).unwrap_or_default()))?;
        words.render(&self.scope()).map_err(|error| wrong(error.message.clone()))
    }
}

/// A path that a lab's file names.
#[must_use]
pub fn beside(file: &Path, path: &str) -> PathBuf {
    let joined = file.parent().unwrap_or_else(|| Path::new("")).join(path);
    std::path::absolute(&joined).unwrap_or(joined)
}
