//! Replaces every secret in a stream by `***`, also when reads split it.
//!
//! Covered: the value itself, and its JSON, URL, form, shell, hex and base64 forms (three alignments, both alphabets); each line
//! of at least 8 bytes of a multi-line secret; in a text that was shortened (`…`), the beginning of one. Not covered: values shorter than 4 bytes (the store refuses them unless forced);
//! compressed, encrypted, reversed or otherwise computed forms; base64 or hex broken by line ends; a secret that a program prints in
//! pieces with other text between. Of base64 the one or two characters that a neighbouring byte shares may remain.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

use super::skip::Skip;
use super::{SecretStore, needles};

const MASK: &[u8] = b"***";
/// Where a message was shortened: what stands before it may be the beginning of a secret.
const CUT: &str = "…";
/// So much of a secret's beginning is masked where a text was cut, bytes.
const SHORTEST_BEGINNING: usize = 4;

/// Built once a run from the secret store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Masker {
    /// None: there is nothing to mask.
    inner: Option<Arc<Inner>>,
}

struct Inner {
    needles: NFA,
    start: StateID,
    /// None: every byte is looked at.
    skip: Option<Skip>,
    /// How many bytes of a needle have been seen in each state: what must be held back there, and no more.
    depths: HashMap<StateID, usize>,
}

impl Inner {
    fn next(&self, state: StateID, byte: u8) -> StateID {
        self.needles.next_state(Anchored::No, state, byte)
    }

    /// The longest needle that ends in this state.
    fn ended(&self, state: StateID) -> Option<usize> {
        if !self.needles.is_match(state) {
            return None;
        }
        let ended = (0..self.needles.match_len(state)).map(|at| self.needles.match_pattern(state, at));
        ended.map(|needle| self.needles.pattern_len(needle)).max()
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} needles", self.needles.patterns_len())
    }
}

impl Masker {
    /// A masker for these secrets (raw, JSON-, URL- and shell-quoted, hex and base64 forms; values shorter than 4 bytes are
    /// ignored).
    ///
    /// # Panics
    /// When the secrets of a run come near the automaton's limit of two gigabytes.
    #[must_use]
    pub fn new(secrets: &SecretStore) -> Self {
        let all: Vec<Vec<u8>> = secrets.exposed().flat_map(needles::of).collect();
        if all.is_empty() {
            return Self { inner: None };
        }
        let needles = NFA::builder().match_kind(MatchKind::Standard).build(&all);
        let needles = needles.expect("the secrets of a run are far below the automaton's limit of 2^31 bytes");
        let start = needles.start_state(Anchored::No).expect("the automaton is built for unanchored searches");
        let mut inner = Inner { needles, start, skip: Skip::new(&all), depths: HashMap::new() };
        for needle in &all {
            let mut state = start;
            for (at, byte) in needle.iter().enumerate() {
                state = inner.next(state, *byte);
                inner.depths.insert(state, at + 1);
            }
        }
        Self { inner: Some(Arc::new(inner)) }
    }

    /// A whole text.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        if self.inner.is_none() {
            return text.to_owned();
        }
        let mut stream = self.stream();
        let mut out = Vec::with_capacity(text.len());
        for part in text.split_inclusive(CUT) {
            let whole = part.strip_suffix(CUT);
            stream.push(whole.unwrap_or(part).as_bytes(), &mut out);
            if whole.is_some() {
                stream.cut(&mut out);
                stream.push(CUT.as_bytes(), &mut out);
            }
        }
        stream.finish(&mut out);
        // Needles begin and end at characters, so what is left is still UTF-8.
        String::from_utf8_lossy(&out).into_owned()
    }

    /// A stream.
    #[must_use]
    pub fn stream(&self) -> MaskStream {
        let state = self.inner.as_ref().map(|inner| inner.start);
        MaskStream { inner: self.inner.clone(), state, held: Vec::new(), spans: Vec::new(), open: false }
    }
}

/// One stream being masked. Overlapping and adjoining secrets become one `***`.
#[derive(Debug)]
pub struct MaskStream {
    inner: Option<Arc<Inner>>,
    state: Option<StateID>,
    /// Not let go yet: the bytes that may be the beginning of a secret, fewer than the longest form has.
    held: Vec<u8>,
    /// Secrets in `held`, in order and apart from each other.
    spans: Vec<(usize, usize)>,
    /// The last thing written was `***`.
    open: bool,
}

impl MaskStream {
    /// Takes bytes; gives what can be let go. No allocation when there is nothing to mask.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let (Some(inner), Some(mut state)) = (self.inner.clone(), self.state) else {
            out.extend_from_slice(bytes);
            return;
        };
        let mut at = 0;
        while at < bytes.len() {
            if state == inner.start
                && let Some(skip) = &inner.skip
            {
                // No needle has begun: all that is held can go, and all before the next place where one can begin.
                self.release(self.held.len(), out);
                let begins = skip.next(bytes, at);
                if at < begins {
                    out.extend_from_slice(&bytes[at..begins]);
                    self.open = false;
                    at = begins;
                    continue;
                }
            }
            let byte = bytes[at];
            self.held.push(byte);
            at += 1;
            state = inner.next(state, byte);
            if let Some(length) = inner.ended(state) {
                self.cover(self.held.len().saturating_sub(length), self.held.len());
            }
        }
        self.state = Some(state);
        let pending = inner.depths.get(&state).copied().unwrap_or(0);
        self.release(self.held.len().saturating_sub(pending), out);
    }

    /// The text was cut here: the beginning of a secret is masked as the whole would be.
    fn cut(&mut self, out: &mut Vec<u8>) {
        let state = self.state.zip(self.inner.as_ref());
        let begun = state.and_then(|(state, inner)| inner.depths.get(&state).copied()).unwrap_or(0);
        if begun >= SHORTEST_BEGINNING {
            self.cover(self.held.len().saturating_sub(begun), self.held.len());
        }
        self.finish(out);
    }

    /// Gives the rest.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.release(self.held.len(), out);
        self.state = self.inner.as_ref().map(|inner| inner.start);
    }

    /// A secret, ending behind all before.
    fn cover(&mut self, mut start: usize, end: usize) {
        while let Some((before, _)) = self.spans.pop_if(|(_, before_end)| *before_end >= start) {
            start = start.min(before);
        }
        self.spans.push((start, end));
    }

    /// Lets go the first `free` bytes, those of secrets as `***`.
    fn release(&mut self, free: usize, out: &mut Vec<u8>) {
        let mut at = 0;
        let mut kept = 0;
        for index in 0..self.spans.len() {
            let (start, end) = self.spans[index];
            if start < free {
                self.plain(at, start, out);
                if !self.open {
                    out.extend_from_slice(MASK);
                    self.open = true;
                }
                at = end.min(free);
            }
            if end > free {
                self.spans[kept] = (start.saturating_sub(free), end - free);
                kept += 1;
            }
        }
        self.spans.truncate(kept);
        self.plain(at, free, out);
        self.held.drain(..free);
    }

    /// Bytes outside every secret.
    fn plain(&mut self, from: usize, to: usize, out: &mut Vec<u8>) {
        if from < to {
            out.extend_from_slice(&self.held[from..to]);
            self.open = false;
        }
    }
}

#[cfg(test)]
mod tests;
