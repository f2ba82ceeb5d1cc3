//! Layer 4: observers of a run's records and renderers of its summary. Nothing here decides anything, and no output error ever
//! reaches a run.

pub mod account;
pub mod aside;
pub mod budget;
pub mod closing;
pub mod console;
pub mod done;
pub mod drill;
pub mod earlier;
pub mod events;
pub mod evidence;
pub mod graph;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod pace;
pub mod page;
pub mod paper;
pub mod phrase;
pub mod plain;
pub mod plot;
pub mod preview;
pub mod rehearsal;
pub mod sink;
pub mod status;
pub mod summary;
pub mod table;
pub mod terminal;
pub mod trend;
pub mod visible;

pub use aside::{Aside, Shown};
pub use console::Console;
pub use json::JsonLines;
pub use pace::Pace;
pub use plain::Plain;
pub use sink::Sink;
pub use status::Status;
pub use summary::Summary;
pub use terminal::Terminal;

/// How much is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// `-q`: failures and the closing line.
    Quiet,
    /// Steps, gates, failures, the closing table.
    #[default]
    Normal,
    /// `-v`: output lines too.
    Output,
    /// `-vv`: every command and every skipped step too.
    Commands,
}
