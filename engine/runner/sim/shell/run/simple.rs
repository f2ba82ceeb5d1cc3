//! Carries out simple commands: assignments, then a function, a builtin, or a program.

use std::sync::Arc;

use super::super::super::process::{Lookup, Unsimulated};
use super::super::builtins;
use super::super::file::{Executable, examine};
use super::super::state::{Shell, Step, Variable};
use super::super::syntax::{Assignment, Piece, Redirect, Word};

/// Bytes of a variable, at most.
const LARGEST: usize = 4 << 20;

/// Builtins whose arguments are assignments: what stands behind `=` is not split.
const DECLARE: [&str; 5] = ["export", "local", "readonly", "declare", "typeset"];

impl Shell<'_, '_> {
    pub(super) fn simple(&mut self, assignments: &[Assignment], words: &[Word], redirects: &[Redirect]) -> Step {
        self.state.substituted = 0;
        let fields = self.command_words(words)?;
        if fields.is_empty() {
            return self.assign_only(assignments, redirects);
        }
        let keeps = fields.len() == 1 && fields[0] == "exec";
        let Some(moved) = self.redirect(redirects)? else { return Ok(1) };
        let before = match self.assign_meanwhile(assignments, &fields) {
            Ok(before) => before,
            Err(stop) => {
                self.move_back(moved);
                return Err(stop);
            }
        };
        self.trace(&fields)?;
        let ran = self.dispatch(&fields);
        for (name, variable) in before.into_iter().rev() {
            self.put_back(&name, variable);
        }
        if !keeps {
            self.move_back(moved);
        }
        ran
    }

    /// The words of a command, expanded.
    fn command_words(&mut self, words: &[Word]) -> Step<Vec<String>> {
        let declares = match words.first().map(Vec::as_slice) {
            Some([Piece::Plain(name)]) => DECLARE.contains(&name.as_str()),
            _ => false,
        };
        if !declares {
            return self.words(words);
        }
        let mut fields = Vec::new();
        for word in words {
            let is_assignment = matches!(word.first(), Some(Piece::Plain(text)) if text.contains('='));
            if is_assignment {
                fields.push(self.text(word)?);
            } else {
                fields.extend(self.words(std::slice::from_ref(word))?);
            }
        }
        Ok(fields)
    }

    fn assign_only(&mut self, assignments: &[Assignment], redirects: &[Redirect]) -> Step {
        let Some(moved) = self.redirect(redirects)? else { return Ok(1) };
        let mut ran = Ok(());
        for assignment in assignments {
            ran = self.assigned(assignment).map(|value| self.set(&assignment.name, value));
            if ran.is_err() {
                break;
            }
        }
        self.move_back(moved);
        ran.map(|()| self.state.substituted)
    }

    fn assigned(&mut self, assignment: &Assignment) -> Step<String> {
        let value = self.text(&assignment.value)?;
        let value =
            if assignment.append { self.variable(&assignment.name).unwrap_or_default() + &value } else { value };
        if value.len() > LARGEST {
            return Err(Unsimulated("a variable of more than 4 MiB".to_owned()).into());
        }
        if self.state.options.xtrace {
            self.write(2, &format!("+ {}={}\n", assignment.name, builtins::quoted(&value)))?;
        }
        Ok(value)
    }

    /// Assignments before a command are in its environment, and gone behind it.
    fn assign_meanwhile(&mut self, assignments: &[Assignment], fields: &[String]) -> Step<Vec<(String, Variable)>> {
        if assignments.is_empty() {
            return Ok(Vec::new());
        }
        if matches!(fields[0].as_str(), "exec" | "export" | "unset" | "eval" | "." | "source") {
            return Err(Unsimulated(format!("an assignment before `{}`", fields[0])).into());
        }
        let mut before = Vec::new();
        for assignment in assignments {
            let value = self.assigned(assignment)?;
            before.push((assignment.name.clone(), self.save(&assignment.name)));
            self.export(&assignment.name, Some(value));
        }
        Ok(before)
    }

    fn trace(&mut self, fields: &[String]) -> Step<()> {
        if !self.state.options.xtrace {
            return Ok(());
        }
        let words: Vec<String> = fields.iter().map(|field| builtins::quoted(field)).collect();
        self.write(2, &format!("+ {}\n", words.join(" ")))
    }

    /// Runs a function, a builtin or a program by its name.
    fn dispatch(&mut self, fields: &[String]) -> Step {
        if let Some(body) = self.state.functions.get(&fields[0]).map(Arc::clone) {
            return self.call(&body, &fields[1..]);
        }
        self.without_functions(fields)
    }

    /// Runs a builtin or a program.
    pub fn without_functions(&mut self, fields: &[String]) -> Step {
        match builtins::find(&fields[0]) {
            Some(builtin) => builtin(self, &fields[1..]),
            None => self.program(fields),
        }
    }

    /// Runs a program.
    pub fn program(&mut self, fields: &[String]) -> Step {
        let name = &fields[0];
        match examine(self.process, name) {
            Executable::Denied => return self.fail(126, format!("{name}: Permission denied")),
            Executable::Directory => return self.fail(126, format!("{name}: Is a directory")),
            Executable::Missing => return self.fail(127, format!("{name}: No such file or directory")),
            Executable::Script(_) => {}
            Executable::Program => {
                if name.is_empty() {
                    return self.fail(127, ": command not found");
                }
                if let Lookup::Missing = self.process.lookup(name) {
                    return self.fail(127, format!("{name}: command not found"));
                }
            }
        }
        let ran = self.process.run(fields);
        self.deliver()?;
        Ok(ran?)
    }
}
