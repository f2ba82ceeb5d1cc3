//! The functions of a template, and how Go prints a value.

use serde_json::Value;

use super::evaluate::Val;
use crate::runner::sim::process::Unsimulated;

/// What is wrong with a call.
pub enum Wrong {
    /// The function says so.
    Call(String),
    /// An argument, counted from 0, is not what it takes.
    Argument(usize, String),
}

/// Go's own, and those that the clients add.
const KNOWN: [&str; 28] = [
    "and", "call", "eq", "ge", "gt", "html", "index", "join", "js", "json", "le", "len", "lower", "lt", "ne", "not",
    "or", "pad", "print", "printf", "println", "slice", "split", "title", "truncate", "upper", "urlquery", "table",
];

/// Fields that are maps in Go, and so are printed as maps.
const MAPS: [&str; 14] = [
    "Config",
    "Containers",
    "Data",
    "DriverOpts",
    "ExposedPorts",
    "Labels",
    "Networks",
    "Options",
    "PortBindings",
    "Ports",
    "StorageOpt",
    "Sysctls",
    "Tmpfs",
    "Volumes",
];

/// Fields that point to something in Go.
const POINTERS: [&str; 9] = [
    "Health",
    "Healthcheck",
    "IPAMConfig",
    "Init",
    "MemorySwappiness",
    "PidsLimit",
    "SizeRootFs",
    "SizeRw",
    "StopTimeout",
];

pub fn is_known(name: &str) -> bool {
    KNOWN.contains(&name) && name != "table"
}

/// As Go prints a value; none: a structure, whose fields have no names there.
pub fn print(value: &Val<'_>) -> Option<String> {
    Some(match &*value.value {
        Value::Null if POINTERS.contains(&value.name) => "<nil>".to_owned(),
        Value::Null if MAPS.contains(&value.name) => "map[]".to_owned(),
        Value::Null if value.name == "StopSignal" => String::new(),
        Value::Null if value.name.is_empty() => "<no value>".to_owned(),
        Value::Null => "[]".to_owned(),
        Value::Array(list) => {
            let items: Option<Vec<String>> = list.iter().map(scalar).collect();
            format!("[{}]", items?.join(" "))
        }
        Value::Object(map) if MAPS.contains(&value.name) => {
            let mut entries: Vec<(&String, String)> =
                map.iter().map(|(key, value)| Some((key, scalar(value)?))).collect::<Option<_>>()?;
            entries.sort();
            let entries: Vec<String> = entries.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
            format!("map[{}]", entries.join(" "))
        }
        Value::Object(_) => return None,
        other => scalar(other)?,
    })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Calls a function.
///
/// # Errors
/// It is not simulated; inside: what is wrong with the arguments.
pub fn call<'a>(name: &str, given: &[Val<'a>]) -> Result<Result<Val<'a>, Wrong>, Unsimulated> {
    let unknown = || Unsimulated(format!("`{name}` with such arguments in a `--format`"));
    let text = |n: usize| given.get(n).and_then(|value| value.value.as_str()).ok_or_else(unknown);
    let number = |n: usize| given.get(n).and_then(|value| value.value.as_u64()).ok_or_else(unknown);
    let size = |n: usize| number(n).map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    let value: Value = match name {
        "json" => {
            let value = given.first().ok_or_else(unknown)?;
            serde_json::to_string(&value.value).map_err(|_| unknown())?.into()
        }
        "and" | "or" => return given.last().cloned().map(Ok).ok_or_else(unknown),
        "not" => (!given.first().ok_or_else(unknown)?.is_true()).into(),
        "eq" | "ne" | "lt" | "le" | "gt" | "ge" => compare(name, given).ok_or_else(unknown)?.into(),
        "index" => return index(given),
        "len" => match &*given.first().ok_or_else(unknown)?.value {
            Value::Array(list) => list.len().into(),
            Value::Object(map) => map.len().into(),
            Value::String(text) => text.len().into(),
            Value::Null => 0.into(),
            Value::Bool(_) | Value::Number(_) => return Err(unknown()),
        },
        "upper" => text(0)?.to_uppercase().into(),
        "lower" => text(0)?.to_lowercase().into(),
        "title" => title(text(0)?).into(),
        "truncate" => text(0)?.chars().take(size(1)?).collect::<String>().into(),
        "pad" if text(0)?.is_empty() => text(0)?.into(),
        "pad" => {
            let (before, after) = (size(1)?.min(1000), size(2)?.min(1000));
            format!("{}{}{}", " ".repeat(before), text(0)?, " ".repeat(after)).into()
        }
        "split" => text(0)?.split(text(1)?).collect::<Vec<_>>().into(),
        "join" => return join(given),
        "println" | "print" => {
            let printed: Vec<String> = given.iter().map(print).collect::<Option<_>>().ok_or_else(unknown)?;
            if name == "print" && printed.len() > 1 {
                return Err(unknown());
            }
            let end = if name == "println" { "\n" } else { "" };
            format!("{}{end}", printed.join(" ")).into()
        }
        "printf" => printf(given).ok_or_else(unknown)?.into(),
        _ => return Err(unknown()),
    };
    Ok(Ok(Val::new(value)))
}

fn title(text: &str) -> String {
    let mut start = true;
    let capital = |c: char| {
        let c = if start { c.to_uppercase().next().unwrap_or(c) } else { c };
        start = !c.is_alphanumeric();
        c
    };
    text.chars().map(capital).collect()
}

fn compare(name: &str, given: &[Val<'_>]) -> Option<bool> {
    let (first, rest) = given.split_first()?;
    let order = |other: &Val<'_>| match (&*first.value, &*other.value) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    };
    if name == "eq" {
        let orders: Vec<_> = rest.iter().map(order).collect::<Option<_>>()?;
        return (!orders.is_empty()).then(|| orders.iter().any(|order| order.is_eq()));
    }
    let [other] = rest else { return None };
    let order = order(other)?;
    Some(match name {
        "ne" => order.is_ne(),
        "lt" => order.is_lt(),
        "le" => order.is_le(),
        "gt" => order.is_gt(),
        _ => order.is_ge(),
    })
}

fn index<'a>(given: &[Val<'a>]) -> Result<Result<Val<'a>, Wrong>, Unsimulated> {
    let unknown = || Unsimulated("`index` with such arguments in a `--format`".to_owned());
    let (first, keys) = given.split_first().ok_or_else(unknown)?;
    let mut value = (*first.value).clone();
    for key in keys {
        value = match (value, &*key.value) {
            (Value::Array(list), Value::Number(n)) => {
                let n = n.as_i64().unwrap_or(-1);
                match usize::try_from(n).ok().and_then(|n| list.get(n)) {
                    Some(item) => item.clone(),
                    None => return Ok(Err(Wrong::Call(format!("index out of range: {n}")))),
                }
            }
            // A map of texts gives an empty one for what it does not have.
            (Value::Object(map), Value::String(key)) => map
                .get(key)
                .cloned()
                .unwrap_or_else(|| if map.values().all(Value::is_string) { "".into() } else { Value::Null }),
            (Value::Null, Value::String(_)) if first.name == "Labels" => "".into(),
            (Value::Null, _) => return Ok(Err(Wrong::Call("index of nil pointer".to_owned()))),
            _ => return Err(unknown()),
        };
    }
    Ok(Ok(Val::new(value)))
}

fn join<'a>(given: &[Val<'a>]) -> Result<Result<Val<'a>, Wrong>, Unsimulated> {
    let unknown = || Unsimulated("`join` with such arguments in a `--format`".to_owned());
    let [list, separator] = given else { return Err(unknown()) };
    // Both have a type of their own in Go, which `join` does not take.
    if ["Cmd", "Entrypoint"].contains(&list.name) {
        let why = "wrong type for value; expected []string; got []interface {}";
        return Ok(Err(Wrong::Argument(0, why.to_owned())));
    }
    let (Value::Array(items), Value::String(separator)) = (&*list.value, &*separator.value) else {
        return Err(unknown());
    };
    let items: Vec<&str> = items.iter().map(Value::as_str).collect::<Option<_>>().ok_or_else(unknown)?;
    Ok(Ok(Val::new(items.join(separator).into())))
}

fn printf(given: &[Val<'_>]) -> Option<String> {
    let (format, arguments) = given.split_first()?;
    let mut arguments = arguments.iter();
    let mut text = String::new();
    let mut chars = format.value.as_str()?.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match chars.next()? {
            '%' => text.push('%'),
            's' | 'v' => text.push_str(&print(arguments.next()?)?),
            'd' => text.push_str(&arguments.next()?.value.as_i64()?.to_string()),
            'q' => text.push_str(&serde_json::to_string(arguments.next()?.value.as_str()?).ok()?),
            't' => text.push_str(&arguments.next()?.value.as_bool()?.to_string()),
            _ => return None,
        }
    }
    arguments.next().is_none().then_some(text)
}
