//! Output on its way: pipe → masker → log file, live lines; pipe → capture. Memory does not grow with the output.

use std::io::{ErrorKind, PipeReader, Read};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

use super::Report;
use super::live::Lines;
use super::log::Log;
use crate::model::port::Live;
use crate::model::work::Capture;
use crate::secret::{MaskStream, Masker};

/// The first read: most steps say little, and a large buffer a step costs the allocator more than the read.
const FIRST: usize = 2 * 1024;
/// What a pipe holds.
const PIPE: usize = 64 * 1024;
/// Every read once there is more, and what the pipe then holds: writer and reader wait for each other less often.
const CHUNK: usize = 256 * 1024;
/// Captured at most, per stream.
pub(super) const CAPTURE: usize = 1024 * 1024;
/// Of standard error, kept for messages.
const TAIL: usize = 2 * 1024;

/// Where both streams of an attempt go.
pub(super) struct Sink {
    report: Arc<dyn Report>,
    log: Log,
    lines: Option<Lines>,
    step: crate::model::id::StepId,
    stdout: Stream,
    stderr: Stream,
}

struct Stream {
    mask: MaskStream,
    masked: Vec<u8>,
    /// Raw: an expression sees what the program wrote. Whoever passes it on masks it.
    captured: Option<Vec<u8>>,
    truncated: bool,
    /// Masked, since it is cut: half a secret would not be recognised later.
    tail: Option<Vec<u8>>,
}

/// What a completion takes from a sink.
pub(super) struct Output {
    pub stdout: Option<String>,
    pub stderr: String,
    pub truncated: bool,
}

impl Sink {
    pub fn new(
        step: crate::model::id::StepId,
        log: Log,
        live: bool,
        capture: Capture,
        masker: &Masker,
        report: Arc<dyn Report>,
    ) -> Self {
        Self {
            report,
            log,
            lines: live.then(|| Lines::new(step.clone())),
            step,
            stdout: Stream::new(masker, capture.stdout, false),
            stderr: Stream::new(masker, capture.stderr, true),
        }
    }

    /// Bytes of one stream.
    pub fn push(&mut self, stderr: bool, bytes: &[u8]) {
        let stream = if stderr { &mut self.stderr } else { &mut self.stdout };
        stream.capture(bytes);
        stream.masked.clear();
        stream.mask.push(bytes, &mut stream.masked);
        self.pass_on(stderr);
    }

    /// The end of one stream.
    pub fn finish(&mut self, stderr: bool) {
        let stream = if stderr { &mut self.stderr } else { &mut self.stdout };
        stream.masked.clear();
        stream.mask.finish(&mut stream.masked);
        self.pass_on(stderr);
        if let Some(lines) = &mut self.lines {
            lines.finish(stderr, &*self.report);
        }
    }

    /// Takes what was captured; whatever comes later goes to the log only.
    pub fn take(&mut self) -> Output {
        let truncated = self.stdout.truncated || self.stderr.truncated;
        let stdout = self.stdout.captured.take().map(lossy);
        let tail = self.stderr.tail.take().unwrap_or_default();
        let stderr = self.stderr.captured.take().unwrap_or(tail);
        Output { stdout, stderr: lossy(stderr), truncated }
    }

    fn pass_on(&mut self, stderr: bool) {
        let stream = if stderr { &mut self.stderr } else { &mut self.stdout };
        stream.remember();
        if let Err(line) = self.log.write(&stream.masked) {
            self.report.live(Live::Output { step: self.step.clone(), stderr: true, line });
        }
        if let Some(lines) = &mut self.lines {
            lines.push(stderr, &stream.masked, &*self.report);
        }
    }
}

impl Stream {
    fn new(masker: &Masker, capture: bool, tail: bool) -> Self {
        Self {
            mask: masker.stream(),
            masked: Vec::new(),
            captured: capture.then(Vec::new),
            truncated: false,
            tail: tail.then(Vec::new),
        }
    }

    fn capture(&mut self, bytes: &[u8]) {
        if let Some(captured) = &mut self.captured {
            let room = CAPTURE - captured.len();
            self.truncated |= bytes.len() > room;
            captured.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    fn remember(&mut self) {
        let Some(tail) = &mut self.tail else { return };
        let new = &self.masked[self.masked.len().saturating_sub(TAIL)..];
        let surplus = (tail.len() + new.len()).saturating_sub(TAIL);
        tail.drain(..surplus);
        tail.extend_from_slice(new);
    }
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Reads what one pipe holds now. True at its end: nobody has it open any more.
pub(super) fn drain(pipe: &mut PipeReader, stderr: bool, sink: &Mutex<Sink>) -> bool {
    if fcntl(&*pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).is_err() {
        return false;
    }
    let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
    let mut buffer = [0; FIRST];
    // No more than a pipe holds: somebody left behind may write for ever.
    for _ in 0..PIPE / FIRST {
        match pipe.read(&mut buffer) {
            Ok(0) => {
                sink.finish(stderr);
                return true;
            }
            Ok(read) => sink.push(stderr, &buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
    false
}

/// Reads one pipe to its end.
pub(super) async fn pump(pipe: PipeReader, stderr: bool, sink: Arc<Mutex<Sink>>) {
    let locked = || sink.lock().unwrap_or_else(PoisonError::into_inner);
    match Receiver::from_owned_fd(OwnedFd::from(pipe)) {
        Err(error) => locked().push(true, format!("runbook: cannot read this output: {error}\n").as_bytes()),
        Ok(mut pipe) => {
            let mut buffer = Vec::with_capacity(FIRST);
            loop {
                buffer.clear();
                match pipe.read_buf(&mut buffer).await {
                    Ok(0) | Err(_) => break,
                    Ok(read) => {
                        locked().push(stderr, &buffer);
                        if read == FIRST && buffer.capacity() < CHUNK {
                            // Not granted where a user has too many large pipes: then it stays as it is.
                            let size = i32::try_from(CHUNK).unwrap_or(i32::MAX);
                            let _ = fcntl(&pipe, FcntlArg::F_SETPIPE_SZ(size));
                            buffer = Vec::with_capacity(CHUNK);
                        }
                    }
                }
            }
        }
    }
    locked().finish(stderr);
}
