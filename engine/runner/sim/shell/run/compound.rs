//! Carries out commands that hold other commands.

use std::sync::Arc;

use super::super::pattern::Pattern;
use super::super::state::{Shell, Step, Stop};
use super::super::syntax::{CaseArm, Command, CommandKind, List, Word};

impl Shell<'_, '_> {
    pub(super) fn compound(&mut self, kind: &CommandKind) -> Step {
        match kind {
            CommandKind::Simple { assignments, words } => self.simple(assignments, words, &[]),
            CommandKind::Group(body) => self.list(body),
            CommandKind::Subshell(body) => self.subshell(|shell| shell.list(body)),
            CommandKind::If { arms, otherwise } => self.conditional(arms, otherwise.as_ref()),
            CommandKind::For { name, words, body } => self.for_each(name, words.as_deref(), body),
            CommandKind::Count { begin, condition, step, body } => self.count([begin, condition, step], body),
            CommandKind::While { until, condition, body } => self.repeat(*until, condition, body),
            CommandKind::Case { word, arms } => self.case(word, arms),
            CommandKind::Function { name, body } => {
                self.state.functions.insert_mut(name.clone(), Arc::clone(body));
                Ok(0)
            }
            CommandKind::Test(condition) => self.condition(condition),
            CommandKind::Arithmetic(expression) => {
                let text = self.text(expression)?;
                match self.arithmetic(&text) {
                    Ok(value) => Ok(i32::from(value == 0)),
                    Err(message) => self.fail(1, format!("((: {}: {message}", text.trim())),
                }
            }
        }
    }

    fn conditional(&mut self, arms: &[(List, List)], otherwise: Option<&List>) -> Step {
        for (condition, body) in arms {
            if self.shielded(|shell| shell.list(condition))? == 0 {
                return self.list(body);
            }
        }
        otherwise.map_or(Ok(0), |body| self.list(body))
    }

    fn for_each(&mut self, name: &str, words: Option<&[Word]>, body: &List) -> Step {
        let values = match words {
            Some(words) => self.words(words)?,
            None => self.state.arguments.to_vec(),
        };
        let mut status = 0;
        for value in values {
            self.set(name, value);
            match self.round(body)? {
                Some(code) => status = code,
                None => return Ok(0),
            }
        }
        Ok(status)
    }

    fn count(&mut self, [begin, condition, step]: [&Word; 3], body: &List) -> Step {
        let mut status = 0;
        self.expression(begin)?;
        loop {
            let text = self.text(condition)?;
            if !text.trim().is_empty() && self.expression(condition)? == 0 {
                return Ok(status);
            }
            self.next_round()?;
            match self.round(body)? {
                Some(code) => status = code,
                None => return Ok(0),
            }
            self.expression(step)?;
        }
    }

    fn expression(&mut self, word: &Word) -> Step<i64> {
        let text = self.text(word)?;
        match self.arithmetic(&text) {
            Ok(value) => Ok(value),
            Err(message) => self.fatal(1, format!("((: {}: {message}", text.trim())),
        }
    }

    fn repeat(&mut self, until: bool, condition: &List, body: &List) -> Step {
        let mut status = 0;
        loop {
            self.next_round()?;
            self.state.loops += 1;
            let holds = self.shielded(|shell| shell.list(condition));
            self.state.loops -= 1;
            match holds {
                Ok(code) if (code == 0) == until => return Ok(status),
                Ok(_) => {}
                Err(stop) => {
                    if !left(stop)? {
                        return Ok(0);
                    }
                    continue;
                }
            }
            match self.round(body)? {
                Some(code) => status = code,
                None => return Ok(0),
            }
        }
    }

    /// One round of a loop; none: the loop ends.
    fn round(&mut self, body: &List) -> Step<Option<i32>> {
        self.state.loops += 1;
        let ran = self.list(body);
        self.state.loops -= 1;
        match ran {
            Ok(status) => Ok(Some(status)),
            Err(stop) => Ok(left(stop)?.then_some(0)),
        }
    }

    fn case(&mut self, word: &Word, arms: &[CaseArm]) -> Step {
        let text = self.text(word)?;
        let mut falls = false;
        let mut status = 0;
        for arm in arms {
            if !falls && !self.is_case(&text, arm)? {
                continue;
            }
            status = self.list(&arm.body)?;
            falls = arm.falls_through;
            if !falls {
                break;
            }
        }
        Ok(status)
    }

    fn is_case(&mut self, text: &str, arm: &CaseArm) -> Step<bool> {
        for pattern in &arm.patterns {
            let pattern = self.pattern(pattern)?;
            if Pattern::new(&pattern).matches(text) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Calls a function.
    pub(super) fn call(&mut self, body: &Command, arguments: &[String]) -> Step {
        let outer = std::mem::replace(&mut self.state.arguments, arguments.into());
        let loops = std::mem::take(&mut self.state.loops);
        self.state.locals.push(Vec::new());
        let ran = self.nested(|shell| shell.command(body));
        let locals = self.state.locals.pop().unwrap_or_default();
        for (name, variable) in locals.into_iter().rev() {
            self.put_back(&name, variable);
        }
        self.state.arguments = outer;
        self.state.loops = loops;
        match ran {
            Err(Stop::Return(status)) => Ok(status),
            ran => ran,
        }
    }
}

/// What `break` or `continue` means for the innermost loop: true: its next round, false: its end. What is meant for others goes on.
fn left(stop: Stop) -> Step<bool> {
    match stop {
        Stop::Break(1) => Ok(false),
        Stop::Break(levels) => Err(Stop::Break(levels - 1)),
        Stop::Continue(1) => Ok(true),
        Stop::Continue(levels) => Err(Stop::Continue(levels - 1)),
        stop => Err(stop),
    }
}
