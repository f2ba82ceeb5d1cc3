//! Integration tests: one binary, a file a feature.

mod check;
mod plan;
