//! Queries over rows that this world knows: catalogs, values, what functions return. What is over tables whose rows are only counted is
//! in [`super::opaque`].

use std::cmp::Ordering;

use super::super::session::Session;
use super::ast::{Expr, Item, Join, Query, Source, What};
use super::eval::{Evaluator, Frame, Scope};
use super::value::Value;
use super::{Fail, SqlError, aggregate, catalog, functions, opaque, operators};

/// What a query gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
}

/// One source with its rows.
#[derive(Clone, Debug)]
pub struct Relation {
    pub alias: String,
    pub columns: Vec<String>,
    pub content: Content,
    /// It has columns that this world does not know.
    pub partial: bool,
}

/// The rows of a source.
#[derive(Clone, Debug)]
pub enum Content {
    Rows(Vec<Vec<Value>>),
    /// So many, of a table of this name; what is in them nobody knows.
    Counted(String, u64),
}

/// Rows that a join may have: more is nothing that catalogs have.
const MOST: usize = 50_000;

pub fn run(session: &mut Session<'_>, query: &Query, outer: &Scope<'_>) -> Result<Output, Fail> {
    let mut output = core(session, query, outer)?;
    for (union, keep) in &query.unions {
        let next = core(session, union, outer)?;
        if next.columns.len() != output.columns.len() {
            return Err(SqlError::new("each UNION query must have the same number of columns").into());
        }
        output.rows.extend(next.rows);
        if !keep {
            distinct(&mut output.rows);
        }
    }
    if !query.unions.is_empty() && !query.order.is_empty() {
        sort_by_output(&mut output, &query.order)?;
    }
    cut(session, query, outer, &mut output.rows)?;
    Ok(output)
}

/// True when a query has rows.
pub fn exists(session: &mut Session<'_>, query: &Query, outer: &Scope<'_>) -> Result<bool, Fail> {
    let relations = relations(session, query, outer)?;
    if relations.iter().any(|relation| matches!(relation.content, Content::Counted(..))) {
        return opaque::exists(session, query, &relations, outer);
    }
    Ok(!run(session, query, outer)?.rows.is_empty())
}

fn core(session: &mut Session<'_>, query: &Query, outer: &Scope<'_>) -> Result<Output, Fail> {
    if !query.values.is_empty() {
        let mut evaluator = Evaluator { session };
        let row = |line: &Vec<Expr>, evaluator: &mut Evaluator<'_, '_>| {
            line.iter().map(|expression| evaluator.value(expression, outer)).collect::<Result<Vec<_>, _>>()
        };
        let rows = query.values.iter().map(|line| row(line, &mut evaluator)).collect::<Result<Vec<_>, Fail>>()?;
        let columns = (1..=query.values[0].len()).map(|n| format!("column{n}")).collect();
        return Ok(Output { columns, rows });
    }
    let relations = relations(session, query, outer)?;
    if relations.iter().any(|relation| matches!(relation.content, Content::Counted(..))) {
        return opaque::run(session, query, &relations, outer);
    }
    let mut joined = join(session, query, &relations, outer)?;
    if let Some(filter) = &query.filter {
        joined = kept(session, filter, &relations, joined, outer)?;
    }
    let grouped = !query.group.is_empty() || aggregate::is_in_query(query);
    let mut found: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
    let columns = columns(query, &relations);
    if grouped {
        for group in aggregate::groups(session, query, &relations, joined, outer)? {
            let frames = frames(&relations, group.first());
            let scope = Scope { frames: &frames, outer: Some(outer) };
            let fold = |session: &mut Session<'_>, expression: &Expr| {
                let folded = aggregate::fold(session, expression, &relations, &group, outer)?;
                Evaluator { session }.value(&folded, &scope)
            };
            if let Some(having) = &query.having
                && fold(session, having)? != Value::Bool(true)
            {
                continue;
            }
            let mut row = Vec::new();
            for item in &query.items {
                match item {
                    Item::One(expression, _) => row.push(fold(session, expression)?),
                    Item::All(_) => return Err(Fail::unknown("* beside an aggregate")),
                }
            }
            let keys = query.order.iter().map(|(by, _)| match ordinal(by, &columns) {
                Some(n) => Ok(row.get(n).cloned().unwrap_or(Value::Null)),
                None => fold(session, by),
            });
            let keys = keys.collect::<Result<Vec<_>, Fail>>()?;
            found.push((keys, row));
        }
    } else {
        for joined in joined {
            found.push(project(session, query, &relations, &columns, &joined, outer)?);
        }
    }
    if query.unions.is_empty() && !query.order.is_empty() {
        sort(&mut found, &query.order)?;
    }
    let mut rows: Vec<Vec<Value>> = found.into_iter().map(|(_, row)| row).collect();
    if query.distinct {
        distinct(&mut rows);
    }
    Ok(Output { columns, rows })
}

/// One row of the output, and what it is sorted by.
fn project(
    session: &mut Session<'_>,
    query: &Query,
    relations: &[Relation],
    columns: &[String],
    joined: &[Vec<Value>],
    outer: &Scope<'_>,
) -> Result<(Vec<Value>, Vec<Value>), Fail> {
    let frames = frames(relations, Some(joined));
    let scope = Scope { frames: &frames, outer: Some(outer) };
    let mut evaluator = Evaluator { session };
    let mut row = Vec::new();
    for item in &query.items {
        match item {
            Item::One(expression, _) => row.push(evaluator.value(expression, &scope)?),
            Item::All(table) => {
                for (relation, values) in relations.iter().zip(joined) {
                    if table.as_ref().is_none_or(|table| *table == relation.alias) {
                        if relation.partial {
                            return Err(Fail::unknown(&format!("all columns of {}", relation.alias)));
                        }
                        row.extend(values.iter().cloned());
                    }
                }
            }
        }
    }
    let mut keys = Vec::new();
    if query.unions.is_empty() {
        for (by, _) in &query.order {
            keys.push(match ordinal(by, columns) {
                Some(n) => row.get(n).cloned().unwrap_or(Value::Null),
                None => evaluator.value(by, &scope)?,
            });
        }
    }
    Ok((keys, row))
}

/// The column of the output that `order by 2` or `order by name` means.
fn ordinal(by: &Expr, columns: &[String]) -> Option<usize> {
    match by {
        Expr::Value(Value::Int(number)) => usize::try_from(*number).ok()?.checked_sub(1),
        Expr::Column { table: None, name, .. } => columns.iter().position(|column| column == name),
        _ => None,
    }
}

fn sort(found: &mut [(Vec<Value>, Vec<Value>)], order: &[(Expr, bool)]) -> Result<(), Fail> {
    let mut failed = None;
    found.sort_by(|(left, _), (right, _)| {
        compare_all(left, right, order.iter().map(|(_, descending)| *descending)).unwrap_or_else(|fail| {
            failed = Some(fail);
            Ordering::Equal
        })
    });
    failed.map_or(Ok(()), Err)
}

fn sort_by_output(output: &mut Output, order: &[(Expr, bool)]) -> Result<(), Fail> {
    let mut keyed = Vec::new();
    for row in std::mem::take(&mut output.rows) {
        let key = order.iter().map(|(by, _)| {
            let n = ordinal(by, &output.columns).ok_or_else(|| Fail::unknown("order by of a union"))?;
            Ok(row.get(n).cloned().unwrap_or(Value::Null))
        });
        keyed.push((key.collect::<Result<Vec<_>, Fail>>()?, row));
    }
    sort(&mut keyed, order)?;
    output.rows = keyed.into_iter().map(|(_, row)| row).collect();
    Ok(())
}

/// Nulls are the greatest.
fn compare_all(left: &[Value], right: &[Value], descending: impl Iterator<Item = bool>) -> Result<Ordering, Fail> {
    for ((left, right), descending) in left.iter().zip(right).zip(descending) {
        let order = match (left.is_null(), right.is_null()) {
            (false, false) => operators::compare(left, right)?.unwrap_or(Ordering::Equal),
            (left, right) => left.cmp(&right),
        };
        let order = if descending { order.reverse() } else { order };
        if order != Ordering::Equal {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}

fn distinct(rows: &mut Vec<Vec<Value>>) {
    let mut seen: Vec<Vec<Value>> = Vec::new();
    rows.retain(|row| {
        let new = !seen.contains(row);
        if new {
            seen.push(row.clone());
        }
        new
    });
}

/// `limit` and `offset`.
pub fn cut(
    session: &mut Session<'_>,
    query: &Query,
    outer: &Scope<'_>,
    rows: &mut Vec<Vec<Value>>,
) -> Result<(), Fail> {
    let mut number = |expression: &Option<Expr>| match expression {
        None => Ok(None),
        Some(expression) => match (Evaluator { session: &mut *session }).value(expression, outer)? {
            Value::Int(number) => Ok(Some(usize::try_from(number).unwrap_or(0))),
            Value::Null => Ok(None),
            _ => Err(Fail::unknown("such a limit")),
        },
    };
    if let Some(skip) = number(&query.offset)? {
        rows.drain(..skip.min(rows.len()));
    }
    if let Some(most) = number(&query.limit)? {
        rows.truncate(most);
    }
    Ok(())
}

fn columns(query: &Query, relations: &[Relation]) -> Vec<String> {
    let mut columns = Vec::new();
    for item in &query.items {
        match item {
            Item::One(_, name) => columns.push(name.clone()),
            Item::All(table) => {
                let wanted =
                    relations.iter().filter(|relation| table.as_ref().is_none_or(|table| *table == relation.alias));
                columns.extend(wanted.flat_map(|relation| relation.columns.iter().cloned()));
            }
        }
    }
    columns
}

/// What an expression sees of one joined row; of none: nulls.
pub fn frames<'r>(
    relations: &'r [Relation],
    joined: Option<&'r (impl AsRef<[Vec<Value>]> + ?Sized)>,
) -> Vec<Frame<'r>> {
    let all = relations.iter().enumerate().map(|(n, relation)| {
        let row = joined.and_then(|joined| joined.as_ref().get(n)).map_or(&[] as &[Value], Vec::as_slice);
        let row = match relation.content {
            Content::Rows(_) => Some(row),
            Content::Counted(..) => None,
        };
        Frame { alias: &relation.alias, columns: &relation.columns, row, partial: relation.partial }
    });
    all.collect()
}

fn relations(session: &mut Session<'_>, query: &Query, outer: &Scope<'_>) -> Result<Vec<Relation>, Fail> {
    query.from.iter().map(|source| relation(session, source, outer)).collect()
}

fn relation(session: &mut Session<'_>, source: &Source, outer: &Scope<'_>) -> Result<Relation, Fail> {
    let (mut columns, content, partial) = match &source.what {
        What::Query(query) => {
            let output = run(session, query, outer)?;
            (output.columns, Content::Rows(output.rows), false)
        }
        What::Function(call) => {
            let output = functions::rows(session, call, outer)?;
            (output.columns, Content::Rows(output.rows), false)
        }
        What::Table(name) => {
            if let Some(known) = catalog::table(session, &name.text)? {
                (known.columns, Content::Rows(known.rows), known.partial)
            } else {
                let table = session.table_named(name)?;
                (Vec::new(), Content::Counted(name.text.clone(), table.rows), true)
            }
        }
    };
    for (column, name) in columns.iter_mut().zip(&source.columns) {
        column.clone_from(name);
    }
    // A function that returns one column is that column.
    if matches!(source.what, What::Function(_)) && source.columns.is_empty() && columns.len() == 1 {
        columns[0].clone_from(&source.alias);
    }
    Ok(Relation { alias: source.alias.clone(), columns, content, partial })
}

/// Each joined row has one row of every source.
type Joined = Vec<Vec<Vec<Value>>>;

fn join(session: &mut Session<'_>, query: &Query, relations: &[Relation], outer: &Scope<'_>) -> Result<Joined, Fail> {
    let mut joined: Joined = vec![Vec::new()];
    for (n, (source, relation)) in query.from.iter().zip(relations).enumerate() {
        let Content::Rows(rows) = &relation.content else { return Err(Fail::Rows) };
        let mut next: Joined = Vec::new();
        for before in &joined {
            let mut matched = false;
            for row in rows {
                let mut candidate = before.clone();
                candidate.push(row.clone());
                let fits = match &source.on {
                    None => true,
                    Some(on) => {
                        let frames = frames(&relations[..=n], Some(&candidate));
                        let scope = Scope { frames: &frames, outer: Some(outer) };
                        Evaluator { session }.truth(on, &scope)? == Some(true)
                    }
                };
                if fits {
                    matched = true;
                    next.push(candidate);
                }
            }
            if !matched && source.join == Join::Left {
                let mut candidate = before.clone();
                candidate.push(vec![Value::Null; relation.columns.len()]);
                next.push(candidate);
            }
            if next.len() > MOST {
                return Err(Fail::unknown("a join of so many rows"));
            }
        }
        joined = next;
    }
    Ok(joined)
}

fn kept(
    session: &mut Session<'_>,
    filter: &Expr,
    relations: &[Relation],
    joined: Joined,
    outer: &Scope<'_>,
) -> Result<Joined, Fail> {
    let mut kept = Joined::new();
    for row in joined {
        let frames = frames(relations, Some(&row));
        let scope = Scope { frames: &frames, outer: Some(outer) };
        if (Evaluator { session: &mut *session }).truth(filter, &scope)? == Some(true) {
            kept.push(row);
        }
    }
    Ok(kept)
}
