//! Integration tests: one binary, a file a feature.

mod architecture;
mod check;
mod cli;
mod execute;
mod journal;
mod labs;
mod readme;
mod runner;
mod support;
mod injection;
mod plan;
