//! The system's targets, rendered, and what the parts of a target may be.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use crate::document::normalise;
use crate::model::diagnostic::Diagnostic;
use crate::model::source::Text;
use crate::model::system::{Environment, System, Target as Authored};
use crate::template::{Scope, Template};

use super::Target;
use super::findings::{Findings, literal};

/// Where something happens; none: on this machine.
pub type Place = Option<Rc<Target>>;

/// The system's targets with those of the environment over them, by id.
pub fn of_system(
    system: &System,
    environment: Option<&Environment>,
    dir: &Path,
    scope: &Scope,
    findings: &mut Findings,
) -> BTreeMap<String, Place> {
    let all: BTreeMap<&str, &Authored> = system
        .targets
        .iter()
        .chain(environment.iter().flat_map(|environment| &environment.targets))
        .map(|(id, target)| (id.value.as_str(), target))
        .collect();
    let mut places = BTreeMap::new();
    // Machines first: containers are reached through them.
    let (containers, machines): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(_, target)| matches!(target, Authored::Container { .. }));
    for (id, target) in machines.into_iter().chain(containers) {
        let place = rendered(target, dir, &places, scope, findings);
        places.insert(id.to_owned(), place.map(Rc::new));
    }
    places
}

fn rendered(
    target: &Authored,
    dir: &Path,
    machines: &BTreeMap<String, Place>,
    scope: &Scope,
    findings: &mut Findings,
) -> Option<Target> {
    let mut text = |text: &Text| {
        let template = findings.template(text);
        match template.render(scope) {
            Ok(known) => literal(&known, text.0.span),
            Err(error) => {
                findings.evaluation(&error);
                literal("unknown", text.0.span)
            }
        }
    };
    let made = match target {
        Authored::Local => return None,
        Authored::Ssh { host, port, identity_file } => Target::Ssh {
            host: text(host),
            port: port.as_ref().map(&mut text),
            identity_file: identity_file.as_ref().map(|file| {
                let path = text(file);
                literal(&key_path(dir, path.literal().unwrap_or_default()), file.0.span)
            }),
        },
        Authored::Gcloud { vm, project, zone } => Target::Gcloud {
            vm: text(vm),
            project: project.as_ref().map(&mut text),
            zone: zone.as_ref().map(&mut text),
        },
        Authored::Container { name, via } => {
            let via = via.as_ref().and_then(|via| machines.get(&via.value).cloned().flatten());
            Target::Container { name: text(name), via: via.map(|via| Box::new(via.as_ref().clone())) }
        }
    };
    findings.push_all(wrong_parts(&made));
    Some(made)
}

/// A path of a key as OpenSSH takes it: `~` stays, others are relative to the file that wrote it.
#[must_use]
pub fn key_path(base: &Path, written: &str) -> String {
    if written.starts_with('~') {
        return written.to_owned();
    }
    normalise(&base.join(written)).to_string_lossy().into_owned()
}

impl Target {
    /// True for a machine that is not this one.
    #[must_use]
    pub const fn is_machine(&self) -> bool {
        matches!(self, Self::Ssh { .. } | Self::Gcloud { .. })
    }

    /// The program of this machine that reaches it.
    #[must_use]
    pub fn client(&self) -> &'static str {
        match self {
            Self::Ssh { .. } => "ssh",
            Self::Gcloud { .. } => "gcloud",
            Self::Container { via, .. } => via.as_deref().map_or("docker", Self::client),
        }
    }

    /// Its texts, that of a container's machine included.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let (parts, via) = match self {
            Self::Ssh { host, port, identity_file } => ([Some(host), port.as_ref(), identity_file.as_ref()], None),
            Self::Gcloud { vm, project, zone } => ([Some(vm), project.as_ref(), zone.as_ref()], None),
            Self::Container { name, via } => ([Some(name), None, None], via.as_deref()),
        };
        let mut all: Vec<&Template> = parts.into_iter().flatten().collect();
        all.extend(via.into_iter().flat_map(|via| via.templates().collect::<Vec<_>>()));
        all.into_iter()
    }
}

/// A part of a target as its client takes it: nothing that reads as an option, and one word.
///
/// # Errors
/// One sentence.
pub fn part(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("a part of this target is empty".to_owned());
    }
    if text.starts_with('-') {
        return Err(format!("`{text}` would be read as an option: no part of a target begins with `-`"));
    }
    if text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Err(format!("`{}` is not one word: no part of a target has white space", text.escape_debug()));
    }
    Ok(text.to_owned())
}

/// A TCP port.
///
/// # Errors
/// One sentence.
pub fn port(text: &str) -> Result<u16, String> {
    let port = text.parse::<u16>().ok().filter(|port| *port > 0);
    port.ok_or_else(|| format!("`{}` is not a port: a number from 1 to 65535", text.escape_debug()))
}

/// What is known to be wrong with a target before the run.
#[must_use]
pub fn wrong_parts(target: &Target) -> Vec<Diagnostic> {
    let check = |template: &Template, check: &dyn Fn(&str) -> Option<String>| {
        let why = template.literal().and_then(check)?;
        Some(Diagnostic::error("plan::bad_target", template.span(), why).help("write another value"))
    };
    let word = |text: &str| part(text).err();
    let mut found = Vec::new();
    match target {
        Target::Ssh { host, port: at, .. } => {
            found.extend(check(host, &word));
            found.extend(at.as_ref().and_then(|at| check(at, &|text| port(text).err())));
        }
        Target::Gcloud { vm, project, zone } => {
            found.extend(
                [Some(vm), project.as_ref(), zone.as_ref()].into_iter().flatten().filter_map(|it| check(it, &word)),
            );
        }
        Target::Container { name, .. } => found.extend(check(name, &word)),
    }
    found
}
