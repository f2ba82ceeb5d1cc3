//! Runs that are killed: the engine ends by SIGKILL at any point of its ports, and the run goes on.

mod engine;
mod kill;
