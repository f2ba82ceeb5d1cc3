//! What `cp`, `mv`, `sync` and `rm` are told.

use globset::{Glob, GlobMatcher};

use super::super::process::Unsimulated;
use super::super::world::Upload;

/// What is wanted.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Clone, Debug)]
pub struct Options {
    pub paths: Vec<String>,
    pub recursive: bool,
    pub dry: bool,
    pub quiet: bool,
    /// Only errors are said.
    pub errors_only: bool,
    pub delete: bool,
    pub links: bool,
    pub size_only: bool,
    pub upload: Upload,
    /// What is left out, or taken in again; the last that matches counts.
    filters: Vec<(GlobMatcher, bool)>,
}

/// What is wrong with a command line.
#[derive(Debug)]
pub enum Wrong {
    Unknown(String),
    Unsimulated(Unsimulated),
}

impl Options {
    pub fn read(words: &[&str]) -> Result<Self, Wrong> {
        let mut options = Self {
            paths: Vec::new(),
            recursive: false,
            dry: false,
            quiet: false,
            errors_only: false,
            delete: false,
            links: true,
            size_only: false,
            upload: Upload { encryption: None, class: None },
            filters: Vec::new(),
        };
        let mut rest = words.iter().peekable();
        while let Some(word) = rest.next() {
            let (name, glued) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (*word, None),
            };
            let mut value =
                || glued.clone().or_else(|| rest.next().map(|value| (*value).to_owned())).unwrap_or_default();
            match name {
                "--recursive" => options.recursive = true,
                "--dryrun" => options.dry = true,
                "--quiet" => options.quiet = true,
                "--only-show-errors" => options.errors_only = true,
                "--delete" => options.delete = true,
                "--no-follow-symlinks" => options.links = false,
                "--size-only" => options.size_only = true,
                "--exclude" => options.filter(&value(), false)?,
                "--include" => options.filter(&value(), true)?,
                "--storage-class" => options.upload.class = Some(value()).filter(|class| class != "STANDARD"),
                // Its value may be left out.
                "--sse" => {
                    let told = glued.or_else(|| {
                        let next = rest.peek().filter(|next| matches!(***next, "aws:kms" | "AES256"));
                        next.map(|next| (**next).to_owned())
                    });
                    if told.is_some() && !word.contains('=') {
                        rest.next();
                    }
                    options.upload.encryption = Some(told.unwrap_or_else(|| "AES256".to_owned()));
                }
                "--sse-kms-key-id" | "--acl" | "--expected-size" | "--metadata" | "--content-type" | "--page-size"
                | "--cache-control" => drop(value()),
                "--no-progress"
                | "--follow-symlinks"
                | "--force-glacier-transfer"
                | "--exact-timestamps"
                | "--no-guess-mime-type" => {}
                "--sse-c"
                | "--sse-c-key"
                | "--source-region"
                | "--website-redirect"
                | "--metadata-directive"
                | "--request-payer"
                | "--copy-props"
                | "--checksum-algorithm" => {
                    return Err(Wrong::Unsimulated(Unsimulated(format!("`aws s3 … {name}`"))));
                }
                flag if flag.starts_with("--") => return Err(Wrong::Unknown(flag.to_owned())),
                path => options.paths.push(path.to_owned()),
            }
        }
        Ok(options)
    }

    fn filter(&mut self, pattern: &str, takes: bool) -> Result<(), Wrong> {
        let glob = Glob::new(pattern);
        let glob = glob.map_err(|_| Wrong::Unsimulated(Unsimulated(format!("the pattern `{pattern}` of `aws s3`"))))?;
        self.filters.push((glob.compile_matcher(), takes));
        Ok(())
    }

    /// Whether a file is meant, by its path below what is copied.
    pub fn takes(&self, path: &str) -> bool {
        let told = self.filters.iter().rev().find(|(glob, _)| glob.is_match(path));
        told.is_none_or(|(_, takes)| *takes)
    }
}
