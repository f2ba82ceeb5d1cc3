//! The parts of a script, as they are read. A script is data; nothing of it has happened yet.

use std::sync::{Arc, OnceLock};

/// A whole script.
#[derive(Debug)]
pub struct Script {
    /// Its complete commands, in order.
    pub body: List,
    /// Where it cannot be read any further: what stands before that is carried out, as a shell does.
    pub broken: Option<SyntaxError>,
}

/// A script that no shell would read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Counted from 1.
    pub line: u32,
    /// What the shell says behind the place.
    pub message: String,
}

/// Commands one after the other.
pub type List = Vec<AndOr>;

/// Pipelines joined by `&&` and `||`.
#[derive(Debug)]
pub struct AndOr {
    pub first: Pipeline,
    pub rest: Vec<(Join, Pipeline)>,
}

/// What joins two pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|`.
#[derive(Debug)]
pub struct Pipeline {
    /// `!` stands before it.
    pub negated: bool,
    pub commands: Vec<Command>,
}

/// One command.
#[derive(Debug)]
pub struct Command {
    /// The line it begins on, from 1.
    pub line: u32,
    pub kind: CommandKind,
    pub redirects: Vec<Redirect>,
}

/// What a command is.
#[derive(Debug)]
pub enum CommandKind {
    /// Assignments, and words of which the first is the command.
    Simple { assignments: Vec<Assignment>, words: Vec<Word> },
    /// `{ …; }`
    Group(List),
    /// `( … )`
    Subshell(List),
    /// `if` and `elif` with what follows them, and `else`.
    If { arms: Vec<(List, List)>, otherwise: Option<List> },
    /// `for NAME in …`; none: over the arguments.
    For { name: String, words: Option<Vec<Word>>, body: List },
    /// `for ((a; b; c))`
    Count { begin: Word, condition: Word, step: Word, body: List },
    /// `while`, `until`.
    While { until: bool, condition: List, body: List },
    /// `case`
    Case { word: Word, arms: Vec<CaseArm> },
    /// `NAME() …`
    Function { name: String, body: Arc<Command> },
    /// `[[ … ]]`
    Test(Condition),
    /// `(( … ))`
    Arithmetic(Word),
}

/// `a | b) …`
#[derive(Debug)]
pub struct CaseArm {
    pub patterns: Vec<Word>,
    pub body: List,
    /// `;&`: the next arm's commands follow.
    pub falls_through: bool,
}

/// `NAME=…`, `NAME+=…`
#[derive(Debug)]
pub struct Assignment {
    pub name: String,
    pub append: bool,
    pub value: Word,
}

/// A word: pieces without a gap.
pub type Word = Vec<Piece>;

/// A piece of a word.
#[derive(Clone, Debug)]
pub enum Piece {
    /// As written, without quotes: `*` in it is a pattern.
    Plain(String),
    /// Between quotes.
    Quoted(String),
    /// `$x`, `${x…}`
    Parameter { parameter: Box<Parameter>, quoted: bool },
    /// `$(…)`
    Command { body: Arc<List>, quoted: bool },
    /// `$((…))`
    Arithmetic { expression: Word, quoted: bool },
}

/// A parameter and what is done to its value.
#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: Name,
    pub operation: Operation,
    /// As written, for messages.
    pub text: String,
}

/// What a parameter is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    Variable(String),
    /// `$1`; 0 is the shell's own name.
    Positional(usize),
    /// `?`, `#`, `@`, `*`, `$`, `!`, `-`
    Special(char),
    /// `${!NAME}`
    Indirect(String),
}

/// What is done to a parameter's value.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Nothing.
    Value,
    /// `${#x}`
    Length,
    /// `${x-w}`, `${x=w}`, `${x+w}`, `${x?w}`; with a colon an empty value counts as none.
    Otherwise { how: Otherwise, colon: bool, word: Word },
    /// `${x#p}`, `${x##p}`
    TrimStart { longest: bool, pattern: Word },
    /// `${x%p}`, `${x%%p}`
    TrimEnd { longest: bool, pattern: Word },
    /// `${x/p/w}`
    Replace { which: Which, pattern: Word, with: Word },
    /// `${x:a}`, `${x:a:b}`
    Slice { from: Word, length: Option<Word> },
    /// `${x^}`, `${x^^}`, `${x,}`, `${x,,}`
    Case { upper: bool, all: bool },
}

/// What an unset parameter leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    Default,
    Assign,
    Alternative,
    Error,
}

/// Which matches are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    First,
    All,
    /// `${x/#p/w}`
    AtStart,
    /// `${x/%p/w}`
    AtEnd,
}

/// A redirection of one descriptor.
#[derive(Debug)]
pub struct Redirect {
    /// 0, 1 or 2.
    pub descriptor: u8,
    pub to: RedirectTo,
}

/// Where to, or where from.
#[derive(Debug)]
pub enum RedirectTo {
    /// `<`
    Read(Word),
    /// `>`, `>>`
    Write { file: Word, append: bool },
    /// `&>`, `&>>`: both outputs.
    Both { file: Word, append: bool },
    /// `>&2`, `2>&1`
    Copy(u8),
    /// `<<`: its text is read when its line has ended.
    Here(Arc<OnceLock<Word>>),
    /// `<<<`
    Text(Word),
}

/// What stands in `[[ … ]]`.
#[derive(Debug)]
pub enum Condition {
    Word(Word),
    Unary(String, Word),
    Binary(Word, String, Word),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}
