//! Expressions, by the precedence of their operators.

use super::super::ast::{Binary, Call, Expr, Is, Type};
use super::super::lex::Kind;
use super::super::number::Numeric;
use super::super::value::{Interval, Value, parse_time};
use super::super::{Fail, SqlError};
use super::words::is_reserved;
use super::{OPERATORS, Parser};

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Result<Expr, Fail> {
        let mut left = self.conjunction()?;
        while self.eat("or") {
            let right = self.conjunction()?;
            left = self.binary(Binary::Or, left, right)?;
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Expr, Fail> {
        let mut left = self.negation()?;
        while self.eat("and") {
            let right = self.negation()?;
            left = self.binary(Binary::And, left, right)?;
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Expr, Fail> {
        if self.eat("not") {
            return Ok(Expr::Not(Box::new(self.nested(Self::negation)?)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr, Fail> {
        let mut left = self.joined()?;
        loop {
            let operator = match self.peek() {
                Some(Kind::Mark("=")) => Binary::Equal,
                Some(Kind::Mark("<>" | "!=")) => Binary::Unequal,
                Some(Kind::Mark("<=")) => Binary::LessOrEqual,
                Some(Kind::Mark(">=")) => Binary::GreaterOrEqual,
                Some(Kind::Mark("<")) => Binary::Less,
                Some(Kind::Mark(">")) => Binary::Greater,
                Some(Kind::Word(_)) => match self.predicate(left)? {
                    Ok(predicate) => {
                        self.operator()?;
                        left = predicate;
                        continue;
                    }
                    Err(left) => return Ok(left),
                },
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.joined()?;
            left = self.binary(operator, left, right)?;
        }
    }

    /// `is null`, `in (…)`, `between … and …`, `like …`; gives the left side back if nothing of these follows.
    fn predicate(&mut self, left: Expr) -> Result<Result<Expr, Expr>, Fail> {
        if self.eat("is") {
            let turned = self.eat("not");
            let is = match () {
                () if self.eat("null") => Is::Null,
                () if self.eat("true") => Is::True,
                () if self.eat("false") => Is::False,
                () => return Err(self.unknown()),
            };
            return Ok(Ok(Expr::Is(Box::new(left), is, turned)));
        }
        let turned = self.is("not") && ["in", "between", "like", "ilike"].iter().any(|word| self.is_at(1, word));
        self.at += usize::from(turned);
        let turn = |expression: Expr| if turned { Expr::Not(Box::new(expression)) } else { expression };
        if self.eat("in") {
            self.expect("(")?;
            if self.is("select") || self.is("with") {
                let query = self.query()?;
                self.expect(")")?;
                return Ok(Ok(Expr::InQuery(Box::new(left), Box::new(query), turned)));
            }
            let list = self.list(")")?;
            return Ok(Ok(Expr::In(Box::new(left), list, turned)));
        }
        if self.eat("between") {
            let low = self.joined()?;
            self.expect("and")?;
            let high = self.joined()?;
            return Ok(Ok(turn(Expr::Between(Box::new(left), Box::new(low), Box::new(high)))));
        }
        for (word, any_case) in [("like", false), ("ilike", true)] {
            if self.eat(word) {
                let pattern = self.joined()?;
                return Ok(Ok(turn(Expr::Like(Box::new(left), Box::new(pattern), any_case))));
            }
        }
        Ok(Err(left))
    }

    fn joined(&mut self) -> Result<Expr, Fail> {
        let mut left = self.sum()?;
        while self.eat("||") {
            let right = self.sum()?;
            left = self.binary(Binary::Join, left, right)?;
        }
        Ok(left)
    }

    fn sum(&mut self) -> Result<Expr, Fail> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Some(Kind::Mark("+")) => Binary::Plus,
                Some(Kind::Mark("-")) => Binary::Minus,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.product()?;
            left = self.binary(operator, left, right)?;
        }
    }

    /// Counts one more.
    fn operator(&mut self) -> Result<(), Fail> {
        self.operators += 1;
        if self.operators > OPERATORS { Err(Fail::unknown("so many operators")) } else { Ok(()) }
    }

    fn binary(&mut self, operator: Binary, left: Expr, right: Expr) -> Result<Expr, Fail> {
        self.operator()?;
        Ok(Expr::Binary(operator, Box::new(left), Box::new(right)))
    }

    fn product(&mut self) -> Result<Expr, Fail> {
        let mut left = self.sign()?;
        loop {
            let operator = match self.peek() {
                Some(Kind::Mark("*")) => Binary::Times,
                Some(Kind::Mark("/")) => Binary::Over,
                Some(Kind::Mark("%")) => Binary::Modulo,
                _ => return Ok(left),
            };
            self.at += 1;
            let right = self.sign()?;
            left = self.binary(operator, left, right)?;
        }
    }

    fn sign(&mut self) -> Result<Expr, Fail> {
        if self.eat("-") {
            return Ok(Expr::Negate(Box::new(self.nested(Self::sign)?)));
        }
        if self.eat("+") {
            return self.nested(Self::sign);
        }
        let mut expression = self.nested(Self::primary)?;
        while self.eat("::") {
            self.operator()?;
            expression = Expr::Cast(Box::new(expression), self.type_name()?);
        }
        Ok(expression)
    }

    fn type_name(&mut self) -> Result<Type, Fail> {
        let name = self.name()?;
        let named = match name.as_str() {
            "int" | "integer" | "bigint" | "smallint" | "int4" | "int8" | "int2" => Type::Int,
            "numeric" | "decimal" => Type::Numeric,
            "text" | "varchar" | "name" => Type::Text,
            "bool" | "boolean" => Type::Bool,
            "interval" => Type::Interval,
            "json" => Type::Json,
            "pg_lsn" => Type::Lsn,
            "timestamptz" => Type::Time,
            "timestamp" if self.eat_all(&["with", "time", "zone"]) => Type::Time,
            _ => return Err(self.unknown()),
        };
        Ok(named)
    }

    fn primary(&mut self) -> Result<Expr, Fail> {
        let at = self.place();
        match self.peek().cloned() {
            Some(Kind::Number(text)) => {
                self.at += 1;
                number(&text).ok_or_else(|| Fail::unknown(&format!("the number {text}")))
            }
            Some(Kind::Text(text)) => {
                self.at += 1;
                Ok(Expr::Value(Value::Text(text)))
            }
            Some(Kind::Mark("(")) => {
                self.at += 1;
                if self.is("select") || self.is("with") || self.is("values") {
                    let query = self.query()?;
                    self.expect(")")?;
                    return Ok(Expr::Scalar(Box::new(query)));
                }
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Some(Kind::Word(word)) => self.word(&word, at),
            Some(Kind::Quoted(name)) => {
                self.at += 1;
                self.column(name, at)
            }
            _ => Err(self.unknown()),
        }
    }

    /// An expression that begins with a word.
    fn word(&mut self, word: &str, at: usize) -> Result<Expr, Fail> {
        self.at += 1;
        match word {
            "null" => return Ok(Expr::Value(Value::Null)),
            "true" => return Ok(Expr::Value(Value::Bool(true))),
            "false" => return Ok(Expr::Value(Value::Bool(false))),
            "case" => return self.case(),
            "exists" => {
                self.expect("(")?;
                let query = self.query()?;
                self.expect(")")?;
                return Ok(Expr::Exists(Box::new(query)));
            }
            "extract" if self.eat("(") => {
                let field = self.name()?;
                self.expect("from")?;
                let of = self.expression()?;
                self.expect(")")?;
                return Ok(Expr::Extract(field, Box::new(of)));
            }
            "cast" if self.eat("(") => {
                let inner = self.expression()?;
                self.expect("as")?;
                let named = self.type_name()?;
                self.expect(")")?;
                return Ok(Expr::Cast(Box::new(inner), named));
            }
            "interval" | "timestamptz" | "timestamp" if !self.is("(") => {
                if let Some(literal) = self.typed(word, at)? {
                    return Ok(literal);
                }
            }
            "current_timestamp" | "current_user" | "session_user" | "current_catalog" | "current_schema" | "user"
                if !self.is("(") =>
            {
                return Ok(Expr::Call(call(word, at, Vec::new())));
            }
            _ => {}
        }
        if self.is("(") {
            return self.call(word, at).map(Expr::Call);
        }
        if is_reserved(word) {
            let error = SqlError::new(format!("syntax error at or near \"{}\"", &self.text[at..at + word.len()]));
            return Err(error.at(at).into());
        }
        self.column(word.to_owned(), at)
    }

    /// `interval '1 day'`, `timestamptz '2026-…'`; none: a column of that name.
    fn typed(&mut self, word: &str, at: usize) -> Result<Option<Expr>, Fail> {
        if word == "timestamp" && !self.eat_all(&["with", "time", "zone"]) {
            return if matches!(self.peek(), Some(Kind::Text(_))) { Err(self.unknown()) } else { Ok(None) };
        }
        let Some(Kind::Text(text)) = self.peek().cloned() else { return Ok(None) };
        self.at += 1;
        let (value, kind) = match word {
            "interval" => (Interval::parse(&text).map(Value::Interval), "interval"),
            _ => (parse_time(&text).map(Value::Time), "timestamp with time zone"),
        };
        match value {
            Some(value) => Ok(Some(Expr::Value(value))),
            None => Err(SqlError::new(format!("invalid input syntax for type {kind}: \"{text}\"")).at(at).into()),
        }
    }

    fn case(&mut self) -> Result<Expr, Fail> {
        let subject = if self.is("when") { None } else { Some(self.expression()?) };
        let mut arms = Vec::new();
        while self.eat("when") {
            let condition = self.expression()?;
            let condition = match &subject {
                Some(subject) => self.binary(Binary::Equal, subject.clone(), condition)?,
                None => condition,
            };
            self.expect("then")?;
            arms.push((condition, self.expression()?));
        }
        let otherwise = if self.eat("else") { Some(Box::new(self.expression()?)) } else { None };
        self.expect("end")?;
        Ok(Expr::Case(arms, otherwise))
    }

    /// A call; its name is read, its parenthesis is next.
    pub(super) fn call(&mut self, name: &str, at: usize) -> Result<Call, Fail> {
        self.expect("(")?;
        let mut call = call(name, at, Vec::new());
        call.distinct = self.eat("distinct");
        if self.eat("*") {
            call.star = true;
            self.expect(")")?;
        } else {
            call.arguments = self.list(")")?;
        }
        if self.eat("filter") {
            self.expect("(")?;
            self.expect("where")?;
            call.filter = Some(Box::new(self.expression()?));
            self.expect(")")?;
        }
        if self.is("over") || self.is("within") {
            return Err(self.unknown());
        }
        Ok(call)
    }

    /// Expressions up to a closing mark, which is read too.
    pub(super) fn list(&mut self, close: &str) -> Result<Vec<Expr>, Fail> {
        let mut list = Vec::new();
        if self.eat(close) {
            return Ok(list);
        }
        loop {
            list.push(self.expression()?);
            if self.eat(",") {
                continue;
            }
            self.expect(close)?;
            return Ok(list);
        }
    }

    /// A column, its first part being read; with a parenthesis behind it a function of a schema.
    fn column(&mut self, first: String, at: usize) -> Result<Expr, Fail> {
        let mut parts = vec![first];
        while self.is(".") && !self.is_at(1, "*") {
            self.at += 1;
            parts.push(self.name()?);
        }
        if self.is("(") {
            let name = parts.pop().unwrap_or_default();
            return self.call(&name, at).map(Expr::Call);
        }
        let name = parts.pop().unwrap_or_default();
        match parts.len() {
            0 => Ok(Expr::Column { table: None, name, at }),
            1 => Ok(Expr::Column { table: parts.pop(), name, at }),
            _ => Err(self.unknown()),
        }
    }
}

fn call(name: &str, at: usize, arguments: Vec<Expr>) -> Call {
    Call { name: name.to_owned(), at, arguments, star: false, distinct: false, filter: None }
}

fn number(text: &str) -> Option<Expr> {
    let value = match text.parse() {
        Ok(number) => Value::Int(number),
        Err(_) => Value::Numeric(Numeric::parse(text)?),
    };
    Some(Expr::Value(value))
}
