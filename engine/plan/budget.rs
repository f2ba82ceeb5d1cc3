//! Waves, critical path and expected time, from estimates.

use std::time::Duration;

use serde::Serialize;

use crate::model::id::StepId;

/// What the graph costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// Leaf steps that may run at the same time, in order; pruned and fallback steps excluded.
    pub waves: Vec<Vec<StepId>>,
    /// The longest chain of leaf steps.
    pub critical_path: Vec<StepId>,
    /// Its length.
    pub expected: Duration,
    /// Leaf steps that change something and have no estimate: they count as nothing. Reads are not expected to have one.
    pub unestimated: usize,
}
