//! README.md is right: its YAML passes `check`, its commands run and print what it shows, its exit codes are the program's.
//!
//! In a block of `console`, `$ ` begins a command and everything up to the next one is its output; `…` stands for lines that
//! are left out, and numbers may differ. A YAML block is a whole document; its first line is a comment with its file name.

use std::fs;
use std::path::Path;

use super::labs::engine::{Ended, ROOT, RUNBOOK, run};

/// A command and what the README says it prints.
#[derive(Debug)]
pub struct Command {
    pub line: String,
    pub shown: Vec<String>,
}

impl Command {
    /// Asserts that what is shown was printed, in this order.
    #[track_caller]
    pub fn printed(&self, text: &str) {
        let mut lines = text.lines().map(normal);
        for shown in self.shown.iter().filter(|line| !line.trim_start().starts_with('…')) {
            let wanted = normal(shown);
            assert!(
                lines.any(|line| line == wanted),
                "`{}` does not print, in this place:\n{shown}\n---\n{text}",
                self.line
            );
        }
    }
}

/// The commands below a heading.
#[track_caller]
pub fn commands(heading: &str) -> Vec<Command> {
    let commands: Vec<Command> = blocks("console", Some(heading)).iter().flat_map(|block| commands_of(block)).collect();
    assert!(!commands.is_empty(), "README.md has no commands below `{heading}`");
    commands
}

fn commands_of(block: &str) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push(Command { line: command.to_owned(), shown: Vec::new() }),
            (None, Some(last)) if last.line.ends_with('\\') => {
                last.line.pop();
                last.line.push_str(line.trim_start());
            }
            (None, Some(last)) => last.shown.push(line.to_owned()),
            (None, None) => panic!("a console block begins with a command, not with: {line}"),
        }
    }
    commands
}

/// The fenced blocks of a language, of one section or of all.
fn blocks(language: &str, heading: Option<&str>) -> Vec<String> {
    let text = fs::read_to_string(Path::new(ROOT).join("README.md")).expect("README.md");
    let (mut section, mut open, mut found) = ("", None::<(bool, String)>, Vec::new());
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(fence)) => {
                open = Some((fence == language && heading.is_none_or(|wanted| wanted == section), String::new()));
            }
            (Some((wanted, block)), Some(_)) => {
                if *wanted {
                    found.push(std::mem::take(block));
                }
                open = None;
            }
            (Some((_, block)), None) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, None) => section = line.strip_prefix("## ").unwrap_or(section),
        }
    }
    found
}

/// A line without what differs from run to run: ids, people, numbers, units of time, spaces.
fn normal(line: &str) -> String {
    let line = line.replace('[', "[ "); // `[  1.2s]` and `[1m 10s]`
    let words = line.split_whitespace().map(|word| {
        let bare: String = word.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect();
        let id = word.starts_with("01") && word.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
        match word {
            _ if id && word.len() >= 8 => "ID".to_owned(),
            _ if word.contains('@') => "WHO".to_owned(),
            _ => squeeze(&bare),
        }
    });
    let mut kept: Vec<String> = Vec::new();
    for word in words {
        // `1m 4s`, `980ms` and `4s` are all one time.
        if !(word == "TIME" && kept.last().is_some_and(|last| last == "TIME")) {
            kept.push(word);
        }
    }
    kept.join(" ")
}

/// Numbers of any length are alike, and so are times of any unit.
fn squeeze(word: &str) -> String {
    let mut text = String::new();
    for c in word.chars() {
        if !(c == '#' && text.ends_with('#')) {
            text.push(c);
        }
    }
    let text = text.replace("#.#", "#");
    let time = ["#ms", "#s", "#m", "#h"].iter().any(|unit| text.trim_matches(|c| "[](),;:".contains(c)) == *unit);
    if time { "TIME".to_owned() } else { text }
}

#[test]
fn the_first_command_runs_and_prints_what_is_shown() {
    for command in commands("Try it") {
        let words: Vec<&str> = command.line.split_whitespace().collect();
        let Some(arguments) = words.strip_prefix(&["cargo", "run", "--"][..]) else {
            panic!("a newcomer has only Cargo: {}", command.line);
        };
        // Neither Docker nor a cloud client is on this path.
        command.printed(&run(Path::new(ROOT), &[("PATH", "/nonexistent")], RUNBOOK, arguments).gives(0).text);
    }
}

#[test]
fn the_test_command_is_there() {
    let commands = commands("Test it");
    assert_eq!(commands.len(), 1, "one command");
    assert!(Path::new(ROOT).join(&commands[0].line).is_file(), "{} is a file", commands[0].line);
}

#[test]
fn its_documents_pass_the_check() {
    let dir = tempfile::tempdir().expect("a directory");
    let documents = blocks("yaml", None);
    assert!(documents.len() >= 2, "a runbook and a system");
    for document in documents {
        let name = document.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a file name as a comment");
        let name = name.split_whitespace().next().expect("a file name");
        fs::write(dir.path().join(name), &document).expect("write the document");
    }
    run(dir.path(), &[], RUNBOOK, &["check", "."]).gives(0);
    run(dir.path(), &[], RUNBOOK, &["run", "restore.yaml", "--dry-run"]).gives(0);
}

/// A directory with the documents of the README, and a shell command in it as its reader types it.
fn types(directory: &Path, line: &str) -> Ended {
    let programs = Path::new(RUNBOOK).parent().expect("a directory").display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
    run(directory, &[("PATH", &path)], "sh", &["-c", line])
}

#[test]
fn an_interrupted_run_goes_on_and_is_undone_as_shown() {
    let dir = tempfile::tempdir().expect("a directory");
    let document = blocks("yaml", Some("When it is interrupted"));
    fs::write(dir.path().join("rebuild.yaml"), &document[0]).expect("write the document");
    for command in commands("When it is interrupted").iter().chain(&commands("Undo it")) {
        let line = command.line.replace("01M7YRGS", "01");
        command.printed(&types(dir.path(), &line).text);
    }
    assert!(!dir.path().join("index").exists() && !dir.path().join("index-old").exists());
}

#[test]
fn a_saved_plan_is_refused_as_shown() {
    let dir = tempfile::tempdir().expect("a directory");
    let document = blocks("yaml", Some("When it is interrupted"));
    fs::write(dir.path().join("rebuild.yaml"), &document[0]).expect("write the document");
    for command in commands("Plan it, time it") {
        command.printed(&types(dir.path(), &command.line).text);
    }
}

#[test]
fn calendars_are_asked_as_shown() {
    let empty = tempfile::tempdir().expect("a directory");
    let place = |name: &str| empty.path().join(name).display().to_string();
    let programs = Path::new(RUNBOOK).parent().expect("a directory").display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
    let variables = [("PATH", path.as_str()), ("RUNBOOK_DRILLS", &place("drills")), ("RUNBOOK_RUNS", &place("runs"))];
    for command in commands("Calendar") {
        command.printed(&run(Path::new(ROOT), &variables, "sh", &["-c", &command.line]).text);
    }
}

#[test]
fn its_table_of_verbs_is_complete() {
    let text = fs::read_to_string(Path::new(ROOT).join("README.md")).expect("README.md");
    let section = text.split("## The verbs").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the section");
    let help = run(Path::new(ROOT), &[], RUNBOOK, &["help"]).gives(0).text;
    let verbs = help.lines().skip_while(|line| *line != "Write:").take_while(|line| *line != "More:");
    for verb in verbs.filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next()) {
        assert!(section.contains(&format!("`{verb}`")), "{verb} is not in the table");
    }
}

#[test]
fn its_exit_codes_are_those_of_the_program() {
    let codes = |text: &str, cut: char| -> Vec<u8> {
        text.lines().filter_map(|line| line.trim_start_matches(cut).split_whitespace().next()?.parse().ok()).collect()
    };
    let text = fs::read_to_string(Path::new(ROOT).join("README.md")).expect("README.md");
    let section = text.split("## Exit codes").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("the section");
    let program = run(Path::new(ROOT), &[], RUNBOOK, &["exit-codes"]).gives(0).text;
    assert_eq!(codes(section, '|'), codes(&program, ' '));
}

#[test]
fn its_links_lead_somewhere() {
    let text = fs::read_to_string(Path::new(ROOT).join("README.md")).expect("README.md");
    let links: Vec<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    for link in links.iter().filter(|link| !link.contains("://") && !link.starts_with('#')) {
        assert!(Path::new(ROOT).join(link).exists(), "{link} is not there");
    }
}
