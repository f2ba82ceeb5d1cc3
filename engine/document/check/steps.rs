//! Steps: unique ids, `needs` and `after` of siblings, phases in order.

use std::collections::{HashMap, HashSet};

use super::ids::{Entry, Ids};
use crate::model::diagnostic::Diagnostic;
use crate::model::runbook::{Body, Phase, Runbook, Step};
use crate::model::source::{Name, Span};
use crate::template::nearest::nearest;

/// Checks every list of a runbook.
pub(in crate::document) fn check(runbook: &Runbook) -> Vec<Diagnostic> {
    let ids = Ids::of(runbook);
    let mut findings = Vec::new();
    for (id, first, second) in &ids.duplicates {
        let finding =
            Diagnostic::error("document::duplicate_id", *second, format!("two steps of this file are called `{id}`"))
                .label("again here")
                .help("ids are unique in a file, in groups too: rename one")
                .related(*first, "first here");
        findings.push(finding);
    }
    for list in 0..ids.lists.len() {
        for step in ids.lists[list].steps {
            for (key, names) in [("needs", step.needs.as_deref().unwrap_or_default()), ("after", &step.after[..])] {
                check_names(&ids, list, step, key, names, &mut findings);
            }
        }
        check_phases(&ids, list, &mut findings);
    }
    findings
}

fn check_names<'a>(
    ids: &Ids<'a>,
    list: usize,
    step: &'a Step,
    key: &str,
    names: &'a [Name],
    findings: &mut Vec<Diagnostic>,
) {
    let mut seen = HashSet::new();
    for name in names {
        let id = name.value.as_str();
        if !seen.insert(id) {
            let message = format!("`{id}` is listed twice in `{key}`");
            findings.push(Diagnostic::error("document::duplicate_value", name.span, message).help("keep one of them"));
            continue;
        }
        if id == step.id.value {
            let message = format!("`{id}` cannot wait for itself");
            findings.push(
                Diagnostic::error("document::self_need", name.span, message).help(format!("take it out of `{key}`")),
            );
            continue;
        }
        match ids.by_id.get(id) {
            Some(entry) if entry.list == list => {}
            Some(entry) => findings.push(unreachable(ids, list, key, name, *entry)),
            None => findings.push(unknown(ids, list, key, name, step)),
        }
    }
}

fn unknown(ids: &Ids<'_>, list: usize, key: &str, name: &Name, step: &Step) -> Diagnostic {
    let siblings = ids.lists[list]
        .steps
        .iter()
        .map(|step| step.id.value.as_str())
        .filter(|id| !id.is_empty() && *id != step.id.value);
    let help = if let Some(near) = nearest(&name.value, siblings.clone()) {
        format!("did you mean `{near}`?")
    } else if let Some(near) = nearest(&name.value, ids.by_id.keys().copied()) {
        format!("`{near}` is the nearest id, but it is in another list; only steps of the same list can be in `{key}`")
    } else {
        let few: Vec<_> = siblings.clone().take(8).collect();
        match few[..] {
            [] => format!("this list has no other step; leave `{key}` out"),
            _ if siblings.count() > few.len() => format!("steps of this list: {}, …", few.join(", ")),
            _ => format!("steps of this list: {}", few.join(", ")),
        }
    };
    Diagnostic::error(
        "document::unknown_id",
        name.span,
        format!("`{key}` names `{}`, but no step is called so", name.value),
    )
    .help(help)
}

/// The id exists, but not among the siblings: why it cannot be named here.
fn unreachable(ids: &Ids<'_>, list: usize, key: &str, name: &Name, entry: Entry<'_>) -> Diagnostic {
    let id = &name.value;
    let (reason, help) = if let Some(group) = ids.ancestor_in(entry, list) {
        let group = &group.id.value;
        (format!("it is inside `{group}`"), format!("outside sees only the group: write `{group}`"))
    } else if ids.holders(list).any(|(holder, _)| holder.id.value == *id) {
        ("it is the group that this step is in".to_owned(), format!("take it out of `{key}`"))
    } else if let Some((holder, _)) = ids.holders(list).find(|(_, outer)| *outer == entry.list) {
        let holder = &holder.id.value;
        (
            format!("it stands outside `{holder}`"),
            format!("write it into `{key}` of `{holder}`: nothing in the group starts before that"),
        )
    } else {
        let at = &ids.lists[entry.list];
        let place = match at.owner {
            Some((owner, _)) => format!("it is in `{}` of `{}`", at.key, owner.id.value),
            None => format!("it is in `{}` of the runbook", at.key),
        };
        (place, format!("only steps of the same list can be in `{key}`"))
    };
    Diagnostic::error("document::unreachable_id", name.span, format!("`{key}` cannot name `{id}`: {reason}"))
        .help(help)
        .related(entry.step.id.span, format!("`{id}`"))
}

/// The latest phase that a step waits for, and the step that has it.
type Latest<'a> = Option<(Phase, &'a Step)>;

fn check_phases(ids: &Ids<'_>, list: usize, findings: &mut Vec<Diagnostic>) {
    let members = ids.lists[list].steps;
    if members.iter().all(|step| latest_inside(step).is_none()) {
        return;
    }
    let mut above: Latest<'_> = None;
    let mut until: HashMap<&str, Latest<'_>> = HashMap::new();
    for step in members {
        let mut latest: Latest<'_> = None;
        let mut place: Span = step.id.span;
        match &step.needs {
            Some(needs) => {
                for name in needs {
                    let found = until.get(name.value.as_str()).copied().flatten();
                    if later(found, latest) {
                        latest = found;
                        place = name.span;
                    }
                }
            }
            None if ids.lists[list].independent => {}
            None => latest = above,
        }
        if let (Some(own), Some((other, cause))) = (step.phase, latest)
            && own < other
        {
            let (own, other) = (word(own), word(other));
            let message =
                format!("`{}` is in phase {own} but waits for `{}` in phase {other}", step.id.value, cause.id.value);
            let help = format!("move it above `{}`, give it `needs:` without it, or change a `phase:`", cause.id.value);
            let finding = Diagnostic::error("document::phase_order", place, message).help(help);
            findings.push(finding.related(cause.id.span, format!("phase {other}")));
        }
        if let (None, Some((Phase::Failback, cause))) = (latest_inside(step), latest) {
            let message = format!(
                "`{}` has no phase but waits for `{}` in phase failback, which waits for `resume --failback`",
                step.id.value, cause.id.value
            );
            let help = format!("give it `phase: failback` too, or move it above `{}`", cause.id.value);
            let finding = Diagnostic::error("document::phase_order", place, message).help(help);
            findings.push(finding.related(cause.id.span, "phase failback"));
        }
        let own = latest_inside(step);
        let reached = if later(own, latest) { own } else { latest };
        if later(reached, above) {
            above = reached;
        }
        until.insert(&step.id.value, reached);
    }
}

/// The latest phase of a step and of what it holds: who waits for a group waits for its members.
fn latest_inside(step: &Step) -> Latest<'_> {
    let mut latest = None;
    let mut open = vec![step];
    while let Some(step) = open.pop() {
        let own = step.phase.map(|phase| (phase, step));
        if later(own, latest) {
            latest = own;
        }
        if let Body::Steps(members) = &step.body {
            open.extend(members.iter().rev());
        }
    }
    latest
}

fn later(one: Latest<'_>, other: Latest<'_>) -> bool {
    one.map(|(phase, _)| phase) > other.map(|(phase, _)| phase)
}

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Detect => "detect",
        Phase::Recover => "recover",
        Phase::Verify => "verify",
        Phase::Failback => "failback",
    }
}
