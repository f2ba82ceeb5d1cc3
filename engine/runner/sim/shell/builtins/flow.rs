//! What changes the way: `exit`, `return`, `break`, `continue`, `trap`, `exec`, `.`.

use super::super::invoke;
use super::super::known;
use super::super::state::{Shell, Step, Stop};
use super::unsimulated;

/// The code in the first argument; without one that of the last command.
fn code(shell: &mut Shell<'_, '_>, command: &str, arguments: &[String]) -> Step {
    match arguments.first() {
        None => Ok(shell.state.status),
        Some(text) => match text.parse::<i64>() {
            Ok(number) => Ok(i32::try_from(number & 0xff).unwrap_or(0)),
            Err(_) => shell.fail(2, format!("{command}: {text}: numeric argument required")),
        },
    }
}

/// `exit`
pub fn exit(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    Err(Stop::Exit(code(shell, "exit", arguments)?))
}

/// `return`
pub fn give_back(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    if shell.state.locals.is_empty() && shell.state.sourced == 0 {
        return shell.fail(2, "return: can only `return' from a function or sourced script");
    }
    Err(Stop::Return(code(shell, "return", arguments)?))
}

/// How many loops are meant; none: the shell has said what is wrong.
fn levels(shell: &mut Shell<'_, '_>, command: &str, arguments: &[String]) -> Step<Option<u32>> {
    if shell.state.loops == 0 {
        shell.complain(format!("{command}: only meaningful in a `for', `while', or `until' loop"))?;
        return Ok(None);
    }
    let levels = match arguments.first() {
        None => 1,
        Some(text) => match text.parse::<u32>() {
            Ok(levels) if levels > 0 => levels.min(shell.state.loops),
            Ok(_) => return unsimulated(format!("`{command} {text}`")),
            Err(_) => {
                shell.complain(format!("{command}: {text}: numeric argument required"))?;
                return Err(Stop::Exit(128));
            }
        },
    };
    Ok(Some(levels))
}

/// `break`
pub fn leave(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    levels(shell, "break", arguments)?.map_or(Ok(0), |levels| Err(Stop::Break(levels)))
}

/// `continue`
pub fn next(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    levels(shell, "continue", arguments)?.map_or(Ok(0), |levels| Err(Stop::Continue(levels)))
}

/// `trap`: what is left to do at the end of the shell. Signals do not come here; a shell that is ended from outside is ended at once.
pub fn trap(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let arguments = match arguments {
        [dashes, rest @ ..] if dashes == "--" => rest,
        all => all,
    };
    let [action, signals @ ..] = arguments else { return unsimulated("`trap` without arguments".to_owned()) };
    if action.starts_with("-p") || signals.is_empty() {
        return unsimulated("`trap` without an action".to_owned());
    }
    for signal in signals {
        match signal.trim_start_matches("SIG") {
            "EXIT" | "0" => {
                let clears = action == "-" || action.is_empty();
                shell.state.trap = if clears { None } else { Some(action.clone()) };
            }
            "INT" | "TERM" | "HUP" | "QUIT" | "PIPE" | "1" | "2" | "3" | "13" | "15" => {}
            other => return unsimulated(format!("`trap … {other}`")),
        }
    }
    Ok(0)
}

/// `exec`
pub fn exec(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    match arguments {
        [] => Ok(0),
        [option, ..] if option.starts_with('-') => unsimulated(format!("`exec {option}`")),
        command => {
            // Nothing of this shell is left afterwards, not even what a trap would do.
            shell.state.trap = None;
            let status = shell.program(command)?;
            Err(Stop::Exit(status))
        }
    }
}

/// `.`
pub fn source(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let Some((file, arguments)) = arguments.split_first() else {
        return shell.fail(2, ".: filename argument required");
    };
    let content = match shell.process.read(file)? {
        Ok(content) if content.has_blob() => return unsimulated(format!("`. {file}`: no text")),
        Ok(content) => content.to_text(),
        Err(error) => return shell.fail(1, format!("{file}: {error}")),
    };
    let known = invoke::read(&content, shell.dialect)?;
    known::check(&known, shell)?;
    let outer = (!arguments.is_empty()).then(|| std::mem::replace(&mut shell.state.arguments, arguments.into()));
    shell.state.sourced += 1;
    let ran = shell.nested(|shell| shell.list(&known.script.body));
    shell.state.sourced -= 1;
    if let Some(outer) = outer {
        shell.state.arguments = outer;
    }
    match (ran, &known.script.broken) {
        (Err(Stop::Return(status)), _) => Ok(status),
        (Ok(_), Some(error)) => {
            shell.state.line = error.line;
            let message = error.message.clone();
            shell.fail(1, message)
        }
        (ran, _) => ran,
    }
}
