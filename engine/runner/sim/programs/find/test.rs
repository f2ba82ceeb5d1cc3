//! Tests and actions of `find`: how they are read, and what they do.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::super::process::{Process, Unsimulated};
use super::super::super::shell::Pattern;
use super::super::super::tree::{Kind, Node};
use super::super::Halt;
use super::{Found, Outcome, Search, format, run};

/// A test or an action.
pub enum Test {
    Always,
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    Name(Pattern, bool),
    Path(Pattern),
    Kind(String),
    Size(Compared, u64),
    /// Age in units of so many seconds.
    Age(Compared, i64),
    Newer(DateTime<Utc>),
    Empty,
    Owner(u32),
    Group(u32),
    Mode(u32),
    Print(char),
    Format(String),
    Exec(Vec<String>),
    Collect(Vec<String>, usize),
    Delete,
    Prune,
    Quit,
}

/// `+N`, `-N`, `N`
pub struct Compared {
    sign: Option<char>,
    number: i64,
}

impl Compared {
    fn new(text: &str) -> Option<Self> {
        let sign = text.chars().next().filter(|c| matches!(c, '+' | '-'));
        Some(Self { sign, number: text.trim_start_matches(['+', '-']).parse().ok()? })
    }

    fn holds(&self, value: i64) -> bool {
        match self.sign {
            Some('+') => value > self.number,
            Some(_) => value < self.number,
            None => value == self.number,
        }
    }
}

/// What came of reading; the inner error is what `find` says.
type Read<T> = Result<Result<T, String>, Unsimulated>;

/// Reads an expression.
pub struct Reader<'r, 'p> {
    process: &'r Process<'p>,
    words: &'r [String],
    at: usize,
    least: usize,
    most: usize,
    depth: bool,
    acts: bool,
    collects: usize,
    nesting: u16,
}

/// Tests with a value.
const VALUED: [&str; 17] = [
    "-name",
    "-iname",
    "-path",
    "-wholename",
    "-type",
    "-size",
    "-mtime",
    "-mmin",
    "-newer",
    "-user",
    "-group",
    "-uid",
    "-gid",
    "-perm",
    "-maxdepth",
    "-mindepth",
    "-printf",
];

/// What exists and is not simulated.
const REFUSED: [&str; 18] = [
    "-mount",
    "-xdev",
    "-newermt",
    "-regex",
    "-inum",
    "-links",
    "-ls",
    "-fprint",
    "-atime",
    "-amin",
    "-ctime",
    "-cmin",
    "-readable",
    "-writable",
    "-executable",
    "-false",
    "-iregex",
    "-ipath",
];

/// Parentheses inside each other, at most.
const DEEPEST: u16 = 40;

impl<'r, 'p> Reader<'r, 'p> {
    pub fn new(process: &'r Process<'p>, words: &'r [String]) -> Self {
        Self { process, words, at: 0, least: 0, most: usize::MAX, depth: false, acts: false, collects: 0, nesting: 0 }
    }

    pub fn search(mut self) -> Read<Search> {
        let test = if self.words.is_empty() { Ok(Test::Always) } else { self.either()? };
        let test = match test {
            Ok(test) => test,
            Err(message) => return Ok(Err(message)),
        };
        if let Some(word) = self.words.get(self.at) {
            return Ok(Err(format!("paths must precede expression: `{word}'")));
        }
        let Self { least, most, depth, acts, .. } = self;
        Ok(Ok(Search { test, least, most, depth, acts }))
    }

    fn peek(&self) -> Option<&'r str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn either(&mut self) -> Read<Test> {
        let mut left = match self.both()? {
            Ok(test) => test,
            Err(message) => return Ok(Err(message)),
        };
        while matches!(self.peek(), Some("-o" | "-or")) {
            self.at += 1;
            match self.both()? {
                Ok(right) => left = Test::Or(Box::new(left), Box::new(right)),
                Err(message) => return Ok(Err(message)),
            }
        }
        Ok(Ok(left))
    }

    fn both(&mut self) -> Read<Test> {
        let mut left = match self.single()? {
            Ok(test) => test,
            Err(message) => return Ok(Err(message)),
        };
        while let Some(word) = self.peek() {
            match word {
                "-o" | "-or" | ")" => break,
                "-a" | "-and" => self.at += 1,
                _ => {}
            }
            match self.single()? {
                Ok(right) => left = Test::And(Box::new(left), Box::new(right)),
                Err(message) => return Ok(Err(message)),
            }
        }
        Ok(Ok(left))
    }

    fn single(&mut self) -> Read<Test> {
        self.nesting += 1;
        if self.nesting > DEEPEST {
            return Err(Unsimulated("`find` with so many parentheses".to_owned()));
        }
        let Some(word) = self.peek() else { return Ok(Err("expected an expression".to_owned())) };
        self.at += 1;
        let test = match word {
            "!" | "-not" => self.single()?.map(|test| Test::Not(Box::new(test))),
            "(" => {
                let inner = self.either()?;
                let closes = self.peek() == Some(")");
                self.at += 1;
                if closes { inner } else { inner.and(Err("missing closing parenthesis".to_owned())) }
            }
            word => self.primary(word)?,
        };
        self.nesting -= 1;
        Ok(test)
    }

    /// A test or action without words of its own.
    fn plain(&mut self, word: &str) -> Option<Test> {
        let test = match word {
            "-true" => Test::Always,
            "-empty" => Test::Empty,
            "-prune" => Test::Prune,
            // What is mounted below is on another file system; that is told apart where it is read.
            "-depth" | "-d" => {
                self.depth = true;
                Test::Always
            }
            "-print" | "-print0" => {
                self.acts = true;
                Test::Print(if word == "-print" { '\n' } else { '\0' })
            }
            "-delete" => {
                (self.acts, self.depth) = (true, true);
                Test::Delete
            }
            "-quit" => {
                self.acts = true;
                Test::Quit
            }
            _ => return None,
        };
        Some(test)
    }

    fn primary(&mut self, word: &str) -> Read<Test> {
        if let Some(test) = self.plain(word) {
            return Ok(Ok(test));
        }
        if let "-exec" | "-execdir" | "-ok" | "-okdir" = word {
            return self.exec(word);
        }
        if REFUSED.contains(&word) {
            return Err(Unsimulated(format!("`find {word}`")));
        }
        if !VALUED.contains(&word) {
            return Ok(Err(format!("unknown predicate `{word}'")));
        }
        let Some(value) = self.peek() else { return Ok(Err(format!("missing argument to `{word}'"))) };
        self.at += 1;
        self.valued(word, value)
    }

    /// A test with a value.
    fn valued(&mut self, word: &str, value: &str) -> Read<Test> {
        let wrong = || Ok(Err(format!("invalid argument `{value}' to `{word}'")));
        let day = if word == "-mtime" { 86_400 } else { 60 };
        Ok(Ok(match word {
            "-name" => Test::Name(Pattern::new(value), false),
            "-iname" => Test::Name(Pattern::new(&value.to_lowercase()), true),
            "-path" | "-wholename" => Test::Path(Pattern::new(value)),
            "-type" => Test::Kind(value.replace(',', "")),
            "-size" => return Ok(size(value)),
            "-mtime" | "-mmin" => match Compared::new(value) {
                Some(compared) => Test::Age(compared, day),
                None => return wrong(),
            },
            "-newer" => match self.process.node(value) {
                Ok(node) => Test::Newer(node.modified),
                Err(error) => return Ok(Err(format!("'{value}': {error}"))),
            },
            "-user" | "-uid" => match value.parse().ok().or_else(|| self.process.user_number(value)) {
                Some(uid) => Test::Owner(uid),
                None => return Ok(Err(format!("'{value}' is not the name of a known user"))),
            },
            "-group" | "-gid" => match value.parse().ok().or_else(|| self.process.group_number(value)) {
                Some(gid) => Test::Group(gid),
                None => return Ok(Err(format!("'{value}' is not the name of an existing group"))),
            },
            "-perm" => match u32::from_str_radix(value, 8) {
                Ok(mode) => Test::Mode(mode),
                Err(_) => return Err(Unsimulated(format!("`find -perm {value}`"))),
            },
            "-maxdepth" | "-mindepth" => match value.parse() {
                Ok(levels) => {
                    *if word == "-maxdepth" { &mut self.most } else { &mut self.least } = levels;
                    Test::Always
                }
                Err(_) => {
                    return Ok(Err(format!(
                        "Expected a positive decimal integer argument to {word}, but got '{value}'"
                    )));
                }
            },
            _ => {
                self.acts = true;
                Test::Format(value.to_owned())
            }
        }))
    }

    fn exec(&mut self, word: &str) -> Read<Test> {
        if word != "-exec" {
            return Err(Unsimulated(format!("`find {word}`")));
        }
        self.acts = true;
        let rest = &self.words[self.at..];
        let ends = |(at, end): (usize, &String)| end == ";" || (end == "+" && at > 0 && rest[at - 1] == "{}");
        let Some(length) = rest.iter().enumerate().position(ends) else {
            return Ok(Err("missing argument to `-exec'".to_owned()));
        };
        self.at += length + 1;
        if length == 0 {
            return Ok(Err("invalid argument `;' to `-exec'".to_owned()));
        }
        if rest[length] == ";" {
            return Ok(Ok(Test::Exec(rest[..length].to_vec())));
        }
        self.collects += 1;
        Ok(Ok(Test::Collect(rest[..length - 1].to_vec(), self.collects - 1)))
    }
}

/// `10M`: whole units, rounded up.
fn size(value: &str) -> Result<Test, String> {
    let (digits, unit) = match value.chars().next_back() {
        Some('c') => (&value[..value.len() - 1], 1),
        Some('w') => (&value[..value.len() - 1], 2),
        Some('b') => (&value[..value.len() - 1], 512),
        Some('k') => (&value[..value.len() - 1], 1 << 10),
        Some('M') => (&value[..value.len() - 1], 1 << 20),
        Some('G') => (&value[..value.len() - 1], 1 << 30),
        _ => (value, 512),
    };
    let compared = Compared::new(digits).ok_or_else(|| format!("invalid argument `{value}' to `-size'"))?;
    Ok(Test::Size(compared, unit))
}

/// The letter of `-type` and `%y`.
pub fn letter(node: &Node) -> char {
    match node.kind {
        Kind::Directory(_) => 'd',
        Kind::Text(_) | Kind::Blob(_) => 'f',
        Kind::Link(_) => 'l',
        Kind::Device(_) => 'b',
    }
}

impl Test {
    pub(super) fn holds(
        &self,
        process: &mut Process<'_>,
        found: &Found<'_>,
        outcome: &mut Outcome,
    ) -> Result<bool, Halt> {
        let node = found.node;
        Ok(match self {
            Self::Always => true,
            Self::Not(inner) => !inner.holds(process, found, outcome)?,
            Self::And(left, right) => left.holds(process, found, outcome)? && right.holds(process, found, outcome)?,
            Self::Or(left, right) => left.holds(process, found, outcome)? || right.holds(process, found, outcome)?,
            Self::Name(pattern, folded) => {
                let trimmed = found.path.trim_end_matches('/');
                let name = if trimmed.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or(trimmed) };
                if *folded { pattern.matches(&name.to_lowercase()) } else { pattern.matches(name) }
            }
            Self::Path(pattern) => pattern.matches(&found.path),
            Self::Kind(letters) => letters.contains(letter(node)),
            Self::Size(compared, unit) => {
                compared.holds(i64::try_from(node.size().div_ceil(*unit)).unwrap_or(i64::MAX))
            }
            Self::Age(compared, unit) => {
                let age = process.world.now().signed_duration_since(node.modified).max(TimeDelta::zero());
                compared.holds(age.num_seconds() / unit)
            }
            Self::Newer(than) => node.modified > *than,
            Self::Empty => match &node.kind {
                Kind::Directory(entries) => entries.is_empty(),
                Kind::Text(_) | Kind::Blob(_) => node.size() == 0,
                Kind::Link(_) | Kind::Device(_) => false,
            },
            Self::Owner(uid) => node.uid == *uid,
            Self::Group(gid) => node.gid == *gid,
            Self::Mode(mode) => node.mode & 0o7777 == *mode,
            Self::Print(end) => {
                process.stdout.push(&format!("{}{end}", found.path));
                true
            }
            Self::Format(text) => {
                let printed = format::format(process, text, found)?;
                process.stdout.push(&printed);
                true
            }
            Self::Exec(command) => {
                let argv: Vec<String> = command.iter().map(|word| word.replace("{}", &found.path)).collect();
                run(process, &argv)? == 0
            }
            Self::Collect(command, at) => {
                while outcome.collected.len() <= *at {
                    outcome.collected.push((command.clone(), Vec::new()));
                }
                outcome.collected[*at] = (command.clone(), {
                    let mut paths = std::mem::take(&mut outcome.collected[*at].1);
                    paths.push(found.path.clone());
                    paths
                });
                true
            }
            Self::Delete => delete(process, found, outcome),
            Self::Prune => {
                outcome.pruned = true;
                true
            }
            Self::Quit => {
                outcome.quit = true;
                true
            }
        })
    }
}

fn delete(process: &mut Process<'_>, found: &Found<'_>, outcome: &mut Outcome) -> bool {
    if found.path == "." {
        return true;
    }
    let path = process.path(&found.path);
    let place = process.place.clone();
    let is_full = process.world.link_node(&place, &path).is_ok_and(|node| node.entries().next().is_some());
    let removed = if is_full {
        Err(super::super::super::tree::FileError::NotEmpty)
    } else {
        process.world.remove(&place, &path).map(drop)
    };
    match removed {
        Ok(()) => true,
        Err(error) => {
            process.complain(format!("find: cannot delete '{}': {error}", found.path));
            outcome.status = 1;
            false
        }
    }
}
