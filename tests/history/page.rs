//! The page: one file that asks for nothing, in which what others wrote is text.

use regex::Regex;

use super::{Drill, drilled, html, made};
use crate::support::Workspace;

#[test]
fn it_asks_for_nothing_and_runs_nothing() {
    let page = html(&made(40, 5));
    for word in ["<script", "<img", "<iframe", "http:", "https:", "url(", "@import", " src=", " onload", "javascript:"]
    {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn what_others_wrote_is_text() {
    let evil = "</title><script>alert(1)</script>\"'\x1b[31m\u{202e}";
    let drill = Drill {
        scenario: format!("scenario{evil}"),
        system: format!("shop{evil}"),
        fault: format!("crash{evil}"),
        steps: vec![format!("restart{evil}")],
        ..Drill::new(1)
    };
    let workspace = drilled(&[drill]);
    workspace.write(
        "runbooks/x.yaml",
        "kind: runbook/v1\nname: evil\ntitle: \"<script>alert(2)</script>\"\nowner: a\nsteps: []\n",
    );
    let page = html(&workspace);
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains('\x1b') && !page.contains('\u{202e}'), "{page}");
    assert!(
        page.contains("scenario&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;\\x1b[31m\\u{202e}"),
        "{page}"
    );
    let shown = workspace.runbook(["history"]).run().exits(0).stdout;
    assert!(!shown.contains('\x1b') && !shown.contains('\u{202e}'), "{shown}");
    assert!(shown.contains("\\x1b[31m\\u{202e}"), "{shown}");
}

#[test]
fn its_elements_are_balanced() {
    let tags = Regex::new(r"<(/?)([a-z0-9]+)(?:[^>]*?)(/?)>").unwrap();
    for page in [html(&made(40, 5)), html(&Workspace::new()), html(&drilled(&[Drill::control(1)]))] {
        let body = page.split_once("</head>").unwrap().1;
        let mut open: Vec<String> = Vec::new();
        for tag in tags.captures_iter(body) {
            let name = tag[2].to_owned();
            match (&tag[1], &tag[3]) {
                _ if matches!(name.as_str(), "br" | "wbr" | "html") => {}
                ("/", _) => assert_eq!(open.pop().as_deref(), Some(name.as_str()), "{}", &tag[0]),
                (_, "/") => {}
                _ => open.push(name),
            }
        }
        assert!(open.is_empty() || open == ["body"], "{open:?}");
    }
}

#[test]
fn failures_controls_and_misses_differ_in_shape() {
    let missed = Drill { verdict: Some("objective missed"), recovery_ms: Some(90_000), ..Drill::new(4) };
    let killed = Drill { verdict: None, ..Drill::new(5) };
    let page = html(&drilled(&[Drill::new(1), Drill::failed(2), Drill::control(3), missed, killed]));
    let mark = Regex::new(r"<title>[^<]*UTC: ([a-z :]+)[^<]*</title>(<[^>]*>)").unwrap();
    let svg = page.split("<svg class=\"plot\"").nth(1).unwrap();
    let mut shapes: Vec<(String, String)> = mark
        .captures_iter(svg)
        .map(|it| (it[1].trim_end_matches(|c: char| " ,".contains(c)).to_owned(), it[2].to_owned()))
        .collect();
    assert_eq!(shapes.len(), 5, "{shapes:?}");
    let without_class = Regex::new(r#" class="[^"]*""#).unwrap();
    for (_, shape) in &mut shapes {
        *shape = without_class.replace(shape, "").into_owned();
    }
    for (at, (verdict, shape)) in shapes.iter().enumerate() {
        assert!(shapes[at + 1..].iter().all(|(_, other)| other != shape), "{verdict} looks like another: {shapes:?}");
    }
    for words in ["recovered, the objective missed", "not recovered", "control, red as it has to be", "no result"] {
        assert!(page.contains(words), "the legend does not say `{words}`");
    }
}
