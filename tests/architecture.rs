//! The shape of the code: layers, file sizes, opening lines, the top level.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may import, itself included. `execute::preview` alone: a dry run is rendered, execution is not seen.
const LAYERS: [(&str, &[&str]); 13] = [
    ("model", &["model"]),
    ("secret", &["secret", "model"]),
    ("template", &["template", "model"]),
    ("document", &["document", "model", "template"]),
    ("plan", &["plan", "model", "secret", "template", "document"]),
    ("journal", &["journal", "model", "secret"]),
    ("runner", &["runner", "model", "secret", "template"]),
    ("execute", &["execute", "model", "secret", "template", "document", "plan", "journal", "runner"]),
    ("rehearse", &["rehearse", "model", "secret", "template", "document", "plan", "journal", "runner", "execute"]),
    ("cloudlab", &["cloudlab", "model", "runner"]),
    ("drill", &["drill", "model", "secret", "template", "document", "plan", "journal", "runner", "execute"]),
    (
        "report",
        &[
            "report",
            "model",
            "secret",
            "template",
            "plan",
            "journal",
            "execute::preview",
            "rehearse::result",
            "runner::sim",
        ],
    ),
    (
        "cli",
        &[
            "cli", "model", "secret", "template", "document", "plan", "journal", "runner", "execute", "rehearse",
            "cloudlab", "report", "drill",
        ],
    ),
];

/// Crates and functions that live in one place only.
const AT_HOME: [(&str, &str); 6] = [
    ("petgraph::", "plan/"),
    ("granit_parser::", "document/"),
    ("minijinja::", "template/ execute/ plan/"),
    ("miette::", "cli/"),
    ("jiff::", "model/calendar/zone.rs"),
    ("Command::new(", "runner/process.rs"),
];

const LONGEST_FILE: usize = 500;

const TOP_LEVEL: [&str; 13] = [
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "engine",
    "fixtures",
    "runbooks",
    "rustfmt.toml",
    "schemas",
    "tests",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(dir: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(dir)];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn relative(path: &Path, to: &str) -> String {
    path.strip_prefix(root().join(to)).unwrap().display().to_string()
}

/// The code without its comments, in one line.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join(" ")
}

/// Every path below the crate's root that the code names: `plan::node`, also from `use crate::{a::b, c}` and `super::super::a`.
fn imports(file: &str, code: &str) -> BTreeSet<String> {
    let modules = file.trim_end_matches(".rs").trim_end_matches("/mod").split('/').count();
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = code[at + "crate::".len()..].trim_start();
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_members(group).iter().map(|member| two_parts(member))),
            None => drop(found.insert(two_parts(rest))),
        }
    }
    let mut rest = code;
    while let Some(at) = rest.find("super::") {
        rest = &rest[at..];
        let mut ups = 0;
        while let Some(next) = rest.strip_prefix("super::") {
            ups += 1;
            rest = next;
        }
        if ups >= modules {
            found.insert(two_parts(rest));
        }
    }
    found
}

/// The comma-separated members of a brace group whose opening brace was taken.
fn group_members(text: &str) -> Vec<String> {
    let (mut depth, mut members) = (0, vec![String::new()]);
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => members.push(String::new()),
            _ if depth == 0 => members.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    members.into_iter().map(|member| member.trim().to_owned()).filter(|member| !member.is_empty()).collect()
}

fn two_parts(path: &str) -> String {
    let part = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut parts = path.splitn(3, "::").map(|text| part(text.trim_start()));
    let first = parts.next().unwrap_or_default();
    match parts.next().filter(|second| !second.is_empty()) {
        Some(second) => format!("{first}::{second}"),
        None => first,
    }
}

#[test]
fn a_module_imports_only_from_lower_layers() {
    let mut breaches = Vec::new();
    for path in sources("engine") {
        let file = relative(&path, "engine");
        let Some((module, _)) = file.split_once('/') else { continue };
        let allowed = LAYERS.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else {
            breaches.push(format!("engine/{module} is in no layer"));
            continue;
        };
        for import in imports(&file, &code(&path)) {
            let first = import.split("::").next().unwrap_or_default();
            let is_module = LAYERS.iter().any(|(name, _)| *name == first);
            if is_module && !allowed.iter().any(|one| *one == first || *one == import) {
                breaches.push(format!("engine/{file} imports {import}"));
            }
        }
    }
    assert!(breaches.is_empty(), "layer breaches:\n{}", breaches.join("\n"));
}

#[test]
fn some_crates_and_functions_have_one_home() {
    let mut strangers = Vec::new();
    for path in sources("engine") {
        let file = relative(&path, "engine");
        let code = code(&path);
        for (name, homes) in AT_HOME {
            if code.contains(name) && !homes.split(' ').any(|home| file.starts_with(home)) {
                strangers.push(format!("engine/{file} uses {name} (its home: {homes})"));
            }
        }
    }
    assert!(strangers.is_empty(), "{}", strangers.join("\n"));
}

#[test]
fn the_program_is_only_the_command_line() {
    let main = code(&root().join("engine/main.rs"));
    assert!(main.contains("runbook::cli::main()"));
    assert_eq!(main.matches("runbook::").count(), 1, "main.rs does nothing itself");
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    for path in sources("engine").into_iter().chain(sources("tests")) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} does not open with a `//!` line", path.display());
    }
}

#[test]
fn no_file_is_longer_than_it_can_be_read() {
    for path in sources("engine").into_iter().chain(sources("tests")) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines, {LONGEST_FILE} at most", path.display());
    }
}

#[test]
fn the_top_level_is_what_a_newcomer_expects() {
    for entry in fs::read_dir(root()).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ignored = name.starts_with('.') || name == "target" || name == "runs";
        assert!(is_ignored || TOP_LEVEL.contains(&name.as_str()), "`{name}` does not belong at the top level");
    }
}

#[test]
fn imports_are_found_in_every_form() {
    let code =
        "use crate::model::{id, effect}; use crate::{plan::node::Node, report}; fn f() { super::super::cli::x() }";
    let found = imports("report/deep.rs", code);
    let expected = ["cli::x", "model", "plan::node", "report"].map(str::to_owned);
    assert_eq!(found, BTreeSet::from(expected));
}
