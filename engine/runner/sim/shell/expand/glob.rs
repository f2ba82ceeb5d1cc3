//! File names that a pattern stands for.

use super::super::super::process::Process;
use super::super::pattern::Pattern;
use super::super::state::Shell;
use super::fields::Field;

impl Shell<'_, '_> {
    /// The files that a pattern stands for, in order; none: the pattern as it is written.
    pub(super) fn file_names(&mut self, field: Field, found: &mut Vec<String>) {
        let names = names(self.process, &field.pattern, self.state.options.dotglob);
        if !names.is_empty() {
            found.extend(names);
        } else if !self.state.options.nullglob {
            found.push(field.text);
        }
    }
}

/// Paths that match, part by part.
fn names(process: &Process<'_>, pattern: &str, dots: bool) -> Vec<String> {
    let is_absolute = pattern.starts_with('/');
    let mut found = vec![if is_absolute { "/".to_owned() } else { String::new() }];
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let wants_directory = pattern.ends_with('/');
    for (at, part) in parts.iter().enumerate() {
        let inner = at + 1 < parts.len() || wants_directory;
        let mut next = Vec::new();
        for base in &found {
            matching(process, base, part, dots, &mut next);
        }
        if inner {
            next.retain(|path| process.node(path).is_ok_and(super::super::super::tree::Node::is_directory));
            for path in &mut next {
                path.push('/');
            }
        }
        found = next;
    }
    found.sort();
    found
}

/// Names in one directory.
fn matching(process: &Process<'_>, base: &str, part: &str, dots: bool, next: &mut Vec<String>) {
    if !part.contains(['*', '?', '[']) {
        let path = format!("{base}{}", part.replace('\\', ""));
        if process.link_node(&path).is_ok() {
            next.push(path);
        }
        return;
    }
    let pattern = Pattern::new(part);
    let dir = if base.is_empty() { "." } else { base };
    let Ok(tree) = process.tree(dir, true) else { return };
    for (name, _) in tree.entries() {
        if pattern.matches_name(name, dots) {
            next.push(format!("{base}{name}"));
        }
    }
}
