//! `+ - * / // % ** ~`, also over durations, sizes and timestamps. Nothing is converted silently.

use std::time::Duration;

use chrono::TimeDelta;
use minijinja::Value;

use super::node::Math;
use crate::template::value::{Own, items, kind, show, text};

/// The result.
///
/// # Errors
/// Kinds that do not go together, overflow, division by zero; says both values.
pub(super) fn calculate(math: Math, left: &Value, right: &Value) -> Result<Value, String> {
    if math == Math::Concat {
        return concat(left, right);
    }
    let result = match (kind(left), kind(right)) {
        ("number", "number") => numbers(math, left, right),
        ("text", "text") if math == Math::Add => return concat(left, right),
        ("list", "list") if math == Math::Add => {
            let joined = [items(left).unwrap_or_default(), items(right).unwrap_or_default()].concat();
            Some(Value::from(joined))
        }
        _ => own(math, left, right),
    };
    result.ok_or_else(|| {
        let sign = sign(math);
        match (kind(left), kind(right)) {
            (a, b) if a == b && a == "number" => format!("`{} {sign} {}` has no result", show(left), show(right)),
            (a, b) => format!("`{sign}` does not go with a {a} ({}) and a {b} ({})", show(left), show(right)),
        }
    })
}

/// `-x`.
pub(super) fn negate(value: &Value) -> Result<Value, String> {
    if kind(value) != "number" {
        return Err(format!("`-` does not go with a {} ({})", kind(value), show(value)));
    }
    numbers(Math::Sub, &Value::from(0), value).ok_or_else(|| format!("`-{}` has no result", show(value)))
}

fn sign(math: Math) -> &'static str {
    match math {
        Math::Add => "+",
        Math::Sub => "-",
        Math::Mul => "*",
        Math::Div => "/",
        Math::FloorDiv => "//",
        Math::Rem => "%",
        Math::Pow => "**",
        Math::Concat => "~",
    }
}

fn concat(left: &Value, right: &Value) -> Result<Value, String> {
    let part = |value: &Value| text(value).ok_or_else(|| format!("a {} ({}) has no text", kind(value), show(value)));
    Ok(Value::from(part(left)? + &part(right)?))
}

fn numbers(math: Math, left: &Value, right: &Value) -> Option<Value> {
    if math != Math::Div && left.is_integer() && right.is_integer() {
        let (a, b) = (i128::try_from(left.clone()).ok()?, i128::try_from(right.clone()).ok()?);
        let result = match math {
            Math::Add => a.checked_add(b)?,
            Math::Sub => a.checked_sub(b)?,
            Math::Mul => a.checked_mul(b)?,
            Math::FloorDiv => floor_div(a, b)?,
            Math::Rem => a.checked_sub(floor_div(a, b)?.checked_mul(b)?)?,
            Math::Pow => a.checked_pow(u32::try_from(b).ok()?)?,
            Math::Div | Math::Concat => return None,
        };
        return Some(i64::try_from(result).map_or_else(|_| Value::from(result), Value::from));
    }
    let (a, b) = (f64::try_from(left.clone()).ok()?, f64::try_from(right.clone()).ok()?);
    let result = match math {
        Math::Add => a + b,
        Math::Sub => a - b,
        Math::Mul => a * b,
        Math::Div => a / b,
        Math::FloorDiv => (a / b).floor(),
        Math::Rem => a - (a / b).floor() * b,
        Math::Pow => a.powf(b),
        Math::Concat => return None,
    };
    result.is_finite().then(|| Value::from(result))
}

fn floor_div(a: i128, b: i128) -> Option<i128> {
    let quotient = a.checked_div(b)?;
    if a.checked_rem(b)? != 0 && (a < 0) != (b < 0) { quotient.checked_sub(1) } else { Some(quotient) }
}

fn own(math: Math, left: &Value, right: &Value) -> Option<Value> {
    use Own::{Bytes, Duration as Span, Timestamp};
    let factor = |value: &Value| (kind(value) == "number").then(|| f64::try_from(value.clone()).ok()).flatten();
    let result = match (math, Own::of(left), Own::of(right)) {
        (Math::Add, Some(Span(a)), Some(Span(b))) => Span(a.checked_add(*b)?),
        (Math::Sub, Some(Span(a)), Some(Span(b))) => Span(a.checked_sub(*b)?),
        (Math::Div, Some(Span(a)), Some(Span(b))) if !b.is_zero() => {
            return Some(Value::from(a.as_secs_f64() / b.as_secs_f64()));
        }
        (Math::Mul, Some(Span(a)), None) => Span(Duration::try_from_secs_f64(a.as_secs_f64() * factor(right)?).ok()?),
        (Math::Mul, None, Some(Span(b))) => Span(Duration::try_from_secs_f64(b.as_secs_f64() * factor(left)?).ok()?),
        (Math::Div, Some(Span(a)), None) => Span(Duration::try_from_secs_f64(a.as_secs_f64() / factor(right)?).ok()?),
        (Math::Add, Some(Timestamp(at)), Some(Span(by))) | (Math::Add, Some(Span(by)), Some(Timestamp(at))) => {
            Timestamp(at.checked_add_signed(TimeDelta::from_std(*by).ok()?)?)
        }
        (Math::Sub, Some(Timestamp(at)), Some(Span(by))) => {
            Timestamp(at.checked_sub_signed(TimeDelta::from_std(*by).ok()?)?)
        }
        (Math::Sub, Some(Timestamp(later)), Some(Timestamp(earlier))) => {
            Span(later.signed_duration_since(earlier).to_std().ok()?)
        }
        (Math::Add, Some(Bytes(a)), Some(Bytes(b))) => Bytes(a.checked_add(*b)?),
        (Math::Sub, Some(Bytes(a)), Some(Bytes(b))) => Bytes(a.checked_sub(*b)?),
        (Math::Mul, Some(Bytes(a)), None) => Bytes(a.checked_mul(u64::try_from(right.clone()).ok()?)?),
        (Math::Mul, None, Some(Bytes(b))) => Bytes(b.checked_mul(u64::try_from(left.clone()).ok()?)?),
        _ => return None,
    };
    Some(result.value())
}
