//! Where lines go. A broken pipe or a full disk behind standard output never stops a run: errors are remembered, not raised.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// A line writer that several observers and prompts share. Cheap to clone.
#[derive(Clone)]
pub struct Sink {
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    out: Box<dyn Write + Send>,
    broken: bool,
}

impl Sink {
    /// Standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self::new(Box::new(io::stdout()))
    }

    /// Standard error.
    #[must_use]
    pub fn stderr() -> Self {
        Self::new(Box::new(io::stderr()))
    }

    /// Any writer.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { inner: Arc::new(Mutex::new(Inner { out, broken: false })) }
    }

    /// Writes a line (or several) and its end in one go.
    pub fn line(&self, text: impl AsRef<str>) {
        let text = text.as_ref();
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'\n');
        self.write(&bytes);
    }

    /// Writes text as it is.
    pub fn text(&self, text: impl AsRef<str>) {
        self.write(text.as_ref().as_bytes());
    }

    /// Writes bytes as they are.
    pub fn bytes(&self, bytes: &[u8]) {
        self.write(bytes);
    }

    /// True once a write failed; everything after it was dropped.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).broken
    }

    fn write(&self, bytes: &[u8]) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.broken && inner.out.write_all(bytes).and_then(|()| inner.out.flush()).is_err() {
            inner.broken = true;
        }
    }
}
