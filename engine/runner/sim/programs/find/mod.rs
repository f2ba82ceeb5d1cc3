//! `find`.

mod format;
mod test;

use super::super::process::{Process, Unsimulated};
use super::super::tree::Node;
use super::{Done, Halt};
use test::{Reader, Test};

/// What was asked for.
struct Search {
    test: Test,
    least: usize,
    most: usize,
    /// The content of a directory before itself.
    depth: bool,
    /// There is an action; without one a path is printed.
    acts: bool,
}

/// One file on the way.
pub struct Found<'n> {
    /// As it is printed.
    path: String,
    /// The operand it was found below.
    start: &'n str,
    node: &'n Node,
    level: usize,
}

/// What the actions leave behind.
#[derive(Default)]
struct Outcome {
    status: i32,
    /// Paths for each `-exec … +`.
    collected: Vec<(Vec<String>, Vec<String>)>,
    pruned: bool,
    quit: bool,
}

/// `find`
pub fn find(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let mut arguments = arguments;
    let mut follow = false;
    while let [first, rest @ ..] = arguments {
        match first.as_str() {
            "-H" | "-P" => {}
            "-L" => follow = true,
            _ => break,
        }
        arguments = rest;
    }
    let is_expression = |word: &String| (word.starts_with('-') && word.len() > 1) || word == "!" || word == "(";
    let paths = arguments.iter().position(is_expression).unwrap_or(arguments.len());
    let (starts, words) = arguments.split_at(paths);
    let search = match Reader::new(process, words).search()? {
        Ok(search) => search,
        Err(message) => {
            process.complain(format!("find: {message}"));
            return Ok(1);
        }
    };
    let here = [".".to_owned()];
    let mut outcome = Outcome::default();
    for start in if starts.is_empty() { &here } else { starts } {
        match process.tree(start, follow) {
            Ok(tree) => {
                let found = Found { path: start.clone(), start, node: &tree, level: 0 };
                search.visit(process, &found, &mut outcome)?;
            }
            Err(error) => {
                process.complain(format!("find: '{start}': {error}"));
                outcome.status = 1;
            }
        }
        if outcome.quit {
            break;
        }
    }
    for (command, paths) in std::mem::take(&mut outcome.collected) {
        let mut argv = command;
        argv.extend(paths);
        if run(process, &argv)? != 0 {
            outcome.status = 1;
        }
    }
    Ok(outcome.status)
}

/// Runs a command for `-exec`.
fn run(process: &mut Process<'_>, argv: &[String]) -> Result<i32, Unsimulated> {
    process.depth += 1;
    let ran = process.run(argv);
    process.depth -= 1;
    if let (Ok(127), Some(program)) = (&ran, argv.first()) {
        let said = format!("{program}: command not found\n");
        if process.stderr.ends_with(&said) {
            process.stderr.truncate(process.stderr.len() - said.len());
            process.complain(format!("find: '{program}': No such file or directory"));
        }
    }
    ran
}

impl Search {
    fn visit(&self, process: &mut Process<'_>, found: &Found<'_>, outcome: &mut Outcome) -> Result<(), Halt> {
        if !self.depth {
            self.judge(process, found, outcome)?;
        }
        let enters = !std::mem::take(&mut outcome.pruned) || self.depth;
        if found.level < self.most && enters && !outcome.quit {
            for (name, node) in found.node.entries() {
                let path = if found.path.ends_with('/') {
                    format!("{}{name}", found.path)
                } else {
                    format!("{}/{name}", found.path)
                };
                let below = Found { path, start: found.start, node, level: found.level + 1 };
                self.visit(process, &below, outcome)?;
                if outcome.quit {
                    return Ok(());
                }
            }
        }
        if self.depth {
            self.judge(process, found, outcome)?;
        }
        Ok(())
    }

    fn judge(&self, process: &mut Process<'_>, found: &Found<'_>, outcome: &mut Outcome) -> Result<(), Halt> {
        if found.level < self.least {
            return Ok(());
        }
        if self.test.holds(process, found, outcome)? && !self.acts {
            process.say(&found.path);
        }
        Ok(())
    }
}
