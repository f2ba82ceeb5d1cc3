//! The SQL that recovery asks: a reader for queries over catalogs, positions in the WAL and counts of rows, and for the statements
//! around them. What it does not understand is not simulated.

mod aggregate;
mod ast;
mod catalog;
mod eval;
mod functions;
mod lex;
mod number;
mod opaque;
mod operators;
mod parse;
mod query;
mod statement;
mod value;

pub use ast::{Name, Statement};
pub use parse::parse;
pub use query::Output;
pub use statement::{Done, copied_in, execute};
pub use value::{Value, parse_time};

use super::super::process::Unsimulated;

/// Why a statement has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fail {
    /// The server says that it is wrong.
    Sql(SqlError),
    /// This world does not know.
    Unknown(Unsimulated),
    /// It depends on what is in the rows of a table, of which this world knows the number only.
    Rows,
}

impl From<SqlError> for Fail {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

impl Fail {
    /// A part of SQL that this world does not know.
    pub fn unknown(what: &str) -> Self {
        Self::Unknown(Unsimulated(format!("SQL: {what}")))
    }
}

/// What the server says is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    pub message: String,
    /// The byte of the text that it is about.
    pub at: Option<usize>,
    pub detail: Option<String>,
    pub hint: Option<String>,
}

impl SqlError {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None, detail: None, hint: None }
    }

    pub fn at(mut self, at: usize) -> Self {
        self.at = Some(at);
        self
    }

    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Something that a table of a database lacks.
    pub fn no_relation(name: &Name) -> Self {
        Self::new(format!("relation \"{}\" does not exist", name.text)).at(name.at)
    }
}
