//! What is known before the run: an expression that reads only parameters, the system, variables over them, and the run's name.

use crate::template::{Expression, Reference, Template, Value};

use super::FrameIx;
use super::builder::{Builder, ParamState, Site};
use super::variables;

/// The part of `run` that is known before it starts.
pub const RUN_KNOWN: [&str; 4] = ["id", "stamp", "started", "operator"];

impl Builder<'_> {
    /// True when an expression has its value before the run.
    pub fn is_static(&mut self, site: &Site, expression: &Expression) -> bool {
        expression.references().iter().all(|reference| self.known(site.frame, site, reference))
    }

    /// True when a text has its value before the run.
    pub fn is_static_text(&mut self, site: &Site, template: &Template) -> bool {
        template.references().iter().all(|(reference, _)| self.known(site.frame, site, reference))
    }

    /// The value of a text that is known before the run; an error is a finding. None: not known, or wrong.
    pub fn static_value(&mut self, site: &Site, template: &Template) -> Option<Value> {
        if !self.is_static_text(site, template) {
            return None;
        }
        match template.value(&self.scope(site)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.findings.evaluation(&error);
                None
            }
        }
    }

    /// True when a name has its value before the run.
    pub fn is_fixed(&mut self, site: &Site, reference: &Reference) -> bool {
        self.known(site.frame, site, reference)
    }

    fn known(&mut self, frame: FrameIx, site: &Site, reference: &Reference) -> bool {
        let Some(root) = reference.path.first() else { return false };
        if site.open.iter().any(|name| name == root) {
            return false;
        }
        if site.bindings.iter().any(|(name, _)| name == root) {
            return true;
        }
        self.known_in_frame(frame, &reference.path)
    }

    fn known_in_frame(&mut self, frame: FrameIx, path: &[String]) -> bool {
        let draft = &self.frames[frame.0 as usize];
        match (path.first().map(String::as_str), path.get(1)) {
            (Some("system" | "environment"), _) => true,
            (Some("run"), Some(name)) => RUN_KNOWN.contains(&name.as_str()),
            (Some("params"), Some(name)) => draft.params.get(name).is_none_or(|state| *state == ParamState::Known),
            (Some("params"), None) => draft.params.values().all(|state| *state == ParamState::Known),
            (Some("vars"), Some(name)) => self.fixed_var(frame, &name.clone()),
            (Some("vars"), None) => {
                let names: Vec<String> = draft.vars.keys().cloned().collect();
                names.iter().all(|name| self.fixed_var(frame, name))
            }
            _ => false,
        }
    }

    /// True when a variable has its value before the run. One that does not exist has: the reference pass names it.
    fn fixed_var(&mut self, frame: FrameIx, name: &str) -> bool {
        let draft = &mut self.frames[frame.0 as usize];
        if let Some(fixed) = draft.fixed_vars.get(name) {
            return *fixed;
        }
        // A cycle counts as known, so that evaluating it reports the path.
        draft.fixed_vars.insert(name.to_owned(), true);
        let paths: Vec<Vec<String>> = draft.vars.get(name).map_or_else(Vec::new, |var| {
            let references = variables::templates(var).iter().flat_map(Template::references);
            references.map(|(reference, _)| reference.path).collect()
        });
        let fixed = paths.iter().all(|path| self.known_in_frame(frame, path));
        self.frames[frame.0 as usize].fixed_vars.insert(name.to_owned(), fixed);
        fixed
    }
}
