//! `runbook verify [RUN|DIRECTORY|BUNDLE]`: whether recorded evidence is what was recorded, offline. What is broken ends with the exit
//! code of a damaged journal; what cannot be proved is said and breaks nothing.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use super::args::VerifyArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::proof;
use super::signers::Keygen;
use crate::report::evidence::{self, Finding, Gathered, Given, Kept, Opened, Refused, text};
use crate::report::{Sink, visible};

/// Heads in a file: more is no list of heads, bytes.
const HEADS: u64 = 4 * 1024 * 1024;

/// What was read.
struct Read {
    gathered: Gathered,
    /// What is known of it by then.
    findings: Vec<Finding>,
    /// What its directory says whose it is.
    id: Option<String>,
}

/// Checks evidence.
pub fn verify(args: &VerifyArgs) -> Result<Exit, Failure> {
    let heads = heads(&args.head)?;
    let keygen = Keygen(&args.signers);
    if let Some(signers) = args.signers.signers.as_ref().filter(|path| !path.is_file()) {
        return Err(Failure::usage(format!("{} is no file of allowed signers", signers.display())));
    }
    let bundle = args.evidence.as_deref().map(Path::new).filter(|path| path.is_file() && !ends_in_journal(path));
    let Read { gathered, mut findings, id } = match bundle {
        Some(path) => of_bundle(path, &keygen)?,
        None => of_directory(args)?,
    };
    ours(&heads, &gathered)?;
    // Without a manifest nothing says what has to be there.
    if id.is_some() || bundle.is_none() {
        let (directory, is_bundle) = (id.as_deref(), bundle.is_some());
        findings
            .extend(evidence::judge(&gathered, &Given { heads: &heads, signatures: &keygen, directory, is_bundle }));
    }
    Ok(say(args, &gathered, &findings))
}

fn of_bundle(path: &Path, keygen: &Keygen<'_>) -> Result<Read, Failure> {
    match opened(path, keygen) {
        Ok(Opened { manifest, gathered, findings }) => Ok(Read { gathered, findings, id: Some(manifest.id) }),
        Err(Refused::NoManifest(why)) => {
            let findings = vec![Finding::broken(path.display().to_string(), why)];
            Ok(Read { gathered: Gathered::default(), findings, id: None })
        }
        Err(Refused::NotABundle(why)) => Err(Failure::usage(format!("{} is no bundle: {why}", path.display()))
            .help("runbook verify takes a run, a drill, their directories and bundles")),
        Err(Refused::Storage(error)) => Err(Failure::Storage(format!("read {}: {error}", path.display()))),
    }
}

fn of_directory(args: &VerifyArgs) -> Result<Read, Failure> {
    let directory = proof::directory(args.evidence.as_deref(), &args.runs, &args.drills)?;
    let found =
        directory.read().map_err(|(path, error)| Failure::Storage(format!("read {}: {error}", path.display())))?;
    let left_out = found.left_out.iter();
    let findings = left_out.map(|out| Finding::not_provable(&out.path, format!("left out: {}", out.why))).collect();
    let id = ulid::Ulid::from_string(&directory.id).is_ok().then_some(directory.id);
    Ok(Read { gathered: found.gathered, findings, id })
}

fn opened(path: &Path, keygen: &Keygen<'_>) -> Result<Opened, Refused> {
    let file = File::open(path).map_err(Refused::Storage)?;
    evidence::open(BufReader::with_capacity(64 * 1024, file), keygen)
}

fn ends_in_journal(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "journal.jsonl")
}

/// The heads of the command line: lines, hashes, files with lines.
fn heads(asked: &[String]) -> Result<Vec<Kept>, Failure> {
    let mut heads = Vec::new();
    for asked in asked {
        let found = Kept::parse(asked).map_err(Failure::usage)?;
        if !found.is_empty() {
            heads.extend(found);
            continue;
        }
        let help = "--head takes the line that `runbook head` prints, its hash, or a file with such lines";
        let unusable = |why: String| Failure::usage(format!("no head in `{}`: {why}", visible::line(asked))).help(help);
        let file = match File::open(asked) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(unusable("it is neither a head nor a file".to_owned()));
            }
            Err(error) => return Err(unusable(error.to_string())),
        };
        let mut text = String::new();
        file.take(HEADS).read_to_string(&mut text).map_err(|error| unusable(error.to_string()))?;
        let found = Kept::parse(&text).map_err(unusable)?;
        if found.is_empty() {
            return Err(unusable("no line in it is one".to_owned()));
        }
        heads.extend(found);
    }
    Ok(heads)
}

/// A head of something else proves nothing, and must not look as if it did.
fn ours(heads: &[Kept], gathered: &Gathered) -> Result<(), Failure> {
    let ids: Vec<&str> =
        gathered.parts.values().filter_map(|part| part.facts.of.as_ref()).map(|(_, id)| id.as_str()).collect();
    let is_ours = |head: &Kept| match head {
        Kept::Line(head) => ids.contains(&head.id.as_str()),
        Kept::Hash(_) => true,
    };
    match heads.first() {
        Some(Kept::Line(head)) if !ids.is_empty() && !heads.iter().any(is_ours) => Err(Failure::usage(format!(
            "the head is of {} {}, and this is {}",
            visible::line(&head.of),
            visible::line(&head.id),
            ids.join(" with ")
        ))
        .help("nothing was checked against it")),
        _ => Ok(()),
    }
}

fn say(args: &VerifyArgs, gathered: &Gathered, findings: &[Finding]) -> Exit {
    let exit = if text::holds(findings) { Exit::Success } else { Exit::Storage };
    if args.json {
        Sink::stdout().line(text::json(gathered, findings, exit.code()).to_string());
    } else {
        for line in text::lines(findings) {
            Sink::stdout().line(line);
        }
    }
    exit
}
