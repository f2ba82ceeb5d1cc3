//! Reads redirections.

use std::sync::{Arc, OnceLock};

use super::super::syntax::{Piece, Redirect, RedirectTo, Word};
use super::{Parser, Pending, Read, unsimulated};

/// Operators, the longer ones first.
const OPERATORS: [&str; 14] = ["&>>", "&>", "<<<", "<<-", "<<", "<&", "<>", "<(", "<", ">>", ">&", ">|", ">(", ">"];

impl Parser<'_> {
    /// Takes a redirection if one begins here.
    pub fn redirect(&mut self, redirects: &mut Vec<Redirect>) -> Read<bool> {
        let rest = self.rest();
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let behind = &rest[digits..];
        let Some(operator) = OPERATORS.iter().find(|operator| behind.starts_with(**operator)) else { return Ok(false) };
        if operator.starts_with('&') && digits > 0 {
            return Ok(false);
        }
        let number = &rest[..digits];
        let descriptor = match number {
            "" => u8::from(!operator.starts_with('<')),
            "0" => 0,
            "1" => 1,
            "2" => 2,
            other => return unsimulated(format!("descriptor {other}")),
        };
        self.eat(number);
        self.eat(operator);
        if matches!(*operator, "<(" | ">(") {
            return unsimulated(format!("`{operator}…)`"));
        }
        self.skip_blanks();
        let to = self.target(operator, descriptor)?;
        redirects.push(Redirect { descriptor, to });
        Ok(true)
    }

    fn target(&mut self, operator: &str, descriptor: u8) -> Read<RedirectTo> {
        if let "<<" | "<<-" = operator {
            let (end, quoted) = self.here_end()?;
            let text = Arc::new(OnceLock::new());
            self.pending.push(Pending { end, tabs: operator == "<<-", quoted, text: Arc::clone(&text) });
            return Ok(RedirectTo::Here(text));
        }
        let Some(file) = self.word()? else { return self.unexpected() };
        Ok(match operator {
            "<<<" => {
                self.bash_only("<<<")?;
                RedirectTo::Text(file)
            }
            "<" if descriptor == 0 => RedirectTo::Read(file),
            ">" | ">|" if descriptor > 0 => RedirectTo::Write { file, append: false },
            ">>" if descriptor > 0 => RedirectTo::Write { file, append: true },
            "&>" | "&>>" => {
                self.bash_only(operator)?;
                RedirectTo::Both { file, append: operator == "&>>" }
            }
            ">&" | "<&" => return self.duplicate(operator, descriptor, file),
            _ => return unsimulated(format!("`{descriptor}{operator}`")),
        })
    }

    fn duplicate(&self, operator: &str, descriptor: u8, file: Word) -> Read<RedirectTo> {
        match (file.as_slice(), operator) {
            ([Piece::Plain(word)], _) if word == "-" => unsimulated("closing a descriptor"),
            ([Piece::Plain(word)], ">&") if word == "1" || word == "2" => {
                if descriptor == 0 {
                    return unsimulated("`0>&`");
                }
                Ok(RedirectTo::Copy(if word == "1" { 1 } else { 2 }))
            }
            ([Piece::Plain(word)], "<&") if word == "0" && descriptor == 0 => Ok(RedirectTo::Copy(0)),
            ([Piece::Plain(word)], _) if word.chars().all(|c| c.is_ascii_digit()) => {
                unsimulated(format!("descriptor {word}"))
            }
            (_, ">&") if descriptor == 1 => {
                self.bash_only(">& FILE")?;
                Ok(RedirectTo::Both { file, append: false })
            }
            _ => unsimulated(format!("`{descriptor}{operator}` of an expansion")),
        }
    }
}
