//! What an action may do to the world.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ordered: a known class can be raised, not lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Changes nothing; a dry run may run it.
    Read,
    /// Changes something that can be changed back.
    Mutate,
    /// A point of no return.
    Destroy,
}

/// An effect and how it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectClass {
    /// The class.
    pub effect: Effect,
    /// True when the author's word is all there is (an opaque action): "declared, not proved".
    pub declared: bool,
}
