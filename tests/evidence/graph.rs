//! `runbook graph`: of a runbook and of a recorded run, in every format.

use runbook::plan::Outline;
use runbook::report::graph::{self, Graph};
use runbook::report::visible;

use crate::support::{Ran, Workspace};

const RUNBOOK: &str = r#"kind: runbook/v1
name: way
title: The "way" <back> & on
params:
  keys: { type: list, of: string, default: ["<script>1</script>", 'a"b\N', "]--x", "`#quot;`\u202e"] }
steps:
  - { id: look, exec: ["true"], effect: read }
  - id: both
    parallel: true
    steps:
      - { id: good, exec: ["true"] }
      - id: bad
        exec: ["false"]
        on_failure: continue
        fallback:
          - { id: rescue, exec: ["true"] }
  - id: each
    for_each: { it: params.keys }
    exec: ["echo", "${{ it }}"]
    effect: read
  - { id: never, when: "params.keys | length == 0", exec: ["true"] }
finally:
  - { id: tell, exec: ["true"] }
"#;

const FORMATS: [&str; 4] = ["text", "mermaid", "dot", "svg"];

fn graph(workspace: &Workspace, what: &str, format: &str) -> Ran {
    workspace.runbook(["graph", what, "--format", format]).run()
}

fn ran(workspace: &Workspace) -> String {
    let _ = workspace.runbook(["run", "way.yaml"]).run();
    workspace.names_in("runs").into_iter().find(|name| name.len() == 26).unwrap()
}

/// Every text of a picture, and that it is one: strict XML, inert, and nothing reaches over its edge.
fn read(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).unwrap_or_else(|error| panic!("{error} in\n{svg}"));
    let number = |node: &roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse::<f64>().unwrap();
    let width = number(&document.root_element(), "width");
    let mut texts = Vec::new();
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        assert!(["svg", "title", "style", "rect", "g", "path", "circle", "text", "tspan"].contains(&name), "<{name}>");
        for attribute in node.attributes() {
            assert!(!attribute.name().starts_with("on") && attribute.name() != "href", "{}", attribute.name());
            assert!(!attribute.value().contains("script"), "{}", attribute.value());
        }
        if name == "rect" && node.attribute("class").is_some() {
            assert!(number(&node, "x") >= 0.0 && number(&node, "x") + number(&node, "width") <= width, "{node:?}");
        }
        if name == "text" {
            texts.push(node.descendants().filter(roxmltree::Node::is_text).filter_map(|text| text.text()).collect());
        }
    }
    texts
}

#[test]
fn the_shipped_scenarios_are_drawn_in_every_format() {
    for scenario in ["a", "b", "c", "d", "e"] {
        let file = format!("{}/runbooks/scenario-{scenario}.yaml", env!("CARGO_MANIFEST_DIR"));
        let workspace = Workspace::new();
        let text = graph(&workspace, &file, "text").exits(0).stdout;
        let svg = graph(&workspace, &file, "svg").exits(0).stdout;
        let dot = graph(&workspace, &file, "dot").exits(0).stdout;
        let texts = read(&svg);
        let steps = text.split("\nsteps\n").nth(1).unwrap();
        for line in steps.lines().filter(|line| line.contains("  [")) {
            let name = line.split("  [").next().unwrap().trim();
            assert!(texts.iter().any(|text| text.starts_with(name)), "{scenario}: {name} is not drawn: {texts:?}");
            assert!(dot.contains(&format!("\"{name}")), "{scenario}: {name} is not in\n{dot}");
        }
    }
}

#[test]
fn a_run_is_drawn_with_what_became_of_every_step() {
    let workspace = Workspace::new().file("way.yaml", RUNBOOK);
    let run = ran(&workspace);
    let text = graph(&workspace, &run, "text").exits(0);
    let text = text.says("good  [exec; mutate]  ✓ succeeded in").says("bad  [exec; mutate]  ! warned in").stdout;
    assert!(text.contains(&format!("run {run}: succeeded with warnings")), "{text}");
    assert!(text.contains("skipped: when is false"), "{text}");
    let mermaid = graph(&workspace, &run[..12], "mermaid").exits(0).stdout;
    assert!(mermaid.contains("good<br/>✓ succeeded in"), "{mermaid}");
    assert!(mermaid.contains("-. fails .->"), "{mermaid}");
    let dot = graph(&workspace, &run, "dot").exits(0).stdout;
    assert!(dot.contains("bad\\n! warned in"), "{dot}");
    let texts = read(&graph(&workspace, &run.to_lowercase(), "svg").exits(0).stdout);
    for said in ["succeeded", "warned", "skipped"] {
        assert!(texts.iter().any(|text| text.starts_with(said)), "{said}: {texts:?}");
    }
    // By its directory, too.
    let _ = graph(&workspace, &format!("runs/{run}"), "text").exits(0).says("succeeded with warnings");
}

#[test]
fn a_plan_and_the_record_of_it_are_the_same_graph() {
    let workspace = Workspace::new().file("way.yaml", RUNBOOK);
    let run = ran(&workspace);
    let bytes = std::fs::read(workspace.path(&format!("runs/{run}/plan.json"))).unwrap();
    let recorded = Outline::read(&bytes).unwrap();
    for format in [graph::text, graph::mermaid, graph::dot, graph::svg] {
        let shown = format(&Graph::of(&recorded));
        // What the first run took would be known by now.
        let args = ["graph", "way.yaml", "--runs-dir", "none", "--format", name(&shown)];
        assert_eq!(workspace.runbook(args).run().exits(0).stdout.trim_end(), visible::block(&shown).trim_end());
    }
}

fn name(shown: &str) -> &'static str {
    let begins = [("flowchart", "mermaid"), ("digraph", "dot"), ("<svg", "svg")];
    begins.into_iter().find(|(begin, _)| shown.starts_with(begin)).map_or("text", |(_, name)| name)
}

#[test]
fn what_others_wrote_never_leaves_its_label() {
    let workspace = Workspace::new().file("way.yaml", RUNBOOK);
    let texts = read(&graph(&workspace, "way.yaml", "svg").exits(0).stdout);
    assert!(texts.iter().any(|text| text.starts_with("The \"way\" <back> & on")), "{texts:?}");
    assert!(texts.iter().any(|text| text.starts_with("<script>1<")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("\\u{202e}")), "{texts:?}");
    let dot = graph(&workspace, "way.yaml", "dot").exits(0).stdout;
    assert!(dot.contains(r#"label="way: The \"way\" <back> &amp; on""#), "{dot}");
    assert!(dot.contains(r#"[label="a\"b\\N"]"#), "{dot}");
    let mermaid = graph(&workspace, "way.yaml", "mermaid").exits(0).stdout;
    assert!(mermaid.contains(r#"["a#34;b#92;N"]"#), "{mermaid}");
    assert!(mermaid.contains("[\"#96;#35;quot;#96;\\u{202e}\"]") || mermaid.contains("#92;u{202e}"), "{mermaid}");
    for format in FORMATS {
        let shown = graph(&workspace, "way.yaml", format).exits(0).stdout;
        assert!(!shown.contains('\u{202e}'), "{format}");
        assert!(!shown.contains("<script>") || format == "text" || format == "dot", "{format}");
    }
}

#[test]
fn a_run_has_its_plan_and_takes_no_other() {
    let workspace = Workspace::new().file("way.yaml", RUNBOOK);
    let run = ran(&workspace);
    let _ = workspace.runbook(["graph", &run, "--set", "keys=a"]).run().exits(2).warns("flags that make a plan");
    let _ = graph(&workspace, "01ZZZZ", "text").exits(2).warns("there is no run or drill `01ZZZZ`");
    let _ = graph(&workspace, "nowhere.yaml", "text").exits(2).warns("nowhere.yaml");
}

#[test]
fn a_plan_that_was_tampered_with_is_refused() {
    let workspace = Workspace::new().file("way.yaml", RUNBOOK);
    let run = ran(&workspace);
    let path = format!("runs/{run}/plan.json");
    let plan: serde_json::Value = serde_json::from_str(&workspace.read(&path)).unwrap();
    let tampered = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut plan = plan.clone();
        change(&mut plan);
        let file = workspace.path(&path);
        std::fs::write(&file, plan.to_string()).unwrap();
        graph(&workspace, &run, "svg").exits(8).stderr
    };
    let group = &|plan: &mut serde_json::Value, ix: u32| {
        let nodes = plan["nodes"].as_array_mut().unwrap();
        let group = nodes.iter_mut().find(|node| node["id"] == "both").unwrap();
        group["body"]["List"]["list"]["members"] = serde_json::json!([ix]);
    };
    assert!(tampered(&|plan| group(plan, 99_999)).contains("it has no step 99999"));
    // A group in itself.
    assert!(tampered(&|plan| group(plan, 1)).contains("step 1 stands in two lists"));
    assert!(tampered(&|plan| plan["nodes"][0]["needs"] = serde_json::json!([2])).contains("which is not beside it"));
    assert!(tampered(&|plan| *plan = serde_json::json!({})).contains("missing field"));
}
