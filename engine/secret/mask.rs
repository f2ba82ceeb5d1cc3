//! Replaces every secret in a stream by `***`, also when reads split it.

use std::sync::Arc;

use super::SecretStore;

/// Built once a run from the secret store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Masker {
    inner: Arc<()>,
}

impl Masker {
    /// A masker for these secrets (raw, JSON-, URL- and shell-quoted, hex and base64 forms; empty values are ignored).
    #[must_use]
    pub fn new(secrets: &SecretStore) -> Self {
        let _ = secrets;
        todo!()
    }

    /// A whole text.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        let _ = text;
        todo!()
    }

    /// A stream.
    #[must_use]
    pub fn stream(&self) -> MaskStream {
        todo!()
    }
}

/// One stream being masked.
#[derive(Debug)]
pub struct MaskStream {
    held: Vec<u8>,
}

impl MaskStream {
    /// Takes bytes; gives what can be let go. No allocation when there is nothing to mask.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let _ = (bytes, out, &self.held);
        todo!()
    }

    /// Gives the rest.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        let _ = out;
        todo!()
    }
}
