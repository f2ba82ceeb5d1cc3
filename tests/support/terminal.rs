//! The program on a pseudo-terminal: what a person sees, what a person types.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::Pid;

use super::Runbook;

/// Longer than anything these tests wait for, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the reader looks whether the terminal is still there, ms.
const GLANCE: u8 = 20;

/// A running program and its terminal.
pub struct Session {
    child: Child,
    keyboard: Option<Arc<File>>,
    screen: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    /// What was seen up to here is old.
    read: usize,
}

impl Runbook {
    /// Starts it on a terminal of 100 columns and 40 lines.
    pub fn on_a_terminal(self) -> Session {
        self.on_a_terminal_of(100, 40)
    }

    /// Starts it on a terminal of this size as a shell does: it is the controlling one, so that Ctrl-C and a loss of the line are
    /// signals.
    pub fn on_a_terminal_of(self, columns: u16, rows: u16) -> Session {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(Some(&size), None).unwrap();
        // The program must not hold our end, or it would never lose the line.
        fcntl(&pty.master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let mut command = controlling(&self.into_command());
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        // The program must hold the only other end, or its death would not be seen.
        drop(command);
        drop(pty.slave);
        let keyboard = Arc::new(File::from(pty.master));
        let eyes = Arc::downgrade(&keyboard);
        let (sender, screen) = mpsc::channel();
        thread::spawn(move || {
            while let Some(bytes) = glance(&eyes) {
                if sender.send(bytes).is_err() {
                    break;
                }
            }
        });
        Session { child, keyboard: Some(keyboard), screen, seen: Vec::new(), read: 0 }
    }
}

/// The command, started by `setsid --ctty`, which becomes it.
#[expect(clippy::disallowed_methods, reason = "tests start the program itself")]
fn controlling(command: &Command) -> Command {
    let mut wrapped = Command::new("setsid");
    wrapped.arg("--ctty").arg(command.get_program()).args(command.get_args()).env("TERM", "xterm-256color");
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    if let Some(dir) = command.get_current_dir() {
        wrapped.current_dir(dir);
    }
    wrapped
}

/// What can be read now, perhaps nothing; none: the program or the terminal is gone.
fn glance(eyes: &Weak<File>) -> Option<Vec<u8>> {
    let mut terminal: &File = &*eyes.upgrade()?;
    let mut ends = [PollFd::new(terminal.as_fd(), PollFlags::POLLIN)];
    if poll(&mut ends, GLANCE).ok()? == 0 {
        return Some(Vec::new());
    }
    let mut bytes = [0; 4096];
    match terminal.read(&mut bytes) {
        Ok(count @ 1..) => Some(bytes[..count].to_vec()),
        _ => None,
    }
}

impl Session {
    /// Everything seen so far, without escape sequences.
    pub fn text(&self) -> String {
        plain(&self.seen)
    }

    /// Everything seen so far, as it came.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// Waits until this can be seen.
    #[track_caller]
    pub fn sees(&mut self, text: &str) {
        self.waits_for(text, 0);
    }

    /// Waits until this can be seen again, behind everything that [`Session::meets`] has waited for.
    #[track_caller]
    pub fn meets(&mut self, text: &str) {
        self.waits_for(text, self.read);
        self.read = self.seen.len();
    }

    #[track_caller]
    fn waits_for(&mut self, text: &str, from: usize) {
        while !plain(&self.seen[from..]).contains(text) {
            match self.screen.recv_timeout(PATIENCE) {
                Ok(bytes) => self.seen.extend(bytes),
                Err(RecvTimeoutError::Timeout) => panic!("no `{text}` after {PATIENCE:?} in\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => panic!("ended without `{text}`:\n{}", self.text()),
            }
        }
    }

    /// Types a line and Enter.
    pub fn types(&mut self, line: &str) {
        self.presses(&format!("{line}\n"));
    }

    /// Presses keys, nothing behind them.
    pub fn presses(&mut self, keys: &str) {
        let mut keyboard: &File = self.keyboard.as_deref().unwrap();
        keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// True when the terminal is as a shell wants it: lines, echo, signals.
    pub fn is_as_before(&self) -> bool {
        let flags = LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG;
        tcgetattr(self.keyboard.as_deref().unwrap()).unwrap().local_flags.contains(flags)
    }

    /// Sends the program an interrupt.
    pub fn interrupts(&self) {
        self.signals(Signal::SIGINT);
    }

    /// Sends the program a signal.
    pub fn signals(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// The line is lost: no more keys, nobody looks.
    pub fn hangs_up(&mut self) {
        self.keyboard = None;
        while self.screen.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Disconnected) {}
    }

    /// Waits for the end; its exit code.
    pub fn ends(&mut self) -> Option<i32> {
        while let Ok(bytes) = self.screen.recv_timeout(PATIENCE) {
            self.seen.extend(bytes);
        }
        super::shell_code(self.child.wait().unwrap())
    }

    /// Waits for the end; asserts the exit code.
    #[track_caller]
    pub fn exits(&mut self, code: i32) {
        let ended = self.ends();
        assert_eq!(ended, Some(code), "\n{}", self.text());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Already gone in a test that passed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn plain(bytes: &[u8]) -> String {
    console::strip_ansi_codes(&String::from_utf8_lossy(bytes)).replace('\r', "")
}
