//! `set`, `shopt` and the arguments: `set -- …`, `shift`.

use super::super::invoke::check_pipefail;
use super::super::state::{Shell, Step};
use super::unsimulated;

/// `set`
pub fn set(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    if arguments.is_empty() {
        return unsimulated("`set` without arguments".to_owned());
    }
    let mut rest = arguments.iter();
    while let Some(argument) = rest.clone().next() {
        let (on, letters) = match argument.split_at_checked(1) {
            Some(("-", "-")) => {
                rest.next();
                shell.state.arguments = rest.cloned().collect();
                return Ok(0);
            }
            Some(("-", letters)) if !letters.is_empty() => (true, letters),
            Some(("+", letters)) if !letters.is_empty() => (false, letters),
            _ => {
                shell.state.arguments = rest.cloned().collect();
                return Ok(0);
            }
        };
        rest.next();
        for letter in letters.chars() {
            let known = if letter == 'o' {
                let Some(name) = rest.next() else { return unsimulated("`set -o` without a name".to_owned()) };
                check_pipefail(shell.process, shell.dialect, name)?;
                let known = shell.state.options.switch_by_name(name, on)?;
                if !known {
                    return shell.fail(2, format!("set: {name}: invalid option name"));
                }
                known
            } else {
                shell.state.options.switch(letter, on)?
            };
            if !known {
                return shell.fail(2, format!("set: -{letter}: invalid option"));
            }
        }
    }
    Ok(0)
}

/// `shopt`
pub fn shopt(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let [how, names @ ..] = arguments else { return unsimulated("`shopt` without arguments".to_owned()) };
    let on = match how.as_str() {
        "-s" => true,
        "-u" => false,
        other => return unsimulated(format!("`shopt {other}`")),
    };
    for name in names {
        match name.as_str() {
            "nullglob" => shell.state.options.nullglob = on,
            "dotglob" => shell.state.options.dotglob = on,
            "inherit_errexit" => shell.state.options.inherit = on,
            other => return unsimulated(format!("`shopt {how} {other}`")),
        }
    }
    Ok(0)
}

/// `shift`
pub fn shift(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let count = match arguments.first().map(|count| count.parse::<usize>()) {
        None => 1,
        Some(Ok(count)) => count,
        Some(Err(_)) => return shell.fail(1, format!("shift: {}: numeric argument required", arguments[0])),
    };
    match shell.state.arguments.get(count..) {
        Some(rest) => {
            shell.state.arguments = rest.into();
            Ok(0)
        }
        None => Ok(1),
    }
}
