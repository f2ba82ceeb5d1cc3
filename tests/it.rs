//! Integration tests: one binary, a file a feature.

mod architecture;
mod check;
mod cli;
mod journal;
mod runner;
mod support;
