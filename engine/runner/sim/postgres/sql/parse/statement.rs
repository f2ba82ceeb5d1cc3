//! Statements.

use super::super::ast::{Copied, CreateTable, Name, Rows, Statement};
use super::super::lex::Kind;
use super::super::{Fail, SqlError};
use super::Parser;
use super::words::begins_statement;

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Result<Statement, Fail> {
        let at = self.place();
        let word = match self.peek() {
            Some(Kind::Word(word)) => word.clone(),
            Some(Kind::Mark("(")) => return self.query().map(Statement::Query),
            _ => return Err(self.unexpected(at)),
        };
        match word.as_str() {
            "select" | "values" | "table" => return self.query().map(Statement::Query),
            word if !begins_statement(word) => return Err(self.unexpected(at)),
            _ => self.at += 1,
        }
        match word.as_str() {
            "with" => self.with(),
            "show" => self.show(),
            "set" => self.set(),
            "reset" => {
                let name = self.qualified()?;
                Ok(Statement::Set(name, None))
            }
            "alter" => self.alter(),
            "create" => self.create(),
            "drop" => self.drop(),
            "truncate" => self.truncate(),
            "insert" => self.insert(),
            "delete" => self.delete(),
            "copy" => self.copy(),
            "begin" | "start" => {
                self.rest();
                Ok(Statement::Begin)
            }
            "commit" | "end" => {
                self.rest();
                Ok(Statement::Commit)
            }
            "rollback" | "abort" if !self.is("to") => {
                self.rest();
                Ok(Statement::Rollback)
            }
            _ => self.tag(&word),
        }
    }

    /// The server does not know what stands there.
    fn unexpected(&self, at: usize) -> Fail {
        let end = self.tokens.get(self.at).map_or(at, |token| token.end);
        SqlError::new(format!("syntax error at or near \"{}\"", &self.text[at..end])).at(at).into()
    }

    /// Statements that change nothing that this world knows.
    fn tag(&mut self, word: &str) -> Result<Statement, Fail> {
        let tag = match word {
            "vacuum" => "VACUUM",
            "analyze" => "ANALYZE",
            "reindex" => "REINDEX",
            "checkpoint" => "CHECKPOINT",
            "grant" => "GRANT",
            "revoke" => "REVOKE",
            "comment" => "COMMENT",
            _ => return Err(self.unknown()),
        };
        self.rest();
        Ok(Statement::Tag { table: None, tag, writes: tag != "CHECKPOINT" })
    }

    fn with(&mut self) -> Result<Statement, Fail> {
        let name = self.name()?;
        self.expect("as")?;
        self.expect("(")?;
        if !self.is("insert") {
            return Err(self.unknown());
        }
        self.at += 1;
        let inner = self.insert()?;
        self.expect(")")?;
        let query = self.query()?;
        Ok(Statement::With(name, Box::new(inner), query))
    }

    fn show(&mut self) -> Result<Statement, Fail> {
        if self.is("all") {
            return Err(self.unknown());
        }
        let mut name = self.qualified()?;
        if name.text == "transaction" && self.eat_all(&["isolation", "level"]) {
            "transaction_isolation".clone_into(&mut name.text);
        }
        Ok(Statement::Show(name))
    }

    fn set(&mut self) -> Result<Statement, Fail> {
        let _ = self.eat("session") || self.eat("local");
        if self.is("transaction") || self.is("role") || self.is("constraints") {
            return Err(self.unknown());
        }
        let name = self.qualified()?;
        if !self.eat("=") {
            self.expect("to")?;
        }
        let mut value = self.setting()?;
        while self.eat(",") {
            value = format!("{value}, {}", self.setting()?);
        }
        Ok(Statement::Set(name, (value != "default").then_some(value)))
    }

    fn alter(&mut self) -> Result<Statement, Fail> {
        if self.eat("system") {
            if self.eat("reset") {
                if self.eat("all") {
                    return Ok(Statement::AlterSystem(None, None));
                }
                return Ok(Statement::AlterSystem(Some(self.qualified()?), None));
            }
            self.expect("set")?;
            let name = self.qualified()?;
            if !self.eat("=") {
                self.expect("to")?;
            }
            let value = self.setting()?;
            return Ok(Statement::AlterSystem(Some(name), (value != "default").then_some(value)));
        }
        if self.eat("database") {
            let from = self.qualified()?;
            if self.eat_all(&["rename", "to"]) {
                return Ok(Statement::RenameDatabase { from, to: self.name()? });
            }
            self.rest();
            return Ok(Statement::Tag { table: None, tag: "ALTER DATABASE", writes: true });
        }
        if self.eat("table") {
            let _ = self.eat_all(&["if", "exists"]);
            let _ = self.eat("only");
            let from = self.qualified()?;
            if self.eat_all(&["rename", "to"]) {
                return Ok(Statement::RenameTable { from, to: self.name()? });
            }
            self.rest();
            return Ok(Statement::Tag { table: Some(from), tag: "ALTER TABLE", writes: true });
        }
        let tag = match () {
            () if self.eat("role") || self.eat("user") => "ALTER ROLE",
            () if self.eat("sequence") => "ALTER SEQUENCE",
            () => return Err(self.unknown()),
        };
        self.rest();
        Ok(Statement::Tag { table: None, tag, writes: true })
    }

    fn create(&mut self) -> Result<Statement, Fail> {
        if self.eat("database") {
            let name = self.qualified()?;
            let mut template = None;
            while !self.at_end() {
                if self.eat("template") {
                    let _ = self.eat("=");
                    template = Some(self.name()?);
                } else {
                    self.at += 1;
                }
            }
            return Ok(Statement::CreateDatabase { name, template });
        }
        let temporary = self.eat("temp") || self.eat("temporary");
        let _ = self.eat("unlogged");
        if self.eat("table") {
            return self.create_table(temporary);
        }
        let _ = self.eat("unique");
        let tag = match () {
            () if self.eat("extension") => "CREATE EXTENSION",
            () if self.eat("schema") => "CREATE SCHEMA",
            () if self.eat("role") || self.eat("user") => "CREATE ROLE",
            () if self.is("index") => {
                while !self.is("on") && !self.at_end() {
                    self.at += 1;
                }
                self.expect("on")?;
                let table = self.qualified()?;
                self.rest();
                return Ok(Statement::Tag { table: Some(table), tag: "CREATE INDEX", writes: true });
            }
            () => return Err(self.unknown()),
        };
        self.rest();
        Ok(Statement::Tag { table: None, tag, writes: true })
    }

    fn create_table(&mut self, temporary: bool) -> Result<Statement, Fail> {
        let if_not_exists = self.eat_all(&["if", "not", "exists"]);
        let name = self.qualified()?;
        let mut table = CreateTable { name, temporary, if_not_exists, query: None, like: None };
        if self.eat("(") {
            if self.eat("like") {
                table.like = Some(self.qualified()?);
            }
            self.close()?;
        }
        if self.eat("as") {
            let parenthesis = self.is("(") && self.is_at(1, "select");
            self.at += usize::from(parenthesis);
            table.query = Some(self.query()?);
            if parenthesis {
                self.expect(")")?;
            }
        }
        self.rest();
        Ok(Statement::CreateTable(table))
    }

    /// To the parenthesis that closes the open one.
    fn close(&mut self) -> Result<(), Fail> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.peek() {
                Some(Kind::Mark("(")) => depth += 1,
                Some(Kind::Mark(")")) => depth -= 1,
                Some(Kind::Mark(";")) | None => return Err(self.unknown()),
                Some(_) => {}
            }
            self.at += 1;
        }
        Ok(())
    }

    fn drop(&mut self) -> Result<Statement, Fail> {
        if self.eat("database") {
            let if_exists = self.eat_all(&["if", "exists"]);
            let name = self.qualified()?;
            let _ = self.eat("with");
            let force = self.eat("(") && self.eat("force") && self.eat(")");
            return Ok(Statement::DropDatabase { name, if_exists, force });
        }
        if self.eat("table") {
            let if_exists = self.eat_all(&["if", "exists"]);
            let names = self.names()?;
            let _ = self.eat("cascade") || self.eat("restrict");
            return Ok(Statement::DropTable { names, if_exists });
        }
        let tag = match () {
            () if self.eat("role") || self.eat("user") => "DROP ROLE",
            () if self.eat("index") => "DROP INDEX",
            () if self.eat("extension") => "DROP EXTENSION",
            () => return Err(self.unknown()),
        };
        self.rest();
        Ok(Statement::Tag { table: None, tag, writes: true })
    }

    fn truncate(&mut self) -> Result<Statement, Fail> {
        let _ = self.eat("table");
        let _ = self.eat("only");
        let names = self.names()?;
        self.rest();
        Ok(Statement::Truncate(names))
    }

    fn insert(&mut self) -> Result<Statement, Fail> {
        self.expect("into")?;
        let table = self.qualified()?;
        if self.is("(") && !self.is_at(1, "select") {
            self.at += 1;
            self.close()?;
        }
        let rows = if self.is("values") {
            let lines = self.query()?.values.len();
            Rows::Values(u64::try_from(lines).unwrap_or(u64::MAX))
        } else if self.eat_all(&["default", "values"]) {
            Rows::Values(1)
        } else {
            let parenthesis = self.eat("(");
            let query = self.query()?;
            if parenthesis {
                self.expect(")")?;
            }
            Rows::Query(Box::new(query))
        };
        let mut ignore_doubles = false;
        if self.eat_all(&["on", "conflict"]) {
            if self.eat("(") {
                self.close()?;
            }
            if !self.eat_all(&["do", "nothing"]) {
                return Err(self.unknown());
            }
            ignore_doubles = true;
        }
        let returning = self.eat("returning");
        if returning {
            let _ = self.eat("*") || self.list_until_end()?;
        }
        Ok(Statement::Insert { table, rows, ignore_doubles, returning })
    }

    fn list_until_end(&mut self) -> Result<bool, Fail> {
        self.expression()?;
        while self.eat(",") {
            self.expression()?;
        }
        Ok(true)
    }

    fn delete(&mut self) -> Result<Statement, Fail> {
        self.expect("from")?;
        let _ = self.eat("only");
        let table = self.qualified()?;
        let filter = if self.eat("where") { Some(self.expression()?) } else { None };
        Ok(Statement::Delete { table, filter })
    }

    fn copy(&mut self) -> Result<Statement, Fail> {
        let from = if self.eat("(") {
            let query = self.query()?;
            self.expect(")")?;
            Copied::Query(Box::new(query))
        } else {
            let name: Name = self.qualified()?;
            if self.eat("(") {
                self.close()?;
            }
            Copied::Table(name)
        };
        if self.eat_all(&["to", "stdout"]) && self.at_end() {
            return Ok(Statement::CopyOut { from });
        }
        match from {
            Copied::Table(table) if self.eat_all(&["from", "stdin"]) => {
                self.rest();
                Ok(Statement::CopyIn { table })
            }
            _ => Err(self.unknown()),
        }
    }
}
