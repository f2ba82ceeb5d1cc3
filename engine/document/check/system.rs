//! Systems: services that exist, an order that exists, names that mean one thing.

use std::collections::{HashMap, HashSet};

use crate::model::diagnostic::Diagnostic;
use crate::model::source::Name;
use crate::model::system::{Service, System};
use crate::template::nearest::nearest;

/// Checks a system.
pub(in crate::document) fn check(system: &System) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let services: HashMap<&str, &Service> =
        system.services.iter().map(|(name, service)| (name.value.as_str(), service)).collect();
    for (name, service) in &system.services {
        if name.value == "all" {
            let finding = Diagnostic::error(
                "document::ambiguous_name",
                name.span,
                "`all` means every service, so none can be called so",
            );
            findings.push(finding.help("choose another id"));
        }
        for (key, names) in [("needs", &service.needs), ("after", &service.after)] {
            let mut seen = HashSet::new();
            for other in names {
                if other.value == name.value {
                    let message = format!("`{}` cannot wait for itself", name.value);
                    findings.push(
                        Diagnostic::error("document::self_need", other.span, message)
                            .help(format!("take it out of `{key}`")),
                    );
                } else if !seen.insert(other.value.as_str()) {
                    let message = format!("`{}` is listed twice in `{key}`", other.value);
                    findings.push(
                        Diagnostic::error("document::duplicate_value", other.span, message).help("keep one of them"),
                    );
                } else if !services.contains_key(other.value.as_str()) {
                    findings.push(no_service(system, key, other));
                }
            }
        }
        for tag in &service.tags {
            let meaning = match tag.value.as_str() {
                "all" => "every service",
                service if services.contains_key(service) => "the service of that name",
                _ => continue,
            };
            let message = format!("the tag `{}` would mean two things: in a selection it is {meaning}", tag.value);
            let finding = Diagnostic::error("document::ambiguous_name", tag.span, message);
            findings.push(finding.help("choose another tag"));
        }
    }
    for (_, data) in &system.data {
        if !services.contains_key(data.service.value.as_str()) {
            findings.push(no_service(system, "service", &data.service));
        }
    }
    findings.extend(cycle(system, &services));
    findings.extend(super::targets::check(system));
    findings
}

fn no_service(system: &System, key: &str, name: &Name) -> Diagnostic {
    let ids = || system.services.iter().map(|(name, _)| name.value.as_str());
    let help = match nearest(&name.value, ids()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if system.services.is_empty() => "this system has no `services:`".to_owned(),
        None => format!("services: {}", ids().take(12).collect::<Vec<_>>().join(", ")),
    };
    Diagnostic::error(
        "document::unknown_id",
        name.span,
        format!("`{key}` names `{}`, but no service is called so", name.value),
    )
    .help(help)
}

/// The first cycle of `needs` and `after`, as a path.
fn cycle(system: &System, services: &HashMap<&str, &Service>) -> Option<Diagnostic> {
    let mut done: HashSet<&str> = HashSet::new();
    for (start, _) in &system.services {
        let mut path: Vec<(&str, std::slice::Iter<'_, Name>, std::slice::Iter<'_, Name>)> = Vec::new();
        let mut edges: Vec<&Name> = Vec::new();
        let open = |id: &str| {
            services.get_key_value(id).map(|(id, service)| (*id, service.needs.iter(), service.after.iter()))
        };
        path.extend(open(start.value.as_str()).filter(|(id, ..)| !done.contains(id)));
        while let Some((id, needs, after)) = path.last_mut() {
            let own: &str = id;
            let Some(next) = needs.next().or_else(|| after.next()) else {
                done.insert(own);
                path.pop();
                edges.pop();
                continue;
            };
            if next.value == own || done.contains(next.value.as_str()) {
                continue;
            }
            if let Some(at) = path.iter().position(|(id, ..)| *id == next.value) {
                return Some(describe(&path[at..].iter().map(|(id, ..)| *id).collect::<Vec<_>>(), &edges[at..], next));
            }
            if let Some(entry) = open(&next.value) {
                path.push(entry);
                edges.push(next);
            }
        }
    }
    None
}

fn describe(ids: &[&str], edges: &[&Name], last: &Name) -> Diagnostic {
    let path = ids.iter().copied().chain(ids.first().copied()).collect::<Vec<_>>().join(" → ");
    let mut finding =
        Diagnostic::error("document::service_cycle", last.span, format!("services wait for each other: {path}"))
            .label("closes the circle")
            .help("take one of these out; `after:` and `needs:` both order");
    for (id, edge) in ids.iter().zip(edges) {
        finding = finding.related(edge.span, format!("`{id}` waits for `{}`", edge.value));
    }
    finding
}
