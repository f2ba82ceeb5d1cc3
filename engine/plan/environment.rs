//! Which environment the run is for.

use crate::model::diagnostic::Diagnostic;
use crate::model::source::Name;
use crate::model::system::{Environment, EnvironmentClass, System};

use crate::template::nearest::did_you_mean;

/// The environment asked for, else the only one that is no lab. A lab is never chosen by itself.
///
/// # Errors
/// A name that the system does not have.
pub fn choose<'a>(
    system: Option<&'a System>,
    asked: Option<&str>,
) -> Result<Option<(&'a Name, &'a Environment)>, Box<Diagnostic>> {
    let Some(system) = system else {
        return match asked {
            None => Ok(None),
            Some(name) => Err(Box::new(
                Diagnostic::unplaced(
                    "plan::unknown_environment",
                    format!("`--environment {name}`, but there is no system"),
                )
                .help("name the system with --system FILE or `system:` in the runbook"),
            )),
        };
    };
    let pairs = || system.environments.iter().map(|(name, environment)| (name, environment));
    if let Some(asked) = asked {
        return pairs().find(|(name, _)| name.value == asked).map(Some).ok_or_else(|| {
            let message = format!("system `{}` has no environment `{asked}`", system.name.value);
            let mut found = Diagnostic::unplaced("plan::unknown_environment", message);
            found.help = did_you_mean(asked, pairs().map(|(name, _)| name.value.as_str()))
                .or_else(|| Some("declare it under `environments:` of the system file".to_owned()));
            Box::new(found)
        });
    }
    let mut real = pairs().filter(|(_, environment)| environment.class != EnvironmentClass::Lab);
    Ok(match (real.next(), real.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    })
}

/// Said when nothing was chosen although there is a choice.
#[must_use]
pub fn none_chosen(system: &System) -> Option<Diagnostic> {
    let (first, _) = system.environments.first()?;
    let names: Vec<&str> = system.environments.iter().map(|(name, _)| name.value.as_str()).collect();
    Some(
        Diagnostic::warning(
            "plan::no_environment",
            first.span,
            "no environment is chosen, so none is proved by its identity",
        )
        .help(format!("choose one with --environment: {}", names.join(", "))),
    )
}

/// A class as written.
#[must_use]
pub const fn word(class: EnvironmentClass) -> &'static str {
    match class {
        EnvironmentClass::Production => "production",
        EnvironmentClass::Staging => "staging",
        EnvironmentClass::Lab => "lab",
    }
}
