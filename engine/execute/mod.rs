//! Layer 3: the pure core `(now, Event) → Commands`, its two drivers (tokio; a heap of simulated time), and the dry run.

mod clock;
pub mod core;
pub mod driver;
mod mailbox;
pub mod operator;
pub mod preview;
pub mod render;
mod result;
mod scope;
pub mod simulated;

#[cfg(test)]
pub use self::core::planted;
pub use self::core::{Amendment, CORE_VERSION, Command, Core, Event, Intent, Options, Resume};
pub use clock::BootClock;
pub use driver::{Ports, RunError, RunReport, resume, run};
pub use mailbox::{Inbox, Mailbox, mailbox};
pub use operator::{Answer, Operator, Question, StepView};
pub use simulated::{Outside, Simulation};
