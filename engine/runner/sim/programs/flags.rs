//! Options of programs, as GNU programs read them: letters together, long names, values, options behind operands.

use super::super::process::{Process, Unsimulated};
use super::Halt;

/// What a program can be told.
pub struct Spec {
    /// How it calls itself.
    pub program: &'static str,
    /// One option each: all of its names with `,` between them, the first of which is its key; `=` at the end: it takes a value, `=?`: it may,
    /// `!` in front: it exists and is not simulated.
    pub options: &'static [&'static str],
    /// The exit code for an option that does not exist.
    pub usage: i32,
    /// Everything behind the first operand is an operand: `sudo`, `env`.
    pub stops: bool,
}

/// What it was told.
#[derive(Debug, Default)]
pub struct Told {
    found: Vec<(&'static str, Option<String>)>,
    pub operands: Vec<String>,
}

/// One option.
struct Flag {
    key: &'static str,
    value: Value,
    known: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    None,
    Needed,
    Possible,
}

impl Told {
    /// It was said.
    pub fn has(&self, key: &str) -> bool {
        self.found.iter().any(|(found, _)| *found == key)
    }

    /// The value that was said last.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.found.iter().rev().find(|(found, _)| *found == key).and_then(|(_, value)| value.as_deref())
    }

    /// All values, in order.
    pub fn values(&self, key: &str) -> Vec<String> {
        self.found.iter().filter(|(found, _)| *found == key).filter_map(|(_, value)| value.clone()).collect()
    }

    /// Which of these was said last.
    pub fn last(&self, keys: &[&str]) -> Option<&'static str> {
        self.found.iter().rev().map(|(found, _)| *found).find(|found| keys.contains(found))
    }
}

impl Spec {
    /// Names of one entry, and what it takes.
    fn flag(&self, matches: impl Fn(&str) -> bool) -> Option<Flag> {
        for entry in self.options {
            let (known, entry) = entry.strip_prefix('!').map_or((true, *entry), |rest| (false, rest));
            let (names, value) = if let Some(names) = entry.strip_suffix("=?") {
                (names, Value::Possible)
            } else if let Some(names) = entry.strip_suffix('=') {
                (names, Value::Needed)
            } else {
                (entry, Value::None)
            };
            if names.split(',').any(&matches) {
                let key = names.split(',').next().unwrap_or(names);
                return Some(Flag { key, value, known });
            }
        }
        None
    }

    /// Reads the arguments.
    ///
    /// # Errors
    /// An option that does not exist (the program has said so), or one that is not simulated.
    pub fn read(&self, process: &mut Process<'_>, arguments: &[String]) -> Result<Told, Halt> {
        let mut told = Told::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--" {
                told.operands.extend(rest.cloned());
                return Ok(told);
            }
            if let Some(long) = argument.strip_prefix("--") {
                self.long(process, &mut told, long, &mut rest)?;
            } else if argument.len() > 1 && argument.starts_with('-') {
                self.letters(process, &mut told, &argument[1..], &mut rest)?;
            } else {
                told.operands.push(argument.clone());
                if self.stops {
                    told.operands.extend(rest.cloned());
                    return Ok(told);
                }
            }
        }
        Ok(told)
    }

    fn long<'a>(
        &self,
        process: &mut Process<'_>,
        told: &mut Told,
        long: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), Halt> {
        let (name, given) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value.to_owned())));
        let Some(flag) = self.flag(|known| known.len() > 1 && known == name) else {
            return Err(self.refuse(process, &format!("unrecognized option '--{name}'")));
        };
        if !flag.known {
            return Err(Unsimulated(format!("`{} --{name}`", self.program)).into());
        }
        let value = match (flag.value, given) {
            (Value::None, Some(_)) => {
                return Err(self.refuse(process, &format!("option '--{name}' doesn't allow an argument")));
            }
            (Value::Needed, None) => match rest.next() {
                Some(value) => Some(value.clone()),
                None => return Err(self.refuse(process, &format!("option '--{name}' requires an argument"))),
            },
            (_, given) => given,
        };
        told.found.push((flag.key, value));
        Ok(())
    }

    fn letters<'a>(
        &self,
        process: &mut Process<'_>,
        told: &mut Told,
        letters: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), Halt> {
        for (at, letter) in letters.char_indices() {
            let is_it = |known: &str| known.len() == letter.len_utf8() && known.starts_with(letter);
            let Some(flag) = self.flag(is_it) else {
                return Err(self.refuse(process, &format!("invalid option -- '{letter}'")));
            };
            if !flag.known {
                return Err(Unsimulated(format!("`{} -{letter}`", self.program)).into());
            }
            let behind = &letters[at + letter.len_utf8()..];
            if flag.value == Value::Needed {
                let value = match behind {
                    "" => rest.next().cloned(),
                    behind => Some(behind.to_owned()),
                };
                let Some(value) = value else {
                    return Err(self.refuse(process, &format!("option requires an argument -- '{letter}'")));
                };
                told.found.push((flag.key, Some(value)));
                return Ok(());
            }
            if flag.value == Value::Possible && !behind.is_empty() {
                told.found.push((flag.key, Some(behind.to_owned())));
                return Ok(());
            }
            told.found.push((flag.key, None));
        }
        Ok(())
    }

    /// What the program says to something it does not know.
    fn refuse(&self, process: &mut Process<'_>, what: &str) -> Halt {
        process.complain(format!("{}: {what}", self.program));
        process.complain(format!("Try '{} --help' for more information.", self.program));
        Halt::Exit(self.usage)
    }

    /// An operand is missing.
    pub fn missing_operand(&self, process: &mut Process<'_>) -> Halt {
        let kind =
            if matches!(self.program, "touch" | "cp" | "mv" | "ln" | "install") { "file operand" } else { "operand" };
        self.refuse(process, &format!("missing {kind}"))
    }
}
