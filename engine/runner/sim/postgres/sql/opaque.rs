//! Queries over the system's own tables: this world knows how many rows they have, and that the rows of sound data belong together. What
//! follows from that is answered, everything else is not simulated.

use super::super::super::blob::AsOf;
use super::super::server::BAD_PAGE;
use super::super::session::Session;
use super::ast::{Binary, Call, Expr, Is, Item, Join, Query};
use super::eval::{Evaluator, Scope};
use super::query::{Content, Output, Relation, cut, frames};
use super::value::Value;
use super::{Fail, SqlError, aggregate};

/// Which rows of a table a condition keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    All,
    None,
    /// Those that have lost what they belong to: none in sound data.
    Orphans,
}

pub fn run(
    session: &mut Session<'_>,
    query: &Query,
    relations: &[Relation],
    outer: &Scope<'_>,
) -> Result<Output, Fail> {
    if !query.group.is_empty() || query.distinct || query.having.is_some() {
        return Err(Fail::Rows);
    }
    let rows = matching(session, query, relations, outer)?;
    if aggregate::is_in_query(query) {
        return aggregated(session, query, relations, rows, outer);
    }
    // Rows of what does not come from the table: `select 1 from t limit 1`.
    let mut row = Vec::new();
    let mut columns = Vec::new();
    for item in &query.items {
        let Item::One(expression, name) = item else { return Err(Fail::Rows) };
        let frames = frames(relations, None::<&Vec<Vec<Value>>>);
        let scope = Scope { frames: &frames, outer: Some(outer) };
        row.push(Evaluator { session: &mut *session }.value(expression, &scope)?);
        columns.push(name.clone());
    }
    let limited = query.limit.is_some();
    let number = usize::try_from(rows.min(if limited { 1_000 } else { 100_000 })).unwrap_or(0);
    if rows > 1_000 && !limited {
        return Err(Fail::Rows);
    }
    let mut rows = vec![row; number];
    cut(session, query, outer, &mut rows)?;
    Ok(Output { columns, rows })
}

/// True when a query has rows.
pub fn exists(
    session: &mut Session<'_>,
    query: &Query,
    relations: &[Relation],
    outer: &Scope<'_>,
) -> Result<bool, Fail> {
    Ok(matching(session, query, relations, outer)? > 0)
}

/// How many rows the sources give together, after the conditions.
fn matching(session: &mut Session<'_>, query: &Query, relations: &[Relation], outer: &Scope<'_>) -> Result<u64, Fail> {
    for relation in relations {
        read(session, relation)?;
    }
    let Some(Content::Counted(_, first)) = relations.first().map(|relation| &relation.content) else {
        return Err(Fail::Rows);
    };
    // A row that belongs to another finds just that one.
    let joins = query.from.iter().skip(1).zip(relations.iter().skip(1));
    let mut rows = *first;
    for (source, relation) in joins {
        let Content::Counted(_, other) = relation.content else { return Err(Fail::Rows) };
        match (source.join, &source.on) {
            (Join::Left, _) => {}
            (Join::Inner, Some(on)) if is_relation(on) => rows = if other == 0 { 0 } else { rows },
            _ => return Err(Fail::Rows),
        }
    }
    let Some(filter) = &query.filter else { return Ok(rows) };
    Ok(match share(session, filter, relations, query, outer)? {
        Share::All => rows,
        Share::Orphans if session.cluster().damaged && session.is_home() => rows.div_ceil(50),
        Share::None | Share::Orphans => 0,
    })
}

/// Reads a table to its end.
fn read(session: &Session<'_>, relation: &Relation) -> Result<(), Fail> {
    let Content::Counted(name, _) = &relation.content else { return Ok(()) };
    match session.table(name) {
        Some(table) if table.damaged => Err(SqlError::new(BAD_PAGE).into()),
        _ => Ok(()),
    }
}

/// One column of a table beside one of another.
fn is_relation(on: &Expr) -> bool {
    match on {
        Expr::Binary(Binary::Equal, left, right) => {
            let named = |side: &Expr| match side {
                Expr::Column { table, .. } => table.clone(),
                _ => None,
            };
            named(left).zip(named(right)).is_some_and(|(left, right)| left != right)
        }
        _ => false,
    }
}

fn share(
    session: &mut Session<'_>,
    filter: &Expr,
    relations: &[Relation],
    query: &Query,
    outer: &Scope<'_>,
) -> Result<Share, Fail> {
    let frames = frames(relations, None::<&Vec<Vec<Value>>>);
    let scope = Scope { frames: &frames, outer: Some(outer) };
    // What does not depend on the rows keeps all or none.
    match (Evaluator { session: &mut *session }).truth(filter, &scope) {
        Ok(Some(true)) => return Ok(Share::All),
        Ok(_) => return Ok(Share::None),
        Err(Fail::Rows) => {}
        Err(fail) => return Err(fail),
    }
    match filter {
        Expr::Binary(Binary::And, left, right) => {
            let left = share(session, left, relations, query, outer)?;
            let right = share(session, right, relations, query, outer)?;
            Ok(match (left, right) {
                (Share::None, _) | (_, Share::None) => Share::None,
                (Share::All, other) | (other, Share::All) => other,
                _ => Share::Orphans,
            })
        }
        // `exists (select 1 from users u where u.id = m.user_id)`
        Expr::Exists(inner) => {
            belongs(session, inner, outer).map(|belongs| if belongs { Share::All } else { Share::None })
        }
        Expr::Not(negated) => match &**negated {
            Expr::Exists(inner) => {
                belongs(session, inner, outer).map(|belongs| if belongs { Share::Orphans } else { Share::All })
            }
            _ => Err(Fail::Rows),
        },
        Expr::InQuery(inner, query, turned) if matches!(**inner, Expr::Column { .. }) => {
            let belongs = belongs(session, query, outer)?;
            Ok(match (belongs, turned) {
                (true, true) => Share::Orphans,
                (true, false) | (false, true) => Share::All,
                (false, false) => Share::None,
            })
        }
        // `left join users u on u.id = m.user_id where u.id is null`
        Expr::Is(inner, Is::Null, turned) => {
            let Expr::Column { table: Some(table), .. } = &**inner else { return Err(Fail::Rows) };
            let joined = query.from.iter().any(|source| {
                source.alias == *table && source.join == Join::Left && source.on.as_ref().is_some_and(is_relation)
            });
            match (joined, turned) {
                (true, false) => Ok(Share::Orphans),
                (true, true) => Ok(Share::All),
                (false, _) => Err(Fail::Rows),
            }
        }
        Expr::Binary(operator, left, right) => moment(session, *operator, left, right, &scope),
        _ => Err(Fail::Rows),
    }
}

/// A row of an inner table that the outer row belongs to: there is one, unless that table is empty.
fn belongs(session: &mut Session<'_>, inner: &Query, outer: &Scope<'_>) -> Result<bool, Fail> {
    let [source] = inner.from.as_slice() else { return Err(Fail::Rows) };
    let super::ast::What::Table(name) = &source.what else { return Err(Fail::Rows) };
    if inner.filter.as_ref().is_some_and(|filter| !is_relation(filter) && !is_constant(session, filter, outer)) {
        return Err(Fail::Rows);
    }
    let table = session.table_named(name)?;
    if table.damaged {
        return Err(SqlError::new(BAD_PAGE).into());
    }
    Ok(table.rows > 0)
}

fn is_constant(session: &mut Session<'_>, filter: &Expr, outer: &Scope<'_>) -> bool {
    matches!((Evaluator { session }).truth(filter, outer), Ok(Some(true)))
}

/// A column beside a moment: nothing was written after the content's age, nor after now.
fn moment(
    session: &mut Session<'_>,
    operator: Binary,
    left: &Expr,
    right: &Expr,
    scope: &Scope<'_>,
) -> Result<Share, Fail> {
    let newest = newest(session);
    let mut evaluator = Evaluator { session };
    // The moment on the right.
    let (moment, operator) = match (left, right) {
        (Expr::Column { .. }, moment) => (moment, operator),
        (moment, Expr::Column { .. }) => (moment, turned(operator)),
        _ => return Err(Fail::Rows),
    };
    let after = match operator {
        Binary::Greater | Binary::GreaterOrEqual => true,
        Binary::Less | Binary::LessOrEqual => false,
        _ => return Err(Fail::Rows),
    };
    match evaluator.value(moment, scope)? {
        Value::Time(moment) if moment >= newest => Ok(if after { Share::None } else { Share::All }),
        _ => Err(Fail::Rows),
    }
}

/// The operator that says the same with its sides exchanged.
const fn turned(operator: Binary) -> Binary {
    match operator {
        Binary::Greater => Binary::Less,
        Binary::GreaterOrEqual => Binary::LessOrEqual,
        Binary::Less => Binary::Greater,
        Binary::LessOrEqual => Binary::GreaterOrEqual,
        other => other,
    }
}

/// The moment of the last row.
fn newest(session: &Session<'_>) -> chrono::DateTime<chrono::Utc> {
    match session.cluster().as_of {
        AsOf::At(moment) => moment.min(session.began),
        AsOf::Present => session.began,
    }
}

fn aggregated(
    session: &mut Session<'_>,
    query: &Query,
    relations: &[Relation],
    rows: u64,
    outer: &Scope<'_>,
) -> Result<Output, Fail> {
    let mut output = Output::default();
    let mut line = Vec::new();
    for item in &query.items {
        let Item::One(expression, name) = item else { return Err(Fail::Rows) };
        let newest = newest(session);
        let folded =
            aggregate::replace(expression, &mut |call| one(session, call, relations, query, rows, newest, outer))?;
        let frames = frames(relations, None::<&Vec<Vec<Value>>>);
        let scope = Scope { frames: &frames, outer: Some(outer) };
        line.push(Evaluator { session: &mut *session }.value(&folded, &scope)?);
        output.columns.push(name.clone());
    }
    output.rows.push(line);
    Ok(output)
}

fn one(
    session: &mut Session<'_>,
    call: &Call,
    relations: &[Relation],
    query: &Query,
    rows: u64,
    newest: chrono::DateTime<chrono::Utc>,
    outer: &Scope<'_>,
) -> Result<Value, Fail> {
    let kept = match &call.filter {
        None => rows,
        Some(filter) => match share(session, filter, relations, query, outer)? {
            Share::All => rows,
            Share::None => 0,
            Share::Orphans => return Err(Fail::Rows),
        },
    };
    match (call.name.as_str(), call.arguments.as_slice()) {
        ("count", []) if call.star => Ok(Value::count(kept)),
        // A key is in every row, and in each once.
        ("count", [Expr::Column { name, .. }]) if name == "id" || !call.distinct && name.ends_with("_id") => {
            Ok(Value::count(kept))
        }
        ("count", [Expr::Value(value)]) if !value.is_null() && !call.distinct => Ok(Value::count(kept)),
        ("max", [Expr::Column { name, .. }]) if is_moment(name) => {
            Ok(if kept == 0 { Value::Null } else { Value::Time(newest) })
        }
        ("max", [Expr::Column { name, .. }]) if name == "id" => {
            Ok(if kept == 0 { Value::Null } else { Value::count(kept) })
        }
        _ => Err(Fail::Rows),
    }
}

/// Columns that are called after the moment of their row.
fn is_moment(column: &str) -> bool {
    matches!(column, "ts" | "time" | "timestamp" | "created" | "updated" | "at") || column.ends_with("_at")
}
