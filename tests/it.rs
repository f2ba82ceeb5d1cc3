//! Integration tests: one binary, a file a feature.

mod journal;
mod runner;
mod injection;
