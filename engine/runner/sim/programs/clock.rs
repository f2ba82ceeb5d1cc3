//! `date`, `sleep`, `uptime`, and how times are written.

use std::time::Duration;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};

use super::super::process::{Process, Unsimulated};
use super::flags::Spec;
use super::{Done, Halt};

/// A time by a format of `date`; none: there is a directive that is not known. The machines of this world keep UTC.
pub fn format(time: DateTime<Utc>, format: &str) -> Option<String> {
    let mut written = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            written.push(c);
            continue;
        }
        let mut directive = chars.next()?;
        let mut unpadded = false;
        if directive == '-' {
            unpadded = true;
            directive = chars.next()?;
        }
        let value = match directive {
            '3' | '6' if chars.peek() == Some(&'N') => {
                chars.next();
                let digits = usize::try_from(directive.to_digit(10)?).ok()?;
                format!("{:09}", time.timestamp_subsec_nanos())[..digits].to_owned()
            }
            ':' if chars.peek() == Some(&'z') => {
                chars.next();
                "+00:00".to_owned()
            }
            '%' => "%".to_owned(),
            'n' => "\n".to_owned(),
            't' => "\t".to_owned(),
            's' => time.timestamp().to_string(),
            'N' => format!("{:09}", time.timestamp_subsec_nanos()),
            'Z' => "UTC".to_owned(),
            'z' => "+0000".to_owned(),
            'q' => ((time.month() - 1) / 3 + 1).to_string(),
            'Y' | 'm' | 'd' | 'H' | 'M' | 'S' | 'F' | 'T' | 'D' | 'R' | 'j' | 'a' | 'A' | 'b' | 'B' | 'h' | 'e'
            | 'y' | 'I' | 'p' | 'u' | 'w' | 'k' | 'l' | 'C' | 'G' | 'V' | 'g' => {
                time.format(&format!("%{directive}")).to_string()
            }
            'c' => time.format("%a %b %e %H:%M:%S %Y").to_string(),
            'x' => time.format("%m/%d/%y").to_string(),
            'X' => time.format("%H:%M:%S").to_string(),
            _ => return None,
        };
        written.push_str(if unpadded { trimmed(&value) } else { &value });
    }
    Some(written)
}

/// A number without what pads it.
fn trimmed(value: &str) -> &str {
    match value.trim_start_matches(['0', ' ']) {
        "" => "0",
        value => value,
    }
}

const DATE: Spec = Spec {
    program: "date",
    options: &[
        "u,utc,universal",
        "d,date=",
        "r,reference=",
        "R,rfc-email",
        "I,iso-8601=?",
        "rfc-3339=",
        "!s,set=",
        "!f,file=",
        "!debug",
    ],
    usage: 1,
    stops: false,
};

/// `date`
pub fn date(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = DATE.read(process, arguments)?;
    let time = match (told.value("r"), told.value("d")) {
        (Some(file), _) => match process.node(file) {
            Ok(node) => node.modified,
            Err(error) => {
                let message = format!("date: {file}: {error}");
                process.complain(message);
                return Ok(1);
            }
        },
        (None, Some(text)) => match moment(process.world.now(), text) {
            Some(time) => time,
            None => return Err(Unsimulated(format!("`date -d '{text}'`")).into()),
        },
        (None, None) => process.world.now(),
    };
    let wanted = match told.operands.as_slice() {
        [] if told.has("R") => "%a, %d %b %Y %H:%M:%S +0000",
        [] if told.has("I") => match told.value("I") {
            None | Some("date") => "%F",
            Some("seconds") => "%FT%T+00:00",
            Some("minutes") => "%FT%H:%M+00:00",
            Some("hours") => "%FT%H+00:00",
            Some(other) => return Err(Unsimulated(format!("`date -I{other}`")).into()),
        },
        [] if told.has("rfc-3339") => match told.value("rfc-3339") {
            Some("seconds") => "%F %T+00:00",
            _ => "%F",
        },
        [] => "%a %b %e %H:%M:%S UTC %Y",
        [wanted] if wanted.starts_with('+') => &wanted[1..],
        [other] => return Err(Unsimulated(format!("`date {other}`: it would set the clock")).into()),
        [_, extra, ..] => {
            process.complain(format!("date: extra operand '{extra}'"));
            process.complain("Try 'date --help' for more information.");
            return Ok(1);
        }
    };
    match format(time, wanted) {
        Some(text) => {
            process.say(text);
            Ok(0)
        }
        None => Err(Unsimulated(format!("`date +{wanted}`")).into()),
    }
}

/// The moment that a text of `date -d` means; none: it is not understood.
pub fn moment(now: DateTime<Utc>, text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    absolute(now, text).or_else(|| relative(now, &text.to_lowercase())).or_else(|| {
        // A date, and so much before or after it.
        let (at, _) = text.rmatch_indices([' ']).find(|(at, _)| absolute(now, &text[..*at]).is_some())?;
        relative(absolute(now, &text[..at])?, &text[at..].to_lowercase())
    })
}

fn absolute(now: DateTime<Utc>, text: &str) -> Option<DateTime<Utc>> {
    if let Some(seconds) = text.strip_prefix('@') {
        let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
        let nanos = format!("{part:0<9}").get(..9)?.parse().ok()?;
        return DateTime::from_timestamp(whole.parse().ok()?, nanos);
    }
    let lower = text.to_lowercase();
    let midnight = |date: NaiveDate| date.and_hms_opt(0, 0, 0).map(|time| time.and_utc());
    match lower.as_str() {
        "now" | "today" | "" => return Some(now),
        "yesterday" => return now.checked_sub_signed(TimeDelta::days(1)),
        "tomorrow" => return now.checked_add_signed(TimeDelta::days(1)),
        _ => {}
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let plain = text
        .strip_suffix("UTC")
        .or_else(|| text.strip_suffix('Z'))
        .or_else(|| text.strip_suffix("+00:00"))
        .or_else(|| text.strip_suffix("+0000"))
        .unwrap_or(text)
        .trim_end();
    for form in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(plain, form) {
            return Some(time.and_utc());
        }
    }
    if let Ok(time) = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %z") {
        return Some(time.to_utc());
    }
    for form in ["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"] {
        if let Ok(date) = NaiveDate::parse_from_str(plain, form) {
            return midnight(date);
        }
    }
    None
}

/// `2 days ago`, `-1 hour`, `now + 3 minutes`
fn relative(now: DateTime<Utc>, text: &str) -> Option<DateTime<Utc>> {
    let spaced = text.replace('+', " + ").replace('-', " - ");
    let mut words: Vec<&str> = spaced.split_ascii_whitespace().collect();
    let mut ago = false;
    if words.last() == Some(&"ago") {
        words.pop();
        ago = true;
    }
    if matches!(words.first(), Some(&("now" | "today"))) {
        words.remove(0);
    }
    if matches!(words.first(), Some(&("last" | "next"))) {
        let sign = if words[0] == "last" { "-" } else { "+" };
        words.splice(..1, [sign, "1"]);
    }
    let (mut at, mut time) = (0, now);
    while at < words.len() {
        let mut sign = if ago { -1 } else { 1 };
        if matches!(words[at], "+" | "-") {
            sign *= if words[at] == "-" { -1 } else { 1 };
            at += 1;
        }
        let number: i64 = words.get(at)?.parse().ok()?;
        let unit = words.get(at + 1)?;
        at += 2;
        let seconds = match unit.trim_end_matches('s') {
            "second" | "sec" => 1,
            "minute" | "min" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            "week" => 604_800,
            _ => return None,
        };
        let delta = TimeDelta::try_seconds(number.checked_mul(seconds)?.checked_mul(sign)?)?;
        time = time.checked_add_signed(delta)?;
    }
    Some(time)
}

/// A duration as `sleep` and `timeout` read it: `1.5`, `10s`, `2m`, `infinity`; none: it is not one.
pub fn duration(text: &str) -> Option<Duration> {
    if text == "infinity" || text == "inf" {
        return Some(Duration::from_secs(u64::from(u32::MAX)));
    }
    let (digits, unit) = match text.chars().next_back()? {
        's' => (&text[..text.len() - 1], 1.0),
        'm' => (&text[..text.len() - 1], 60.0),
        'h' => (&text[..text.len() - 1], 3_600.0),
        'd' => (&text[..text.len() - 1], 86_400.0),
        _ => (text, 1.0),
    };
    let is_number = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let seconds: f64 = digits.parse().ok().filter(|_| is_number)?;
    Duration::try_from_secs_f64(seconds * unit).ok()
}

/// `sleep`
pub fn sleep(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const SLEEP: Spec = Spec { program: "sleep", options: &[], usage: 1, stops: false };
    let told = SLEEP.read(process, arguments)?;
    if told.operands.is_empty() {
        return Err(SLEEP.missing_operand(process));
    }
    for operand in &told.operands {
        let Some(duration) = duration(operand) else {
            process.complain(format!("sleep: invalid time interval '{operand}'"));
            process.complain("Try 'sleep --help' for more information.");
            return Err(Halt::Exit(1));
        };
        process.world.pass(duration);
    }
    Ok(0)
}

/// `uptime`
pub fn uptime(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const UPTIME: Spec = Spec { program: "uptime", options: &["s,since", "p,pretty"], usage: 1, stops: false };
    let told = UPTIME.read(process, arguments)?;
    let now = process.world.now();
    let booted = process.world.machine(&process.place.machine).map_or(now, |machine| machine.booted);
    let up = now.signed_duration_since(booted).max(TimeDelta::zero());
    if told.has("s") {
        process.say(format(booted, "%F %T").unwrap_or_default());
        return Ok(0);
    }
    let (days, hours, minutes) = (up.num_days(), up.num_hours() % 24, up.num_minutes() % 60);
    if told.has("p") {
        process.say(format!("up {days} days, {hours} hours, {minutes} minutes"));
        return Ok(0);
    }
    let clock = format!("{:02}:{:02}:{:02}", now.hour(), now.minute(), now.second());
    process.say(format!(" {clock} up {days} days, {hours:2}:{minutes:02},  1 user,  load average: 0.10, 0.08, 0.05"));
    Ok(0)
}
