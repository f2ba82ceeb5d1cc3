//! Every value arrives as it was, in every understood place of a script, in every shell there is here.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use runbook::template::Script;

use super::{corpus, scope, text};

/// A place in a script; `V` stands for the `${{ }}`. What it prints ends with NUL.
struct Place {
    script: &'static str,
    /// What is printed, `V` for the value.
    printed: &'static str,
    /// Only bash reads it.
    bash: bool,
}

const fn place(script: &'static str, printed: &'static str) -> Place {
    Place { script, printed, bash: false }
}

/// Once for each value.
const PLACES: [Place; 13] = [
    place("printf '%s\\0' V", "V"),
    place("printf '%s\\0' \"<V>\"", "<V>"),
    place("printf '%s\\0' '<V>'", "<V>"),
    place("printf '%s\\0' aV'b'\"c\"", "aVbc"),
    place("printf '%s\\0' \"VV\" 'V-V'", "VV\0V-V"),
    place("x=V; printf '%s\\0' \"$x\"", "V"),
    place("export X=aV; printf '%s\\0' \"$X\"", "aV"),
    place("for x in V \"V\"; do printf '%s\\0' \"$x\"; done", "V\0V"),
    place("f() { printf '%s\\0' \"$1\" V; }; f V", "V\0V"),
    place("case V in *) printf '%s\\0' V;; esac", "V"),
    place("x=V; if [ V = \"$x\" ]; then printf 'same\\0'; fi", "same"),
    Place { bash: true, ..place("a=(V x \"V\"); printf '%s\\0' \"${a[0]}\" \"${#a[@]}\"", "V\x003") },
    Place { bash: true, ..place("if [[ V == V ]]; then printf 'same\\0'; fi", "same") },
];

/// A place for all values of a batch at once, since each costs a process: `script` and `printed` are those of one value.
struct Group {
    before: &'static str,
    item: Place,
    after: &'static str,
    /// Behind the last item, before NUL.
    end: &'static str,
}

const fn group(before: &'static str, item: Place, after: &'static str) -> Group {
    Group { before, item, after, end: "" }
}

const GROUPS: [Group; 8] = [
    group("cat <<EOF\n", place("<V> 'V' \"V\"\n", "<V> 'V' \"V\"\n"), "EOF\nprintf '\\0'"),
    group("cat <<-EOF\n", place("\t<V>\n", "<V>\n"), "\tEOF\nprintf '\\0'"),
    group("printf '%s\\0' \"$(printf '<%s>'", place(" V 'V' \"V\"", "<V><V><V>"), ")\""),
    group("( printf '<%s>'", place(" V", "<V>"), "; printf '\\0' )"),
    group("printf '<%s>'", place(" V", "<V>"), " | cat; printf '\\0'"),
    group("sh -c 'printf \"<%s>\" \"$@\"' sh", place(" V", "<V>"), "; printf '\\0'"),
    group("cat <(printf '<%s>'", Place { bash: true, ..place(" V", "<V>") }, "); printf '\\0'"),
    Group { end: "\n", ..group("cat <<< \"", Place { bash: true, ..place("<V>", "<V>") }, "\"; printf '\\0'") },
];

/// The script for a batch, and what each of its parts prints.
fn script(batch: &[String], is_bash: bool) -> (String, Vec<(&'static str, String)>) {
    let hole = |at: usize| format!("${{{{ v{at} }}}}");
    let mut source = String::new();
    let mut printed = Vec::new();
    for place in PLACES.iter().filter(|place| is_bash || !place.bash) {
        for (at, value) in batch.iter().enumerate() {
            source.push_str(&place.script.replace('V', &hole(at)));
            source.push('\n');
            printed.push((place.script, place.printed.replace('V', value)));
        }
    }
    for group in GROUPS.iter().filter(|group| is_bash || !group.item.bash) {
        let items: String = (0..batch.len()).map(|at| group.item.script.replace('V', &hole(at))).collect();
        let values: String = batch.iter().map(|value| group.item.printed.replace('V', value)).collect();
        source.extend([group.before, &items, group.after, "\n"]);
        printed.push((group.before, values + group.end));
    }
    (source, printed)
}

/// The shells of this machine; `sh` only where it is another one.
fn shells() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for name in ["bash", "dash", "busybox", "sh"] {
        let path = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|dir| dir.join(name))
            .find(|path| path.exists());
        let Some(path) = path.and_then(|path| path.canonicalize().ok()) else { continue };
        if !found.contains(&path) {
            found.push(path);
        }
    }
    assert!(found.iter().any(|path| path.ends_with("bash")), "bash is the default interpreter");
    found
}

#[expect(clippy::disallowed_methods, reason = "the test is about real shells")]
fn run(shell: &Path, script: &str, env: &[(String, String)], dir: &Path) -> Vec<u8> {
    let mut command = Command::new(shell);
    match shell.file_name().and_then(|name| name.to_str()) {
        Some("bash") => command.args(["-euo", "pipefail", "-c"]),
        Some("busybox") => command.args(["sh", "-euc"]),
        _ => command.arg("-euc"),
    };
    let env = env.iter().map(|(name, value)| (name, value));
    let output = command.arg(script).envs(env).current_dir(dir).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}: {script}\n{}", shell.display(), String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{script}");
    output.stdout
}

#[test]
fn values_arrive_as_they_were_in_every_shell() {
    let dir = tempfile::tempdir().unwrap();
    let strings = corpus::strings();
    for shell in shells() {
        let is_bash = shell.ends_with("bash");
        for batch in strings.chunks(20) {
            let (source, expected) = script(batch, is_bash);
            let script = Script::parse(&text(&source), true).unwrap_or_else(|errors| panic!("{source}\n{errors:?}"));
            let bound = script.bind(&scope(batch)).unwrap();
            for value in batch.iter().filter(|value| value.len() > 12) {
                assert!(!bound.text.contains(value.as_str()), "the value is in the script");
            }
            let env: Vec<_> = bound.env.iter().map(|(name, value)| (name.clone(), value.redacted())).collect();
            let printed = run(&shell, &bound.text, &env, dir.path());
            let mut rest = printed.as_slice();
            for (place, expected) in expected {
                let (here, after) = rest.split_at_checked(expected.len()).unwrap_or((rest, &[]));
                assert!(
                    here == expected.as_bytes(),
                    "{}: {place}\n{expected:?}\n{:?}",
                    shell.display(),
                    String::from_utf8_lossy(here)
                );
                assert_eq!(after.first(), Some(&0), "{}: {place}", shell.display());
                rest = &after[1..];
            }
            assert!(rest.is_empty());
        }
    }
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert!(left.is_empty(), "something was executed: {left:?}");
}

/// The places that are refused would be attacks: each of these executes the value when it is pasted or referenced there.
#[test]
fn what_would_execute_a_value_is_refused() {
    for source in [
        "echo $((${{ v0 }}))",
        "[[ ${{ v0 }} -eq 1 ]]",
        "bash -c \"echo ${{ v0 }}\"",
        "eval \"echo ${{ v0 }}\"",
        "echo `echo ${{ v0 }}`",
        "ssh host echo ${{ v0 }}",
        "echo ${{ v0 }} | sh",
        "bash <<EOF\n${{ v0 }}\nEOF",
        "declare -i x; x=${{ v0 }}",
        "a[${{ v0 }}]=1",
        "# ${{ v0 }}",
        "cat <<'EOF'\n${{ v0 }}\nEOF",
    ] {
        let errors = Script::parse(&text(source), true).expect_err(source);
        assert!(errors.iter().all(|error| error.span.is_some() && error.help.is_some()), "{source}");
    }
}
