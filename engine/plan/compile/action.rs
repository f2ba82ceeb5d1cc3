//! Authored actions become compiled ones, and what is known of their effect.

use crate::model::diagnostic::Diagnostic;
use crate::model::effect::Effect;
use crate::model::operation::{Action as Authored, Argv, HttpRequest, ManualAction, NotifyAction, Operation};
use crate::model::runbook::ParamDefault;
use crate::model::source::{Span, Text};
use crate::plan::builder::{Builder, Site};
use crate::plan::effects::{self, Known};
use crate::plan::findings::literal;
use crate::plan::{Action, ManualInput, Target};
use crate::template::nearest::did_you_mean;
use crate::template::{Script, Words, value};

impl Builder<'_> {
    /// The action of an operation and what verb and flags tell of its effect. `services` is not one of them.
    pub fn action(&mut self, op: &Operation, site: &Site, target: Option<&Target>) -> (Option<Action>, Known) {
        let Some(action) = &op.action else { return (None, Known::Class(Effect::Read)) };
        let place = action.span;
        match &action.value {
            Authored::Exec(argv) => {
                let Some(words) = self.findings.take(Words::parse(argv)) else { return (None, Known::Opaque) };
                let known = self.exec_effect(&words, place, site);
                (Some(Action::Exec(words)), known)
            }
            Authored::Docker(argv) => {
                let Some(words) = self.docker_words(argv, target) else { return (None, Known::Opaque) };
                let known = self.known_words(&words, site);
                self.refuse_tty(&known, place);
                (Some(Action::Docker(words)), self.seen(effects::docker(&known), site))
            }
            Authored::Gcloud(argv) => {
                let Some(words) = self.findings.take(Words::parse(argv)) else { return (None, Known::Opaque) };
                let known = self.known_words(&words, site);
                let known = self.seen(effects::gcloud(&known), site);
                (Some(Action::Gcloud(words)), known)
            }
            Authored::Shell { script, interpreter } => {
                let parsed = self.findings.take(Script::parse(script, interpreter.is_none()));
                let interpreter = self.interpreter(interpreter.as_deref(), site);
                (parsed.map(|script| Action::Shell { script, interpreter }), Known::Opaque)
            }
            Authored::Http(request) => (Some(self.http(request)), effects::http(&request.method.value)),
            Authored::Services(_) => {
                let message = "`services` is an action of steps; here it is not supported yet";
                self.findings.push(
                    Diagnostic::error("plan::not_supported_yet", place, message)
                        .help("ask the service itself: `docker: container inspect …`, `http: …`"),
                );
                (None, Known::Class(Effect::Read))
            }
            Authored::Manual(manual) => (Some(self.manual(manual)), Known::Opaque),
            Authored::Wait(duration) => (Some(Action::Wait(duration.value)), Known::Class(Effect::Read)),
            Authored::Notify(notify) => (Some(self.notify(notify)), Known::Class(Effect::Mutate)),
        }
    }

    /// `exec: docker …` is as well known as `docker: …`.
    fn exec_effect(&mut self, words: &Words, place: Span, site: &Site) -> Known {
        let words = self.known_words(words, site);
        let known = match words.split_first() {
            Some((Some(program), rest)) if program == "docker" => {
                self.refuse_tty(rest, place);
                effects::docker(rest)
            }
            Some((Some(program), rest)) if program == "gcloud" => effects::gcloud(rest),
            _ => Known::Opaque,
        };
        self.seen(known, site)
    }

    /// The words as far as they are known before the run.
    fn known_words(&mut self, words: &Words, site: &Site) -> Vec<Option<String>> {
        let literals = words.literals();
        if literals.iter().all(Option::is_some) {
            return literals;
        }
        let scope = self.scope(site);
        words.known(&scope, |reference| self.is_fixed(site, reference))
    }

    /// A verb that nobody can see counts as destroying, but not where its value is not asked for.
    fn seen(&self, known: Known, site: &Site) -> Known {
        match known {
            Known::Hidden if self.inputs.is_none() || site.pruned.is_some() => Known::Opaque,
            known => known,
        }
    }

    fn interpreter(&mut self, interpreter: Option<&[Text]>, site: &Site) -> Vec<String> {
        let Some(texts) = interpreter else { return ["bash", "-euo", "pipefail", "-c"].map(str::to_owned).to_vec() };
        let mut words = Vec::new();
        for text in texts {
            let template = self.findings.template(text);
            let known = match template.literal() {
                Some(word) => Some(word.to_owned()),
                None if site.pruned.is_some() => continue,
                None => self.static_value(site, &template).and_then(|value| value::text(&value)),
            };
            if known.is_none() && self.inputs.is_some() {
                let message = "the interpreter must be known before the run";
                let found = Diagnostic::error("plan::interpreter", text.0.span, message);
                self.findings.push(found.help("write it out, or read parameters only"));
            }
            words.extend(known);
        }
        let flag = match words.first().map(|word| word.rsplit('/').next().unwrap_or(word)) {
            Some("perl" | "node" | "ruby") => "-e",
            _ => "-c",
        };
        if words.len() == 1 || !matches!(words.last().map(String::as_str), Some("-c" | "-e")) {
            words.push(flag.to_owned());
        }
        words
    }

    fn http(&mut self, request: &HttpRequest) -> Action {
        let mut headers = self.named(&request.headers);
        let body = match (&request.json, &request.body) {
            (Some(json), _) => {
                if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
                    headers.push(("content-type".to_owned(), literal("application/json", json.0.span)));
                }
                Some(self.findings.template(json))
            }
            (None, body) => self.findings.maybe(body.as_ref()),
        };
        Action::Http {
            method: request.method.value.clone(),
            url: self.findings.template(&request.url),
            headers,
            body,
            follow: request.follow,
            insecure: request.insecure,
        }
    }

    fn manual(&mut self, manual: &ManualAction) -> Action {
        let mut inputs = Vec::new();
        for (name, param) in &manual.inputs {
            let default = match &param.default {
                Some(ParamDefault::Text(text)) => Some(self.findings.template(text)),
                Some(ParamDefault::List(texts)) => texts.first().map(|text| self.findings.template(text)),
                Some(ParamDefault::Null) | None => None,
            };
            inputs.push(ManualInput { name: name.value.clone(), param: param.clone(), default });
        }
        Action::Manual { text: self.findings.template(&manual.text), inputs, evidence: manual.evidence }
    }

    fn notify(&mut self, notify: &NotifyAction) -> Action {
        let known: Vec<String> =
            self.world.system.iter().flat_map(|system| &system.channels).map(|(id, _)| id.value.clone()).collect();
        let mut channels = Vec::new();
        for name in &notify.to {
            if known.contains(&name.value) {
                channels.push(name.value.clone());
            } else {
                let mut found = Diagnostic::error(
                    "plan::unknown_channel",
                    name.span,
                    format!("the system has no channel `{}`", name.value),
                );
                found.help = did_you_mean(&name.value, known.iter().map(String::as_str))
                    .or_else(|| Some("declare it under `channels:` of the system".to_owned()));
                self.findings.push(found);
            }
        }
        if notify.to.is_empty() {
            channels = known;
        }
        Action::Notify { channels, text: self.findings.template(&notify.text) }
    }
}

/// The authored text of an action, for the lint of opaque ones.
pub fn source(action: &Authored) -> String {
    let argv = |argv: &Argv| match argv {
        Argv::Line(text) => text.0.source.clone(),
        Argv::List(texts) => texts.iter().map(|text| text.0.source.as_str()).collect::<Vec<_>>().join(" "),
    };
    match action {
        Authored::Exec(words) | Authored::Docker(words) | Authored::Gcloud(words) => argv(words),
        Authored::Shell { script, .. } => script.0.source.clone(),
        Authored::Http(request) => {
            request.body.iter().chain(&request.json).map(|body| body.0.source.as_str()).collect()
        }
        Authored::Services(_) | Authored::Manual(_) | Authored::Wait(_) | Authored::Notify(_) => String::new(),
    }
}
