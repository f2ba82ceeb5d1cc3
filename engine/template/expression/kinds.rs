//! What can be said about kinds before there are values: comparisons that can never be made, conditions that are no condition.
//! Says nothing where a kind is not certain, and never more than evaluation would say.

use std::ops::Range;

use super::compare::advice;
use super::node::{Arg, Kind, Math, Node, Relation};
use crate::template::value::{self, show};

/// The kind of a dotted path as [`value::kind`] names it, where it is certain (a value that is none aside).
pub type Known<'a> = &'a dyn Fn(&[&str]) -> Option<&'static str>;

/// The kind of a part, where it is certain.
pub(super) fn kind(node: &Node, known: Known<'_>) -> Option<&'static str> {
    if let Some(path) = node.path() {
        return known(&path);
    }
    let both = |left: &Node, right: &Node| kind(left, known).filter(|it| kind(right, known) == Some(it));
    match &node.kind {
        Kind::Const(value) => Some(value::kind(value)).filter(|kind| *kind != "none"),
        Kind::Not(_) | Kind::Test { .. } | Kind::Compare(..) => Some("boolean"),
        Kind::Neg(_) => Some("number"),
        Kind::And(left, right) | Kind::Or(left, right) => both(left, right),
        Kind::Math(Math::Concat, ..) => Some("text"),
        Kind::Math(_, left, right) => both(left, right).filter(|kind| *kind == "number"),
        Kind::If { then, otherwise: Some(otherwise), .. } => both(then, otherwise),
        Kind::Filter { name, on, args } => filter(name, on, args, known),
        Kind::List(_) | Kind::Range(_) => Some("list"),
        Kind::Map(_) => Some("mapping"),
        Kind::If { .. } | Kind::Name(_) | Kind::Attr(..) | Kind::Item(..) | Kind::Slice(..) => None,
    }
}

fn filter(name: &str, on: &Node, args: &[Arg], known: Known<'_>) -> Option<&'static str> {
    match name {
        // With an argument it may be the default, of any kind.
        "int" | "float" if args.is_empty() => Some("number"),
        "count" | "length" | "seconds" => Some("number"),
        "duration" | "age" => Some("duration"),
        "timestamp" => Some("timestamp"),
        "bytes" => Some("bytes"),
        "semver" => Some("version"),
        "bool" => Some("boolean"),
        "capitalize" | "filesize" | "join" | "lower" | "regex_escape" | "replace" | "string" | "title" | "tojson"
        | "trim" | "upper" => Some("text"),
        "lines" | "split" => Some("list"),
        "default" | "d" => {
            let default = args.first().and_then(|arg| kind(&arg.value, known));
            kind(on, known).filter(|it| default == Some(it))
        }
        _ => None,
    }
}

/// Every comparison whose sides can never be compared, with its place and why.
pub(super) fn mistakes(node: &Node, source: &str, known: Known<'_>, found: &mut Vec<(Range<usize>, String)>) {
    for child in node.children() {
        mistakes(child, source, known, found);
    }
    let Kind::Compare(first, rest) = &node.kind else { return };
    let mut left: &Node = first;
    for (relation, right) in rest {
        if let Some(why) = unlike(*relation, left, right, source, known) {
            let text = source.get(node.range.clone()).unwrap_or(source).trim();
            found.push((node.range.clone(), format!("in `{text}` {why}")));
            return;
        }
        left = right;
    }
}

fn unlike(relation: Relation, left: &Node, right: &Node, source: &str, known: Known<'_>) -> Option<String> {
    let (a, b) = (kind(left, known)?, kind(right, known)?);
    let show = |node: &Node| match &node.kind {
        Kind::Const(value) => show(value),
        _ => format!("`{}`", source.get(node.range.clone()).unwrap_or_default().trim()),
    };
    let compared = |left: &Node, a: &'static str, right: &Node, b: &'static str| {
        let text = if a == "text" { left.const_text() } else { right.const_text() };
        let advice = advice([a, b], text.or([a, b].contains(&"text").then_some("")));
        format!("a {a} ({}) is compared with a {b} ({}){advice}", show(left), show(right))
    };
    match relation {
        Relation::In | Relation::NotIn => match (b, &right.kind) {
            ("list", Kind::List(items)) => {
                let other = items.iter().find(|item| kind(item, known).is_some_and(|kind| kind != a))?;
                Some(compared(left, a, other, kind(other, known)?))
            }
            ("list", _) => None,
            ("text" | "mapping", _) if a == "text" => None,
            ("text" | "mapping", _) => Some(format!("a {a} ({}) cannot be in a {b} ({})", show(left), show(right))),
            _ => Some(format!("nothing can be in a {b} ({})", show(right))),
        },
        _ if a != b => Some(compared(left, a, right, b)),
        Relation::Eq | Relation::Ne => None,
        _ if a == "text" => Some(format!(
            "texts have no order ({} and {}); say what they are with `| int`, `| duration`, `| timestamp` or `| semver`",
            show(left),
            show(right)
        )),
        _ if matches!(a, "boolean" | "list" | "mapping") => {
            Some(format!("a {a} has no order ({} and {})", show(left), show(right)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    fn known(path: &[&str]) -> Option<&'static str> {
        match path {
            ["exit"] => Some("number"),
            ["stdout"] => Some("text"),
            ["elapsed"] => Some("duration"),
            _ => None,
        }
    }

    fn found(source: &str) -> Vec<String> {
        let Ok(node) = parse(source) else { panic!("{source}") };
        let mut found = Vec::new();
        mistakes(&node, source, &known, &mut found);
        found.into_iter().map(|(_, why)| why).collect()
    }

    #[test]
    fn what_can_never_be_compared_is_found() {
        for source in [
            "exit == '0'",
            "not (1 < stdout)",
            "stdout > 'a'",
            "elapsed > 10",
            "exit in 'abc'",
            "exit in ['0']",
            "stdout | int == '1' or x",
            "x if exit == 'a' else y",
        ] {
            assert_eq!(found(source).len(), 1, "{source}: {:?}", found(source));
        }
    }

    #[test]
    fn what_may_be_right_is_left_alone() {
        for source in [
            "exit == 0",
            "exit == none",
            "exit in (0, 1)",
            "exit in x",
            "'ok' in stdout",
            "stdout | int(default='x') == 'x'",
            "x | default(1) == 'a'",
            "json.a == '1' and json.b == 2",
            "elapsed > '5m' | duration",
            "(x if y else z) == 1",
        ] {
            assert_eq!(found(source), [""; 0], "{source}");
        }
    }
}
