//! Command lines of the two clients: which commands and flags there are, and what is said about a wrong one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::super::process::Unsimulated;
use super::fault::Fault;

/// A command of a client.
#[derive(Debug)]
pub struct Command {
    /// `container ls`.
    pub name: &'static str,
    /// Operands, at least.
    least: usize,
    /// Operands, at most.
    most: usize,
    /// The first operand ends the flags.
    ends: bool,
    /// `docker ps [OPTIONS]`.
    usage: String,
    flags: Vec<Flag>,
}

/// A flag.
#[derive(Clone, Copy, Debug)]
struct Flag {
    short: Option<char>,
    long: &'static str,
    /// `int`, `string`, `list`, …; none: it is on or off.
    value: Option<&'static str>,
}

/// A command line as it was understood.
#[derive(Debug)]
pub struct Given {
    pub command: &'static Command,
    /// In order; `true` or `false` for what is on or off.
    pub flags: Vec<(&'static str, String)>,
    pub operands: Vec<String>,
}

static COMMANDS: LazyLock<BTreeMap<&'static str, Command>> = LazyLock::new(|| {
    let lines = include_str!("commands.txt").lines().filter(|line| !line.starts_with('#'));
    let mut commands: BTreeMap<&'static str, Command> = BTreeMap::new();
    for line in lines {
        let command = read(line, &commands);
        commands.insert(command.name, command);
    }
    commands
});

/// A line of the list: name, operands, usage, flags.
fn read(line: &'static str, known: &BTreeMap<&'static str, Command>) -> Command {
    let mut columns = line.split('\t');
    let mut column = || columns.next().unwrap_or_default();
    let (name, operands, usage, flags) = (column(), column(), column(), column());
    let count = operands.trim_end_matches(['!', '+']);
    let (least, most) = count.split_once('-').unwrap_or((count, if operands.contains('+') { "" } else { count }));
    let flags = match flags.strip_prefix('=') {
        Some(same) => known.get(same).map(|command| command.flags.clone()).unwrap_or_default(),
        None => flags.split_whitespace().map(flag).collect(),
    };
    Command {
        name,
        least: least.parse().unwrap_or_default(),
        most: most.parse().unwrap_or(usize::MAX),
        ends: operands.ends_with('!'),
        usage: usage.replace("\\n", "\n").replace("\\t", "\t"),
        flags,
    }
}

/// `f,filter=filter`.
fn flag(text: &'static str) -> Flag {
    let (names, value) = text.split_once('=').map_or((text, None), |(names, value)| (names, Some(value)));
    let (short, long) = names.split_once(',').map_or((None, names), |(short, long)| (short.chars().next(), long));
    Flag { short, long, value }
}

/// A command by its name.
pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.get(name)
}

impl Command {
    fn is_compose(&self) -> bool {
        self.name.starts_with("compose ")
    }

    /// `docker container ls`.
    pub fn path(&self) -> String {
        format!("docker {}", self.name)
    }

    /// What is wrong with a flag; the two clients differ in what they add.
    fn misused(&self, what: &str) -> Fault {
        if self.is_compose() {
            return Fault::said(16, what);
        }
        Fault::said(
            125,
            format!("{what}\n\nUsage:  {}\n\nRun '{} --help' for more information", self.usage, self.path()),
        )
    }

    fn counts(&self, given: usize) -> Result<(), Fault> {
        if (self.least..=self.most).contains(&given) {
            return Ok(());
        }
        let plural = |n: usize| if n == 1 { "argument" } else { "arguments" };
        let (path, least, most) = (self.path(), self.least, self.most);
        if self.is_compose() {
            return Err(Fault::said(1, format!("requires at least {least} arg(s), only received {given}")));
        }
        let (what, hint) = match (least, most) {
            (_, 0) => ("accepts no arguments".to_owned(), "Run"),
            (_, usize::MAX) => (format!("requires at least {least} {}", plural(least)), "See"),
            _ if least == most => (format!("requires {least} {}", plural(least)), "Run"),
            (0, _) => (format!("requires at most {most} {}", plural(most)), "SRun"),
            _ => (format!("requires at least {least} and at most {most} {}", plural(most)), "Run"),
        };
        let usage = &self.usage;
        Err(Fault::said(
            1,
            format!("docker: '{path}' {what}\n\nUsage:  {usage}\n\n{hint} '{path} --help' for more information"),
        ))
    }

    /// Understands arguments.
    ///
    /// # Errors
    /// A flag that the client does not know, a value that it does not take, too many or too few operands.
    pub fn parse(&'static self, arguments: &[String]) -> Result<Given, Fault> {
        let mut given = Given { command: self, flags: Vec::new(), operands: Vec::new() };
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            if word == "--" {
                given.operands.extend(rest.by_ref().cloned());
            } else if let Some(long) = word.strip_prefix("--") {
                self.long(long, &mut rest, &mut given)?;
            } else if word.len() > 1 && word.starts_with('-') {
                self.short(word, &mut rest, &mut given)?;
            } else {
                given.operands.push(word.clone());
                if self.ends {
                    given.operands.extend(rest.by_ref().cloned());
                }
            }
        }
        self.counts(given.operands.len())?;
        Ok(given)
    }

    fn long<'a>(
        &self,
        word: &str,
        rest: &mut impl Iterator<Item = &'a String>,
        given: &mut Given,
    ) -> Result<(), Fault> {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value.to_owned())));
        self.help(name == "help")?;
        let flag = self.flags.iter().find(|flag| flag.long == name);
        let flag = flag.ok_or_else(|| self.misused(&format!("unknown flag: --{name}")))?;
        let value = match (flag.value, value) {
            (_, Some(value)) => value,
            (None, None) => "true".to_owned(),
            (Some(_), None) => {
                rest.next().cloned().ok_or_else(|| self.misused(&format!("flag needs an argument: --{name}")))?
            }
        };
        self.take(*flag, value, given)
    }

    /// `-aq`, `-n5`, `-n=5`, `-n 5`.
    fn short<'a>(
        &self,
        word: &str,
        rest: &mut impl Iterator<Item = &'a String>,
        given: &mut Given,
    ) -> Result<(), Fault> {
        for (at, letter) in word[1..].char_indices() {
            let flag = self.flags.iter().find(|flag| flag.short == Some(letter));
            self.help(letter == 'h' && flag.is_none())?;
            let here = &word[1 + at..];
            let flag = flag.ok_or_else(|| self.misused(&format!("unknown shorthand flag: '{letter}' in -{here}")))?;
            let after = &here[letter.len_utf8()..];
            let value = match (flag.value, after) {
                (None, _) if !after.starts_with('=') => {
                    self.take(*flag, "true".to_owned(), given)?;
                    continue;
                }
                (Some(_), "") => {
                    let wants = || self.misused(&format!("flag needs an argument: '{letter}' in -{here}"));
                    rest.next().cloned().ok_or_else(wants)?
                }
                _ => after.strip_prefix('=').unwrap_or(after).to_owned(),
            };
            return self.take(*flag, value, given);
        }
        Ok(())
    }

    fn help(&self, wanted: bool) -> Result<(), Fault> {
        if wanted { Err(Unsimulated(format!("`{} --help`", self.path())).into()) } else { Ok(()) }
    }

    fn take(&self, flag: Flag, value: String, given: &mut Given) -> Result<(), Fault> {
        let name = flag.short.map_or_else(|| format!("--{}", flag.long), |s| format!("-{s}, --{}", flag.long));
        let wrong = |why: String| self.misused(&format!("invalid argument {value:?} for \"{name}\" flag: {why}"));
        match flag.value {
            None if !["true", "false", "1", "0", "t", "f", "T", "F", "TRUE", "FALSE", "True", "False"]
                .contains(&value.as_str()) =>
            {
                return Err(wrong(format!("strconv.ParseBool: parsing {value:?}: invalid syntax")));
            }
            Some("int") if value.parse::<i64>().is_err() => {
                return Err(wrong(format!("strconv.ParseInt: parsing {value:?}: invalid syntax")));
            }
            Some("filter") if !value.contains('=') && !value.is_empty() => {
                return Err(wrong("bad format of filter (expected name=value)".to_owned()));
            }
            Some("duration") => drop(super::human::duration(&value).map_err(wrong)?),
            Some("bytes") if super::human::bytes(&value).is_none() => {
                return Err(wrong(format!("invalid size: '{value}'")));
            }
            Some("decimal") if value.parse::<f64>().is_err() => {
                return Err(wrong(format!("failed to parse {value} as a rational number")));
            }
            _ => {}
        }
        let is_off = flag.value.is_none() && ["false", "0", "f", "F", "FALSE", "False"].contains(&value.as_str());
        let value = if flag.value.is_none() { (!is_off).to_string() } else { value };
        given.flags.push((flag.long, value));
        Ok(())
    }
}

impl Given {
    /// A flag is on.
    pub fn has(&self, name: &str) -> bool {
        self.text(name) == Some("true")
    }

    /// The value that counts: the last.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// All values, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.flags.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Refuses flags that exist and are not understood here.
    ///
    /// # Errors
    /// There is one.
    pub fn only(&self, understood: &[&str]) -> Result<(), Unsimulated> {
        let unknown = |(name, value): &&(&str, String)| value != "false" && !understood.contains(name);
        match self.flags.iter().find(unknown) {
            Some((name, _)) => Err(Unsimulated(format!("`{} --{name}`", self.command.path()))),
            None => Ok(()),
        }
    }

    /// What is wrong with the value of a flag, in the words of its client.
    pub fn wrong(&self, name: &str, value: &str, why: &str) -> Fault {
        let short = self.command.flags.iter().find(|flag| flag.long == name).and_then(|flag| flag.short);
        let name = short.map_or_else(|| format!("--{name}"), |s| format!("-{s}, --{name}"));
        self.command.misused(&format!("invalid argument {value:?} for \"{name}\" flag: {why}"))
    }
}
