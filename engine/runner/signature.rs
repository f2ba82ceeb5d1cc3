//! Signatures by OpenSSH's own tool (`ssh-keygen -Y`): people have the keys and agents already. What is approved is signed in the
//! namespace `runbook`, the message is the digest in hexadecimal and a line feed; other things have other namespaces.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::capture::{CaptureError, Captured, capture_with};

/// What a signature is for: one made for something else is none of ours.
const NAMESPACE: &str = "runbook";
/// Nobody waits longer for a check.
const CHECK: Duration = Duration::from_secs(10);
/// A person may have to type a passphrase or touch a key.
const SIGN: Duration = Duration::from_mins(2);

/// What a check of a signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// It is this principal's, over this digest.
    Verified {
        /// As the file of allowed signers names it.
        principal: String,
    },
    /// It proves nothing.
    Unverified {
        /// In a few words.
        why: String,
    },
}

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The tool did not run.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The tool refused.
    #[error("`ssh-keygen -Y sign` with {}: {said}", key.display())]
    Refused {
        /// The key.
        key: PathBuf,
        /// In its words.
        said: String,
    },
}

/// Signs a digest with a private key, or with a public one whose private half is in the agent. Blocks; the tool may ask at the
/// terminal for a passphrase.
///
/// # Errors
/// See [`SignError`].
pub fn sign(digest: &str, key: &Path) -> Result<String, SignError> {
    sign_for(NAMESPACE, message(digest), key)
}

/// The same over any bytes, for any purpose.
///
/// # Errors
/// See [`SignError`].
pub fn sign_for(namespace: &str, message: Vec<u8>, key: &Path) -> Result<String, SignError> {
    let arguments = ["-Y", "sign", "-q", "-n", namespace, "-f"].map(str::to_owned).into_iter();
    let arguments: Vec<String> = arguments.chain([key.to_string_lossy().into_owned()]).collect();
    let done = capture_with("ssh-keygen", &arguments, message, SIGN)?;
    let signature = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.exit == Some(0) && signature.contains("BEGIN SSH SIGNATURE") {
        return Ok(signature);
    }
    Err(SignError::Refused { key: key.to_path_buf(), said: first_line(&done) })
}

/// Whether `signature` is `principal`'s over this digest, by a file of allowed signers (see `ssh-keygen(1)`). Blocks.
#[must_use]
pub fn verify(digest: &str, signature: &str, allowed_signers: &Path, principal: &str) -> Verification {
    verify_for(NAMESPACE, &message(digest), signature, allowed_signers, Some(principal))
}

/// The same over any bytes, for any purpose; without a principal it may be anybody's whom the file names. Blocks.
#[must_use]
pub fn verify_for(
    namespace: &str,
    message: &[u8],
    signature: &str,
    allowed_signers: &Path,
    principal: Option<&str>,
) -> Verification {
    with_file(signature, |file| {
        let check = |who: &str| checked(namespace, message, file, allowed_signers, who);
        if let Some(who) = principal {
            return check(who);
        }
        // A principal of the file may be a pattern; the first that holds is as good as any.
        let mut why = String::new();
        for who in principals(file, allowed_signers)? {
            match check(&who) {
                Err(error) => why = error,
                found => return found,
            }
        }
        Err(why)
    })
}

/// The fingerprint of the key that made a sound signature over these bytes, whoever has it. Blocks.
///
/// # Errors
/// It is not sound.
pub fn key_of(namespace: &str, message: &[u8], signature: &str) -> Result<String, String> {
    let found = with_file(signature, |file| {
        let file = file.to_string_lossy();
        let done = keygen(["check-novalidate", "-n", namespace, "-s", &file], message.to_vec())?;
        let said = first_line(&done);
        if done.exit != Some(0) {
            return Err(said);
        }
        let key = said.split_whitespace().find(|word| word.starts_with("SHA256:"));
        Ok(key.map_or(said.clone(), str::to_owned))
    });
    match found {
        Verification::Verified { principal } => Ok(principal),
        Verification::Unverified { why } => Err(why),
    }
}

/// Whose signature over this digest it is, among these people, by a file of allowed signers. Blocks.
#[must_use]
pub fn identify(digest: &str, signature: &str, allowed_signers: &Path, people: &[String]) -> Verification {
    with_file(signature, |file| {
        let named = principals(file, allowed_signers)?;
        let Some(principal) = named.iter().find(|name| people.contains(name)) else {
            return Err(format!("it is of {}, who is not asked", named.join(", ")));
        };
        checked(NAMESPACE, &message(digest), file, allowed_signers, principal)
    })
}

/// Everybody whom the file of allowed signers gives the signature's key.
fn principals(file: &Path, allowed_signers: &Path) -> Result<Vec<String>, String> {
    let found = keygen(
        ["find-principals", "-s", &file.to_string_lossy(), "-f", &allowed_signers.to_string_lossy()],
        Vec::new(),
    )?;
    if found.exit != Some(0) {
        return Err(format!("no allowed signer has its key ({})", first_line(&found)));
    }
    let named = String::from_utf8_lossy(&found.stdout).into_owned();
    Ok(named.split(['\n', ',']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

fn checked(
    namespace: &str,
    message: &[u8],
    file: &Path,
    allowed_signers: &Path,
    principal: &str,
) -> Result<String, String> {
    if principal.starts_with('-') || principal.is_empty() {
        return Err(format!("`{principal}` is no name of a signer"));
    }
    let (file, allowed) = (file.to_string_lossy(), allowed_signers.to_string_lossy());
    let arguments = ["verify", "-n", namespace, "-f", &allowed, "-I", principal, "-s", &file];
    let done = keygen(arguments, message.to_vec())?;
    if done.exit == Some(0) { Ok(principal.to_owned()) } else { Err(first_line(&done)) }
}

fn keygen<'a>(arguments: impl IntoIterator<Item = &'a str>, input: Vec<u8>) -> Result<Captured, String> {
    let arguments: Vec<String> = ["-Y"].into_iter().chain(arguments).map(str::to_owned).collect();
    capture_with("ssh-keygen", &arguments, input, CHECK).map_err(|error| error.to_string())
}

fn message(digest: &str) -> Vec<u8> {
    format!("{digest}\n").into_bytes()
}

fn first_line(done: &Captured) -> String {
    let said = format!("{}{}", done.stderr, String::from_utf8_lossy(&done.stdout));
    let line = said.lines().map(str::trim).find(|line| !line.is_empty());
    line.map_or_else(|| format!("exit {}", done.exit.unwrap_or(-1)), str::to_owned)
}

/// The tool reads a signature from a file only.
fn with_file(signature: &str, check: impl FnOnce(&Path) -> Result<String, String>) -> Verification {
    let checked = TemporaryFile::new(signature.as_bytes())
        .map_err(|error| format!("write the signature to a file: {error}"))
        .and_then(|file| check(&file.0));
    match checked {
        Ok(principal) => Verification::Verified { principal },
        Err(why) => Verification::Unverified { why },
    }
}

/// A file of our own that is gone afterwards.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(bytes: &[u8]) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("runbook-{}.sig", ulid::Ulid::generate()));
        let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let file_at = Self(path);
        file.write_all(bytes)?;
        Ok(file_at)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // In a temporary directory, which the machine cleans.
        let _ = std::fs::remove_file(&self.0);
    }
}
