//! Aggregates: one value of many rows.

use super::super::session::Session;
use super::ast::{Call, Expr, Item, Query};
use super::eval::{Evaluator, Scope};
use super::number::Numeric;
use super::query::{Relation, frames};
use super::value::Value;
use super::{Fail, operators};

/// Rows that belong together: each with one row of every source.
pub type Group = Vec<Vec<Vec<Value>>>;

const NAMES: [&str; 13] = [
    "count",
    "sum",
    "min",
    "max",
    "avg",
    "bool_and",
    "bool_or",
    "every",
    "string_agg",
    "json_agg",
    "jsonb_agg",
    "json_object_agg",
    "array_agg",
];

pub fn is_aggregate(name: &str) -> bool {
    NAMES.contains(&name)
}

/// True when a query makes one row of many without `group by`.
pub fn is_in_query(query: &Query) -> bool {
    let items = query.items.iter().any(|item| matches!(item, Item::One(expression, _) if is_in(expression)));
    items || query.having.as_ref().is_some_and(is_in)
}

/// True when an aggregate is in an expression; those of queries inside it do not count.
pub fn is_in(expression: &Expr) -> bool {
    let mut found = false;
    walk(expression, &mut |inner| found |= matches!(inner, Expr::Call(call) if is_aggregate(&call.name)));
    found
}

/// An expression and those it is made of.
fn walk(expression: &Expr, see: &mut impl FnMut(&Expr)) {
    see(expression);
    match expression {
        Expr::Value(_) | Expr::Column { .. } | Expr::Exists(_) | Expr::Scalar(_) => {}
        Expr::Call(call) => call.arguments.iter().for_each(|inner| walk(inner, see)),
        Expr::Not(inner)
        | Expr::Negate(inner)
        | Expr::Is(inner, ..)
        | Expr::InQuery(inner, ..)
        | Expr::Cast(inner, _)
        | Expr::Extract(_, inner) => walk(inner, see),
        Expr::Binary(_, left, right) | Expr::Like(left, right, _) => {
            walk(left, see);
            walk(right, see);
        }
        Expr::Between(inner, low, high) => [inner, low, high].into_iter().for_each(|inner| walk(inner, see)),
        Expr::In(inner, list, _) => {
            walk(inner, see);
            for item in list {
                walk(item, see);
            }
        }
        Expr::Case(arms, otherwise) => {
            for (condition, value) in arms {
                walk(condition, see);
                walk(value, see);
            }
            if let Some(otherwise) = otherwise {
                walk(otherwise, see);
            }
        }
    }
}

/// The same expression with each aggregate replaced by what `value` gives for it.
pub fn replace(expression: &Expr, value: &mut impl FnMut(&Call) -> Result<Value, Fail>) -> Result<Expr, Fail> {
    let mut boxed = |inner: &Expr| replace(inner, value).map(Box::new);
    Ok(match expression {
        Expr::Value(_) | Expr::Column { .. } | Expr::Exists(_) | Expr::Scalar(_) => expression.clone(),
        Expr::Call(call) if is_aggregate(&call.name) => Expr::Value(value(call)?),
        Expr::Call(call) => {
            let arguments = call.arguments.iter().map(|inner| replace(inner, value)).collect::<Result<_, _>>()?;
            Expr::Call(Call { arguments, ..call.clone() })
        }
        Expr::Not(inner) => Expr::Not(boxed(inner)?),
        Expr::Negate(inner) => Expr::Negate(boxed(inner)?),
        Expr::Is(inner, is, turned) => Expr::Is(boxed(inner)?, *is, *turned),
        Expr::InQuery(inner, query, turned) => Expr::InQuery(boxed(inner)?, query.clone(), *turned),
        Expr::Cast(inner, named) => Expr::Cast(boxed(inner)?, *named),
        Expr::Extract(field, inner) => Expr::Extract(field.clone(), boxed(inner)?),
        Expr::Binary(operator, left, right) => Expr::Binary(*operator, boxed(left)?, boxed(right)?),
        Expr::Like(left, right, any_case) => Expr::Like(boxed(left)?, boxed(right)?, *any_case),
        Expr::Between(inner, low, high) => Expr::Between(boxed(inner)?, boxed(low)?, boxed(high)?),
        Expr::In(inner, list, turned) => {
            let inner = boxed(inner)?;
            let list = list.iter().map(|item| replace(item, value)).collect::<Result<_, _>>()?;
            Expr::In(inner, list, *turned)
        }
        Expr::Case(arms, otherwise) => {
            let otherwise = otherwise.as_ref().map(|inner| boxed(inner)).transpose()?;
            let arms = arms.iter().map(|(condition, of)| Ok((replace(condition, value)?, replace(of, value)?)));
            Expr::Case(arms.collect::<Result<_, Fail>>()?, otherwise)
        }
    })
}

/// The rows of a query by what they are grouped by, in the order in which the groups begin.
pub fn groups(
    session: &mut Session<'_>,
    query: &Query,
    relations: &[Relation],
    joined: Group,
    outer: &Scope<'_>,
) -> Result<Vec<Group>, Fail> {
    if query.group.is_empty() {
        return Ok(vec![joined]);
    }
    let mut groups: Vec<(Vec<Value>, Group)> = Vec::new();
    for row in joined {
        let key = {
            let frames = frames(relations, Some(&row));
            let scope = Scope { frames: &frames, outer: Some(outer) };
            let mut evaluator = Evaluator { session: &mut *session };
            let key = query.group.iter().map(|by| match by {
                Expr::Value(Value::Int(number)) => {
                    let n = usize::try_from(*number).unwrap_or(0).saturating_sub(1);
                    match query.items.get(n) {
                        Some(Item::One(expression, _)) => evaluator.value(expression, &scope),
                        _ => Err(Fail::unknown("group by of that column")),
                    }
                }
                by => evaluator.value(by, &scope),
            });
            key.collect::<Result<Vec<_>, Fail>>()?
        };
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

/// An expression with its aggregates worked out over a group.
pub fn fold(
    session: &mut Session<'_>,
    expression: &Expr,
    relations: &[Relation],
    group: &Group,
    outer: &Scope<'_>,
) -> Result<Expr, Fail> {
    replace(expression, &mut |call| {
        let mut values: Vec<Vec<Value>> = Vec::new();
        for row in group {
            let frames = frames(relations, Some(row));
            let scope = Scope { frames: &frames, outer: Some(outer) };
            let mut evaluator = Evaluator { session: &mut *session };
            if let Some(filter) = &call.filter
                && evaluator.truth(filter, &scope)? != Some(true)
            {
                continue;
            }
            let line = call.arguments.iter().map(|argument| evaluator.value(argument, &scope));
            values.push(line.collect::<Result<Vec<_>, Fail>>()?);
        }
        of(call, values)
    })
}

/// One aggregate of the values of its arguments, a line for each row.
fn of(call: &Call, mut lines: Vec<Vec<Value>>) -> Result<Value, Fail> {
    if call.star {
        return Ok(Value::count(lines.len() as u64));
    }
    let keeps_nulls = matches!(call.name.as_str(), "json_agg" | "jsonb_agg" | "json_object_agg" | "array_agg");
    if !keeps_nulls {
        lines.retain(|line| line.first().is_some_and(|value| !value.is_null()));
    }
    if call.distinct {
        let mut seen: Vec<Vec<Value>> = Vec::new();
        lines.retain(|line| {
            let new = !seen.contains(line);
            if new {
                seen.push(line.clone());
            }
            new
        });
    }
    let firsts = || lines.iter().filter_map(|line| line.first());
    match call.name.as_str() {
        "count" => Ok(Value::count(lines.len() as u64)),
        "sum" => sum(firsts()),
        "avg" => average(firsts()),
        "min" | "max" => {
            let mut best: Option<&Value> = None;
            for value in firsts() {
                let better = match best {
                    None => true,
                    Some(best) => operators::compare(value, best)?
                        .is_some_and(|order| if call.name == "min" { order.is_lt() } else { order.is_gt() }),
                };
                best = if better { Some(value) } else { best };
            }
            Ok(best.cloned().unwrap_or(Value::Null))
        }
        "bool_and" | "every" | "bool_or" => {
            let or = call.name == "bool_or";
            let mut values =
                firsts().filter_map(|value| if let Value::Bool(flag) = value { Some(*flag) } else { None });
            Ok(if lines.is_empty() {
                Value::Null
            } else {
                Value::Bool(if or { values.any(|flag| flag) } else { values.all(|flag| flag) })
            })
        }
        "string_agg" => {
            let between = lines.first().and_then(|line| line.get(1)).map(ToString::to_string).unwrap_or_default();
            let texts: Vec<String> = firsts().map(ToString::to_string).collect();
            Ok(if texts.is_empty() { Value::Null } else { Value::Text(texts.join(&between)) })
        }
        "json_agg" => {
            let texts: Vec<String> = firsts().map(Value::to_json).collect();
            Ok(if texts.is_empty() { Value::Null } else { Value::Json(format!("[{}]", texts.join(", "))) })
        }
        "json_object_agg" => {
            let pairs = lines.iter().filter_map(|line| match line.as_slice() {
                [key, value] => Some(format!("{} : {}", Value::text(key.to_string()).to_json(), value.to_json())),
                _ => None,
            });
            let pairs: Vec<String> = pairs.collect();
            Ok(if pairs.is_empty() { Value::Null } else { Value::Json(format!("{{ {} }}", pairs.join(", "))) })
        }
        other => Err(Fail::unknown(&format!("the aggregate {other}"))),
    }
}

fn sum<'v>(values: impl Iterator<Item = &'v Value>) -> Result<Value, Fail> {
    let mut total: Option<Numeric> = None;
    for value in values {
        let number = value.numeric().ok_or_else(|| Fail::unknown(&format!("the sum of {value}")))?;
        total =
            Some(total.map_or(Some(number), |total| total.add(number)).ok_or_else(|| Fail::unknown("so large a sum"))?);
    }
    Ok(match total {
        None => Value::Null,
        Some(total) if total.scale == 0 => total.to_whole().map_or(Value::Numeric(total), Value::Int),
        Some(total) => Value::Numeric(total),
    })
}

fn average<'v>(values: impl Iterator<Item = &'v Value> + Clone) -> Result<Value, Fail> {
    let count = i64::try_from(values.clone().count()).unwrap_or(i64::MAX);
    let total = sum(values)?.numeric();
    let divided = total.map(|total| total.divide(Numeric::whole(count)));
    match divided {
        None => Ok(Value::Null),
        Some(divided) => divided.map(Value::Numeric).ok_or_else(|| Fail::unknown("such an average")),
    }
}
