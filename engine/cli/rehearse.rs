//! `runbook rehearse FILE`: the plan against a simulated world. Nothing is read from this machine but the documents, and nothing is
//! changed or written.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::SubsecRound as _;

use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::port::Observer;
use crate::model::source::SourceMap;
use crate::plan::Plan;
use crate::rehearse::{self, Broken, Budget, End, Exploration, Finding, Kind, Rehearsed, Setup};
use crate::report::{Detail, Plain, Sink, rehearsal, visible};

use super::args::RehearseArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::load::Loaded;
use super::{diagnostics, load};

/// Rehearses one path, or all of them.
pub fn rehearse(args: &RehearseArgs) -> Result<Exit, Failure> {
    let Loaded { documents, plan } = load::for_rehearsal(&args.plan, args.json)?;
    let plan = Arc::new(plan);
    let setup = Setup {
        broken: match args.fault.as_deref() {
            None => Broken::Default,
            Some("none") => Broken::Nothing,
            Some(name) => Broken::Named(name.to_owned()),
        },
        world: Vec::new(),
        // To the second, as people and files say it: what is less would be in the data that is lost.
        began: plan.run.started.trunc_subsecs(0),
        seed: args.seed,
        answers: BTreeMap::new(),
    };
    let (stage, fault) = rehearse::stage(&plan, &setup).map_err(|error| Failure::usage(error.to_string()))?;
    let options = rehearse::options(&plan, args.max_parallel);
    let exit = if args.every_failure {
        let ways =
            args.with.iter().filter_map(|word| Kind::ALL.into_iter().find(|way| way.as_str() == *word)).collect();
        let budget = Budget { ways, pairs: args.pairs, paths: args.budget };
        let explored = rehearse::explore(&stage, &options, &budget, fault);
        every_failure(args, &plan, &documents.sources, &explored)
    } else {
        let rehearsed = rehearse::rehearse(&stage, &options, &[], fault);
        one(args, &plan, &rehearsed)
    };
    Ok(exit)
}

/// One path: its events as a run would show them, then its end.
fn one(args: &RehearseArgs, plan: &Plan, rehearsed: &Rehearsed) -> Exit {
    if args.json {
        Sink::stdout().line(rehearsal::json(plan, rehearsed, &code).to_string());
        return exit_of(&rehearsed.end);
    }
    let sink = Sink::stdout();
    for line in rehearsal::header(plan, &rehearsed.fault) {
        sink.line(line);
    }
    timeline(rehearsed, args.detail.detail());
    for line in rehearsal::end(&rehearsed.end, plan.objectives, colour()) {
        sink.line(line);
    }
    exit_of(&rehearsed.end)
}

/// What happens when, as a run would show it.
pub fn timeline(rehearsed: &Rehearsed, detail: Detail) {
    let mut plain = Plain::rehearsal(Sink::stdout(), detail);
    for record in &rehearsed.records {
        plain.record(record);
    }
}

/// All paths: the table, the findings with their places, the count.
fn every_failure(args: &RehearseArgs, plan: &Plan, sources: &SourceMap, explored: &Exploration) -> Exit {
    let term = console::Term::stdout();
    let width = if term.is_term() { usize::from(term.size().1) } else { 120 };
    let shown: Vec<Diagnostic> =
        explored.findings.iter().filter(|it| it.accepted.is_none()).map(|it| diagnostic(it, args.strict)).collect();
    if args.json {
        let findings = diagnostics::values(sources, &shown);
        Sink::stdout().line(rehearsal::exploration_json(plan, explored, &findings, &code).to_string());
    } else {
        let sink = Sink::stdout();
        for line in rehearsal::header(plan, &explored.fault) {
            sink.line(line);
        }
        for line in rehearsal::table(explored, width, colour(), &code) {
            sink.line(line);
        }
        sink.line("");
        diagnostics::show(&[(sources, &shown)], false);
        for finding in &explored.findings {
            if let Some(because) = &finding.accepted {
                let step = finding.step.as_ref().map_or_else(String::new, |step| format!(" at {step}"));
                sink.line(visible::line(&format!("accepted: {}{step}: {because}", finding.kind.as_str())));
            }
        }
        sink.line(rehearsal::count(explored));
    }
    let fails = |finding: &Finding| finding.is_error() || args.strict && finding.accepted.is_none();
    if explored.findings.iter().any(fails) {
        Exit::RunFailed
    } else if explored.nominal.claims_success() {
        Exit::Success
    } else {
        exit_of(&explored.nominal)
    }
}

fn diagnostic(finding: &Finding, strict: bool) -> Diagnostic {
    let severity = if strict || finding.is_error() { Severity::Error } else { Severity::Warning };
    let example = finding.example.as_ref().map_or_else(String::new, |(step, kind)| {
        let more = if finding.paths > 1 { format!(", and on {} more", finding.paths - 1) } else { String::new() };
        format!("; seen when `{step}` {}{more}", kind.meaning())
    });
    let text = format!("{}{example}", finding.message);
    let mut found = Diagnostic { severity, span: finding.place, ..Diagnostic::unplaced(finding.kind.code(), text) };
    found = found.help(finding.help.clone());
    for (place, label) in &finding.related {
        found = found.related(*place, label.clone());
    }
    found
}

/// As the run would end.
fn exit_of(end: &End) -> Exit {
    end.outcome.map_or(Exit::Paused, |outcome| Exit::of_run(outcome, Some(!end.misses_an_objective()), None))
}

/// The exit code of a run that ends like this.
pub fn code(end: &End) -> u8 {
    exit_of(end).code()
}

fn colour() -> bool {
    console::colors_enabled() && console::Term::stdout().is_term()
}
