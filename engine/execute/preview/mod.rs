//! The dry run: a walk over the plan with values known or unknown, the run's own renderer and judge, and a prober that is only
//! ever given read-class work. It changes nothing and writes nothing.

mod sheet;

use std::sync::Arc;
use std::time::Duration;

pub use self::sheet::{Check, GateSheet, Sheet};
use super::core::judgement_of;
use super::render;
use super::result::ResultView;
use super::scope::{RunView, StepValues, Store};
use crate::model::effect::{Effect, EffectClass};
use crate::model::id::{AttemptToken, StepId};
use crate::model::outcome::{Outcome, SkipReason};
use crate::model::port::Now;
use crate::model::source::Span;
use crate::model::system::EnvironmentClass;
use crate::model::work::{Attempt, Completion, End, Purpose, Task, Work};
use crate::plan::{Action, Approve, Body, List, ListKind, Node, NodeIx, Operation, Plan};
use crate::template::{Scope, Value};

/// No read of a dry run takes longer.
const LONGEST_PROBE: Duration = Duration::from_secs(15);

/// Work that only reads: the effect classifier said so, and only this module can make one.
#[derive(Clone, Debug)]
pub struct ReadWork(Work);

impl ReadWork {
    /// The work.
    #[must_use]
    pub fn into_work(self) -> Work {
        self.0
    }
}

/// Carries out reads and knows which programs are here.
pub trait Prober {
    /// Whether a program can be found.
    fn has(&mut self, tool: &str) -> bool;

    /// Carries out one read.
    fn probe(&mut self, work: ReadWork) -> Completion;
}

/// What a dry run says about a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every part of it is known.
    Rendered,
    /// It was read, and what it expects holds.
    ProbePassed,
    /// It was read, and what it expects does not hold (or could not be read).
    ProbeFailed {
        /// Why.
        why: String,
    },
    /// Its program is not on this machine.
    ToolMissing {
        /// The program.
        tool: String,
    },
    /// Not all of it can be known yet.
    Unknown {
        /// Until this step has run.
        until: String,
    },
    /// A part of it cannot be rendered: the run would fail here.
    Broken {
        /// Why.
        why: String,
    },
    /// It will not run.
    Skipped(SkipReason),
    /// A group: its members have verdicts.
    Group,
}

/// One step of a dry run, in plan order.
#[derive(Clone, Debug)]
pub struct PreviewStep {
    /// The step.
    pub step: StepId,
    /// For people.
    pub title: String,
    /// Nesting.
    pub depth: usize,
    /// Where it was written.
    pub place: Span,
    /// What it may do.
    pub effect: EffectClass,
    /// The exact command; unknown parts as placeholders.
    pub command: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// What will be asked: the text to type, or `yes`.
    pub confirm: Option<String>,
    /// Whose approval will be waited for.
    pub approve: Option<Approve>,
    /// The gate's probe.
    pub gate: Option<String>,
    /// Expected duration.
    pub estimate: Option<Duration>,
    /// When it runs only sometimes: `only if … fails`.
    pub note: Option<String>,
    /// A person does it.
    pub manual: bool,
    /// For paper only.
    pub sheet: Option<Box<Sheet>>,
}

/// A dry run.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// Every step.
    pub steps: Vec<PreviewStep>,
    /// Programs that are not here.
    pub missing: Vec<String>,
}

impl Preview {
    /// Leaf steps that would run, and how many of them are rendered or passed.
    #[must_use]
    pub fn proved(&self) -> (usize, usize) {
        let counted = self.steps.iter().filter(|step| !matches!(step.verdict, Verdict::Group | Verdict::Skipped(_)));
        let proved = |step: &&PreviewStep| matches!(step.verdict, Verdict::Rendered | Verdict::ProbePassed);
        (counted.clone().filter(proved).count(), counted.count())
    }
}

/// Walks the plan.
pub fn preview(plan: &Arc<Plan>, now: Now, prober: &mut dyn Prober) -> Preview {
    let missing = plan.tools.keys().filter(|tool| !prober.has(tool)).cloned().collect();
    let mut walk = Walk {
        plan: Arc::clone(plan),
        store: Store::new(Arc::clone(plan)),
        view: RunView::new(now, None),
        prober,
        done: Preview::default(),
        counter: 0,
        paper: false,
    };
    walk.done.missing = missing;
    walk.list(&plan.steps, &mut None, None);
    walk.view = walk.view.at_the_end();
    walk.list(&plan.finally, &mut Some("the main list".to_owned()), Some("at the end, whatever happened"));
    walk.done
}

/// Walks the plan for paper: nothing is asked, and every step has its [`Sheet`].
#[must_use]
pub fn paper(plan: &Arc<Plan>, now: Now) -> Preview {
    let mut walk = Walk {
        plan: Arc::clone(plan),
        store: Store::new(Arc::clone(plan)),
        view: RunView::new(now, None),
        prober: &mut Nothing,
        done: Preview::default(),
        counter: 0,
        paper: true,
    };
    // As if something had been changed before: nothing that is read now would count then.
    let mut changed = Some(String::new());
    walk.list(&plan.steps, &mut changed, None);
    walk.view = walk.view.at_the_end();
    walk.list(&plan.finally, &mut changed, Some("at the end, whatever happened"));
    walk.done
}

/// Is never asked: behind a change there is nothing to read.
struct Nothing;

impl Prober for Nothing {
    fn has(&mut self, _: &str) -> bool {
        true
    }

    fn probe(&mut self, _: ReadWork) -> Completion {
        Completion::of(End::Cancelled)
    }
}

/// Asks the probe that proves the environment's identity; none: it has none.
pub fn identity(plan: &Arc<Plan>, now: Now, prober: &mut dyn Prober) -> Option<Verdict> {
    let operation = &plan.environment.as_ref()?.identity.as_ref()?.operation;
    let scope = Store::new(Arc::clone(plan)).frame(plan.root, RunView::new(now, None));
    let attempt = Attempt {
        epoch: 1,
        run: plan.run.id.clone(),
        step: StepId("identity".to_owned()),
        number: 1,
        purpose: Purpose::DryRun,
        token: AttemptToken(format!("{}-dry-identity", plan.run.id)),
    };
    Some(match render::work(plan, operation, &scope, attempt, Some(LONGEST_PROBE)) {
        Err(error) => Verdict::Broken { why: error.message },
        Ok(work) => {
            let completion = prober.probe(ReadWork(work));
            let seen = ResultView::of(&completion).over(&scope);
            match judgement_of(&operation.judge, &completion, &seen) {
                Ok(()) => Verdict::ProbePassed,
                Err(why) => Verdict::ProbeFailed { why: why.join("; ") },
            }
        }
    })
}

struct Walk<'a> {
    plan: Arc<Plan>,
    store: Store,
    view: RunView,
    prober: &'a mut dyn Prober,
    done: Preview,
    counter: u64,
    paper: bool,
}

impl Walk<'_> {
    /// `changed`: the first step before this list that changes something; reads after it would see the past.
    fn list(&mut self, list: &List, changed: &mut Option<String>, remark: Option<&str>) {
        let before = changed.clone();
        for member in list.members.iter().copied() {
            let mut seen = if list.independent { before.clone() } else { changed.clone() };
            self.node(member, &mut seen, remark);
            if changed.is_none() {
                *changed = seen;
            }
        }
    }

    fn node(&mut self, ix: NodeIx, changed: &mut Option<String>, remark: Option<&str>) {
        let plan = Arc::clone(&self.plan);
        let node = plan.node(ix);
        if let Some(reason) = &node.pruned {
            self.skip(ix, node, reason.clone(), remark);
            return;
        }
        let scope = self.store.node(node, self.view);
        let mut until = None;
        for condition in &node.when {
            match condition.holds(&scope) {
                Ok(verdict) if verdict.holds => {}
                Ok(_) => {
                    let expression = condition.source().to_owned();
                    self.skip(ix, node, SkipReason::When { expression }, remark);
                    return;
                }
                Err(error) => until = until.or(error.unknown),
            }
        }
        let remark = remark
            .map(str::to_owned)
            .or_else(|| until.as_ref().map(|step| format!("depends on `{step}`: {}", whens(node))));
        match &node.body {
            Body::List { kind, list, finally } => {
                self.push(node, &scope, Verdict::Group, remark.clone());
                self.list(list, changed, remark.as_deref());
                self.list(finally, changed, Some("at the group's end, whatever happened"));
                self.group_values(ix, node, *kind, changed.is_some() || until.is_some());
            }
            Body::Operation(operation) => {
                let verdict = self.leaf(ix, node, operation, &scope, changed.as_ref(), until);
                self.push(node, &scope, verdict, remark);
                if operation.action.is_some() && operation.effect.effect != Effect::Read && changed.is_none() {
                    *changed = Some(node.id.0.clone());
                }
            }
        }
        if !node.fallback.members.is_empty() {
            let mut changed = Some(node.id.0.clone());
            self.list(&node.fallback, &mut changed, Some(&format!("only if `{}` fails", node.id)));
        }
    }

    fn leaf(
        &mut self,
        ix: NodeIx,
        node: &Node,
        operation: &Operation,
        scope: &Scope,
        changed: Option<&String>,
        until: Option<String>,
    ) -> Verdict {
        self.unknown_values(ix);
        let tool = tool(operation);
        if let Some(tool) = tool.filter(|tool| self.done.missing.iter().any(|missing| missing == tool)) {
            return Verdict::ToolMissing { tool: tool.to_owned() };
        }
        if matches!(operation.action, Some(Action::Manual { .. }) | None) {
            return self.unrunnable(ix, node, operation, scope, until);
        }
        self.counter += 1;
        let attempt = Attempt {
            epoch: 1,
            run: self.plan.run.id.clone(),
            step: node.id.clone(),
            number: 1,
            purpose: Purpose::DryRun,
            token: AttemptToken(format!("{}-dry-{}", self.plan.run.id, self.counter)),
        };
        let work = match render::work(&self.plan, operation, scope, attempt, Some(LONGEST_PROBE)) {
            Ok(work) => work,
            Err(error) => {
                return match error.unknown {
                    Some(until) => Verdict::Unknown { until },
                    None => Verdict::Broken { why: error.message },
                };
            }
        };
        if let Some(until) = until {
            return Verdict::Unknown { until };
        }
        let passive = matches!(work.task, Task::Wait(_) | Task::Notify { .. });
        if operation.effect.effect != Effect::Read || passive || changed.is_some() {
            return Verdict::Rendered;
        }
        let completion = self.prober.probe(ReadWork(work));
        self.judge(ix, operation, scope, &completion)
    }

    /// A manual step or an expectation alone.
    fn unrunnable(
        &mut self,
        ix: NodeIx,
        node: &Node,
        operation: &Operation,
        scope: &Scope,
        until: Option<String>,
    ) -> Verdict {
        if let Some(until) = until {
            return Verdict::Unknown { until };
        }
        if operation.action.is_some() || node.gate.is_some() {
            return Verdict::Rendered;
        }
        for condition in &operation.judge.expect {
            match condition.holds(scope) {
                Ok(verdict) if verdict.holds => {}
                Ok(_) => return Verdict::ProbeFailed { why: format!("expected `{}`", condition.source()) },
                Err(error) => {
                    return match error.unknown {
                        Some(until) => Verdict::Unknown { until },
                        None => Verdict::Broken { why: error.message },
                    };
                }
            }
        }
        self.set_outputs(ix, operation, scope);
        Verdict::ProbePassed
    }

    fn judge(&mut self, ix: NodeIx, operation: &Operation, scope: &Scope, completion: &Completion) -> Verdict {
        let scope = ResultView::of(completion).over(scope);
        if let Err(why) = judgement_of(&operation.judge, completion, &scope) {
            return Verdict::ProbeFailed { why: why.join("; ") };
        }
        self.set_outputs(ix, operation, &scope);
        Verdict::ProbePassed
    }

    fn set_outputs(&mut self, ix: NodeIx, operation: &Operation, scope: &Scope) {
        let outputs: Result<Vec<(String, Value)>, _> = operation
            .judge
            .outputs
            .iter()
            .map(|(name, expression)| Ok((name.clone(), expression.eval(scope)?)))
            .collect();
        if let Ok(outputs) = outputs.map_err(|_: crate::template::EvalError| ()) {
            let outputs = Some(Value::from_pairs(outputs));
            self.store.set(ix, StepValues { outputs, outcome: Some(Outcome::Succeeded), unknown: false });
        }
    }

    fn unknown_values(&self, ix: NodeIx) {
        self.store.set(ix, StepValues { outputs: None, outcome: None, unknown: true });
    }

    /// A group's outputs are known when its members' are.
    fn group_values(&mut self, ix: NodeIx, node: &Node, kind: ListKind, uncertain: bool) {
        self.unknown_values(ix);
        if uncertain || matches!(kind, ListKind::Check | ListKind::Logs | ListKind::ForEach) {
            return;
        }
        let scope = self.store.node(node, self.view);
        let outputs: Option<Vec<(String, Value)>> = node
            .judge
            .outputs
            .iter()
            .map(|(name, expression)| Some((name.clone(), expression.eval(&scope).ok()?)))
            .collect();
        if let Some(outputs) = outputs {
            let outputs = Some(Value::from_pairs(outputs));
            self.store.set(ix, StepValues { outputs, outcome: Some(Outcome::Succeeded), unknown: false });
        }
    }

    /// A step that will not run: one line, its members with it.
    fn skip(&mut self, ix: NodeIx, node: &Node, reason: SkipReason, remark: Option<&str>) {
        self.store.set(ix, StepValues { outputs: None, outcome: Some(Outcome::Skipped), unknown: false });
        let scope = self.store.node(node, self.view);
        self.push(node, &scope, Verdict::Skipped(reason), remark.map(str::to_owned));
    }

    fn push(&mut self, node: &Node, scope: &Scope, verdict: Verdict, remark: Option<String>) {
        let skipped = matches!(verdict, Verdict::Skipped(_));
        let (command, effect, manual) = match &node.body {
            Body::Operation(operation) if !skipped => (
                render::preview(operation, scope),
                operation.effect,
                matches!(operation.action, Some(Action::Manual { .. })),
            ),
            Body::Operation(_) | Body::List { .. } => {
                (Vec::new(), EffectClass { effect: Effect::Read, declared: false }, false)
            }
        };
        let confirm = node
            .confirm
            .as_ref()
            .filter(|_| !skipped)
            .map(|confirm| confirm.typed.as_ref().map_or_else(|| "yes".to_owned(), |typed| typed.preview(scope)));
        let gate = node.gate.as_ref().filter(|_| !skipped).map(|gate| {
            let lines = render::preview(&gate.probe.operation, scope);
            if lines.is_empty() {
                gate.probe
                    .operation
                    .judge
                    .expect
                    .iter()
                    .map(|e| e.source().to_owned())
                    .collect::<Vec<_>>()
                    .join(" and ")
            } else {
                lines.join(" ⏎ ")
            }
        });
        // A lab approves by itself.
        let in_a_lab = self.plan.environment.as_ref().is_some_and(|it| it.class == EnvironmentClass::Lab);
        self.done.steps.push(PreviewStep {
            step: node.id.clone(),
            title: node.title.preview(scope),
            depth: node.id.depth(),
            place: node.place,
            effect,
            command,
            verdict,
            confirm,
            approve: node.approve.clone().filter(|_| !skipped && !in_a_lab),
            gate,
            estimate: node.estimate,
            note: remark,
            manual,
            sheet: (self.paper && !skipped).then(|| Box::new(sheet::of(node, scope))),
        });
    }
}

fn whens(node: &Node) -> String {
    node.when.iter().map(|condition| condition.source().to_owned()).collect::<Vec<_>>().join(" and ")
}

fn tool(operation: &Operation) -> Option<&str> {
    if let Some(target) = &operation.target {
        return Some(target.client());
    }
    match operation.action.as_ref()? {
        Action::Docker(_) => Some("docker"),
        Action::Gcloud(_) => Some("gcloud"),
        Action::Shell { interpreter, .. } => interpreter.first().map(String::as_str),
        Action::Exec(_) | Action::Http { .. } | Action::Manual { .. } | Action::Wait(_) | Action::Notify { .. } => None,
    }
}
