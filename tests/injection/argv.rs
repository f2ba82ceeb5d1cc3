//! Words to arguments: identity, proved by stubs that record what they were started with.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use runbook::model::operation::Argv;
use runbook::template::{Scope, Value, Words};

use super::{corpus, scope, text};

/// A stub in place of `docker` or `gcloud`: prints its arguments, each ended by NUL. It does nothing else.
const STUB: &str = "#!/bin/sh\n# stub: records its arguments\nfor argument do printf '%s\\0' \"$argument\"; done\n";

fn stub(dir: &Path, name: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, STUB).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

#[expect(clippy::disallowed_methods, reason = "the test is about real arguments")]
fn recorded(program: &Path, argv: &[String]) -> Vec<String> {
    let output = Command::new(program).args(argv).output().unwrap();
    assert!(output.status.success());
    let all = String::from_utf8(output.stdout).unwrap();
    let all = all.strip_suffix('\0').unwrap_or(&all);
    all.split('\0').map(ToOwned::to_owned).collect()
}

#[test]
fn a_value_is_one_argument_whatever_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    for (name, head) in [("docker", "exec -i box"), ("gcloud", "compute instances list")] {
        let program = stub(dir.path(), name);
        for batch in corpus::strings().chunks(20) {
            let mut source = vec![head.to_owned()];
            let mut expected: Vec<String> = head.split(' ').map(ToOwned::to_owned).collect();
            for (at, value) in batch.iter().enumerate() {
                let hole = format!("${{{{ v{at} }}}}");
                source.push(format!("--opt={hole} 'a {hole}' \"b{hole}c\"\n x{hole}'y'"));
                expected.extend([
                    format!("--opt={value}"),
                    format!("a {value}"),
                    format!("b{value}c"),
                    format!("x{value}y"),
                ]);
                let alone = Words::parse(&Argv::Line(text(&format!("{head} {hole} '{hole}'")))).unwrap();
                match alone.render(&scope(batch)) {
                    Ok(argv) => {
                        assert_eq!(&argv[3..], [value.clone(), value.clone()]);
                    }
                    Err(error) => {
                        assert!(value.starts_with('-') && error.message.contains("begins with `-`"), "{error:?}");
                    }
                }
                assert_eq!(value.starts_with('-'), alone.render(&scope(batch)).is_err(), "{value:?}");
                if !value.starts_with('-') {
                    source.push(format!("{hole} \"{hole}\""));
                    expected.extend([value.clone(), value.clone()]);
                }
            }
            let words = Words::parse(&Argv::Line(text(&source.join(" ")))).unwrap();
            let argv = words.render(&scope(batch)).unwrap();
            assert_eq!(argv, expected);
            assert_eq!(recorded(&program, &argv), expected);
        }
    }
}

#[test]
fn a_list_adds_its_items_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let program = stub(dir.path(), "docker");
    for batch in corpus::strings().chunks(50) {
        let items: Vec<String> = batch.iter().filter(|value| !value.starts_with('-')).cloned().collect();
        let list = Argv::List(vec![text("run"), text("${{ items }}"), text("image")]);
        let scope = Scope::default().with("items", items.iter().map(String::as_str).collect::<Value>());
        let argv = Words::parse(&list).unwrap().render(&scope).unwrap();
        let expected: Vec<_> = ["run".to_owned()].into_iter().chain(items).chain(["image".to_owned()]).collect();
        assert_eq!(argv, expected);
        assert_eq!(recorded(&program, &argv), expected);
    }
}

/// S3: what looks like an option stays out of operand position, also from a list.
#[test]
fn options_cannot_be_injected() {
    for value in ["-", "--", "-rf", "--quiet", "--upload-pack=touch x", "-oProxyCommand=x", "--privileged", "-v/:/host"]
    {
        let scope = Scope::default().with("x", value).with("items", vec!["ok", value]).with("empty", "");
        for words in [
            Argv::Line(text("run ${{ x }}")),
            Argv::Line(text("run '${{ x }}'")),
            Argv::Line(text("run ${{ empty }}${{ x }}")),
            Argv::Line(text("run ${{ x }}${{ x }}")),
            Argv::List(vec![text("run"), text("${{ x }}")]),
            Argv::List(vec![text("run"), text("${{ items }}")]),
            Argv::List(vec![text("run"), text("${{ x }} y")]),
        ] {
            let error = Words::parse(&words).unwrap().render(&scope).unwrap_err();
            assert!(error.message.contains("begins with `-`"), "{}", error.message);
        }
    }
}
