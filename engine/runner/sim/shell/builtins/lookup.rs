//! What a command is: `command`, `type`, `hash`.

use super::super::super::process::Lookup;
use super::super::file::{Executable, examine};
use super::super::state::{Shell, Step};
use super::{find, unsimulated};

/// What a name stands for.
enum Meaning {
    Keyword,
    Function,
    Builtin,
    Program(String),
    Nothing,
}

const KEYWORDS: [&str; 18] = [
    "if", "then", "else", "elif", "fi", "for", "in", "do", "done", "while", "until", "case", "esac", "{", "}", "!",
    "[[", "function",
];

fn meaning(shell: &Shell<'_, '_>, name: &str) -> Step<Meaning> {
    if KEYWORDS.contains(&name) {
        return Ok(Meaning::Keyword);
    }
    if shell.state.functions.contains_key(name) {
        return Ok(Meaning::Function);
    }
    if find(name).is_some() {
        return Ok(Meaning::Builtin);
    }
    if name.contains('/') {
        return Ok(match examine(shell.process, name) {
            Executable::Script(_) | Executable::Program => Meaning::Program(name.to_owned()),
            Executable::Denied | Executable::Directory | Executable::Missing => Meaning::Nothing,
        });
    }
    match shell.process.lookup(name) {
        Lookup::Found(_) => Ok(Meaning::Program(format!("/usr/bin/{name}"))),
        Lookup::Missing => Ok(Meaning::Nothing),
        Lookup::Unknown(name) => unsimulated(format!("whether there is a `{name}`")),
    }
}

/// `command`
pub fn command(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    match arguments {
        [] => Ok(0),
        [option, names @ ..] if option == "-v" => {
            let mut status = i32::from(names.is_empty());
            for name in names {
                match meaning(shell, name)? {
                    Meaning::Nothing => status = 1,
                    Meaning::Program(path) => shell.say(&path)?,
                    Meaning::Keyword | Meaning::Function | Meaning::Builtin => shell.say(name)?,
                }
            }
            Ok(status)
        }
        [option, rest @ ..] if option == "-p" || option == "--" => shell.without_functions_if_any(rest),
        [option, ..] if option.starts_with('-') => unsimulated(format!("`command {option}`")),
        words => shell.without_functions_if_any(words),
    }
}

/// `type`
pub fn kind(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let mut status = 0;
    for name in arguments {
        if name.starts_with('-') {
            return unsimulated(format!("`type {name}`"));
        }
        match meaning(shell, name)? {
            Meaning::Keyword => shell.say(&format!("{name} is a shell keyword"))?,
            Meaning::Builtin => shell.say(&format!("{name} is a shell builtin"))?,
            Meaning::Program(path) => shell.say(&format!("{name} is {path}"))?,
            Meaning::Function => return unsimulated("`type` of a function".to_owned()),
            Meaning::Nothing => status = shell.fail(1, format!("type: {name}: not found"))?,
        }
    }
    Ok(status)
}

/// `hash`
pub fn hash(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let mut status = 0;
    for name in arguments.iter().filter(|name| *name != "-r") {
        if let Meaning::Nothing = meaning(shell, name)? {
            status = shell.fail(1, format!("hash: {name}: not found"))?;
        }
    }
    Ok(status)
}

impl Shell<'_, '_> {
    fn without_functions_if_any(&mut self, words: &[String]) -> Step {
        if words.is_empty() { Ok(0) } else { self.without_functions(words) }
    }
}
