//! Reads a file and everything it names. Errors do not stop reading: all of them, of all files, are reported together.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::include::{Include, parse_include};
use super::kind::Kind;
use super::lower::Lower;
use super::table::{calendar, lab, runbook, system, test};
use super::tree::{Node, NodeKind};
use super::{check, cycle, limits, parse, paths, read};
use crate::model::calendar::Calendar;
use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::lab::Lab;
use crate::model::runbook::{Body, Runbook, Step};
use crate::model::source::{FileId, SourceMap, Span, Spanned, Text};
use crate::model::system::System;
use crate::model::test::Test;
use crate::template::nearest::nearest;

/// What a file turned out to be. None: it is broken, and findings say why.
pub(super) enum Document {
    Runbook(Box<Runbook>),
    System(Box<System>),
    Test(Box<Test>),
    Lab(Box<Lab>),
    Calendar(Box<Calendar>),
}

/// Which kind the place expects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Runbook,
    System,
    Test,
    Lab,
    Calendar,
    Any,
}

impl Expected {
    /// What it is, in messages.
    const fn noun(self) -> &'static str {
        match self {
            Self::Runbook | Self::Any => "a runbook",
            Self::System => "a system",
            Self::Test => "a test",
            Self::Lab => "a lab",
            Self::Calendar => "a calendar",
        }
    }
}

/// An include from one file to another, at a place.
pub(super) struct Edge {
    pub from: FileId,
    pub to: FileId,
    pub at: Span,
}

#[derive(Default)]
pub(super) struct Loader {
    pub sources: SourceMap,
    pub runbooks: BTreeMap<FileId, Runbook>,
    pub paths: BTreeMap<PathBuf, FileId>,
    pub findings: Vec<Diagnostic>,
    canonical: HashMap<PathBuf, FileId>,
    /// Files that turned out to be no runbooks.
    others: HashMap<FileId, Expected>,
    pub edges: Vec<Edge>,
}

impl Loader {
    /// Reads one file. `named`: where another file names it.
    pub fn file(&mut self, path: &Path, named: Option<Span>, expected: Expected) -> Option<(FileId, Document)> {
        let shown = paths::normalise(path);
        if self.paths.contains_key(&shown) {
            self.itself(&shown, named, expected);
            return None;
        }
        let readable = match read::read(path) {
            Ok(readable) => readable,
            Err(unreadable) => {
                self.unreadable(&shown, unreadable, named);
                return None;
            }
        };
        let text: Arc<str> = readable.text.into();
        let file = self.sources.add(shown.clone(), text.clone());
        if let Ok(canonical) = std::fs::canonicalize(path) {
            self.canonical.insert(canonical, file);
        }
        self.paths.insert(shown, file);
        if readable.had_mark {
            let start = Span { file, start: 0, end: 0 };
            let finding =
                Diagnostic::warning("document::byte_order_mark", start, "the file begins with a byte-order mark");
            self.findings.push(finding.help("save it as UTF-8 without BOM; other tools stumble over it"));
        }
        let document = self.understand(file, &text, expected, named)?;
        Some((file, document))
    }

    /// A runbook or test names a file that was read before as its system or its runbook, on the command line or in the file.
    fn itself(&mut self, shown: &Path, named: Option<Span>, expected: Expected) {
        let known = self.paths.get(shown).and_then(|file| self.others.get(file)).copied().unwrap_or(Expected::Runbook);
        let word = |kind: Expected| kind.noun().trim_start_matches("a ");
        let (is, its) = (word(known), word(expected));
        let message = format!("`{}` is the {is} itself, not its {its}", shown.display());
        let help = format!("name a file with `kind: {its}/v1`");
        let finding = Diagnostic::unplaced("document::wrong_kind", message).help(help);
        self.findings.push(Diagnostic { span: named, ..finding });
    }

    fn unreadable(&mut self, shown: &Path, unreadable: read::Unreadable, named: Option<Span>) {
        let message = format!("cannot read `{}`: {}", shown.display(), unreadable.reason);
        let mut finding = Diagnostic::unplaced(unreadable.code, message).help(unreadable.help);
        if let Some(before) = unreadable.before {
            let end = u32::try_from(before.len()).unwrap_or(u32::MAX);
            let file = self.sources.add(shown.to_owned(), before);
            self.paths.insert(shown.to_owned(), file);
            finding.span = Some(Span { file, start: end, end });
            if let Some(named) = named {
                finding = finding.related(named, "named here");
            }
        } else {
            finding.span = named;
        }
        self.findings.push(finding);
    }

    fn understand(&mut self, file: FileId, text: &str, expected: Expected, named: Option<Span>) -> Option<Document> {
        let parsed = parse::parse(file, text);
        self.findings.extend(parsed.findings);
        let root = parsed.root?;
        let mut lower = Lower::new(file, text);
        let kind = kind_of(&mut lower, &root, expected);
        let document = match kind {
            Some(Expected::System) => system::SYSTEM.read(&mut lower, &root).map(|it| Document::System(Box::new(it))),
            Some(Expected::Test) => test::TEST.read(&mut lower, &root).map(|it| Document::Test(Box::new(it))),
            Some(Expected::Lab) => lab::LAB.read(&mut lower, &root).map(|it| Document::Lab(Box::new(it))),
            Some(Expected::Calendar) => {
                calendar::CALENDAR.read(&mut lower, &root).map(|it| Document::Calendar(Box::new(it)))
            }
            Some(_) => runbook::RUNBOOK.read(&mut lower, &root).map(|it| Document::Runbook(Box::new(it))),
            None => None,
        };
        if let (Some(named), Some(wrong)) =
            (named, lower.findings.iter_mut().find(|finding| finding.code == "document::wrong_kind"))
        {
            wrong.related.push((named, "named here".to_owned()));
        }
        self.findings.append(&mut lower.findings);
        match &document {
            Some(Document::Runbook(runbook)) => self.findings.extend(check::steps(runbook)),
            Some(Document::System(system)) => {
                self.others.insert(file, Expected::System);
                self.findings.extend(check::system(system));
            }
            Some(Document::Test(cases)) => {
                self.others.insert(file, Expected::Test);
                self.findings.extend(check::test(cases));
            }
            Some(Document::Lab(lab)) => {
                self.others.insert(file, Expected::Lab);
                // What a wrong key leaves open is not reported as well.
                if !self.has_errors() {
                    self.findings.extend(check::lab(lab));
                }
            }
            Some(Document::Calendar(calendar)) => {
                self.others.insert(file, Expected::Calendar);
                self.findings.extend(check::calendar(calendar));
            }
            None => {}
        }
        document
    }

    /// Reads every runbook that `first` or the system can include.
    pub fn includes(&mut self, first: Option<Runbook>, system: Option<&System>, has_system: bool) {
        let mut of_system: HashMap<&str, FileId> = HashMap::new();
        let mut queue: Vec<Runbook> = first.into_iter().collect();
        if let Some(system) = system {
            for (name, path) in &system.runbooks {
                let (file, read) = self.runbook(system.file, path);
                queue.extend(read);
                of_system.extend(file.map(|file| (name.value.as_str(), file)));
            }
        }
        let mut at = 0;
        while at < queue.len() {
            let from = queue[at].file;
            for text in includes_of(&queue[at]) {
                let (to, read) = match parse_include(&text) {
                    Some(Include::Path(path)) => {
                        let path = Spanned { value: path.to_owned(), span: text.0.span };
                        self.runbook(from, &path)
                    }
                    Some(Include::OfSystem(name)) => {
                        if !has_system {
                            let message = "this include asks the system for a runbook, but there is no system";
                            let finding = Diagnostic::error("document::bad_include", text.0.span, message);
                            self.findings.push(finding.help("add `system: path` to the runbook, or give `--system`"));
                        }
                        (of_system.get(name).copied(), None)
                    }
                    None => {
                        let message =
                            "an include must be known before the run: a path, or exactly `${{ system.runbooks.NAME }}`";
                        let finding = Diagnostic::error("document::bad_include", text.0.span, message);
                        self.findings.push(finding.help("choose between includes with `when:` on each"));
                        (None, None)
                    }
                };
                self.edges.extend(to.map(|to| Edge { from, to, at: text.0.span }));
                queue.extend(read);
            }
            at += 1;
        }
        self.findings.extend(cycle::find(&self.sources, &self.edges));
        self.runbooks = queue.into_iter().map(|runbook| (runbook.file, runbook)).collect();
    }

    /// The file of a named runbook, and the runbook when it was read just now.
    fn runbook(&mut self, from: FileId, path: &Spanned<String>) -> (Option<FileId>, Option<Runbook>) {
        let resolved = paths::resolve(&self.sources.file(from).path, &path.value);
        let known = self.paths.get(&resolved).copied();
        let known = known.or_else(|| self.canonical.get(&std::fs::canonicalize(&resolved).ok()?).copied());
        if let Some(file) = known {
            if let Some(other) = self.others.get(&file) {
                let message = format!("`{}` is {}, not a runbook", resolved.display(), other.noun());
                let finding = Diagnostic::error("document::wrong_kind", path.span, message);
                self.findings.push(finding.help("name a file with `kind: runbook/v1`"));
                return (None, None);
            }
            self.paths.insert(resolved, file);
            return (Some(file), None);
        }
        if self.sources.files().len() >= limits::FILES {
            let message = format!("more than {} files are included", limits::FILES);
            self.findings
                .push(Diagnostic::error("document::too_many_files", path.span, message).help("include fewer files"));
            return (None, None);
        }
        match self.file(&resolved, Some(path.span), Expected::Runbook) {
            Some((file, Document::Runbook(runbook))) => (Some(file), Some(*runbook)),
            _ => (None, None),
        }
    }

    /// Everything found, sorted, without repetitions, and not more than people read.
    pub fn finish(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut findings = findings;
        findings.sort_by_key(|finding| {
            let place = finding.span.map(|span| (span.file, span.start, span.end));
            (std::cmp::Reverse(finding.severity), place)
        });
        findings.dedup_by(|next, kept| (next.code, next.span, &next.message) == (kept.code, kept.span, &kept.message));
        let more = findings.len().saturating_sub(limits::FINDINGS);
        findings.truncate(limits::FINDINGS);
        findings.sort_by_key(|finding| finding.span.map(|span| (span.file, span.start, span.end)));
        if more > 0 {
            let help = "correct these first; many of the rest may go with them";
            findings
                .push(Diagnostic::unplaced("document::more", format!("{more} more findings are not shown")).help(help));
        }
        findings
    }

    /// Whether a file cannot be used.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Every include of a runbook, in order.
pub(super) fn includes_of(runbook: &Runbook) -> Vec<Text> {
    fn walk(steps: &[Step], found: &mut Vec<Text>) {
        for step in steps {
            match &step.body {
                Body::Steps(members) => walk(members, found),
                Body::Include { path, .. } => found.push(path.clone()),
                Body::Operation => {}
            }
            walk(&step.finally, found);
            walk(&step.fallback, found);
        }
    }
    let mut found = Vec::new();
    walk(&runbook.steps, &mut found);
    walk(&runbook.finally, &mut found);
    found
}

const KINDS: [&str; 5] = ["runbook/v1", "system/v1", "test/v1", "lab/v1", "calendar/v1"];

/// What the file is; none: it cannot be read as anything.
fn kind_of(lower: &mut Lower<'_>, root: &Node<'_>, expected: Expected) -> Option<Expected> {
    let Some(entries) = root.entries() else {
        let help = match root.kind {
            NodeKind::Sequence { .. } => "start with `kind: runbook/v1` and `name:`, and put the list under `steps:`",
            _ => "start with `kind: runbook/v1` or `kind: system/v1`",
        };
        let message = format!("a document is a mapping, not {}", root.noun());
        lower.error("document::not_a_mapping", root.head(), message, help);
        return None;
    };
    let Some(entry) = root.get("kind") else {
        // The missing key is reported by the table; the rest of the file is checked as what it most likely is.
        let has = |key: &str| entries.iter().any(|entry| entry.key == key);
        let like_system =
            !has("steps") && ["services", "environments", "data", "compose", "channels"].into_iter().any(has);
        return Some(match expected {
            Expected::Any if has("cases") => Expected::Test,
            Expected::Any if has("machines") && has("networks") => Expected::Lab,
            Expected::Any if has("entries") => Expected::Calendar,
            Expected::Any if like_system => Expected::System,
            Expected::Any => Expected::Runbook,
            expected => expected,
        });
    };
    let place = entry.value.head();
    let kind = match entry.value.scalar() {
        Some(("runbook/v1", _)) => Expected::Runbook,
        Some(("system/v1", _)) => Expected::System,
        Some(("test/v1", _)) => Expected::Test,
        Some(("lab/v1", _)) => Expected::Lab,
        Some(("calendar/v1", _)) => Expected::Calendar,
        Some((text, _)) => {
            let family = text.split('/').next().unwrap_or_default();
            let help = match KINDS.into_iter().find(|kind| kind.starts_with(family) && !family.is_empty()) {
                Some(kind) => format!("this version reads `kind: {kind}`"),
                None => nearest(text, KINDS)
                    .map_or_else(|| format!("kinds: {}", KINDS.join(", ")), |near| format!("did you mean `{near}`?")),
            };
            lower.error("document::unknown_kind", place, format!("unknown kind `{}`", text.escape_debug()), help);
            return None;
        }
        None => {
            lower.error(
                "document::unknown_kind",
                place,
                "`kind` must be a text",
                "write `kind: runbook/v1` or `kind: system/v1`",
            );
            return None;
        }
    };
    if expected == Expected::Any || expected == kind {
        return Some(kind);
    }
    let help = match (expected, kind) {
        (Expected::Runbook, Expected::System) => "name a runbook; a system is named by `system:` or `--system`",
        (Expected::Runbook, _) => "name the runbook that it tests",
        (Expected::System, _) => "name a file with `kind: system/v1`",
        (Expected::Lab, _) => "name a file with `kind: lab/v1`",
        (Expected::Calendar, _) => "name a file with `kind: calendar/v1`",
        _ => "name a file with `kind: test/v1`",
    };
    let message = format!("this file is {}, not {}", kind.noun(), expected.noun());
    lower.error("document::wrong_kind", place, message, help);
    None
}
