//! Reads a calendar with what its entries name: runbooks, labs, systems.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::load::{Document, Expected, Loader};
use super::{Invalid, invalid, paths};
use crate::model::calendar::{Calendar, CalendarEntry, Work};
use crate::model::diagnostic::Diagnostic;
use crate::model::runbook::ParamType;
use crate::model::source::{Name, SourceMap, Span, Spanned};
use crate::template::nearest::did_you_mean;

/// A calendar with what it names.
#[derive(Debug)]
pub struct CalendarDocument {
    /// Every file read.
    pub sources: SourceMap,
    /// The calendar.
    pub calendar: Calendar,
    /// What its entries name, in their order.
    pub planned: Vec<Planned>,
    /// Findings that do not stop anything.
    pub warnings: Vec<Diagnostic>,
}

/// What an entry names: where it is written, and its names as they stand in records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The runbook's file.
    pub file: PathBuf,
    /// Its name.
    pub runbook: String,
    /// The file of the lab, and its name.
    pub lab: Option<(PathBuf, String)>,
    /// The file of a system that the entry itself names.
    pub system_file: Option<PathBuf>,
    /// The name of the system.
    pub system: Option<String>,
}

/// Reads a calendar and what it names.
///
/// # Errors
/// As [`super::load`]; also files that are not there or of another kind, faults, environments and parameters that do not exist.
pub fn load_calendar(path: &Path) -> Result<CalendarDocument, Box<Invalid>> {
    let mut loader = Loader::default();
    match loader.file(path, None, Expected::Calendar) {
        Some((_, Document::Calendar(calendar))) => finish(loader, *calendar, path),
        _ => Err(invalid(loader)),
    }
}

/// Reads what a calendar names. `path` is its own.
pub(super) fn finish(loader: Loader, calendar: Calendar, path: &Path) -> Result<CalendarDocument, Box<Invalid>> {
    let mut reading = Reading { loader, path, known: HashMap::new() };
    let planned: Vec<Option<Planned>> = calendar.entries.iter().map(|(_, entry)| reading.entry(entry)).collect();
    let Reading { loader, .. } = reading;
    if loader.has_errors() {
        return Err(invalid(loader));
    }
    let warnings = Loader::finish(loader.findings);
    let planned = planned.into_iter().flatten().collect();
    Ok(CalendarDocument { sources: loader.sources, calendar, planned, warnings })
}

/// What is known of a file that an entry names.
#[derive(Clone)]
enum Known {
    Runbook { name: String, system: Option<(PathBuf, Span)>, params: Vec<(String, bool)> },
    System { name: String, environments: Vec<String> },
    Lab { name: String, system: (PathBuf, Span), faults: Vec<String>, drills: Vec<String> },
}

struct Reading<'p> {
    loader: Loader,
    path: &'p Path,
    /// Each file is read once; none: it is broken, and findings say why.
    known: HashMap<PathBuf, Option<Known>>,
}

impl Reading<'_> {
    fn entry(&mut self, entry: &CalendarEntry) -> Option<Planned> {
        match &entry.work {
            Work::Drill { runbook, lab, fault } => self.drill(entry, runbook, lab, fault.as_ref()),
            Work::Run { runbook, system, environment } => {
                self.run(entry, runbook, system.as_ref(), environment.as_ref())
            }
        }
    }

    fn drill(
        &mut self,
        entry: &CalendarEntry,
        runbook: &Spanned<String>,
        lab: &Spanned<String>,
        fault: Option<&Name>,
    ) -> Option<Planned> {
        let found = self.written(runbook, Expected::Runbook);
        let its = self.written(lab, Expected::Lab);
        let (file, Known::Runbook { name: runbook_name, params, .. }) = found? else { return None };
        self.params(entry, &runbook_name, &params, false);
        let (lab_file, Known::Lab { name, system, faults, drills }) = its? else { return None };
        let list = if faults.is_empty() { "it has none".to_owned() } else { format!("it has {}", faults.join(", ")) };
        match fault {
            Some(fault) => {
                self.one_of(fault, &faults, &format!("lab `{name}` has no fault"), "add it to the lab");
            }
            None if !drills.contains(&runbook_name) => {
                let message = format!("lab `{name}` does not say how `{runbook_name}` is drilled");
                let found = Diagnostic::error("document::no_fault", lab.span, message);
                self.loader.findings.push(found.help(format!("say what is broken with `fault:`; {list}")));
            }
            None => {}
        }
        let Known::System { name: system, .. } = self.known(&system.0, system.1, Expected::System)? else {
            return None;
        };
        Some(Planned {
            file,
            runbook: runbook_name,
            lab: Some((lab_file, name)),
            system_file: None,
            system: Some(system),
        })
    }

    fn run(
        &mut self,
        entry: &CalendarEntry,
        runbook: &Spanned<String>,
        system: Option<&Spanned<String>>,
        environment: Option<&Name>,
    ) -> Option<Planned> {
        let found = self.written(runbook, Expected::Runbook);
        let named = system.and_then(|system| self.written(system, Expected::System));
        let (file, Known::Runbook { name: runbook, system: own, params }) = found? else { return None };
        self.params(entry, &runbook, &params, true);
        let (system_file, its) = match (system, own) {
            (Some(_), _) => {
                let (file, its) = named?;
                (Some(file), Some(its))
            }
            (None, Some((path, span))) => (None, Some(self.known(&path, span, Expected::System)?)),
            (None, None) => (None, None),
        };
        let system = match (&its, environment) {
            (Some(Known::System { name, environments }), Some(environment)) => {
                let what = format!("system `{name}` has no environment");
                self.one_of(environment, environments, &what, "declare it there");
                Some(name.clone())
            }
            (Some(Known::System { name, .. }), None) => Some(name.clone()),
            (_, Some(environment)) => {
                let message = format!("runbook `{runbook}` has no system, so it has no environments");
                let found = Diagnostic::error("document::key_without_use", environment.span, message);
                self.loader.findings.push(found.help("add `system:`, or leave `environment:` out"));
                None
            }
            _ => None,
        };
        Some(Planned { file, runbook, lab: None, system_file, system })
    }

    /// Parameters that are set exist; those that have to be set are.
    fn params(&mut self, entry: &CalendarEntry, runbook: &str, params: &[(String, bool)], all: bool) {
        let names: Vec<String> = params.iter().map(|(name, _)| name.clone()).collect();
        for (name, _) in &entry.set {
            let what = format!("runbook `{runbook}` has no parameter");
            self.one_of(name, &names, &what, "it has no parameters: leave `set:` out");
        }
        let is_set = |wanted: &str| entry.set.iter().any(|(name, _)| name.value == wanted);
        for (name, _) in params.iter().filter(|(name, needed)| all && *needed && !is_set(name)) {
            let message = format!("runbook `{runbook}` needs a value for its parameter `{name}`");
            let found = Diagnostic::error("document::missing_key", entry.work.runbook().span, message);
            self.loader.findings.push(found.help(format!("add `set: {{ {name}: … }}` to the entry")));
        }
    }

    fn one_of(&mut self, name: &Name, known: &[String], what: &str, otherwise: &str) {
        if known.contains(&name.value) {
            return;
        }
        let help = did_you_mean(&name.value, known.iter().map(String::as_str)).unwrap_or_else(|| otherwise.to_owned());
        let message = format!("{what} `{}`", name.value);
        self.loader.findings.push(Diagnostic::error("document::unknown_name", name.span, message).help(help));
    }

    /// A file that the calendar names.
    fn written(&mut self, written: &Spanned<String>, expected: Expected) -> Option<(PathBuf, Known)> {
        let path = paths::resolve(self.path, &written.value);
        let known = self.known(&path, written.span, expected)?;
        Some((path, known))
    }

    fn known(&mut self, path: &Path, named: Span, expected: Expected) -> Option<Known> {
        match self.known.get(path) {
            Some(None) => return None,
            Some(Some(known)) if known.is(expected) => return Some(known.clone()),
            // The loader says what it is instead.
            Some(Some(_)) => drop(self.loader.file(path, Some(named), expected)),
            None => {
                let found = self.loader.file(path, Some(named), expected);
                let known = found.and_then(|(_, document)| Known::of(document, path));
                self.known.insert(path.to_owned(), known.clone());
                return known;
            }
        }
        None
    }
}

impl Known {
    fn of(document: Document, path: &Path) -> Option<Self> {
        let beside = |written: Spanned<String>| (paths::resolve(path, &written.value), written.span);
        let names = |names: Vec<Name>| names.into_iter().map(|name| name.value).collect();
        Some(match document {
            Document::Runbook(runbook) => {
                let params = runbook.params.into_iter();
                let params =
                    params.map(|(name, it)| (name.value, it.default.is_none() && it.kind != ParamType::Enum)).collect();
                Self::Runbook { name: runbook.name.value, system: runbook.system.map(beside), params }
            }
            Document::System(system) => {
                let environments = names(system.environments.into_iter().map(|(name, _)| name).collect());
                Self::System { name: system.name.value, environments }
            }
            Document::Lab(lab) => Self::Lab {
                name: lab.name.value,
                system: beside(lab.system),
                faults: names(lab.faults.into_iter().map(|(name, _)| name).collect()),
                drills: names(lab.drills.into_iter().map(|(name, _)| name).collect()),
            },
            Document::Test(_) | Document::Calendar(_) => return None,
        })
    }

    const fn is(&self, expected: Expected) -> bool {
        matches!(
            (self, expected),
            (Self::Runbook { .. }, Expected::Runbook)
                | (Self::System { .. }, Expected::System)
                | (Self::Lab { .. }, Expected::Lab)
        )
    }
}
