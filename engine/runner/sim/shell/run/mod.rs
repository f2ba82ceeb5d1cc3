//! Carries a script out: lists, pipelines, subshells, and the rules of `set -e`.

mod compound;
mod simple;

use super::super::process::Stream;
use super::state::{Shell, Step, Stop};
use super::syntax::{AndOr, Command, CommandKind, Join, List, Pipeline};

impl Shell<'_, '_> {
    /// Commands one after the other; the code of the last.
    pub fn list(&mut self, list: &List) -> Step {
        let mut status = 0;
        for and_or in list {
            status = self.and_or(and_or)?;
        }
        Ok(status)
    }

    fn and_or(&mut self, and_or: &AndOr) -> Step {
        let last = and_or.rest.len();
        let mut status = self.part(&and_or.first, last == 0)?;
        for (at, (join, pipeline)) in and_or.rest.iter().enumerate() {
            if (*join == Join::And) == (status == 0) {
                status = self.part(pipeline, at + 1 == last)?;
            }
        }
        Ok(status)
    }

    /// Only the last part of `a && b` ends the shell when it fails.
    fn part(&mut self, pipeline: &Pipeline, is_last: bool) -> Step {
        if is_last { self.pipeline(pipeline) } else { self.shielded(|shell| shell.pipeline(pipeline)) }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) -> Step {
        if pipeline.negated {
            let status = self.shielded(|shell| shell.commands(&pipeline.commands))?;
            self.state.status = i32::from(status == 0);
            return Ok(self.state.status);
        }
        let status = self.commands(&pipeline.commands)?;
        self.state.status = status;
        let fails = match pipeline.commands.as_slice() {
            // What failed inside has been judged there.
            [command] => !matches!(
                command.kind,
                CommandKind::Group(_)
                    | CommandKind::If { .. }
                    | CommandKind::For { .. }
                    | CommandKind::Count { .. }
                    | CommandKind::While { .. }
                    | CommandKind::Case { .. }
            ),
            _ => true,
        };
        if status != 0 && fails && self.state.options.errexit && self.state.shielded == 0 {
            return Err(Stop::Exit(status));
        }
        Ok(status)
    }

    fn commands(&mut self, commands: &[Command]) -> Step {
        if let [command] = commands {
            return self.command(command);
        }
        let (mut status, mut worst) = (0, 0);
        let mut between = Stream::default();
        let mut outer = Stream::default();
        for (at, command) in commands.iter().enumerate() {
            if at > 0 {
                let stdin = std::mem::replace(&mut self.process.stdin, std::mem::take(&mut between));
                if at == 1 {
                    outer = stdin;
                }
            }
            let ran = if at + 1 == commands.len() {
                self.subshell(|shell| shell.command(command))
            } else {
                let ran = self.capture(|shell| shell.subshell(|shell| shell.command(command)));
                ran.map(|(status, printed)| {
                    between = printed;
                    status
                })
            };
            match ran {
                Ok(code) => status = code,
                Err(stop) => {
                    self.process.stdin = outer;
                    return Err(stop);
                }
            }
            if status != 0 {
                worst = status;
            }
        }
        self.process.stdin = outer;
        Ok(if self.state.options.pipefail { worst } else { status })
    }

    /// Runs something that cannot change this shell.
    pub fn subshell(&mut self, run: impl FnOnce(&mut Self) -> Step) -> Step {
        let kept = self.keep();
        self.state.trap = None;
        self.state.subshells += 1;
        let ran = run(self);
        let ended = match ran {
            Ok(status) | Err(Stop::Exit(status) | Stop::Return(status)) => self.at_exit(status),
            Err(Stop::Break(_) | Stop::Continue(_)) => self.at_exit(0),
            Err(stop) => Err(stop),
        };
        self.restore(kept);
        ended
    }

    /// Carries out what `trap … EXIT` has left to do; the code with which the shell ends.
    pub fn at_exit(&mut self, status: i32) -> Step {
        let Some(text) = self.state.trap.take() else { return Ok(status) };
        self.state.status = status;
        match self.evaluate(&text) {
            Ok(_) => Ok(status),
            Err(Stop::Exit(status) | Stop::Return(status)) => Ok(status),
            Err(stop) => Err(stop),
        }
    }

    /// Reads a text and carries it out here.
    pub fn evaluate(&mut self, text: &str) -> Step {
        let known = super::invoke::read(text, self.dialect)?;
        super::known::check(&known, self)?;
        let status = self.list(&known.script.body)?;
        match &known.script.broken {
            Some(error) => {
                let message = error.message.clone();
                self.state.line = error.line;
                self.fail(2, message)
            }
            None => Ok(status),
        }
    }

    /// One command with its redirections.
    fn command(&mut self, command: &Command) -> Step {
        self.check()?;
        self.state.line = command.line;
        if let CommandKind::Simple { assignments, words } = &command.kind {
            return self.simple(assignments, words, &command.redirects);
        }
        if command.redirects.is_empty() {
            return self.nested(|shell| shell.compound(&command.kind));
        }
        let Some(moved) = self.redirect(&command.redirects)? else { return Ok(1) };
        let ran = self.nested(|shell| shell.compound(&command.kind));
        self.move_back(moved);
        ran
    }
}
