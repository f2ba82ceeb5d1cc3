//! Looks at a whole script before it happens: a command that this world does not know is found before anything has an effect.

use std::collections::BTreeSet;

use super::super::process::{Lookup, Unsimulated};
use super::builtins;
use super::invoke::Known;
use super::state::Shell;
use super::syntax::{
    AndOr, Command, CommandKind, Condition, List, Operation, Parameter, Piece, Redirect, RedirectTo, Script, Word,
};

/// What a script calls, and what it defines.
#[derive(Default)]
struct Found {
    commands: BTreeSet<String>,
    functions: BTreeSet<String>,
}

/// Names of commands in a script that are neither functions of it nor the shell's own.
pub fn programs(script: &Script) -> Vec<String> {
    let mut found = Found::default();
    found.list(&script.body);
    let Found { commands, functions } = found;
    commands.into_iter().filter(|name| !functions.contains(name) && builtins::find(name).is_none()).collect()
}

/// Every command that a script names is known here.
///
/// # Errors
/// The first that is not.
pub fn check(known: &Known, shell: &Shell<'_, '_>) -> Result<(), Unsimulated> {
    for name in &known.programs {
        if name.contains('/') || name.is_empty() || shell.state.functions.contains_key(name) {
            continue;
        }
        if let Lookup::Unknown(name) = shell.process.lookup(name) {
            return Err(Unsimulated(format!("`{name}`")));
        }
    }
    Ok(())
}

impl Found {
    fn list(&mut self, list: &List) {
        for AndOr { first, rest } in list {
            for pipeline in std::iter::once(first).chain(rest.iter().map(|(_, pipeline)| pipeline)) {
                for command in &pipeline.commands {
                    self.command(command);
                }
            }
        }
    }

    fn command(&mut self, command: &Command) {
        for Redirect { to, .. } in &command.redirects {
            match to {
                RedirectTo::Read(word) | RedirectTo::Text(word) => self.word(word),
                RedirectTo::Write { file, .. } | RedirectTo::Both { file, .. } => self.word(file),
                RedirectTo::Here(text) => {
                    if let Some(word) = text.get() {
                        self.word(word);
                    }
                }
                RedirectTo::Copy(_) => {}
            }
        }
        match &command.kind {
            CommandKind::Simple { assignments, words } => {
                for assignment in assignments {
                    self.word(&assignment.value);
                }
                if let Some([Piece::Plain(name) | Piece::Quoted(name)]) = words.first().map(Vec::as_slice) {
                    self.commands.insert(name.clone());
                }
                self.words(words);
            }
            CommandKind::Group(body) | CommandKind::Subshell(body) => self.list(body),
            CommandKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.list(condition);
                    self.list(body);
                }
                if let Some(body) = otherwise {
                    self.list(body);
                }
            }
            CommandKind::For { words, body, .. } => {
                if let Some(words) = words {
                    self.words(words);
                }
                self.list(body);
            }
            CommandKind::Count { begin, condition, step, body } => {
                for word in [begin, condition, step] {
                    self.word(word);
                }
                self.list(body);
            }
            CommandKind::While { condition, body, .. } => {
                self.list(condition);
                self.list(body);
            }
            CommandKind::Case { word, arms } => {
                self.word(word);
                for arm in arms {
                    self.words(&arm.patterns);
                    self.list(&arm.body);
                }
            }
            CommandKind::Function { name, body } => {
                self.functions.insert(name.clone());
                self.command(body);
            }
            CommandKind::Test(condition) => self.condition(condition),
            CommandKind::Arithmetic(word) => self.word(word),
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Word(word) | Condition::Unary(_, word) => self.word(word),
            Condition::Binary(left, _, right) => {
                self.word(left);
                self.word(right);
            }
            Condition::Not(inner) => self.condition(inner),
            Condition::And(left, right) | Condition::Or(left, right) => {
                self.condition(left);
                self.condition(right);
            }
        }
    }

    fn words(&mut self, words: &[Word]) {
        for word in words {
            self.word(word);
        }
    }

    fn word(&mut self, word: &Word) {
        for piece in word {
            match piece {
                Piece::Plain(_) | Piece::Quoted(_) => {}
                Piece::Command { body, .. } => self.list(body),
                Piece::Arithmetic { expression, .. } => self.word(expression),
                Piece::Parameter { parameter, .. } => self.parameter(parameter),
            }
        }
    }

    fn parameter(&mut self, parameter: &Parameter) {
        match &parameter.operation {
            Operation::Otherwise { word, .. } => self.word(word),
            Operation::TrimStart { pattern, .. } | Operation::TrimEnd { pattern, .. } => self.word(pattern),
            Operation::Replace { pattern, with, .. } => {
                self.word(pattern);
                self.word(with);
            }
            Operation::Slice { from, length } => {
                self.word(from);
                if let Some(word) = length {
                    self.word(word);
                }
            }
            Operation::Value | Operation::Length | Operation::Case { .. } => {}
        }
    }
}
