//! Operations, probes and gates: authored texts become templates, flags are completed, effects decided.

mod action;
mod case;
mod docker;
mod place;
pub mod reads;
mod rehearsal;
mod undo;

use std::time::Duration;

pub use place::When;

use crate::model::diagnostic::Diagnostic;
use crate::model::effect::{Effect, EffectClass};
use crate::model::operation as authored;
use crate::model::rehearsal::OrText;
use crate::model::runbook::Confirm as AuthoredConfirm;
use crate::model::runbook::Retry as AuthoredRetry;
use crate::model::source::{Map, Text};
use crate::template::{Template, value};

use super::builder::{Builder, Site};
use super::effects::{self, Known, destructive_words};
use super::{Confirm, Gate, Judge, Operation, Probe, Retry, Target};

/// Without `timeout`.
const TIMEOUT: Duration = Duration::from_mins(10);
const EVERY: Duration = Duration::from_secs(2);
const WITHIN: Duration = Duration::from_mins(1);

impl Builder<'_> {
    /// A step's own operation.
    pub fn operation(&mut self, op: &authored::Operation, site: &Site) -> Operation {
        let target = self.place_of(op, site);
        let (action, known) = self.action(op, site, target.as_ref());
        let effect = match effects::decide(known, op.effect.as_ref()) {
            Ok(class) => class,
            Err(lowered) => {
                self.findings.push(*lowered);
                EffectClass {
                    effect: op.effect.as_ref().map_or(Effect::Mutate, |effect| effect.value),
                    declared: false,
                }
            }
        };
        if effect.effect == Effect::Read && effect.declared {
            self.lint(op, "is declared `read`");
        }
        self.assemble(op, site, (action, target), effect)
    }

    /// A read-only measurement: opaque actions count as read, others must be.
    pub fn probe(&mut self, probe: &authored::Probe, site: &Site) -> Probe {
        let op = &probe.operation;
        let target = self.place_of(op, site);
        let (action, known) = self.action(op, site, target.as_ref());
        let place = op.action.as_ref().map_or(op.span, |action| action.span);
        match known {
            Known::Opaque => self.lint(op, "stands in a probe, which must only read"),
            Known::Class(Effect::Read) => {}
            Known::Hidden => {
                let message = "a probe must only read; here nobody can see what it does";
                self.findings.push(Diagnostic::error("plan::probe_changes", place, message).help("write the verb out"));
            }
            Known::Class(effect) => {
                let message = format!("a probe must only read; this is known to be `{}`", effects::word(effect));
                let found = Diagnostic::error("plan::probe_changes", place, message);
                self.findings.push(found.help("make it the action of a step of its own"));
            }
        }
        if let Some(declared) = op.effect.as_ref().filter(|declared| declared.value != Effect::Read) {
            let message = format!("a probe must only read; it is declared `{}`", effects::word(declared.value));
            let found = Diagnostic::error("plan::probe_changes", declared.span, message);
            self.findings.push(found.help("leave `effect:` out"));
        }
        let effect = EffectClass { effect: Effect::Read, declared: known == Known::Opaque };
        Probe { operation: Box::new(self.assemble(op, site, (action, target), effect)) }
    }

    /// A probe that holds the graph.
    pub fn gate(&mut self, gate: &authored::Gate, site: &Site) -> Gate {
        let mut probe = self.probe(&gate.probe, site);
        let fail_if = self.findings.expressions(&gate.fail_if);
        let progress = gate.progress.as_ref().and_then(|expr| self.findings.expression(expr));
        let more = fail_if.iter().chain(&progress);
        probe.operation.capture = reads::capture(&probe.operation.judge, more.clone());
        let reads_before = reads::before(&probe.operation.judge, more);
        Gate {
            probe,
            every: gate.every.unwrap_or(EVERY),
            within: gate.within.unwrap_or(WITHIN),
            successes: self.successes(gate, site),
            fail_if,
            progress,
            reads_before,
        }
    }

    /// How often in a row a gate has to pass: a number, or a text that gives one before the run.
    fn successes(&mut self, gate: &authored::Gate, site: &Site) -> u32 {
        let text = match &gate.successes {
            None => return 1,
            Some(OrText::Value(count)) => return (*count).max(1),
            Some(OrText::Text(text)) => text,
        };
        let template = self.findings.template(text);
        let known = self.static_value(site, &template);
        let count =
            known.as_ref().and_then(value::text).and_then(|text| text.parse::<u32>().ok()).filter(|count| *count > 0);
        if count.is_none() && self.inputs.is_some() && site.pruned.is_none() {
            let seen = known.as_ref().and_then(value::text).map_or_else(String::new, |text| format!(", not `{text}`"));
            let message = format!("`successes` is a whole number above 0 that is known before the run{seen}");
            let found = Diagnostic::error("plan::successes", text.0.span, message);
            self.findings.push(found.help("write a number, or read parameters only: `${{ params.times }}`"));
        }
        count.unwrap_or(1)
    }

    /// How a result is judged.
    pub fn judge(&mut self, op: &authored::Operation) -> Judge {
        let expect = self.findings.expressions(&op.expect);
        let replaced = expect.iter().any(reads::replaces_default);
        Judge {
            default_expectation: !replaced,
            expect,
            warn_unless: self.findings.expressions(&op.warn_unless),
            outputs: self.outputs(&op.outputs),
            hint: self.findings.maybe(op.hint.as_ref()),
        }
    }

    /// Named expressions.
    pub fn outputs(&mut self, outputs: &Map<crate::model::source::Expr>) -> Vec<(String, crate::template::Expression)> {
        let mut compiled = Vec::with_capacity(outputs.len());
        for (name, expr) in outputs {
            if let Some(expression) = self.findings.expression(expr) {
                compiled.push((name.value.clone(), expression));
            }
        }
        compiled
    }

    /// `retry`, with what it reads of a result.
    pub fn retry(&mut self, retry: &AuthoredRetry) -> Retry {
        Retry {
            attempts: retry.attempts.max(1),
            delay: retry.delay,
            factor: retry.factor,
            max_delay: retry.max_delay,
            when: self.findings.expressions(&retry.when),
        }
    }

    /// `confirm`.
    pub fn confirm(&mut self, confirm: &AuthoredConfirm) -> Confirm {
        Confirm { typed: self.findings.maybe(confirm.typed.as_ref()), show: self.findings.maybe(confirm.show.as_ref()) }
    }

    /// Named texts.
    pub fn named(&mut self, texts: &Map<Text>) -> Vec<(String, Template)> {
        texts.iter().map(|(name, text)| (name.value.clone(), self.findings.template(text))).collect()
    }

    fn assemble(
        &mut self,
        op: &authored::Operation,
        site: &Site,
        (action, target): (Option<super::Action>, Option<Target>),
        effect: EffectClass,
    ) -> Operation {
        let judge = self.judge(op);
        let mut env = self.world.env.clone();
        env.extend(self.named(&op.env));
        Operation {
            target,
            place: op.action.as_ref().map_or(op.span, |action| action.span),
            action,
            effect,
            env,
            stdin: self.findings.maybe(op.stdin.as_ref()),
            working_dir: self.findings.maybe(op.working_dir.as_ref()),
            base_dir: site.base.as_ref().clone(),
            timeout: op.timeout.as_ref().map_or(TIMEOUT, |timeout| timeout.value),
            capture: reads::capture(&judge, &[]),
            judge,
            simulate: op.simulate.as_ref().map(|simulate| Box::new(self.simulate(simulate))),
        }
    }

    fn lint(&mut self, op: &authored::Operation, why: &str) {
        let Some(action) = &op.action else { return };
        let text = action::source(&action.value);
        let with_stdin = op.stdin.as_ref().map_or(text.clone(), |stdin| format!("{text}\n{}", stdin.0.source));
        if let Some(words) = destructive_words(&with_stdin) {
            let message = format!("this action {why}, but it says `{words}`");
            let found = Diagnostic::warning("plan::looks_destructive", action.span, message);
            self.findings.push(found.help("make it a step with `effect: destroy`, if it does what it says"));
        }
    }
}
