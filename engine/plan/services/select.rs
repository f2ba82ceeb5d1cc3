//! Which services a selection means.

use std::collections::BTreeSet;

use crate::model::diagnostic::Diagnostic;
use crate::model::operation::{Scope, ServicesAction};
use crate::model::source::Text;
use crate::plan::builder::{Builder, Site};
use crate::plan::world::World;
use crate::template::nearest::did_you_mean;
use crate::template::{Template, Value, value};

impl Builder<'_> {
    /// Indices into the system's services, in its order; none when the selection is not known before the run.
    pub fn selected(&mut self, action: &ServicesAction, selection: &[Template], site: &Site) -> Option<Vec<usize>> {
        if self.world.system.is_none() {
            let message = "`services` needs a system, and there is none";
            self.findings.push(
                Diagnostic::error("plan::no_system", action.verb.span, message)
                    .help("name it with `system:` in the runbook or --system FILE"),
            );
            return None;
        }
        let mut chosen = BTreeSet::new();
        for (template, text) in selection.iter().zip(&action.selection) {
            if !self.is_static_text(site, template) {
                if self.inputs.is_some() && self.reads_steps(site, template) {
                    let message = "which services are meant must be known before the run";
                    let help = "name services or tags, or read parameters; choose between steps with `when:`";
                    self.findings.push(Diagnostic::error("plan::selection", text.0.span, message).help(help));
                }
                return None;
            }
            let value = self.static_value(site, template)?;
            for name in names(&value) {
                self.add(&name, text, &mut chosen);
            }
        }
        if selection.is_empty() {
            chosen.extend(0..self.world.services.len());
        }
        Some(grow(&self.world, &chosen, action.scope))
    }

    fn add(&mut self, name: &str, text: &Text, chosen: &mut BTreeSet<usize>) {
        let services = &self.world.services;
        let tagged = |at: &usize| services[*at].service.tags.iter().any(|tag| tag.value == name);
        if name == "all" {
            chosen.extend(0..services.len());
        } else if let Some(at) = self.world.index.get(name) {
            chosen.insert(*at);
        } else if (0..services.len()).any(|at| tagged(&at)) {
            chosen.extend((0..services.len()).filter(tagged));
        } else {
            let mut found =
                Diagnostic::error("plan::unknown_service", text.0.span, format!("there is no service or tag `{name}`"));
            let tags = services.iter().flat_map(|facts| &facts.service.tags).map(|tag| tag.value.as_str());
            let known: BTreeSet<&str> = self.world.index.keys().copied().chain(tags).chain(["all"]).collect();
            found.help = did_you_mean(name, known);
            self.findings.push(found);
        }
    }

    fn reads_steps(&self, site: &Site, template: &Template) -> bool {
        use crate::plan::builder::ParamState;
        let frame = self.frame(site.frame);
        template.references().iter().any(|(reference, _)| {
            match (reference.path.first().map(String::as_str), reference.path.get(1)) {
                (Some("steps"), _) => true,
                (Some("params"), Some(name)) => frame.params.get(name) == Some(&ParamState::Later),
                _ => false,
            }
        })
    }
}

fn names(value: &Value) -> Vec<String> {
    match value::kind(value) {
        "list" => {
            value.try_iter().map(|items| items.filter_map(|item| value::text(&item)).collect()).unwrap_or_default()
        }
        _ => value::text(value).into_iter().collect(),
    }
}

/// The selection and what its scope adds.
fn grow(world: &World<'_>, chosen: &BTreeSet<usize>, scope: Scope) -> Vec<usize> {
    let needs = |at: usize| -> Vec<usize> {
        world.services[at]
            .service
            .needs
            .iter()
            .filter_map(|name| world.index.get(name.value.as_str()).copied())
            .collect()
    };
    let needed_by =
        |at: usize| -> Vec<usize> { (0..world.services.len()).filter(|by| needs(*by).contains(&at)).collect() };
    let closure = |next: &dyn Fn(usize) -> Vec<usize>| {
        let mut reached = BTreeSet::new();
        let mut open: Vec<usize> = chosen.iter().flat_map(|at| next(*at)).collect();
        while let Some(at) = open.pop() {
            if reached.insert(at) {
                open.extend(next(at));
            }
        }
        reached
    };
    let all: BTreeSet<usize> = match scope {
        Scope::Selected => chosen.clone(),
        Scope::WithDependencies => chosen.union(&closure(&needs)).copied().collect(),
        Scope::WithDependents => chosen.union(&closure(&needed_by)).copied().collect(),
        Scope::Dependents => closure(&needed_by).difference(chosen).copied().collect(),
    };
    all.into_iter().collect()
}
