//! What an expression reads, and where an absent value would be harmless.

use super::Reference;
use super::node::{Arg, Kind, Node, is_default, is_defined};

/// Every outer name, in source order.
pub(super) fn collect(node: &Node) -> Vec<Reference> {
    let mut found = Vec::new();
    Walk { found: &mut found, known: Vec::new() }.walk(node, false);
    found
}

type Path = Vec<String>;

struct Walk<'a> {
    found: &'a mut Vec<Reference>,
    /// Paths that are defined wherever the current part is evaluated: `x is defined and …`.
    known: Vec<Path>,
}

impl Walk<'_> {
    fn walk(&mut self, node: &Node, guarded: bool) {
        match &node.kind {
            Kind::Name(_) | Kind::Attr(..) | Kind::Item(..) => self.lookup(node, guarded),
            Kind::Slice(base, bounds) => {
                self.walk(base, guarded);
                for bound in bounds.iter().flatten() {
                    self.walk(bound, false);
                }
            }
            Kind::And(left, right) => {
                self.walk(left, false);
                self.walk_knowing(facts(left, true), right, false);
            }
            Kind::Or(left, right) => {
                self.walk(left, false);
                self.walk_knowing(facts(left, false), right, false);
            }
            Kind::If { test, then, otherwise } => {
                self.walk_knowing(facts(test, true), then, guarded);
                self.walk(test, false);
                if let Some(otherwise) = otherwise {
                    self.walk_knowing(facts(test, false), otherwise, guarded);
                }
            }
            Kind::Filter { name, on, args } => {
                self.walk(on, guarded || is_default(name));
                self.arguments(args);
            }
            Kind::Test { name, on, args } => {
                self.walk(on, is_defined(name));
                self.arguments(args);
            }
            _ => {
                for child in node.children() {
                    self.walk(child, false);
                }
            }
        }
    }

    fn arguments(&mut self, args: &[Arg]) {
        for arg in args {
            self.walk(&arg.value, false);
        }
    }

    fn walk_knowing(&mut self, facts: Vec<Path>, node: &Node, guarded: bool) {
        let before = self.known.len();
        self.known.extend(facts);
        self.walk(node, guarded);
        self.known.truncate(before);
    }

    /// A chain of attributes and subscripts: the longest path of constant names is the reference.
    fn lookup(&mut self, node: &Node, guarded: bool) {
        if let Some(path) = node.path() {
            let path: Path = path.into_iter().map(ToOwned::to_owned).collect();
            let known = self.known.iter().any(|known| known.starts_with(&path) || path.starts_with(known));
            self.found.push(Reference { path, range: node.range.clone(), guarded: guarded || known });
            return;
        }
        match &node.kind {
            Kind::Attr(base, _) => self.walk(base, guarded),
            Kind::Item(base, key) => {
                self.walk(base, guarded);
                self.walk(key, false);
            }
            _ => self.walk(node, guarded),
        }
    }
}

/// Paths that are defined whenever `test` came out as `outcome`.
fn facts(test: &Node, outcome: bool) -> Vec<Path> {
    match (&test.kind, outcome) {
        (Kind::Not(operand), outcome) => facts(operand, !outcome),
        (Kind::And(left, right), true) | (Kind::Or(left, right), false) => {
            [facts(left, outcome), facts(right, outcome)].concat()
        }
        (Kind::Test { name, on, .. }, outcome) if is_defined(name) && (name == "defined") == outcome => {
            on.path().map(|path| path.into_iter().map(ToOwned::to_owned).collect()).into_iter().collect()
        }
        _ => Vec::new(),
    }
}
