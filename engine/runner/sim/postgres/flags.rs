//! Command lines as the clients of PostgreSQL read them: letters run together, values behind or glued on, operands anywhere.

use std::collections::VecDeque;

/// A reader of flags.
pub struct Flags<'a> {
    rest: VecDeque<&'a str>,
    /// Letters that take a value.
    valued: &'a str,
    /// Long names that take a value.
    long: &'a [&'a str],
    /// Letters behind the present one.
    letters: &'a str,
    /// The value of the present flag.
    value: Option<String>,
    operands: Vec<String>,
}

impl<'a> Flags<'a> {
    pub fn new(arguments: &'a [String], valued: &'a str, long: &'a [&'a str]) -> Self {
        let rest = arguments.iter().map(String::as_str).collect();
        Self { rest, valued, long, letters: "", value: None, operands: Vec::new() }
    }

    /// The next flag: `-h`, `--host`.
    pub fn next(&mut self) -> Option<String> {
        self.value = None;
        loop {
            if let Some(letter) = self.letters.chars().next() {
                let after = &self.letters[letter.len_utf8()..];
                if self.valued.contains(letter) {
                    self.letters = "";
                    self.value = if after.is_empty() {
                        self.rest.pop_front().map(str::to_owned)
                    } else {
                        Some(after.to_owned())
                    };
                } else {
                    self.letters = after;
                }
                return Some(format!("-{letter}"));
            }
            let word = self.rest.pop_front()?;
            if word == "--" {
                self.operands.extend(self.rest.drain(..).map(str::to_owned));
                return None;
            }
            if let Some(long) = word.strip_prefix("--") {
                let (name, glued) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                let takes = self.long.contains(&name);
                self.value = glued.or_else(|| if takes { self.rest.pop_front().map(str::to_owned) } else { None });
                return Some(format!("--{name}"));
            }
            match word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                Some(letters) => self.letters = letters,
                None => self.operands.push(word.to_owned()),
            }
        }
    }

    /// The value of the flag that was read last.
    pub fn value(&mut self) -> Option<String> {
        self.value.take()
    }

    /// What is no flag, once all flags are read.
    pub fn operands(&self) -> &[String] {
        &self.operands
    }
}

/// What a client says of a flag that it does not know.
pub fn unknown(program: &str, flag: &str) -> String {
    match flag.strip_prefix('-').filter(|letter| !letter.starts_with('-')) {
        Some(letter) => format!("{program}: invalid option -- '{letter}'"),
        None => format!("{program}: unrecognized option '{flag}'"),
    }
}
