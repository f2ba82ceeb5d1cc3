//! `xargs`: one command, with its arguments from standard input.

use super::super::process::{Process, Unsimulated};
use super::content::as_text;
use super::flags::Spec;
use super::{Done, Halt};

const XARGS: Spec = Spec {
    program: "xargs",
    options: &[
        "r,no-run-if-empty",
        "n,max-args=",
        "0,null",
        "I=",
        "P,max-procs=",
        "d,delimiter=",
        "t,verbose",
        "L,max-lines=",
        "!a,arg-file=",
        "!p",
        "!s=",
        "!x",
        "!E=",
        "!e",
        "!i=?",
        "!l=?",
        "!o",
    ],
    usage: 1,
    stops: true,
};

/// `xargs`
pub fn xargs(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let told = XARGS.read(process, arguments)?;
    let content = std::mem::take(&mut process.stdin);
    let text = as_text("xargs", &content)?;
    let by_lines = told.has("I") || told.has("L");
    let words: Vec<String> = if told.has("0") {
        text.split_terminator('\0').map(str::to_owned).collect()
    } else if let Some(delimiter) = told.value("d") {
        let delimiter = super::text::unescape(delimiter, false)?.0;
        text.strip_suffix(&delimiter).unwrap_or(&text).split(&delimiter).map(str::to_owned).collect()
    } else {
        words(process, &text, told.has("I"))?
    };
    let command = if told.operands.is_empty() { vec!["echo".to_owned()] } else { told.operands.clone() };
    let mut lines: Vec<Vec<String>> = Vec::new();
    if let Some(mark) = told.value("I") {
        for word in &words {
            lines.push(command.iter().map(|part| part.replace(mark, word)).collect());
        }
    } else {
        let most = match (told.value("n"), told.value("L")) {
            (Some(most), _) => most.parse().unwrap_or(0),
            (None, Some("1")) if !by_lines || !text.contains(' ') => 1,
            (None, Some(_)) => return Err(Unsimulated("`xargs -L`".to_owned()).into()),
            (None, None) => usize::MAX,
        };
        if most == 0 {
            process.complain("xargs: value for -n option should be >= 1");
            return Ok(1);
        }
        if words.is_empty() && !told.has("r") {
            lines.push(command.clone());
        }
        for part in words.chunks(most) {
            lines.push(command.iter().chain(part).cloned().collect());
        }
    }
    let mut status = 0;
    for argv in lines {
        if process.is_ended() {
            break;
        }
        if told.has("t") {
            process.complain(argv.join(" "));
        }
        process.depth += 1;
        let ran = process.run(&argv);
        process.depth -= 1;
        match ran? {
            0 => {}
            127 => return Ok(127),
            255 => {
                process.complain(format!("xargs: {}: exited with status 255; aborting", argv[0]));
                return Ok(124);
            }
            _ => status = 123,
        }
    }
    Ok(status)
}

/// Words between blanks (or whole lines); quotes and backslashes keep them together.
fn words(process: &mut Process<'_>, text: &str, lines: bool) -> Result<Vec<String>, Halt> {
    let (mut found, mut open, mut quote): (Vec<String>, Option<String>, Option<char>) = (Vec::new(), None, None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\n', Some(sign)) => {
                let kind = if sign == '"' { "double" } else { "single" };
                process.complain(format!(
                    "xargs: unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option"
                ));
                return Err(Halt::Exit(1));
            }
            (c, Some(sign)) if c == sign => quote = None,
            ('\'' | '"', None) => {
                quote = Some(c);
                open.get_or_insert_default();
            }
            ('\\', None) => {
                if let Some(next) = chars.next() {
                    open.get_or_insert_default().push(next);
                }
            }
            (' ' | '\t', None) if lines => {
                if let Some(open) = &mut open {
                    open.push(c);
                }
            }
            (' ' | '\t' | '\n', None) => found.extend(open.take()),
            (c, _) => open.get_or_insert_default().push(c),
        }
    }
    found.extend(open);
    Ok(found)
}
