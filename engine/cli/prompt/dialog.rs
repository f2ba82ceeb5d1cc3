//! One open question: lines are said, keys and lines are asked for, the clock goes on meanwhile.

use std::time::Duration;

use console::Style;

use super::keyboard::{Heard, Key, Keyboard};
use super::screen::Face;
use super::{Open, Shared};
use crate::model::id::{AttemptToken, StepId};
use crate::report::visible;
use crate::runner::shell::Shell;

/// How often the clock is drawn.
const TICK: Duration = Duration::from_secs(1);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nobody waits for it any more.
    Withdrawn,
    /// The terminal went away.
    Gone,
    /// Another question comes first.
    Later,
}

/// Style for what is asked.
pub(super) fn ink() -> Style {
    Style::new().for_stderr()
}

/// The person's side of a question.
pub(super) struct Dialog<'a> {
    pub shared: &'a Shared,
    pub keyboard: &'a mut Keyboard,
    pub token: AttemptToken,
    /// Gives way to other questions.
    pub is_patient: bool,
}

impl Dialog<'_> {
    fn with<R>(&self, act: impl FnOnce(&mut Open) -> R) -> Result<R, Stop> {
        if self.shared.is_void(&self.token) {
            return Err(Stop::Withdrawn);
        }
        match &mut *self.shared.open() {
            Some(open) if open.token == self.token => Ok(act(open)),
            _ => Err(Stop::Withdrawn),
        }
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.with(|open| open.screen.width()).unwrap_or(80)
    }

    /// A line that stays.
    pub fn say(&self, line: &str) -> Result<(), Stop> {
        self.with(|open| open.screen.say(line))
    }

    /// Lines that stay.
    pub fn say_all(&self, lines: &[String]) -> Result<(), Stop> {
        self.with(|open| lines.iter().for_each(|line| open.screen.say(line)))
    }

    fn draw(&self, footer: &[String], prompt: &str, typed: &str) -> Result<(), Stop> {
        let mut above: Vec<String> = self.shared.clock().into_iter().collect();
        above.extend_from_slice(footer);
        self.with(|open| {
            open.window.renew();
            open.screen.draw(&Face { above: &above, prompt, typed });
        })
    }

    fn hear(&mut self, footer: &dyn Fn() -> Vec<String>, prompt: &str, typed: &str) -> Result<Key, Stop> {
        loop {
            self.draw(&footer(), prompt, typed)?;
            match self.keyboard.next(TICK) {
                Heard::Key(key) => return Ok(key),
                Heard::Woken if self.is_patient && self.shared.is_somebody_waiting() => return Err(Stop::Later),
                Heard::Tick | Heard::Woken => {}
                Heard::Gone => return Err(Stop::Gone),
            }
        }
    }

    /// One key. The lines of `footer` stand above the prompt and are made anew every second.
    pub fn key(&mut self, footer: &dyn Fn() -> Vec<String>, prompt: &str) -> Result<Key, Stop> {
        match self.hear(footer, prompt, "")? {
            Key::End => Err(Stop::Gone),
            key => Ok(key),
        }
    }

    /// A line, which stays on the screen. None: Escape.
    pub fn line(&mut self, prompt: &str) -> Result<Option<String>, Stop> {
        self.line_of(prompt, &[])
    }

    /// A line; Tab completes one of these words.
    pub fn line_of(&mut self, prompt: &str, words: &[&str]) -> Result<Option<String>, Stop> {
        let mut typed = String::new();
        loop {
            match self.hear(&Vec::new, prompt, &visible::line(&typed))? {
                Key::Enter => {
                    self.say(&format!("{prompt}{}", visible::line(&typed)))?;
                    return Ok(Some(typed));
                }
                Key::Escape => return Ok(None),
                Key::Char(c) => typed.push(c),
                Key::Backspace => drop(typed.pop()),
                Key::EraseLine => typed.clear(),
                Key::EraseWord => {
                    typed.truncate(typed.trim_end().rfind(char::is_whitespace).map_or(0, |at| at + 1));
                }
                Key::Tab => {
                    let near: Vec<&str> = words.iter().copied().filter(|word| word.starts_with(&typed)).collect();
                    let longer = common(&near);
                    if longer.len() > typed.len() {
                        longer.clone_into(&mut typed);
                    } else if near.len() > 1 {
                        self.say(&ink().dim().apply_to(visible::line(&near.join("  "))).to_string())?;
                    }
                }
                Key::End if typed.is_empty() => return Err(Stop::Gone),
                Key::End | Key::Other => {}
            }
        }
    }

    /// `y` or not, by one key. Anything but a clear yes is a no.
    pub fn agrees(&mut self, question: &str) -> Result<bool, Stop> {
        let prompt = format!("{question} [y/N] ");
        loop {
            let is_yes = match self.hear(&Vec::new, &prompt, "")? {
                Key::Char('y' | 'Y') => true,
                Key::Char('n' | 'N') | Key::Enter | Key::Escape => false,
                Key::End => return Err(Stop::Gone),
                _ => continue,
            };
            self.say(&format!("{prompt}{}", if is_yes { "yes" } else { "no" }))?;
            return Ok(is_yes);
        }
    }

    /// A shell, on the same terminal; returns when it has ended.
    pub fn shell(&mut self, step: &StepId) -> Result<(), Stop> {
        self.say(&ink().dim().apply_to("a shell; `exit` comes back").to_string())?;
        self.with(|open| {
            open.screen.erase();
            open.window.lend();
        })?;
        let Some(tty) = &self.shared.tty else { return Err(Stop::Gone) };
        match Shell::open(&tty.input, &tty.output, &self.shared.place.run, step) {
            Ok(shell) => {
                self.shared.lock().shell = Some(shell.id());
                shell.wait();
                self.shared.lock().shell = None;
            }
            Err(why) => self.say(&ink().red().apply_to(visible::line(&why)).to_string())?,
        }
        self.keyboard.forget();
        self.with(|open| open.window.renew())
    }
}

/// What all begin with.
fn common<'a>(words: &[&'a str]) -> &'a str {
    let Some((first, rest)) = words.split_first() else { return "" };
    let mut end = first.len();
    for word in rest {
        let same = first.chars().zip(word.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        end = end.min(same);
    }
    &first[..end]
}

#[cfg(test)]
mod tests {
    use super::common;

    #[test]
    fn a_word_completes_as_far_as_all_agree() {
        assert_eq!(common(&["restore/db", "restore/files"]), "restore/");
        assert_eq!(common(&["one"]), "one");
        assert_eq!(common(&[]), "");
    }
}
