//! The two ends of the terminal that is asked at, and the way to end a wait for a key.

use std::fs::File;
use std::io::{self, PipeWriter, Write};
use std::os::fd::AsFd;

use super::keyboard::Keyboard;
use super::screen::Screen;

/// The terminal.
pub(super) struct Tty {
    /// Keys come from here.
    pub input: File,
    /// Questions go here.
    pub output: File,
    wake: PipeWriter,
}

impl Tty {
    /// Standard input and standard error: standard output may be a pipe.
    ///
    /// # Errors
    /// As the kernel says.
    pub fn standard() -> io::Result<(Self, Keyboard)> {
        let own = |end: io::Result<_>| end.map(File::from);
        Self::of(own(io::stdin().as_fd().try_clone_to_owned())?, own(io::stderr().as_fd().try_clone_to_owned())?)
    }

    /// These ends.
    ///
    /// # Errors
    /// As the kernel says.
    pub fn of(input: File, output: File) -> io::Result<(Self, Keyboard)> {
        let (woken, wake) = io::pipe()?;
        let keyboard = Keyboard::new(input.try_clone()?, woken);
        Ok((Self { input, output, wake }, keyboard))
    }

    /// Where questions are drawn.
    pub fn screen(&self) -> Option<Screen> {
        Screen::new(self.output.try_clone().ok()?)
    }

    /// Ends the wait for a key.
    pub fn wake(&self) {
        // The reading end lives as long as the thread that asks; without it there is nobody to wake.
        let _ = (&self.wake).write(&[0]);
    }
}
