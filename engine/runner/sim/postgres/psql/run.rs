//! Runs what `psql` was asked to run.

use std::sync::Arc;

use super::super::super::blob::{AsOf, Blob, Holds};
use super::super::super::process::{Stream, Unsimulated};
use super::super::super::tree::Map;
use super::super::super::world::{Cluster, Database};
use super::super::restore;
use super::super::server;
use super::super::session::{Session, Transaction};
use super::super::sql::{self, Done, Fail, Name, Output, SqlError, Statement};
use super::Script;
use super::options::Options;
use super::print::{self, Format};
use super::script::{Piece, Script as Reader};

/// A client with its session.
pub struct Client<'o, 's> {
    session: Session<'s>,
    options: &'o Options,
    format: Format,
    variables: Vec<(String, String)>,
    stdout: Stream,
    stderr: String,
}

/// How a script goes on after a piece.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Goes,
    /// `\q`.
    Leaves,
    /// An error, after which nothing more is run.
    Stops,
}

impl<'o, 's> Client<'o, 's> {
    pub fn new(session: Session<'s>, options: &'o Options) -> Self {
        let variables = options.variables.clone();
        let (stdout, stderr) = (Stream::default(), String::new());
        Self { session, options, format: options.format.clone(), variables, stdout, stderr }
    }

    pub fn said(self) -> (Stream, String) {
        (self.stdout, self.stderr)
    }

    fn variable(&self, name: &str) -> Option<String> {
        let told = self.variables.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        told.or_else(|| match name {
            "DBNAME" => Some(self.session.database.clone()),
            "USER" => Some(self.session.user.clone()),
            "PORT" => Some("5432".to_owned()),
            _ => None,
        })
    }

    /// Ends at the first error.
    fn stops(&self) -> bool {
        let value = self.variable("ON_ERROR_STOP").unwrap_or_default().to_ascii_lowercase();
        matches!(value.as_str(), "1" | "on" | "true" | "yes" | "t" | "y")
    }

    /// Runs everything; gives the exit code.
    ///
    /// # Errors
    /// Something of it is not simulated.
    pub fn run(&mut self, scripts: Vec<Script>) -> Result<i32, Unsimulated> {
        if self.options.single {
            self.session.begin();
        }
        let mut exit = 0;
        for script in scripts {
            exit = match script {
                Script::Command(text) => self.command(&text)?,
                Script::File { name, content } => self.script(name.as_deref(), &content)?,
            };
            if exit != 0 && self.stops() {
                break;
            }
        }
        let open = self.session.transaction != Transaction::None;
        if self.options.single {
            self.session.end(exit == 0);
        } else if open {
            // Whoever leaves without a word gives it up.
            self.session.end(false);
        }
        Ok(exit)
    }

    /// `-c`: the server takes the text as a whole; one error undoes all of it.
    fn command(&mut self, text: &str) -> Result<i32, Unsimulated> {
        if let Some(meta) = text.trim_start().strip_prefix('\\') {
            return Ok(i32::from(self.meta(meta, None)? == Next::Stops || !is_meta(meta)));
        }
        let statements = match sql::parse(text) {
            Ok(statements) => statements,
            Err(fail) => return self.failed(fail, text, None).map(|()| 1),
        };
        let together = statements.len() > 1 && self.session.transaction == Transaction::None;
        if together {
            self.session.begin();
        }
        for statement in &statements {
            match self.statement(statement) {
                Ok(done) => self.done(done, text, &mut None, None)?,
                Err(fail) => {
                    self.session.undo();
                    self.failed(fail, text, None)?;
                    if together {
                        self.session.end(false);
                    }
                    return Ok(1);
                }
            }
        }
        if together && self.session.transaction == Transaction::Open {
            self.session.end(true);
        }
        Ok(0)
    }

    /// A script: one statement after the other.
    fn script(&mut self, name: Option<&str>, content: &Stream) -> Result<i32, Unsimulated> {
        let mut reader = Some(Reader::new(content));
        loop {
            let piece = reader.as_mut().and_then(|reader| reader.next(|name| self.variable(name)));
            let Some(piece) = piece else { return Ok(0) };
            let next = match piece {
                Piece::Meta { text, line } => {
                    let place = name.map(|name| format!("psql:{name}:{line}: "));
                    self.meta(&text, place.as_deref())?
                }
                Piece::Dump(blob) => self.dump(&blob)?,
                Piece::Sql { text, line } => {
                    let place = name.map(|name| format!("psql:{name}:{line}: "));
                    self.sql(&text, place.as_deref(), &mut reader)?
                }
            };
            match next {
                Next::Stops if self.stops() => return Ok(3),
                Next::Goes | Next::Stops => {}
                Next::Leaves => return Ok(0),
            }
        }
    }

    fn sql(&mut self, text: &str, place: Option<&str>, reader: &mut Option<Reader>) -> Result<Next, Unsimulated> {
        let result = sql::parse(text).and_then(|statements| match statements.first() {
            Some(statement) => self.statement(statement).map(Some),
            None => Ok(None),
        });
        match result {
            Ok(None) => Ok(Next::Goes),
            Ok(Some(done)) => {
                self.done(done, text, reader, place)?;
                Ok(Next::Goes)
            }
            Err(fail) => {
                self.session.undo();
                self.failed(fail, text, place)?;
                Ok(Next::Stops)
            }
        }
    }

    fn statement(&mut self, statement: &Statement) -> Result<Done, Fail> {
        self.session.world.take(std::time::Duration::from_millis(1));
        let done = sql::execute(&mut self.session, statement);
        for notice in std::mem::take(&mut self.session.notices) {
            self.complain(None, &notice);
        }
        done
    }

    fn complain(&mut self, place: Option<&str>, words: &str) {
        self.stderr.push_str(place.unwrap_or_default());
        self.stderr.push_str(words);
        self.stderr.push('\n');
    }

    /// Says what is wrong.
    fn failed(&mut self, fail: Fail, text: &str, place: Option<&str>) -> Result<(), Unsimulated> {
        match fail {
            Fail::Sql(error) => {
                self.complain(place, &print::error(&error, text));
                Ok(())
            }
            Fail::Unknown(what) => Err(what),
            Fail::Rows => {
                let flat: Vec<&str> = text.split_whitespace().collect();
                let short: String = flat.join(" ").chars().take(70).collect();
                Err(Unsimulated(format!("SQL over the rows of a table: {short}")))
            }
        }
    }

    /// Prints what a statement gives; takes rows for it from the script.
    fn done(
        &mut self,
        done: Done,
        text: &str,
        reader: &mut Option<Reader>,
        place: Option<&str>,
    ) -> Result<(), Unsimulated> {
        match done {
            Done::Rows(output) => {
                let printed = self.format.rows(&output);
                let printed = printed.ok_or_else(|| Unsimulated("`psql` with expanded, aligned rows".to_owned()))?;
                self.stdout.push(&printed);
            }
            Done::Tag(tag) => self.tag(&tag),
            Done::Lines(output) => self.stdout.push(&copied(&output)),
            Done::Out(_, 0) => {}
            Done::Out(table, rows) => {
                let blob = rows_blob(&mut self.session, &table, rows);
                self.stdout.push_blob(Arc::new(blob));
            }
            Done::In(table) => match reader {
                Some(reader) => {
                    let rows = reader.rows();
                    self.copy_in(&table, &rows, text, place)?;
                }
                None => return Err(Unsimulated("`psql -c 'copy … from stdin'`".to_owned())),
            },
        }
        Ok(())
    }

    fn tag(&mut self, tag: &str) {
        if !self.options.quiet {
            self.stdout.push(tag);
            self.stdout.push("\n");
        }
    }

    fn copy_in(
        &mut self,
        table: &Name,
        rows: &super::script::Rows,
        text: &str,
        place: Option<&str>,
    ) -> Result<(), Unsimulated> {
        let (mut number, mut of) = (rows.lines, None);
        for blob in &rows.blobs {
            let Holds::SqlDump(cluster) = &blob.holds else {
                return Err(Unsimulated("`copy … from stdin` of such a file".to_owned()));
            };
            let tables = cluster.databases.values().flat_map(|database| database.tables.iter());
            for (name, rows) in tables {
                number = number.saturating_add(*rows);
                of = Some(name.clone());
            }
        }
        match sql::copied_in(&mut self.session, table, number, of) {
            Ok(Done::Tag(tag)) => self.tag(&tag),
            Ok(_) => {}
            Err(fail) => self.failed(fail, text, place)?,
        }
        Ok(())
    }

    /// A whole dump as a script.
    fn dump(&mut self, blob: &Arc<Blob>) -> Result<Next, Unsimulated> {
        let Holds::SqlDump(cluster) = &blob.holds else {
            let error = SqlError::new("syntax error at or near \"PGDMP\"");
            let words = match &blob.holds {
                Holds::Dump(_) => {
                    "The input is a PostgreSQL custom-format dump.\nUse the pg_restore command-line client to restore this dump to a database."
                        .to_owned()
                }
                _ => print::error(&error, ""),
            };
            self.complain(None, &words);
            return Ok(Next::Stops);
        };
        let cluster = cluster.clone();
        let database = self.session.database.clone();
        if let Err(fail) = self.session.writes("CREATE TABLE") {
            self.failed(fail, "", None)?;
            return Ok(Next::Stops);
        }
        let listed = self.session.tables();
        let clash =
            restore::tables(&cluster).into_iter().find(|(name, _)| listed.iter().any(|(known, _)| known == name));
        self.session.world.take(restore::time(&cluster));
        if let Some((name, _)) = clash {
            self.complain(None, &format!("ERROR:  relation \"{}\" already exists", server::bare(&name)));
            if self.stops() {
                return Ok(Next::Stops);
            }
        }
        restore::into(&mut self.session, &database, blob, &cluster);
        if blob.whole {
            self.session.world.prove(blob.id);
        }
        self.session.keep();
        Ok(if clash_is_error(&listed, &cluster) { Next::Stops } else { Next::Goes })
    }

    /// A command of `psql` itself.
    fn meta(&mut self, text: &str, place: Option<&str>) -> Result<Next, Unsimulated> {
        let words = shlex::split(text).unwrap_or_default();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["q" | "quit"] => return Ok(Next::Leaves),
            ["echo", rest @ ..] => {
                let values: Vec<String> = rest
                    .iter()
                    .map(|word| {
                        word.strip_prefix(':')
                            .and_then(|name| self.variable(name))
                            .unwrap_or_else(|| (*word).to_owned())
                    })
                    .collect();
                self.stdout.push(&format!("{}\n", values.join(" ")));
            }
            ["set", name, value @ ..] => self.variables.push(((*name).to_owned(), value.concat())),
            ["unset", name] => self.variables.retain(|(known, _)| known != name),
            ["t"] => self.format.tuples_only = !self.format.tuples_only,
            ["a"] => self.format.aligned = !self.format.aligned,
            ["restrict" | "unrestrict" | "timing" | "encoding", ..] | [] => {}
            [name, ..] if is_meta(name) => return Err(Unsimulated(format!("`psql` with `\\{name}`"))),
            [name, ..] => {
                self.complain(place, &format!("invalid command \\{name}"));
                return Ok(Next::Stops);
            }
        }
        Ok(Next::Goes)
    }
}

fn clash_is_error(listed: &[(String, u64)], cluster: &Cluster) -> bool {
    restore::tables(cluster).iter().any(|(name, _)| listed.iter().any(|(known, _)| known == name))
}

/// Commands that `psql` has.
fn is_meta(text: &str) -> bool {
    let name = text.split_whitespace().next().unwrap_or_default();
    let base = name.trim_end_matches(['+', 'S']);
    matches!(
        base,
        "q" | "quit"
            | "echo"
            | "set"
            | "unset"
            | "t"
            | "a"
            | "restrict"
            | "unrestrict"
            | "timing"
            | "encoding"
            | "c"
            | "connect"
            | "conninfo"
            | "copy"
            | "d"
            | "dt"
            | "dn"
            | "du"
            | "di"
            | "dv"
            | "df"
            | "dx"
            | "db"
            | "ds"
            | "dp"
            | "e"
            | "errverbose"
            | "g"
            | "gdesc"
            | "gexec"
            | "gset"
            | "gx"
            | "i"
            | "ir"
            | "if"
            | "elif"
            | "else"
            | "endif"
            | "l"
            | "list"
            | "o"
            | "p"
            | "password"
            | "prompt"
            | "pset"
            | "qecho"
            | "r"
            | "s"
            | "sf"
            | "warn"
            | "w"
            | "watch"
            | "x"
            | "z"
            | "!"
            | "?"
            | "h"
    )
}

/// Rows as `copy … to stdout` writes them.
fn copied(output: &Output) -> String {
    let cell = |value: &sql::Value| if value.is_null() { "\\N".to_owned() } else { value.to_string() };
    let line = |row: &Vec<sql::Value>| row.iter().map(cell).collect::<Vec<_>>().join("\t") + "\n";
    output.rows.iter().map(line).collect()
}

/// Rows of a table that are only counted, on their way to another server.
fn rows_blob(session: &mut Session<'_>, table: &str, rows: u64) -> Blob {
    let mut tables = Map::new_sync();
    tables.insert_mut(table.to_owned(), rows);
    let mut databases = Map::new_sync();
    databases.insert_mut("copy".to_owned(), Database { tables, others: None });
    let cluster = session.cluster();
    let (system, timeline, as_of) = (cluster.system, cluster.timeline, cluster.as_of.min(AsOf::At(session.began)));
    let cluster = Cluster { system, timeline, as_of, damaged: false, data: None, databases, settings: Map::new_sync() };
    Blob {
        id: session.world.dice.roll(),
        bytes: rows.saturating_mul(100),
        whole: true,
        holds: Holds::SqlDump(Arc::new(cluster)),
    }
}
