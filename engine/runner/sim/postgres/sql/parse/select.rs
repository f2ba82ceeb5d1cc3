//! Queries.

use super::super::Fail;
use super::super::ast::{Expr, Item, Join, Query, Source, What};
use super::super::lex::Kind;
use super::Parser;
use super::words::is_reserved;

impl Parser<'_> {
    /// A query with what may be appended to it.
    pub(super) fn query(&mut self) -> Result<Query, Fail> {
        self.nested(Self::whole_query)
    }

    fn whole_query(&mut self) -> Result<Query, Fail> {
        if self.is("with") {
            return Err(self.unknown());
        }
        let mut query = self.core()?;
        while self.eat("union") {
            let keep = self.eat("all");
            let next = self.core()?;
            query.unions.push((next, keep));
        }
        if self.is("intersect") || self.is("except") {
            return Err(self.unknown());
        }
        if self.eat_all(&["order", "by"]) {
            loop {
                let by = self.expression()?;
                let descending = self.eat("desc");
                let _ = descending || self.eat("asc");
                if self.is("nulls") || self.is("using") {
                    return Err(self.unknown());
                }
                query.order.push((by, descending));
                if !self.eat(",") {
                    break;
                }
            }
        }
        loop {
            if self.eat("limit") {
                query.limit = if self.eat("all") { None } else { Some(self.expression()?) };
            } else if self.eat("offset") {
                query.offset = Some(self.expression()?);
            } else {
                break;
            }
        }
        if self.is("for") || self.is("fetch") || self.is("window") {
            return Err(self.unknown());
        }
        Ok(query)
    }

    fn core(&mut self) -> Result<Query, Fail> {
        let mut query = Query::default();
        if self.eat("values") {
            loop {
                self.expect("(")?;
                query.values.push(self.list(")")?);
                if !self.eat(",") {
                    return Ok(query);
                }
            }
        }
        if self.eat("table") {
            let at = self.place();
            let name = self.qualified()?;
            query.items.push(Item::All(None));
            let alias = name.text.clone();
            let what = What::Table(super::super::ast::Name { at, ..name });
            query.from.push(Source { what, alias, columns: Vec::new(), join: Join::Cross, on: None });
            return Ok(query);
        }
        self.expect("select")?;
        query.distinct = self.eat("distinct");
        if self.is("on") && query.distinct {
            return Err(self.unknown());
        }
        let _ = self.eat("all");
        if !self.at_end() && !self.is("from") && !self.is("where") {
            loop {
                query.items.push(self.item()?);
                if !self.eat(",") {
                    break;
                }
            }
        }
        if self.is("into") {
            return Err(self.unknown());
        }
        if self.eat("from") {
            self.sources(&mut query)?;
        }
        if self.eat("where") {
            query.filter = Some(self.expression()?);
        }
        if self.eat_all(&["group", "by"]) {
            loop {
                query.group.push(self.expression()?);
                if !self.eat(",") {
                    break;
                }
            }
        }
        if self.eat("having") {
            query.having = Some(self.expression()?);
        }
        Ok(query)
    }

    fn item(&mut self) -> Result<Item, Fail> {
        if self.eat("*") {
            return Ok(Item::All(None));
        }
        if self.is_at(1, ".") && self.is_at(2, "*") {
            let table = self.name()?;
            self.at += 2;
            return Ok(Item::All(Some(table)));
        }
        let expression = self.expression()?;
        let named = if self.eat("as") { Some(self.name()?) } else { self.alias() };
        let name = named.unwrap_or_else(|| column_name(&expression));
        Ok(Item::One(expression, name))
    }

    /// A name that is no key word.
    fn alias(&mut self) -> Option<String> {
        let name = match self.peek() {
            Some(Kind::Word(word)) if !is_reserved(word) => word.clone(),
            Some(Kind::Quoted(name)) => name.clone(),
            _ => return None,
        };
        self.at += 1;
        Some(name)
    }

    fn sources(&mut self, query: &mut Query) -> Result<(), Fail> {
        let first = self.source(Join::Cross)?;
        query.from.push(first);
        loop {
            let join = match () {
                () if self.eat(",") || self.eat_all(&["cross", "join"]) => Join::Cross,
                () if self.eat("join") || self.eat_all(&["inner", "join"]) => Join::Inner,
                () if self.eat_all(&["left", "join"]) || self.eat_all(&["left", "outer", "join"]) => Join::Left,
                () if self.is("right") || self.is("full") || self.is("natural") => return Err(self.unknown()),
                () => return Ok(()),
            };
            let mut source = self.source(join)?;
            if join != Join::Cross {
                self.expect("on")?;
                source.on = Some(self.expression()?);
            }
            query.from.push(source);
        }
    }

    fn source(&mut self, join: Join) -> Result<Source, Fail> {
        let (what, default) = if self.eat("(") {
            let query = self.query()?;
            self.expect(")")?;
            (What::Query(Box::new(query)), String::new())
        } else {
            let name = self.qualified()?;
            let short = name.text.rsplit('.').next().unwrap_or(&name.text).to_owned();
            if self.is("(") { (What::Function(self.call(&short, name.at)?), short) } else { (What::Table(name), short) }
        };
        let named = if self.eat("as") { Some(self.name()?) } else { self.alias() };
        let mut columns = Vec::new();
        if named.is_some() && self.eat("(") {
            columns.push(self.name()?);
            while self.eat(",") {
                columns.push(self.name()?);
            }
            self.expect(")")?;
        }
        Ok(Source { what, alias: named.unwrap_or(default), columns, join, on: None })
    }
}

/// The name that the server gives to a column that has none.
fn column_name(expression: &Expr) -> String {
    match expression {
        Expr::Column { name, .. } => name.clone(),
        Expr::Call(call) => call.name.clone(),
        Expr::Extract(..) => "extract".to_owned(),
        Expr::Exists(_) => "exists".to_owned(),
        Expr::Case(..) => "case".to_owned(),
        Expr::Cast(inner, _) => column_name(inner),
        Expr::Scalar(query) => match query.items.first() {
            Some(Item::One(_, name)) => name.clone(),
            _ => "?column?".to_owned(),
        },
        _ => "?column?".to_owned(),
    }
}
