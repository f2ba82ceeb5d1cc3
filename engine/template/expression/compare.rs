//! Strict comparison: unlike kinds are an error, never false.

use std::cmp::Ordering;

use minijinja::Value;

use super::node::Relation;
use crate::template::value::{items, kind, show};

/// Whether `left relation right`.
///
/// # Errors
/// Unlike kinds, kinds without an order; says both kinds and values.
pub(super) fn compare(relation: Relation, left: &Value, right: &Value) -> Result<bool, String> {
    match relation {
        Relation::Eq => equal(left, right),
        Relation::Ne => equal(left, right).map(|equal| !equal),
        Relation::Lt => order(left, right).map(Ordering::is_lt),
        Relation::Le => order(left, right).map(Ordering::is_le),
        Relation::Gt => order(left, right).map(Ordering::is_gt),
        Relation::Ge => order(left, right).map(Ordering::is_ge),
        Relation::In => within(left, right),
        Relation::NotIn => within(left, right).map(|within| !within),
    }
}

fn equal(left: &Value, right: &Value) -> Result<bool, String> {
    let kinds = (kind(left), kind(right));
    match kinds {
        ("undefined" | "error" | "secret" | "unknown", _) | (_, "undefined" | "error" | "secret" | "unknown") => {
            Err(unlike(left, right))
        }
        ("none", other) | (other, "none") => Ok(other == "none"),
        (left_kind, right_kind) if left_kind != right_kind => Err(unlike(left, right)),
        ("list", _) => {
            let (left, right) = (items(left).unwrap_or_default(), items(right).unwrap_or_default());
            if left.len() != right.len() {
                return Ok(false);
            }
            left.iter().zip(&right).try_fold(true, |all, (left, right)| Ok(all && equal(left, right)?))
        }
        ("mapping", _) => {
            let keys = |value: &Value| value.try_iter().into_iter().flatten().collect::<Vec<_>>();
            let left_keys = keys(left);
            if left_keys.len() != keys(right).len() {
                return Ok(false);
            }
            for key in left_keys {
                let (left, right) = (left.get_item(&key).unwrap_or_default(), right.get_item(&key).unwrap_or_default());
                if right.is_undefined() || !equal(&left, &right)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ => Ok(left == right),
    }
}

/// The order of two values of one kind that has an order.
///
/// # Errors
/// As [`compare`].
pub(super) fn order(left: &Value, right: &Value) -> Result<Ordering, String> {
    match (kind(left), kind(right)) {
        (left_kind, right_kind) if left_kind != right_kind => Err(unlike(left, right)),
        ("number", _) => {
            // A whole number and a fraction compare exactly; NaN has no order.
            let (a, b) = (f64::try_from(left.clone()), f64::try_from(right.clone()));
            if a.is_ok_and(f64::is_nan) || b.is_ok_and(f64::is_nan) {
                return Err(format!("{} and {} have no order", show(left), show(right)));
            }
            Ok(left.cmp(right))
        }
        ("duration" | "bytes" | "timestamp" | "version", _) => Ok(left.cmp(right)),
        ("text", _) => Err(format!(
            "texts have no order ({} and {}); say what they are with `| int`, `| duration`, `| timestamp` or `| semver`",
            show(left),
            show(right)
        )),
        (kind, _) => Err(format!("a {kind} has no order ({} and {})", show(left), show(right))),
    }
}

fn within(item: &Value, container: &Value) -> Result<bool, String> {
    match kind(container) {
        "list" => {
            let mut found = false;
            for other in items(container).unwrap_or_default() {
                found |= equal(item, &other)?;
            }
            Ok(found)
        }
        "text" | "mapping" if kind(item) != "text" => {
            Err(format!("a {} ({}) cannot be in a {} ({})", kind(item), show(item), kind(container), show(container)))
        }
        "text" => Ok(container.as_str().unwrap_or_default().contains(item.as_str().unwrap_or_default())),
        "mapping" => Ok(container.get_item(item).is_ok_and(|found| !found.is_undefined())),
        other => Err(format!("nothing can be in a {other} ({})", show(container))),
    }
}

fn unlike(left: &Value, right: &Value) -> String {
    let kinds = [kind(left), kind(right)];
    let advice = advice(kinds, [left, right].into_iter().find_map(Value::as_str));
    format!("a {} ({}) is compared with a {} ({}){advice}", kinds[0], show(left), kinds[1], show(right))
}

/// What to write instead; begins with `; `, or is empty. `text`: what the text among the two says.
pub(super) fn advice(kinds: [&'static str; 2], text: Option<&str>) -> &'static str {
    match (text, kinds.into_iter().find(|kind| *kind != "text")) {
        (Some(_), Some("number")) => "; use `| int` or `| float`, or write the number without quotes",
        (Some(_), Some("duration")) => "; use `| duration`",
        (Some(_), Some("timestamp")) => "; use `| timestamp`",
        (Some(_), Some("bytes")) => "; use `| bytes`",
        (Some(_), Some("version")) => "; use `| semver`",
        (Some("true" | "false"), Some("boolean")) => "; write `true` or `false` without quotes, or use `| bool`",
        (None, Some("duration")) if kinds.contains(&"number") => "; use `| seconds`",
        (None, Some("number")) if kinds.contains(&"duration") => "; use `| seconds`",
        _ => "",
    }
}
