//! The XML of `JUnit`: suites, cases, their ends. Valid whatever the texts are: what XML cannot hold is shown escaped, as on a terminal.

use std::fmt::Write as _;

use crate::report::visible;

/// A suite and its cases.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// When it began, without a zone: UTC.
    pub timestamp: String,
    /// The machine.
    pub hostname: String,
    /// Start to end, ms.
    pub took_ms: u64,
    /// Name and value, in order.
    pub properties: Vec<(String, String)>,
    /// In order.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is part of, with dots.
    pub class: String,
    /// Its name in that.
    pub name: String,
    /// How long it took, ms.
    pub took_ms: u64,
    /// How it ended.
    pub end: End,
    /// What it wrote, and what else there is to say.
    pub out: String,
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Well.
    Passed,
    /// Not as it should.
    Failed {
        /// In a word.
        kind: &'static str,
        /// In a line.
        message: String,
        /// In full.
        text: String,
    },
    /// Nobody can say how.
    Error {
        /// In a word.
        kind: &'static str,
        /// In a line.
        message: String,
        /// In full.
        text: String,
    },
    /// Not carried out: why.
    Skipped(String),
}

/// How many cases there are of each kind.
#[derive(Clone, Copy, Default)]
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

/// The whole document.
#[must_use]
pub fn document(name: &str, suites: &[Suite]) -> String {
    let all = suites.iter().map(counts).fold(Counts::default(), |sum, of| Counts {
        tests: sum.tests + of.tests,
        failures: sum.failures + of.failures,
        errors: sum.errors + of.errors,
        skipped: sum.skipped + of.skipped,
    });
    let time = suites.first().map_or(0, |suite| suite.took_ms);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let Counts { tests, failures, errors, .. } = all;
    let _ = writeln!(
        xml,
        r#"<testsuites name="{}" tests="{tests}" failures="{failures}" errors="{errors}" time="{}">"#,
        line(name),
        seconds(time)
    );
    for (id, suite) in suites.iter().enumerate() {
        self::suite(&mut xml, id, suite);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn counts(suite: &Suite) -> Counts {
    let of = |is: fn(&End) -> bool| suite.cases.iter().filter(|case| is(&case.end)).count();
    Counts {
        tests: suite.cases.len(),
        failures: of(|end| matches!(end, End::Failed { .. })),
        errors: of(|end| matches!(end, End::Error { .. })),
        skipped: of(|end| matches!(end, End::Skipped(_))),
    }
}

fn suite(xml: &mut String, id: usize, suite: &Suite) {
    let Counts { tests, failures, errors, skipped } = counts(suite);
    let Suite { name, timestamp, hostname, took_ms, properties, cases } = suite;
    let _ = write!(
        xml,
        r#"  <testsuite id="{id}" name="{}" tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}" time="{}""#,
        line(name),
        seconds(*took_ms)
    );
    let _ = writeln!(xml, r#" timestamp="{}" hostname="{}">"#, line(timestamp), line(hostname));
    if !properties.is_empty() {
        xml.push_str("    <properties>\n");
        for (name, value) in properties {
            let _ = writeln!(xml, r#"      <property name="{}" value="{}"/>"#, line(name), line(value));
        }
        xml.push_str("    </properties>\n");
    }
    for case in cases {
        self::case(xml, case);
    }
    xml.push_str("  </testsuite>\n");
}

fn case(xml: &mut String, case: &Case) {
    let Case { class, name, took_ms, end, out } = case;
    let _ =
        write!(xml, r#"    <testcase classname="{}" name="{}" time="{}""#, line(class), line(name), seconds(*took_ms));
    if *end == End::Passed && out.is_empty() {
        xml.push_str("/>\n");
        return;
    }
    xml.push_str(">\n");
    let mut ended = |element: &str, kind: &str, message: &str, text: &str| {
        let _ = writeln!(
            xml,
            r#"      <{element} type="{}" message="{}">{}</{element}>"#,
            line(kind),
            line(message),
            block(text)
        );
    };
    match end {
        End::Passed => {}
        End::Failed { kind, message, text } => ended("failure", kind, message, text),
        End::Error { kind, message, text } => ended("error", kind, message, text),
        End::Skipped(why) => {
            let _ = writeln!(xml, r#"      <skipped message="{}"/>"#, line(why));
        }
    }
    if !out.is_empty() {
        let _ = writeln!(xml, "      <system-out>{}</system-out>", block(out));
    }
    xml.push_str("    </testcase>\n");
}

/// With all of its milliseconds, without a sign for thousands.
fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// The value of an attribute.
fn line(text: &str) -> String {
    escape(&visible::line(text))
}

/// The content of an element.
fn block(text: &str) -> String {
    escape(&visible::block(text))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            // `]]>` must not stand in content.
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' => escaped.push_str("&#9;"),
            // No characters of XML 1.0; all others are shown by then.
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    escaped
}
