//! `runbook`: a declarative disaster-recovery engine.
//!
//! A runbook goes through these stages; each consumes what the one before made:
//!
//! ```text
//! YAML ─parse→ Document ─resolve→ Plan ─dispatch→ Entry* ─fold→ Summary ─render→ Report
//! ```
//!
//! Layers; a module imports only from lower ones (`tests/architecture.rs` enforces it):
//!
//! | Layer | Module | Holds |
//! |---|---|---|
//! | 0 | [`model`] | plain data: ids, documents, effects, outcomes, journal entries, ports |
//! | 1 | [`secret`] | secrets and the streaming masker |
//! | 1 | [`template`] | expressions, texts, argument vectors, shell binding |
//! | 1 | [`document`] | YAML to documents, every error with its place |
//! | 2 | [`plan`] | the sealed graph: references, services, effects, budget |
//! | 2 | [`journal`] | the durable record of a run |
//! | 2 | [`runner`] | carries out rendered work: processes, HTTP, waiting |
//! | 3 | [`execute`] | the pure core, its driver, the dry run |
//! | 4 | [`drill`] | a plan against a lab with a real fault, measured |
//! | 4 | [`rehearse`] | a plan against a simulated world: one path, every failure |
//! | 4 | [`cloudlab`] | a stand-in for Google Cloud in drills, on the simulated world |
//! | 4 | [`report`] | observers: console, JSON lines, summary |
//! | 5 | [`cli`] | the command line |

pub mod cli;
pub mod cloudlab;
pub mod document;
pub mod drill;
pub mod execute;
pub mod journal;
pub mod model;
pub mod plan;
pub mod rehearse;
pub mod report;
pub mod runner;
pub mod secret;
pub mod template;
