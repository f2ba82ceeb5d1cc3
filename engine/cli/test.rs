//! `runbook test`: the cases of `*_test.yaml`, each a rehearsal with an expected end.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::document::{self, TestDocument};
use crate::model::id::RunId;
use crate::plan::{self, RunIdentity};
use crate::rehearse;
use crate::report::{Detail, Sink, phrase, rehearsal, visible};

use super::args::TestArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::{check, rehearse as rehearsing};

/// Tests are rehearsed at this moment (2026-01-05 03:00 UTC): the same today and in a year.
const BEGAN: Duration = Duration::from_hours(490_995);

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// Runs every case.
pub fn test(args: &TestArgs) -> Result<Exit, Failure> {
    let here = [PathBuf::from(".")];
    let paths: &[PathBuf] = if args.paths.is_empty() { &here } else { &args.paths };
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            check::collect(path, &mut files, &["test/"])?;
        } else {
            files.push(path.clone());
        }
    }
    if files.is_empty() {
        let shown = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        return Err(
            Failure::usage(format!("no test in {shown}")).help("tests are files of `kind: test/v1`, `*_test.yaml`")
        );
    }
    // All files are read before the first case: what is invalid is said at once.
    let documents = files.iter().map(|file| Ok((file, load(file)?))).collect::<Result<Vec<_>, Failure>>()?;
    let mut tally = Tally::default();
    for (file, document) in &documents {
        cases(args, file, document, &mut tally)?;
    }
    let all = tally.passed + tally.failed;
    if args.json {
        Sink::stdout().line(json!({ "kind": "tests", "passed": tally.passed, "failed": tally.failed }).to_string());
    } else {
        Sink::stdout().line(format!(
            "{}: {} passed, {} failed",
            phrase::count(all, "case"),
            tally.passed,
            tally.failed
        ));
    }
    Ok(if tally.failed == 0 { Exit::Success } else { Exit::RunFailed })
}

fn load(file: &Path) -> Result<TestDocument, Failure> {
    document::load_test(file)
        .map_err(|invalid| Failure::Invalid { sources: invalid.sources, diagnostics: invalid.diagnostics })
}

fn cases(args: &TestArgs, file: &Path, document: &TestDocument, tally: &mut Tally) -> Result<(), Failure> {
    let sink = Sink::stdout();
    let began = DateTime::<Utc>::UNIX_EPOCH + BEGAN;
    let run = RunIdentity {
        id: RunId("00000000000000000000000000".to_owned()),
        stamp: began.format("%Y%m%d-%H%M%S").to_string(),
        started: began,
        operator: "operator@test".to_owned(),
    };
    let wanted = |name: &str| args.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()));
    for case in document.test.cases.iter().filter(|case| wanted(&case.name.value)) {
        let (plan, case) = plan::test::compile(document, case, &run).map_err(|mut diagnostics| {
            diagnostics.retain(|one| one.code != super::load::NO_ENVIRONMENT);
            Failure::Invalid { sources: document.documents.sources.clone(), diagnostics }
        })?;
        let name = format!("{}: {}", file.display(), case.name);
        let name = visible::line(&name).into_owned();
        let objectives = plan.objectives;
        let place = document.documents.sources.place(case.place);
        let tested = rehearse::test(plan, &case, began, &rehearsing::code)
            .map_err(|error| Failure::usage(format!("{place}: {error}")))?;
        let passes = tested.wrong.is_empty();
        if passes {
            tally.passed += 1;
        } else {
            tally.failed += 1;
        }
        if args.json {
            let end = rehearsal::end_json(&tested.rehearsed.end, &rehearsing::code);
            let case = json!({ "kind": "case", "file": file, "place": place, "name": case.name, "passed": passes, "wrong": tested.wrong, "end": end });
            sink.line(case.to_string());
            continue;
        }
        let detail = args.detail.detail();
        if passes {
            if detail > Detail::Quiet {
                sink.line(format!("ok      {name}"));
            }
        } else {
            sink.line(format!("FAILED  {name}"));
            for line in &tested.wrong {
                sink.line(format!("        {}", visible::line(line)));
            }
            sink.line(format!("        at {}", visible::line(&place)));
        }
        if detail >= Detail::Output || !passes && detail > Detail::Quiet {
            rehearsing::timeline(&tested.rehearsed, detail);
            for line in rehearsal::end(&tested.rehearsed.end, objectives, false) {
                sink.line(line);
            }
        }
    }
    Ok(())
}
