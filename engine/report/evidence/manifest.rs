//! The manifest of a bundle: what is in it, byte by byte. Made from the evidence alone, so that bundling twice gives the same bytes.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::gather::{Gathered, Part};
use super::head::Head;
use crate::journal::kept::LeftOut;
use crate::model::drill::KeptFile;

/// The first file of a bundle.
pub const MANIFEST: &str = "manifest.json";
/// Its signature.
pub const SIGNATURE: &str = "manifest.json.sig";
/// The same digests for `sha256sum -c`.
pub const SUMS: &str = "SHA256SUMS";
/// How to check a bundle without this program.
pub const README: &str = "README.txt";

/// What it says it is.
const KIND: &str = "runbook bundle";
/// The format.
const VERSION: u32 = 1;

/// The manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format.
    pub v: u32,
    /// `runbook bundle`.
    pub kind: String,
    /// `run` or `drill`.
    pub of: String,
    /// Its id.
    pub id: String,
    /// The runbook's name.
    pub runbook: String,
    /// For people.
    pub title: String,
    /// Version of the program that made the bundle.
    pub program: String,
    /// When the last record was appended: bundling the same again gives the same bytes.
    pub created: DateTime<Utc>,
    /// False: the journal has no end. The engine died, or the run was given up by nobody yet.
    pub finished: bool,
    /// Heads of the journals, the drill's first.
    pub heads: Vec<Head>,
    /// Secrets: what there is to know of them.
    pub secrets: String,
    /// Every file but this one, its signature and `SHA256SUMS`, in order of their paths.
    pub files: Vec<KeptFile>,
    /// What lay there and is not in the bundle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

impl Manifest {
    /// Of what was taken in. None: no journal says what it is.
    #[must_use]
    pub fn of(gathered: &Gathered, left_out: Vec<LeftOut>) -> Option<Self> {
        let (_, main) = gathered.main()?;
        let head = head(main)?;
        let mut heads = vec![head.clone()];
        let runs = gathered.parts.iter().filter(|(name, _)| name.contains('/'));
        heads.extend(runs.filter_map(|(_, part)| self::head(part)));
        Some(Self {
            v: VERSION,
            kind: KIND.to_owned(),
            of: head.of,
            id: head.id,
            runbook: main.facts.runbook.0.clone(),
            title: main.facts.runbook.1.clone(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            created: head.at,
            finished: main.facts.ended,
            heads,
            secrets: "masked as *** before they were written to these files".to_owned(),
            files: gathered.files.values().cloned().collect(),
            left_out,
        })
    }

    /// The directory in which everything lies.
    #[must_use]
    pub fn top(&self) -> String {
        format!("{}-{}", self.of, self.id)
    }

    /// The file.
    ///
    /// # Errors
    /// None that a manifest of ours has.
    pub fn json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        Ok(json)
    }

    /// Reads one back.
    ///
    /// # Errors
    /// It is none, or one of a later program.
    pub fn read(json: &[u8]) -> Result<Self, String> {
        let manifest: Self = serde_json::from_slice(json).map_err(|error| format!("is no manifest: {error}"))?;
        if manifest.kind != KIND {
            return Err(format!("is no manifest: its kind is `{}`", manifest.kind));
        }
        if manifest.v != VERSION {
            return Err(format!("has format {}, and this program reads format {VERSION}", manifest.v));
        }
        Ok(manifest)
    }

    /// `SHA256SUMS`: every file of the manifest, and the manifest itself.
    #[must_use]
    pub fn sums(&self, own: &str) -> String {
        let mut lines: Vec<(&str, &str)> = self.files.iter().map(|it| (it.path.as_str(), it.sha256.as_str())).collect();
        lines.push((MANIFEST, own));
        lines.sort_unstable();
        let mut text = String::new();
        for (path, sha256) in lines {
            // As sha256sum writes it; line feeds are in no name.
            let (mark, path) =
                if path.contains('\\') { ("\\", path.replace('\\', "\\\\")) } else { ("", path.to_owned()) };
            let _ = writeln!(text, "{mark}{sha256}  {path}");
        }
        text
    }
}

/// The head of a part's journal; none: it has no record, or begins with something else.
#[must_use]
pub fn head(part: &Part) -> Option<Head> {
    let journal = part.journal.as_ref()?;
    let (of, id) = part.facts.of.clone()?;
    let at = journal.last.as_ref()?.at;
    Some(Head { of: of.to_owned(), id, records: journal.records(), head: journal.head(), at })
}
