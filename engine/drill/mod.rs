//! Layer 4: drills. A disposable lab ([`lab`]), a real fault, the shipped runbook, what it took and what was lost ([`course`]). The
//! engine of a drill is this program itself, started in the lab as a person would start it; nothing else is reachable from there.

pub mod canary;
mod course;
mod deed;
mod engine;
mod error;
mod keep;
pub mod lab;
mod loss;
mod measure;
mod people;
mod record;
mod request;
mod stages;
mod tool;

pub use course::{Course, Drilled, Verdict, run};
pub use engine::Engine;
pub use error::DrillError;
pub use measure::{Known, predict};
pub use people::{Asked, AskedInput, Said, ask};
pub use record::Recorder;
