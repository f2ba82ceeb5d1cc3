//! The words of a command line: which command, which operands, which flags.

use super::surface::{Count, Flag, Grammar, Surface, Takes};
use super::usage::{self, UsageError};

/// A command line that was understood.
#[derive(Debug, Default)]
pub struct Arguments {
    /// `compute disks create`.
    pub path: String,
    /// What stands without a flag, in order.
    pub operands: Vec<String>,
    /// What follows `--`.
    pub rest: Vec<String>,
    /// Flags by their own names, in order, each with its value.
    flags: Vec<(&'static str, Option<String>)>,
}

impl Arguments {
    /// The last value of a flag.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(known, _)| *known == name).and_then(|(_, value)| value.as_deref())
    }

    /// All values of a flag.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.flags.iter().filter(move |(known, _)| *known == name).filter_map(|(_, value)| value.as_deref())
    }

    /// A flag without a value is given; `--no-…` later takes it back.
    pub fn has(&self, name: &str) -> bool {
        let opposite = format!("--no-{}", name.trim_start_matches("--"));
        let last = self.flags.iter().rev().find(|(known, _)| *known == name || *known == opposite);
        last.is_some_and(|(known, _)| *known == name)
    }

    /// The names of all flags.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.flags.iter().map(|(name, _)| *name)
    }

    /// The first operand; the grammar has seen to it that it is there.
    pub fn first(&self) -> &str {
        self.operands.first().map_or("", String::as_str)
    }
}

/// A path as errors name it.
pub fn dotted(path: &str) -> String {
    if path.is_empty() { "gcloud".to_owned() } else { format!("gcloud.{}", path.replace(' ', ".")) }
}

/// Reads a command line.
///
/// # Errors
/// The client would not take it: exit code 2, and what it says.
pub fn parse(words: &[String]) -> Result<Arguments, UsageError> {
    let surface = Surface::get();
    let mut found = Arguments::default();
    let mut left = words.iter();
    let mut open: Option<&Grammar> = None;
    let mut unknown: Vec<String> = Vec::new();
    // A list of operands ends at the first flag behind it.
    let (mut in_a_row, mut is_over) = (0, false);
    while let Some(word) = left.next() {
        if word == "--" {
            found.rest = left.cloned().collect();
            break;
        }
        if word.starts_with('-') && word.len() > 1 {
            is_over = in_a_row > 0;
            let (name, given) = split(word);
            let flag = open.map_or_else(|| surface.global(name), |grammar| surface.flag(grammar, name));
            match flag {
                Some(flag) => {
                    let value = value(&found.path, open, flag, given, &mut left)?;
                    found.flags.push((flag.name(), value));
                }
                None if open.is_none() => return Err(usage::unknown(&found.path, None, std::slice::from_ref(word))),
                None => unknown.push(word.clone()),
            }
        } else if open.is_some() {
            in_a_row += usize::from(!is_over);
            found.operands.push(word.clone());
        } else {
            let path = if found.path.is_empty() { word.clone() } else { format!("{} {word}", found.path) };
            open = surface.command(&path);
            if open.is_none() && surface.group(&path).is_none() {
                return Err(usage::no_command(&found.path, word));
            }
            found.path = path;
        }
    }
    let Some(grammar) = open else { return Err(usage::command_expected(&found.path)) };
    check(&mut found, grammar, unknown, in_a_row)?;
    Ok(found)
}

/// A flag and the value in the same word.
fn split(word: &str) -> (&str, Option<&str>) {
    match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None if !word.starts_with("--") && word.is_char_boundary(2) && word.len() > 2 => (&word[..2], Some(&word[2..])),
        None => (word, None),
    }
}

fn value<'w>(
    path: &str,
    grammar: Option<&Grammar>,
    flag: &Flag,
    given: Option<&str>,
    left: &mut impl Iterator<Item = &'w String>,
) -> Result<Option<String>, UsageError> {
    let choices = match (&flag.takes, given) {
        (Takes::Nothing, None) => return Ok(None),
        (Takes::Nothing, Some(value)) => {
            return Err(usage::wrong(
                path,
                grammar,
                &flag.names.join("/"),
                &format!("ignored explicit argument '{value}'"),
            ));
        }
        (Takes::Value, _) => None,
        (Takes::OneOf(choices), _) => Some(choices),
    };
    // A word that looks like a flag is none's value.
    let next = || left.next().filter(|word| !word.starts_with('-') || word.len() == 1).cloned();
    let Some(value) = given.map(str::to_owned).or_else(next) else {
        return Err(usage::wrong(path, grammar, &flag.names.join("/"), "expected one argument"));
    };
    let Some(choices) = choices else { return Ok(Some(value)) };
    let is_meant = |choice: &&&str| **choice == value || flag.folds && choice.eq_ignore_ascii_case(&value);
    match choices.iter().find(is_meant) {
        Some(choice) => Ok(Some((*choice).to_owned())),
        None => Err(usage::no_choice(path, flag.name(), &value, choices)),
    }
}

/// Operands in their number, required flags, nothing unknown.
fn check(
    found: &mut Arguments,
    grammar: &Grammar,
    mut unknown: Vec<String>,
    in_a_row: usize,
) -> Result<(), UsageError> {
    let takes = |count| grammar.operands.iter().filter(|operand| operand.count == count).count();
    let least = takes(Count::One) + takes(Count::Some);
    let many = takes(Count::Some) + takes(Count::Any) > 0;
    let most = if many { in_a_row.max(least) } else { least + takes(Count::Maybe) };
    if takes(Count::Rest) == 0 {
        found.operands.append(&mut found.rest);
    }
    if found.operands.len() > most {
        unknown.extend(found.operands.drain(most..));
    }
    if !unknown.is_empty() {
        return Err(usage::unknown(&found.path, Some(grammar), &unknown));
    }
    let missing = grammar.operands.iter().filter(|operand| matches!(operand.count, Count::One | Count::Some));
    let missing = missing.skip(found.operands.len()).map(|operand| match operand.count {
        Count::Some => format!("{} [{} ...]", operand.name, operand.name),
        _ => operand.name.to_owned(),
    });
    let given: Vec<&str> = found.names().collect();
    let flags = grammar.flags.iter().filter(|flag| flag.required && !given.contains(&flag.name()));
    let missing: Vec<String> = missing.chain(flags.map(|flag| flag.name().to_owned())).collect();
    if missing.is_empty() { Ok(()) } else { Err(usage::missing(&found.path, grammar, &missing)) }
}
