//! The tree of an expression: minijinja's syntax, owned, with the place of every part.

use std::ops::Range;

use minijinja::Value;

/// A part of an expression.
#[derive(Debug)]
pub(super) struct Node {
    /// Bytes in the source.
    pub range: Range<usize>,
    pub kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Const(Value),
    Name(String),
    Attr(Box<Node>, String),
    Item(Box<Node>, Box<Node>),
    /// Start, stop, step.
    Slice(Box<Node>, [Option<Box<Node>>; 3]),
    Not(Box<Node>),
    Neg(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Math(Math, Box<Node>, Box<Node>),
    /// `a < b < c` in order; each operand is evaluated once.
    Compare(Box<Node>, Vec<(Relation, Node)>),
    If {
        test: Box<Node>,
        then: Box<Node>,
        otherwise: Option<Box<Node>>,
    },
    Filter {
        name: String,
        on: Box<Node>,
        args: Vec<Arg>,
    },
    Test {
        name: String,
        on: Box<Node>,
        args: Vec<Arg>,
    },
    Range(Vec<Arg>),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// An argument, perhaps by keyword.
#[derive(Debug)]
pub(super) struct Arg {
    pub keyword: Option<String>,
    pub value: Node,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Math {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Rem,
    Pow,
    Concat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
}

impl Node {
    /// The dotted path this part is, if it is nothing else: names and constant text subscripts.
    pub fn path(&self) -> Option<Vec<&str>> {
        match &self.kind {
            Kind::Name(name) => Some(vec![name]),
            Kind::Attr(base, name) => base.path().map(|path| [path, vec![name.as_str()]].concat()),
            Kind::Item(base, key) => match &key.kind {
                Kind::Const(value) => {
                    let key = value.as_str()?;
                    base.path().map(|path| [path, vec![key]].concat())
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The parts, in source order but for conditionals.
    pub fn children(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Const(_) | Kind::Name(_) => Vec::new(),
            Kind::Attr(only, _) | Kind::Not(only) | Kind::Neg(only) => vec![only],
            Kind::Item(left, right) | Kind::And(left, right) | Kind::Or(left, right) | Kind::Math(_, left, right) => {
                vec![left, right]
            }
            Kind::Slice(base, bounds) => {
                std::iter::once(base.as_ref()).chain(bounds.iter().flatten().map(AsRef::as_ref)).collect()
            }
            Kind::Compare(first, rest) => {
                std::iter::once(first.as_ref()).chain(rest.iter().map(|(_, operand)| operand)).collect()
            }
            Kind::If { test, then, otherwise } => {
                [Some(test), Some(then), otherwise.as_ref()].into_iter().flatten().map(AsRef::as_ref).collect()
            }
            Kind::Filter { on, args, .. } | Kind::Test { on, args, .. } => {
                std::iter::once(on.as_ref()).chain(args.iter().map(|arg| &arg.value)).collect()
            }
            Kind::Range(args) => args.iter().map(|arg| &arg.value).collect(),
            Kind::List(items) => items.iter().collect(),
            Kind::Map(pairs) => pairs.iter().flat_map(|(key, value)| [key, value]).collect(),
        }
    }

    /// The text of a constant.
    pub fn const_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Const(value) => value.as_str(),
            _ => None,
        }
    }
}

/// Filters whose operand may be absent.
pub(super) fn is_default(filter: &str) -> bool {
    matches!(filter, "default" | "d")
}

/// Tests whose operand may be absent.
pub(super) fn is_defined(test: &str) -> bool {
    matches!(test, "defined" | "undefined")
}
