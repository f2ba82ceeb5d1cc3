//! Pass 1: parameters. Values from the command line, from an include, or from defaults; then the frame that holds them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::diagnostic::Diagnostic;
use crate::model::runbook::{EnumValues, Param, ParamDefault, ParamType, Runbook};
use crate::model::source::{Map, Name, Span, Text};
use crate::template::{Template, Value, value};

use super::builder::{Builder, FrameDraft, Loose, ParamState, Site};
use super::world::map;
use super::{Deferred, FrameIx, NodeIx, params, references, variables};
use crate::template::nearest::did_you_mean;

/// Who gives the parameters their values.
pub enum Giver<'g, 'a> {
    /// The command line (or nobody, in `check`).
    CommandLine,
    /// An include, from its own site.
    Include {
        /// The step.
        node: NodeIx,
        /// Where it stands.
        site: &'g Site,
        /// What it passes.
        passed: &'a Map<Text>,
        /// The place of its path.
        place: Span,
    },
}

/// What came of one parameter.
enum Found {
    Value(Value),
    Later(Template),
    Unknown,
}

impl<'a> Builder<'a> {
    /// The frame of a runbook.
    pub fn runbook_frame(&mut self, runbook: &'a Runbook, giver: &Giver<'_, 'a>) -> FrameIx {
        self.refuse_unknown(runbook, giver);
        let secrets: BTreeMap<_, _> = self
            .world
            .system
            .iter()
            .flat_map(|system| &system.secrets)
            .chain(&runbook.secrets)
            .map(|(name, declared)| (name.value.clone(), declared))
            .collect();
        let names = map(secrets.keys().map(|name| (name.as_str(), value::secret(name))));
        let base = self.world.scope.with("secrets", names);
        let ix = FrameIx(u32::try_from(self.frames.len()).unwrap_or(u32::MAX));
        let owner = if let Giver::Include { node, .. } = giver { Some(*node) } else { None };
        self.frames.push(FrameDraft { scope: base.clone(), secrets, owner, ..FrameDraft::default() });
        for (name, param) in &runbook.params {
            let found = self.param(ix, name, param, giver);
            let frame = &mut self.frames[ix.0 as usize];
            let state = match found {
                Found::Value(value) => {
                    frame.values.push((name.value.clone(), value));
                    frame.scope = base.with("params", map(frame.values.clone()));
                    ParamState::Known
                }
                Found::Later(value) => {
                    let param = Some(Arc::new(params::Typed::new(param)));
                    frame.deferred.push(Deferred { under: "params", name: name.value.clone(), value, param });
                    ParamState::Later
                }
                Found::Unknown => ParamState::Unknown,
            };
            frame.params.insert(name.value.clone(), state);
            frame.kinds.insert(name.value.clone(), references::of_param(param));
        }
        let vars = variables::lazy(&runbook.vars, &mut self.findings);
        let frame = &mut self.frames[ix.0 as usize];
        frame.vars = Arc::clone(&vars);
        frame.scope = base.with("params", map(frame.values.clone())).with_vars(vars);
        ix
    }

    fn refuse_unknown(&mut self, runbook: &Runbook, giver: &Giver<'_, '_>) {
        let exists = |name: &str| runbook.params.iter().any(|(id, _)| id.value == name);
        let names = || runbook.params.iter().map(|(id, _)| id.value.as_str());
        let message = |name: &str| format!("runbook `{}` has no parameter `{name}`", runbook.name.value);
        match giver {
            Giver::CommandLine => {
                for (name, given) in self.inputs.iter().flat_map(|inputs| &inputs.params) {
                    if !exists(name) {
                        let message = format!("{}: {}", given.origin, message(name));
                        let mut found = Diagnostic::unplaced("plan::unknown_parameter", message);
                        found.help = did_you_mean(name, names()).or_else(|| Some("it has no parameters".to_owned()));
                        self.findings.push(found);
                    }
                }
            }
            Giver::Include { passed, .. } => {
                for (name, _) in passed.iter().filter(|(name, _)| !exists(&name.value)) {
                    let mut found = Diagnostic::error("plan::unknown_parameter", name.span, message(&name.value));
                    found.help = did_you_mean(&name.value, names()).or_else(|| Some("it has no parameters".to_owned()));
                    self.findings.push(found);
                }
            }
        }
    }

    fn param(&mut self, frame: FrameIx, name: &Name, param: &'a Param, giver: &Giver<'_, 'a>) -> Found {
        let own = Site::of_frame(frame);
        let choices = self.choices(&own, param);
        let choices = choices.as_deref();
        match giver {
            Giver::CommandLine => {
                let Some(inputs) = self.inputs else {
                    // Another value may be given; the default has to be right all the same.
                    if param.default.is_some() {
                        self.default(&own, name, param, choices, giver);
                    }
                    return Found::Unknown;
                };
                if let Some((_, given)) = inputs.params.iter().rev().find(|(id, _)| *id == name.value) {
                    let mut texts = given.values.clone();
                    if param.kind == ParamType::List && texts.len() == 1 && given.origin.starts_with("--set") {
                        texts = texts[0]
                            .split(',')
                            .filter(|text| !text.is_empty())
                            .map(|text| text.trim().to_owned())
                            .collect();
                    }
                    return match params::accept(param, choices, &texts) {
                        Ok(value) => Found::Value(value),
                        Err(why) => {
                            let message = format!("{}: {why}", given.origin);
                            let mut found = Diagnostic::unplaced("plan::bad_parameter", message);
                            let help = param.help.clone();
                            found.help = help
                                .or_else(|| Some(format!("`{}` is of type {}", name.value, params::word(param.kind))));
                            self.findings.push(found.related(name.span, "declared here"));
                            Found::Unknown
                        }
                    };
                }
            }
            Giver::Include { site, passed, .. } => {
                if let Some((_, text)) = passed.iter().find(|(id, _)| id.value == name.value) {
                    return self.passed(site, param, choices, text);
                }
            }
        }
        self.default(&own, name, param, choices, giver)
    }

    fn passed(&mut self, site: &Site, param: &Param, choices: Option<&[String]>, text: &Text) -> Found {
        let template = self.findings.template(text);
        if !self.is_static_text(site, &template) {
            return Found::Later(template);
        }
        if site.pruned.is_some() {
            return Found::Unknown;
        }
        match self.static_value(site, &template).map(|value| params::coerce(param, choices, &value)) {
            Some(Ok(value)) => Found::Value(value),
            Some(Err(why)) => {
                let help = format!("the included runbook declares it as {}", params::word(param.kind));
                let found = Diagnostic::error("plan::bad_parameter", text.0.span, why).help(help);
                self.findings.push(found.related(param.span, "declared here"));
                Found::Unknown
            }
            None => Found::Unknown,
        }
    }

    fn default(
        &mut self,
        own: &Site,
        name: &Name,
        param: &Param,
        choices: Option<&[String]>,
        giver: &Giver<'_, '_>,
    ) -> Found {
        let value = match &param.default {
            Some(ParamDefault::Null) => return Found::Value(Value::from(())),
            Some(ParamDefault::Text(text)) => {
                let template = self.findings.template(text);
                self.frames[own.frame.0 as usize].loose.push(Loose::Text(template.clone()));
                self.static_value(own, &template)
            }
            Some(ParamDefault::List(texts)) => {
                let templates: Vec<_> = texts.iter().map(|text| self.findings.template(text)).collect();
                let values: Option<Vec<_>> =
                    templates.iter().map(|template| self.static_value(own, template)).collect();
                self.frames[own.frame.0 as usize].loose.extend(templates.into_iter().map(Loose::Text));
                values.map(Value::from)
            }
            None => match (choices, param.kind) {
                (Some([only]), ParamType::Enum) => Some(Value::from(only.as_str())),
                (None, ParamType::Enum) if param.values.is_some() && self.inputs.is_none() => None,
                _ => {
                    self.missing(name, param, choices, giver);
                    None
                }
            },
        };
        match value.map(|value| params::coerce(param, choices, &value)) {
            Some(Ok(value)) => Found::Value(value),
            Some(Err(why)) => {
                let place = match &param.default {
                    Some(ParamDefault::Text(text)) => text.0.span,
                    Some(ParamDefault::List(texts)) => {
                        let end = texts.last().map_or(param.span.end, |text| text.0.span.end);
                        texts.first().map_or(param.span, |text| Span { end, ..text.0.span })
                    }
                    Some(ParamDefault::Null) | None => param.span,
                };
                let usual = "write another default, or leave it out: then a value has to be given";
                let (why, help) = why.split_once(": ").unwrap_or((&why, usual));
                let message = format!("the default of `{}` is wrong: {why}", name.value);
                self.findings.push(Diagnostic::error("plan::bad_default", place, message).help(help));
                Found::Unknown
            }
            None => Found::Unknown,
        }
    }

    fn missing(&mut self, name: &Name, param: &Param, choices: Option<&[String]>, giver: &Giver<'_, '_>) {
        let asked = param.help.as_ref().map_or_else(String::new, |help| format!(": {help}"));
        let one_of = match choices {
            Some([]) => "; there is no value to choose from".to_owned(),
            Some(choices) => format!("; one of {}", choices.join(", ")),
            None => String::new(),
        };
        let found = match giver {
            Giver::CommandLine => Diagnostic::error(
                "plan::missing_parameter",
                name.span,
                format!("parameter `{}` has no value{asked}", name.value),
            )
            .help(format!("give it with --set {}=…{one_of}", name.value)),
            Giver::Include { place, .. } => Diagnostic::error(
                "plan::missing_parameter",
                *place,
                format!("the included runbook needs `{}`{asked}", name.value),
            )
            .help(format!("add `{}` to the step's `params`{one_of}", name.value))
            .related(name.span, "declared here"),
        };
        self.findings.push(found);
    }

    /// The values of an enum, as far as they are known.
    fn choices(&mut self, own: &Site, param: &Param) -> Option<Vec<String>> {
        match param.values.as_ref()? {
            EnumValues::Fixed(values) => Some(values.iter().map(|value| value.value.clone()).collect()),
            EnumValues::Computed(expr) => {
                let expression = self.findings.expression(expr)?;
                self.frames[own.frame.0 as usize].loose.push(Loose::Expr(expression.clone()));
                if !self.is_static(own, &expression) {
                    return None;
                }
                let values = match expression.eval(&self.scope(own)) {
                    Ok(values) => values,
                    Err(error) => {
                        self.findings.evaluation(&error);
                        return None;
                    }
                };
                let texts: Option<Vec<String>> =
                    values.try_iter().ok().and_then(|items| items.map(|item| value::text(&item)).collect());
                if texts.is_none() {
                    let message =
                        format!("the values of an enum are a list of texts; this is {}", value::kind(&values));
                    let found = Diagnostic::error("plan::enum_values", expr.0.span, message);
                    self.findings.push(found.help("make it a list of texts: `… | map(attribute='id') | list`"));
                }
                texts
            }
        }
    }
}
