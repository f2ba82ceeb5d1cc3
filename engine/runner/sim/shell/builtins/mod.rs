//! What the shell does itself.

mod declare;
mod flow;
mod lookup;
mod options;
mod place;
mod read;

use super::super::process::Unsimulated;
use super::super::programs::{echo, printf};
use super::parse::Dialect;
use super::state::{Shell, Step};

/// A builtin: its arguments without its own name.
pub type Builtin = fn(&mut Shell<'_, '_>, &[String]) -> Step;

/// What stands behind a backslash in an escape.
const ESCAPES: [char; 11] = ['a', 'b', 'c', 'e', 'f', 'n', 'r', 't', 'v', '0', '\\'];

/// A builtin by its name.
pub fn find(name: &str) -> Option<Builtin> {
    Some(match name {
        ":" | "true" => |_, _| Ok(0),
        "false" => |_, _| Ok(1),
        "echo" => |shell, arguments| {
            // Some take a backslash for an escape without being told, and `-e` for a word.
            let unclear =
                |word: &String| word == "-e" || word.split('\\').skip(1).any(|rest| rest.starts_with(ESCAPES));
            if shell.dialect == Dialect::Sh && arguments.iter().any(unclear) {
                return unsimulated("`echo` with escapes in `sh`; `printf` is the same everywhere".to_owned());
            }
            let status = echo(shell.process, arguments);
            shell.deliver()?;
            Ok(status?)
        },
        "printf" => declare::print,
        "test" => |shell, arguments| shell.test(arguments, false),
        "[" => |shell, arguments| shell.test(arguments, true),
        "cd" => place::cd,
        "pwd" => place::pwd,
        "umask" => place::umask,
        "export" => declare::export,
        "local" => declare::local,
        "declare" | "typeset" => declare::declare,
        "readonly" => declare::readonly,
        "unset" => declare::unset,
        "read" => read::read,
        "set" => options::set,
        "shopt" => options::shopt,
        "shift" => options::shift,
        "exit" => flow::exit,
        "return" => flow::give_back,
        "break" => flow::leave,
        "continue" => flow::next,
        "trap" => flow::trap,
        "exec" => flow::exec,
        "." | "source" => flow::source,
        "command" => lookup::command,
        "type" => lookup::kind,
        "hash" => lookup::hash,
        _ => return None,
    })
}

/// A word as the shell would have it typed.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:=,@%+^".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A name that a variable can have.
fn is_name(name: &str) -> bool {
    !name.is_empty() && super::parse::name_length(name) == name.len()
}

fn unsimulated<T>(what: String) -> Step<T> {
    Err(Unsimulated(what).into())
}

impl Shell<'_, '_> {
    /// Prints to standard output.
    fn say(&mut self, line: &str) -> Step<()> {
        self.write(1, &format!("{line}\n"))
    }

    fn print_formatted(&mut self, arguments: &[String]) -> Step {
        let status = printf(self.process, arguments);
        self.deliver()?;
        Ok(status?)
    }
}
