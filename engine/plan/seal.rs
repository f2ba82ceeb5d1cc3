//! The passes in their order, and the sealed plan.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::DateTime;
use serde_json::json;

use crate::document::Documents;
use crate::model::diagnostic::{Checked, Diagnostic, Severity};
use crate::model::facts::SystemFacts;
use crate::model::id::RunId;
use crate::model::runbook::{Objectives, Runbook};
use crate::model::source::SourceMap;
use crate::model::system::System;
use crate::template::quantity::format_duration;
use crate::template::{Expression, value};

use super::budget::Source;
use super::builder::{Builder, Role, Site};
use super::compile::When;
use super::findings::Findings;
use super::given::Giver;
use super::references::{Reader, Slot};
use super::world::World;
use super::{
    Frame, FrameIx, Inputs, List, Plan, PlannedChannel, PlannedEnvironment, Probe, Rehearsal, RunIdentity, digest,
    environment, graph, tools,
};

/// What expansion made of the root.
struct Root {
    frame: FrameIx,
    steps: List,
    finally: List,
    preflight: Vec<Probe>,
    identity: Option<Probe>,
    outputs: Vec<(String, Expression)>,
    /// What its preflight will refuse whatever a run finds.
    refused: Vec<Diagnostic>,
}

/// Checks without values.
pub fn check(documents: &Documents) -> Vec<Diagnostic> {
    let run = nobody();
    let mut builder = builder(documents, None, &run);
    expand(&mut builder, &documents.runbooks[&documents.root]);
    builder.findings.push_all(graph::cycles(&builder.nodes, &builder.notes));
    builder.findings.into_vec()
}

/// Checks the texts of a system by itself.
pub fn check_system(system: &System, file: &Path) -> Vec<Diagnostic> {
    let documents = Documents {
        sources: SourceMap::default(),
        root: system.file,
        runbooks: BTreeMap::new(),
        paths: BTreeMap::new(),
        system: None,
        warnings: Vec::new(),
    };
    let mut findings = Findings::default();
    let chosen = environment::choose(Some(system), None).unwrap_or_default();
    let world = World::of(Some((system, file.to_owned())), chosen, &nobody(), &mut findings);
    let mut builder = Builder::new(&documents, None, world, findings);
    builder.system_texts();
    builder.findings.into_vec()
}

/// The plan, or every mistake.
pub fn plan(documents: &Documents, inputs: &Inputs) -> Checked<Plan> {
    plan_with(documents, inputs, |_, _| ()).map(|(plan, ())| plan)
}

/// The plan, and what `more` makes of it in the root's names while each can still be looked up; its findings are among the mistakes.
pub fn plan_with<T>(
    documents: &Documents,
    inputs: &Inputs,
    more: impl FnOnce(&mut Builder<'_>, FrameIx) -> T,
) -> Checked<(Plan, T)> {
    let (mut plan, more) = unsealed_with(documents, inputs, more)?;
    plan.source_digest = source_digest(&plan, documents, plan.root);
    plan.plan_digest = plan_digest(&plan);
    Ok((plan, more))
}

/// The plan without its digests, or every mistake.
pub fn unsealed(documents: &Documents, inputs: &Inputs) -> Checked<Plan> {
    unsealed_with(documents, inputs, |_, _| ()).map(|(plan, ())| plan)
}

fn unsealed_with<T>(
    documents: &Documents,
    inputs: &Inputs,
    more: impl FnOnce(&mut Builder<'_>, FrameIx) -> T,
) -> Checked<(Plan, T)> {
    let mut builder = builder(documents, Some(inputs), &inputs.run);
    let runbook = &documents.runbooks[&documents.root];
    let root = expand(&mut builder, runbook);
    let more = more(&mut builder, root.frame);
    let cycles = graph::cycles(&builder.nodes, &builder.notes);
    builder.findings.push_all(cycles);
    if builder.findings.has_errors() {
        // What this runbook is not made for makes mistakes of its own, and they explain nothing.
        return Err(if root.refused.is_empty() { builder.findings.into_vec() } else { root.refused });
    }
    let facts = builder.facts();
    Ok((seal(builder, documents, inputs, runbook, (root, facts)), more))
}

fn builder<'a>(documents: &'a Documents, inputs: Option<&'a Inputs>, run: &RunIdentity) -> Builder<'a> {
    let mut findings = Findings::default();
    let system = documents.system.as_ref();
    let asked = inputs.and_then(|inputs| inputs.environment.as_deref());
    let chosen = environment::choose(system, asked).unwrap_or_else(|unknown| {
        findings.push(*unknown);
        None
    });
    if let (Some(system), None, Some(_)) = (system, chosen, inputs)
        && asked.is_none()
        && let Some(warning) = environment::none_chosen(system)
    {
        findings.push(warning);
    }
    let world = World::new(documents, chosen, run, &mut findings);
    Builder::new(documents, inputs, world, findings)
}

/// Passes 1 to 5.
fn expand<'a>(builder: &mut Builder<'a>, runbook: &'a Runbook) -> Root {
    builder.system_texts();
    let frame = builder.runbook_frame(runbook, &Giver::CommandLine);
    let file = &builder.documents.sources.file(runbook.file).path;
    let base = directory(file);
    let site = Site { base: base.into(), ..Site::of_frame(frame) };
    let system_site = builder.system_site();
    let around = Site { target: system_site.target.clone(), ..site };
    let site = Site { target: builder.default_target(runbook.target.as_ref(), &around, When::Planned), ..around };
    let preflight: Vec<Probe> = runbook.preflight.iter().map(|probe| builder.probe(probe, &site)).collect();
    let own = builder.world.environment.and_then(|(_, environment)| environment.identity.as_ref());
    let identity = own.map(|probe| builder.probe(probe, &system_site));
    builder.including.push(runbook.file);
    let steps = builder.list(&runbook.steps, &site, runbook.parallel);
    let in_finally = Site { role: Role::Finally, ..site.clone() };
    let finally = builder.list(&runbook.finally, &in_finally, crate::model::runbook::Parallel::No);
    builder.including.pop();
    let outputs = builder.outputs(&runbook.outputs);
    builder.faults(runbook, frame);
    builder.watched(runbook, frame);
    if let Some(inputs) = builder.inputs {
        builder.select(&inputs.only, &inputs.skip);
        if let Some(to) = &inputs.from {
            builder.jump(to);
        }
    }
    builder.bypass_pruned();
    builder.references();
    builder.probe_references(frame, &preflight);
    builder.output_references(frame, &outputs);
    builder.rehearsal_references();
    builder.guards(runbook);
    let refused = builder.refused(&site, &preflight);
    Root { frame, steps, finally, preflight, identity, outputs, refused }
}

impl<'a> Builder<'a> {
    /// An empty plan.
    fn new(documents: &'a Documents, inputs: Option<&'a Inputs>, world: World<'a>, mut findings: Findings) -> Self {
        let channels = world.system.iter().flat_map(|system| &system.channels);
        let channels = channels.map(|(id, channel)| {
            (id.value.clone(), PlannedChannel { kind: channel.kind, url: findings.template(&channel.url) })
        });
        Self {
            documents,
            inputs,
            channels: channels.collect(),
            world,
            frames: Vec::new(),
            nodes: Vec::new(),
            notes: Vec::new(),
            findings,
            including: Vec::new(),
            secrets: BTreeMap::new(),
            rehearsal: Rehearsal::default(),
            system_frame: None,
        }
    }

    pub fn system_site(&mut self) -> Site {
        let frame = self.system_frame();
        let site = Site { base: self.world.dir.clone().into(), ..Site::of_frame(frame) };
        Site { target: self.system_target(&site), ..site }
    }

    /// Every operation, gate and channel of the system, whether this runbook uses it or not.
    fn system_texts(&mut self) {
        let Some(system) = self.world.system else { return };
        let site = self.system_site();
        let site = Site { open: vec!["service".to_owned(), "args".to_owned()].into(), ..site };
        let plain = Reader::of_document(site.frame);
        let sink = Reader { slot: Slot::Sink, ..plain };
        for (_, operation) in system.operations.iter().chain(system.services.iter().flat_map(|(_, it)| &it.operations))
        {
            let compiled = self.operation(operation, &site);
            self.operation_references(&compiled, plain);
        }
        for (_, service) in &system.services {
            let target = self.default_target(service.target.as_ref(), &site, When::Planned);
            let Some(gate) = &service.health else { continue };
            let compiled = self.gate(gate, &Site { target, ..site.clone() });
            self.gate_references(&compiled, Reader { before: true, ..plain });
        }
        for (_, environment) in &system.environments {
            if let Some(identity) = &environment.identity {
                let compiled = self.probe(identity, &site);
                self.operation_references(&compiled.operation, plain);
            }
            for (_, text) in self.named(&environment.env) {
                self.text(&text, sink);
            }
            // Of an environment that is not the chosen one only the names are checked.
            for text in environment.targets.iter().flat_map(|(_, target)| target.texts()) {
                let text = self.findings.template(text);
                self.text(&text, plain);
            }
        }
        let channels: Vec<String> = self.channels.keys().cloned().collect();
        self.channel_references(&channels, sink);
        let changes = self.changes(&system.world);
        self.change_references(&changes, Reader::of_document(site.frame));
        self.rehearsal.world = changes;
        // Only what steps read counts as needed.
        self.secrets.clear();
    }
}

fn seal(
    builder: Builder<'_>,
    documents: &Documents,
    inputs: &Inputs,
    runbook: &Runbook,
    (root, facts): (Root, SystemFacts),
) -> Plan {
    let Builder { nodes, notes, frames, channels, secrets, world, findings, rehearsal, system_frame, .. } = builder;
    let budget = graph::budget(&graph::flow(&nodes, &notes), &nodes, &inputs.history);
    let objectives = Objectives {
        rto: runbook.objectives.rto.or(world.objectives.rto),
        rpo: runbook.objectives.rpo.or(world.objectives.rpo),
    };
    let mut sealed: Vec<Frame> = Vec::with_capacity(frames.len());
    for draft in frames {
        let steps = match draft.outer {
            Some(outer) => {
                let mut steps = sealed[outer.0 as usize].steps.as_ref().clone();
                steps.extend(draft.steps);
                steps
            }
            None => draft.steps,
        };
        sealed.push(Frame {
            scope: draft.scope,
            vars: draft.vars,
            steps: Arc::new(steps),
            owner: draft.owner,
            deferred: draft.deferred,
            params: draft.values,
        });
    }
    let environment = world.environment.map(|(name, environment)| PlannedEnvironment {
        name: name.value.clone(),
        class: environment.class,
        identity: root.identity,
        env: world.env.clone(),
    });
    let warnings = documents.warnings.iter().cloned().chain(findings.into_vec());
    let tools = tools::tools(&nodes, &root.preflight, environment.as_ref().and_then(|it| it.identity.as_ref()));
    let title = runbook.title.as_ref().map(|title| title_of(title, &sealed[root.frame.0 as usize]));
    let mut plan = Plan {
        name: runbook.name.value.clone(),
        title: title.unwrap_or_else(|| runbook.name.value.clone()),
        path: documents.sources.file(runbook.file).path.clone(),
        system: world.system.map(|system| system.name.value.clone()),
        environment,
        objectives,
        timeout: runbook.timeout,
        rollback: runbook.on_failure == crate::model::runbook::OnFailure::Rollback,
        run: inputs.run.clone(),
        frames: sealed,
        nodes,
        root: root.frame,
        steps: root.steps,
        finally: root.finally,
        preflight: root.preflight,
        outputs: root.outputs,
        secrets,
        channels,
        tools,
        budget,
        plan_digest: String::new(),
        source_digest: String::new(),
        faults: rehearsal.faults,
        invariants: rehearsal.invariants,
        accepted: rehearsal.accepted,
        world: rehearsal.world,
        system_frame: system_frame.unwrap_or(root.frame),
        facts: Arc::new(facts),
        warnings: warnings.filter(|found| found.severity == Severity::Warning).collect(),
    };
    plan.warnings.extend(over_objective(&plan));
    plan
}

fn title_of(title: &crate::model::source::Text, frame: &Frame) -> String {
    let template = crate::template::Template::parse(title).ok();
    template.map_or_else(|| title.0.source.clone(), |template| template.preview(&frame.scope))
}

/// From estimates alone one figure is known; with history also how long it takes when it takes long.
fn over_objective(plan: &Plan) -> Option<Diagnostic> {
    let budget = &plan.budget;
    let rto = plan.objectives.rto.filter(|rto| budget.p90 > *rto)?;
    let why = budget.longest.as_ref()?;
    let place = plan.nodes.iter().find(|node| node.id == *why)?.place;
    let measured = budget.steps.values().any(|step| matches!(step.from, Source::History { .. }));
    let (p90, rto) = (format_duration(budget.p90), format_duration(rto));
    let message = if measured {
        format!("p90 {p90} against RTO {rto}: `{why}` is why")
    } else {
        format!("expected to take {p90}, longer than the objective of {rto}: `{why}` is why")
    };
    let help = if measured {
        "run steps side by side, make the slow ones faster, or agree on another objective"
    } else {
        "run steps side by side, correct the estimates, or agree on another objective"
    };
    Some(Diagnostic::warning("plan::over_objective", place, message).help(help))
}

fn source_digest(plan: &Plan, documents: &Documents, root: FrameIx) -> String {
    let mut files: Vec<_> = documents
        .sources
        .files()
        .iter()
        .map(|file| json!([file.path.to_string_lossy(), digest::of_text(&file.text)]))
        .collect();
    files.sort_by_key(ToString::to_string);
    let params = &plan.frames[root.0 as usize].params;
    digest::of(&json!({
        "files": files,
        "params": params.iter().map(|(name, value)| json!([name, value::to_json(value)])).collect::<Vec<_>>(),
        "environment": plan.environment.as_ref().map(|environment| &environment.name),
        "secrets": plan.secrets.keys().collect::<Vec<_>>(),
    }))
}

/// Members of a plan's file that are digested as they stand there, besides its source and its nodes.
pub const DIGESTED: [&str; 12] = [
    "name",
    "system",
    "environment",
    "objectives",
    "timeout",
    "rollback",
    "params",
    "steps",
    "finally",
    "preflight",
    "outputs",
    "channels",
];

/// Everything but `run`: two plans of the same choices agree.
fn plan_digest(plan: &Plan) -> String {
    digest::of(&json!({
        "source": plan.source_digest,
        "name": plan.name,
        "system": plan.system,
        "environment": plan.environment,
        "objectives": plan.objectives,
        "timeout": plan.timeout,
        "rollback": plan.rollback,
        "params": plan.all_params(),
        "nodes": digest::of_lines(&plan.nodes),
        "steps": plan.steps,
        "finally": plan.finally,
        "preflight": plan.preflight,
        "outputs": plan.outputs.iter().map(|(name, it)| json!([name, it])).collect::<Vec<_>>(),
        "channels": plan.channels,
    }))
}

/// The directory of a file; empty for a bare name.
pub fn directory(file: &Path) -> std::path::PathBuf {
    file.parent().unwrap_or_else(|| Path::new("")).to_owned()
}

fn nobody() -> RunIdentity {
    RunIdentity {
        id: RunId("check".to_owned()),
        stamp: "00000000-000000".to_owned(),
        started: DateTime::UNIX_EPOCH,
        operator: "check".to_owned(),
    }
}
