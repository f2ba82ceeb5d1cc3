//! Layer 3: the pure core `(now, Event) → Commands`, its tokio driver, and the dry run.

pub mod core;
pub mod driver;
pub mod operator;
pub mod preview;
pub mod render;
mod result;
mod scope;

pub use self::core::{CORE_VERSION, Command, Core, Event, Options};
pub use driver::{Ports, RunReport, run};
pub use operator::{Answer, Operator, Question};
