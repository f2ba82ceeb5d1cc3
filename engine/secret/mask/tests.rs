//! The masker against a naive matcher, split at every offset.

use proptest::prelude::*;

use super::*;

fn store(secrets: &[&str]) -> SecretStore {
    let mut store = SecretStore::default();
    for (at, secret) in secrets.iter().enumerate() {
        store.insert(format!("s{at}"), *secret);
    }
    store
}

/// Every byte in any form of a secret, runs of them as one `***`.
fn naive(secrets: &[&str], text: &[u8]) -> Vec<u8> {
    let mut covered = vec![false; text.len()];
    for needle in secrets.iter().flat_map(|secret| needles::of(secret)) {
        for (at, window) in text.windows(needle.len()).enumerate() {
            if window == needle {
                covered[at..at + needle.len()].fill(true);
            }
        }
    }
    let mut out = Vec::new();
    for (at, byte) in text.iter().enumerate() {
        match (covered[at], at > 0 && covered[at - 1]) {
            (false, _) => out.push(*byte),
            (true, false) => out.extend_from_slice(MASK),
            (true, true) => {}
        }
    }
    out
}

fn streamed(masker: &Masker, parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<u8> {
    let mut stream = masker.stream();
    let mut out = Vec::new();
    for part in parts {
        stream.push(part.as_ref(), &mut out);
    }
    stream.finish(&mut out);
    out
}

const SECRETS: [&str; 5] =
    ["hunter2!", "abab", "pä\"s's$w/o r\\d", "-----BEGIN-----\nAAAABBBBCCCC\nshort\n", "babab-tail"];

const TEXT: &str = "a hunter2! b hunter2!hunter2! abababab-tail x pä\"s's$w/o r\\d \"p\\u00e4\\\"s's$w/o r\\\\d\" aHVudGVyMiE= eGh1bnRlcjIh \
                    68756e74657232 68756e7465723221 -----BEGIN-----\nAAAABBBBCCCC\nshort\n AAAABBBBCCCC hunter2 hunte";

#[test]
fn every_split_gives_the_same() {
    let masker = Masker::new(&store(&SECRETS));
    let expected = naive(&SECRETS, TEXT.as_bytes());
    assert_eq!(masker.mask(TEXT).as_bytes(), expected);
    for size in 1..=64 {
        assert_eq!(streamed(&masker, TEXT.as_bytes().chunks(size)), expected, "{size}");
    }
    for at in 0..TEXT.len() {
        let (head, tail) = TEXT.as_bytes().split_at(at);
        assert_eq!(streamed(&masker, [head, tail]), expected, "{at}");
    }
    let shown = String::from_utf8(expected).unwrap();
    assert!(shown.starts_with("a *** b *** *** x *** "), "{shown}");
    assert!(!shown.contains("AAAABBBB"), "{shown}");
}

#[test]
fn only_what_may_be_a_secret_is_held_back() {
    let masker = Masker::new(&store(&["hunter2!"]));
    let mut stream = masker.stream();
    let mut out = Vec::new();
    stream.push(b"proceed? [y/N] ", &mut out);
    assert_eq!(out, b"proceed? [y/N] ");
    stream.push(b"hunte", &mut out);
    assert_eq!(out, b"proceed? [y/N] ");
    stream.push(b"d", &mut out);
    assert_eq!(out, b"proceed? [y/N] hunted");
}

#[test]
fn without_secrets_bytes_go_straight_through() {
    for masker in [Masker::new(&SecretStore::default()), Masker::new(&store(&["", "abc"]))] {
        assert!(masker.inner.is_none());
        assert_eq!(streamed(&masker, [&[0xff, 0, 1][..], b"abc"]), [0xff, 0, 1, b'a', b'b', b'c']);
    }
}

#[test]
fn debug_shows_no_secret() {
    let masker = Masker::new(&store(&["hunter2!"]));
    assert!(!format!("{masker:?} {:?}", masker.stream()).contains("hunter2"));
}

fn pieces() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let piece = prop_oneof![
        prop::sample::select(SECRETS.iter().flat_map(|secret| needles::of(secret)).collect::<Vec<_>>()),
        "[ab-]{0,9}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..6),
        "(hunter2|abab|-tail|AAAA|\\*\\*\\*|\n){0,3}".prop_map(String::into_bytes),
    ];
    prop::collection::vec(piece, 0..12)
}

proptest! {
    #[test]
    fn streams_equal_the_naive_matcher(chosen in pieces(), cuts in prop::collection::vec(1_usize..65, 1..20)) {
        let text = chosen.concat();
        let masker = Masker::new(&store(&SECRETS));
        let mut parts = Vec::new();
        let mut rest = text.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (part, after) = rest.split_at((*cut).min(rest.len()));
            parts.push(part);
            rest = after;
        }
        prop_assert_eq!(streamed(&masker, parts), naive(&SECRETS, &text));
    }
}
