//! The last lines of the terminal while a question is open: a clock, the keys, what is being typed. They are drawn over and over in
//! one place and leave nothing behind; everything else scrolls. No other screen, no mouse, nothing but a few moves every terminal
//! has; a dumb one gets plain lines.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;

use console::{Term, measure_text_width, strip_ansi_codes, truncate_str};

/// The terminal, written to.
pub(super) struct Screen {
    out: File,
    term: Term,
    moves: bool,
    drawn: Option<Drawn>,
}

/// What stands below the scrolled lines.
#[derive(PartialEq, Eq)]
struct Drawn {
    lines: Vec<String>,
    width: usize,
}

/// What should stand there.
pub(super) struct Face<'a> {
    /// Clock and keys.
    pub above: &'a [String],
    /// Before the typed text.
    pub prompt: &'a str,
    /// Shown as it is.
    pub typed: &'a str,
}

impl Screen {
    /// Writes here.
    pub fn new(out: File) -> Option<Self> {
        let term = Term::read_write_pair(out.try_clone().ok()?, out.try_clone().ok()?);
        let moves = std::env::var_os("TERM").is_none_or(|name| name != "dumb");
        Some(Self { out, term, moves, drawn: None })
    }

    /// Columns.
    pub fn width(&self) -> usize {
        usize::from(self.term.size().1).max(20)
    }

    /// A line that stays.
    pub fn say(&mut self, line: &str) {
        let erased = self.erasure();
        self.write(&format!("{erased}{line}\n"));
    }

    /// Draws, where anything is new.
    pub fn draw(&mut self, face: &Face) {
        let width = self.width();
        if !self.moves {
            self.draw_plainly(face, width);
            return;
        }
        let mut lines: Vec<String> =
            face.above.iter().map(|line| truncate_str(line, width - 1, "…").into_owned()).collect();
        lines.extend(entry(face.prompt, face.typed, width));
        let next = Drawn { lines, width };
        if self.drawn.as_ref() == Some(&next) {
            return;
        }
        let mut text = match &self.drawn {
            // Where the width changed, nobody knows where the old lines are by now.
            Some(drawn) if drawn.width != width => "\r\n".to_owned(),
            Some(drawn) => up(drawn.lines.len()),
            None => String::new(),
        };
        for (at, line) in next.lines.iter().enumerate() {
            let end = if at + 1 < next.lines.len() { "\x1b[K\n" } else { "\x1b[J" };
            let _ = write!(text, "{line}{end}");
        }
        self.drawn = Some(next);
        self.write(&text);
    }

    /// Takes the drawn lines away.
    pub fn erase(&mut self) {
        let erased = self.erasure();
        self.write(&erased);
    }

    fn erasure(&mut self) -> String {
        match self.drawn.take() {
            None => String::new(),
            Some(_) if !self.moves => "\n".to_owned(),
            Some(drawn) => format!("{}\x1b[J", up(drawn.lines.len())),
        }
    }

    /// Without moves: the lines once, then only what is typed; a clock would fill the screen.
    fn draw_plainly(&mut self, face: &Face, width: usize) {
        let typed = vec![face.prompt.to_owned(), face.typed.to_owned()];
        let text = match &self.drawn {
            Some(drawn) if drawn.lines == typed => return,
            Some(drawn) if drawn.lines[0] == face.prompt && face.typed.starts_with(&drawn.lines[1]) => {
                face.typed[drawn.lines[1].len()..].to_owned()
            }
            Some(_) => format!("\n{}{}", face.prompt, face.typed),
            None => {
                let mut text = face.above.iter().fold(String::new(), |text, line| text + line + "\n");
                let _ = write!(text, "{}{}", face.prompt, face.typed);
                text
            }
        };
        self.drawn = Some(Drawn { lines: typed, width });
        self.write(&strip_ansi_codes(&text));
    }

    fn write(&mut self, text: &str) {
        // A terminal that went away is noticed by reading from it.
        let _ = self.out.write_all(text.as_bytes());
    }
}

/// To the first column of the first drawn line; the cursor is on the last one.
fn up(lines: usize) -> String {
    if lines > 1 { format!("\r\x1b[{}A", lines - 1) } else { "\r".to_owned() }
}

/// The prompt and the end of what is typed, on one line; a long prompt stands above.
fn entry(prompt: &str, typed: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut prompt = prompt.to_owned();
    if measure_text_width(&prompt) > width * 2 / 3 {
        lines.push(truncate_str(&prompt, width - 1, "…").into_owned());
        "› ".clone_into(&mut prompt);
    }
    let room = (width - 1).saturating_sub(measure_text_width(&prompt));
    let mut shown = typed;
    while measure_text_width(shown) + 1 > room && !shown.is_empty() {
        let first = shown.chars().next().map_or(1, char::len_utf8);
        shown = &shown[first..];
    }
    let cut = if shown.len() < typed.len() { "…" } else { "" };
    lines.push(format!("{prompt}{cut}{shown}"));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_shows_its_end_and_never_wraps() {
        assert_eq!(entry("why? ", "because", 40), ["why? because"]);
        let lines = entry("why? ", &"0123456789".repeat(9), 40);
        assert_eq!(lines.len(), 1);
        assert!(measure_text_width(&lines[0]) < 40 && lines[0].ends_with("789") && lines[0].starts_with("why? …"));
        let lines = entry(&"long ".repeat(9), "x", 40);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1], "› x");
    }
}
