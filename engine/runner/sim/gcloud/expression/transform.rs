//! Transforms: `zone.basename()`.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Bad;
use super::key::{Key, is_true, shown};
use super::lexer::Lexer;

/// Transforms of the client that this world does not know.
const OTHERS: [&str; 31] = [
    "always",
    "collection",
    "color",
    "count",
    "decode",
    "duration",
    "encode",
    "enum",
    "error",
    "extract",
    "fatal",
    "filter",
    "float",
    "format",
    "group",
    "if",
    "map",
    "name",
    "notnull",
    "project",
    "quota",
    "regex",
    "resolution",
    "size",
    "slice",
    "sort",
    "sub",
    "synthesize",
    "trailoff",
    "uri",
    "flatten",
];

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub name: &'static str,
    work: Work,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Work {
    BaseName { undefined: String },
    Scope(Vec<String>),
    Segment { index: i64, undefined: String },
    List { separator: String, undefined: String },
    Join { separator: String },
    Length,
    YesNo { yes: Option<String>, no: String },
    FirstOf(Vec<Key>),
    Date { format: Option<String> },
    Lower,
    Upper,
    Split { separator: String },
    Location,
    LocationScope,
    MachineType,
    InternalIp,
    ExternalIp,
    AddressRange,
    HttpStatus,
    Records,
    SqlAddress(&'static str),
}

/// Reads a call; none: the client knows no such transform.
///
/// # Errors
/// This world does not know it, or an argument of it.
pub fn parse_call(name: &str, arguments: Vec<String>) -> Result<Option<Call>, Bad> {
    let mut given = Given { name, arguments };
    let (name, work) = match name {
        "basename" => ("basename", Work::BaseName { undefined: given.take("undefined", "") }),
        "scope" => ("scope", Work::Scope(std::mem::take(&mut given.arguments))),
        "segment" => {
            let index = given.take("index", "-1").parse().unwrap_or(-1);
            ("segment", Work::Segment { index, undefined: given.take("undefined", "") })
        }
        "list" => {
            let separator = given.take_named("separator").unwrap_or_else(|| ",".to_owned());
            ("list", Work::List { separator, undefined: given.take_named("undefined").unwrap_or_default() })
        }
        "join" => ("join", Work::Join { separator: given.take("sep", "/") }),
        "len" => ("len", Work::Length),
        "yesno" => {
            let yes = given.take_named("yes");
            ("yesno", Work::YesNo { yes, no: given.take_named("no").unwrap_or_else(|| "No".to_owned()) })
        }
        "firstof" => ("firstof", Work::FirstOf(given.keys()?)),
        "date" => ("date", Work::Date { format: Some(given.take("format", "%Y-%m-%dT%H:%M:%S")) }),
        "iso" => ("iso", Work::Date { format: None }),
        "lower" => ("lower", Work::Lower),
        "upper" => ("upper", Work::Upper),
        "split" => ("split", Work::Split { separator: given.take("sep", "/") }),
        "location" => ("location", Work::Location),
        "location_scope" => ("location_scope", Work::LocationScope),
        "machine_type" => ("machine_type", Work::MachineType),
        "internal_ip" => ("internal_ip", Work::InternalIp),
        "external_ip" => ("external_ip", Work::ExternalIp),
        "address_range" => ("address_range", Work::AddressRange),
        "operation_http_status" => ("operation_http_status", Work::HttpStatus),
        "formatrrset" => ("formatrrset", Work::Records),
        "primary_address" => ("primary_address", Work::SqlAddress("PRIMARY")),
        "private_address" => ("private_address", Work::SqlAddress("PRIVATE")),
        other if OTHERS.contains(&other) => return Err(Bad::unsimulated(format!("transform `{other}()`"))),
        _ => return Ok(None),
    };
    match given.arguments.first() {
        Some(argument) => Err(Bad::unsimulated(format!("`{argument}` of transform `{name}()`"))),
        None => Ok(Some(Call { name, work })),
    }
}

/// The arguments of a call.
struct Given<'n> {
    name: &'n str,
    arguments: Vec<String>,
}

impl Given<'_> {
    /// An argument by its name, or the first without one.
    fn take(&mut self, name: &str, default: &str) -> String {
        let named = self.take_named(name);
        let next = || {
            let place = self.arguments.iter().position(|argument| !argument.contains('='))?;
            Some(self.arguments.remove(place))
        };
        named.or_else(next).unwrap_or_else(|| default.to_owned())
    }

    fn take_named(&mut self, name: &str) -> Option<String> {
        let value =
            |argument: &String| argument.split_once('=').filter(|(known, _)| *known == name).map(|(_, v)| v.to_owned());
        let place = self.arguments.iter().position(|argument| value(argument).is_some())?;
        value(&self.arguments.remove(place))
    }

    fn keys(&mut self) -> Result<Vec<Key>, Bad> {
        let keys = std::mem::take(&mut self.arguments).into_iter().map(|text| match Lexer::new(&text).key()? {
            (key, calls) if calls.is_empty() => Ok(key),
            _ => Err(Bad::unsimulated(format!("`{text}` in `{}()`", self.name))),
        });
        keys.collect()
    }
}

/// Applies transforms one after the other.
pub fn apply(calls: &[Call], value: &Value) -> Value {
    match calls.split_first() {
        None => value.clone(),
        Some((first, rest)) => rest.iter().fold(first.apply(value), |value, call| call.apply(&value)),
    }
}

impl Call {
    fn apply(&self, value: &Value) -> Value {
        match &self.work {
            Work::BaseName { undefined } => base_name(value, undefined),
            Work::Scope(scopes) => scope(value, scopes).into(),
            Work::Segment { index, undefined } => segment(value, *index).unwrap_or_else(|| undefined.clone()).into(),
            Work::List { separator, undefined } => list(value, separator, undefined),
            Work::Join { separator } => match value {
                Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(separator).into(),
                _ => "".into(),
            },
            Work::Length => length(value).into(),
            Work::YesNo { yes, no } => match (is_true(value), yes) {
                (true, None) => value.clone(),
                (true, Some(yes)) => yes.clone().into(),
                (false, _) => no.clone().into(),
            },
            Work::FirstOf(keys) => {
                let mut found = keys.iter().map(|key| key.get(value)).filter(|value| !value.is_null());
                found.next().map_or_else(|| "".into(), std::borrow::Cow::into_owned)
            }
            Work::Date { format } => date(value, format.as_deref()).into(),
            Work::Lower => shown(value).to_lowercase().into(),
            Work::Upper => shown(value).to_uppercase().into(),
            Work::Split { separator } => shown(value).split(separator.as_str()).map(Value::from).collect(),
            Work::Location => location(value).map_or_else(|| "".into(), |(_, place)| place.into()),
            Work::LocationScope => location(value).map_or("", |(scope, _)| scope).into(),
            Work::MachineType => value.clone(),
            Work::InternalIp => text(&value[0]["networkIP"]).into(),
            Work::ExternalIp => text(&value["networkInterfaces"][0]["accessConfigs"][0]["natIP"]).into(),
            Work::AddressRange => text(&value["address"]).into(),
            Work::HttpStatus => match (value["status"].as_str(), value["httpErrorStatusCode"].as_u64()) {
                (Some("DONE"), status) => status.unwrap_or(200).into(),
                _ => "".into(),
            },
            Work::Records => match value {
                Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(",").into(),
                other => other.clone(),
            },
            Work::SqlAddress(kind) => {
                let all = value["ipAddresses"].as_array().into_iter().flatten();
                let found: Vec<&str> =
                    all.filter(|address| address["type"] == *kind).map(|address| text(&address["ipAddress"])).collect();
                if found.is_empty() { "-".into() } else { found.join(",").into() }
            }
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn base_name(value: &Value, undefined: &str) -> Value {
    match value {
        Value::Array(items) if !items.is_empty() => items.iter().map(|item| base_name(item, "")).collect(),
        value if !is_true(value) => undefined.into(),
        value => {
            let text = shown(value);
            text.rsplit('/').next().unwrap_or(&text).into()
        }
    }
}

fn scope(value: &Value, scopes: &[String]) -> String {
    if !is_true(value) {
        return String::new();
    }
    let text = shown(value);
    let usual = ["regions".to_owned(), "zones".to_owned()];
    let scopes = if scopes.is_empty() { &usual } else { scopes };
    let behind =
        scopes.iter().find_map(|scope| text.rsplit_once(&format!("/{scope}/")).map(|(_, rest)| rest.to_owned()));
    let last = || text.starts_with("https://").then(|| text.rsplit('/').next().unwrap_or_default().to_owned());
    behind.or_else(last).unwrap_or(text)
}

fn segment(value: &Value, index: i64) -> Option<String> {
    let text = if is_true(value) { shown(value) } else { return None };
    let parts: Vec<&str> = text.split('/').collect();
    let length = i64::try_from(parts.len()).unwrap_or(i64::MAX);
    let place = usize::try_from(if index < 0 { index + length } else { index }).ok()?;
    parts.get(place).filter(|part| !part.is_empty()).map(|part| (*part).to_owned())
}

fn list(value: &Value, separator: &str, undefined: &str) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key}={}", shown(value))).collect();
            fields.sort();
            fields.join(separator).into()
        }
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(separator).into(),
        value if is_true(value) => value.clone(),
        _ => undefined.into(),
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    }
}

fn location(value: &Value) -> Option<(&'static str, &str)> {
    let place = |scope: &'static str| {
        let place = value[scope].as_str().filter(|place| !place.is_empty())?;
        Some((scope, place.rsplit('/').next().unwrap_or(place)))
    };
    place("zone").or_else(|| place("region"))
}

/// A moment in another form; none: as ISO 8601 with milliseconds and its own zone.
fn date(value: &Value, format: Option<&str>) -> String {
    let undefined = if format.is_none() { "T" } else { "" };
    let Some(moment) = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok()) else {
        return undefined.to_owned();
    };
    let Some(format) = format else { return moment.format("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string() };
    let mut text = String::new();
    // An unknown letter is the format's own fault; the text stays as far as it came.
    let _ = std::fmt::Write::write_fmt(&mut text, format_args!("{}", moment.format(format)));
    text
}

/// A moment of an expression: RFC 3339, a date, or a distance from now (`-P1D`, `-PT2H`, `-p1w`).
pub fn moment(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let utc = |naive: chrono::NaiveDateTime| naive.and_utc();
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(naive) = chrono::NaiveDateTime::parse_from_str(text, format) {
            return Some(utc(naive));
        }
    }
    if let Ok(day) = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return day.and_hms_opt(0, 0, 0).map(utc);
    }
    let (sign, distance) = match text.strip_prefix('-') {
        Some(distance) => (-1, distance),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let seconds = duration(distance)?.checked_mul(sign)?;
    now.checked_add_signed(chrono::TimeDelta::try_seconds(seconds)?)
}

/// An ISO 8601 duration in seconds; months and years are not known here.
fn duration(text: &str) -> Option<i64> {
    let text = text.to_ascii_uppercase();
    let (days, time) = text.strip_prefix('P')?.split_once('T').unwrap_or((text.strip_prefix('P')?, ""));
    let part = |text: &str, units: &[(char, i64)]| -> Option<i64> {
        let (mut sum, mut number) = (0_i64, String::new());
        for c in text.chars() {
            if c.is_ascii_digit() {
                number.push(c);
                continue;
            }
            let (_, seconds) = units.iter().find(|(unit, _)| *unit == c)?;
            sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(*seconds)?)?;
            number.clear();
        }
        number.is_empty().then_some(sum)
    };
    let (days, time) =
        (part(days, &[('W', 604_800), ('D', 86_400)])?, part(time, &[('H', 3600), ('M', 60), ('S', 1)])?);
    days.checked_add(time)
}
