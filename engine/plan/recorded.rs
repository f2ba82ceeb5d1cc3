//! The digests of a plan as the file of a run holds it, made again: whoever changes that file has to change the journal too. What is
//! in no digest (title, places, expected times, the directory) is not proved.

use serde_json::{Map, Value, json};

use super::digest;

/// Digests of a recorded plan; none: the file does not hold all that they are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digests {
    /// Of documents, parameters, environment and names of secrets.
    pub source: Option<String>,
    /// Of the sealed plan.
    pub plan: Option<String>,
}

/// Makes them from `plan.json`.
#[must_use]
pub fn digests(file: &Value) -> Digests {
    let source = source(file);
    let plan = source.as_ref().and_then(|source| plan(file, source));
    Digests { source, plan }
}

fn source(file: &Value) -> Option<String> {
    let saved = file.get("saved")?;
    let inputs = saved.get("inputs")?;
    let params_files = inputs.get("params")?.as_array()?;
    let mut files = Vec::new();
    for source in saved.get("sources")?.as_array()? {
        let path = source.get("path")?;
        if !params_files.contains(path) {
            files.push(json!([path, digest::of_text(source.get("text")?.as_str()?)]));
        }
    }
    files.sort_by_key(ToString::to_string);
    Some(digest::of(&json!({
        "files": files,
        "params": pairs(inputs.get("values")?.as_object()?),
        "environment": file.get("environment")?.get("name"),
        "secrets": file.get("secrets")?,
    })))
}

fn pairs(map: &Map<String, Value>) -> Vec<Value> {
    map.iter().map(|(name, value)| json!([name, value])).collect()
}

fn plan(file: &Value, source: &str) -> Option<String> {
    let mut parts = json!({ "source": source, "nodes": digest::of_lines(file.get("nodes")?.as_array()?) });
    for name in super::seal::DIGESTED {
        parts[name] = file.get(name)?.clone();
    }
    Some(digest::of(&parts))
}
