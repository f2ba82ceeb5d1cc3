//! `sed`: lines selected by number or expression, and `s`, `y`, `d`, `p`, `q`, `a`, `i`, `c`, `=`, `n`, `{ }`.

mod script;

use super::super::process::{Process, Stream};
use super::Done;
use super::content::as_text;
use super::flags::Spec;
use script::{Address, Command, Function, Replacement, Substitution};

const SED: Spec = Spec {
    program: "sed",
    options: &[
        "n,quiet,silent",
        "e,expression=",
        "E,r,regexp-extended",
        "i,in-place=?",
        "s,separate",
        "u,unbuffered",
        "!f,file=",
        "!z,null-data",
        "!l,line-length=",
        "!b,binary",
        "!posix",
        "!debug",
        "!follow-symlinks",
        "!sandbox",
    ],
    usage: 1,
    stops: false,
};

/// `sed`
pub fn sed(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let mut told = SED.read(process, arguments)?;
    let mut texts = told.values("e");
    if texts.is_empty() {
        if told.operands.is_empty() {
            process.complain("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...");
            return Ok(1);
        }
        texts.push(told.operands.remove(0));
    }
    let commands = match script::read(&texts.join("\n"), told.has("E"))? {
        Ok(commands) => commands,
        Err(message) => {
            process.complain(format!("sed: -e expression #1, {message}"));
            return Ok(1);
        }
    };
    let quiet = told.has("n");
    if !told.has("i") {
        let mut whole = Stream::default();
        let (inputs, status) = process.inputs("sed", &told.operands)?;
        for (_, content) in inputs {
            whole.extend(content);
        }
        process.stderr = process.stderr.replace("sed: ", "sed: can't read ");
        let edited = edit(&as_text("sed", &whole)?, &commands, quiet);
        process.stdout.push(&edited.text);
        return Ok(edited.exit.unwrap_or(if status == 0 { 0 } else { 2 }));
    }
    if told.operands.is_empty() {
        process.complain("sed: no input files");
        return Ok(4);
    }
    let mut status = 0;
    for file in &told.operands {
        let content = match process.read(file)? {
            Ok(content) => content,
            Err(super::super::tree::FileError::IsADirectory) => {
                process.complain(format!("sed: couldn't edit {file}: not a regular file"));
                status = 4;
                continue;
            }
            Err(error) => {
                process.complain(format!("sed: can't read {file}: {error}"));
                status = 2;
                continue;
            }
        };
        let edited = edit(&as_text("sed", &content)?, &commands, quiet);
        if let Some(suffix) = told.value("i") {
            let backup = if suffix.contains('*') { suffix.replace('*', file) } else { format!("{file}{suffix}") };
            let (place, from, to) = (process.place.clone(), process.path(file), process.path(&backup));
            let kept = process.world.node(&place, &from).cloned();
            if let Err(error) = kept.and_then(|node| process.world.put(&place, &to, node)) {
                process.complain(format!("sed: cannot rename {file}: {error}"));
                status = 4;
                continue;
            }
        }
        if let Err(error) = process.write(file, &Stream::text(edited.text), false)? {
            process.complain(format!("sed: couldn't open temporary file: {error}"));
            status = 4;
        }
        if let Some(exit) = edited.exit {
            return Ok(exit);
        }
    }
    Ok(status)
}

/// What came of a text.
struct Edited {
    text: String,
    /// `q`
    exit: Option<i32>,
}

/// The lines of a text while they are edited.
struct Edit<'e> {
    lines: Vec<&'e str>,
    at: usize,
    /// The present line.
    line: String,
    found: String,
    /// What `a` adds behind the present line.
    behind: String,
    quiet: bool,
    /// The last line has no newline.
    unfinished: bool,
    /// Ranges that have begun, by the place of their command; where they end by number.
    open: Vec<Option<RangeEnd>>,
}

/// Where a range ends.
#[derive(Clone, Copy)]
enum RangeEnd {
    /// At this line.
    Line(usize),
    /// Where its address says.
    Address,
}

/// Where a command leads.
enum Next {
    Command,
    /// The next line; false: the present one is not printed.
    Line(bool),
    Quit(i32, bool),
}

fn edit(text: &str, commands: &[Command], quiet: bool) -> Edited {
    let mut editor = Edit {
        lines: text.lines().collect(),
        at: 0,
        line: String::new(),
        found: String::with_capacity(text.len()),
        behind: String::new(),
        quiet,
        unfinished: !text.is_empty() && !text.ends_with('\n'),
        open: vec![None; commands.len()],
    };
    while editor.at < editor.lines.len() {
        editor.line = editor.lines[editor.at].to_owned();
        let (exit, prints) = match editor.cycle(commands) {
            Next::Command => (None, true),
            Next::Line(kept) => (None, kept),
            Next::Quit(exit, kept) => (Some(exit), kept),
        };
        if prints && !quiet {
            editor.print();
        }
        let behind = std::mem::take(&mut editor.behind);
        editor.found.push_str(&behind);
        editor.at += 1;
        if exit.is_some() {
            return Edited { text: editor.found, exit };
        }
    }
    Edited { text: editor.found, exit: None }
}

impl Edit<'_> {
    fn print(&mut self) {
        self.found.push_str(&self.line);
        if !(self.unfinished && self.is_last()) {
            self.found.push('\n');
        }
    }

    /// Prints a line of its own.
    fn add(&mut self, line: &str) {
        self.found.extend([line, "\n"]);
    }

    fn is_last(&self) -> bool {
        self.at + 1 == self.lines.len()
    }

    fn cycle(&mut self, commands: &[Command]) -> Next {
        let mut at = 0;
        while let Some(command) = commands.get(at) {
            at += 1;
            if self.selects(at - 1, command) == command.negated {
                if let Function::Block(end) = command.function {
                    at = end;
                }
                continue;
            }
            match self.carry_out(&command.function) {
                Next::Command => {}
                next => return next,
            }
        }
        Next::Command
    }

    fn carry_out(&mut self, function: &Function) -> Next {
        match function {
            Function::Block(_) | Function::End => {}
            Function::Substitute(substitution) => self.substitute(substitution),
            Function::Turn(from, to) => {
                let turned = |c| from.iter().position(|known| *known == c).map_or(c, |at| to[at]);
                self.line = self.line.chars().map(turned).collect();
            }
            Function::Delete => return Next::Line(false),
            Function::Print => self.print(),
            Function::Number => self.add(&(self.at + 1).to_string()),
            Function::Quit(code) => return Next::Quit(*code, true),
            Function::QuitQuietly(code) => return Next::Quit(*code, false),
            Function::Append(text) => self.behind.extend([text.as_str(), "\n"]),
            Function::Insert(text) => self.add(text),
            Function::Change(text) => {
                self.add(text);
                return Next::Line(false);
            }
            Function::Next => {
                if self.is_last() {
                    return Next::Line(true);
                }
                if !self.quiet {
                    self.print();
                }
                self.at += 1;
                self.line = self.lines[self.at].to_owned();
            }
        }
        Next::Command
    }

    fn is_at(&self, address: &Address) -> bool {
        match address {
            Address::Line(number) => self.at + 1 == *number,
            Address::Last => self.is_last(),
            Address::Matches(expression) => expression.is_match(&self.line),
            Address::More(_) => false,
        }
    }

    fn selects(&mut self, at: usize, command: &Command) -> bool {
        let (Some(from), to) = (&command.from, &command.to) else { return true };
        let Some(to) = to else { return self.is_at(from) };
        if let Some(end) = self.open[at] {
            let (ends, selects) = match end {
                RangeEnd::Line(end) => (self.at + 1 >= end, self.at < end),
                RangeEnd::Address => (self.is_at(to), true),
            };
            if ends {
                self.open[at] = None;
            }
            // A range that ended by its number before this line is over.
            return selects;
        }
        if !self.is_at(from) {
            return false;
        }
        let end = match to {
            Address::Line(number) => RangeEnd::Line(*number),
            Address::More(count) => RangeEnd::Line(self.at + 1 + count),
            Address::Last | Address::Matches(_) => RangeEnd::Address,
        };
        let is_over = matches!(end, RangeEnd::Line(end) if end <= self.at + 1);
        self.open[at] = Some(end).filter(|_| !is_over);
        true
    }

    fn substitute(&mut self, how: &Substitution) {
        let (mut found, mut end, mut count) = (String::new(), 0, 0);
        let line = std::mem::take(&mut self.line);
        for captures in how.expression.captures_iter(&line) {
            let Some(whole) = captures.get(0) else { continue };
            count += 1;
            if count < how.from || (count > how.from && !how.all) {
                continue;
            }
            found.push_str(&line[end..whole.start()]);
            for part in &how.with {
                match part {
                    Replacement::Text(text) => found.push_str(text),
                    Replacement::Group(group) => {
                        found.push_str(captures.get(*group).map_or("", |group| group.as_str()));
                    }
                }
            }
            end = whole.end();
        }
        let replaced = count >= how.from;
        found.push_str(&line[end..]);
        self.line = found;
        if replaced && how.prints {
            self.print();
        }
    }
}
