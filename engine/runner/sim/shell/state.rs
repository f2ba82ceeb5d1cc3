//! A running shell: what a subshell gets a copy of, and what all of them share.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::process::{Process, Stream, Unsimulated};
use super::super::tree::Map;
use super::outputs::Sink;
use super::parse::Dialect;
use super::syntax::Command;

/// Why the commands that follow are not carried out.
#[derive(Debug)]
pub enum Stop {
    /// The shell, or the subshell, ends with this code.
    Exit(i32),
    /// The function ends.
    Return(i32),
    /// So many loops end.
    Break(u32),
    /// The next round of the loop that is so many loops out.
    Continue(u32),
    /// Whoever started the shell has ended it.
    Ended,
    Unsimulated(Unsimulated),
}

/// What came of a step: by default an exit code.
pub type Step<T = i32> = Result<T, Stop>;

impl From<Unsimulated> for Stop {
    fn from(what: Unsimulated) -> Self {
        Self::Unsimulated(what)
    }
}

/// What `set` and `shopt` switch.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Options {
    pub errexit: bool,
    pub nounset: bool,
    pub pipefail: bool,
    pub xtrace: bool,
    pub noglob: bool,
    /// Every variable that is set is exported.
    pub allexport: bool,
    pub nullglob: bool,
    pub dotglob: bool,
    /// `inherit_errexit`: `-e` holds in command substitutions too.
    pub inherit: bool,
}

/// What a subshell gets a copy of.
#[derive(Clone, Debug)]
pub struct State {
    /// `$0`, and how the shell calls itself in messages.
    pub name: Arc<str>,
    /// `$1` and so on.
    pub arguments: Arc<[String]>,
    /// Variables that are not exported; those that are stand in the process' environment.
    pub own: Map<String, String>,
    /// Names without a value that are exported once they have one.
    pub promised: Map<String, ()>,
    pub functions: Map<String, Arc<Command>>,
    pub options: Options,
    /// `$?`
    pub status: i32,
    /// Of the last command substitution of the present command.
    pub substituted: i32,
    /// Above 0 a failure does not end the shell.
    pub shielded: u32,
    /// Loops around the present command.
    pub loops: u32,
    /// What `local` has to put back, for each function around the present command.
    pub locals: Vec<Vec<(String, Variable)>>,
    /// What is carried out when the shell ends.
    pub trap: Option<String>,
    /// The line of the present command.
    pub line: u32,
    /// Scripts read with `.` around the present command.
    pub sourced: u32,
    /// Subshells around the present command.
    pub subshells: u32,
}

/// A variable as it was: its value, and whether it was exported.
#[derive(Clone, Debug)]
pub enum Variable {
    Unset,
    Own(String),
    Exported(String),
}

/// A shell while it runs.
pub struct Shell<'p, 'w> {
    pub process: &'p mut Process<'w>,
    pub dialect: Dialect,
    pub state: State,
    /// Where output can go: 0 and 1 are the process' own, the others are captured.
    pub outputs: Vec<Stream>,
    /// Where descriptors 1 and 2 lead.
    pub sinks: [Sink; 2],
    /// `-c`: an unset parameter ends it with 127.
    pub is_text: bool,
    started: DateTime<Utc>,
    rounds: u32,
}

/// What a subshell may change and gives back.
pub struct Kept {
    state: State,
    env: BTreeMap<String, String>,
    cwd: String,
    umask: u32,
    sinks: [Sink; 2],
}

/// Rounds of loops in one shell, at most.
const MOST_ROUNDS: u32 = 10_000;

/// A shell that nobody ends is ended after this time.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// A loop with so many rounds that took less time than this does not wait for anything.
const WAITS: TimeDelta = TimeDelta::minutes(1);

/// Commands inside each other while they run, at most.
const DEEPEST: u16 = 120;

thread_local! {
    /// Commands inside each other now, through all shells that started each other: the stack of the thread has to hold them.
    static NESTING: Cell<u16> = const { Cell::new(0) };
}

impl<'p, 'w> Shell<'p, 'w> {
    pub fn new(process: &'p mut Process<'w>, dialect: Dialect, name: &str, arguments: Vec<String>) -> Self {
        let outputs = vec![std::mem::take(&mut process.stdout), Stream::text(std::mem::take(&mut process.stderr))];
        let started = process.world.now();
        let state = State {
            name: name.into(),
            arguments: arguments.into(),
            own: Map::new_sync(),
            promised: Map::new_sync(),
            functions: Map::new_sync(),
            options: Options::default(),
            status: 0,
            substituted: 0,
            shielded: 0,
            loops: 0,
            locals: Vec::new(),
            trap: None,
            line: 0,
            sourced: 0,
            subshells: 0,
        };
        let sinks = [Sink::Buffer(0), Sink::Buffer(1)];
        Self { process, dialect, state, outputs, sinks, is_text: false, started, rounds: 0 }
    }

    /// Gives the process what was printed.
    pub fn finish(&mut self) {
        self.process.stdout = std::mem::take(&mut self.outputs[0]);
        self.process.stderr = self.outputs[1].to_text();
    }

    /// Before each command: is anybody still waiting for this shell?
    pub fn check(&mut self) -> Step<()> {
        let lasted = self.process.world.now().signed_duration_since(self.started);
        if self.process.is_ended() || lasted > LONGEST { Err(Stop::Ended) } else { Ok(()) }
    }

    /// Before each round of a loop that may have no end.
    pub fn next_round(&mut self) -> Step<()> {
        self.check()?;
        self.rounds += 1;
        if self.rounds <= MOST_ROUNDS {
            return Ok(());
        }
        if self.process.world.now().signed_duration_since(self.started) < WAITS {
            return Err(Unsimulated(format!("a loop of more than {MOST_ROUNDS} rounds")).into());
        }
        // It waits for something that never comes.
        self.process.world.pass(Duration::from_secs(LONGEST.num_seconds().unsigned_abs() + 1));
        Err(Stop::Ended)
    }

    /// Goes one level down.
    pub fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        let nesting = NESTING.get();
        if nesting >= DEEPEST {
            return Err(Unsimulated("commands nested so deeply".to_owned()).into());
        }
        NESTING.set(nesting + 1);
        let ran = run(self);
        NESTING.set(nesting);
        ran
    }

    /// Failures in here do not end the shell.
    pub fn shielded<T>(&mut self, run: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        self.state.shielded += 1;
        let ran = run(self);
        self.state.shielded -= 1;
        ran
    }

    /// What stays as it is when this is given back to [`Shell::restore`].
    pub fn keep(&self) -> Kept {
        Kept {
            state: self.state.clone(),
            env: self.process.env.clone(),
            cwd: self.process.cwd.clone(),
            umask: self.process.umask,
            sinks: self.sinks.clone(),
        }
    }

    pub fn restore(&mut self, kept: Kept) {
        self.state = kept.state;
        self.process.env = kept.env;
        self.process.cwd = kept.cwd;
        self.process.umask = kept.umask;
        self.sinks = kept.sinks;
    }

    /// The code with which a mistake in an expansion ends this shell.
    pub fn expansion_failure(&self) -> i32 {
        if self.is_text && self.state.subshells == 0 { 127 } else { 1 }
    }

    /// What a shell says: its name, the line, the message.
    pub fn complain(&mut self, message: impl AsRef<str>) -> Step<()> {
        let line = format!("{}: line {}: {}\n", self.state.name, self.state.line.max(1), message.as_ref());
        self.write(2, &line)
    }

    /// Complains, and gives the exit code.
    pub fn fail(&mut self, status: i32, message: impl AsRef<str>) -> Step {
        self.complain(message)?;
        Ok(status)
    }

    /// A mistake that ends the shell.
    pub fn fatal<T>(&mut self, status: i32, message: impl AsRef<str>) -> Step<T> {
        self.complain(message)?;
        Err(Stop::Exit(status))
    }

    /// A variable; none: not set.
    pub fn variable(&mut self, name: &str) -> Option<String> {
        if let Some(value) = self.state.own.get(name).or_else(|| self.process.env.get(name)) {
            return Some(value.clone());
        }
        Some(match name {
            "IFS" => " \t\n".to_owned(),
            "PWD" => self.process.cwd.clone(),
            "HOME" => self.process.home(),
            "PATH" => "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
            "HOSTNAME" => self.process.hostname(),
            "LINENO" => self.state.line.to_string(),
            "UID" | "EUID" => self.process.uid().to_string(),
            "SECONDS" => self.process.world.now().signed_duration_since(self.started).num_seconds().max(0).to_string(),
            "RANDOM" => self.process.world.dice.between(0, 32_768).to_string(),
            "BASH_VERSION" => "5.2.15(1)-release".to_owned(),
            "PPID" | "OPTIND" => "1".to_owned(),
            _ => return None,
        })
    }

    /// Gives a variable a value; it stays exported if it is.
    pub fn set(&mut self, name: &str, value: String) {
        match self.process.env.get_mut(name) {
            Some(exported) => *exported = value,
            None if self.state.options.allexport || self.state.promised.contains_key(name) => {
                self.export(name, Some(value));
            }
            None => self.state.own.insert_mut(name.to_owned(), value),
        }
    }

    pub fn unset(&mut self, name: &str) {
        self.state.own.remove_mut(name);
        self.state.promised.remove_mut(name);
        self.process.env.remove(name);
    }

    /// A variable as it is, to be put back later.
    pub fn save(&self, name: &str) -> Variable {
        match (self.process.env.get(name), self.state.own.get(name)) {
            (Some(value), _) => Variable::Exported(value.clone()),
            (None, Some(value)) => Variable::Own(value.clone()),
            (None, None) => Variable::Unset,
        }
    }

    pub fn put_back(&mut self, name: &str, variable: Variable) {
        self.unset(name);
        match variable {
            Variable::Unset => {}
            Variable::Own(value) => self.state.own.insert_mut(name.to_owned(), value),
            Variable::Exported(value) => drop(self.process.env.insert(name.to_owned(), value)),
        }
    }

    /// Makes a variable a part of the environment.
    pub fn export(&mut self, name: &str, value: Option<String>) {
        let value = value.or_else(|| self.state.own.get(name).cloned());
        if let Some(value) = value {
            self.state.own.remove_mut(name);
            self.process.env.insert(name.to_owned(), value);
        } else if !self.process.env.contains_key(name) {
            self.state.promised.insert_mut(name.to_owned(), ());
        }
    }
}
