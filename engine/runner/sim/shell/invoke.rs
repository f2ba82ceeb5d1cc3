//! `bash` and `sh` as programs: their options, and the script from an argument, a file or standard input.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::process::{Process, Ran, Unsimulated};
use super::known;
use super::parse::{self, Dialect};
use super::state::{Options, Shell, Stop};
use super::syntax::Script;

/// A script and the programs it names.
#[derive(Debug)]
pub struct Known {
    pub script: Script,
    /// Names of commands that are neither its functions nor the shell's own.
    pub programs: Vec<String>,
}

type Cache = BTreeMap<(Dialect, String), Result<Arc<Known>, Unsimulated>>;

thread_local! {
    /// Scripts that were read: a rehearsal carries the same ones out again and again.
    static READ: RefCell<Cache> = const { RefCell::new(BTreeMap::new()) };
}

/// Scripts that are kept, at most.
const KEPT: usize = 512;

/// What the start of a shell takes.
const START: Duration = Duration::from_micros(1_100);

/// Ended by a signal.
const TERMINATED: i32 = 143;

/// Reads a script, or remembers it.
///
/// # Errors
/// Something in it is not simulated.
pub fn read(text: &str, dialect: Dialect) -> Result<Arc<Known>, Unsimulated> {
    let key = (dialect, text.to_owned());
    if let Some(known) = READ.with_borrow(|read| read.get(&key).cloned()) {
        return known;
    }
    let known = parse::script(text, dialect).map(|script| {
        let programs = known::programs(&script);
        Arc::new(Known { script, programs })
    });
    READ.with_borrow_mut(|read| {
        if read.len() >= KEPT {
            read.clear();
        }
        read.insert(key, known.clone());
    });
    known
}

/// `bash`
pub fn bash(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    invoke(process, arguments, Dialect::Bash, "bash")
}

/// `sh`
pub fn sh(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    invoke(process, arguments, Dialect::Sh, "sh")
}

/// What the shell was told.
#[derive(Default)]
struct Told {
    options: Options,
    is_text: bool,
    operands: Vec<String>,
}

fn invoke(process: &mut Process<'_>, arguments: &[String], dialect: Dialect, name: &str) -> Ran {
    process.world.take(START);
    let told = match tell(process, arguments, dialect, name)? {
        Ok(told) => told,
        Err(status) => return Ok(status),
    };
    let mut operands = told.operands.into_iter();
    if told.is_text {
        let Some(text) = operands.next() else {
            return process.fail(2, format!("{name}: -c: option requires an argument"));
        };
        let own = operands.next().unwrap_or_else(|| name.to_owned());
        return run(
            process,
            dialect,
            &Source { text: &text, name: &own, is_text: true },
            operands.collect(),
            told.options,
        );
    }
    let Some(file) = operands.next() else {
        let stdin = std::mem::take(&mut process.stdin);
        if stdin.has_blob() {
            return Err(Unsimulated(format!("a script for `{name}` that is no text")));
        }
        return run(
            process,
            dialect,
            &Source { text: &stdin.to_text(), name, is_text: false },
            Vec::new(),
            told.options,
        );
    };
    match process.read(&file)? {
        Ok(content) if content.has_blob() => process.fail(126, format!("{file}: cannot execute binary file")),
        Ok(content) => {
            let source = Source { text: &content.to_text(), name: &file, is_text: false };
            run(process, dialect, &source, operands.collect(), told.options)
        }
        Err(super::super::tree::FileError::IsADirectory) => {
            process.fail(126, format!("{file}: {file}: Is a directory"))
        }
        Err(error) => process.fail(127, format!("{name}: {file}: {error}")),
    }
}

/// A script and what it is called.
pub struct Source<'s> {
    pub text: &'s str,
    /// `$0`
    pub name: &'s str,
    /// It came with `-c`.
    pub is_text: bool,
}

/// Carries a script out in a shell of its own.
///
/// # Errors
/// Something in it is not simulated.
pub fn run(
    process: &mut Process<'_>,
    dialect: Dialect,
    source: &Source<'_>,
    arguments: Vec<String>,
    options: Options,
) -> Ran {
    let known = read(source.text, dialect)?;
    let (cwd, env, umask) = (process.cwd.clone(), process.env.clone(), process.umask);
    process.depth += 1;
    let mut shell = Shell::new(process, dialect, source.name, arguments);
    shell.state.options = options;
    shell.is_text = source.is_text;
    let ended = known::check(&known, &shell)
        .map_err(Stop::from)
        .and_then(|()| shell.nested(|shell| shell.whole(&known.script)));
    shell.finish();
    process.depth -= 1;
    (process.cwd, process.env, process.umask) = (cwd, env, umask);
    match ended {
        Ok(status) => Ok(status),
        Err(Stop::Exit(status) | Stop::Return(status)) => Ok(status & 0xff),
        Err(Stop::Break(_) | Stop::Continue(_)) => Ok(0),
        Err(Stop::Ended) => Ok(TERMINATED),
        Err(Stop::Unsimulated(what)) => Err(what),
    }
}

impl Shell<'_, '_> {
    /// A script from its beginning to its end, `trap … EXIT` included.
    fn whole(&mut self, script: &Script) -> Result<i32, Stop> {
        let ran = self.list(&script.body).and_then(|status| match &script.broken {
            None => Ok(status),
            Some(error) => {
                self.state.line = error.line;
                let place = if self.is_text { "-c: " } else { "" };
                let message = format!("{}: {place}line {}: {}\n", self.state.name, error.line, error.message);
                self.write(2, &message)?;
                Ok(2)
            }
        });
        match ran {
            Ok(status) | Err(Stop::Exit(status)) => self.at_exit(status & 0xff),
            Err(stop) => Err(stop),
        }
    }
}

/// Reads the options; the inner error: one of them is wrong, which the shell has said.
fn tell(
    process: &mut Process<'_>,
    arguments: &[String],
    dialect: Dialect,
    name: &str,
) -> Result<Result<Told, i32>, Unsimulated> {
    let mut told = Told::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let (on, letters) = match argument.split_at_checked(1) {
            Some(("-", "-")) => {
                told.operands.extend(rest.cloned());
                return Ok(Ok(told));
            }
            Some(("-", long)) if long.starts_with('-') => match long {
                "-login" | "-norc" | "-noprofile" => continue,
                long => return Err(Unsimulated(format!("`{name} -{long}`"))),
            },
            Some(("-", letters)) if !letters.is_empty() => (true, letters),
            Some(("+", letters)) if !letters.is_empty() => (false, letters),
            _ => {
                told.operands.push(argument.clone());
                told.operands.extend(rest.cloned());
                return Ok(Ok(told));
            }
        };
        for letter in letters.chars() {
            match letter {
                'c' => told.is_text = true,
                'l' | 's' => {}
                'o' => {
                    let Some(option) = rest.next() else { return Err(Unsimulated(format!("`{name} -o`"))) };
                    check_pipefail(process, dialect, option)?;
                    if !told.options.switch_by_name(option, on)? {
                        let status = process.fail(2, format!("{name}: {option}: invalid option name"))?;
                        return Ok(Err(status));
                    }
                }
                letter => {
                    if !told.options.switch(letter, on)? {
                        let status = process.fail(2, format!("{name}: -{letter}: invalid option"))?;
                        return Ok(Err(status));
                    }
                }
            }
        }
    }
    Ok(Ok(told))
}

/// `pipefail` in `sh`: that of small images has it, Debian's has not.
pub fn check_pipefail(process: &Process<'_>, dialect: Dialect, option: &str) -> Result<(), Unsimulated> {
    if dialect == Dialect::Sh && option == "pipefail" && process.place.container.is_none() {
        return Err(Unsimulated("`set -o pipefail` in `sh`: not every sh has it".to_owned()));
    }
    Ok(())
}

impl Options {
    /// Switches an option by its letter; false: there is no such option.
    ///
    /// # Errors
    /// It exists and is not simulated.
    pub fn switch(&mut self, letter: char, on: bool) -> Result<bool, Unsimulated> {
        match letter {
            'e' => self.errexit = on,
            'u' => self.nounset = on,
            'x' => self.xtrace = on,
            'f' => self.noglob = on,
            'a' => self.allexport = on,
            // Nothing that can be seen here depends on these.
            'h' | 'B' | 'E' | 'T' | 'b' => {}
            'i' | 'k' | 'm' | 'n' | 'p' | 'r' | 't' | 'v' | 'C' | 'H' | 'P' => {
                return Err(Unsimulated(format!("`set -{letter}`")));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The same by its name.
    ///
    /// # Errors
    /// It exists and is not simulated.
    pub fn switch_by_name(&mut self, name: &str, on: bool) -> Result<bool, Unsimulated> {
        let letter = match name {
            "pipefail" => {
                self.pipefail = on;
                return Ok(true);
            }
            "errexit" => 'e',
            "nounset" => 'u',
            "xtrace" => 'x',
            "noglob" => 'f',
            "allexport" => 'a',
            "errtrace" | "functrace" | "hashall" | "braceexpand" | "notify" => 'h',
            "noclobber" => 'C',
            "posix" | "verbose" | "monitor" | "noexec" | "physical" | "privileged" | "history" | "vi" | "emacs" => {
                return Err(Unsimulated(format!("`set -o {name}`")));
            }
            _ => return Ok(false),
        };
        self.switch(letter, on)
    }
}
