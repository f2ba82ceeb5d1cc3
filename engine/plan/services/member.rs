//! One service under one verb.

use std::rc::Rc;
use std::time::Duration;

use crate::model::diagnostic::Diagnostic;
use crate::model::effect::Effect;
use crate::model::operation::{self as authored, Verb};
use crate::model::runbook::OnFailure;
use crate::model::source::Span;
use crate::model::work::Capture;
use crate::plan::builder::{Builder, Outputs, Site};
use crate::plan::compile::When;
use crate::plan::findings::literal;
use crate::plan::world::{RuntimeFacts, ServiceFacts};
use crate::plan::{Body, NodeIx, Presence};
use crate::template::value;

use super::Job;
use super::defaults::{self, Missing};

impl<'a> Builder<'a> {
    /// The member of a service (an index into the world's), and what it needs to be made of; all of it goes into `all`.
    pub fn member(&mut self, job: &Job, service: usize, all: &mut Vec<NodeIx>) -> NodeIx {
        let facts = self.world.services[service].clone();
        let id = facts.id.value.clone();
        let mut site = job.site.clone();
        Rc::make_mut(&mut site.bindings).push(("service".to_owned(), facts.value.clone()));
        site.target = if let Some(target) = &job.target {
            target.clone()
        } else {
            let around = Site { target: site.target.clone(), ..self.system_site() };
            self.default_target(facts.service.target.as_ref(), &around, When::Planned)
        };
        let custom = self.custom(job.verb, &facts);
        let reads_logs = job.verb == Verb::Logs && custom.is_none() && !matches!(facts.runtime, RuntimeFacts::Unit(_));
        let since = if reads_logs { Some(self.started(job, &mut site, &facts, all)) } else { None };
        let ix = self.push(&site, job.site.id.child(&id), &id, job.place, all.len());
        all.push(ix);
        if let Some(since) = since {
            self.node(ix).needs.push(since);
        }
        let operation = match custom {
            Some(operation) => Some(operation.clone()),
            None => self.default_operation(job.verb, job.place, &facts),
        };
        let mut compiled = self.operation(&operation.unwrap_or_default(), &site);
        compiled.effect.effect = compiled.effect.effect.max(least(job.verb));
        if job.verb == Verb::Logs {
            compiled.capture = Capture { stdout: job.keep_output, stderr: job.keep_output };
        }
        let outputs = compiled.judge.outputs.iter().map(|(name, _)| name.clone()).collect();
        let health = health_of(&facts);
        let (done_when, gate) = match job.verb {
            Verb::Pause | Verb::Unpause if custom.is_none() => {
                let gate = defaults::paused(job.verb, &facts.runtime, job.place);
                let done_when = gate.as_ref().map(|gate| self.probe(&gate.probe, &site));
                (done_when, gate.map(|gate| self.gate(&gate, &site)))
            }
            _ => self.health(job.verb, &health, custom.is_some(), &site),
        };
        let presence = self.presence(job.verb, &facts, &site);
        let rollback = job.undo.as_ref().map(|undo| Box::new(self.undo(undo, &facts, &site)));
        let title =
            facts.value.get_attr("title").ok().and_then(|title| value::text(&title)).unwrap_or_else(|| id.clone());
        let optional = facts.service.optional;
        // How a system does it itself, nobody knows.
        let repeatable = custom.is_none() && may_be_repeated(job.verb);
        let node = self.node(ix);
        node.idempotent = repeatable;
        node.title = literal(&title, job.place);
        node.body = Body::Operation(Box::new(compiled));
        node.done_when = done_when;
        node.gate = gate;
        node.presence = presence;
        node.rollback = rollback;
        node.estimate =
            if least(job.verb) == Effect::Mutate && starts(job.verb) { facts.service.estimate } else { None };
        node.on_failure = match job.verb {
            _ if optional => OnFailure::Warn,
            Verb::Start | Verb::Check | Verb::Logs => OnFailure::Continue,
            _ => OnFailure::Stop,
        };
        let memory = self.note(ix);
        memory.generated = true;
        memory.outputs = Outputs::Declared(outputs);
        ix
    }

    /// How the service, else the system, does a verb.
    pub fn custom(&self, verb: Verb, facts: &ServiceFacts<'a>) -> Option<&'a authored::Operation> {
        let system = self.world.system.iter().flat_map(|system| &system.operations);
        let all = facts.service.operations.iter().chain(system);
        all.into_iter().find(|(own, _)| own.value == verb).map(|(_, operation)| operation)
    }

    /// How the runtime does a verb.
    pub fn default_operation(
        &mut self,
        verb: Verb,
        place: Span,
        facts: &ServiceFacts<'a>,
    ) -> Option<authored::Operation> {
        let names_files = self.world.compose.as_ref().is_some_and(|compose| compose.names_files);
        match defaults::operation(verb, &facts.runtime, names_files, place) {
            Ok(operation) => Some(operation),
            Err(missing) => {
                let (verb, id) = (verb.as_str(), &facts.id.value);
                let help = match missing {
                    Missing::Verb => format!("define `operations: {{{verb}: …}}` in the system, or on the service"),
                    Missing::Files => {
                        "name the Compose files (`compose: files:`), or define `operations: {deploy: …}`".to_owned()
                    }
                };
                let message = format!("service `{id}` has no way to {verb}: its runtime has no default");
                self.findings.push(
                    Diagnostic::error("plan::no_operation", place, message)
                        .help(help)
                        .related(facts.service.span, "the service"),
                );
                None
            }
        }
    }

    /// `done_when` and gate of a verb.
    fn health(
        &mut self,
        verb: Verb,
        health: &authored::Gate,
        custom: bool,
        site: &Site,
    ) -> (Option<crate::plan::Probe>, Option<crate::plan::Gate>) {
        if verb == Verb::Check && !custom {
            let mut gate = self.gate(health, site);
            gate.within = Duration::ZERO;
            return (None, Some(gate));
        }
        if !starts(verb) {
            return (None, None);
        }
        let done_when = if verb == Verb::Start { Some(self.probe(&health.probe, site)) } else { None };
        (done_when, Some(self.gate(health, site)))
    }

    /// Asked of optional services; not where the verb itself makes the container.
    fn presence(&mut self, verb: Verb, facts: &ServiceFacts<'a>, site: &Site) -> Option<Presence> {
        let makes_it = matches!(facts.runtime, RuntimeFacts::Compose(..))
            && matches!(verb, Verb::Start | Verb::Deploy | Verb::Recreate);
        if !facts.service.optional || makes_it {
            return None;
        }
        let probe = self.probe(&defaults::presence(&facts.runtime, facts.service.span), site);
        Some(Presence { service: facts.id.value.clone(), probe, optional: true })
    }

    /// Reads when the container started, so that only what came since is shown.
    fn started(&mut self, job: &Job, site: &mut Site, facts: &ServiceFacts<'a>, all: &mut Vec<NodeIx>) -> NodeIx {
        let (RuntimeFacts::Compose(_, name) | RuntimeFacts::Container(name) | RuntimeFacts::Unit(name)) =
            &facts.runtime;
        let own = format!("{}_started", facts.id.value);
        let ix = self.push(site, job.site.id.child(&own), &own, job.place, all.len());
        all.push(ix);
        let operation = self.operation(&defaults::started(name, job.place), site);
        let presence = self.presence(Verb::Logs, facts, site);
        let node = self.node(ix);
        node.body = Body::Operation(Box::new(operation));
        node.presence = presence;
        node.on_failure = if facts.service.optional { OnFailure::Warn } else { OnFailure::Continue };
        let memory = self.note(ix);
        memory.generated = true;
        memory.outputs = Outputs::Declared(std::iter::once("at".to_owned()).collect());
        site.frame = self.pair_frame(site.frame, "started", ix);
        ix
    }
}

/// What a service says of its health, else what its runtime does.
pub fn health_of(facts: &ServiceFacts<'_>) -> authored::Gate {
    facts.service.health.clone().unwrap_or_else(|| defaults::health(&facts.runtime, facts.service.span))
}

/// Verbs that end with the service running.
const fn starts(verb: Verb) -> bool {
    matches!(verb, Verb::Start | Verb::Restart | Verb::Recreate | Verb::Deploy)
}

/// Verbs that lead to the same end when nobody saw them end and they are done again; a service that is paused cannot be paused.
const fn may_be_repeated(verb: Verb) -> bool {
    !matches!(verb, Verb::Pause | Verb::Unpause)
}

/// What a verb does at least, however a system does it.
const fn least(verb: Verb) -> Effect {
    match verb {
        Verb::Check | Verb::Logs => Effect::Read,
        Verb::Remove => Effect::Destroy,
        _ => Effect::Mutate,
    }
}
