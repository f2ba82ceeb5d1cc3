//! Operators of SQL between two values.

use std::cmp::Ordering;

use super::ast::{Binary, Expr, Type};
use super::eval::{Evaluator, Scope, cast};
use super::number::Numeric;
use super::value::{Interval, Value};
use super::{Fail, SqlError};

/// The value of two expressions with an operator between them.
pub fn binary(
    evaluator: &mut Evaluator<'_, '_>,
    operator: Binary,
    left: &Expr,
    right: &Expr,
    scope: &Scope<'_>,
) -> Result<Value, Fail> {
    match operator {
        Binary::And => return logic(evaluator, left, right, scope, false),
        Binary::Or => return logic(evaluator, left, right, scope, true),
        _ => {}
    }
    let (left, right) = (evaluator.value(left, scope)?, evaluator.value(right, scope)?);
    if left.is_null() || right.is_null() {
        return Ok(Value::Null);
    }
    let ordered = |is: fn(Ordering) -> bool| -> Result<Value, Fail> {
        Ok(compare(&left, &right)?.map_or(Value::Null, |order| Value::Bool(is(order))))
    };
    match operator {
        Binary::Equal => ordered(Ordering::is_eq),
        Binary::Unequal => ordered(Ordering::is_ne),
        Binary::Less => ordered(Ordering::is_lt),
        Binary::LessOrEqual => ordered(Ordering::is_le),
        Binary::Greater => ordered(Ordering::is_gt),
        Binary::GreaterOrEqual => ordered(Ordering::is_ge),
        Binary::Join => Ok(Value::Text(format!("{left}{right}"))),
        _ => arithmetic(operator, left, right),
    }
}

/// `and` is decided by a false side, `or` by a true one; the right side is not looked at when the left one decides.
fn logic(
    evaluator: &mut Evaluator<'_, '_>,
    left: &Expr,
    right: &Expr,
    scope: &Scope<'_>,
    decides: bool,
) -> Result<Value, Fail> {
    let left = evaluator.truth(left, scope)?;
    if left == Some(decides) {
        return Ok(Value::Bool(decides));
    }
    Ok(match (left, evaluator.truth(right, scope)?) {
        (_, Some(right)) if right == decides => Value::Bool(decides),
        (Some(_), Some(_)) => Value::Bool(!decides),
        _ => Value::Null,
    })
}

pub fn negate(value: Value) -> Result<Value, Fail> {
    Ok(match value {
        Value::Null => Value::Null,
        Value::Int(number) => Value::Int(number.checked_neg().ok_or_else(out_of_range)?),
        Value::Numeric(number) => Value::Numeric(number.negate()),
        Value::Interval(interval) => Value::Interval(interval.times(-1).ok_or_else(out_of_range)?),
        other => return Err(Fail::unknown(&format!("- {other}"))),
    })
}

fn out_of_range() -> SqlError {
    SqlError::new("bigint out of range")
}

/// A text beside a value of another type is read as one of that type.
fn alike(left: Value, right: Value) -> Result<(Value, Value), Fail> {
    let named = |value: &Value| match value {
        Value::Int(_) => Some(Type::Int),
        Value::Numeric(_) => Some(Type::Numeric),
        Value::Time(_) => Some(Type::Time),
        Value::Interval(_) => Some(Type::Interval),
        Value::Bool(_) => Some(Type::Bool),
        Value::Lsn(_) => Some(Type::Lsn),
        Value::Null | Value::Text(_) | Value::Json(_) => None,
    };
    Ok(match (&left, &right) {
        (Value::Text(_), other) if named(other).is_some() => {
            let named = named(other).unwrap_or(Type::Text);
            (cast(left, named)?, right)
        }
        (other, Value::Text(_)) if named(other).is_some() => {
            let named = named(other).unwrap_or(Type::Text);
            (left, cast(right, named)?)
        }
        _ => (left, right),
    })
}

fn arithmetic(operator: Binary, left: Value, right: Value) -> Result<Value, Fail> {
    // A text beside a moment is a span of time.
    let (left, right) = match (left, right) {
        (Value::Time(time), Value::Text(text)) => (Value::Time(time), cast(Value::Text(text), Type::Interval)?),
        (left, right) => alike(left, right)?,
    };
    let whole = |number: Option<i64>| Ok(Value::Int(number.ok_or_else(out_of_range)?));
    let interval = |interval: Option<Interval>| {
        interval.map(Value::Interval).ok_or_else(|| SqlError::new("interval out of range").into())
    };
    let time = |time: Option<chrono::DateTime<chrono::Utc>>| {
        time.map(Value::Time).ok_or_else(|| SqlError::new("timestamp out of range").into())
    };
    match (operator, left, right) {
        (Binary::Plus, Value::Int(left), Value::Int(right)) => whole(left.checked_add(right)),
        (Binary::Minus, Value::Int(left), Value::Int(right)) => whole(left.checked_sub(right)),
        (Binary::Times, Value::Int(left), Value::Int(right)) => whole(left.checked_mul(right)),
        (Binary::Over | Binary::Modulo, Value::Int(_), Value::Int(0)) => Err(SqlError::new("division by zero").into()),
        (Binary::Over, Value::Int(left), Value::Int(right)) => whole(left.checked_div(right)),
        (Binary::Modulo, Value::Int(left), Value::Int(right)) => whole(left.checked_rem(right)),
        (Binary::Plus, Value::Interval(left), Value::Interval(right)) => interval(left.plus(right)),
        (Binary::Minus, Value::Interval(left), Value::Interval(right)) => {
            interval(right.times(-1).and_then(|right| left.plus(right)))
        }
        (Binary::Times, Value::Interval(span), Value::Int(factor))
        | (Binary::Times, Value::Int(factor), Value::Interval(span)) => interval(span.times(factor)),
        (Binary::Plus, Value::Time(moment), Value::Interval(span))
        | (Binary::Plus, Value::Interval(span), Value::Time(moment)) => time(span.after(moment)),
        (Binary::Minus, Value::Time(moment), Value::Interval(span)) => {
            time(span.times(-1).and_then(|span| span.after(moment)))
        }
        (Binary::Minus, Value::Time(left), Value::Time(right)) => Ok(Value::Interval(Interval::between(left, right))),
        (Binary::Minus, Value::Lsn(left), Value::Lsn(right)) => {
            Ok(Value::Numeric(Numeric { digits: i128::from(left) - i128::from(right), scale: 0 }))
        }
        (operator, left, right) => {
            let (Some(one), Some(other)) = (left.numeric(), right.numeric()) else {
                return Err(Fail::unknown(&format!("{left} {operator:?} {right}")));
            };
            numeric(operator, one, other)
        }
    }
}

fn numeric(operator: Binary, left: Numeric, right: Numeric) -> Result<Value, Fail> {
    if right.digits == 0 && matches!(operator, Binary::Over | Binary::Modulo) {
        return Err(SqlError::new("division by zero").into());
    }
    let result = match operator {
        Binary::Plus => left.add(right),
        Binary::Minus => left.add(right.negate()),
        Binary::Times => left.multiply(right),
        Binary::Over => left.divide(right),
        _ => None,
    };
    result.map(Value::Numeric).ok_or_else(|| Fail::unknown("numbers so long"))
}

/// Which of two values comes first; none: one of them is null.
pub fn compare(left: &Value, right: &Value) -> Result<Option<Ordering>, Fail> {
    if left.is_null() || right.is_null() {
        return Ok(None);
    }
    let (left, right) = alike(left.clone(), right.clone())?;
    let order = match (&left, &right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Time(left), Value::Time(right)) => Some(left.cmp(right)),
        (Value::Lsn(left), Value::Lsn(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Interval(left), Value::Interval(right)) => match (left.seconds(), right.seconds()) {
            (Some(left), Some(right)) => left.compare(right),
            _ => None,
        },
        _ => match (left.numeric(), right.numeric()) {
            (Some(left), Some(right)) => left.compare(right),
            _ => None,
        },
    };
    order.map(Some).ok_or_else(|| Fail::unknown(&format!("{left} beside {right}")))
}

/// `%` stands for any text, `_` for any letter, a backslash takes that away.
pub fn like(text: &str, pattern: &str, any_case: bool) -> bool {
    let fold = |text: &str| -> Vec<char> {
        if any_case { text.to_lowercase().chars().collect() } else { text.chars().collect() }
    };
    let (text, pattern) = (fold(text), fold(pattern));
    // Where the last `%` stood, and how much of the text it has taken.
    let (mut t, mut p, mut star) = (0, 0, None);
    while t < text.len() {
        let escaped = pattern.get(p) == Some(&'\\') && p + 1 < pattern.len();
        match pattern.get(p) {
            Some('%') => {
                star = Some((p, t));
                p += 1;
            }
            Some('_') => {
                p += 1;
                t += 1;
            }
            Some(_) if escaped && pattern[p + 1] == text[t] => {
                p += 2;
                t += 1;
            }
            Some(letter) if !escaped && *letter == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_the_server() {
        for (text, pattern, is) in [
            ("abc", "a%", true),
            ("abc", "%b%", true),
            ("abc", "a_c", true),
            ("abc", "b%", false),
            ("nchat_x", r"nchat\_%", true),
            ("nchatx", r"nchat\_%", false),
            ("", "%", true),
            ("000000010000000000000003.ready", "%.ready", true),
        ] {
            assert_eq!(like(text, pattern, false), is, "{text} like {pattern}");
        }
        assert!(like("ABC", "abc", true));
    }
}
