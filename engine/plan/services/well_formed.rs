//! What must hold of a system whatever runbook uses it.

use std::collections::HashMap;

use crate::model::diagnostic::Diagnostic;
use crate::model::source::Name;
use crate::model::system::System;
use crate::plan::findings::Findings;
use crate::plan::nearest::did_you_mean;

/// Unknown ids and cycles among services; owners of data.
pub fn check(system: &System, findings: &mut Findings) {
    let index: HashMap<&str, usize> =
        system.services.iter().enumerate().map(|(at, (id, _))| (id.value.as_str(), at)).collect();
    let mut unknown = |name: &Name| {
        if !index.contains_key(name.value.as_str()) {
            let message = format!("there is no service `{}`", name.value);
            let mut found = Diagnostic::error("plan::unknown_service", name.span, message);
            found.help = did_you_mean(&name.value, system.services.iter().map(|(id, _)| id.value.as_str()));
            findings.push(found);
        }
    };
    for (_, service) in &system.services {
        service.needs.iter().chain(&service.after).for_each(&mut unknown);
    }
    for (_, data) in &system.data {
        unknown(&data.service);
    }
    for (id, service) in &system.services {
        for tag in service.tags.iter().filter(|tag| index.contains_key(tag.value.as_str()) || tag.value == "all") {
            let message = format!(
                "tag `{}` of service `{}` is also a service, so a selection could mean either",
                tag.value, id.value
            );
            findings.push(Diagnostic::error("plan::ambiguous_tag", tag.span, message));
        }
    }
    cycles(system, &index, findings);
}

/// One finding for each way back to a service that is being walked.
fn cycles(system: &System, index: &HashMap<&str, usize>, findings: &mut Findings) {
    let edges = |at: usize| {
        let service = &system.services[at].1;
        service
            .needs
            .iter()
            .chain(&service.after)
            .filter_map(|name| Some((name, *index.get(name.value.as_str())?)))
            .collect::<Vec<_>>()
    };
    let mut done = vec![false; system.services.len()];
    for root in 0..system.services.len() {
        let mut path: Vec<(usize, Vec<(&Name, usize)>, Option<&Name>)> = Vec::new();
        if !done[root] {
            path.push((root, edges(root), None));
        }
        while let Some((at, open, _)) = path.last_mut() {
            let at = *at;
            let Some((name, next)) = open.pop() else {
                done[at] = true;
                path.pop();
                continue;
            };
            if let Some(from) = path.iter().position(|(on_path, ..)| *on_path == next) {
                let mut ids: Vec<&str> =
                    path[from..].iter().map(|(at, ..)| system.services[*at].0.value.as_str()).collect();
                ids.push(&system.services[next].0.value);
                let message = format!("services wait for each other: {}", ids.join(" → "));
                let mut found = Diagnostic::error("plan::service_cycle", name.span, message);
                for via in path[from + 1..].iter().filter_map(|(.., via)| *via) {
                    found = found.related(via.span, "and here");
                }
                findings.push(found);
            } else if !done[next] {
                path.push((next, edges(next), Some(name)));
            }
        }
    }
}
