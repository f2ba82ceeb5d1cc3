//! Targets of a system: `via` names a machine that exists, and no name means two things.

use std::collections::BTreeMap;

use crate::model::diagnostic::Diagnostic;
use crate::model::source::{Map, Name};
use crate::model::system::{System, Target};
use crate::template::nearest::did_you_mean;

type ByName<'a> = BTreeMap<&'a str, (&'a Name, &'a Target)>;

/// Checks the targets of a system, and of each environment over them.
pub(super) fn check(system: &System) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let own: ByName<'_> = by_name(&system.targets);
    check_all(&own, &system.targets, &mut findings);
    for (_, environment) in &system.environments {
        let mut here = own.clone();
        here.extend(by_name(&environment.targets));
        check_all(&here, &environment.targets, &mut findings);
    }
    findings
}

fn by_name(targets: &Map<Target>) -> ByName<'_> {
    targets.iter().map(|(name, target)| (name.value.as_str(), (name, target))).collect()
}

fn check_all(known: &ByName<'_>, targets: &Map<Target>, findings: &mut Vec<Diagnostic>) {
    for (name, target) in targets {
        if name.value == "local" && *target != Target::Local {
            let message = "`local` is this machine, so no other target can be called so";
            findings.push(Diagnostic::error("document::ambiguous_name", name.span, message).help("choose another id"));
        }
        let Target::Container { via: Some(via), .. } = target else { continue };
        if let Some(finding) = check_via(known, name, via) {
            findings.push(finding);
        }
    }
}

/// A container is reached through the machine that its Docker Engine is on.
fn check_via(known: &ByName<'_>, name: &Name, via: &Name) -> Option<Diagnostic> {
    if via.value == "local" {
        return None;
    }
    let Some((declared, target)) = known.get(via.value.as_str()).copied() else {
        let message = format!("`via` names `{}`, but no target is called so", via.value);
        let mut found = Diagnostic::error("document::unknown_id", via.span, message);
        let names = known.keys().copied().filter(|id| *id != name.value).chain(["local"]);
        found.help = did_you_mean(&via.value, names);
        return Some(found);
    };
    let Target::Container { .. } = target else { return None };
    let (code, message) = if let Some(path) = circle(known, name, via) {
        ("document::target_cycle", format!("targets are reached through each other: {path}"))
    } else {
        ("document::target_via", format!("`{}` is a container: no other can be reached through it", via.value))
    };
    let found = Diagnostic::error(code, via.span, message);
    let help = "`via` is the machine that the Docker Engine is on: a target of kind `ssh` or `gcloud`, or leave it out";
    Some(found.help(help).related(declared.span, format!("`{}`", via.value)))
}

/// `a → b → a`, when the way through `via` comes back to `name`.
fn circle(known: &ByName<'_>, name: &Name, via: &Name) -> Option<String> {
    let mut path = vec![name.value.as_str()];
    let mut next = via.value.as_str();
    while !path.contains(&next) {
        path.push(next);
        let Some((_, Target::Container { via: Some(via), .. })) = known.get(next) else { return None };
        next = &via.value;
    }
    (next == name.value).then(|| format!("{} → {next}", path.join(" → ")))
}
