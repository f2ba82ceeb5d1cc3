//! Single keys from a terminal. Only while a question is open: line editing and echo are off, signals stay on, so that Ctrl-C is the
//! same interrupt as everywhere; whoever drops the window puts the terminal back.

use std::fs::File;
use std::io::{PipeReader, Read};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{
    FlushArg, LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcflush, tcgetattr, tcsetattr,
};

/// The rest of an escape sequence arrives within this, or it was the key Escape.
const SEQUENCE: u16 = 50;

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Enter,
    Char(char),
    Backspace,
    /// Ctrl-U
    EraseLine,
    /// Ctrl-W
    EraseWord,
    Tab,
    Escape,
    /// Ctrl-D
    End,
    /// Arrows, function keys, other controls.
    Other,
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Key(Key),
    /// Nothing for as long as was asked.
    Tick,
    /// Something happened to the question.
    Woken,
    /// The terminal went away.
    Gone,
}

/// The reading end.
pub(super) struct Keyboard {
    input: File,
    wake: PipeReader,
    bytes: Vec<u8>,
}

impl Keyboard {
    /// Reads keys here; a byte through `wake` ends a wait.
    pub fn new(input: File, wake: PipeReader) -> Self {
        Self { input, wake, bytes: Vec::new() }
    }

    /// Forgets what was typed before now.
    pub fn forget(&mut self) {
        self.bytes.clear();
    }

    /// The next key, or why there is none.
    pub fn next(&mut self, patience: Duration) -> Heard {
        loop {
            if let Some((key, length)) = decode(&self.bytes, false) {
                self.bytes.drain(..length);
                return Heard::Key(key);
            }
            let is_open = !self.bytes.is_empty();
            let limit = if is_open { PollTimeout::from(SEQUENCE) } else { timeout(patience) };
            let mut ends =
                [PollFd::new(self.input.as_fd(), PollFlags::POLLIN), PollFd::new(self.wake.as_fd(), PollFlags::POLLIN)];
            let ready = match poll(&mut ends, limit) {
                Ok(ready) => ready,
                Err(Errno::EINTR) => continue,
                Err(_) => return Heard::Gone,
            };
            let [typed, woken] = ends.map(|end| end.any().unwrap_or(true));
            if woken {
                let mut bytes = [0; 64];
                // The other end lives as long as the prompt.
                let _ = self.wake.read(&mut bytes);
                return Heard::Woken;
            }
            if ready == 0 && !is_open {
                return Heard::Tick;
            }
            if ready == 0
                && let Some((key, length)) = decode(&self.bytes, true)
            {
                self.bytes.drain(..length);
                return Heard::Key(key);
            }
            if typed && !self.read() {
                return Heard::Gone;
            }
        }
    }

    fn read(&mut self) -> bool {
        let mut bytes = [0; 256];
        match nix::unistd::read(&self.input, &mut bytes) {
            Ok(0) => false,
            Ok(count) => {
                self.bytes.extend_from_slice(&bytes[..count]);
                true
            }
            Err(error) => matches!(error, Errno::EINTR | Errno::EAGAIN),
        }
    }
}

fn timeout(patience: Duration) -> PollTimeout {
    PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX)
}

/// The first key and how many bytes it takes; none while there may be more of it. `is_all`: nothing more comes.
fn decode(bytes: &[u8], is_all: bool) -> Option<(Key, usize)> {
    let first = *bytes.first()?;
    let control = match first {
        b'\n' | b'\r' => Key::Enter,
        b'\t' => Key::Tab,
        0x7f | 0x08 => Key::Backspace,
        0x15 => Key::EraseLine,
        0x17 => Key::EraseWord,
        0x04 => Key::End,
        0x1b => return sequence(bytes, is_all),
        0..0x20 => Key::Other,
        _ => {
            let length = match first {
                0x20..0x80 => 1,
                0xc0..0xe0 => 2,
                0xe0..0xf0 => 3,
                0xf0..0xf8 => 4,
                _ => return Some((Key::Other, 1)),
            };
            let Some(all) = bytes.get(..length) else { return is_all.then_some((Key::Other, bytes.len())) };
            let key = str::from_utf8(all).ok().and_then(|text| text.chars().next()).map_or(Key::Other, Key::Char);
            return Some((key, if key == Key::Other { 1 } else { length }));
        }
    };
    Some((control, 1))
}

/// Escape alone, or a sequence, which is swallowed whole.
fn sequence(bytes: &[u8], is_all: bool) -> Option<(Key, usize)> {
    match bytes.get(1) {
        None => is_all.then_some((Key::Escape, 1)),
        Some(b'[' | b'O') => {
            let end = bytes.iter().skip(2).position(|byte| (0x40..0x7f).contains(byte));
            match end {
                Some(at) => Some((Key::Other, at + 3)),
                None => is_all.then_some((Key::Other, bytes.len())),
            }
        }
        Some(_) => Some((Key::Escape, 1)),
    }
}

/// While it lives, keys arrive one by one and unseen.
pub(super) struct Window {
    input: File,
    before: Termios,
    within: Termios,
}

impl Window {
    /// Opens it; what was typed before is dropped. None: not a terminal (any more).
    pub fn open(input: &File) -> Option<Self> {
        let input = input.try_clone().ok()?;
        let before = tcgetattr(&input).ok()?;
        let mut within = before.clone();
        within.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
        within.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        within.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        // Without draining: a terminal that was stopped by Ctrl-S must not stop us here.
        tcsetattr(&input, SetArg::TCSANOW, &within).ok()?;
        tcflush(&input, FlushArg::TCIFLUSH).ok()?;
        Some(Self { input, before, within })
    }

    /// Another handle: the first one to go gives the terminal back.
    pub fn twin(&self) -> Option<Self> {
        Some(Self { input: self.input.try_clone().ok()?, before: self.before.clone(), within: self.within.clone() })
    }

    /// Opens it again where somebody else changed the terminal meanwhile: a shell, after Ctrl-Z and `fg`.
    pub fn renew(&self) {
        if tcgetattr(&self.input).is_ok_and(|now| now.local_flags != self.within.local_flags) {
            let _ = tcsetattr(&self.input, SetArg::TCSANOW, &self.within);
        }
    }

    /// Puts the terminal back for a while; [`Window::renew`] ends that.
    pub fn lend(&self) {
        let _ = tcsetattr(&self.input, SetArg::TCSANOW, &self.before);
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.lend();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart() {
        assert_eq!(decode(b"y", false), Some((Key::Char('y'), 1)));
        assert_eq!(decode("ü?".as_bytes(), false), Some((Key::Char('ü'), 2)));
        assert_eq!(decode(&"ü".as_bytes()[..1], false), None);
        assert_eq!(decode(b"\n", false), Some((Key::Enter, 1)));
        assert_eq!(decode(b"\x1b", false), None);
        assert_eq!(decode(b"\x1b", true), Some((Key::Escape, 1)));
        assert_eq!(decode(b"\x1b[1;5Cy", false), Some((Key::Other, 6)));
        assert_eq!(decode(b"\x1bOA", false), Some((Key::Other, 3)));
        assert_eq!(decode(b"\xffy", false), Some((Key::Other, 1)));
        assert_eq!(decode(b"\x00", false), Some((Key::Other, 1)));
    }
}
