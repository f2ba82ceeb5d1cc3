//! `runbook report --format html` of a run: it says what the account says, and nothing of others is more than text.

use std::collections::BTreeSet;

use runbook::model::outcome::{Outcome, RunOutcome};
use runbook::report::phrase;
use serde_json::Value;

use super::page::{Read, inside, text};
use crate::support::Workspace;
use crate::support::recorded::{Recorded, run_finished, step_finished, step_started};

/// Stands in everything that a hostile author, program or person wrote.
const MARKER: &str = "EVIL";

const HOSTILE: &str = r#"kind: runbook/v1
name: hostile
title: "</title></h1><script>EVIL()</script><!-- \u202e \e[31m"
objectives: { rto: 1m }
params:
  names:
    type: list
    of: string
    default: ["<script>EVIL</script>", "\" onmouseover=\"EVIL", "</text></svg><img src=EVIL onerror=EVIL>", "EVIL\u202egnp.exe"]
  spoken: { type: string, default: "</pre><iframe src=EVIL>" }
steps:
  - id: each
    for_each: { it: params.names }
    title: "EVIL <a href='javascript:EVIL'>click</a> \u2066"
    exec: ["printf", "%s", "${{ it }}"]
    effect: read
    outputs: { said: stdout }
  - id: gives
    shell: |
      printf 'value=<img src=x onerror=EVIL>\033[2J\n' >> "$RUNBOOK_OUTPUT"
  - id: left_out
    when: "params.spoken == '<b>EVIL</b>'"
    exec: ["true"]
  - id: writes
    title: "EVIL & co"
    shell: |
      printf '\033]0;EVIL\007<script>EVIL</script>\n</pre></details><svg onload=EVIL>\n'
      exit 3
    hint: "</div><style>*{display:none}</style> EVIL"
"#;

fn page(workspace: &Workspace) -> Read {
    Read::of(&workspace.runbook(["report", "--format", "html"]).run().exits(0).stdout)
}

fn account(workspace: &Workspace) -> Value {
    serde_json::from_str(&workspace.runbook(["report", "--format", "json"]).run().exits(0).stdout).unwrap()
}

#[test]
fn what_others_wrote_is_text() {
    let workspace = Workspace::new().file("hostile.yaml", HOSTILE);
    let _ = workspace.runbook(["run", "hostile.yaml"]).run();
    let page = page(&workspace);
    page.is_inert(MARKER);
    let all = page.text("body");
    for said in [
        "</title></h1><script>EVIL()</script><!-- \\u{202e} \\x1b[31m",
        "<a href='javascript:EVIL'>click</a> \\u{2066}",
        "\\x1b]0;EVIL\\x07<script>EVIL</script> </pre></details><svg onload=EVIL>",
        "<img src=x onerror=EVIL>\\x1b[2J",
        "</div><style>*{display:none}</style> EVIL",
        "</pre><iframe src=EVIL>",
        "params.spoken == '<b>EVIL</b>'",
    ] {
        assert!(all.contains(said), "`{said}` is not on the page:\n{all}");
    }
    assert_eq!(page.text("h1"), "</title></h1><script>EVIL()</script><!-- \\u{202e} \\x1b[31m");
    assert!(page.text("head > title").contains("EVIL()"));
    // Names too, in the graph and in the list.
    let steps = page.texts(".steps li .step b");
    assert!(steps.iter().any(|step| step == "each[\" onmouseover=\"EVIL]"), "{steps:?}");
    let drawn = page.texts(".graphs .name");
    assert!(drawn.iter().any(|name| name.starts_with("\" onmouseover=")), "{drawn:?}");
}

#[test]
fn every_step_of_the_journal_is_there_with_the_figures_of_the_account() {
    let workspace = Workspace::new().file(
        "way.yaml",
        "kind: runbook/v1\nname: way\ntitle: The way\nobjectives: { rto: 1m }\nsteps:\n  - id: both\n    parallel: true\n    steps:\n      \
         - { id: long, exec: [sleep, '0.3'], effect: read }\n      - { id: short, exec: ['true'], effect: read }\n  - id: again\n    \
         shell: test -e there || { touch there; exit 1; }\n    effect: mutate\n    retry: { attempts: 2, delay: 50ms }\n  - id: not\n    \
         when: 'false'\n    exec: ['true']\n",
    );
    let _ = workspace.runbook(["run", "way.yaml"]).run().exits(0);
    let (page, account) = (page(&workspace), account(&workspace));
    let listed = page.all(".steps > li");
    let steps = account["run"]["summary"]["steps"].as_array().unwrap();
    let journaled: BTreeSet<&str> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    let names: BTreeSet<String> = page.texts(".steps li .step b").into_iter().collect();
    assert_eq!(names, journaled.iter().map(|&name| name.to_owned()).collect());
    for step in steps {
        let id = step["step"].as_str().unwrap();
        let row = listed.iter().find(|row| text(inside(**row, "b")[0]) == id).unwrap();
        let said = text(*row);
        let took =
            if step["skipped"].is_null() { phrase::ms(step["elapsed_ms"].as_u64().unwrap()) } else { String::new() };
        let outcome = step["outcome"].as_str().unwrap();
        assert!(said.contains(&format!("{outcome} {took}").trim().to_owned()), "{said}");
    }
    assert!(page.text(".steps").contains("2 attempts"));
    // A bar for each span, and a frame around those on the critical path.
    let timeline = account["run"]["timeline"].as_array().unwrap();
    let spans: usize = timeline.iter().map(|step| step["spans"].as_array().unwrap().len()).sum();
    let bars = page.all("table[aria-label='Steps over time'] .bar:not(.on-path)");
    assert_eq!(bars.len(), spans);
    let critical = account["run"]["critical"].as_array().unwrap().len();
    assert_eq!(page.all("table[aria-label='Steps over time'] tr.critical .bar.on-path").len(), critical);
    let elapsed = phrase::ms(account["objectives"][0]["actual_ms"].as_u64().unwrap());
    assert!(
        page.texts(".tiles > div").contains(&format!("recovery time{elapsed}RTO 1m: met")),
        "{:?}",
        page.texts(".tiles > div")
    );
    let head = account["chains"][0]["head"].as_str().unwrap();
    assert!(page.text("table[aria-label=Journals]").contains(head));
}

#[test]
fn outcomes_are_words_in_the_graph_too() {
    let workspace = Workspace::new().file("hostile.yaml", HOSTILE);
    let _ = workspace.runbook(["run", "hostile.yaml"]).run();
    let ends = page(&workspace).texts(".graphs .end");
    for word in ["succeeded", "failed", "skipped"] {
        assert!(ends.iter().any(|end| end.starts_with(word)), "{word}: {ends:?}");
    }
}

#[test]
fn a_report_says_what_it_cannot_know() {
    let workspace = Workspace::new();
    let run = Recorded::new(&workspace, "01KB7Q00000000000000000000", "2026-11-20T03:00:00Z".parse().unwrap())
        .with(1_000, step_started("copy", "pg_restore latest"));
    drop(run);
    let page = page(&workspace);
    page.is_inert("\u{0}");
    assert_eq!(page.text(".verdict .badge"), "✗ unfinished");
    assert!(page.text(".steps").contains("▸ no end"));
    // Its plan is gone.
    assert!(page.text("body").contains("The plan cannot be drawn: read "));
}

#[test]
fn logs_of_what_failed_are_open_and_others_are_left_out() {
    let workspace = Workspace::new();
    let run = Recorded::new(&workspace, "01KB7Q00000000000000000000", "2026-11-20T03:00:00Z".parse().unwrap())
        .with(1_000, step_started("copy", "pg_restore latest"))
        .with(2_000, step_finished("copy", Outcome::Failed))
        .with(2_000, step_started("look", "ls"))
        .with(3_000, step_finished("look", Outcome::Succeeded))
        .with(3_000, run_finished(RunOutcome::Failed, 3_000));
    run.log("copy/1.log", b"one\ntwo \x1b[31mred\n");
    run.log("look/1.log", b"nothing of interest\n");
    let page = page(&workspace);
    let logs = page.all("#logs ~ details[open]");
    assert_eq!(logs.len(), 1);
    assert_eq!(text(inside(logs[0], "pre")[0]), "one two \\x1b[31mred");
    assert!(!page.text("body").contains("nothing of interest"));
}

#[test]
fn a_report_goes_to_a_file_as_a_whole() {
    let workspace = Workspace::new().file("hostile.yaml", HOSTILE);
    let _ = workspace.runbook(["run", "hostile.yaml"]).run();
    let ran = workspace.runbook(["report", "--format", "html", "--output", "report.html"]).run().exits(0);
    assert_eq!(ran.stdout, "");
    let file = workspace.read("report.html");
    assert!(file.starts_with("<!doctype html>") && file.trim_end().ends_with("</html>"));
    assert!(workspace.names().iter().all(|name| !name.contains(".new")));
}
