//! Letters that arrive while an engine drives a run become events. The kernel tells when one is there: nothing wakes up for nothing.

use std::path::PathBuf;
use std::time::Duration;

use tokio::io::unix::AsyncFd;

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

/// Forwards letters from now on. Must be called on the runtime. What had been asked of an engine that is gone is not done by this
/// one, except approvals: they are bound to what they approve.
pub fn forward(directory: RunDirectory, signers: Signers, mailbox: &Mailbox) {
    let watch = Watch::new(&directory).and_then(AsyncFd::register).ok();
    let old = take(&directory);
    let mailbox = mailbox.clone();
    tokio::spawn(async move {
        for received in old {
            if matches!(&received.letter, Ok(letter) if is_answer(&letter.kind)) {
                deliver(received, &signers, &mailbox).await;
            }
        }
        loop {
            match &watch {
                Some(watch) => {
                    let Ok(mut ready) = watch.readable().await else { return };
                    let _ = watch.get_ref().drain();
                    ready.clear_ready();
                }
                None => tokio::time::sleep(LOOK).await,
            }
            for received in take(&directory) {
                deliver(received, &signers, &mailbox).await;
            }
        }
    });
}

fn is_answer(kind: &LetterKind) -> bool {
    matches!(kind, LetterKind::Approve { .. } | LetterKind::Reject { .. })
}

fn take(directory: &RunDirectory) -> Vec<Received> {
    inbox::take(directory).unwrap_or_else(|error| {
        Sink::stderr().line(format!("warning: the inbox cannot be read: {error}"));
        Vec::new()
    })
}

async fn deliver(received: Received, signers: &Signers, mailbox: &Mailbox) {
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
            let (by, verified) = identify(by, &digest, signature, signers).await;
            Event::Approval { step, digest, approve: true, by, verified, reason }
        }
        LetterKind::Reject { step, digest, reason, signature } => {
            let (by, verified) = identify(by, &digest, signature, signers).await;
            Event::Approval { step, digest, approve: false, by, verified, reason }
        }
    };
    mailbox.event(event);
}

/// Whose signature it is; without one that can be checked, who owns the letter, unverified.
async fn identify(by: String, digest: &str, signature: Option<String>, signers: &Signers) -> (String, bool) {
    let (Some(signature), Some(allowed)) = (signature, signers.allowed.clone()) else { return (by, false) };
    let (digest, people) = (digest.to_owned(), signers.people.clone());
    let check = move || signature::identify(&digest, &signature, &allowed, &people);
    match tokio::task::spawn_blocking(check).await {
        Ok(Verification::Verified { principal }) => (principal, true),
        Ok(Verification::Unverified { why }) => {
            Sink::stderr().line(format!("warning: the signature of {} proves nothing: {why}", visible::line(&by)));
            (by, false)
        }
        Err(_) => (by, false),
    }
}
