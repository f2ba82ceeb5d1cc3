//! The paper as Markdown. Text of others cannot become markup: what Markdown or HTML would read as such is escaped, and a fence is
//! longer than any in what it holds.

use std::fmt::Write as _;

use super::{Block, Paper, Word};
use crate::report::visible;

/// The deepest heading of Markdown.
const DEEPEST: usize = 6;
/// A line to write on.
const LINE: &str = "\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_";

/// The whole document.
#[must_use]
pub fn markdown(paper: &Paper) -> String {
    let mut text = format!("# {}\n", escape(&paper.title));
    for block in &paper.blocks {
        text.push('\n');
        match block {
            Block::Section(title) => writeln!(text, "## {}", escape(title)),
            Block::Step { depth, number, title, id, destroys } => {
                let marks = "#".repeat((depth + 3).min(DEEPEST));
                let mark = if *destroys { "⚠ " } else { "" };
                writeln!(text, "{marks} {mark}{number} {} {}", escape(title), inline_code(id))
            }
            Block::Say(words) => writeln!(text, "{}", sentence(words)),
            Block::Points(points) => points.iter().try_for_each(|point| writeln!(text, "- {}", sentence(point))),
            Block::Type(lines) => {
                let lines: Vec<String> = lines.iter().map(|line| visible::block(line).into_owned()).collect();
                let ticks = "`".repeat(longest_run(&lines.join("\n"), '`').max(2) + 1);
                writeln!(text, "{ticks}sh\n{}\n{ticks}", lines.join("\n"))
            }
            Block::Blank(words) => writeln!(text, "{}: {LINE}", sentence(words)),
            Block::Done => writeln!(text, "- [ ] done at \\_\\_:\\_\\_"),
        }
        .unwrap_or_default();
    }
    text
}

fn sentence(words: &[Word]) -> String {
    let word = |word: &Word| match word {
        Word::Plain(text) => escape(text),
        Word::Strong(text) => format!("**{}**", escape(text).trim()) + if text.ends_with(' ') { " " } else { "" },
        Word::Code(text) => inline_code(text),
    };
    words.iter().map(word).collect()
}

/// Text as it stands, in a fixed font.
#[must_use]
pub fn inline_code(text: &str) -> String {
    let text = visible::line(text);
    let ticks = "`".repeat(longest_run(&text, '`') + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// One line of text, nothing in it means anything.
#[must_use]
pub fn escape(text: &str) -> String {
    let text = visible::line(text);
    let mut escaped = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '#' | '>' | '+' | '-' | '=' if at == 0 => {
                escaped.push('\\');
                escaped.push(c);
            }
            '!' if text[at + 1..].starts_with('[') => escaped.push_str("\\!"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The longest run of a character.
#[must_use]
pub fn longest_run(text: &str, of: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == of { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        assert_eq!(escape("<b>*x*</b> [a](b) _y_"), "&lt;b>\\*x\\*&lt;/b> \\[a\\](b) \\_y\\_");
        assert_eq!(inline_code("a `b`"), "`` a `b` ``");
        let blocks = vec![Block::Type(vec!["```".to_owned(), "x".to_owned()])];
        let text = markdown(&Paper { title: "t".to_owned(), blocks });
        assert!(text.contains("````sh\n```\nx\n````"), "{text}");
    }
}
