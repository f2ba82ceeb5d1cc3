//! Where the shell is: `cd`, `pwd`, `umask`.

use super::super::super::tree::FileError;
use super::super::state::{Shell, Step};
use super::unsimulated;

/// `cd`
pub fn cd(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    let mut arguments = arguments;
    while let [first, rest @ ..] = arguments {
        match first.as_str() {
            "--" => {
                arguments = rest;
                break;
            }
            "-L" => arguments = rest,
            "-" => break,
            option if option.starts_with('-') => return unsimulated(format!("`cd {option}`")),
            _ => break,
        }
    }
    let (target, says) = match arguments {
        [] => match shell.variable("HOME") {
            Some(home) => (home, false),
            None => return shell.fail(1, "cd: HOME not set"),
        },
        [dash] if dash == "-" => match shell.variable("OLDPWD") {
            Some(before) => (before, true),
            None => return shell.fail(1, "cd: OLDPWD not set"),
        },
        [target] => (target.clone(), false),
        _ => return shell.fail(1, "cd: too many arguments"),
    };
    if target.is_empty() {
        return Ok(0);
    }
    let path = shell.process.path(&target);
    // What stands before `..` has to be there too.
    let found = match shell.process.node(&target) {
        Ok(node) if node.is_directory() => Ok(()),
        Ok(_) => Err(FileError::NotADirectory),
        Err(error) => Err(error),
    };
    if let Err(error) = found {
        return shell.fail(1, format!("cd: {target}: {error}"));
    }
    let before = std::mem::replace(&mut shell.process.cwd, path.clone());
    shell.set("OLDPWD", before);
    if shell.process.env.contains_key("PWD") {
        shell.set("PWD", path.clone());
    }
    if says {
        shell.say(&path)?;
    }
    Ok(0)
}

/// `pwd`
pub fn pwd(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    match arguments.first().map(String::as_str) {
        None | Some("-L") => {}
        Some("-P") => {
            let path = shell.process.real_path(".").unwrap_or_default();
            shell.say(&path)?;
            return Ok(0);
        }
        Some(option) if option.starts_with('-') => return unsimulated(format!("`pwd {option}`")),
        Some(_) => {}
    }
    let cwd = shell.process.cwd.clone();
    shell.say(&cwd)?;
    Ok(0)
}

/// `umask`
pub fn umask(shell: &mut Shell<'_, '_>, arguments: &[String]) -> Step {
    match arguments {
        [] => {
            let umask = format!("{:04o}", shell.process.umask);
            shell.say(&umask)?;
            Ok(0)
        }
        [mask] => match u32::from_str_radix(mask, 8) {
            Ok(mask) if mask <= 0o777 => {
                shell.process.umask = mask;
                Ok(0)
            }
            _ if mask.starts_with(|c: char| c.is_ascii_digit()) => {
                shell.fail(1, format!("umask: {mask}: octal number out of range"))
            }
            _ => unsimulated(format!("`umask {mask}`")),
        },
        _ => unsimulated("`umask` with several arguments".to_owned()),
    }
}
