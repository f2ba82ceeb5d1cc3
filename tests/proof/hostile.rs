//! A bundle that somebody made to do harm: refused by name, type and size, nothing is written, nothing panics.

use std::fs;

use proptest::prelude::*;
use tar::{Builder, EntryType, Header};

use super::bundle::{broken, bundled, members, packed};
use crate::support::Workspace;

/// The bundle with one more member, whose header was made by hand.
fn with(bundle: &[u8], make: impl FnOnce(&mut Header), bytes: &[u8]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    make(&mut header);
    header.set_cksum();
    let mut builder = Builder::new(Vec::new());
    for (name, bytes) in members(bundle) {
        let mut header = Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_path(name).unwrap();
        header.set_cksum();
        builder.append(&header, &bytes[..]).unwrap();
    }
    builder.append(&header, bytes).unwrap();
    builder.into_inner().unwrap()
}

/// Puts a name in as it is, whatever it is.
fn name(header: &mut Header, name: &[u8]) {
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
}

#[track_caller]
fn refused(bundle: &[u8], words: &str) {
    let found = broken(bundle);
    assert!(found.iter().any(|one| one.contains(words)), "no `{words}` in {found:?}");
}

#[test]
fn names_that_lead_out_are_refused() {
    let (_workspace, bundle) = bundled();
    let top = members(&bundle)[0].0.split('/').next().unwrap().to_owned();
    let inside = |rest: &str| format!("{top}/{rest}");
    let names = [
        "../../etc/cron.d/evil".to_owned(),
        "/etc/passwd".to_owned(),
        "other/file".to_owned(),
        inside("../evil"),
        inside("a/../../evil"),
        inside("./evil"),
        inside("a//evil"),
        inside(""),
        inside("evil\nx"),
        format!("{top}x/evil"),
        top.clone(),
    ];
    for bad in names {
        refused(
            &with(&bundle, |header| name(header, bad.as_bytes()), b"x"),
            "leads out of the bundle, or is no plain name",
        );
    }
    refused(&with(&bundle, |header| name(header, b"\xff\xfe"), b"x"), "a name that is not UTF-8");
}

#[test]
fn only_regular_files_are_taken() {
    let (_workspace, bundle) = bundled();
    let top = members(&bundle)[0].0.split('/').next().unwrap().to_owned();
    let kinds = [
        (EntryType::Symlink, "a link"),
        (EntryType::Link, "a link"),
        (EntryType::Directory, "a directory"),
        (EntryType::Char, "a device"),
        (EntryType::Block, "a device"),
        (EntryType::Fifo, "a pipe"),
        (EntryType::GNULongName, "no plain file"),
        (EntryType::GNUSparse, "no plain file"),
        (EntryType::XGlobalHeader, "no plain file"),
        (EntryType::Continuous, "no plain file"),
    ];
    for (kind, words) in kinds {
        let made = |header: &mut Header| {
            header.set_entry_type(kind);
            name(header, format!("{top}/evil").as_bytes());
            if matches!(kind, EntryType::Symlink | EntryType::Link) {
                header.set_link_name("/etc/passwd").unwrap();
            }
        };
        refused(&with(&bundle, made, b""), words);
    }
    // The file itself replaced by a link of its name.
    let mut whole = members(&bundle);
    let journal = whole.iter().position(|(name, _)| name.ends_with("journal.jsonl")).unwrap();
    let (gone, _) = whole.remove(journal);
    let made = |header: &mut Header| {
        header.set_entry_type(EntryType::Symlink);
        header.set_link_name("/var/log/journal.jsonl").unwrap();
        name(header, gone.as_bytes());
    };
    refused(&with(&packed(&whole), made, b""), "a link");
}

#[test]
fn sizes_are_not_believed() {
    let (_workspace, bundle) = bundled();
    let whole = members(&bundle);
    let sized = |at: usize, size: u64| {
        let mut builder = Vec::new();
        for (index, (name, bytes)) in whole.iter().enumerate() {
            let mut header = Header::new_ustar();
            header.set_size(if index == at { size } else { bytes.len() as u64 });
            header.set_path(name).unwrap();
            header.set_cksum();
            builder.extend_from_slice(header.as_bytes());
            builder.extend_from_slice(bytes);
            builder.resize(builder.len().next_multiple_of(512), 0);
        }
        builder.extend([0; 1024]);
        builder
    };
    for (at, (name, content)) in whole.iter().enumerate() {
        let length = content.len() as u64;
        for size in [0, length - 1, length + 1, length + 4096, 1 << 33, (1 << 40) + 1, 1 << 62, u64::MAX / 2] {
            assert!(!broken(&sized(at, size)).is_empty(), "{name} announced as {size}");
        }
    }
    refused(&sized(whole.len() - 1, 1 << 62), "not read any further");
}

#[test]
fn extended_headers_say_a_name_or_nothing() {
    let (_workspace, bundle) = bundled();
    let extended = |text: &str| {
        with(
            &bundle,
            |header| {
                header.set_entry_type(EntryType::XHeader);
                name(header, b"pax");
            },
            text.as_bytes(),
        )
    };
    for text in [
        "",
        "17 size=99999999\n",
        "5 x\n",
        "nonsense",
        "12 path=abc\n12 path=def\n",
        "99999999999 path=a\n",
        "11 path=\u{0}a\n",
    ] {
        assert!(!broken(&extended(text)).is_empty(), "{text:?}");
    }
    // A name for the file behind it that leads out.
    let text = "22 path=../../../evil\n";
    let mut evil = extended(text);
    evil.truncate(evil.len() - 1024);
    evil.extend(packed(&vec![("x".to_owned(), b"x".to_vec())]));
    refused(&evil, "leads out of the bundle");
    let huge = format!("{} path={}\n", 70_000, "a".repeat(69_988));
    refused(&extended(&huge), "more than a long name");
}

#[test]
fn what_is_no_bundle_is_said_to_be_none() {
    let workspace = Workspace::new();
    for bytes in
        [Vec::new(), b"text\n".to_vec(), vec![0; 4096], vec![0xff; 4096], packed(&vec![("a/b".to_owned(), Vec::new())])]
    {
        workspace.write("x.tar", &bytes);
        let _ = workspace.runbook(["verify", "x.tar"]).run().exits(2).warns("is no bundle");
    }
    let _ = workspace.runbook(["verify", "nothing.tar"]).run().exits(2).warns("there is no run or drill");
    // A bundle whose manifest is gone or says nothing.
    let (_keep, bundle) = bundled();
    let mut whole = members(&bundle);
    whole[0].1 = b"{}\n".to_vec();
    workspace.write("x.tar", packed(&whole));
    let _ = workspace.runbook(["verify", "x.tar"]).run().exits(8).says("is no manifest");
    whole.remove(0);
    workspace.write("x.tar", packed(&whole));
    let _ = workspace.runbook(["verify", "x.tar", "--json"]).run().exits(8).says("not its manifest");
    assert_eq!(workspace.names(), ["x.tar"], "nothing is unpacked");
}

#[test]
fn a_manifest_with_absurd_members_is_no_manifest() {
    let (_workspace, bundle) = bundled();
    let whole = members(&bundle);
    let text = String::from_utf8(whole[0].1.clone()).unwrap();
    for (from, to) in [
        (r#""v": 1"#, r#""v": 2"#),
        (r#""kind": "runbook bundle""#, r#""kind": "x""#),
        (r#""of": "run""#, r#""of": "drill""#),
        (r#""bytes": "#, r#""bytes": -"#),
        (r#""path": ""#, r#""path": "../"#),
        (r#""created": ""#, r#""created": "+999999-"#),
    ] {
        assert!(text.contains(from), "{from}");
        let mut changed = whole.clone();
        changed[0].1 = text.replacen(from, to, 1).into_bytes();
        assert!(!broken(&packed(&changed)).is_empty(), "{to}");
    }
    let mut deep = whole.clone();
    deep[0].1 = "[".repeat(100_000).into_bytes();
    refused(&packed(&deep), "is no manifest");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever the bytes are: an answer, no panic.
    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        let _ = broken(&bytes);
    }

    /// Headers with any fields and a right checksum.
    #[test]
    fn any_header_gets_an_answer(
        changes in prop::collection::vec((0_usize..512, any::<u8>()), 1..8),
        at in 0_usize..6,
    ) {
        let bundle = SMALL.with(Clone::clone);
        let mut bundle = bundle;
        let whole = members(&bundle);
        let start: usize =
            whole.iter().take(at % whole.len()).map(|(_, bytes)| 512 + bytes.len().next_multiple_of(512)).sum();
        let block: &mut [u8] = &mut bundle[start..start + 512];
        for (byte, value) in changes {
            block[byte] = value;
        }
        let mut header = Header::new_old();
        header.as_mut_bytes().copy_from_slice(block);
        header.set_cksum();
        block.copy_from_slice(header.as_bytes());
        let _ = broken(&bundle);
    }
}

thread_local! {
    /// Made once.
    static SMALL: Vec<u8> = {
        let (workspace, _) = bundled();
        fs::read(workspace.path("evidence.tar")).unwrap()
    };
}
