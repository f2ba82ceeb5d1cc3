//! Integration tests: one binary, a file a feature.

mod architecture;
mod cli;
mod journal;
mod runner;
mod support;
mod check;
