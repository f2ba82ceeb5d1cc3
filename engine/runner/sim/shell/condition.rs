//! Conditions: `test`, `[`, and what `[[ … ]]` adds to them.

use super::super::process::{Process, Ran, Unsimulated};
use super::super::programs::regular_expression;
use super::super::tree::{Kind, Node};
use super::pattern::Pattern;
use super::state::{Shell, Step};
use super::syntax::Condition;

/// What came of a condition; an error is a mistake in it.
type Judged = Result<bool, String>;

/// `test`
pub fn test(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    match judge(process, arguments)? {
        Ok(holds) => Ok(i32::from(!holds)),
        Err(message) => process.fail(2, format!("test: {message}")),
    }
}

/// `[`
pub fn bracket(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let Some(arguments) = within(arguments) else { return process.fail(2, "[: missing `]'") };
    match judge(process, arguments)? {
        Ok(holds) => Ok(i32::from(!holds)),
        Err(message) => process.fail(2, format!("[: {message}")),
    }
}

fn within(arguments: &[String]) -> Option<&[String]> {
    arguments.split_last().filter(|(last, _)| *last == "]").map(|(_, before)| before)
}

impl Shell<'_, '_> {
    /// `test` and `[` as the shell's own.
    pub fn test(&mut self, arguments: &[String], is_bracket: bool) -> Step {
        let (name, arguments) = if is_bracket {
            let Some(arguments) = within(arguments) else { return self.fail(2, "[: missing `]'") };
            ("[", arguments)
        } else {
            ("test", arguments)
        };
        if let [operator, name] = arguments
            && operator == "-v"
        {
            return Ok(i32::from(self.variable(name).is_none()));
        }
        match judge(self.process, arguments)? {
            Ok(holds) => Ok(i32::from(!holds)),
            Err(message) => self.fail(2, format!("{name}: {message}")),
        }
    }

    /// `[[ … ]]`
    pub fn condition(&mut self, condition: &Condition) -> Step {
        Ok(i32::from(!self.holds(condition)?))
    }

    fn holds(&mut self, condition: &Condition) -> Step<bool> {
        match condition {
            Condition::Word(word) => Ok(!self.text(word)?.is_empty()),
            Condition::Not(inner) => Ok(!self.holds(inner)?),
            Condition::And(left, right) => Ok(self.holds(left)? && self.holds(right)?),
            Condition::Or(left, right) => Ok(self.holds(left)? || self.holds(right)?),
            Condition::Unary(operator, word) => {
                let word = self.text(word)?;
                if operator == "-v" {
                    return Ok(self.variable(&word).is_some());
                }
                match unary(self.process, operator, &word)? {
                    Some(holds) => Ok(holds),
                    None => Err(Unsimulated(format!("`[[ {operator}`")).into()),
                }
            }
            Condition::Binary(left, operator, right) => self.compare(left, operator, right),
        }
    }

    fn compare(&mut self, left: &super::syntax::Word, operator: &str, right: &super::syntax::Word) -> Step<bool> {
        let left = self.text(left)?;
        match operator {
            "=" | "==" => Ok(Pattern::new(&self.pattern(right)?).matches(&left)),
            "!=" => Ok(!Pattern::new(&self.pattern(right)?).matches(&left)),
            "<" => Ok(left < self.text(right)?),
            ">" => Ok(left > self.text(right)?),
            "=~" => {
                let text = self.joined(right, regex::escape)?;
                match regular_expression(&text, true, false)? {
                    Some(expression) => Ok(expression.is_match(&left)),
                    None => Ok(false),
                }
            }
            "-nt" | "-ot" | "-ef" => {
                let right = self.text(right)?;
                Ok(files(self.process, &left, operator, &right))
            }
            _ => {
                let right = self.text(right)?;
                let (left, right) = (self.integer(&left)?, self.integer(&right)?);
                Ok(numbers(left, operator, right))
            }
        }
    }

    fn integer(&mut self, text: &str) -> Step<i64> {
        match self.arithmetic(text) {
            Ok(value) => Ok(value),
            Err(message) => self.fatal(1, format!("[[: {text}: {message}")),
        }
    }
}

fn judge(process: &Process<'_>, arguments: &[String]) -> Result<Judged, Unsimulated> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Reader { process, words: &words, depth: 0 }.whole()
}

/// Reads the words of a condition.
struct Reader<'r> {
    process: &'r Process<'r>,
    words: &'r [&'r str],
    depth: u16,
}

/// Parentheses inside each other, at most.
const DEEPEST: u16 = 40;

const BINARY: [&str; 14] = ["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];

type Tested = Result<Judged, Unsimulated>;

impl Reader<'_> {
    /// By the number of words, as the standard has it.
    fn whole(&mut self) -> Tested {
        match self.words {
            [] => Ok(Ok(false)),
            [word] => Ok(Ok(!word.is_empty())),
            ["!", word] => Ok(Ok(word.is_empty())),
            [operator, word] => match unary(self.process, operator, word)? {
                Some(holds) => Ok(Ok(holds)),
                None => Ok(Err(format!("{operator}: unary operator expected"))),
            },
            [left, operator, right] if BINARY.contains(operator) => Ok(binary(self.process, left, operator, right)),
            ["!", rest @ ..] if rest.len() < 4 => {
                let inner = Reader { process: self.process, words: rest, depth: self.depth }.whole()?;
                Ok(inner.map(|holds| !holds))
            }
            ["(", word, ")"] => Ok(Ok(!word.is_empty())),
            _ => {
                let judged = self.either()?;
                match (judged, self.words) {
                    (Ok(_), [_, ..]) => Ok(Err("too many arguments".to_owned())),
                    (judged, _) => Ok(judged),
                }
            }
        }
    }

    fn either(&mut self) -> Tested {
        let mut holds = self.both()?;
        while let ["-o", rest @ ..] = self.words {
            self.words = rest;
            let right = self.both()?;
            holds = holds.and_then(|left| right.map(|right| left || right));
        }
        Ok(holds)
    }

    fn both(&mut self) -> Tested {
        let mut holds = self.single()?;
        while let ["-a", rest @ ..] = self.words {
            self.words = rest;
            let right = self.single()?;
            holds = holds.and_then(|left| right.map(|right| left && right));
        }
        Ok(holds)
    }

    fn single(&mut self) -> Tested {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Unsimulated("a condition nested so deeply".to_owned()));
        }
        let judged = self.primary();
        self.depth -= 1;
        judged
    }

    fn primary(&mut self) -> Tested {
        match self.words {
            [left, operator, right, rest @ ..] if BINARY.contains(operator) => {
                self.words = rest;
                Ok(binary(self.process, left, operator, right))
            }
            ["!", rest @ ..] => {
                self.words = rest;
                Ok(self.single()?.map(|holds| !holds))
            }
            ["(", rest @ ..] => {
                self.words = rest;
                let judged = self.either()?;
                let [")", rest @ ..] = self.words else { return Ok(Err("`)' expected".to_owned())) };
                self.words = rest;
                Ok(judged)
            }
            [operator, word, rest @ ..] => {
                if let Some(holds) = unary(self.process, operator, word)? {
                    self.words = rest;
                    Ok(Ok(holds))
                } else {
                    self.words = &self.words[1..];
                    Ok(Ok(!operator.is_empty()))
                }
            }
            [word] => {
                let holds = !word.is_empty();
                self.words = &[];
                Ok(Ok(holds))
            }
            [] => Ok(Err("argument expected".to_owned())),
        }
    }
}

/// `-e FILE` and the like; none: there is no such operator.
fn unary(process: &Process<'_>, operator: &str, word: &str) -> Result<Option<bool>, Unsimulated> {
    let Some(letter) = operator.strip_prefix('-').filter(|letter| letter.len() == 1) else { return Ok(None) };
    let node = || process.node(word).ok().filter(|_| !word.is_empty());
    let is_null = || process.path(word) == "/dev/null";
    let has = |test: fn(&Node) -> bool| node().is_some_and(test);
    Ok(Some(match letter {
        "n" => !word.is_empty(),
        "z" => word.is_empty(),
        "e" | "a" | "r" | "O" | "G" => has(|_| true) || (is_null() && letter != "O" && letter != "G"),
        "f" => has(Node::is_file) && !is_null(),
        "d" => has(Node::is_directory),
        "h" | "L" => process.link_node(word).is_ok_and(|node| matches!(node.kind, Kind::Link(_))),
        "b" => has(|node| matches!(node.kind, Kind::Device(_))),
        "c" => is_null(),
        "p" | "S" | "t" => false,
        "s" => has(|node| node.size() > 0),
        "w" => (has(|_| true) && process.is_writable(word)) || is_null(),
        "x" => has(|node| node.is_directory() || node.mode & 0o111 != 0),
        "u" => has(|node| node.mode & 0o4000 != 0),
        "g" => has(|node| node.mode & 0o2000 != 0),
        "k" => has(|node| node.mode & 0o1000 != 0),
        "N" | "o" | "v" | "R" => return Err(Unsimulated(format!("`test {operator}`"))),
        _ => return Ok(None),
    }))
}

fn binary(process: &Process<'_>, left: &str, operator: &str, right: &str) -> Judged {
    match operator {
        "=" | "==" => Ok(left == right),
        "!=" => Ok(left != right),
        "<" => Ok(left < right),
        ">" => Ok(left > right),
        "-nt" | "-ot" | "-ef" => Ok(files(process, left, operator, right)),
        _ => {
            let number = |text: &str| text.trim().parse().map_err(|_| format!("{text}: integer expression expected"));
            Ok(numbers(number(left)?, operator, number(right)?))
        }
    }
}

fn numbers(left: i64, operator: &str, right: i64) -> bool {
    match operator {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        _ => left >= right,
    }
}

fn files(process: &Process<'_>, left: &str, operator: &str, right: &str) -> bool {
    let modified = |path: &str| process.node(path).ok().map(|node| node.modified);
    let (left_at, right_at) = (modified(left), modified(right));
    match operator {
        "-nt" => left_at.is_some() && left_at > right_at,
        "-ot" => right_at.is_some() && right_at > left_at,
        _ => left_at.is_some() && right_at.is_some() && process.spot(left).ok() == process.spot(right).ok(),
    }
}
