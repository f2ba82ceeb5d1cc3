//! `psql`: what it is asked to run, against which server, and how it ends.

mod options;
mod print;
mod run;
mod script;

use super::super::process::{Process, Ran, Stream};
use super::super::tree::Node;
use super::connect::connect;
use super::dump;
use super::session::Session;
use options::{Action, Options, Read};
use run::Client;

const ANSWER: std::time::Duration = std::time::Duration::from_millis(12);

pub fn psql(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let options = match options::read(process, arguments)? {
        Read::Options(options) => options,
        Read::Says(words) => {
            process.say(words);
            return Ok(0);
        }
        Read::Wrong(words) => {
            process.complain(words);
            return process.fail(1, "psql: hint: Try \"psql --help\" for more information.");
        }
    };
    let connected = match connect(process, &options.target)? {
        Ok(connected) => connected,
        Err(refused) => return process.fail(2, format!("psql: error: {}", refused.words())),
    };
    process.world.take(ANSWER);
    let user = options.target.user(process);
    let database = options.target.database.clone().unwrap_or_else(|| user.clone());
    // Everything that is read is read before the session holds the world.
    let scripts = match scripts(process, &options) {
        Ok(scripts) => scripts,
        Err(words) => return process.fail(1, words),
    };
    let Some(session) = Session::open(process.world, connected.backend, &database, &user) else {
        let words = format!("{}FATAL:  database \"{database}\" does not exist", connected.named);
        return process.fail(2, format!("psql: error: {words}"));
    };
    let mut client = Client::new(session, &options);
    let exit = client.run(scripts)?;
    let (stdout, stderr) = client.said();
    process.stderr.push_str(&stderr);
    match &options.output {
        None => process.stdout.extend(stdout),
        Some(file) => {
            let path = process.path(file);
            let now = process.world.now();
            let node = match stdout.as_blob() {
                Some(blob) => dump::file(blob, now),
                None => Node::text(stdout.to_text(), now),
            };
            if path != "/dev/null"
                && let Err(error) = process.world.put(&process.place, &path, node)
            {
                return process.fail(1, format!("psql: error: {file}: {error}"));
            }
        }
    }
    Ok(exit)
}

/// What is run, in order: a command, or a script with the name that errors carry.
pub enum Script {
    Command(String),
    File { name: Option<String>, content: Stream },
}

fn scripts(process: &mut Process<'_>, options: &Options) -> Result<Vec<Script>, String> {
    let mut scripts = Vec::new();
    for action in &options.actions {
        scripts.push(match action {
            Action::Command(text) => Script::Command(text.clone()),
            Action::File(name) if name == "-" => {
                Script::File { name: Some("<stdin>".to_owned()), content: std::mem::take(&mut process.stdin) }
            }
            Action::File(name) => {
                let path = process.path(name);
                match process.world.node(&process.place, &path) {
                    Ok(node) => Script::File { name: Some(name.clone()), content: Stream::of(node) },
                    Err(error) => return Err(format!("psql: error: {name}: {error}")),
                }
            }
        });
    }
    if scripts.is_empty() {
        scripts.push(Script::File { name: None, content: std::mem::take(&mut process.stdin) });
    }
    Ok(scripts)
}
