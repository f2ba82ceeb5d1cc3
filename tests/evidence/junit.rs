//! `runbook report --format junit|md`: read by parsers that somebody else wrote, whatever a run has written.

use std::path::Path;

use junit_parser::TestSuites;
use runbook::model::entry::Entry;
use runbook::model::outcome::{Outcome, RunOutcome, SkipReason};

use crate::support::Workspace;
use crate::support::recorded::{Recorded, run_finished, step_finished, step_started};

const RUN: &str = "01KB7Q00000000000000000001";
/// All that a program, a name or a person can write.
const HOSTILE: &str = "<script>alert(1)</script> ]]> & \"q\" 'a' \u{1b}[31mred\u{1b}]0;t\u{7} \u{0}\u{1}\u{8}\u{b}\u{c}\u{1f}\u{7f}\u{85} \
                       \u{202e}gnp.exe \u{fffe}\u{ffff} \u{1f980} <!-- <![CDATA[ x";

fn began() -> chrono::DateTime<chrono::Utc> {
    "2026-11-20T03:00:00Z".parse().unwrap()
}

/// The report, read by a strict parser of XML and by one of `JUnit`.
fn report(workspace: &Workspace, arguments: &[&str]) -> (String, TestSuites) {
    let all = [&["report", "--format", "junit"], arguments].concat();
    let xml = workspace.runbook(all).run().exits(0).stdout;
    let document = roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error} in\n{xml}"));
    assert_eq!(document.root_element().tag_name().name(), "testsuites");
    for suite in document.descendants().filter(|node| node.has_tag_name("testsuite")) {
        let cases: Vec<_> = suite.children().filter(|node| node.has_tag_name("testcase")).collect();
        let with = |name: &str| {
            cases.iter().filter(|case| case.children().any(|node| node.has_tag_name(name))).count().to_string()
        };
        assert_eq!(suite.attribute("tests"), Some(cases.len().to_string().as_str()));
        for (attribute, element) in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
            assert_eq!(suite.attribute(attribute), Some(with(element).as_str()), "{attribute} in\n{xml}");
        }
    }
    let read = junit_parser::from_reader(xml.as_bytes()).unwrap_or_else(|error| panic!("{error} in\n{xml}"));
    (xml, read)
}

fn with_why(entry: Entry, said: &str) -> Entry {
    match entry {
        Entry::StepFinished { step, outcome, skipped, outputs, elapsed_ms, attempts, .. } => {
            let (why, hint) = (vec![said.to_owned()], Some(said.to_owned()));
            Entry::StepFinished { step, outcome, skipped, why, hint, outputs, elapsed_ms, attempts }
        }
        other => other,
    }
}

fn skipped(step: &str) -> Entry {
    match step_finished(step, Outcome::Skipped) {
        Entry::StepFinished { step, outcome, why, hint, outputs, .. } => {
            let skipped = Some(SkipReason::Needs { step: "restore".to_owned() });
            Entry::StepFinished { step, outcome, skipped, why, hint, outputs, elapsed_ms: 0, attempts: 0 }
        }
        other => other,
    }
}

fn hostile(workspace: &Workspace, end: RunOutcome) -> Recorded {
    let mut title = step_started("restore", HOSTILE);
    if let Entry::StepStarted { title, .. } = &mut title {
        HOSTILE.clone_into(title);
    }
    let run = Recorded::new(workspace, RUN, began())
        .with(1000, step_started("dump", "pg_dump"))
        .with(2500, step_finished("dump", Outcome::Succeeded))
        .with(2500, title)
        .with(9000, with_why(step_finished("restore", Outcome::Failed), HOSTILE))
        .with(9000, step_started("group/odd", "true"))
        .with(9500, with_why(step_finished("group/odd", Outcome::Unknown), "the connection broke"))
        .with(9500, skipped("start"))
        .with(9600, run_finished(end, 9600));
    run.log("restore/1.log", format!("first line\n{HOSTILE}\n").as_bytes());
    run.log("dump/1.log", b"\xff\xfe not UTF-8 \x00\n");
    run
}

#[test]
fn hostile_texts_appear_as_text() {
    let workspace = Workspace::new();
    let _run = hostile(&workspace, RunOutcome::Failed);
    let (xml, read) = report(&workspace, &[]);
    assert!(!xml.contains("<script>") && !xml.contains('\u{1b}') && !xml.contains('\u{202e}') && !xml.contains("]]>"));
    let suite = &read.suites[0];
    let cases: Vec<&str> = suite.cases.iter().map(|case| case.original_name.as_str()).collect();
    assert_eq!(cases, ["dump", "restore", "start", "odd", "RTO: recovery time", "verdict"]);
    assert_eq!((read.tests, read.failures, read.errors, suite.skipped), (6, 2, 1, 2));
    let restore = &suite.cases[1];
    let failure = restore.status.failure_as_ref();
    assert!(failure.message.contains("<script>alert(1)</script> ]]> & \"q\" 'a' \\x1b[31mred"), "{failure:?}");
    assert!(
        failure
            .message
            .contains("\\x00\\x01\\x08\\x0b\\x0c\\x1f\\x7f\\x85 \\u{202e}gnp.exe \\u{fffe}\\u{ffff} \u{1f980}")
    );
    // Texts as they stand in the document; the other parser breaks lines at escapes.
    let document = roxmltree::Document::parse(&xml).unwrap();
    let text = |element: &str| {
        let found = document.descendants().find(|node| node.has_tag_name(element) && node.text().is_some());
        found.unwrap().text().unwrap().to_owned()
    };
    assert!(
        text("failure").contains("\nhint: <script>alert(1)</script> ]]> & \"q\" 'a' \\x1b[31mred"),
        "{}",
        text("failure")
    );
    assert!(xml.contains("first line") && xml.contains("&lt;![CDATA[ x") && xml.contains("$ &lt;script&gt;"), "{xml}");
    assert!((restore.time - 1.0).abs() < 1e-9 && (read.time - 9.6).abs() < 1e-9);
    assert_eq!(suite.cases[3].classname.as_deref(), Some("restore.group"));
    assert!(suite.cases[3].status.error_as_ref().message.contains("the connection broke"));
    assert!(suite.cases[2].status.is_skipped());
    let of = |name: &str| suite.properties.hashmap.get(name).map(String::as_str);
    assert_eq!(
        (of("id"), of("verdict"), of("RTO"), of("rto_ms")),
        (Some(RUN), Some("failed"), Some("10m"), Some("600000"))
    );
    assert_eq!((of("recovery time"), of("recovery_time_ms")), (Some("9.6s"), Some("9600")));
}

#[test]
fn it_is_red_exactly_when_the_report_is() {
    for end in [
        RunOutcome::Succeeded,
        RunOutcome::Warned,
        RunOutcome::Failed,
        RunOutcome::Cancelled,
        RunOutcome::RolledBack,
        RunOutcome::RollbackFailed,
        RunOutcome::Unknown,
        RunOutcome::Paused,
        RunOutcome::Deadline,
    ] {
        let workspace = Workspace::new();
        let _run = hostile(&workspace, end);
        let (_, read) = report(&workspace, &[]);
        let json = workspace.runbook(["report", "--format", "json"]).run().exits(0).json_lines();
        let well = json[0]["verdict"]["well"].as_bool().unwrap();
        assert_eq!(read.failures + read.errors == 0, well, "{end:?}");
        assert_eq!(well, matches!(end, RunOutcome::Succeeded | RunOutcome::Warned));
        if well {
            // A step that failed while the run ended well was made good: worth a look, not red.
            assert!(read.suites[0].cases[1].status.skipped_as_ref().message.starts_with("failed, and was made good: "));
        }
    }
    // Too late is red as well, with the objective for a reason.
    let workspace = Workspace::new();
    let _run = Recorded::new(&workspace, RUN, began()).with(1, run_finished(RunOutcome::Succeeded, 700_000));
    let (_, read) = report(&workspace, &[]);
    let case = &read.suites[0].cases[0];
    assert_eq!(case.status.failure_as_ref().message, "recovery time 11m 40s, RTO 10m");
    // A run that is not over.
    let workspace = Workspace::new();
    let _run = Recorded::new(&workspace, RUN, began()).with(1, step_started("dump", "pg_dump"));
    let (_, read) = report(&workspace, &[]);
    assert!(read.suites[0].cases[0].status.is_error());
    assert!(read.suites[0].cases.last().unwrap().status.is_failure());
}

#[test]
fn a_drill_has_its_stages_its_objectives_and_its_run() {
    let workspace = Workspace::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/journals");
    let put = |place: &str, name: &str| {
        workspace.write(&format!("drills/{place}/journal.jsonl"), std::fs::read(fixtures.join(name)).unwrap());
    };
    put("01M8EZPW5QGAQKTQ67WP72RFE5", "drill-0.1.0.jsonl");
    put("runs/01M8EZQ1MMR586QNZT3BHNZCJ2", "drill-run-0.1.0.jsonl");
    let (_, read) = report(&workspace, &["01M8EZPW"]);
    assert_eq!((read.suites.len(), read.failures, read.errors), (2, 0, 0));
    let drill = &read.suites[0];
    assert_eq!(drill.cases[3].original_name, "4 break it");
    assert_eq!(drill.cases[10].original_name, "RTO: recovery time");
    assert!(drill.cases[10].status.is_success() && drill.cases[12].original_name == "verdict");
    assert_eq!(read.suites[1].cases.iter().filter(|case| case.original_name == "app").count(), 7);

    let markdown = workspace.runbook(["report", "01M8EZPW", "--format", "md"]).run().exits(0);
    let _ = markdown
        .says("# Container crash or bad deploy\n\n✅ **recovered**\n")
        .says("| recovery time (RTO) | 2m |")
        .says("| 4 break it |")
        .says("| &nbsp;&nbsp;&nbsp;&nbsp;`bring_up/restart/app` ◆ | succeeded |")
        .says("- journal of the drill: 27 records, head `");
}

#[test]
fn markdown_of_hostile_texts_is_text() {
    let workspace = Workspace::new();
    let _run = hostile(&workspace, RunOutcome::Failed);
    let text = workspace.runbook(["report", "--format", "md"]).run().exits(0).stdout;
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}') && !text.contains('\0'), "{text}");
    // Outside of code, what is a tag elsewhere is none here.
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            assert!(!line.contains("<script>"), "{line}");
        }
    }
    assert!(text.contains("❌ **failed**") && text.contains("&lt;script>"), "{text}");
    let _ =
        workspace.runbook(["report", "--format", "junit", "-o", "out.xml"]).run().exits(0).warns("written to out.xml");
    assert!(workspace.read("out.xml").starts_with("<?xml"));
}
