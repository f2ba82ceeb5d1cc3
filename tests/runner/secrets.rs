//! Declared secrets: where they come from, and what is refused.

use std::time::Duration;

use runbook::model::runbook::{ParamDefault, SecretDecl, SecretSource};
use runbook::model::source::{FileId, Fragment, Layout, Span, Text};
use runbook::runner::boot;
use runbook::runner::capture::{CaptureError, capture};
use runbook::runner::secrets::resolve;

const SPAN: Span = Span { file: FileId(0), start: 0, end: 0 };

fn declare(source: SecretSource, default: Option<&str>) -> SecretDecl {
    let text = |text: &str| Text(Fragment { source: text.to_owned(), span: SPAN, layout: Layout::Opaque });
    SecretDecl { span: SPAN, source, default: default.map(|default| ParamDefault::Text(text(default))) }
}

fn command(text: &str) -> SecretSource {
    SecretSource::Command(["sh", "-c", text].map(str::to_owned).to_vec())
}

fn one(declared: &SecretDecl) -> Result<Option<String>, String> {
    resolve([("it", declared)])
        .map(|store| store.expose("it").map(str::to_owned))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

#[test]
fn from_the_environment_a_file_or_a_command() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("secret");
    std::fs::write(&file, "from a file\n").unwrap();
    assert_eq!(one(&declare(SecretSource::File(file), None)), Ok(Some("from a file".into())));
    assert_eq!(one(&declare(command("echo from; echo command"), None)), Ok(Some("from\ncommand".into())));
    let home = std::env::var("PATH").unwrap();
    assert_eq!(one(&declare(SecretSource::Env("PATH".into()), None)), Ok(Some(home)));
}

#[test]
fn what_is_not_set_is_named_and_all_are_told_at_once() {
    let env = declare(SecretSource::Env("NO_SUCH_VARIABLE".into()), None);
    let file = declare(SecretSource::File("/no/such/secret".into()), None);
    let failing = declare(command("echo locked >&2; exit 3"), Some("a default does not hide a failure"));
    let short = declare(command("echo abc"), None);
    let errors = resolve([("a", &env), ("b", &file), ("c", &failing), ("d", &short)]).unwrap_err();
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(texts[0], "secret `a`: the environment variable NO_SUCH_VARIABLE is not set");
    assert_eq!(texts[1], "secret `b`: there is no file /no/such/secret");
    assert_eq!(texts[2], "secret `c`: `sh` ended with 3: locked");
    assert!(texts[3].contains("fewer than 4 characters") && !texts[3].contains("abc"));
}

#[test]
fn a_default_stands_in_and_may_be_short() {
    let unset = || SecretSource::Env("NO_SUCH_VARIABLE".into());
    assert_eq!(one(&declare(unset(), Some("pw"))), Ok(Some("pw".into())));
    let optional = SecretDecl { span: SPAN, source: unset(), default: Some(ParamDefault::Null) };
    assert_eq!(one(&optional), Ok(None));
}

#[test]
fn a_helper_has_limited_time() {
    let began = boot::now();
    let late = capture("sleep", &["60".to_owned()], Duration::from_millis(50));
    assert!(matches!(late, Err(CaptureError::TooLong { .. })));
    assert!(boot::now().saturating_sub(began) < Duration::from_secs(30));
    assert!(matches!(capture("no-such-program", &[], Duration::from_secs(1)), Err(CaptureError::Start { .. })));
}
