//! Layer 0: plain data that every other layer speaks. No I/O, no clock, no templates.

pub mod calendar;
pub mod change;
pub mod diagnostic;
pub mod drill;
pub mod effect;
pub mod entry;
pub mod facts;
pub mod hex;
pub mod id;
pub mod lab;
pub mod operation;
pub mod outcome;
pub mod port;
pub mod rehearsal;
pub mod runbook;
pub mod source;
pub mod status;
pub mod surroundings;
pub mod system;
pub mod test;
pub mod work;
