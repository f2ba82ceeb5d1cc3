//! Kinds of value: how a field reads a node, and what the JSON Schema says about it.

mod choice;
mod collection;
mod name;
mod number;
mod scalar;

use serde_json::Value;

pub(super) use choice::{Choice, OrTextKind, WordKind};
pub(super) use collection::{List, MapOf, OneOrMany};
pub(super) use name::{ENV_NAME, HEADER, ID, MACHINE_NAME, Named, is_id};
pub(super) use number::{BOOL, COUNT, Count, DURATION, NUMBER, SPAN_OF_TIME, SpanOfTime, split};
pub(super) use scalar::{CONDITIONS, EXPR, KindLine, PATH, PLAIN, Plain, REGEX, TEXT, TextKind, scalar};

use super::lower::Lower;
use super::table::Schemas;
use super::tree::Node;

/// A kind of value.
pub(super) trait Kind {
    /// What the model holds.
    type Out;

    /// The value, or none where a finding has been recorded.
    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Self::Out>;

    /// Its JSON Schema.
    fn schema(&self, schemas: &mut Schemas) -> Value;
}
