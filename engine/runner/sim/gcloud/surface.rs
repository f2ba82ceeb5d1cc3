//! The commands of the client and their flags, as version 528 has them: what it knows, whether or not this world does.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A line each: global flags; a group with its groups, its commands and what is suggested for a word that is none of them; a command
/// with its operands, its usage and its flags.
const TEXT: &str = include_str!("surface.txt");

static SURFACE: LazyLock<Surface> = LazyLock::new(|| read(TEXT));

/// Everything that can be typed.
pub struct Surface {
    globals: Vec<Flag>,
    groups: BTreeMap<&'static str, Group>,
    commands: BTreeMap<&'static str, Grammar>,
}

/// A group of commands.
pub struct Group {
    pub groups: Vec<&'static str>,
    pub commands: Vec<&'static str>,
    /// What a word that nobody knows brings up.
    pub suggestions: Vec<&'static str>,
}

/// What a command takes.
pub struct Grammar {
    pub operands: Vec<Operand>,
    /// Behind its name in its usage.
    pub usage: &'static str,
    pub flags: Vec<Flag>,
}

/// What stands without a flag.
pub struct Operand {
    pub name: &'static str,
    pub count: Count,
}

/// How many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    One,
    Maybe,
    Any,
    Some,
    /// All that follow `--`.
    Rest,
}

/// A flag.
#[derive(Debug)]
pub struct Flag {
    /// The first is its own.
    pub names: Vec<&'static str>,
    pub required: bool,
    pub hidden: bool,
    /// Its choices may be written in capitals, or not.
    pub folds: bool,
    pub takes: Takes,
}

/// What a flag takes.
#[derive(Debug, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    Value,
    OneOf(Vec<&'static str>),
}

impl Surface {
    pub fn get() -> &'static Self {
        &SURFACE
    }

    pub fn group(&self, path: &str) -> Option<&Group> {
        self.groups.get(if path.is_empty() { "." } else { path })
    }

    pub fn command(&self, path: &str) -> Option<&Grammar> {
        self.commands.get(path)
    }

    /// A flag that every command has.
    pub fn global(&self, name: &str) -> Option<&Flag> {
        named(&self.globals, name)
    }

    /// A flag of a command.
    pub fn flag<'s>(&'s self, grammar: &'s Grammar, name: &str) -> Option<&'s Flag> {
        named(&grammar.flags, name).or_else(|| self.global(name))
    }

    /// The names of all flags of a command that people are told of.
    pub fn shown<'s>(&'s self, grammar: Option<&'s Grammar>) -> impl Iterator<Item = &'static str> + 's {
        let own = grammar.into_iter().flat_map(|grammar| &grammar.flags);
        let shown = own.chain(&self.globals).filter(|flag| !flag.hidden);
        shown.flat_map(|flag| flag.names.iter().copied())
    }
}

impl Flag {
    /// Its name.
    pub fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
}

fn named<'f>(flags: &'f [Flag], name: &str) -> Option<&'f Flag> {
    flags.iter().find(|flag| flag.names.contains(&name))
}

fn read(text: &'static str) -> Surface {
    let mut surface = Surface { globals: Vec::new(), groups: BTreeMap::new(), commands: BTreeMap::new() };
    for line in text.lines() {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        match next() {
            "global" => surface.globals = next().split_whitespace().map(flag).collect(),
            "group" => {
                let path = next();
                let group = Group {
                    groups: next().split_whitespace().collect(),
                    commands: next().split_whitespace().collect(),
                    suggestions: next().split(", ").filter(|suggestion| !suggestion.is_empty()).collect(),
                };
                surface.groups.insert(path, group);
            }
            _ => {
                let path = next();
                let operands = operands(next());
                let grammar = Grammar { operands, usage: next(), flags: next().split_whitespace().map(flag).collect() };
                surface.commands.insert(path, grammar);
            }
        }
    }
    surface
}

/// Operands by name and count: `DISK_NAME+`.
fn operands(text: &'static str) -> Vec<Operand> {
    let operands = text.split_whitespace().map(|word| {
        let (name, count) = match word.as_bytes().last() {
            Some(b'+') => (&word[..word.len() - 1], Count::Some),
            Some(b'*') => (&word[..word.len() - 1], Count::Any),
            Some(b'?') => (&word[..word.len() - 1], Count::Maybe),
            Some(b'.') => (&word[..word.len() - 1], Count::Rest),
            _ => (word, Count::One),
        };
        Operand { name, count }
    });
    operands.collect()
}

/// `--zone,-z!=`: names, folding (`^`), required (`!`), hidden (`~`), and what it takes.
fn flag(word: &'static str) -> Flag {
    let (names, takes) = match word.split_once('=') {
        None => (word, Takes::Nothing),
        Some((names, "")) => (names, Takes::Value),
        Some((names, choices)) => (names, Takes::OneOf(choices.split(',').collect())),
    };
    let bare = names.trim_end_matches(['^', '!', '~']);
    let marks = &names[bare.len()..];
    Flag {
        names: bare.split(',').collect(),
        required: marks.contains('!'),
        hidden: marks.contains('~'),
        folds: marks.contains('^'),
        takes,
    }
}
