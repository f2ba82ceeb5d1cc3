//! `echo` and `printf`.

use super::super::process::{Process, Ran, Unsimulated};

/// `echo`
pub fn echo(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let (mut newline, mut escapes, mut rest) = (true, false, arguments);
    while let [first, behind @ ..] = rest {
        let letters = first.strip_prefix('-').unwrap_or_default();
        if letters.is_empty() || !letters.chars().all(|letter| "neE".contains(letter)) {
            break;
        }
        for letter in letters.chars() {
            match letter {
                'n' => newline = false,
                letter => escapes = letter == 'e',
            }
        }
        rest = behind;
    }
    let mut text = rest.join(" ");
    if escapes {
        let (unescaped, stopped) = unescape(&text, true)?;
        text = unescaped;
        newline &= !stopped;
    }
    process.stdout.push(&text);
    if newline {
        process.stdout.push("\n");
    }
    Ok(0)
}

/// Replaces backslash escapes; true: `\c` ended it. With `zero` octal digits begin with 0 (`echo -e`, `%b`).
///
/// # Errors
/// A byte that is no text.
pub fn unescape(text: &str, zero: bool) -> Result<(String, bool), Unsimulated> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (String::with_capacity(text.len()), 0);
    while let Some(&c) = chars.get(at) {
        at += 1;
        if c != '\\' {
            found.push(c);
            continue;
        }
        let Some(&next) = chars.get(at) else {
            found.push('\\');
            break;
        };
        at += 1;
        match next {
            'n' => found.push('\n'),
            't' => found.push('\t'),
            'r' => found.push('\r'),
            'a' => found.push('\u{7}'),
            'b' => found.push('\u{8}'),
            'e' => found.push('\u{1b}'),
            'f' => found.push('\u{c}'),
            'v' => found.push('\u{b}'),
            '\\' => found.push('\\'),
            '"' if !zero => found.push('"'),
            'c' if zero => return Ok((found, true)),
            'x' => at = number(&chars, at, (16, 2), &mut found)?,
            '0' if zero => at = number(&chars, at, (8, 3), &mut found)?,
            '0'..='7' if !zero => at = number(&chars, at - 1, (8, 3), &mut found)?,
            'u' | 'U' => return Err(Unsimulated("`\\u`".to_owned())),
            next => found.extend(['\\', next]),
        }
    }
    Ok((found, false))
}

/// A character by its number; the place behind its digits.
fn number(chars: &[char], at: usize, (radix, most): (u32, usize), found: &mut String) -> Result<usize, Unsimulated> {
    let digits: Vec<u32> = chars[at..].iter().take(most).map_while(|c| c.to_digit(radix)).collect();
    let code = digits.iter().fold(0, |sum, digit| sum * radix + digit);
    match char::from_u32(code).filter(char::is_ascii) {
        Some(c) => found.push(c),
        None => return Err(Unsimulated("bytes that are no text".to_owned())),
    }
    Ok(at + digits.len())
}

/// `printf`
pub fn printf(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let arguments = match arguments {
        [dashes, rest @ ..] if dashes == "--" => rest,
        all => all,
    };
    let Some((format, values)) = arguments.split_first() else {
        return process.fail(2, "printf: usage: printf [-v var] format [arguments]");
    };
    let mut print = Print { values: values.iter(), text: String::new(), errors: Vec::new(), ended: false };
    let before = print.values.len();
    print.round(format)?;
    while print.values.len() > 0 && print.values.len() < before && !print.ended {
        print.round(format)?;
    }
    let Print { text, errors, .. } = print;
    process.stdout.push(&text);
    for error in &errors {
        process.complain(format!("printf: {error}"));
    }
    Ok(i32::from(!errors.is_empty()))
}

/// A format once, as `awk` has it: the text, and what is wrong.
///
/// # Errors
/// A directive that is not simulated.
pub fn formatted(format: &str, values: &[String]) -> Result<(String, Vec<String>), Unsimulated> {
    let mut print = Print { values: values.iter(), text: String::new(), errors: Vec::new(), ended: false };
    print.round(format)?;
    Ok((print.text, print.errors))
}

struct Print<'p> {
    values: std::slice::Iter<'p, String>,
    text: String,
    errors: Vec<String>,
    ended: bool,
}

/// What stands between `%` and the letter.
#[derive(Default)]
struct Directive {
    flags: String,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Columns, at most.
const WIDEST: usize = 10_000;

impl Print<'_> {
    /// The format once.
    fn round(&mut self, format: &str) -> Result<(), Unsimulated> {
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            self.literal(&rest[..at])?;
            if self.ended {
                return Ok(());
            }
            rest = self.directive(&rest[at + 1..])?;
            if self.ended {
                return Ok(());
            }
        }
        self.literal(rest)
    }

    fn literal(&mut self, text: &str) -> Result<(), Unsimulated> {
        let (text, ended) = unescape(text, false)?;
        self.text.push_str(&text);
        self.ended |= ended;
        Ok(())
    }

    /// A number in a directive, `*` from the values.
    fn size<'f>(&mut self, rest: &'f str) -> (Option<usize>, &'f str) {
        if let Some(behind) = rest.strip_prefix('*') {
            let value = self.values.next().and_then(|value| value.parse().ok()).unwrap_or(0);
            return (Some(value.min(WIDEST)), behind);
        }
        let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        (rest[..length].parse().ok().map(|size: usize| size.min(WIDEST)), &rest[length..])
    }

    /// What follows a `%`; what follows that.
    fn directive<'f>(&mut self, rest: &'f str) -> Result<&'f str, Unsimulated> {
        let length = rest.find(|c| !"-0+ #".contains(c)).unwrap_or(rest.len());
        let mut directive = Directive { flags: rest[..length].to_owned(), ..Directive::default() };
        let whole = rest;
        let (width, mut rest) = self.size(&rest[length..]);
        directive.width = width;
        if let Some(behind) = rest.strip_prefix('.') {
            let (precision, behind) = self.size(behind);
            directive.precision = Some(precision.unwrap_or(0));
            rest = behind;
        }
        let Some(letter) = rest.chars().next() else {
            self.errors.push(format!("`%{whole}': missing format character"));
            self.ended = true;
            return Ok("");
        };
        let behind = &rest[letter.len_utf8()..];
        if letter == '%' {
            self.text.push('%');
            return Ok(behind);
        }
        let value = match letter {
            's' => self.next(),
            'b' => {
                let (text, ended) = unescape(&self.next(), true)?;
                self.ended |= ended;
                text
            }
            'c' => self.next().chars().take(1).collect(),
            'q' => quoted(&self.next()),
            'd' | 'i' | 'u' | 'x' | 'X' | 'o' => {
                let text = self.next();
                let number = self.integer(&text);
                directive.integer(letter, number)
            }
            'f' | 'F' => {
                let text = self.next();
                directive.float(self.real(&text))
            }
            'e' | 'E' | 'g' | 'G' | 'a' | 'A' | '(' => return Err(Unsimulated(format!("`printf %{letter}`"))),
            letter => {
                self.errors.push(format!("`%{letter}': invalid directive"));
                self.ended = true;
                return Ok("");
            }
        };
        let cut = matches!(letter, 's' | 'b' | 'q');
        directive.pad(value, cut, &mut self.text);
        Ok(behind)
    }

    fn next(&mut self) -> String {
        self.values.next().cloned().unwrap_or_default()
    }

    fn integer(&mut self, text: &str) -> i64 {
        let text = text.trim_start();
        if let Some(quoted) = text.strip_prefix(['\'', '"']) {
            return quoted.chars().next().map_or(0, |c| i64::from(u32::from(c)));
        }
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            Some(hex) => (16, hex),
            None if digits.starts_with('0') => (8, digits),
            None => (10, digits),
        };
        let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        if length < digits.len() || (digits.is_empty() && !text.is_empty()) {
            self.errors.push(format!("{text}: invalid number"));
        }
        sign * i64::from_str_radix(&digits[..length], radix).unwrap_or(0)
    }

    fn real(&mut self, text: &str) -> f64 {
        if text.is_empty() {
            return 0.0;
        }
        text.trim().parse().unwrap_or_else(|_| {
            self.errors.push(format!("{text}: invalid number"));
            0.0
        })
    }
}

impl Directive {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn signed(&self, is_negative: bool, digits: &str) -> String {
        let sign = match (is_negative, self.has('+'), self.has(' ')) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        };
        let width = self.width.unwrap_or(0);
        let wanted = match self.precision {
            Some(precision) => precision,
            None if self.has('0') && !self.has('-') => width.saturating_sub(sign.len()),
            None => 0,
        };
        format!("{sign}{digits:0>wanted$}")
    }

    fn integer(&self, letter: char, number: i64) -> String {
        let alternative = self.has('#') && number != 0;
        match letter {
            'd' | 'i' => self.signed(number < 0, &number.unsigned_abs().to_string()),
            'u' => self.signed(false, &number.cast_unsigned().to_string()),
            'x' => self.signed(false, &format!("{}{number:x}", if alternative { "0x" } else { "" })),
            'X' => self.signed(false, &format!("{}{number:X}", if alternative { "0X" } else { "" })),
            _ => self.signed(false, &format!("{}{number:o}", if alternative { "0" } else { "" })),
        }
    }

    fn float(&self, number: f64) -> String {
        let digits = format!("{:.*}", self.precision.unwrap_or(6).min(60), number.abs());
        let plain = Self { flags: self.flags.clone(), width: self.width, precision: None };
        plain.signed(number.is_sign_negative(), &digits)
    }

    fn pad(&self, value: String, cut: bool, to: &mut String) {
        let value = match self.precision.filter(|_| cut) {
            Some(precision) => value.chars().take(precision).collect(),
            None => value,
        };
        let missing = self.width.unwrap_or(0).saturating_sub(value.chars().count());
        let padding = " ".repeat(missing);
        if self.has('-') {
            to.push_str(&value);
            to.push_str(&padding);
        } else {
            to.push_str(&padding);
            to.push_str(&value);
        }
    }
}

/// As `%q` writes it: with backslashes.
fn quoted(word: &str) -> String {
    if word.is_empty() {
        return "''".to_owned();
    }
    let mut found = String::new();
    for c in word.chars() {
        if !(c.is_alphanumeric() || "_-./:=@%+".contains(c)) {
            found.push('\\');
        }
        found.push(c);
    }
    found
}
