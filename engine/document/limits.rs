//! How much a file may ask of the parser. Generous for people, tight for bombs.

/// Bytes of one file: room for 100,000 steps.
pub(super) const BYTES: usize = 32 * 1024 * 1024;

/// Collections inside each other.
pub(super) const DEPTH: usize = 64;

/// Scalars and collections of one file: room for 100,000 steps of twenty-five keys and values each.
pub(super) const NODES: usize = 2_500_000;

/// Nodes that aliases may add to a file.
pub(super) const ALIAS_NODES: usize = 20_000;

/// Files that one runbook may name, directly and indirectly.
pub(super) const FILES: usize = 1_000;

/// Findings shown; the rest is counted.
pub(super) const FINDINGS: usize = 100;
