//! Collects the fields of one word while its pieces are expanded.

use super::super::pattern::escaped;

/// One field.
#[derive(Debug, Default)]
pub struct Field {
    pub text: String,
    /// The same as a pattern: what was quoted stands for itself.
    pub pattern: String,
    /// There is a sign in it that makes it a pattern.
    pub is_pattern: bool,
}

/// The fields so far.
#[derive(Debug)]
pub struct Fields {
    separators: String,
    done: Vec<Field>,
    open: Option<Field>,
    /// There were quotes: a word of nothing but these is an empty field.
    quotes: bool,
    /// There was `"$@"` without arguments: then it is none.
    nothing: bool,
}

impl Fields {
    pub fn new(separators: String) -> Self {
        Self { separators, done: Vec::new(), open: None, quotes: false, nothing: false }
    }

    /// Text that is not split and no pattern.
    pub fn literal(&mut self, text: &str) {
        self.quotes = true;
        if !text.is_empty() {
            let open = self.open.get_or_insert_default();
            open.text.push_str(text);
            open.pattern.push_str(&escaped(text));
        }
    }

    /// Text that is not split and may be a pattern.
    pub fn plain(&mut self, text: &str) {
        if !text.is_empty() {
            let open = self.open.get_or_insert_default();
            open.text.push_str(text);
            open.pattern.push_str(text);
            open.is_pattern |= text.contains(['*', '?', '[']);
        }
    }

    /// What an expansion gave.
    pub fn value(&mut self, text: &str, quoted: bool) {
        if quoted { self.literal(text) } else { self.split(text) }
    }

    /// What `$@` gave.
    pub fn list(&mut self, values: &[String], quoted: bool) {
        self.nothing |= quoted && values.is_empty();
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.close();
            }
            if quoted {
                self.literal(value);
                self.open.get_or_insert_default();
            } else {
                self.split(value);
            }
        }
    }

    fn close(&mut self) {
        self.done.extend(self.open.take());
    }

    fn split(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let length = rest.find(|c| self.separators.contains(c)).unwrap_or(rest.len());
            self.plain(&rest[..length]);
            rest = &rest[length..];
            if rest.is_empty() {
                return;
            }
            // Blanks, at most one other separator, blanks: that is one gap.
            let blank = |c: char| matches!(c, ' ' | '\t' | '\n') && self.separators.contains(c);
            rest = rest.trim_start_matches(blank);
            let separator = rest.chars().next().filter(|c| self.separators.contains(*c));
            if let Some(separator) = separator {
                rest = rest[separator.len_utf8()..].trim_start_matches(blank);
                self.open.get_or_insert_default();
            }
            self.close();
        }
    }

    pub fn finish(mut self) -> Vec<Field> {
        self.close();
        if self.done.is_empty() && self.quotes && !self.nothing {
            self.done.push(Field::default());
        }
        self.done
    }
}
