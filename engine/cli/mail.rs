//! Letters that arrive while an engine drives a run become events. The kernel tells when one is there: nothing wakes up for nothing.

use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::masked::Shared;
use crate::execute::{Event, Mailbox};
use crate::journal::RunDirectory;
use crate::journal::inbox::{self, LetterKind, Received, Watch};
use crate::report::{Sink, visible};
use crate::runner::signature::{self, Verification};

/// Where the kernel does not tell, the inbox is looked at this often.
const LOOK: Duration = Duration::from_secs(2);

/// Who may sign, and how that is checked.
#[derive(Clone, Debug)]
pub struct Signers {
    /// Everybody whom an approval of the plan names.
    pub people: Vec<String>,
    /// A file as `ssh-keygen` takes it; none: no signature can be checked.
    pub allowed: Option<PathBuf>,
}

/// Forwards letters from now on, on a thread of its own. What lies there already was written to an engine that is gone: it is put
/// aside, since nobody knows whether its writer still wants it.
pub fn forward(directory: RunDirectory, signers: Signers, masker: Shared, mailbox: &Mailbox) {
    let watch = Watch::new(&directory).ok();
    drop(take(&directory, &masker));
    let mailbox = mailbox.clone();
    std::thread::spawn(move || {
        loop {
            wait(watch.as_ref());
            for received in take(&directory, &masker) {
                deliver(received, &signers, &mailbox);
            }
        }
    });
}

/// Until a letter may be there.
fn wait(watch: Option<&Watch>) {
    let told = watch.is_some_and(|watch| {
        let mut fds = [PollFd::new(watch.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::NONE).is_ok() && watch.drain().is_ok()
    });
    if !told {
        std::thread::sleep(LOOK);
    }
}

fn take(directory: &RunDirectory, masker: &Shared) -> Vec<Received> {
    inbox::take_masked(directory, &masker.get()).unwrap_or_else(|error| {
        Sink::stderr().line(format!("warning: the inbox cannot be read: {error}"));
        Vec::new()
    })
}

fn deliver(received: Received, signers: &Signers, mailbox: &Mailbox) {
    let Received { by, path, letter } = received;
    let letter = match letter {
        Ok(letter) => letter,
        Err(why) => {
            let place = visible::line(&path.display().to_string()).into_owned();
            Sink::stderr().line(format!("warning: a letter of {} is put aside ({place}): {why}", visible::line(&by)));
            return;
        }
    };
    let event = match letter.kind {
        LetterKind::Pause { why } => Event::Pause { by, why },
        LetterKind::Cancel { why } => Event::Cancel { by, why },
        LetterKind::Rollback { why } => Event::Rollback { by, why },
        LetterKind::Approve { step, digest, reason, signature } => {
            let (by, verified) = identify(by, &digest, signature, signers);
            Event::Approval { step, digest, approve: true, by, verified, reason }
        }
        LetterKind::Reject { step, digest, reason, signature } => {
            let (by, verified) = identify(by, &digest, signature, signers);
            Event::Approval { step, digest, approve: false, by, verified, reason }
        }
    };
    mailbox.event(event);
}

/// Whose signature it is; without one that can be checked, who owns the letter, unverified.
fn identify(by: String, digest: &str, signature: Option<String>, signers: &Signers) -> (String, bool) {
    let (Some(signature), Some(allowed)) = (signature, signers.allowed.clone()) else { return (by, false) };
    match signature::identify(digest, &signature, &allowed, &signers.people) {
        Verification::Verified { principal } => (principal, true),
        Verification::Unverified { why } => {
            Sink::stderr().line(format!("warning: the signature of {} proves nothing: {why}", visible::line(&by)));
            (by, false)
        }
    }
}
