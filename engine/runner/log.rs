//! The log file of one attempt, made at its first byte: a silent step costs no file.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use sha2::{Digest, Sha256};

use crate::model::hex::hex;
use crate::model::id::StepId;
use crate::model::work::Attempt;

/// A file name may have 255 bytes; longer ones end in a digest instead.
const LONGEST: usize = 200;

/// Where the masked output of a step's attempts is: `steps/<id>` in the run directory.
#[must_use]
pub fn log_directory(run_directory: &Path, step: &StepId) -> PathBuf {
    let mut name = step.file_name();
    if name.len() > LONGEST {
        let digest = Sha256::digest(name.as_bytes());
        name.truncate(LONGEST - 17);
        name.push('-');
        name.push_str(&hex(&digest[..8]));
    }
    run_directory.join("steps").join(name)
}

/// Where the masked output of an attempt is: `steps/<id>/<number>.log` in the run directory, after a resume
/// `steps/<id>/<epoch>.<number>.log`.
#[must_use]
pub fn log_path(run_directory: &Path, attempt: &Attempt) -> PathBuf {
    let Attempt { epoch, number, .. } = attempt;
    let file = if *epoch == 1 { format!("{number}.log") } else { format!("{epoch}.{number}.log") };
    log_directory(run_directory, &attempt.step).join(file)
}

/// Masked bytes go in, in the order they were read.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    file: Option<File>,
    failed: bool,
}

impl Log {
    /// Touches nothing yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None, failed: false }
    }

    /// Appends. The first error is given once, then the log is given up: a full disk must not end a recovery.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        if bytes.is_empty() || self.failed {
            return Ok(());
        }
        self.try_write(bytes).map_err(|error| {
            self.failed = true;
            self.file = None;
            format!("write {}: {error}; the output of this step is not kept", self.path.display())
        })
    }

    fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(create(&self.path)?),
        };
        file.write_all(bytes)
    }
}

fn create(path: &Path) -> io::Result<File> {
    if let Some(directory) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(OFlag::O_NOFOLLOW.bits()).open(path)
}
