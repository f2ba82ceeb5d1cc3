//! What the machine is when a plan is saved: which Docker Engine and which images the plan's commands mean, which cloud project and
//! account. Asked by commands that only read, and only for programs that the plan needs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::dry_run;
use crate::execute::preview::Preview;
use crate::plan::Plan;
use crate::runner::capture::{Captured, capture_as};

/// Nobody waits longer for one answer.
const WITHIN: Duration = Duration::from_secs(10);
/// What a fact says when there is nothing.
const ABSENT: &str = "not there";
/// Flags of `docker compose` whose value is the next word.
const COMPOSE_VALUES: [&str; 8] =
    ["-f", "--file", "-p", "--project-name", "--project-directory", "--env-file", "--profile", "--ansi"];

/// Name and value, in order.
pub type Facts = BTreeMap<String, String>;

/// Everything about the programs of this plan. Images are those in the commands of its dry run.
pub fn of(plan: &Plan, preview: &Preview) -> Facts {
    let ask = Ask::new(plan);
    let mut facts = Facts::new();
    if plan.tools.contains_key("docker") {
        facts.insert("docker engine".to_owned(), ask.engine());
        for image in ask.images(preview) {
            facts.insert(format!("image {image}"), ask.image(&image));
        }
    }
    if plan.tools.contains_key("gcloud") {
        facts.insert("gcloud account".to_owned(), ask.gcloud("account"));
        facts.insert("gcloud project".to_owned(), ask.gcloud("project"));
    }
    facts
}

/// What is different now from facts that were saved, a line each.
pub fn differences(plan: &Plan, saved: &Facts) -> Vec<String> {
    let ask = Ask::new(plan);
    let now = |name: &str| match name {
        "docker engine" => ask.engine(),
        "gcloud account" => ask.gcloud("account"),
        "gcloud project" => ask.gcloud("project"),
        _ => name.strip_prefix("image ").map_or_else(|| ABSENT.to_owned(), |image| ask.image(image)),
    };
    saved
        .iter()
        .filter_map(|(name, before)| {
            let now = now(name);
            (now != *before).then(|| format!("{name}: {before} when it was saved, {now} now"))
        })
        .collect()
}

struct Ask {
    /// The chosen environment's, as far as it is known before a run.
    env: Vec<(String, String)>,
}

impl Ask {
    fn new(plan: &Plan) -> Self {
        let scope = &plan.frame(plan.root).scope;
        let known = |(name, value): &(String, crate::template::Template)| {
            let value = value.preview(scope);
            let is_ours = name.starts_with("DOCKER_") || name.starts_with("CLOUDSDK_");
            (is_ours && !value.contains("${{") && !value.contains("***")).then(|| (name.clone(), value))
        };
        let env = plan.environment.iter().flat_map(|environment| environment.env.iter().filter_map(known));
        Self { env: env.collect() }
    }

    fn engine(&self) -> String {
        self.docker(&["info", "--format", "{{.ID}} {{.Name}}"]).unwrap_or_else(|why| why)
    }

    fn image(&self, name: &str) -> String {
        self.docker(&["image", "inspect", "--format", "{{.Id}}", "--", name]).unwrap_or_else(|_| ABSENT.to_owned())
    }

    fn gcloud(&self, property: &str) -> String {
        let property = format!("core/{property}");
        let scratch = std::env::temp_dir().join(format!("runbook-facts-{}", std::process::id()));
        let mut env = self.env.clone();
        for (name, value) in dry_run::leave_no_trace(&scratch) {
            if !env.iter().any(|(known, _)| *known == name) {
                env.push((name, value.redacted()));
            }
        }
        let arguments: Vec<String> = ["config", "get-value", &property].map(str::to_owned).into();
        let said = capture_as("gcloud", &arguments, &env, WITHIN);
        // Nothing there, or not ours to worry about: it is the machine's temporary directory.
        let _ = std::fs::remove_dir_all(&scratch);
        said.map_or_else(|error| error.to_string(), |said| answer(&said).unwrap_or_else(|why| why))
    }

    /// Everything that the commands of the dry run can mean by an image: what Compose names, what is pulled, and every other word
    /// that an image here has for a name.
    fn images(&self, preview: &Preview) -> BTreeSet<String> {
        let mut images = BTreeSet::new();
        let mut asked = BTreeSet::new();
        for command in preview.steps.iter().flat_map(|step| &step.command) {
            let Some(words) = shlex::split(command).filter(|words| words.first().is_some_and(|word| word == "docker"))
            else {
                continue;
            };
            let words = &words[1..];
            if words.first().is_some_and(|word| word == "compose") {
                let global = compose_flags(words);
                if asked.insert(global.to_vec()) {
                    let question: Vec<&str> = global.iter().map(String::as_str).chain(["config", "--images"]).collect();
                    images.extend(self.docker(&question).unwrap_or_default().lines().map(str::to_owned));
                }
                continue;
            }
            let operands: Vec<&String> = words.iter().skip(1).filter(|word| !word.starts_with('-')).collect();
            if words.first().is_some_and(|word| word == "pull") {
                images.extend(operands.last().map(|image| (*image).clone()));
            }
            for word in operands {
                if asked.insert(vec![word.clone()]) && self.image(word) != ABSENT {
                    images.insert(word.clone());
                }
            }
        }
        images
    }

    fn docker(&self, arguments: &[&str]) -> Result<String, String> {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let said = capture_as("docker", &arguments, &self.env, WITHIN).map_err(|error| error.to_string())?;
        answer(&said)
    }
}

/// What a program said, or why it said nothing.
fn answer(said: &Captured) -> Result<String, String> {
    let text = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    match said.exit {
        Some(0) if text.is_empty() => Err("not set".to_owned()),
        Some(0) => Ok(text),
        _ => Err(said.stderr.lines().last().unwrap_or("no answer").trim().to_owned()),
    }
}

/// `compose` and its own flags, without the subcommand and what follows it.
fn compose_flags(words: &[String]) -> &[String] {
    let mut at = 1;
    while at < words.len() && words[at].starts_with('-') {
        at += if COMPOSE_VALUES.contains(&words[at].as_str()) { 2 } else { 1 };
    }
    &words[..at.min(words.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compose_keeps_its_own_flags_only() {
        let words = |text: &str| shlex::split(text).unwrap();
        let of = |text: &str| compose_flags(&words(text)).join(" ");
        assert_eq!(of("compose -f a.yaml --project-name x up -d app"), "compose -f a.yaml --project-name x");
        assert_eq!(of("compose --dry-run ps"), "compose --dry-run");
        assert_eq!(of("compose -f"), "compose -f");
    }
}
