//! `--filter name=value`.

use std::collections::BTreeMap;

use regex::Regex;

use super::super::command::Given;
use super::super::fault::{Done, Fault, unsimulated};

/// What was asked for, by name.
#[derive(Debug, Default)]
pub struct Filters(BTreeMap<String, Vec<String>>);

impl Filters {
    /// Reads `--filter`: names that the daemon does not know are its error, others than these are not simulated.
    ///
    /// # Errors
    /// As said.
    pub fn of(given: &Given, understood: &[&str], others: &[&str]) -> Done<Self> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for text in given.all("filter") {
            let Some((name, value)) = text.split_once('=') else { continue };
            let (name, value) = (name.trim().to_lowercase(), value.trim());
            if others.contains(&name.as_str()) {
                return unsimulated(format!("`{} --filter {name}`", given.command.path()));
            }
            if !understood.contains(&name.as_str()) {
                return Err(Fault::daemon(format!("Invalid filter '{name}'")));
            }
            found.entry(name).or_default().push(value.to_owned());
        }
        Ok(Self(found))
    }

    /// All values of a name.
    pub fn values(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Nothing was asked for under a name, or one of its values fits.
    pub fn any(&self, name: &str, fits: impl Fn(&str) -> bool) -> bool {
        let values = self.values(name);
        values.is_empty() || values.iter().any(|value| fits(value))
    }

    /// Every label that was asked for is there: `name` or `name=value`.
    pub fn labels(&self, labels: &BTreeMap<String, String>) -> bool {
        self.values("label").iter().all(|wanted| match wanted.split_once('=') {
            Some((name, value)) => labels.get(name).is_some_and(|known| known == value),
            None => labels.contains_key(wanted),
        })
    }
}

/// A name matches a pattern, as the daemon matches names: anywhere.
pub fn matches(pattern: &str, name: &str) -> bool {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    let (begins, rest) = pattern.strip_prefix('^').map_or((false, pattern), |rest| (true, rest));
    let (ends, rest) = rest.strip_suffix('$').map_or((false, rest), |rest| (true, rest));
    if plain(rest) {
        return match (begins, ends) {
            (true, true) => name == rest,
            (true, false) => name.starts_with(rest),
            (false, true) => name.ends_with(rest),
            (false, false) => name.contains(rest),
        };
    }
    Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(name))
}
