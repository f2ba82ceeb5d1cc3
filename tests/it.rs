//! Integration tests: one binary, a file a feature.

mod labs;
mod readme;
