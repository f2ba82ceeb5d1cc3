//! `runbook report --format html` of a drill: its stages, what was written and lost, what was real.

use runbook::model::drill::{DrillFact, Stage, StoreLoss};

use super::drilled::{DRILL, Drilled, loss};
use super::page::{Read, inside, text};
use crate::support::Workspace;

fn page(workspace: &Workspace) -> Read {
    let ran = workspace.runbook(["report", DRILL, "--format", "html"]).run().exits(0);
    Read::of(&ran.stdout)
}

fn done(workspace: &Workspace, stores: Vec<StoreLoss>) {
    let mut drill = Drilled::new(workspace, false).with_run(workspace);
    drill.stage(Stage::Create, 0, 8_000, None);
    let title = "A table was dropped".to_owned();
    let deeds = vec!["drop table orders".to_owned()];
    drill.add(10_000, DrillFact::FaultPlanned { fault: "table_dropped".to_owned(), title, deeds });
    drill.add(10_100, DrillFact::FaultInjected { fault: "table_dropped".to_owned() });
    drill.stage(Stage::Verify, 18_000, 20_000, Some("the till does not answer"));
    drill.measured(stores);
    drill.finished("objective missed", Some("1.2s of data lost; RPO 1s"));
}

/// A row of a table of bars: name, what stands beside it, its bars.
type Row = (String, String, Vec<(String, String)>);

fn rows(page: &Read, label: &str) -> Vec<Row> {
    let rows = page.all(&format!("table[aria-label='{label}'] tbody tr"));
    rows.into_iter()
        .map(|row| {
            let bars = inside(row, ".bar")
                .into_iter()
                .map(|bar| {
                    (bar.value().attr("class").unwrap().to_owned(), bar.value().attr("style").unwrap().to_owned())
                })
                .collect();
            (text(inside(row, "th")[0]), text(inside(row, "td")[0]), bars)
        })
        .collect()
}

#[test]
fn a_drill_shows_its_stages_its_moments_and_its_verdict() {
    let workspace = Workspace::new();
    done(&workspace, vec![loss("orders")]);
    let page = page(&workspace);
    page.is_inert("\u{0}");
    assert_eq!(page.text("h1"), "Restore the shop");
    assert_eq!(page.text(".verdict"), "✗ objective missed A table was dropped");
    assert!(page.texts("header p").contains(&"1.2s of data lost; RPO 1s".to_owned()));
    let stages = rows(&page, "Stages of the drill");
    assert_eq!(stages[0].0, "1 make the lab");
    assert_eq!(stages[0].1, "✓ done 8s");
    assert_eq!(stages[1].0, "7 everything is healthy againthe till does not answer");
    assert_eq!(stages[1].1, "✗ failed 2s");
    let moments = page.texts("table[aria-label='Steps over time'] .moment");
    let expected = ["fault 0s", "noticed 1s", "decided to recover 1.1s", "runbook started 2s"];
    for (moment, expected) in moments.iter().zip(expected) {
        assert_eq!(moment.split_whitespace().collect::<String>(), expected.replace(' ', ""));
    }
    assert_eq!(moments.len(), 6);
    // 10 s from the fault to the end; restoring went from the 2nd to the 7th.
    let steps = rows(&page, "Steps over time");
    let (_, outcome, bars) = steps.iter().find(|(name, ..)| name.starts_with("restore")).unwrap();
    assert_eq!(outcome, "✓ succeeded 5s");
    assert_eq!(bars[0], ("bar working".to_owned(), "left:19.61%;width:49.02%".to_owned()));
    assert_eq!(bars[1].0, "bar on-path");
}

#[test]
fn every_write_is_in_one_lane_and_lost_ones_also_in_their_stores() {
    let workspace = Workspace::new();
    let unreadable = StoreLoss { unreadable: Some("exit 7".to_owned()), lost: 0, lost_ranges: vec![], ..loss("cache") };
    done(&workspace, vec![loss("orders"), unreadable]);
    let page = page(&workspace);
    let writes: Vec<_> = rows(&page, "Writes over time").into_iter().filter(|(.., bars)| !bars.is_empty()).collect();
    let known: Vec<(&str, &str, usize)> =
        writes.iter().map(|(name, many, bars)| (name.as_str(), many.as_str(), bars.len())).collect();
    assert_eq!(known, [("acknowledged", "✓ 70", 2), ("not acknowledged", "! 30", 1), ("lost in orders", "✗ 6", 1)]);
    let all = rows(&page, "Writes over time");
    assert!(all.iter().any(|(name, many, _)| name == "lost in cache" && many == "? unknown"), "{all:?}");
    let losses = page.text("table[aria-label='What each store lost']");
    assert!(losses.contains("orders7064625 to 301.2s"), "{losses}");
    assert!(losses.contains("cannot be asked: exit 7"), "{losses}");
}

#[test]
fn what_is_not_real_is_said() {
    let workspace = Workspace::new();
    done(&workspace, vec![loss("orders")]);
    let page = page(&workspace);
    let all = page.text("body");
    assert!(all.contains("Not the real thing:") && all.contains("the till is a stand-in"), "{all}");
    assert!(all.contains("broken for real and recovered for real"), "{all}");
}

#[test]
fn a_control_that_ends_red_is_well() {
    let workspace = Workspace::new();
    let mut drill = Drilled::new(&workspace, true);
    drill.stage(Stage::Verify, 12_000, 20_000, Some("nobody answers"));
    drill.finished("not recovered", Some("nobody answers"));
    let page = page(&workspace);
    assert_eq!(page.text(".verdict .badge.good"), "✓ not recovered");
    let all = page.text("body");
    assert!(all.contains("A control: nothing is recovered"), "{all}");
    assert!(!all.contains("recovered for real"), "{all}");
    assert!(all.contains("The fault was never injected"), "{all}");
    // There was no run: nothing is said about its steps.
    assert!(page.all("#steps, #recovery, #graph, #people").is_empty());
}
