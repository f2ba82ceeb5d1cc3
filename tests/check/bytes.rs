//! No bytes make the document layer panic.

use std::path::Path;

use proptest::prelude::*;
use runbook::document;

use super::rendered::{check, files, render};

fn read(content: &[u8]) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("x.yaml");
    std::fs::write(&path, content).expect("written");
    // Rendering looks at every place, so a span outside its file shows here.
    let _ = render(&check(&path));
}

fn valid() -> Vec<String> {
    let files = files("fixtures/runbooks/valid");
    assert!(!files.is_empty());
    files.iter().map(|path| std::fs::read_to_string(path).expect("text")).collect()
}

/// Pieces that mean something to YAML or to the language.
const PIECES: [&str; 24] = [
    "- ",
    ": ",
    "\n",
    "\n  ",
    "\n    ",
    "|\n",
    ">-\n",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!x ",
    "<<: ",
    "${{ ",
    " }}",
    "'",
    "\"",
    "#",
    "steps:",
    "kind: runbook/v1\n",
    "é",
    "\t",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(content in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&content);
    }

    #[test]
    fn any_pieces(pieces in proptest::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = pieces.into_iter().map(|at| PIECES[at]).collect();
        read(text.as_bytes());
    }

    #[test]
    fn valid_files_with_a_part_cut_out_repeated_or_overwritten(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        length in 0..80_usize,
        piece in 0..PIECES.len(),
        how in 0..4_u8,
    ) {
        let all = valid();
        let mut bytes = which.get(&all).clone().into_bytes();
        let start = at.index(bytes.len());
        let end = (start + length).min(bytes.len());
        match how {
            0 => drop(bytes.drain(start..end)),
            1 => {
                let part = bytes[start..end].to_vec();
                bytes.splice(start..start, part);
            }
            2 => drop(bytes.splice(start..end, PIECES[piece].bytes())),
            _ => bytes.truncate(start),
        }
        read(&bytes);
    }
}

#[test]
fn a_path_that_is_no_file_is_no_panic() {
    for path in ["", ".", "/", "/dev/null", "\0"] {
        assert!(document::open(Path::new(path)).is_err(), "{path:?}");
    }
}
