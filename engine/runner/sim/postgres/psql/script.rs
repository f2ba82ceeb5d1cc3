//! Takes apart what `psql` reads: statements, its own commands, and rows for `copy`.

use std::sync::Arc;

use super::super::super::blob::Blob;
use super::super::super::process::{Chunk, Stream};

/// One piece of a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// A statement without its semicolon, whether it had one, and the line where it ended.
    Sql { text: String, line: usize },
    /// A command of `psql` itself, without the backslash.
    Meta { text: String, line: usize },
    /// A dump, read as a script.
    Dump(Arc<Blob>),
}

/// In the place of a file in the text: a character that no text has, then its number.
const MARK: char = '\u{10FFFD}';

/// Letters that a reader looks at.
const SPECIAL: [char; 11] = [MARK, '\\', ';', ':', '\'', '"', '$', '-', '/', '(', ')'];

/// A script while it is read.
pub struct Script {
    text: String,
    blobs: Vec<Arc<Blob>>,
    at: usize,
    line: usize,
}

/// Rows for `copy … from stdin`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Lines of text.
    pub lines: u64,
    /// Rows that another server has given.
    pub blobs: Vec<Arc<Blob>>,
}

impl Script {
    pub fn new(stream: &Stream) -> Self {
        let mut text = String::new();
        let mut blobs = Vec::new();
        for chunk in &stream.0 {
            match chunk {
                Chunk::Text(part) => text.push_str(part),
                Chunk::Blob(blob) => {
                    text.push(MARK);
                    blobs.push(blob.clone());
                }
            }
        }
        Self { text, blobs, at: 0, line: 1 }
    }

    /// The next piece; variables are put in.
    pub fn next(&mut self, variable: impl Fn(&str) -> Option<String>) -> Option<Piece> {
        let mut statement = String::new();
        let mut depth = 0_u32;
        loop {
            let rest = &self.text[self.at..];
            let Some(first) = rest.chars().next() else {
                let text = statement.trim().to_owned();
                return (!text.is_empty()).then_some(Piece::Sql { text, line: self.line });
            };
            match first {
                // What stands before a statement is no part of it.
                first if first.is_whitespace() && statement.is_empty() => {
                    self.line += usize::from(first == '\n');
                    self.at += first.len_utf8();
                }
                MARK if statement.is_empty() => {
                    self.at += MARK.len_utf8();
                    return self.blob().map(Piece::Dump);
                }
                '\\' => return Some(self.meta()),
                ';' if depth == 0 => {
                    self.at += 1;
                    if statement.is_empty() {
                        continue;
                    }
                    statement.push(';');
                    return Some(Piece::Sql { text: statement, line: self.line });
                }
                ':' => {
                    let taken = self.variable(&variable, &mut statement);
                    self.at += taken;
                }
                '\'' | '"' | '$' | '-' | '/' => {
                    let taken = quoted(rest);
                    self.take(taken, &mut statement);
                }
                other => {
                    match other {
                        '(' => depth += 1,
                        ')' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    let plain = rest[other.len_utf8()..].find(SPECIAL).unwrap_or(rest.len() - other.len_utf8());
                    self.take(other.len_utf8() + plain, &mut statement);
                }
            }
        }
    }

    /// Moves so many bytes into a statement.
    fn take(&mut self, bytes: usize, statement: &mut String) {
        let taken = &self.text[self.at..self.at + bytes];
        self.line += taken.matches('\n').count();
        statement.push_str(taken);
        self.at += bytes;
    }

    fn blob(&mut self) -> Option<Arc<Blob>> {
        if self.blobs.is_empty() { None } else { Some(self.blobs.remove(0)) }
    }

    /// A command to the end of its line.
    fn meta(&mut self) -> Piece {
        let rest = &self.text[self.at + 1..];
        let end = rest.find('\n').unwrap_or(rest.len());
        let text = rest[..end].trim_end().to_owned();
        let line = self.line;
        self.at += 1 + (end + 1).min(rest.len());
        self.line += 1;
        Piece::Meta { text, line }
    }

    /// `:name`, `:'name'`, `:"name"`; gives how much of the text it takes.
    fn variable(&self, variable: &impl Fn(&str) -> Option<String>, statement: &mut String) -> usize {
        let rest = &self.text[self.at + 1..];
        if rest.starts_with(':') {
            statement.push_str("::");
            return 2;
        }
        let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'));
        let from = usize::from(quote.is_some());
        let length = rest[from..].find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len() - from);
        let closed = quote.is_none_or(|quote| rest[from + length..].starts_with(quote));
        let value = variable(&rest[from..from + length]).filter(|_| closed && length > 0);
        let Some(value) = value else {
            statement.push(':');
            return 1;
        };
        match quote {
            None => statement.push_str(&value),
            Some(quote) => {
                let doubled = value.replace(quote, &format!("{quote}{quote}"));
                statement.push(quote);
                statement.push_str(&doubled);
                statement.push(quote);
            }
        }
        1 + from * 2 + length
    }

    /// The rows that follow, up to `\.` or the end.
    pub fn rows(&mut self) -> Rows {
        let mut rows = Rows::default();
        // The rest of the line of the statement is not a row.
        if let Some(rest) = self.text[self.at..].strip_prefix('\n') {
            self.at = self.text.len() - rest.len();
            self.line += 1;
        }
        loop {
            let rest = &self.text[self.at..];
            if rest.is_empty() {
                return rows;
            }
            if rest.starts_with(MARK) {
                self.at += MARK.len_utf8();
                rows.blobs.extend(self.blob());
                continue;
            }
            let end = rest.find(['\n', MARK]).unwrap_or(rest.len());
            let line = rest[..end].to_owned();
            let newline = rest[end..].starts_with('\n');
            self.at += end + usize::from(newline);
            self.line += usize::from(newline);
            if line == "\\." {
                return rows;
            }
            // What is glued to a file is the end of its last row.
            rows.lines += u64::from(!line.is_empty() || newline && rows.blobs.is_empty());
        }
    }
}

/// Bytes of a quoted text or a comment at the beginning; 1 if there is none.
fn quoted(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let to_close =
        |from: usize, close: &str| rest[from..].find(close).map_or(rest.len(), |end| from + end + close.len());
    match bytes {
        [b'\'', ..] => to_close(1, "'"),
        [b'"', ..] => to_close(1, "\""),
        [b'-', b'-', ..] => rest.find('\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => to_close(2, "*/"),
        [b'$', ..] => {
            let Some(end) = rest[1..].find('$') else { return 1 };
            let tag = &rest[..end + 2];
            let plain = tag[1..tag.len() - 1].chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
            if plain && !tag[1..].starts_with(|c: char| c.is_ascii_digit()) { to_close(tag.len(), tag) } else { 1 }
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<Piece> {
        let mut script = Script::new(&Stream::text(text));
        let known = |name: &str| (name == "t").then(|| "my \"table".to_owned());
        std::iter::from_fn(|| script.next(known)).collect()
    }

    fn sql(text: &str, line: usize) -> Piece {
        Piece::Sql { text: text.to_owned(), line }
    }

    #[test]
    fn statements_end_at_their_semicolon() {
        let is = [sql("select ';';", 1), sql("select (1;2);", 2), sql("select $$;$$", 3)];
        assert_eq!(pieces("select ';';\nselect (1;2);\n select $$;$$"), is);
        assert_eq!(pieces(";;\n"), []);
        assert_eq!(pieces("-- only ; a comment\nselect 1;"), [sql("-- only ; a comment\nselect 1;", 2)]);
    }

    #[test]
    fn variables_are_put_in() {
        assert_eq!(
            pieces("select :\"t\", :'t', :nope, 1::int"),
            [sql("select \"my \"\"table\", 'my \"table', :nope, 1::int", 1)]
        );
    }

    #[test]
    fn commands_take_a_line() {
        assert_eq!(
            pieces("\\echo a\nselect 1;"),
            [Piece::Meta { text: "echo a".to_owned(), line: 1 }, sql("select 1;", 2)]
        );
    }

    #[test]
    fn rows_end_at_a_backslash_and_a_dot() {
        let mut script = Script::new(&Stream::text("copy t from stdin;\n1\n2\n\\.\nselect 1;"));
        assert_eq!(script.next(|_| None), Some(sql("copy t from stdin;", 1)));
        assert_eq!(script.rows(), Rows { lines: 2, blobs: Vec::new() });
        assert_eq!(script.next(|_| None), Some(sql("select 1;", 5)));
    }
}
