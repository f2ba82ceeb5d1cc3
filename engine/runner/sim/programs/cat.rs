//! `cat`, `tee`, `tac`.

use super::super::process::{Process, Stream};
use super::content::as_text;
use super::flags::Spec;
use super::{Done, Halt};

/// Megabytes a second.
const SPEED: u64 = 400;

const CAT: Spec = Spec {
    program: "cat",
    options: &[
        "n,number",
        "u",
        "!A,show-all",
        "!b,number-nonblank",
        "!e",
        "!E,show-ends",
        "!s,squeeze-blank",
        "!t",
        "!T,show-tabs",
        "!v",
    ],
    usage: 1,
    stops: false,
};

/// `cat`
pub fn cat(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = CAT.read(process, arguments)?;
    let (inputs, status) = process.inputs("cat", &told.operands)?;
    for (_, content) in inputs {
        process.transfer(content.bytes(), SPEED);
        if told.has("n") {
            let text = as_text("cat -n", &content)?;
            for (at, line) in text.lines().enumerate() {
                process.say(format!("{:6}\t{line}", at + 1));
            }
        } else {
            process.stdout.extend(content);
        }
    }
    Ok(status)
}

const TEE: Spec = Spec { program: "tee", options: &["a,append", "i,ignore-interrupts", "!p"], usage: 1, stops: false };

/// `tee`
pub fn tee(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = TEE.read(process, arguments)?;
    let content = std::mem::take(&mut process.stdin);
    process.transfer(content.bytes(), SPEED);
    let mut status = 0;
    for file in &told.operands {
        if let Err(error) = process.write(file, &content, told.has("a"))? {
            process.complain(format!("tee: {file}: {error}"));
            status = 1;
        }
    }
    process.stdout.extend(content);
    Ok(status)
}

const TAC: Spec = Spec { program: "tac", options: &["!b", "!r", "!s="], usage: 1, stops: false };

/// `tac`
pub fn tac(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = TAC.read(process, arguments)?;
    let (inputs, status) = process.inputs("tac", &told.operands)?;
    for (_, content) in inputs {
        let text = as_text("tac", &content)?;
        let lines: Vec<&str> = text.split_inclusive('\n').rev().collect();
        process.stdout.push(&lines.concat());
    }
    Ok(status)
}

/// The text of all inputs of a program, one after the other.
pub fn all_text(process: &mut Process<'_>, program: &'static str, operands: &[String]) -> Result<(String, i32), Halt> {
    let (inputs, status) = process.inputs(program, operands)?;
    let mut whole = Stream::default();
    for (_, content) in inputs {
        whole.extend(content);
    }
    Ok((as_text(program, &whole)?, status))
}
