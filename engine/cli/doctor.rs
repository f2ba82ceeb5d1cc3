//! `runbook doctor [FILE]`: whether this machine is ready to recover: where runs are kept, who can write what is run, and for a
//! runbook everything that a run of it would need. It only reads.

mod machine;
mod outside;
mod plan;

use console::Style;
use serde::Serialize;
use serde_json::json;

use super::args::DoctorArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::runs::table;
use crate::journal::Runs;
use crate::report::{Sink, phrase, visible};

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Ok,
    /// A run would go on, worse.
    Warn,
    /// It would stop a run.
    Fail,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        }
    }
}

/// One check.
#[derive(Clone, Debug, Serialize)]
struct Check {
    name: String,
    verdict: Verdict,
    /// What was found.
    found: String,
    /// The next step, where one is needed.
    next: Option<String>,
}

impl Check {
    fn ok(name: impl Into<String>, found: impl Into<String>) -> Self {
        Self { name: name.into(), verdict: Verdict::Ok, found: found.into(), next: None }
    }

    fn warn(name: impl Into<String>, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { name: name.into(), verdict: Verdict::Warn, found: found.into(), next: Some(next.into()) }
    }

    fn fail(name: impl Into<String>, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fail, ..Self::warn(name, found, next) }
    }
}

/// Checks everything there is to check.
pub fn doctor(args: &DoctorArgs) -> Result<Exit, Failure> {
    let runs = Runs::new(args.runs.path());
    let mut checks = machine::checks(&runs);
    match &args.file {
        Some(file) => plan::checks(args, file, &runs, &mut checks)?,
        None if args.system.is_some() || args.environment.is_some() => {
            return Err(Failure::usage("--system and --environment need a runbook").help("runbook doctor FILE"));
        }
        None => {}
    }
    let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
    let (warned, failed) = (count(Verdict::Warn), count(Verdict::Fail));
    let exit = if failed > 0 { Exit::Refused } else { Exit::Success };
    let sink = Sink::stdout();
    if args.json {
        let object = json!({ "kind": "doctor", "checks": checks, "warnings": warned, "failures": failed });
        sink.line(object.to_string());
        return Ok(exit);
    }
    show(&checks, &sink);
    let verdict = match (failed, warned) {
        (0, 0) => "all is well".to_owned(),
        (0, _) => phrase::count(warned, "warning"),
        _ => format!("{} would stop a run, {}", phrase::count(failed, "failure"), phrase::count(warned, "warning")),
    };
    sink.line(verdict);
    Ok(exit)
}

fn show(checks: &[Check], sink: &Sink) {
    let row = |check: &Check| {
        let cell = |text: &str| visible::line(text).into_owned();
        [check.verdict.as_str().to_owned(), cell(&check.name), cell(&check.found)]
    };
    let rows: Vec<_> = checks.iter().map(row).collect();
    let colour = console::Term::stdout().is_term() && console::colors_enabled();
    for (check, line) in checks.iter().zip(table(&rows)) {
        let style = match check.verdict {
            Verdict::Ok => Style::new(),
            Verdict::Warn => Style::new().yellow(),
            Verdict::Fail => Style::new().red().bold(),
        };
        sink.line(if colour { style.apply_to(line).to_string() } else { line });
        if let Some(next) = &check.next {
            sink.line(format!("      → {}", visible::line(next)));
        }
    }
}
