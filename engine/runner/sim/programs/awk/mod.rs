//! `awk`: patterns, actions, fields, variables and arrays, as far as one-liners go.

mod lex;
mod parse;
mod run;
mod syntax;
mod value;

use super::super::process::{Process, Unsimulated};
use super::content::as_text;
use super::{Done, Halt, text};

/// `awk`
pub fn awk(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let (mut separator, mut variables, mut program) = (None, Vec::new(), None);
    let mut rest = arguments.iter();
    let mut operands = Vec::new();
    while let Some(argument) = rest.next() {
        let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty() && program.is_none())
        else {
            if program.is_none() {
                program = Some(argument.clone());
            } else {
                operands.push(argument.clone());
            }
            continue;
        };
        let mut value =
            |inside: &str| if inside.is_empty() { rest.next().cloned().unwrap_or_default() } else { inside.to_owned() };
        match letters.chars().next() {
            Some('F') => separator = Some(text::unescape(&value(&letters[1..]), false)?.0),
            Some('v') => {
                let pair = value(&letters[1..]);
                let Some((name, text)) = pair.split_once('=') else {
                    process.complain(format!("awk: invalid -v argument: {pair}"));
                    return Ok(2);
                };
                variables.push((name.to_owned(), text::unescape(text, false)?.0));
            }
            Some('-') if letters == "-" => {}
            _ => return Err(Unsimulated(format!("`awk {argument}`")).into()),
        }
    }
    let Some(program) = program else {
        process.complain("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]");
        return Ok(2);
    };
    if operands.iter().any(|operand| operand.contains('=') && process.node(operand).is_err()) {
        return Err(Unsimulated("`awk` with assignments among its files".to_owned()).into());
    }
    let rules = match parse::program(&program)? {
        Ok(rules) => rules,
        Err(message) => {
            process.complain(format!("awk: line 1: {message}"));
            return Ok(2);
        }
    };
    let reads = rules.iter().any(syntax::Rule::reads);
    let (inputs, failed) = if reads { process.inputs("awk", &operands)? } else { (Vec::new(), 0) };
    let mut lines = Vec::new();
    for (_, content) in inputs {
        process.transfer(content.bytes(), 150);
        lines.extend(as_text("awk", &content)?.lines().map(str::to_owned));
    }
    let mut machine = run::Machine::new(separator.as_deref(), variables);
    let exit = machine.run(&rules, lines).map_err(Halt::from)?;
    process.stdout.push(&machine.printed);
    if let Some(message) = machine.failure {
        process.complain(format!("awk: {message}"));
        return Ok(2);
    }
    Ok(if failed == 0 { exit } else { 2 })
}
