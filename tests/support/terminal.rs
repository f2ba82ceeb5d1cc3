//! The program on a pseudo-terminal: what a person sees, what a person types.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use nix::pty::{Winsize, openpty};

use super::Runbook;

/// Longer than anything these tests wait for, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running program and its terminal.
pub struct Session {
    child: Child,
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    seen: Vec<u8>,
}

impl Runbook {
    /// Starts it on a terminal of 100 columns and 40 lines.
    pub fn on_a_terminal(self) -> Session {
        self.on_a_terminal_of(100, 40)
    }

    /// Starts it on a terminal of so many columns and lines.
    pub fn on_a_terminal_of(self, columns: u16, lines: u16) -> Session {
        let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(Some(&size), None).unwrap();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let mut command = self.env("TERM", "xterm-256color").into_command();
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        // The program must hold the only other end, or its death would not be seen.
        drop(command);
        drop(pty.slave);
        let keyboard = File::from(pty.master);
        let mut eyes = keyboard.try_clone().unwrap();
        let (sender, screen) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = eyes.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Session { child, keyboard, screen, seen: Vec::new() }
    }
}

impl Session {
    /// Everything seen so far, without escape sequences.
    pub fn text(&self) -> String {
        console::strip_ansi_codes(&String::from_utf8_lossy(&self.seen)).replace('\r', "")
    }

    /// Everything seen so far, as it came.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Waits until this can be seen.
    #[track_caller]
    pub fn sees(&mut self, text: &str) {
        while !self.text().contains(text) {
            match self.screen.recv_timeout(PATIENCE) {
                Ok(bytes) => self.seen.extend(bytes),
                Err(RecvTimeoutError::Timeout) => panic!("no `{text}` after {PATIENCE:?} in\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => panic!("ended without `{text}`:\n{}", self.text()),
            }
        }
    }

    /// Types a line and Enter.
    pub fn types(&mut self, line: &str) {
        writeln!(self.keyboard, "{line}").unwrap();
    }

    /// Sends the program an interrupt.
    pub fn interrupts(&self) {
        let id = nix::unistd::Pid::from_raw(self.child.id().try_into().unwrap());
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGINT).unwrap();
    }

    /// Waits for the end; asserts the exit code.
    #[track_caller]
    pub fn exits(&mut self, code: i32) {
        while let Ok(bytes) = self.screen.recv_timeout(PATIENCE) {
            self.seen.extend(bytes);
        }
        let status = self.child.wait().unwrap();
        assert_eq!(super::shell_code(status), Some(code), "\n{}", self.text());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Already gone in a test that passed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
