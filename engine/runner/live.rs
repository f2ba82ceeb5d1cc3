//! Output lines for whoever watches: masked, bounded, and given up first when there are too many.

use std::time::Duration;

use crate::model::id::StepId;
use crate::model::port::Live;

use super::{Report, boot};

/// A longer line is cut.
const LONGEST: usize = 8 * 1024;
/// Lines in one [`WINDOW`]; what is above stands only in the log.
const LINES: u32 = 1_000;
const WINDOW: Duration = Duration::from_millis(100);

/// Both streams of one attempt.
pub(super) struct Lines {
    step: StepId,
    partial: [Partial; 2],
    window: Duration,
    sent: u32,
    dropped: u64,
}

#[derive(Default)]
struct Partial {
    line: Vec<u8>,
    cut: bool,
}

impl Lines {
    pub fn new(step: StepId) -> Self {
        Self { step, partial: Default::default(), window: Duration::ZERO, sent: 0, dropped: 0 }
    }

    /// Masked bytes, as they come.
    pub fn push(&mut self, stderr: bool, mut bytes: &[u8], report: &dyn Report) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            if self.is_flooded() {
                bytes = self.pass_over(stderr, bytes);
                break;
            }
            self.extend(stderr, &bytes[..end]);
            self.send(stderr, report);
            bytes = &bytes[end + 1..];
        }
        self.extend(stderr, bytes);
    }

    /// Drops every whole line without making it; gives the beginning of the next.
    fn pass_over<'bytes>(&mut self, stderr: bool, bytes: &'bytes [u8]) -> &'bytes [u8] {
        let last = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.dropped += bytes[..last].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        let partial = &mut self.partial[usize::from(stderr)];
        partial.line.clear();
        partial.cut = false;
        &bytes[last..]
    }

    /// The end of a stream: a last line without its end.
    pub fn finish(&mut self, stderr: bool, report: &dyn Report) {
        if !self.partial[usize::from(stderr)].line.is_empty() {
            self.send(stderr, report);
        }
        if self.dropped > 0 {
            let line = format!("… {} more lines are in the log", self.dropped);
            self.dropped = 0;
            report.live(Live::Output { step: self.step.clone(), stderr, line });
        }
    }

    fn extend(&mut self, stderr: bool, bytes: &[u8]) {
        let partial = &mut self.partial[usize::from(stderr)];
        let room = LONGEST - partial.line.len();
        partial.cut |= bytes.len() > room;
        partial.line.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn send(&mut self, stderr: bool, report: &dyn Report) {
        if self.is_flooded() {
            self.dropped += 1;
        } else {
            if self.sent == 0 {
                self.window = boot::now();
            }
            self.sent += 1;
            let partial = &self.partial[usize::from(stderr)];
            let bytes = partial.line.strip_suffix(b"\r").unwrap_or(&partial.line);
            let mut line = String::from_utf8_lossy(bytes).into_owned();
            if partial.cut {
                line.push('…');
            }
            report.live(Live::Output { step: self.step.clone(), stderr, line });
        }
        let partial = &mut self.partial[usize::from(stderr)];
        partial.line.clear();
        partial.cut = false;
    }

    /// True when the window has had its lines.
    fn is_flooded(&mut self) -> bool {
        // Only a flood asks for the time.
        if self.sent < LINES {
            return false;
        }
        let flooded = boot::now() < self.window + WINDOW;
        if !flooded {
            self.sent = 0;
        }
        flooded
    }
}
