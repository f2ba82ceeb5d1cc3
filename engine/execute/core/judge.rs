//! What a finished attempt means for its step. Transport failures never reach `expect`.

use std::sync::Arc;

use super::Core;
use super::list::Role;
use super::stage::Stage;
use crate::execute::result::ResultView;
use crate::model::effect::Effect;
use crate::model::outcome::{Outcome, SkipReason};
use crate::model::status::{StepEvent, StepStatus};
use crate::model::work::{Completion, End, Purpose};
use crate::plan::{Body, Judge, ListKind, NodeIx, Operation};
use crate::template::quantity::format_duration;
use crate::template::{Scope, Value, value};

/// What a judgement found.
pub(super) enum Judgement {
    Holds,
    Fails(Vec<String>),
}

impl Core {
    pub(super) fn judge(&mut self, ix: NodeIx, purpose: Purpose, completion: &Completion) {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        if self.nodes[ix.0 as usize].undo.is_some() {
            self.judge_undo(ix, purpose, completion);
            return;
        }
        let interrupted = self.is_halted() && matches!(completion.end, End::Cancelled);
        if interrupted && purpose != Purpose::Action {
            self.end(ix, StepEvent::Interrupt);
            return;
        }
        if purpose == Purpose::Action
            && self.nodes[ix.0 as usize].lost.is_some()
            && let Some(stage) = self.judge_lost(ix, completion)
        {
            self.go_on(ix, stage);
            return;
        }
        let next = match purpose {
            Purpose::DoneWhen if self.nodes[ix.0 as usize].resolving => {
                node.done_when.as_ref().and_then(|probe| self.judge_resolving(ix, &probe.operation, completion))
            }
            Purpose::Presence => self.judge_presence(ix, completion),
            Purpose::Before => {
                self.state(ix).before = Some(ResultView::of(completion));
                Some(Stage::Action)
            }
            Purpose::Gate => node.gate.as_ref().and_then(|gate| self.judge_gate(ix, gate, completion)),
            Purpose::Action => self.judge_action(ix, completion),
            Purpose::Require | Purpose::RequireAgain | Purpose::DoneWhen | Purpose::Identity => {
                let probe = match purpose {
                    Purpose::DoneWhen => node.done_when.as_ref(),
                    Purpose::Identity => plan.environment.as_ref().and_then(|it| it.identity.as_ref()),
                    _ => node.require.as_ref(),
                };
                probe.map(|probe| self.judge_probe(ix, purpose, &probe.operation, completion))
            }
            Purpose::Preflight
            | Purpose::DryRun
            | Purpose::RollbackDoneWhen
            | Purpose::Rollback
            | Purpose::RollbackGate => None,
        };
        if let Some(stage) = next {
            self.go_on(ix, stage);
        }
    }

    fn judge_probe(&mut self, ix: NodeIx, purpose: Purpose, operation: &Operation, completion: &Completion) -> Stage {
        let scope = ResultView::of(completion).over(&self.scope(ix));
        match judgement(&operation.judge, Some(completion), &scope) {
            Judgement::Holds => self.probe_passed(ix, purpose),
            Judgement::Fails(why) => {
                let hint = operation.judge.hint.as_ref().map(|hint| hint.preview(&scope));
                self.state(ix).hint = hint;
                self.probe_failed(ix, purpose, &why.join("; "))
            }
        }
    }

    /// `done_when` of an attempt whose end nobody saw: what could not be read decides nothing.
    fn judge_resolving(&mut self, ix: NodeIx, operation: &Operation, completion: &Completion) -> Option<Stage> {
        let scope = ResultView::of(completion).over(&self.scope(ix));
        let read = matches!(completion.end, End::Exited(_) | End::Responded { .. } | End::Done { .. });
        match judgement(&operation.judge, Some(completion), &scope) {
            Judgement::Holds => self.resolved_by_probe(ix, Some(true), "`done_when` holds"),
            Judgement::Fails(why) => self.resolved_by_probe(ix, read.then_some(false), &why.join("; ")),
        }
    }

    /// An expectation without an action.
    pub(super) fn judge_bare_probe(&mut self, ix: NodeIx, operation: &Operation, purpose: Purpose) -> Stage {
        let scope = self.scope(ix);
        match judgement(&operation.judge, None, &scope) {
            Judgement::Holds => self.probe_passed(ix, purpose),
            Judgement::Fails(why) => {
                let hint = operation.judge.hint.as_ref().map(|hint| hint.preview(&scope));
                self.state(ix).hint = hint;
                self.probe_failed(ix, purpose, &why.join("; "))
            }
        }
    }

    fn probe_passed(&mut self, ix: NodeIx, purpose: Purpose) -> Stage {
        match purpose {
            Purpose::Presence => Stage::Require,
            Purpose::Require => Stage::DoneWhen,
            Purpose::DoneWhen => {
                self.skip_members(ix);
                let state = self.state(ix);
                // A retry that has only its gate left is an attempt like any other, or it would never be the last one.
                if state.attempts > 0 {
                    state.attempts += 1;
                }
                state.event(StepEvent::Gate);
                Stage::Gate
            }
            Purpose::RequireAgain => Stage::Identity,
            _ => Stage::Before,
        }
    }

    /// `done_when` holds: the members of a group do not run.
    fn skip_members(&mut self, ix: NodeIx) {
        let step = self.plan.node(ix).id.0.clone();
        for role in [Role::Members(ix), Role::Finally(ix)] {
            self.skip_list(role, &SkipReason::Parent { step: step.clone() });
        }
    }

    /// What a failed probe means, by what it was for.
    pub(super) fn probe_failed(&mut self, ix: NodeIx, purpose: Purpose, why: &str) -> Stage {
        match purpose {
            Purpose::DoneWhen => Stage::Approve,
            Purpose::Identity => {
                self.state(ix).refused = true;
                self.state(ix).why.push(format!("the environment's identity is not proved: {why}"));
                Stage::Fail
            }
            Purpose::Before => Stage::Action,
            Purpose::Presence => {
                self.state(ix).why.push(format!("not there: {why}"));
                Stage::Fail
            }
            _ => {
                self.state(ix).why.push(format!("required: {why}"));
                Stage::Fail
            }
        }
    }

    fn judge_presence(&mut self, ix: NodeIx, completion: &Completion) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let presence = plan.node(ix).presence.as_ref()?;
        let scope = ResultView::of(completion).over(&self.scope(ix));
        match judgement(&presence.probe.operation.judge, Some(completion), &scope) {
            Judgement::Holds => Some(Stage::Require),
            Judgement::Fails(_) if presence.optional && matches!(completion.end, End::Exited(_)) => {
                self.skip(ix, &SkipReason::Absent { service: presence.service.clone() });
                None
            }
            Judgement::Fails(why) => Some(self.probe_failed(ix, Purpose::Presence, &why.join("; "))),
        }
    }

    fn judge_action(&mut self, ix: NodeIx, completion: &Completion) -> Option<Stage> {
        let plan = Arc::clone(&self.plan);
        let Body::Operation(operation) = &plan.node(ix).body else { return None };
        let result = ResultView::of(completion);
        self.state(ix).log = completion.stdout.as_ref().map(|stdout| format!("{stdout}{}", completion.stderr));
        self.state(ix).result = result.clone();
        if matches!(completion.end, End::Cancelled) && self.is_halted() {
            self.end(ix, StepEvent::Interrupt);
            return None;
        }
        if let End::Unreachable { may_have_run: true, .. } = completion.end {
            self.state(ix).unknown = operation.effect.effect != Effect::Read;
        }
        // Most steps are judged by their exit alone: then nobody reads a name.
        let scope = if evaluates(&operation.judge) {
            self.over_before(ix, &result.over(&self.scope(ix)))
        } else {
            Scope::default()
        };
        match judgement(&operation.judge, Some(completion), &scope) {
            Judgement::Fails(why) => {
                self.state(ix).why.extend(why);
                Some(Stage::Fail)
            }
            Judgement::Holds => {
                self.note_attention(ix, &operation.judge, &scope);
                self.note_left_behind(ix, completion);
                for (name, text) in &completion.values {
                    self.state(ix).outputs.push((name.clone(), Value::from(text.as_str())));
                }
                Some(self.take_outputs(ix, &operation.judge, &scope))
            }
        }
    }

    fn note_left_behind(&mut self, ix: NodeIx, completion: &Completion) {
        if !completion.left_behind.is_empty() {
            let pids: Vec<String> = completion.left_behind.iter().map(u32::to_string).collect();
            let note = format!("left running in the background: process {}", pids.join(", "));
            self.state(ix).attention.push(note);
        }
        if let End::Done { warning: Some(warning) } = &completion.end {
            self.state(ix).attention.push(warning.clone());
        }
    }

    /// A step with an expectation or a gate and no action.
    pub(super) fn judge_bare_action(&mut self, ix: NodeIx, operation: &Operation) -> Stage {
        let scope = self.scope(ix);
        match judgement(&operation.judge, None, &scope) {
            Judgement::Fails(why) => {
                self.state(ix).why.extend(why);
                Stage::Fail
            }
            Judgement::Holds => {
                self.note_attention(ix, &operation.judge, &scope);
                self.take_outputs(ix, &operation.judge, &scope)
            }
        }
    }

    /// `warn_unless`.
    pub(super) fn note_attention(&mut self, ix: NodeIx, judge: &Judge, scope: &Scope) {
        for condition in &judge.warn_unless {
            match condition.holds(scope) {
                Ok(verdict) if verdict.holds => {}
                Ok(verdict) => self.state(ix).attention.push(shown(condition.source(), &verdict.seen)),
                Err(error) => self.state(ix).attention.push(error.message),
            }
        }
    }

    /// Evaluates outputs; the gate is next.
    pub(super) fn take_outputs(&mut self, ix: NodeIx, judge: &Judge, scope: &Scope) -> Stage {
        for (name, expression) in &judge.outputs {
            match expression.eval(scope) {
                Ok(output) => self.state(ix).outputs.push((name.clone(), output)),
                Err(error) => {
                    self.state(ix).why.push(format!("output `{name}`: {}", error.message));
                    return Stage::Fail;
                }
            }
        }
        self.state(ix).event(StepEvent::Gate);
        Stage::Gate
    }

    pub(super) fn over_before(&self, ix: NodeIx, scope: &Scope) -> Scope {
        match &self.nodes[ix.0 as usize].before {
            Some(before) => scope.with("before", before.as_value()),
            None => scope.clone(),
        }
    }

    /// Members and finally-steps are over: the group is judged by them and by its own expectations.
    pub(super) fn judge_group(&mut self, ix: NodeIx) -> Stage {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        let Body::List { kind, .. } = &node.body else { return Stage::Succeed };
        let result = self.gather(ix, *kind);
        self.state(ix).result = result.clone();
        let mut outcome = Outcome::Succeeded;
        let mut by_rolled_back = true;
        for role in [Role::Members(ix), Role::Finally(ix)] {
            let Some(list) = self.list_of(role) else { continue };
            let ended = self.list_outcome(list);
            if *kind == ListKind::Check && !node.judge.default_expectation && ended == Outcome::Failed {
                continue;
            }
            match ended {
                Outcome::Interrupted => {
                    self.end(ix, StepEvent::Interrupt);
                    return Stage::Away;
                }
                Outcome::Failed | Outcome::Unknown | Outcome::RolledBack => {
                    outcome = if outcome == Outcome::Unknown { outcome } else { ended };
                    self.state(ix).unknown |= ended == Outcome::Unknown;
                    for member in self.members_that(list, ended) {
                        by_rolled_back &= ended == Outcome::RolledBack || self.nodes[member.0 as usize].by_rolled_back;
                        let name = self.plan.node(member).id.0.clone();
                        self.state(ix).why.push(format!("`{name}` {}", ended.as_str()));
                    }
                }
                Outcome::Warned => {
                    for member in self.members_that(list, ended) {
                        let name = self.plan.node(member).id.0.clone();
                        self.state(ix).attention.push(format!("`{name}` needs attention"));
                    }
                }
                Outcome::Succeeded | Outcome::Skipped => {}
            }
        }
        if outcome != Outcome::Succeeded {
            self.state(ix).by_rolled_back = by_rolled_back;
            return Stage::Fail;
        }
        let scope = self.over_before(ix, &result.over(&self.store.judge(ix, self.run_view())));
        match judgement(&node.judge, None, &scope) {
            Judgement::Fails(why) => {
                self.state(ix).why.extend(why);
                Stage::Fail
            }
            Judgement::Holds => {
                self.note_attention(ix, &node.judge, &scope);
                self.take_outputs(ix, &node.judge, &scope)
            }
        }
    }

    /// What a group's members bring together.
    fn gather(&mut self, ix: NodeIx, kind: ListKind) -> ResultView {
        let Some(list) = self.list_of(Role::Members(ix)) else { return ResultView::default() };
        let members = Arc::clone(&self.lists[list.0].members);
        match kind {
            ListKind::Check => {
                let mut all = true;
                let mut services = Vec::new();
                for member in members.iter().copied() {
                    let StepStatus::Ended(outcome) = self.nodes[member.0 as usize].status else { continue };
                    let values = self.store.get(member);
                    let healthy = matches!(outcome, Outcome::Succeeded | Outcome::Warned);
                    all &= healthy || outcome == Outcome::Skipped;
                    let Some(outputs) = values.outputs.filter(has_members) else { continue };
                    let name = self.plan.node(member).name.clone();
                    services.push((name, with_entry(&outputs, "healthy", Value::from(healthy))));
                }
                ResultView::gathered(vec![("json", Value::from_pairs(services)), ("healthy", Value::from(all))])
            }
            ListKind::Logs => {
                let mut text = String::new();
                for member in members.iter().filter(|member| self.plan.node(**member).is_log()) {
                    if let Some(log) = &self.nodes[member.0 as usize].log {
                        text.push_str(log);
                        if !text.ends_with('\n') {
                            text.push('\n');
                        }
                    }
                }
                ResultView::logs(&text)
            }
            ListKind::ForEach => {
                self.gather_elements(ix, &members);
                ResultView::default()
            }
            ListKind::Group | ListKind::Include | ListKind::Services => ResultView::default(),
        }
    }

    /// Outputs of a `for_each` are maps by element.
    fn gather_elements(&mut self, ix: NodeIx, members: &[NodeIx]) {
        let mut outputs: Vec<(String, Vec<(String, Value)>)> = Vec::new();
        for member in members {
            let key = self.plan.node(*member).name.clone();
            let Some(element) = self.store.get(*member).outputs else { continue };
            let Ok(names) = element.try_iter() else { continue };
            for name in names {
                let (Some(text), Ok(output)) = (name.as_str(), element.get_item(&name)) else { continue };
                match outputs.iter_mut().find(|(known, _)| known == text) {
                    Some((_, elements)) => elements.push((key.clone(), output)),
                    None => outputs.push((text.to_owned(), vec![(key.clone(), output)])),
                }
            }
        }
        let state = self.state(ix);
        state.outputs.extend(outputs.into_iter().map(|(name, elements)| (name, Value::from_pairs(elements))));
    }
}

fn has_members(outputs: &Value) -> bool {
    outputs.len().is_some_and(|len| len > 0)
}

fn with_entry(map: &Value, name: &str, entry: Value) -> Value {
    let mut entries: Vec<(String, Value)> = Vec::new();
    if let Ok(keys) = map.try_iter() {
        for key in keys {
            if let (Some(text), Ok(item)) = (key.as_str(), map.get_item(&key)) {
                entries.push((text.to_owned(), item));
            }
        }
    }
    entries.push((name.to_owned(), entry));
    Value::from_pairs(entries)
}

/// Whether judging by this evaluates anything.
fn evaluates(judge: &Judge) -> bool {
    !(judge.expect.is_empty() && judge.warn_unless.is_empty() && judge.outputs.is_empty())
}

/// Judges a result: how it ended first, then the default expectation, then the author's.
pub(super) fn judgement(judge: &Judge, completion: Option<&Completion>, scope: &Scope) -> Judgement {
    if let Some(why) = completion.and_then(|completion| transport_failure(completion, judge.default_expectation)) {
        return Judgement::Fails(vec![why]);
    }
    let mut why = Vec::new();
    for condition in &judge.expect {
        match condition.holds(scope) {
            Ok(verdict) if verdict.holds => {}
            Ok(verdict) => why.push(format!("expected {}", shown(condition.source(), &verdict.seen))),
            Err(error) => why.push(error.message),
        }
    }
    if why.is_empty() { Judgement::Holds } else { Judgement::Fails(why) }
}

/// Why the attempt itself failed, whatever was expected of its result.
fn transport_failure(completion: &Completion, default_expectation: bool) -> Option<String> {
    let with_stderr = |text: String| {
        let said = completion.stderr.trim();
        if said.is_empty() { text } else { format!("{text}: {}", gist(said)) }
    };
    match &completion.end {
        End::Exited(0) | End::Responded { status: 200..=299, .. } | End::Done { .. } => None,
        End::Exited(code) => default_expectation.then(|| with_stderr(format!("exit {code}"))),
        End::Responded { status, .. } => default_expectation.then(|| with_stderr(format!("HTTP status {status}"))),
        End::Signaled { signal, why } => {
            Some(with_stderr(why.clone().unwrap_or_else(|| format!("ended by signal {signal}"))))
        }
        End::TimedOut => {
            Some(with_stderr(format!("timed out and was ended after {}", format_duration(completion.elapsed))))
        }
        End::Cancelled => Some("cancelled".to_owned()),
        End::Unreachable { why, .. } => Some(format!("unreachable: {why}")),
        End::NotStarted { why } => Some(why.clone()),
    }
}

/// What a program said of its failure: from the line that names an error, else its last lines.
fn gist(text: &str) -> String {
    const SHOWN: usize = 3;
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let names_error = |line: &&str| {
        let line = line.to_ascii_lowercase();
        ["error", "fatal", "panic"].iter().any(|word| line.starts_with(word))
    };
    let from = lines.iter().position(names_error).unwrap_or(lines.len().saturating_sub(SHOWN));
    lines[from..lines.len().min(from + SHOWN)].join(" · ")
}

/// `expression (name = value, …)`.
pub(super) fn shown(source: &str, seen: &[(String, String)]) -> String {
    if seen.is_empty() {
        return format!("`{source}`");
    }
    let seen: Vec<String> = seen.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    format!("`{source}` ({})", seen.join(", "))
}

/// The values of a mapping as JSON, for records.
pub(super) fn json_map(values: &[(String, Value)]) -> serde_json::Map<String, serde_json::Value> {
    values.iter().map(|(name, output)| (name.clone(), value::to_json(output))).collect()
}

/// The dry run's view of a judgement.
///
/// # Errors
/// Why it does not hold.
pub(in crate::execute) fn judgement_of(
    judge: &Judge,
    completion: &Completion,
    scope: &Scope,
) -> Result<(), Vec<String>> {
    match judgement(judge, Some(completion), scope) {
        Judgement::Holds => Ok(()),
        Judgement::Fails(why) => Err(why),
    }
}
