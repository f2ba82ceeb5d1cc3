//! What statements do.

use super::super::super::world::Database;
use super::super::server::{self, BAD_PAGE};
use super::super::session::{Copy, Session, Transaction};
use super::super::settings;
use super::ast::{Copied, CreateTable, Item, Name, Query, Rows, Statement, What};
use super::eval::Scope;
use super::query::{self, Output};
use super::value::Value;
use super::{Fail, SqlError};

/// What a statement gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    Rows(Output),
    Tag(String),
    /// Rows of a table go out: so many, of this table.
    Out(String, u64),
    /// Rows that are known go out.
    Lines(Output),
    /// Rows for this table are to come.
    In(Name),
}

/// Carries out one statement.
///
/// # Errors
/// The server refuses it, or this world does not know.
pub fn execute(session: &mut Session<'_>, statement: &Statement) -> Result<Done, Fail> {
    session.began = session.world.now();
    session.returned = None;
    if session.transaction == Transaction::Failed && !matches!(statement, Statement::Commit | Statement::Rollback) {
        let message = "current transaction is aborted, commands ignored until end of transaction block";
        return Err(SqlError::new(message).into());
    }
    let done = one(session, statement)?;
    session.keep();
    Ok(done)
}

#[expect(clippy::unnecessary_wraps, reason = "the end of a statement")]
fn tag(text: impl Into<String>) -> Result<Done, Fail> {
    Ok(Done::Tag(text.into()))
}

fn one(session: &mut Session<'_>, statement: &Statement) -> Result<Done, Fail> {
    match statement {
        Statement::Query(query) => query::run(session, query, &Scope::NOTHING).map(Done::Rows),
        Statement::With(name, change, query) => {
            let Done::Tag(changed) = one(session, change)? else { return Err(Fail::unknown("such a `with`")) };
            let rows = changed.rsplit(' ').next().and_then(|rows| rows.parse().ok()).unwrap_or(0);
            session.returned = Some((name.clone(), rows));
            let output = query::run(session, query, &Scope::NOTHING);
            session.returned = None;
            output.map(Done::Rows)
        }
        Statement::Show(name) => match settings::of(session, &name.text)? {
            Some(value) => {
                Ok(Done::Rows(Output { columns: vec![name.text.clone()], rows: vec![vec![Value::Text(value)]] }))
            }
            None => Err(settings::unrecognized(&name.text).into()),
        },
        Statement::Set(name, value) => set(session, name, value.as_deref()),
        Statement::AlterSystem(name, value) => alter_system(session, name.as_ref(), value.as_deref()),
        Statement::CreateDatabase { name, template } => create_database(session, name, template.as_deref()),
        Statement::DropDatabase { name, if_exists, force } => drop_database(session, name, *if_exists, *force),
        Statement::RenameDatabase { from, to } => rename_database(session, from, to),
        Statement::CreateTable(table) => create_table(session, table),
        Statement::DropTable { names, if_exists } => drop_tables(session, names, *if_exists),
        Statement::RenameTable { from, to } => {
            session.writes("ALTER TABLE")?;
            let table = session.table_named(from)?;
            session.drop_table(&from.text);
            session.set_rows(to, table.rows);
            tag("ALTER TABLE")
        }
        Statement::Truncate(names) => {
            session.writes("TRUNCATE TABLE")?;
            for name in names {
                session.table_named(name)?;
                session.set_rows(&name.text, 0);
            }
            tag("TRUNCATE TABLE")
        }
        Statement::Insert { table, rows, ignore_doubles, returning: _ } => {
            insert(session, table, rows, *ignore_doubles)
        }
        Statement::Delete { table, filter } => delete(session, table, filter.as_ref()),
        Statement::CopyOut { from } => copy_out(session, from),
        Statement::CopyIn { table } => {
            session.table_named(table)?;
            if !session.temporary.contains_key(&table.text) {
                session.writes("COPY FROM")?;
            }
            Ok(Done::In(table.clone()))
        }
        Statement::Begin => {
            if session.transaction == Transaction::None {
                session.begin();
            } else {
                session.notices.push("WARNING:  there is already a transaction in progress".to_owned());
            }
            tag("BEGIN")
        }
        Statement::Commit | Statement::Rollback => {
            if session.transaction == Transaction::None {
                session.notices.push("WARNING:  there is no transaction in progress".to_owned());
            }
            let keep = *statement == Statement::Commit;
            let was_open = session.transaction != Transaction::None;
            let kept = session.end(keep);
            tag(if keep && (kept || !was_open) { "COMMIT" } else { "ROLLBACK" })
        }
        Statement::Tag { table, tag: text, writes } => {
            if *writes && *text != "ANALYZE" {
                session.writes(text)?;
            }
            if *text == "VACUUM" {
                outside(session, text)?;
            }
            if let Some(table) = table {
                session.table_named(table)?;
            }
            tag(*text)
        }
    }
}

/// Refuses what cannot be undone inside a transaction.
fn outside(session: &Session<'_>, what: &str) -> Result<(), Fail> {
    match session.transaction {
        Transaction::None => Ok(()),
        Transaction::Open | Transaction::Failed => {
            Err(SqlError::new(format!("{what} cannot run inside a transaction block")).into())
        }
    }
}

fn set(session: &mut Session<'_>, name: &Name, value: Option<&str>) -> Result<Done, Fail> {
    let key = name.text.to_ascii_lowercase();
    let reset_all = key == "all" && value.is_none();
    if !reset_all && !settings::exists(&key) {
        return Err(settings::unrecognized(&name.text).into());
    }
    match value {
        Some(value) => drop(session.settings.insert(key, value.to_owned())),
        None if reset_all => session.settings.clear(),
        None => drop(session.settings.remove(&key)),
    }
    tag(if value.is_some() { "SET" } else { "RESET" })
}

fn alter_system(session: &mut Session<'_>, name: Option<&Name>, value: Option<&str>) -> Result<Done, Fail> {
    outside(session, "ALTER SYSTEM")?;
    let key = name.map(|name| name.text.to_ascii_lowercase());
    if let Some(key) = key.as_ref().filter(|key| !settings::exists(key)) {
        return Err(settings::unrecognized(key).into());
    }
    session.alter_system(key.as_deref(), value);
    tag("ALTER SYSTEM")
}

fn create_database(session: &mut Session<'_>, name: &Name, template: Option<&str>) -> Result<Done, Fail> {
    session.writes("CREATE DATABASE")?;
    outside(session, "CREATE DATABASE")?;
    let name = &name.text;
    let of = template.unwrap_or("template1");
    if session.cluster().databases.contains_key(name) || matches!(name.as_str(), "postgres" | "template0" | "template1")
    {
        return Err(SqlError::new(format!("database \"{name}\" already exists")).into());
    }
    let known = session.cluster().databases.get(of).cloned();
    let content = match known {
        Some(content) => content,
        None if matches!(of, "template0" | "template1" | "postgres") => Database::empty(),
        None => return Err(SqlError::new(format!("template database \"{of}\" does not exist")).into()),
    };
    session.world.take(std::time::Duration::from_millis(90));
    session.change().databases.insert_mut(name.clone(), content);
    tag("CREATE DATABASE")
}

fn drop_database(session: &mut Session<'_>, name: &Name, if_exists: bool, force: bool) -> Result<Done, Fail> {
    session.writes("DROP DATABASE")?;
    outside(session, "DROP DATABASE")?;
    let name = &name.text;
    if !session.cluster().databases.contains_key(name) {
        if !if_exists {
            return Err(SqlError::new(format!("database \"{name}\" does not exist")).into());
        }
        session.notices.push(format!("NOTICE:  database \"{name}\" does not exist, skipping"));
        return tag("DROP DATABASE");
    }
    if *name == session.database {
        return Err(SqlError::new("cannot drop the currently open database").into());
    }
    let home = server::home(session.world, session.cluster()) == *name && session.cluster().data.is_some();
    let others = if home { clients(session) } else { 0 };
    if others > 0 && !force {
        let detail = match others {
            1 => "There is 1 other session using the database.".to_owned(),
            others => format!("There are {others} other sessions using the database."),
        };
        return Err(SqlError::new(format!("database \"{name}\" is being accessed by other users"))
            .detail(detail)
            .into());
    }
    let cluster = session.change();
    cluster.databases.remove_mut(name);
    if home {
        // What the system had is not there any more.
        cluster.data = None;
        cluster.damaged = false;
    }
    tag("DROP DATABASE")
}

/// Services that run and need this server's: each holds a connection.
fn clients(session: &Session<'_>) -> usize {
    let world = &*session.world;
    let service = session.place().and_then(|place| world.container_in(&place)?.service.clone());
    let Some(service) = service else { return 0 };
    let needing = world.system.services.iter().filter(|other| other.needs.contains(&service));
    needing
        .filter(|other| {
            let container = world.container_of(other);
            container.is_some_and(|(_, container)| container.runs(world.now()))
        })
        .count()
}

fn rename_database(session: &mut Session<'_>, from: &Name, to: &str) -> Result<Done, Fail> {
    session.writes("ALTER DATABASE")?;
    let from = &from.text;
    if *from == session.database {
        return Err(SqlError::new("current database cannot be renamed").into());
    }
    let Some(content) = session.cluster().databases.get(from).cloned() else {
        return Err(SqlError::new(format!("database \"{from}\" does not exist")).into());
    };
    if session.cluster().databases.contains_key(to) {
        return Err(SqlError::new(format!("database \"{to}\" already exists")).into());
    }
    let cluster = session.change();
    cluster.databases.remove_mut(from);
    cluster.databases.insert_mut(to.to_owned(), content);
    tag("ALTER DATABASE")
}

fn create_table(session: &mut Session<'_>, table: &CreateTable) -> Result<Done, Fail> {
    let name = &table.name.text;
    if !table.temporary {
        session.writes("CREATE TABLE")?;
    }
    let listed = session.tables().iter().any(|(known, _)| known == super::super::session::short(name));
    if listed || session.temporary.contains_key(name) {
        if table.if_not_exists {
            session.notices.push(format!("NOTICE:  relation \"{name}\" already exists, skipping"));
            return tag("CREATE TABLE");
        }
        return Err(SqlError::new(format!("relation \"{name}\" already exists")).into());
    }
    if let Some(like) = &table.like {
        session.table_named(like)?;
    }
    let rows = match &table.query {
        Some(query) => rows_of(session, query)?,
        None => 0,
    };
    if table.temporary {
        session.temporary.insert(name.clone(), Copy { rows, of: None });
    } else {
        session.set_rows(name, rows);
    }
    tag(if table.query.is_some() { format!("SELECT {rows}") } else { "CREATE TABLE".to_owned() })
}

fn drop_tables(session: &mut Session<'_>, names: &[Name], if_exists: bool) -> Result<Done, Fail> {
    if names.iter().any(|name| !session.temporary.contains_key(&name.text)) {
        session.writes("DROP TABLE")?;
    }
    for name in names {
        if session.table(&name.text).is_some() {
            session.drop_table(&name.text);
        } else if if_exists {
            session.notices.push(format!("NOTICE:  table \"{}\" does not exist, skipping", name.text));
        } else {
            return Err(SqlError::new(format!("table \"{}\" does not exist", name.text)).into());
        }
    }
    tag("DROP TABLE")
}

/// The table that a query gives as it is.
fn plain(query: &Query) -> Option<&Name> {
    let simple = matches!(query.items.as_slice(), [Item::All(None)])
        && query.filter.is_none()
        && query.limit.is_none()
        && query.group.is_empty()
        && query.unions.is_empty();
    match query.from.as_slice() {
        [source] if simple => match &source.what {
            What::Table(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// How many rows a query gives.
fn rows_of(session: &mut Session<'_>, query: &Query) -> Result<u64, Fail> {
    if let Some(name) = plain(query).filter(|name| session.table(&name.text).is_some()) {
        let table = session.table_named(name)?;
        if table.damaged {
            return Err(SqlError::new(BAD_PAGE).into());
        }
        return Ok(table.rows);
    }
    let output = query::run(session, query, &Scope::NOTHING)?;
    Ok(output.rows.len() as u64)
}

fn insert(session: &mut Session<'_>, name: &Name, rows: &Rows, ignore_doubles: bool) -> Result<Done, Fail> {
    let temporary = session.temporary.contains_key(&name.text);
    if !temporary {
        session.writes("INSERT")?;
    }
    let table = session.table_named(name)?;
    let short = super::super::session::short(&name.text).to_owned();
    let (added, heals) = match rows {
        Rows::Values(lines) => (*lines, false),
        Rows::Query(query) => {
            let given = rows_of(session, query)?;
            let copied = plain(query).and_then(|source| session.temporary.get(&source.text)?.of.clone());
            // Rows that another server had of the same table: those that are there already have the same keys.
            let same = copied.is_some_and(|of| of == short);
            if same && !ignore_doubles && table.rows > 0 && given > 0 {
                let message = format!("duplicate key value violates unique constraint \"{short}_pkey\"");
                return Err(SqlError::new(message).into());
            }
            match (same, table.damaged) {
                (true, true) => (given.div_ceil(50), true),
                (true, false) => (given.saturating_sub(table.rows), false),
                (false, _) => (given, false),
            }
        }
    };
    let all = if heals { table.rows } else { table.rows.saturating_add(added) };
    session.set_rows(&name.text, all);
    if heals {
        // What was missing in the damaged table has come back.
        session.change().damaged = false;
    }
    tag(format!("INSERT 0 {added}"))
}

fn delete(session: &mut Session<'_>, name: &Name, filter: Option<&super::ast::Expr>) -> Result<Done, Fail> {
    session.writes("DELETE")?;
    let table = session.table_named(name)?;
    let deleted = match filter {
        None => table.rows,
        Some(filter) => {
            let count = super::ast::Call {
                name: "count".to_owned(),
                at: 0,
                arguments: Vec::new(),
                star: true,
                distinct: false,
                filter: None,
            };
            let source = super::ast::Source {
                what: What::Table(name.clone()),
                alias: name.text.clone(),
                columns: Vec::new(),
                join: super::ast::Join::Cross,
                on: None,
            };
            let query = Query {
                items: vec![Item::One(super::ast::Expr::Call(count), "count".to_owned())],
                from: vec![source],
                filter: Some(filter.clone()),
                ..Query::default()
            };
            let output = query::run(session, &query, &Scope::NOTHING)?;
            match output.rows.first().and_then(|row| row.first()) {
                Some(Value::Int(number)) => u64::try_from(*number).unwrap_or(0),
                _ => 0,
            }
        }
    };
    session.set_rows(&name.text, table.rows.saturating_sub(deleted));
    tag(format!("DELETE {deleted}"))
}

fn copy_out(session: &mut Session<'_>, from: &Copied) -> Result<Done, Fail> {
    match from {
        Copied::Table(name) => {
            // The server does not say where the name stands.
            let missing = || SqlError::new(format!("relation \"{}\" does not exist", name.text));
            let table = session.table(&name.text).ok_or_else(missing)?;
            if table.damaged {
                return Err(SqlError::new(BAD_PAGE).into());
            }
            Ok(Done::Out(super::super::session::short(&name.text).to_owned(), table.rows))
        }
        Copied::Query(query) => query::run(session, query, &Scope::NOTHING).map(Done::Lines),
    }
}

/// Rows have come for a table.
pub fn copied_in(session: &mut Session<'_>, name: &Name, rows: u64, of: Option<String>) -> Result<Done, Fail> {
    let table = session.table_named(name)?;
    session.set_rows(&name.text, table.rows.saturating_add(rows));
    if let Some(copy) = session.temporary.get_mut(&name.text) {
        copy.of = of;
    }
    session.keep();
    tag(format!("COPY {rows}"))
}
