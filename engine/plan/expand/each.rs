//! `for_each`: one member an element, each with a frame of its own, so that a name means this element's step.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;

use crate::model::diagnostic::Diagnostic;
use crate::model::outcome::SkipReason;
use crate::model::runbook::{ForEach, OnFailure, Parallel, Step};
use crate::plan::builder::{Builder, FrameDraft, Loose, Outputs, ParamState, Site};
use crate::plan::{Body, FrameIx, List, ListKind, NodeIx};
use crate::template::{Expression, Value, value};

impl<'a> Builder<'a> {
    /// Expands a step with `for_each` into its elements.
    pub fn each(&mut self, ix: NodeIx, step: &'a Step, site: &Site) {
        let Some(for_each) = &step.for_each else { return };
        // What reads the loop name is decided for each element.
        let conditions = self.findings.expressions(&step.when);
        let (own, outer): (Vec<_>, Vec<_>) = conditions.into_iter().partition(|it| reads(it, &for_each.name.value));
        self.decide(ix, outer, site);
        self.node(ix).estimate = None;
        let confirm = step.confirm.as_ref().map(|confirm| self.confirm(confirm));
        let each_confirm = confirm.as_ref().is_some_and(|confirm| {
            let texts = confirm.typed.iter().chain(&confirm.show);
            texts.flat_map(crate::template::Template::expressions).any(|it| reads(it, &for_each.name.value))
        });
        if !each_confirm {
            self.node(ix).confirm = confirm;
        }
        let elements = self.elements(ix, for_each, site);
        let mut members = Vec::with_capacity(elements.len());
        let base = self.node(ix).id.clone();
        let inside =
            site.inside(ix, &base, crate::plan::builder::Role::Main, self.nodes[ix.0 as usize].pruned.is_some());
        let outputs: BTreeSet<String> = step.operation.outputs.iter().map(|(name, _)| name.value.clone()).collect();
        for (position, (key, element)) in elements.into_iter().enumerate() {
            let frame = self.element_frame(site.frame);
            let mut at = Site { frame, ..inside.clone() };
            match element {
                Some(element) => Rc::make_mut(&mut at.bindings).push((for_each.name.value.clone(), element)),
                None => Rc::make_mut(&mut at.open).push(for_each.name.value.clone()),
            }
            let member = self.push(&at, base.element(&key), &key, step.id.span, position);
            // A rollback undoes the elements together, backwards: their group says so.
            self.node(member).on_failure = match step.on_failure {
                OnFailure::Rollback => OnFailure::Stop,
                other => other,
            };
            self.node(member).phase = step.phase;
            self.node(member).estimate = step.estimate;
            if let Some(title) = self.findings.maybe(step.title.as_ref()) {
                self.node(member).title = title;
            }
            self.decide(member, own.clone(), &at);
            self.around(member, step, &at);
            if !each_confirm {
                self.node(member).confirm = None;
            }
            self.body(member, step, &at);
            if step.parallel == Parallel::No
                && let Some(&last) = members.last()
            {
                self.node(member).needs = vec![last];
            }
            members.push(member);
        }
        let limit = if let Parallel::AtMost(limit) = step.parallel { Some(limit) } else { None };
        let list = List { members, independent: step.parallel != Parallel::No, limit };
        self.note(ix).outputs = Outputs::Declared(outputs);
        self.node(ix).body = Body::List { kind: ListKind::ForEach, list, finally: List::default() };
    }

    /// Keys and values; in `check` one that stands for all.
    fn elements(&mut self, ix: NodeIx, for_each: &ForEach, site: &Site) -> Vec<(String, Option<Value>)> {
        let Some(expression) = self.findings.expression(&for_each.values) else { return Vec::new() };
        self.note(ix).loose.push(Loose::Expr(expression.clone()));
        if self.nodes[ix.0 as usize].pruned.is_some() {
            return vec![("*".to_owned(), None)];
        }
        if !self.is_static(site, &expression) {
            if self.waits_for_run(site, &expression) {
                let message = "`for_each` over values that only a run knows is not supported yet";
                self.findings.push(
                    Diagnostic::error("plan::not_supported_yet", expression.span(), message)
                        .help("give the list as a parameter, or loop in a `shell:` script"),
                );
            }
            return vec![("*".to_owned(), None)];
        }
        let values = match expression.eval(&self.scope(site)) {
            Ok(values) => values,
            Err(error) => {
                self.findings.evaluation(&error);
                return Vec::new();
            }
        };
        let (Ok(items), "list") = (values.try_iter(), value::kind(&values)) else {
            let message = format!("`for_each` needs a list; this is a {}", value::kind(&values));
            let found = Diagnostic::error("plan::for_each_list", expression.span(), message);
            self.findings.push(found.help("make it one: `[…]`, or `| split(',')` of a text"));
            return Vec::new();
        };
        let mut seen = BTreeSet::new();
        let mut elements = Vec::new();
        for (at, item) in items.enumerate() {
            let key = value::text(&item).map_or_else(|| (at + 1).to_string(), |text| safe(&text));
            if !seen.insert(key.clone()) {
                let message = format!("`for_each` has `{key}` twice");
                let found = Diagnostic::error("plan::for_each_twice", expression.span(), message);
                self.findings.push(found.help("add `| unique`"));
                continue;
            }
            elements.push((key, Some(item)));
        }
        if elements.is_empty() {
            let what = format!("{} is empty", expression.source());
            self.node(ix).pruned.get_or_insert(SkipReason::Empty { what });
        }
        elements
    }

    /// True when an expression is open because of the run itself, not because a parameter has no value.
    pub fn waits_for_run(&self, site: &Site, expression: &Expression) -> bool {
        let frame = self.frame(site.frame);
        expression.references().iter().any(|reference| {
            match (reference.path.first().map(String::as_str), reference.path.get(1)) {
                (Some("steps"), _) => true,
                (Some("params"), Some(name)) => frame.params.get(name) == Some(&ParamState::Later),
                _ => false,
            }
        })
    }

    /// A frame that sees what the one around it sees.
    fn element_frame(&mut self, outer: FrameIx) -> FrameIx {
        let ix = FrameIx(u32::try_from(self.frames.len()).unwrap_or(u32::MAX));
        let around = &self.frames[outer.0 as usize];
        let draft = FrameDraft {
            scope: around.scope.clone(),
            vars: Arc::clone(&around.vars),
            params: around.params.clone(),
            values: around.values.clone(),
            deferred: around.deferred.clone(),
            owner: around.owner,
            outer: Some(outer),
            secrets: around.secrets.clone(),
            ..FrameDraft::default()
        };
        self.frames.push(draft);
        ix
    }
}

fn reads(expression: &Expression, name: &str) -> bool {
    expression.references().iter().any(|reference| reference.path.first().is_some_and(|root| root == name))
}

/// A key that can stand in an id: brackets, slashes and control characters percent-encoded.
fn safe(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut key, letter| {
        if letter.is_control() || matches!(letter, '/' | '[' | ']' | '%') {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                let _ = write!(key, "%{byte:02X}");
            }
        } else {
            key.push(letter);
        }
        key
    })
}
