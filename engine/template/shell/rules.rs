//! Commands that take text as code, so that a value in it would be evaluated again.

use super::BY_ENV;
use super::commands::Command;
use super::scan::Scan;
use super::words::Word;

/// Programs that run a text given by `-c`, or what they read; recognised wherever they stand (`sudo bash`, `docker exec x sh`).
const SHELLS: [&str; 11] = ["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "su", "runuser", "flock"];

/// The same, as the command only: their names are also words.
const SCHEDULERS: [&str; 6] = ["at", "batch", "crontab", "script", "source", "."];

/// Interpreters of other languages: their code is given by `-c`, `-e` or `-r`.
const INTERPRETERS: [&str; 8] = ["python", "python3", "perl", "ruby", "node", "php", "lua", "Rscript"];

/// Programs that join their arguments and give them to a shell on another host.
const REMOTE: [&str; 6] = ["ssh", "sshpass", "rsh", "mosh", "pdsh", "dsh"];

/// Commands that evaluate their arguments, or the subscripts in them.
const EVALUATORS: [&str; 11] =
    ["eval", "let", "trap", "alias", "unset", "mapfile", "readarray", "read", "wait", "parallel", "watch"];

/// Builtins that take names.
const DECLARERS: [&str; 5] = ["declare", "typeset", "local", "readonly", "export"];

const AS_ARGUMENT: &str = "give it as an argument: `bash -c '… \"$1\" …' bash ${{ … }}`, or by `env:`";
const OVER_SSH: &str = "send it on standard input: `exec: ssh …` with `stdin:`";

/// Refuses what a finished command would evaluate. `fed_from`: the first symbol whose output may be piped into it.
pub(super) fn judge(scan: &mut Scan<'_>, command: &Command, fed_from: Option<usize>) {
    let words = &command.words;
    let name_at = words.iter().position(|word| !word.assigns).unwrap_or(words.len());
    for word in &words[..name_at] {
        let hooks = ["PS4=", "BASH_ENV=", "ENV=", "PROMPT_COMMAND="];
        if hooks.iter().any(|hook| scan.written(word).starts_with(hook)) {
            refuse(scan, word, "a value cannot be set to a variable that the shell evaluates", BY_ENV);
        }
    }
    let words = &words[name_at..];
    let Some(name) = words.first() else { return };
    builtins(scan, words);
    joiners(scan, words);
    code_arguments(scan, words, name);
    let Some(program) = reader(words, name) else { return };
    let message = format!("a value cannot stand in what `{program}` reads: it may run it as a script");
    for (from, to) in &command.inputs {
        scan.refuse_between(*from, *to, &message, BY_ENV);
    }
    for heredoc in &mut scan.pending {
        heredoc.read_by_shell.get_or_insert((message.clone(), BY_ENV));
    }
    // A program behind a variable is too common a pipe's end to be taken for a shell.
    if let Some(from) = fed_from.filter(|_| name.text.is_some()) {
        scan.refuse_between(from, command.start, &message, BY_ENV);
    }
}

/// The program that may run what it reads as a script. A shell with `-c` has its script already.
fn reader(words: &[Word], name: &Word) -> Option<String> {
    let Some(first) = name.program() else { return Some("a program that is not known here".to_owned()) };
    if SCHEDULERS.contains(&first) {
        return Some(first.to_owned());
    }
    let at =
        words.iter().position(|word| word.program().is_some_and(|it| SHELLS.contains(&it) || REMOTE.contains(&it)))?;
    let program = words[at].program()?;
    let has_code = SHELLS.contains(&program) && words[at..].iter().any(|word| is_option(word, &['c']));
    (!has_code).then(|| program.to_owned())
}

/// `-c`, `-ec`, …
fn is_option(word: &Word, letters: &[char]) -> bool {
    word.text.as_deref().is_some_and(|text| text.starts_with('-') && !text.starts_with("--") && text.contains(letters))
}

fn refuse(scan: &mut Scan<'_>, word: &Word, message: &str, help: &'static str) {
    for value in &word.values {
        scan.refuse(*value, message, help);
    }
}

fn refuse_all(scan: &mut Scan<'_>, words: &[Word], message: &str, help: &'static str) {
    for word in words {
        refuse(scan, word, message, help);
    }
}

fn builtins(scan: &mut Scan<'_>, words: &[Word]) {
    let wrapped = words.iter().take_while(|word| matches!(word.text.as_deref(), Some("command" | "builtin"))).count();
    let Some(name) = words.get(wrapped).and_then(|word| word.text.as_deref()) else { return };
    let arguments = &words[wrapped + 1..];
    if EVALUATORS.contains(&name) {
        let message = format!("a value cannot be an argument of `{name}`: it is evaluated");
        refuse_all(scan, arguments, &message, BY_ENV);
    }
    let has = |options: &[&str]| {
        arguments.iter().any(|word| word.text.as_deref().is_some_and(|text| options.contains(&text)))
    };
    if matches!(name, "test" | "[") && has(&["-v", "-R"]) || name == "printf" && has(&["-v"]) {
        let message = format!("a value cannot stand in this `{name}`: `-v` evaluates subscripts");
        refuse_all(scan, arguments, &message, BY_ENV);
    }
    if DECLARERS.contains(&name) {
        for word in arguments.iter().filter(|word| !word.assigns) {
            let message = format!("a value cannot be a name for `{name}`");
            refuse(scan, word, &message, "write `name=${{ … }}`");
        }
        let integer = |text: &str| text.starts_with('-') && !text.starts_with("--") && text.contains(['i', 'n']);
        if name != "export" && arguments.iter().any(|word| word.text.as_deref().is_some_and(integer)) {
            let message =
                format!("no value can stand in a script with `{name} -i` or `-n`: bash evaluates what is set");
            scan.refuse_between(0, usize::MAX, &message, BY_ENV);
        }
    }
}

fn joiners(scan: &mut Scan<'_>, words: &[Word]) {
    let Some(at) = words.iter().position(|word| word.program().is_some_and(|program| REMOTE.contains(&program))) else {
        return;
    };
    let program = words[at].program().unwrap_or_default().to_owned();
    let message = format!("a value cannot be an argument of `{program}`: it is evaluated by another shell");
    refuse_all(scan, &words[at..], &message, OVER_SSH);
}

/// `bash -c CODE`, `python3 -c CODE`: CODE holds no value; what follows it may.
fn code_arguments(scan: &mut Scan<'_>, words: &[Word], name: &Word) {
    let mut letters: Option<&[char]> = name.text.is_none().then_some(&['c', 'e']);
    let mut code = false;
    for word in words {
        if code {
            refuse(scan, word, "a value cannot stand in code for another shell: it would be evaluated", AS_ARGUMENT);
            code = false;
            continue;
        }
        match word.program() {
            Some(program) if SHELLS.contains(&program) => letters = Some(&['c']),
            Some(program) if INTERPRETERS.contains(&program) => letters = Some(&['c', 'e', 'r']),
            _ => {
                let Some(letters) = letters else { continue };
                code = is_option(word, letters) || matches!(word.text.as_deref(), Some("--command" | "--eval"));
                // `-c"…${{ x }}"` and `--command=…`: option and code in one word.
                if !word.values.is_empty() && scan.written(word).starts_with('-') {
                    refuse(
                        scan,
                        word,
                        "a value cannot stand in an option of another shell: it may be code",
                        AS_ARGUMENT,
                    );
                }
            }
        }
    }
}
