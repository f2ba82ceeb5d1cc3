//! Filters that say what a text or number is: `duration`, `timestamp`, `bytes`, `semver`, `int`, `float`, `bool`, `string`, …
//! None of them guesses.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, ErrorKind, State, Value};

use crate::template::quantity::{format_duration, parse_bytes, parse_duration, parse_timestamp};
use crate::template::value::{self, Own, Version, as_timestamp, kind, show, text, to_plain_json};

/// How far clocks may differ before a time in the future is a mistake.
const SKEW: TimeDelta = TimeDelta::minutes(5);

pub(super) fn add(environment: &mut Environment<'static>) {
    environment.add_filter("duration", duration);
    environment.add_filter("timestamp", timestamp);
    environment.add_filter("bytes", bytes);
    environment.add_filter("semver", semver);
    environment.add_filter("seconds", seconds);
    environment.add_filter("age", age);
    environment.add_filter("filesize", filesize);
    environment.add_filter("int", |value: &Value, default: Option<Value>, kwargs: Kwargs| int(value, default, &kwargs));
    environment
        .add_filter("float", |value: &Value, default: Option<Value>, kwargs: Kwargs| float(value, default, &kwargs));
    environment.add_filter("bool", boolean);
    environment.add_filter("string", string);
    environment.add_filter("tojson", tojson);
}

/// An error of a filter or test.
pub(super) fn fail(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

fn not_a(what: &str, value: &Value) -> Error {
    fail(format!("a {} ({}) is not a {what}", kind(value), show(value)))
}

fn duration(value: &Value) -> Result<Value, Error> {
    match (Own::of(value), value.as_str()) {
        (Some(Own::Duration(_)), _) => Ok(value.clone()),
        (_, Some(text)) => parse_duration(text).map(value::duration).map_err(fail),
        _ => Err(not_a("duration", value)),
    }
}

/// A whole number is seconds since 1970.
fn timestamp(value: &Value) -> Result<Value, Error> {
    if as_timestamp(value).is_some() {
        return Ok(value.clone());
    }
    if let Some(text) = value.as_str() {
        return parse_timestamp(text).map(value::timestamp).map_err(fail);
    }
    let at =
        value.as_i64().filter(|_| value.is_integer()).and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0));
    at.map(|at| value::timestamp(at.fixed_offset())).ok_or_else(|| not_a("timestamp", value))
}

fn bytes(value: &Value) -> Result<Value, Error> {
    if value::as_bytes(value).is_some() {
        return Ok(value.clone());
    }
    if let Some(text) = value.as_str() {
        return parse_bytes(text).map(value::bytes).map_err(fail);
    }
    u64::try_from(value.clone())
        .ok()
        .filter(|_| value.is_integer())
        .map(value::bytes)
        .ok_or_else(|| not_a("size", value))
}

fn semver(value: &Value) -> Result<Value, Error> {
    if let Some(Own::Version(_)) = Own::of(value) {
        return Ok(value.clone());
    }
    let version = value.as_str().and_then(Version::parse);
    version.map(|version| Own::Version(version).value()).ok_or_else(|| not_a("version like 1.2.3", value))
}

fn as_span(value: &Value) -> Result<Duration, Error> {
    value::as_duration(&duration(value)?).ok_or_else(|| not_a("duration", value))
}

fn seconds(value: &Value) -> Result<Value, Error> {
    let span = as_span(value)?;
    Ok(if span.subsec_nanos() == 0 { Value::from(span.as_secs()) } else { Value::from(span.as_secs_f64()) })
}

/// The time since; reads the time from the scope's name `now`.
fn age(state: &State, value: &Value) -> Result<Value, Error> {
    let now = state.get_temp("now").as_ref().and_then(as_timestamp);
    let now = now.ok_or_else(|| fail("the time (`now`) is not known here, so nothing has an age"))?;
    let at = as_timestamp(&timestamp(value)?).ok_or_else(|| not_a("timestamp", value))?;
    let age = now.signed_duration_since(at);
    match age.to_std() {
        Ok(age) => Ok(value::duration(age)),
        Err(_) if -age <= SKEW => Ok(value::duration(Duration::ZERO)),
        Err(_) => {
            let ahead = (-age).to_std().map(format_duration).unwrap_or_default();
            Err(fail(format!("{} is {ahead} in the future, so it has no age", show(value))))
        }
    }
}

/// `1.5 GiB`, for people.
fn filesize(value: &Value) -> Result<String, Error> {
    let bytes = value::as_bytes(&bytes(value)?).ok_or_else(|| not_a("size", value))?;
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let unit =
        units.iter().rev().enumerate().map(|(at, unit)| (6 - at, unit)).find(|(power, _)| bytes >> (10 * power) > 0);
    let (power, unit) = unit.unwrap_or((0, &"B"));
    let tenths = (u128::from(bytes) * 10) >> (10 * power);
    Ok(match (power, tenths % 10) {
        (0, _) | (_, 0) => format!("{} {unit}", tenths / 10),
        (_, tenth) => format!("{}.{tenth} {unit}", tenths / 10),
    })
}

/// `default=` instead of an error, for what is no number.
fn or_default(result: Result<Value, Error>, default: Option<Value>, kwargs: &Kwargs) -> Result<Value, Error> {
    let default = match default {
        Some(default) => Some(default),
        None => kwargs.get::<Option<Value>>("default")?,
    };
    kwargs.assert_all_used()?;
    match (result, default) {
        (Err(_), Some(default)) => Ok(default),
        (result, _) => result,
    }
}

fn int(value: &Value, default: Option<Value>, kwargs: &Kwargs) -> Result<Value, Error> {
    let result = match value.as_str() {
        Some(text) => text.trim().parse::<i64>().map(Value::from).map_err(|_| not_a("whole number", value)),
        None if value.is_integer() => Ok(value.clone()),
        None if kind(value) == "number" => {
            let float = f64::try_from(value.clone()).unwrap_or(f64::NAN).trunc();
            #[expect(
                clippy::cast_possible_truncation,
                reason = "guarded: within ±2^53, where every whole number is exact"
            )]
            let int = (float.abs() <= 9_007_199_254_740_992.0).then_some(float as i64);
            int.map(Value::from).ok_or_else(|| not_a("whole number", value))
        }
        None => Err(not_a("whole number", value)),
    };
    or_default(result, default, kwargs)
}

fn float(value: &Value, default: Option<Value>, kwargs: &Kwargs) -> Result<Value, Error> {
    let number = match value.as_str() {
        Some(text) => text.trim().parse::<f64>().ok(),
        None if kind(value) == "number" => f64::try_from(value.clone()).ok(),
        None => None,
    };
    let result = number.filter(|number| number.is_finite()).map(Value::from).ok_or_else(|| not_a("number", value));
    or_default(result, default, kwargs)
}

/// Only `true` and `false`, as texts or booleans.
fn boolean(value: &Value) -> Result<bool, Error> {
    match (value::as_bool(value), value.as_str().map(str::trim)) {
        (Some(bool), _) => Ok(bool),
        (_, Some("true")) => Ok(true),
        (_, Some("false")) => Ok(false),
        _ => Err(not_a("boolean", value)),
    }
}

fn string(value: &Value) -> Result<String, Error> {
    text(value)
        .ok_or_else(|| fail(format!("a {} ({}) has no text; `| tojson` writes it as JSON", kind(value), show(value))))
}

fn tojson(value: &Value) -> String {
    to_plain_json(value).to_string()
}
