//! `runbook status [RUN]`: where a run is, read from its journal by another process than the one that drives it. `--watch` looks again
//! until the run ends or its engine is gone.

use std::fmt::Write as _;
use std::time::Duration;

use super::args::StatusArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::found::{Found, State};
use super::identity;
use crate::journal::Runs;
use crate::report::status::{Around, Status};
use crate::report::{Sink, Terminal, json};

/// How often a watched run is looked at.
const PERIOD: Duration = Duration::from_millis(500);

/// Shows it, once or again and again.
pub fn status(args: &StatusArgs) -> Result<Exit, Failure> {
    let runs = Runs::new(args.runs.path());
    let mut found = Found::open(&runs, args.run.as_deref())?;
    found.warn_of_torn_tail();
    let mut screen = Screen::new(args);
    loop {
        let status = of(&found, &runs);
        screen.show(&status, &found);
        if !args.watch || found.state() != State::Running || screen.sink.is_broken() {
            return Ok(Exit::Success);
        }
        std::thread::sleep(PERIOD);
        found = Found::read(found.directory)?;
    }
}

fn of(found: &Found, runs: &Runs) -> Status {
    let around = Around {
        state: serde_json::json!(found.state()),
        words: found.state().as_str(),
        engine: found.holder.as_ref(),
        now: identity::wall(),
        runs_dir: Some(runs.path()),
    };
    Status::of(&found.loaded.records, &found.summary, &around)
}

/// Where it is shown: drawn over itself on a terminal, else whenever something happened.
struct Screen {
    sink: Sink,
    json: bool,
    redraws: bool,
    drawn: usize,
    shown: Option<(u64, State)>,
}

impl Screen {
    fn new(args: &StatusArgs) -> Self {
        let redraws = args.watch && !args.json && Terminal::is_usable();
        Self { sink: Sink::stdout(), json: args.json, redraws, drawn: 0, shown: None }
    }

    fn show(&mut self, status: &Status, found: &Found) {
        let now = Some((found.loaded.position(), found.state()));
        if self.redraws {
            self.draw(&status.lines(&found.summary));
        } else if self.shown == now {
            return;
        } else if self.json {
            self.sink.line(json::line(status));
        } else {
            if self.shown.is_some() {
                self.sink.line("");
            }
            for line in status.lines(&found.summary) {
                self.sink.line(line);
            }
        }
        self.shown = now;
    }

    /// Draws over what was drawn before; never more than the terminal has.
    fn draw(&mut self, lines: &[String]) {
        let (height, width) = console::Term::stdout().size();
        let (height, width) = (usize::from(height).max(2), usize::from(width).max(20));
        let mut text = String::new();
        if self.drawn > 0 {
            let _ = write!(text, "\x1b[{}A\r\x1b[J", self.drawn);
        }
        let lines = &lines[..lines.len().min(height - 1)];
        for line in lines {
            text.push_str(&console::truncate_str(line, width - 1, "…"));
            text.push('\n');
        }
        self.drawn = lines.len();
        self.sink.text(text);
    }
}
