//! What an action may do, from its verb and flags. Tables only: nothing is run, and a declaration raises but never lowers.

mod docker;
mod gcloud;
mod lint;
#[cfg(test)]
mod tests;

use crate::model::diagnostic::Diagnostic;
use crate::model::effect::{Effect, EffectClass};
use crate::model::source::Spanned;

pub use docker::docker;
pub use gcloud::gcloud;
pub use lint::destructive_words;

/// What verb and flags tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The class is certain.
    Class(Effect),
    /// The action runs something that nobody can look into: `mutate` unless declared.
    Opaque,
    /// A template stands where the verb would be: nothing is known, so it destroys.
    Hidden,
}

/// Words of an argument vector; none where a word holds a template.
pub type Literals = [Option<String>];

/// An HTTP method.
#[must_use]
pub fn http(method: &str) -> Known {
    match method {
        "GET" | "HEAD" | "OPTIONS" => Known::Class(Effect::Read),
        _ => Known::Opaque,
    }
}

/// Known class and declaration in one.
///
/// # Errors
/// A declaration below what is known.
pub fn decide(known: Known, declared: Option<&Spanned<Effect>>) -> Result<EffectClass, Box<Diagnostic>> {
    match (known, declared) {
        (Known::Opaque, declared) => {
            Ok(EffectClass { effect: declared.map_or(Effect::Mutate, |effect| effect.value), declared: true })
        }
        (Known::Hidden, declared) => decide(Known::Class(Effect::Destroy), declared),
        (Known::Class(effect), None) => Ok(EffectClass { effect, declared: false }),
        (Known::Class(effect), Some(declared)) if declared.value >= effect => {
            Ok(EffectClass { effect: declared.value, declared: false })
        }
        (Known::Class(effect), Some(declared)) => Err(Box::new(
            Diagnostic::error(
                "plan::effect_lowered",
                declared.span,
                format!("this action is known to be `{}`; `{}` is less", word(effect), word(declared.value)),
            )
            .help("an effect can be raised, not lowered: leave `effect` out"),
        )),
    }
}

/// The effect as written.
#[must_use]
pub const fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Mutate => "mutate",
        Effect::Destroy => "destroy",
    }
}

/// The words that are neither flags nor values of the flags in `valued`; where a template stands in for a word, none.
/// `=` keeps a flag and its value in one word.
fn positionals<'a>(literals: &'a Literals, valued: &[&str]) -> Vec<Option<&'a str>> {
    let mut found = Vec::new();
    let mut skip = false;
    for literal in literals {
        if std::mem::take(&mut skip) {
            continue;
        }
        match literal.as_deref() {
            Some(flag) if flag.starts_with('-') && flag.len() > 1 => skip = valued.contains(&flag),
            word => found.push(word),
        }
    }
    found
}

/// True when one of the words is one of these flags (also as `--flag=value`, but not `--flag=false`).
fn has_flag(literals: &Literals, flags: &[&str]) -> bool {
    literals.iter().flatten().any(|literal| {
        let (name, value) = literal.split_once('=').map_or((literal.as_str(), None), |(n, v)| (n, Some(v)));
        flags.contains(&name) && value != Some("false")
    })
}
