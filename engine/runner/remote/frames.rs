//! What the wrapper says, line by line and byte by byte; see `wrapper.sh` for the list.

/// A longer line is no line of the wrapper's.
const LINE: usize = 4 * 1024;

/// One thing said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// The wrapper is there.
    Hello,
    /// The command is under way, or was.
    Began,
    /// Output.
    Bytes {
        /// True for standard error.
        stderr: bool,
        /// A part.
        bytes: &'a [u8],
    },
    /// Of the file that `$RUNBOOK_OUTPUT` names.
    Values(&'a [u8]),
    /// Pids that are still there.
    Left(Vec<u32>),
    /// The output is not kept any more.
    Trimmed,
    /// The last.
    Over(Ending),
}

/// How a contact ends when it ends in good order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// The command's own exit code.
    Exited(i32),
    /// The command was ended by a signal.
    Signaled(i32),
    /// It never began, and never will.
    Never,
    /// It began, and nobody saw its end.
    Lost(String),
    /// What was asked to end has ended.
    Ended,
    /// Something is missing over there: `program`, `directory`.
    NotStarted(String),
    /// The wrapper cannot work over there.
    Broken(String),
}

/// Reads the stream of one contact. What comes before the hello is somebody's greeting.
#[derive(Debug)]
pub(super) struct Frames {
    hello: String,
    greeted: bool,
    line: Vec<u8>,
    kind: u8,
    pending: usize,
}

impl Frames {
    pub fn new(token: &str) -> Self {
        Self { hello: format!("runbook 1 {token}"), greeted: false, line: Vec::new(), kind: 0, pending: 0 }
    }

    /// The hello was there.
    pub fn greeted(&self) -> bool {
        self.greeted
    }

    /// Bytes as they come, in parts of any size.
    pub fn push(&mut self, mut bytes: &[u8], mut tell: impl FnMut(Frame<'_>)) {
        while !bytes.is_empty() {
            if self.pending > 0 {
                let (part, rest) = bytes.split_at(bytes.len().min(self.pending));
                self.pending -= part.len();
                bytes = rest;
                tell(match self.kind {
                    b'v' => Frame::Values(part),
                    kind => Frame::Bytes { stderr: kind == b'e', bytes: part },
                });
                continue;
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let part = &bytes[..end.unwrap_or(bytes.len())];
            let room = LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            let Some(end) = end else { return };
            bytes = &bytes[end + 1..];
            let line = String::from_utf8_lossy(&self.line).into_owned();
            self.line.clear();
            if let Some(frame) = self.line(&line) {
                tell(frame);
            }
        }
    }

    fn line(&mut self, line: &str) -> Option<Frame<'static>> {
        if !self.greeted {
            self.greeted = line == self.hello;
            return self.greeted.then_some(Frame::Hello);
        }
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        match kind {
            "o" | "e" | "v" => {
                self.kind = kind.as_bytes()[0];
                self.pending = rest.trim().parse().ok()?;
                None
            }
            "b" => Some(Frame::Began),
            "l" => Some(Frame::Left(rest.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect())),
            "t" => Some(Frame::Trimmed),
            "n" => Some(Frame::Over(Ending::NotStarted(rest.to_owned()))),
            "f" => Some(Frame::Over(Ending::Broken(rest.to_owned()))),
            "x" => Some(Frame::Over(ending(rest))),
            _ => None,
        }
    }
}

fn ending(text: &str) -> Ending {
    let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
    let number = rest.trim().parse();
    match (kind, number) {
        ("exit", Ok(code)) => Ending::Exited(code),
        ("signal", Ok(signal)) => Ending::Signaled(signal),
        ("never", _) => Ending::Never,
        ("ended", _) => Ending::Ended,
        ("lost", _) => Ending::Lost(rest.to_owned()),
        _ => Ending::Lost(format!("its end cannot be read: `{text}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(parts: &[&[u8]]) -> Vec<String> {
        let mut frames = Frames::new("T");
        let mut said = Vec::new();
        for part in parts {
            frames.push(part, |frame| said.push(format!("{frame:?}")));
        }
        said
    }

    #[test]
    fn a_stream_reads_the_same_in_parts_of_any_size() {
        let stream =
            b"Welcome!\nx exit 9\nrunbook 1 T\nb began\no 7\na\nx\nb\n e 2\n\n\ne 1\n!v 3\na=1k\nl 4 5\nx exit 255\n";
        let mut stream = stream.to_vec();
        // An unknown line (` e 2`) is passed over; its empty lines too.
        let whole = all(&[&stream]);
        assert_eq!(whole[..2], ["Hello", "Began"]);
        assert_eq!(whole.last().unwrap(), "Over(Exited(255))");
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        let mut one_by_one = all(&bytes);
        one_by_one.retain(|frame| !frame.starts_with("Bytes") && !frame.starts_with("Values"));
        let mut without: Vec<String> = whole.clone();
        without.retain(|frame| !frame.starts_with("Bytes") && !frame.starts_with("Values"));
        assert_eq!(one_by_one, without);
        stream.truncate(20);
        assert!(all(&[&stream]).is_empty(), "a greeting is not the end of the work");
    }

    #[test]
    fn ends_are_told_apart() {
        assert_eq!(ending("signal 9"), Ending::Signaled(9));
        assert_eq!(ending("never"), Ending::Never);
        assert_eq!(ending("lost it is gone"), Ending::Lost("it is gone".into()));
        assert!(matches!(ending("exit many"), Ending::Lost(_)));
    }
}
