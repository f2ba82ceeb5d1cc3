//! What the client says about a command line that it does not take: exit code 2.

use super::arguments::dotted;
use super::nearest::nearest;
use super::surface::{Grammar, Surface};

/// Columns of a usage text.
const WIDTH: usize = 80;

/// Where its lists begin.
const INDENT: usize = 25;

/// The last line about a command that was not found.
const SEARCH: &str = "To search the help text of gcloud commands, run:\n  gcloud help -- SEARCH_TERMS\n";

/// Why a command line was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageError {
    /// What the client says.
    Said(String),
    /// The client knows it; this world does not.
    Known(String),
}

/// A word that is neither a group nor a command.
pub fn no_command(path: &str, word: &str) -> UsageError {
    let surface = Surface::get();
    let Some(group) = surface.group(path) else { return UsageError::Known(format!("`gcloud {path}`")) };
    if group.groups.contains(&word) || group.commands.contains(&word) {
        return UsageError::Known(format!("`gcloud {path} {word}`").replace("  ", " "));
    }
    let said = format!("ERROR: ({}) Invalid choice: '{word}'.\n", dotted(path));
    if group.suggestions.is_empty() {
        let (path, groups) = (spaced(path), listed("group may be", &group.groups));
        let commands = listed("command may be", &group.commands);
        return UsageError::Said(format!(
            "{said}Usage: gcloud{path} [optional flags] <group | command>\n{groups}{commands}\n\
             For detailed information on this command and its flags, run:\n  gcloud{path} --help\n"
        ));
    }
    let suggestions: String = group.suggestions.iter().flat_map(|suggestion| ["  gcloud ", suggestion, "\n"]).collect();
    UsageError::Said(format!("{said}Maybe you meant:\n{suggestions}\n{SEARCH}"))
}

/// A group without a command.
pub fn command_expected(path: &str) -> UsageError {
    UsageError::Said(format!(
        "ERROR: ({}) Command name argument expected.\n\n\
         For detailed information on this command and its flags, run:\n  gcloud{} --help\n",
        dotted(path),
        spaced(path)
    ))
}

/// Flags that the command does not have, and operands too many.
pub fn unknown(path: &str, grammar: Option<&Grammar>, words: &[String]) -> UsageError {
    let surface = Surface::get();
    let told = words.iter().map(|word| {
        let flag = word.split('=').next().unwrap_or(word).to_lowercase();
        let near = flag.starts_with("--").then(|| nearest(&flag, surface.shown(grammar))).flatten();
        near.map_or_else(|| word.clone(), |near| format!("{word} (did you mean '{near}'?)"))
    });
    let told: Vec<String> = told.collect();
    let words = match told.as_slice() {
        [one] => format!(" {one} \n\n{SEARCH}"),
        many => format!("\n  {}\n  {SEARCH}", many.join("\n  ")),
    };
    UsageError::Said(format!("ERROR: ({}) unrecognized arguments:{words}", dotted(path)))
}

/// A value that a flag does not take.
pub fn wrong(path: &str, grammar: Option<&Grammar>, flag: &str, why: &str) -> UsageError {
    UsageError::Said(format!("ERROR: ({}) argument {flag}: {why}\n{}", dotted(path), usage(path, grammar)))
}

/// A word that is none of a flag's choices.
pub fn no_choice(path: &str, flag: &str, value: &str, choices: &[&str]) -> UsageError {
    let (dotted, mut choices) = (dotted(path), choices.to_vec());
    choices.sort_unstable();
    UsageError::Said(format!(
        "ERROR: ({dotted}) argument {flag}: Invalid choice: '{value}'.\n\nValid choices are [{}].\n",
        choices.join(", ")
    ))
}

/// Operands and flags that have to be there.
pub fn missing(path: &str, grammar: &Grammar, names: &[String]) -> UsageError {
    wrong(path, Some(grammar), &names.join(" "), "Must be specified.")
}

/// One of several flags has to be there.
pub fn one_of(path: &str, grammar: Option<&Grammar>, flags: &str) -> UsageError {
    let (dotted, usage) = (dotted(path), usage(path, grammar));
    UsageError::Said(format!("ERROR: ({dotted}) Exactly one of ({flags}) must be specified.\n{usage}"))
}

fn usage(path: &str, grammar: Option<&Grammar>) -> String {
    let Some(grammar) = grammar else { return String::new() };
    let (operands, rest) = grammar.usage.split_once(" [optional flags]").unwrap_or((grammar.usage, ""));
    let optional = grammar.flags.iter().filter(|flag| !flag.hidden && !flag.required).map(super::surface::Flag::name);
    let mut optional: Vec<&str> = optional.chain(["--help"]).collect();
    optional.sort_by_key(|name| {
        let bare = name.trim_start_matches("--");
        bare.strip_prefix("no-").map_or((bare, false), |bare| (bare, true))
    });
    let list = listed("optional flags may be", &optional);
    format!(
        "Usage: gcloud {path}{} [optional flags]{rest}\n{list}\n\
         For detailed information on this command and its flags, run:\n  gcloud {path} --help\n",
        spaced(operands)
    )
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

/// A list that is wrapped beside its title.
fn listed(title: &str, words: &[&str]) -> String {
    let mut lines = vec![String::new()];
    let text = words.join(" | ");
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let last = lines.last_mut().map_or(0, |line| line.len());
        if last > 0 && INDENT + last + 1 + word.len() > WIDTH {
            lines.push(String::new());
        }
        // A line was pushed above, or was there from the beginning.
        let Some(line) = lines.last_mut() else { continue };
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if words.is_empty() {
        return String::new();
    }
    let first = format!("  {title:<width$}", width = INDENT - 2);
    let rest = lines.iter().skip(1).map(|line| format!("{:INDENT$}{line}\n", ""));
    format!("{first}{}\n{}", lines[0], rest.collect::<String>())
}
