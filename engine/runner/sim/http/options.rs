//! What a `curl` command line asks for.

use std::time::Duration;

use super::super::process::Unsimulated;

/// What is wanted.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Default)]
pub struct Options {
    /// Addresses, each with the file that its answer goes to.
    pub urls: Vec<String>,
    pub outputs: Vec<Output>,
    pub fail: Fail,
    pub silent: bool,
    pub show_error: bool,
    pub follow: bool,
    pub include: bool,
    pub head: bool,
    pub get: bool,
    pub method: Option<String>,
    pub headers: Vec<(String, String)>,
    pub data: Vec<String>,
    pub write_out: Option<String>,
    pub patience: Option<Duration>,
    pub connect_patience: Option<Duration>,
    pub retries: u32,
    pub retry_delay: Option<Duration>,
    pub retry_refused: bool,
    pub retry_all: bool,
}

/// Where an answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A file.
    File(String),
    /// A file named as the last part of the address.
    Named,
}

/// What a status of 400 or more means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fail {
    /// Nothing.
    #[default]
    Never,
    /// An error; the body is dropped.
    Quietly,
    /// An error; the body is kept.
    WithBody,
}

/// What is wrong with a command line.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrong {
    /// As `curl` says it.
    Usage(String),
    /// The world does not know.
    Unsimulated(Unsimulated),
}

/// Options without a value that change nothing here.
const PLAIN: &str = "kqN46#vgj";
const LONG_PLAIN: [&str; 12] = [
    "insecure",
    "compressed",
    "no-buffer",
    "ipv4",
    "ipv6",
    "disable",
    "progress-bar",
    "no-progress-meter",
    "globoff",
    "tlsv1.2",
    "http1.1",
    "no-keepalive",
];
/// Options whose value changes nothing here.
const LONG_VALUE: [&str; 7] = ["user-agent", "noproxy", "cacert", "referer", "proto", "proto-redir", "retry-max-time"];
/// What `curl` knows and this world does not.
const UNKNOWN_HERE: [&str; 10] =
    ["form", "upload-file", "user", "proxy", "resolve", "cookie", "cookie-jar", "config", "unix-socket", "dump-header"];

impl Options {
    pub fn read(arguments: &[String]) -> Result<Self, Wrong> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            if let Some(long) = word.strip_prefix("--") {
                options.long(long, &mut rest)?;
            } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                options.letters(letters, &mut rest)?;
            } else {
                options.urls.push(word.clone());
            }
        }
        Ok(options)
    }

    fn letters(&mut self, letters: &str, rest: &mut std::slice::Iter<'_, String>) -> Result<(), Wrong> {
        for (at, letter) in letters.char_indices() {
            let glued = &letters[at + letter.len_utf8()..];
            let long = match letter {
                'f' => "fail",
                's' => "silent",
                'S' => "show-error",
                'L' => "location",
                'i' => "include",
                'I' => "head",
                'G' => "get",
                'O' => "remote-name",
                letter if PLAIN.contains(letter) => continue,
                letter => {
                    let long = valued(letter).ok_or_else(|| unknown(&format!("-{letter}")))?;
                    let value = if glued.is_empty() { rest.next().cloned() } else { Some(glued.to_owned()) };
                    return self.value(long, value.ok_or_else(|| lacks(&format!("-{letter}")))?);
                }
            };
            self.flag(long);
        }
        Ok(())
    }

    fn long(&mut self, long: &str, rest: &mut std::slice::Iter<'_, String>) -> Result<(), Wrong> {
        if self.flag(long) || LONG_PLAIN.contains(&long) {
            return Ok(());
        }
        if long == "fail-with-body" && self.fail == Fail::Quietly {
            return Err(Wrong::Usage(format!("curl: option --{long}: is badly used here\n{TRY}")));
        }
        let known = is_valued(long) || LONG_VALUE.contains(&long) || UNKNOWN_HERE.contains(&long);
        if !known {
            return Err(unknown(&format!("--{long}")));
        }
        let value = rest.next().cloned().ok_or_else(|| lacks(&format!("--{long}")))?;
        self.value(long, value)
    }

    /// False: it is no such flag.
    fn flag(&mut self, long: &str) -> bool {
        match long {
            "fail" => self.fail = Fail::Quietly,
            "fail-with-body" if self.fail == Fail::Never => self.fail = Fail::WithBody,
            "silent" => self.silent = true,
            "show-error" => self.show_error = true,
            "location" => self.follow = true,
            "include" => self.include = true,
            "head" => self.head = true,
            "get" => self.get = true,
            "remote-name" => self.outputs.push(Output::Named),
            "retry-connrefused" => self.retry_refused = true,
            "retry-all-errors" => self.retry_all = true,
            // Directories of an output are not made here; where they are there it makes no difference.
            "create-dirs" => {}
            _ => return false,
        }
        true
    }

    fn value(&mut self, long: &str, value: String) -> Result<(), Wrong> {
        match long {
            "url" => self.urls.push(value),
            "output" => self.outputs.push(Output::File(value)),
            "request" => self.method = Some(value),
            "write-out" => self.write_out = Some(value),
            "data" | "data-raw" | "data-binary" | "data-urlencode" | "json" => self.data.push(value),
            "header" => {
                let (name, value) = value.split_once(':').unwrap_or((&value, ""));
                self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            "max-time" => self.patience = Some(seconds(&value, "-m")?),
            "connect-timeout" => self.connect_patience = Some(seconds(&value, "--connect-timeout")?),
            "retry-delay" => self.retry_delay = Some(seconds(&value, "--retry-delay")?),
            "retry" => self.retries = value.parse().map_err(|_| no_number("--retry"))?,
            _ if LONG_VALUE.contains(&long) => {}
            _ => return Err(Wrong::Unsimulated(Unsimulated(format!("`curl --{long}`")))),
        }
        Ok(())
    }
}

const TRY: &str = "curl: try 'curl --help' or 'curl --manual' for more information";

/// The long name of an option that takes a value.
fn valued(letter: char) -> Option<&'static str> {
    Some(match letter {
        'o' => "output",
        'X' => "request",
        'w' => "write-out",
        'd' => "data",
        'H' => "header",
        'm' => "max-time",
        'A' => "user-agent",
        'e' => "referer",
        'F' => "form",
        'T' => "upload-file",
        'u' => "user",
        'x' => "proxy",
        'b' => "cookie",
        'c' => "cookie-jar",
        'K' => "config",
        'D' => "dump-header",
        _ => return None,
    })
}

fn is_valued(long: &str) -> bool {
    matches!(
        long,
        "url"
            | "output"
            | "request"
            | "write-out"
            | "data"
            | "data-raw"
            | "data-binary"
            | "data-urlencode"
            | "json"
            | "header"
            | "max-time"
            | "connect-timeout"
            | "retry"
            | "retry-delay"
    )
}

fn seconds(value: &str, option: &str) -> Result<Duration, Wrong> {
    let number: Option<f64> = value.parse().ok();
    number.and_then(|number| Duration::try_from_secs_f64(number).ok()).ok_or_else(|| no_number(option))
}

fn no_number(option: &str) -> Wrong {
    Wrong::Usage(format!("curl: option {option}: expected a proper numerical parameter\n{TRY}"))
}

fn unknown(option: &str) -> Wrong {
    Wrong::Usage(format!("curl: option {option}: is unknown\n{TRY}"))
}

fn lacks(option: &str) -> Wrong {
    Wrong::Usage(format!("curl: option {option}: requires parameter\n{TRY}"))
}
