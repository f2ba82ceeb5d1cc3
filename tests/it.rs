//! Integration tests: one binary, a file a feature.

mod architecture;
mod calendar;
mod check;
mod cli;
mod cloudlab;
mod evidence;
mod execute;
mod history;
mod injection;
mod journal;
mod labs;
mod plan;
mod proof;
mod readme;
mod rehearse;
mod runner;
mod security;
mod sim;
mod support;
mod survive;
