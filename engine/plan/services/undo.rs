//! `rollback: { services: VERB }` on a `services:` step: each of its services is undone by itself, so that the last one acted on is
//! the first one undone.

use crate::model::diagnostic::Diagnostic;
use crate::model::operation::{Action, Operation, Verb};
use crate::model::runbook::{Rollback as Authored, Step};
use crate::model::source::Spanned;
use crate::plan::Rollback;
use crate::plan::builder::{Builder, Site};
use crate::plan::world::ServiceFacts;

use super::defaults;
use super::member::health_of;

/// The verb of a rollback by `services`.
pub fn verb(operation: &Operation) -> Option<Spanned<Verb>> {
    match &operation.action.as_ref()?.value {
        Action::Services(services) => Some(services.verb.clone()),
        _ => None,
    }
}

impl<'a> Builder<'a> {
    /// True when a rollback is one by `services`; it must be that of the services of its own step.
    pub fn undone_by_services(&mut self, rollback: &Authored, step: &Step) -> bool {
        let action = |operation: &'_ Operation| match operation.action.as_ref().map(|action| &action.value) {
            Some(Action::Services(services)) => Some(services.clone()),
            _ => None,
        };
        let Some(undo) = action(&rollback.operation) else { return false };
        let texts = |services: &crate::model::operation::ServicesAction| -> Vec<String> {
            services.selection.iter().map(|text| text.0.source.clone()).collect()
        };
        let message = match action(&step.operation) {
            None => "only a `services:` step is rolled back by `services`",
            Some(own) if !undo.selection.is_empty() && texts(&undo) != texts(&own) => {
                "a rollback by `services` undoes the services of its own step, not others"
            }
            Some(_) => return true,
        };
        let help = "write the verb alone on a `services:` step (`rollback: { services: start }`); elsewhere undo the step with \
                    another action";
        self.findings.push(Diagnostic::error("plan::rollback_by_services", undo.verb.span, message).help(help));
        true
    }

    /// How one service of a step is undone.
    pub fn undo(&mut self, undo: &Spanned<Verb>, facts: &ServiceFacts<'a>, site: &Site) -> Rollback {
        let operation = match self.custom(undo.value, facts) {
            Some(operation) => Some(operation.clone()),
            None => self.default_operation(undo.value, undo.span, facts),
        };
        let operation = self.operation(&operation.unwrap_or_default(), site);
        let health = health_of(facts);
        let starts = undo.value == Verb::Start;
        let done_when = match undo.value {
            Verb::Start => Some(self.probe(&health.probe, site)),
            verb => defaults::already(verb, &facts.runtime, undo.span).map(|probe| self.probe(&probe, site)),
        };
        let gate = starts.then(|| self.gate(&health, site));
        Rollback { operation, done_when, gate }
    }
}
