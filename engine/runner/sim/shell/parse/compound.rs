//! Reads commands that hold other commands: groups, `if`, loops, `case`, functions.

use std::sync::Arc;

use super::super::syntax::{CaseArm, Command, CommandKind, List};
use super::{Parser, Read, unsimulated};

impl Parser<'_> {
    /// A command that holds others, if one begins here.
    pub fn compound(&mut self) -> Read<Option<CommandKind>> {
        if self.starts("((")
            && let Some(expression) = self.arithmetic_command()?
        {
            self.bash_only("((")?;
            return Ok(Some(CommandKind::Arithmetic(expression)));
        }
        if self.eat("(") {
            let body = self.list()?;
            return if self.eat(")") { Ok(Some(CommandKind::Subshell(body))) } else { self.unexpected() };
        }
        let word = self.reserved();
        let read: fn(&mut Self) -> Read<CommandKind> = match word {
            "{" => |parser| Ok(CommandKind::Group(parser.enclosed("}")?)),
            "if" => Self::conditional,
            "for" => Self::for_each,
            "while" => |parser| parser.repeat(false),
            "until" => |parser| parser.repeat(true),
            "case" => Self::case,
            "[[" => Self::test,
            "function" => Self::function_word,
            "time" | "select" | "coproc" => return unsimulated(format!("`{word}`")),
            _ => return Ok(None),
        };
        self.eat(word);
        self.enter()?;
        let kind = read(self)?;
        self.leave();
        Ok(Some(kind))
    }

    /// Commands up to a closing word, which is taken too.
    fn enclosed(&mut self, end: &str) -> Read<List> {
        let body = self.list()?;
        self.expect(end)?;
        Ok(body)
    }

    fn conditional(&mut self) -> Read<CommandKind> {
        let mut arms = Vec::new();
        loop {
            let condition = self.enclosed("then")?;
            arms.push((condition, self.list()?));
            self.skip_lines()?;
            match self.reserved() {
                "elif" => drop(self.eat("elif")),
                "else" => {
                    self.eat("else");
                    let otherwise = Some(self.enclosed("fi")?);
                    return Ok(CommandKind::If { arms, otherwise });
                }
                _ => {
                    self.expect("fi")?;
                    return Ok(CommandKind::If { arms, otherwise: None });
                }
            }
        }
    }

    fn repeat(&mut self, until: bool) -> Read<CommandKind> {
        let condition = self.enclosed("do")?;
        Ok(CommandKind::While { until, condition, body: self.enclosed("done")? })
    }

    fn for_each(&mut self) -> Read<CommandKind> {
        self.skip_blanks();
        if self.starts("((") {
            self.bash_only("for ((")?;
            return self.count();
        }
        let name = self.name();
        if name.is_empty() {
            return self.unexpected();
        }
        self.skip_lines()?;
        let words = if self.reserved() == "in" {
            self.eat("in");
            let mut words = Vec::new();
            loop {
                self.skip_blanks();
                let Some(word) = self.word()? else { break };
                self.expand_braces(word, &mut words)?;
            }
            Some(words)
        } else {
            None
        };
        self.skip_blanks();
        self.eat(";");
        self.expect("do")?;
        Ok(CommandKind::For { name, words, body: self.enclosed("done")? })
    }

    fn count(&mut self) -> Read<CommandKind> {
        self.eat("((");
        let (begin, condition, step) = self.three_expressions()?;
        self.skip_blanks();
        self.eat(";");
        self.expect("do")?;
        Ok(CommandKind::Count { begin, condition, step, body: self.enclosed("done")? })
    }

    fn case(&mut self) -> Read<CommandKind> {
        self.skip_blanks();
        let Some(word) = self.word()? else { return self.unexpected() };
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_lines()?;
            if self.reserved() == "esac" {
                self.eat("esac");
                return Ok(CommandKind::Case { word, arms });
            }
            let (arm, last) = self.case_arm()?;
            arms.push(arm);
            if last {
                self.expect("esac")?;
                return Ok(CommandKind::Case { word, arms });
            }
        }
    }

    /// One arm, and whether nothing but `esac` can follow.
    fn case_arm(&mut self) -> Read<(CaseArm, bool)> {
        self.eat("(");
        let mut patterns = Vec::new();
        loop {
            self.skip_blanks();
            let Some(pattern) = self.word()? else { return self.unexpected() };
            patterns.push(pattern);
            self.skip_blanks();
            if self.eat(")") {
                break;
            }
            if !self.eat("|") {
                return self.unexpected();
            }
        }
        self.skip_lines()?;
        let is_empty = self.starts(";;") || self.starts(";&") || self.reserved() == "esac";
        let body = if is_empty { List::new() } else { self.list()? };
        self.skip_lines()?;
        if self.starts(";;&") {
            return unsimulated("`;;&`");
        }
        let falls_through = self.eat(";&");
        let last = !falls_through && !self.eat(";;");
        Ok((CaseArm { patterns, body, falls_through }, last))
    }

    fn function_word(&mut self) -> Read<CommandKind> {
        self.bash_only("function")?;
        self.skip_blanks();
        let name = self.reserved().to_owned();
        if name.is_empty() {
            return self.unexpected();
        }
        self.eat(&name);
        self.skip_blanks();
        if self.eat("(") {
            self.skip_blanks();
            if !self.eat(")") {
                return self.unexpected();
            }
        }
        self.function(name)
    }

    /// A function's body; its name has been read.
    pub fn function(&mut self, name: String) -> Read<CommandKind> {
        self.skip_lines()?;
        self.enter()?;
        let body: Command = self.command()?;
        self.leave();
        if matches!(body.kind, CommandKind::Simple { .. } | CommandKind::Function { .. }) {
            return unsimulated("a function whose body is a plain command");
        }
        Ok(CommandKind::Function { name, body: Arc::new(body) })
    }
}
