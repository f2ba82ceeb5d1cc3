//! `createdb` and `dropdb`.

use std::time::Duration;

use super::super::process::{Process, Ran, Unsimulated};
use super::connect::{Target, connect};
use super::flags::{Flags, unknown};
use super::session::Session;
use super::sql::{Fail, Name, SqlError, Statement, execute};

/// What is wanted.
struct Options {
    target: Target,
    name: Option<String>,
    template: Option<String>,
    if_exists: bool,
    force: bool,
}

const LONG: [&str; 11] = [
    "host",
    "port",
    "username",
    "maintenance-db",
    "template",
    "encoding",
    "owner",
    "locale",
    "tablespace",
    "lc-collate",
    "lc-ctype",
];

pub fn createdb(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let options = match read(process, "createdb", arguments)? {
        Ok(options) => options,
        Err(words) => return process.fail(1, words),
    };
    let user = options.target.user(process);
    let name = options.name.clone().or_else(|| options.target.database.clone()).unwrap_or(user);
    let statement = Statement::CreateDatabase { name: named(name), template: options.template.clone() };
    run(process, "createdb", "database creation failed", &options, &statement)
}

pub fn dropdb(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let options = match read(process, "dropdb", arguments)? {
        Ok(options) => options,
        Err(words) => return process.fail(1, words),
    };
    let Some(name) = options.name.clone() else {
        process.complain("dropdb: error: missing required argument database name");
        return process.fail(1, "dropdb: hint: Try \"dropdb --help\" for more information.");
    };
    let statement = Statement::DropDatabase { name: named(name), if_exists: options.if_exists, force: options.force };
    run(process, "dropdb", "database removal failed", &options, &statement)
}

fn named(text: String) -> Name {
    Name { text, at: 0 }
}

fn run(process: &mut Process<'_>, program: &str, failed: &str, options: &Options, statement: &Statement) -> Ran {
    let connected = match connect(process, &options.target)? {
        Ok(connected) => connected,
        Err(refused) => return process.fail(1, format!("{program}: error: {}", refused.words())),
    };
    process.world.take(Duration::from_millis(40));
    let user = options.target.user(process);
    let Some(mut session) = Session::open(process.world, connected.backend, "postgres", &user) else {
        let words = format!("{}FATAL:  database \"postgres\" does not exist", connected.named);
        return process.fail(1, format!("{program}: error: {words}"));
    };
    let done = execute(&mut session, statement);
    let notices = std::mem::take(&mut session.notices);
    for notice in notices {
        process.complain(notice);
    }
    match done {
        Ok(_) => Ok(0),
        Err(Fail::Sql(SqlError { message, detail, .. })) => {
            let detail = detail.map(|detail| format!("\nDETAIL:  {detail}")).unwrap_or_default();
            process.fail(1, format!("{program}: error: {failed}: ERROR:  {message}{detail}"))
        }
        Err(Fail::Unknown(what)) => Err(what),
        Err(Fail::Rows) => Err(Unsimulated(format!("`{program}`"))),
    }
}

/// The inner error is what the client says.
fn read(process: &Process<'_>, program: &str, arguments: &[String]) -> Result<Result<Options, String>, Unsimulated> {
    let target = Target::of(process);
    let mut options = Options { target, name: None, template: None, if_exists: false, force: false };
    let create = program == "createdb";
    let mut flags = Flags::new(arguments, if create { "hpUTEOlD" } else { "hpU" }, &LONG);
    while let Some(flag) = flags.next() {
        match flag.as_str() {
            "-T" | "--template" if create => options.template = flags.value(),
            "-E" | "--encoding" | "-O" | "--owner" | "-l" | "--locale" | "-D" | "--tablespace" | "--lc-collate"
            | "--lc-ctype"
                if create =>
            {
                drop(flags.value());
            }
            "--if-exists" if !create => options.if_exists = true,
            "-f" | "--force" if !create => options.force = true,
            "--maintenance-db" => drop(flags.value()),
            "-e" | "--echo" | "-i" | "--interactive" | "-V" | "--version" => {
                return Err(Unsimulated(format!("`{program} {flag}`")));
            }
            other if options.target.flag(other, || flags.value()) => {}
            other => {
                let hint = format!("{program}: hint: Try \"{program} --help\" for more information.");
                return Ok(Err(format!("{}\n{hint}", unknown(program, other))));
            }
        }
    }
    options.name = flags.operands().first().cloned();
    Ok(Ok(options))
}
