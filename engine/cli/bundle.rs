//! `runbook bundle [RUN]`: everything that was recorded of a run or a drill in one tar, for whoever has to believe it.

use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::BundleArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::proof;
use crate::journal::{FileLease, Runs};
use crate::report::evidence::{self, BUNDLE, Found, Made, Manifest};
use crate::report::{Sink, phrase, visible};
use crate::runner::signature;

/// Writes a bundle.
pub fn bundle(args: &BundleArgs) -> Result<Exit, Failure> {
    let directory = proof::directory(args.run.as_deref(), &args.runs, &args.drills)?;
    nobody_drives(&directory.path)?;
    let found = directory.read().map_err(|(path, error)| unreadable(&path, &error))?;
    for run in found.gathered.parts.keys().filter_map(|name| name.strip_prefix("runs/")) {
        nobody_drives(&directory.run_of_drill(run))?;
    }
    whole(&found, &directory.id)?;
    let manifest = Manifest::of(&found.gathered, found.left_out.clone())
        .ok_or_else(|| Failure::Storage(format!("{}: no journal says what it is", directory.path.display())))?;
    let made = Made::of(manifest).map_err(|error| Failure::Internal(format!("write the manifest: {error}")))?;
    let variable = || std::env::var_os("RUNBOOK_KEY").filter(|value| !value.is_empty()).map(PathBuf::from);
    let key = args.key.clone().or_else(variable);
    let signature =
        key.map(|key| signature::sign_for(BUNDLE, made.json.clone(), &key)).transpose().map_err(|error| {
            let next = "--key names a key of ssh-keygen; without --key and $RUNBOOK_KEY the bundle is not signed";
            Failure::advised(Exit::Refused, format!("{error}; nothing was written"), next)
        })?;
    let output = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.tar", made.manifest.top())));
    write(&output, |file| evidence::pack(file, &made, &found.sources, signature.as_deref()))
        .map_err(|error| Failure::Storage(format!("write {}: {error}", output.display())))?;
    said(args, &made.manifest, &output, signature.is_some());
    Ok(Exit::Success)
}

/// A run that goes on has no evidence yet that would stay true.
fn nobody_drives(path: &Path) -> Result<(), Failure> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(());
    };
    let Ok(directory) = Runs::new(parent).open(name) else { return Ok(()) };
    match FileLease::holder(&directory) {
        Ok(Some(holder)) => Err(Failure::advised(
            Exit::Refused,
            format!("an engine drives {name}: {}; nothing was written", visible::line(&holder.to_string())),
            format!("wait for its end, or runbook pause {name}"),
        )),
        // A directory that nobody ever drove, or another user's.
        Ok(None) | Err(_) => Ok(()),
    }
}

/// Evidence that does not hold is not dressed up as such. A torn tail is: the engine died there.
fn whole(found: &Found, id: &str) -> Result<(), Failure> {
    for (name, part) in &found.gathered.parts {
        let Some(damage) = part.journal.as_ref().and_then(|journal| journal.damage.as_ref()) else { continue };
        if !damage.torn {
            return Err(Failure::advised(
                Exit::Storage,
                format!(
                    "{name}/journal.jsonl does not hold: record {} {}; nothing was written",
                    damage.seq, damage.what
                ),
                format!("runbook verify {id} says all that is known"),
            ));
        }
        Sink::stderr().line(format!("warning: {name}/journal.jsonl: record {} {}", damage.seq, damage.what));
    }
    Ok(())
}

/// Puts a file in its place in one go: a bundle is whole or not there.
fn write(output: &Path, pack: impl FnOnce(BufWriter<&fs::File>) -> io::Result<()>) -> io::Result<()> {
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    let beside = output.with_file_name(format!(".{name}.{}", ulid::Ulid::generate()));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    let written = pack(BufWriter::new(&file)).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, output));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn said(args: &BundleArgs, manifest: &Manifest, output: &Path, is_signed: bool) {
    let path = output.display().to_string();
    if args.json {
        let object = json!({
            "kind": "bundle", "path": path, "of": manifest.of, "id": manifest.id, "files": manifest.files.len(),
            "signed": is_signed, "finished": manifest.finished, "heads": manifest.heads, "exit": 0,
        });
        return Sink::stdout().line(object.to_string());
    }
    let sink = Sink::stdout();
    let signed = if is_signed { "signed" } else { "not signed" };
    let files = phrase::count(manifest.files.len(), "file");
    sink.line(format!("{}: {} {}, {files}, {signed}", visible::line(&path), manifest.of, manifest.id));
    if !manifest.finished {
        Sink::stderr().line("warning: its journal has no end; the bundle says so");
    }
    for out in &manifest.left_out {
        Sink::stderr().line(format!("warning: left out: {}: {}", visible::line(&out.path), out.why));
    }
    sink.line("keep its head elsewhere:");
    for head in &manifest.heads {
        sink.line(head.to_string());
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Storage(format!("read {}: {error}", path.display()))
}
