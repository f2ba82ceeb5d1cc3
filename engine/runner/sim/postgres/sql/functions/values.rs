//! Functions over values.

use super::super::number::Numeric;
use super::super::value::{Value, parse_lsn};
use super::super::{Fail, operators};

/// The value of a function; none: it is not one of these.
pub fn call(name: &str, values: &[Value]) -> Result<Option<Value>, Fail> {
    // These take what they are given; of the others an argument that is null makes null.
    match name {
        "json_build_object" => return object(values).map(Some),
        "json_build_array" => {
            let texts: Vec<String> = values.iter().map(Value::to_json).collect();
            return Ok(Some(Value::Json(format!("[{}]", texts.join(", ")))));
        }
        "concat" => return Ok(Some(Value::Text(values.iter().map(ToString::to_string).collect()))),
        "greatest" | "least" => return extreme(name == "greatest", values).map(Some),
        "nullif" => {
            let [left, right] = values else { return Ok(None) };
            let same = operators::compare(left, right)?.is_some_and(std::cmp::Ordering::is_eq);
            return Ok(Some(if same { Value::Null } else { left.clone() }));
        }
        _ => {}
    }
    let value = match (name, values) {
        (
            "round" | "floor" | "ceil" | "ceiling" | "abs" | "length" | "lower" | "upper" | "trim" | "to_json"
            | "pg_size_pretty",
            [Value::Null],
        )
        | ("round" | "pg_wal_lsn_diff", [_, Value::Null] | [Value::Null, _]) => Value::Null,
        ("round", [number]) => rounded(number, 0)?,
        ("round", [number, Value::Int(scale)]) => rounded(number, u32::try_from(*scale).unwrap_or(0))?,
        ("floor", [number]) => whole(number.numeric().and_then(Numeric::floor))?,
        ("ceil" | "ceiling", [number]) => {
            whole(number.numeric().and_then(|number| Some(number.negate().floor()?.negate())))?
        }
        ("abs", [Value::Int(number)]) => Value::Int(number.saturating_abs()),
        ("abs", [Value::Numeric(number)]) => Value::Numeric(if number.digits < 0 { number.negate() } else { *number }),
        ("length" | "char_length", [Value::Text(text)]) => Value::count(text.chars().count() as u64),
        ("lower", [Value::Text(text)]) => Value::Text(text.to_lowercase()),
        ("upper", [Value::Text(text)]) => Value::Text(text.to_uppercase()),
        ("trim" | "btrim", [Value::Text(text)]) => Value::text(text.trim_matches(' ')),
        ("to_json", [value]) => Value::Json(value.to_json()),
        ("pg_size_pretty", [Value::Int(bytes)]) => Value::Text(pretty(*bytes)),
        ("pg_wal_lsn_diff", [left, right]) => {
            let (Some(left), Some(right)) = (lsn(left), lsn(right)) else { return Ok(None) };
            Value::Numeric(Numeric { digits: i128::from(left) - i128::from(right), scale: 0 })
        }
        ("quote_ident", [Value::Text(text)]) => {
            let plain = text.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
            if plain { Value::text(text) } else { Value::Text(format!("\"{}\"", text.replace('"', "\"\""))) }
        }
        _ => return Ok(None),
    };
    Ok(Some(value))
}

fn lsn(value: &Value) -> Option<u64> {
    match value {
        Value::Lsn(lsn) => Some(*lsn),
        Value::Text(text) => parse_lsn(text),
        _ => None,
    }
}

fn object(values: &[Value]) -> Result<Value, Fail> {
    let mut parts = Vec::new();
    for pair in values.chunks(2) {
        let [key, value] = pair else {
            let error = super::super::SqlError::new("argument list must have even number of elements");
            return Err(error
                .hint("The arguments of json_build_object() must consist of alternating keys and values.")
                .into());
        };
        parts.push(format!("{} : {}", Value::text(key.to_string()).to_json(), value.to_json()));
    }
    Ok(Value::Json(format!("{{{}}}", parts.join(", "))))
}

fn extreme(greatest: bool, values: &[Value]) -> Result<Value, Fail> {
    let mut best = Value::Null;
    for value in values.iter().filter(|value| !value.is_null()) {
        let better = match operators::compare(value, &best)? {
            None => true,
            Some(order) => {
                if greatest {
                    order.is_gt()
                } else {
                    order.is_lt()
                }
            }
        };
        if better {
            best = value.clone();
        }
    }
    Ok(best)
}

fn rounded(number: &Value, scale: u32) -> Result<Value, Fail> {
    if let (Value::Int(_), 0) = (number, scale) {
        return Ok(number.clone());
    }
    whole(number.numeric().and_then(|number| number.rescale(scale)))
}

fn whole(number: Option<Numeric>) -> Result<Value, Fail> {
    number.map(Value::Numeric).ok_or_else(|| Fail::unknown("such a number"))
}

/// `19 MB`: as the server rounds.
fn pretty(bytes: i64) -> String {
    let mut size = bytes;
    if size.unsigned_abs() < 10 * 1024 {
        return format!("{size} bytes");
    }
    // Half units, so that the last step can round.
    size >>= 9;
    let units = ["kB", "MB", "GB", "TB", "PB"];
    for (n, unit) in units.iter().enumerate() {
        if size.unsigned_abs() < 20 * 1024 - 1 || n + 1 == units.len() {
            return format!("{} {unit}", i64::midpoint(size, size.signum()));
        }
        size >>= 10;
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_as_the_server_rounds() {
        // Recorded from PostgreSQL 15.
        for (bytes, is) in [
            (10_240, "10 kB"),
            (20_000_000, "19 MB"),
            (999, "999 bytes"),
            (123_456_789_012, "115 GB"),
            (23_666_023, "23 MB"),
        ] {
            assert_eq!(pretty(bytes), is);
        }
    }
}
