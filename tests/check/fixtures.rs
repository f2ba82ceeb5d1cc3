//! Every broken fixture is refused in the words that its snapshot shows; every valid one is not.

use super::rendered::{broken, check, files, render};

#[test]
fn broken_fixtures_are_refused_with_a_place_and_a_next_step() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let all = broken();
    assert!(all.len() >= 60, "only {} fixtures", all.len());
    for path in &all {
        let found = check(path);
        assert!(found.errors() > 0, "{} is accepted", path.display());
        for finding in &found.findings {
            assert!(finding.help.is_some(), "{}: no next step for {}", path.display(), finding.message);
            assert!(finding.span.is_some(), "{}: no place for {}", path.display(), finding.message);
        }
        let mut places: Vec<_> = found.findings.iter().map(|finding| (finding.span, &finding.message)).collect();
        places.sort_by_key(|(span, message)| (span.map(|it| (it.file, it.start, it.end)), *message));
        places.dedup();
        assert_eq!(places.len(), found.findings.len(), "{}: something is said twice", path.display());
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        settings.bind(|| insta::assert_snapshot!(name, render(&found)));
    }
}

#[test]
fn valid_fixtures_and_shipped_runbooks_have_no_findings() {
    for path in ["fixtures/runbooks/valid", "runbooks"].into_iter().flat_map(files) {
        let found = check(&path);
        assert!(found.findings.is_empty(), "{}:\n{}", path.display(), render(&found));
    }
}
