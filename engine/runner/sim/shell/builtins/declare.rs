//! Variables: `export`, `local`, `declare`, `readonly`, `unset`, and `printf -v`.

use super::super::state::{Shell, Step};
use super::{is_name, unsimulated};

/// Name and value of `NAME=VALUE`.
fn parts(argument: &str) -> (&str, Option<&str>) {
    argument.split_once('=').map_or((argument, None), |(name, value)| (name, Some(value)))
}

/// Takes options of these letters from the front.
fn options<'a>(command: &str, arguments: &'a [String], known: &str) -> Step<(String, &'a [String])> {
    let (mut letters, mut rest) = (String::new(), arguments);
    while let [first, behind @ ..] = rest {
        if first == "--" {
            return Ok((letters, behind));
        }
        let Some(found) = first.strip_prefix('-').filter(|found| !found.is_empty()) else { break };
        if found.chars().any(|letter| !known.contains(letter)) {
            return unsimulated(format!("`{command} {first}`"));
        }
        letters.push_str(found);
        rest = behind;
    }
    Ok((letters, rest))
}

/// `export`
pub fn export(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let (letters, names) = options("export", arguments, "n")?;
    if names.is_empty() {
        return unsimulated("`export` without names".to_owned());
    }
    let mut status = 0;
    for argument in names {
        let (name, value) = parts(argument);
        if name.ends_with('+') {
            return unsimulated("`export NAME+=…`".to_owned());
        }
        if !is_name(name) {
            status = shell.fail(1, format!("export: `{argument}': not a valid identifier"))?;
        } else if letters.contains('n') {
            let value = value.map(str::to_owned).or_else(|| shell.process.env.remove(name));
            if let Some(value) = value {
                shell.state.own.insert_mut(name.to_owned(), value);
            }
        } else {
            shell.export(name, value.map(str::to_owned));
        }
    }
    Ok(status)
}

/// `local`
pub fn local(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let (_, names) = options("local", arguments, "r")?;
    if shell.state.locals.is_empty() {
        return shell.fail(1, "local: can only be used in a function");
    }
    for argument in names {
        let (name, value) = parts(argument);
        if !is_name(name) {
            return shell.fail(1, format!("local: `{argument}': not a valid identifier"));
        }
        let before = shell.save(name);
        if let Some(locals) = shell.state.locals.last_mut()
            && !locals.iter().any(|(known, _)| known == name)
        {
            locals.push((name.to_owned(), before));
            shell.unset(name);
        }
        if let Some(value) = value {
            shell.set(name, value.to_owned());
        }
    }
    Ok(0)
}

/// `declare`
pub fn declare(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let (letters, names) = options("declare", arguments, "xrg")?;
    if names.is_empty() {
        return unsimulated("`declare` without names".to_owned());
    }
    if letters.contains('r') {
        return unsimulated("`declare -r`".to_owned());
    }
    if !shell.state.locals.is_empty() && !letters.contains('g') {
        local(shell, names)?;
    }
    for argument in names {
        let (name, value) = parts(argument);
        if !is_name(name) {
            return shell.fail(1, format!("declare: `{argument}': not a valid identifier"));
        }
        match value {
            _ if letters.contains('x') => shell.export(name, value.map(str::to_owned)),
            Some(value) => shell.set(name, value.to_owned()),
            None => {}
        }
    }
    Ok(0)
}

/// `readonly`: that nothing else is assigned later is the script's own promise.
pub fn readonly(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let (_, names) = options("readonly", arguments, "")?;
    for argument in names {
        let (name, value) = parts(argument);
        if !is_name(name) {
            return shell.fail(1, format!("readonly: `{argument}': not a valid identifier"));
        }
        if let Some(value) = value {
            shell.set(name, value.to_owned());
        }
    }
    Ok(0)
}

/// `unset`
pub fn unset(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let (letters, names) = options("unset", arguments, "vf")?;
    let mut status = 0;
    for name in names {
        if letters.contains('f') {
            shell.state.functions.remove_mut(name);
        } else if letters.contains('v') && !is_name(name) {
            status = shell.fail(1, format!("unset: `{name}': not a valid identifier"))?;
        } else if shell.state.own.contains_key(name) || shell.process.env.contains_key(name) {
            shell.unset(name);
        } else if !letters.contains('v') {
            shell.state.functions.remove_mut(name);
        }
    }
    Ok(status)
}

/// `printf`
pub fn print(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let [option, name, rest @ ..] = arguments else { return shell.print_formatted(arguments) };
    if option != "-v" {
        return shell.print_formatted(arguments);
    }
    let (status, printed) = shell.capture(|shell| shell.print_formatted(rest))?;
    shell.set(name, printed.to_text());
    Ok(status)
}
