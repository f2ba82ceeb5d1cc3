//! The terminal that progress lines and prompts share: while a person is asked, lines wait and the progress disappears, and nothing
//! that draws ever blocks the engine.

use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

use super::pace::Pace;
use crate::model::port::Clock;

/// Standard output as a terminal. Cheap to clone.
#[derive(Clone)]
pub struct Terminal {
    multi: MultiProgress,
    pace: Pace,
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    asking: usize,
    lines: Vec<String>,
}

/// While it lives, the terminal belongs to a prompt.
pub struct Quiet {
    terminal: Terminal,
}

impl Terminal {
    /// True when standard output can show progress: a terminal that is not dumb.
    #[must_use]
    pub fn is_usable() -> bool {
        let term = console::Term::stdout();
        term.is_term() && std::env::var_os("TERM").is_none_or(|name| name != "dumb")
    }

    /// Standard output; the run's time is taken by this clock.
    #[must_use]
    pub fn stdout(clock: Arc<dyn Clock + Send + Sync>) -> Self {
        let multi = MultiProgress::with_draw_target(ProgressDrawTarget::stdout());
        multi.set_move_cursor(false);
        Self { multi, pace: Pace::new(clock), held: Arc::default() }
    }

    /// The run's time.
    #[must_use]
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Its width in columns.
    #[must_use]
    pub fn width(&self) -> usize {
        usize::from(console::Term::stdout().size().1)
    }

    /// Its height in lines.
    #[must_use]
    pub fn height(&self) -> usize {
        usize::from(console::Term::stdout().size().0)
    }

    /// Prints above the progress; waits while a person is asked.
    pub fn line(&self, line: impl AsRef<str>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.asking > 0 {
            held.lines.push(line.as_ref().to_owned());
        } else {
            // A terminal that went away must not stop the run.
            let _ = self.multi.println(line.as_ref());
        }
    }

    /// Adds a progress line above `below`, or last.
    #[must_use]
    pub fn add(&self, bar: ProgressBar, below: Option<&ProgressBar>) -> ProgressBar {
        match below {
            Some(below) => self.multi.insert_before(below, bar),
            None => self.multi.add(bar),
        }
    }

    /// Removes a progress line.
    pub fn remove(&self, bar: &ProgressBar) {
        bar.disable_steady_tick();
        bar.finish_and_clear();
        self.multi.remove(bar);
    }

    /// Gives the terminal to a prompt.
    #[must_use]
    pub fn quiet(&self) -> Quiet {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.asking += 1;
        if held.asking == 1 {
            let _ = self.multi.clear();
            self.multi.set_draw_target(ProgressDrawTarget::hidden());
            self.pace.asking(true);
        }
        Quiet { terminal: self.clone() }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let mut held = self.terminal.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.asking = held.asking.saturating_sub(1);
        if held.asking == 0 {
            self.terminal.pace.asking(false);
            self.terminal.multi.set_draw_target(ProgressDrawTarget::stdout());
            for line in held.lines.drain(..) {
                let _ = self.terminal.multi.println(line);
            }
        }
    }
}
