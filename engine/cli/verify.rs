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
use crate::report::evidence::{self, Finding, Gathered, Given, Kept, Refused, text};
use crate::report::{Sink, visible};

/// Heads in a file: more is no list of heads, bytes.
const HEADS: u64 = 4 * 1024 * 1024;

/// Checks evidence.
pub fn verify(args: &VerifyArgs) -> Result<Exit, Failure> {
    let heads = heads(&args.head)?;
    let keygen = Keygen(&args.signers);
    if let Some(signers) = args.signers.signers.as_ref().filter(|path| !path.is_file()) {
        return Err(Failure::usage(format!("{} is no file of allowed signers", signers.display())));
    }
    let bundle = args.evidence.as_deref().map(Path::new).filter(|path| path.is_file() && !ends_in_journal(path));
    let (gathered, mut findings, directory) = match bundle {
        Some(path) => match opened(path, &keygen) {
            Ok(opened) => {
                let id = opened.manifest.id.clone();
                (opened.gathered, opened.findings, Some(id))
            }
            Err(Refused::NoManifest(why)) => {
                return Ok(say(args, &Gathered::default(), &[Finding::broken(path.display().to_string(), why)]));
            }
            Err(Refused::NotABundle(why)) => {
                return Err(Failure::usage(format!("{} is no bundle: {why}", path.display()))
                    .help("runbook verify takes a run, a drill, their directories and bundles"));
            }
            Err(Refused::Storage(error)) => {
                return Err(Failure::Storage(format!("read {}: {error}", path.display())));
            }
        },
        None => {
            let directory = proof::directory(args.evidence.as_deref(), &args.runs, &args.drills)?;
            let found = directory
                .read()
                .map_err(|(path, error)| Failure::Storage(format!("read {}: {error}", path.display())))?;
            let left_out =
                found.left_out.iter().map(|out| Finding::not_provable(&out.path, format!("left out: {}", out.why)));
            let left_out: Vec<Finding> = left_out.collect();
            let id = ulid::Ulid::from_string(&directory.id).is_ok().then_some(directory.id);
            (found.gathered, left_out, id)
        }
    };
    ours(&heads, &gathered)?;
    let given =
        Given { heads: &heads, signatures: &keygen, directory: directory.as_deref(), is_bundle: bundle.is_some() };
    findings.extend(evidence::judge(&gathered, &given));
    Ok(say(args, &gathered, &findings))
}

fn opened(path: &Path, keygen: &Keygen<'_>) -> Result<evidence::Opened, Refused> {
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
