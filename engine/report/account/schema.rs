//! The published schema of the account as JSON, from its very types.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::Account;

/// JSON Schema, draft 2020-12.
#[must_use]
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let schema = Value::from(generator.into_root_schema_for::<Account>());
    let Value::Object(members) = schema else { return schema };
    // What it is stands first.
    let mut ordered = Map::new();
    ordered.insert("$schema".to_owned(), members.get("$schema").cloned().unwrap_or_default());
    ordered.insert("title".to_owned(), "Report of a run or a drill, version 1".into());
    for (name, value) in members {
        ordered.entry(name).or_insert(value);
    }
    Value::Object(ordered)
}
