//! The text that travels on the client's standard input: what the wrapper must know, and the wrapper. Single quotes carry every byte
//! but NUL through every POSIX shell.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::model::hex::hex;

const WRAPPER: &str = include_str!("wrapper.sh");

/// The whole remote command line. Read to its end before a word of it is obeyed: half a text is an error in its syntax.
pub(super) const BOOTSTRAP: &str = r#"exec sh -c 'rb_role=contact; rb_text=$(cat) && eval "$rb_text"'"#;

/// Linux takes 128 KiB for one argument or variable, its name and its end included.
const LONGEST: usize = 128 * 1024 - 64;

/// What a contact is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Start it, or find it started.
    Ensure,
    /// Find it. If it is not there, it never will be.
    Attach,
    /// End it.
    End {
        /// From TERM to KILL, in tenths of a second.
        grace: u64,
    },
}

/// What is the same in every contact of an attempt.
#[derive(Debug)]
pub(super) struct Script {
    /// The attempt's name over there; also the value of its `RUNBOOK_ATTEMPT`.
    pub token: String,
    functions: String,
}

/// Everything the far side must know.
pub(super) struct Far<'a> {
    pub token: &'a str,
    pub argv: &'a [String],
    pub env: &'a [(String, String)],
    pub directory: Option<&'a str>,
    pub stdin: Option<&'a str>,
    /// Commands that end what the client of a container engine would leave behind.
    pub elsewhere: &'a str,
    /// A command that says what is in `$RUNBOOK_OUTPUT` where only it can look.
    pub values: Option<&'a [String]>,
}

/// One word of a shell.
pub(super) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A token as the name of a directory and the value of a variable.
pub(in crate::runner) fn safe(token: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !token.is_empty() && token.len() <= 100 && !token.starts_with('-') && token.bytes().all(plain) {
        return token.to_owned();
    }
    hex(&Sha256::digest(token.as_bytes())[..20])
}

impl Script {
    /// # Errors
    /// What cannot be carried there, by name.
    pub fn new(far: &Far<'_>) -> Result<Self, String> {
        let program = far.argv.first().ok_or("there is no program to start")?;
        check(far, program)?;
        let enter = far.directory.map(|directory| {
            // A bare `-` or a name in CDPATH would mean something else.
            quote(&if directory.starts_with('/') { directory.to_owned() } else { format!("./{directory}") })
        });
        let mut text = String::new();
        let _ = write!(text, "rb_token={} rb_stdin=", quote(far.token));
        text.push_str(if far.stdin.is_some() { "yes\n" } else { "no\n" });
        let _ = writeln!(text, "rb_input() {{ printf %s {}; }}", quote(far.stdin.unwrap_or_default()));
        text.push_str("rb_check() {\n");
        if let Some(enter) = &enter {
            let _ = writeln!(text, "cd {enter} || {{ echo directory; return 1; }}");
        }
        if let Some((_, path)) = far.env.iter().rev().find(|(name, _)| name == "PATH") {
            let _ = writeln!(text, "PATH={}", quote(path));
        }
        let _ = writeln!(text, "command -v {} >/dev/null || {{ echo program; return 1; }}\n}}", quote(program));
        text.push_str("rb_work() {\n");
        if let Some(enter) = &enter {
            let _ = writeln!(text, "cd {enter} || exit 126");
        }
        // A `bash -c` that finds itself the first shell below sshd reads the account's bashrc; a step's script is not to depend on it.
        // An exec of a bash takes one off.
        text.push_str("export SHLVL=2\n");
        exports(&mut text, far);
        text.push_str("export RUNBOOK_OUTPUT=\"$rb_dir/output\"\nexec");
        words(&mut text, far.argv);
        text.push_str("\n}\nrb_values() {\n:\n");
        if let Some(values) = far.values {
            exports(&mut text, far);
            text.push_str("unset RUNBOOK_ATTEMPT\n");
            words(&mut text, values);
            text.push_str(" >\"$rb_dir/output\"");
        }
        text.push_str("\n}\nrb_elsewhere() {\n:\n");
        if !far.elsewhere.is_empty() {
            exports(&mut text, far);
            text.push_str("unset RUNBOOK_ATTEMPT\n");
            text.push_str(far.elsewhere);
        }
        text.push_str("\n}\n");
        Ok(Self { token: far.token.to_owned(), functions: text })
    }

    /// The text of one contact. `received` are the bytes of output that are here already.
    pub fn text(&self, mode: Mode, received: [u64; 2]) -> String {
        let (name, grace) = match mode {
            Mode::Ensure => ("ensure", 0),
            Mode::Attach => ("attach", 0),
            Mode::End { grace } => ("end", grace),
        };
        let [out, err] = received;
        format!(
            "{{\nrb_mode={name} rb_grace={grace} rb_out_at={out} rb_err_at={err}\n{}{WRAPPER}\n}}\n",
            self.functions
        )
    }
}

fn words(text: &mut String, argv: &[String]) {
    for word in argv {
        let _ = write!(text, " {}", quote(word));
    }
}

fn exports(text: &mut String, far: &Far<'_>) {
    for (name, value) in far.env {
        let _ = writeln!(text, "export {name}={}", quote(value));
    }
}

fn check(far: &Far<'_>, program: &str) -> Result<(), String> {
    if program.is_empty() || program.starts_with('-') {
        return Err(format!("`{}` cannot be the name of a program", program.escape_debug()));
    }
    for (name, _) in far.env {
        let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        if !first || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(format!(
                "`{}` cannot be set on another machine: a shell takes letters, digits and `_` in the name of a variable",
                name.escape_debug()
            ));
        }
    }
    let longest = far.argv.iter().chain(far.env.iter().map(|(_, value)| value)).map(String::len).max();
    if longest > Some(LONGEST) {
        return Err(format!(
            "start `{program}`: an argument or a variable is too long (E2BIG; the kernel takes 128 KiB for one); pass the value on \
             stdin or in a file"
        ));
    }
    let nul = |what: &str| Err(format!("start `{program}`: {what} holds a NUL byte"));
    if far.argv.iter().any(|word| word.contains('\0')) {
        return nul("an argument");
    }
    if let Some((name, _)) = far.env.iter().find(|(_, value)| value.contains('\0')) {
        return nul(&format!("the environment variable `{name}`"));
    }
    if far.directory.is_some_and(|directory| directory.contains('\0')) {
        return nul("its working directory");
    }
    if far.stdin.is_some_and(|stdin| stdin.contains('\0')) {
        return nul("its standard input, which a shell on the other machine passes on,");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stays_one_word() {
        assert_eq!(quote("it's; $(x)"), r"'it'\''s; $(x)'");
        assert_eq!(shlex::split(&quote("a'b\n\"")).unwrap(), ["a'b\n\""]);
    }

    #[test]
    fn a_token_is_a_name() {
        assert_eq!(safe("01ABC-7"), "01ABC-7");
        assert_eq!(safe("../x").len(), 40);
        assert_ne!(safe("a/b"), safe("a.b"));
    }

    #[test]
    fn what_a_shell_cannot_carry_is_named() {
        let argv = ["true".to_owned()];
        let far = |env: &[(String, String)], stdin: Option<&str>| {
            let far = Far { token: "T", argv: &argv, env, directory: None, stdin, elsewhere: "", values: None };
            Script::new(&far).map(drop).unwrap_err()
        };
        assert!(far(&[("A-B".into(), "x".into())], None).contains("`A-B` cannot be set"));
        assert!(far(&[("A".into(), "x\0".into())], None).contains("`A` holds a NUL"));
        assert!(far(&[], Some("\0")).contains("NUL"));
    }

    /// Only lists; nothing is ended here.
    fn members(directory: &std::path::Path, pid: Option<&str>) -> String {
        let argv = ["true".to_owned()];
        let far =
            Far { token: "T-1", argv: &argv, env: &[], directory: None, stdin: None, elsewhere: "", values: None };
        let text = Script::new(&far).unwrap().text(Mode::Attach, [0; 2]).replace("rb_mode=attach", "rb_mode=none");
        let at = directory.join(".local/state/runbook/attempts/T-1");
        std::fs::create_dir_all(&at).unwrap();
        if let Some(pid) = pid {
            std::fs::write(at.join("pid"), pid).unwrap();
        }
        let text = format!(
            "HOME={}; rb_role=contact; {text}\nrb_unborn=0; rb_members; echo \"[$rb_members]\"",
            quote(directory.to_str().unwrap())
        );
        let said = crate::runner::capture::capture("sh", &["-c".to_owned(), text], std::time::Duration::from_secs(30))
            .unwrap();
        String::from_utf8(said.stdout).unwrap().lines().last().unwrap().to_owned()
    }

    #[test]
    fn an_attempt_without_a_supervisor_has_no_members() {
        let directory = std::env::temp_dir().join(format!("runbook-members-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        // Our own pid, but another process's start.
        let ours = format!("{} boot:1 0 0\n", std::process::id());
        for pid in
            [None, Some(""), Some("0 x 0 0\n"), Some("1 x 0 0\n"), Some("-1 x\n"), Some("nonsense\n"), Some(&ours)]
        {
            assert_eq!(members(&directory, pid), "[]", "{pid:?}");
        }
        let _ = std::fs::remove_dir_all(&directory);
    }
}
