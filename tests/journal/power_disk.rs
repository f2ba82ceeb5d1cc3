//! A seeded disk: what was not synced is kept, lost, torn or mixed up, block by block, when the power goes.

use std::io;
use std::sync::{Arc, Mutex};

use nix::libc::{EIO, ENOSPC};
use runbook::model::port::Storage;

/// `SplitMix64`: small, and the same for ever.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `bound` - 1.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub fn one_in(&mut self, odds: usize) -> bool {
        self.below(odds) == 0
    }
}

/// What happens at one call of the storage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// The engine or the machine stops here: this call and all after it do nothing (a write: half of it).
    Stop,
    /// The disk takes a part of a write and is full from then on but for the reserve; a sync fails.
    Refuse,
}

struct State {
    /// What a sync acknowledged, and every content since, in order.
    images: Vec<Vec<u8>>,
    calls: usize,
    fate: Option<(usize, Fate)>,
    stopped: bool,
    /// A sync failed: the pages are called clean, and no later sync writes them.
    broken: bool,
}

/// A handle to the disk; the journal has one, the test another.
#[derive(Clone)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
    pub fn new() -> Self {
        let state = State { images: vec![Vec::new()], calls: 0, fate: None, stopped: false, broken: false };
        Self(Arc::new(Mutex::new(state)))
    }

    /// A new engine begins; at its `call`-th call (from 0), this happens.
    pub fn begin(&self, fate: Option<(usize, Fate)>) {
        let mut state = self.0.lock().unwrap();
        (state.calls, state.fate, state.stopped) = (0, fate, false);
    }

    /// What a reader sees.
    pub fn content(&self) -> Vec<u8> {
        self.0.lock().unwrap().images.last().unwrap().clone()
    }

    /// True when the page cache can no longer be trusted to reach the disk.
    pub fn is_broken(&self) -> bool {
        self.0.lock().unwrap().broken
    }

    /// The power goes: each block is as it was at some moment since the last sync, and the length, too.
    pub fn lose_power(&self, dice: &mut Dice) {
        let mut state = self.0.lock().unwrap();
        let block = [512, 4096][dice.below(2)];
        let shortest = state.images.iter().map(Vec::len).min().unwrap();
        let longest = state.images.iter().map(Vec::len).max().unwrap();
        let length = match dice.below(4) {
            0 => shortest,
            1 => shortest + dice.below(longest - shortest + 1),
            _ => longest,
        };
        let mut left = vec![0; length];
        for start in (0..length).step_by(block) {
            let image = &state.images[if dice.one_in(3) { 0 } else { dice.below(state.images.len()) }];
            let end = length.min(start + block).min(image.len());
            if start < end {
                left[start..end].copy_from_slice(&image[start..end]);
            }
        }
        state.images = vec![left];
        state.broken = false;
    }
}

impl State {
    fn call(&mut self) -> Option<Fate> {
        let call = self.calls;
        self.calls += 1;
        if self.stopped {
            return Some(Fate::Stop);
        }
        let fate = self.fate.filter(|(at, _)| *at == call).map(|(_, fate)| fate);
        self.stopped = fate == Some(Fate::Stop);
        fate
    }

    fn write(&mut self, bytes: &[u8]) {
        let image = [self.images.last().unwrap(), bytes].concat();
        self.images.push(image);
    }
}

fn stopped() -> io::Error {
    io::Error::other("the engine is gone")
}

impl Storage for Disk {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        let was_stopped = state.stopped;
        match state.call() {
            None => state.write(bytes),
            Some(_) if was_stopped => return Err(stopped()),
            Some(fate) => {
                state.write(&bytes[..bytes.len() / 2]);
                return Err(if fate == Fate::Stop { stopped() } else { io::Error::from_raw_os_error(ENOSPC) });
            }
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        match state.call() {
            Some(Fate::Stop) => return Err(stopped()),
            Some(Fate::Refuse) => {
                state.broken = true;
                return Err(io::Error::from_raw_os_error(EIO));
            }
            None => {}
        }
        if !state.broken {
            let last = state.images.pop().unwrap();
            state.images = vec![last];
        }
        Ok(())
    }

    fn length(&mut self) -> io::Result<u64> {
        let state = self.0.lock().unwrap();
        if state.stopped { Err(stopped()) } else { Ok(state.images.last().unwrap().len() as u64) }
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        let mut state = self.0.lock().unwrap();
        if state.call().is_some() {
            return Err(stopped());
        }
        let mut image = state.images.last().unwrap().clone();
        image.truncate(usize::try_from(length).unwrap());
        state.images.push(image);
        Ok(())
    }
}
