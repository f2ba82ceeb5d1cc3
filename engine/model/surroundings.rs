//! Where and with what a run was driven, for the record: nothing depends on it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The machine, the programs and the inputs of an engine that drives a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Surroundings {
    /// The operating system and its kernel, as they name themselves.
    pub machine: String,
    /// The programs that the plan's steps call, by name.
    pub programs: Vec<Program>,
    /// The commit of the runbook's directory, with `-dirty` where it differs; none: it is in no repository.
    pub commit: Option<String>,
    /// Every parameter with its value; those of secrets are masked.
    pub params: Map<String, Value>,
    /// The documents that the plan was made of.
    pub documents: Vec<DocumentDigest>,
}

/// A program that steps call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Program {
    /// As steps call it.
    pub name: String,
    /// Where it is; none: it is not on this machine.
    pub path: Option<String>,
    /// The first line that it says of itself; none: it did not in time.
    pub version: Option<String>,
}

/// A document as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentDigest {
    /// As it was given.
    pub path: String,
    /// SHA-256, hex.
    pub sha256: String,
}
