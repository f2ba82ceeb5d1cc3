//! Reads an `awk` program.

use super::Unsimulated;
use super::lex::{Token, tokens};
use super::syntax::{Expression, Rule, Statement, When};

/// What comes of reading; the text is what `awk` says.
#[derive(Debug)]
pub enum Wrong {
    Said(String),
    Unsimulated(Unsimulated),
}

type Read<T> = Result<T, Wrong>;

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u16,
    /// Inside the words of `print` a `>` would be a redirection.
    printing: bool,
}

const DEEPEST: u16 = 40;

const FUNCTIONS: [&str; 10] =
    ["length", "int", "substr", "index", "tolower", "toupper", "sub", "gsub", "sprintf", "split"];

/// Binary operators by how strongly they bind, the weakest first; concatenation comes behind them, then `+`.
const LEVELS: [&[&str]; 4] = [&["||"], &["&&"], &["~", "!~"], &["<=", ">=", "==", "!=", "<", ">"]];

/// Reads a program; the inner error is what `awk` says.
///
/// # Errors
/// Something that is not simulated.
pub fn program(text: &str) -> Result<Result<Vec<Rule>, String>, Unsimulated> {
    let tokens = match tokens(text)? {
        Ok(tokens) => tokens,
        Err(message) => return Ok(Err(message)),
    };
    let mut parser = Parser { tokens, at: 0, depth: 0, printing: false };
    match parser.rules() {
        Ok(rules) => Ok(Ok(rules)),
        Err(Wrong::Said(message)) => Ok(Err(message)),
        Err(Wrong::Unsimulated(what)) => Err(what),
    }
}

fn unsimulated<T>(what: &str) -> Read<T> {
    Err(Wrong::Unsimulated(Unsimulated(format!("`{what}` in `awk`"))))
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(found)) if *found == sign)
    }

    fn is_name(&self, name: &str) -> bool {
        matches!(self.peek(), Some(Token::Name(found, _)) if found == name)
    }

    fn eat(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn wrong<T>(&self) -> Read<T> {
        let near = match self.peek() {
            None => "end of file".to_owned(),
            Some(Token::Sign(sign)) => (*sign).to_owned(),
            Some(Token::Name(name, _)) => name.clone(),
            Some(other) => format!("{other:?}"),
        };
        Err(Wrong::Said(format!("syntax error at or near {near}")))
    }

    fn expect(&mut self, sign: &str) -> Read<()> {
        if self.eat(sign) { Ok(()) } else { self.wrong() }
    }

    fn skip(&mut self) {
        while matches!(self.peek(), Some(Token::Line)) || self.is(";") {
            self.at += 1;
        }
    }

    fn skip_lines(&mut self) {
        while matches!(self.peek(), Some(Token::Line)) {
            self.at += 1;
        }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return unsimulated("so many parentheses");
        }
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn rules(&mut self) -> Read<Vec<Rule>> {
        let mut rules = Vec::new();
        loop {
            self.skip();
            if self.peek().is_none() {
                return Ok(rules);
            }
            let when = if self.is("{") {
                When::Always
            } else if self.is_name("BEGIN") {
                self.at += 1;
                When::Begin
            } else if self.is_name("END") {
                self.at += 1;
                When::End
            } else if self.is_name("function") {
                return unsimulated("function");
            } else {
                let first = self.expression()?;
                if self.eat(",") { When::Range(first, self.expression()?) } else { When::Holds(first) }
            };
            let action = if self.is("{") { Some(self.block()?) } else { None };
            rules.push(Rule { when, action });
        }
    }

    fn block(&mut self) -> Read<Vec<Statement>> {
        self.expect("{")?;
        let mut found = Vec::new();
        loop {
            self.skip();
            if self.eat("}") {
                return Ok(found);
            }
            let statement = self.nested(Self::statement)?;
            found.push(statement);
            if !matches!(self.peek(), Some(Token::Line)) && !self.is(";") && !self.is("}") {
                let ends = matches!(found.last(), Some(Statement::If(..) | Statement::While(..) | Statement::Block(_)));
                if !ends {
                    return self.wrong();
                }
            }
        }
    }

    /// A block, or one statement.
    fn body(&mut self) -> Read<Vec<Statement>> {
        self.skip_lines();
        if self.is("{") { self.block() } else { Ok(vec![self.nested(Self::statement)?]) }
    }

    fn statement(&mut self) -> Read<Statement> {
        if self.is("{") {
            return Ok(Statement::Block(self.block()?));
        }
        let Some(Token::Name(name, _)) = self.peek() else { return Ok(Statement::Expression(self.expression()?)) };
        let name = name.clone();
        let keyword = matches!(
            name.as_str(),
            "print"
                | "printf"
                | "if"
                | "while"
                | "for"
                | "next"
                | "exit"
                | "break"
                | "continue"
                | "delete"
                | "do"
                | "return"
                | "getline"
        );
        if !keyword {
            return Ok(Statement::Expression(self.expression()?));
        }
        self.at += 1;
        match name.as_str() {
            "print" => Ok(Statement::Print(self.printed()?)),
            "printf" => Ok(Statement::Printf(self.printed()?)),
            "if" => self.conditional(),
            "while" => {
                self.expect("(")?;
                let condition = self.expression()?;
                self.expect(")")?;
                Ok(Statement::While(condition, None, self.body()?))
            }
            "for" => self.count(),
            "next" => Ok(Statement::Next),
            "break" => Ok(Statement::Break),
            "continue" => Ok(Statement::Continue),
            "exit" => {
                let bare = matches!(self.peek(), None | Some(Token::Line)) || self.is(";") || self.is("}");
                Ok(Statement::Exit(if bare { None } else { Some(self.expression()?) }))
            }
            "delete" => match self.expression()? {
                Expression::Element(name, key) => Ok(Statement::Delete(name, *key)),
                _ => unsimulated("delete"),
            },
            name => unsimulated(name),
        }
    }

    fn conditional(&mut self) -> Read<Statement> {
        self.expect("(")?;
        let condition = self.expression()?;
        self.expect(")")?;
        let then = self.body()?;
        let back = self.at;
        self.skip();
        if self.is_name("else") {
            self.at += 1;
            return Ok(Statement::If(condition, then, self.body()?));
        }
        self.at = back;
        Ok(Statement::If(condition, then, Vec::new()))
    }

    fn count(&mut self) -> Read<Statement> {
        self.expect("(")?;
        if let (Some(Token::Name(..)), Some(Token::Name(word, _))) = (self.peek(), self.tokens.get(self.at + 1))
            && word == "in"
        {
            return unsimulated("for (… in …)");
        }
        let begin = if self.is(";") { None } else { Some(Statement::Expression(self.expression()?)) };
        self.expect(";")?;
        let condition = if self.is(";") { Expression::Number(1.0) } else { self.expression()? };
        self.expect(";")?;
        let step = if self.is(")") { None } else { Some(Box::new(Statement::Expression(self.expression()?))) };
        self.expect(")")?;
        let repeat = Statement::While(condition, step, self.body()?);
        Ok(Statement::Block(begin.into_iter().chain([repeat]).collect()))
    }

    /// The words of `print`.
    fn printed(&mut self) -> Read<Vec<Expression>> {
        let mut found = Vec::new();
        self.printing = true;
        loop {
            if matches!(self.peek(), None | Some(Token::Line))
                || self.is(";")
                || self.is("}")
                || self.is(">")
                || self.is("|")
                || self.is(">>")
            {
                break;
            }
            found.push(self.expression()?);
            if !self.eat(",") {
                break;
            }
            self.skip_lines();
        }
        self.printing = false;
        if self.is(">") || self.is(">>") || self.is("|") {
            return unsimulated("print > FILE");
        }
        Ok(found)
    }

    fn expression(&mut self) -> Read<Expression> {
        self.nested(|parser| {
            let left = parser.choice()?;
            for (sign, operator) in [
                ("=", None),
                ("+=", Some("+")),
                ("-=", Some("-")),
                ("*=", Some("*")),
                ("/=", Some("/")),
                ("%=", Some("%")),
                ("^=", Some("^")),
            ] {
                if parser.is(sign) {
                    let can = matches!(left, Expression::Variable(_) | Expression::Field(_) | Expression::Element(..));
                    if !can {
                        return parser.wrong();
                    }
                    parser.at += 1;
                    return Ok(Expression::Assign(Box::new(left), operator, Box::new(parser.expression()?)));
                }
            }
            Ok(left)
        })
    }

    fn choice(&mut self) -> Read<Expression> {
        let condition = self.level(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        let yes = self.expression()?;
        self.expect(":")?;
        let no = self.expression()?;
        Ok(Expression::Choice(Box::new(condition), Box::new(yes), Box::new(no)))
    }

    fn level(&mut self, level: usize) -> Read<Expression> {
        let Some(operators) = LEVELS.get(level) else { return self.concat() };
        let mut left = self.level(level + 1)?;
        'more: loop {
            if level == 1 && self.is_name("in") {
                self.at += 1;
                let Some(Token::Name(name, _)) = self.peek().cloned() else { return self.wrong() };
                self.at += 1;
                left = Expression::In(Box::new(left), name);
                continue;
            }
            for operator in *operators {
                if self.is(operator) && !(self.printing && *operator == ">") {
                    self.at += 1;
                    self.skip_lines();
                    left = Expression::Binary(operator, Box::new(left), Box::new(self.level(level + 1)?));
                    continue 'more;
                }
            }
            return Ok(left);
        }
    }

    fn concat(&mut self) -> Read<Expression> {
        let mut left = self.sum()?;
        loop {
            let begins = match self.peek() {
                Some(Token::Number(_) | Token::Text(_)) => true,
                Some(Token::Name(name, _)) => name != "in",
                Some(Token::Sign(sign)) => {
                    matches!(*sign, "$" | "(" | "!" | "-" | "+" | "++" | "--") && !matches!(*sign, "!")
                }
                _ => false,
            };
            if !begins {
                return Ok(left);
            }
            left = Expression::Concat(Box::new(left), Box::new(self.sum()?));
        }
    }

    fn sum(&mut self) -> Read<Expression> {
        let mut left = self.product()?;
        while let Some(sign) = ["+", "-"].into_iter().find(|sign| self.is(sign)) {
            self.at += 1;
            left = Expression::Binary(sign, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Read<Expression> {
        let mut left = self.unary()?;
        while let Some(sign) = ["*", "/", "%"].into_iter().find(|sign| self.is(sign)) {
            self.at += 1;
            left = Expression::Binary(sign, Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Read<Expression> {
        for sign in ["!", "-", "+"] {
            if self.is(sign) {
                self.at += 1;
                let inner = self.nested(Self::unary)?;
                return Ok(Expression::Unary(sign, Box::new(inner)));
            }
        }
        let base = self.postfix()?;
        if self.eat("^") {
            let exponent = self.nested(Self::unary)?;
            return Ok(Expression::Binary("^", Box::new(base), Box::new(exponent)));
        }
        Ok(base)
    }

    fn postfix(&mut self) -> Read<Expression> {
        for (sign, by) in [("++", 1.0), ("--", -1.0)] {
            if self.eat(sign) {
                let target = self.primary()?;
                return Ok(Expression::Step(Box::new(target), true, by));
            }
        }
        let target = self.primary()?;
        let can = matches!(target, Expression::Variable(_) | Expression::Field(_) | Expression::Element(..));
        for (sign, by) in [("++", 1.0), ("--", -1.0)] {
            if can && self.eat(sign) {
                return Ok(Expression::Step(Box::new(target), false, by));
            }
        }
        Ok(target)
    }

    fn primary(&mut self) -> Read<Expression> {
        let Some(token) = self.peek().cloned() else { return self.wrong() };
        match token {
            Token::Number(number) => {
                self.at += 1;
                Ok(Expression::Number(number))
            }
            Token::Text(text) => {
                self.at += 1;
                Ok(Expression::Text(text))
            }
            Token::Regex(text) => {
                self.at += 1;
                Ok(Expression::Regex(text))
            }
            Token::Sign("$") => {
                self.at += 1;
                let inner = self.nested(Self::primary)?;
                Ok(Expression::Field(Box::new(inner)))
            }
            Token::Sign("(") => {
                self.at += 1;
                let printing = std::mem::take(&mut self.printing);
                let inner = self.expression()?;
                self.printing = printing;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Name(name, opens) => self.named(name, opens),
            _ => self.wrong(),
        }
    }

    fn named(&mut self, name: String, opens: bool) -> Read<Expression> {
        self.at += 1;
        if FUNCTIONS.contains(&name.as_str()) {
            let mut arguments = Vec::new();
            if self.eat("(") {
                while !self.eat(")") {
                    arguments.push(self.expression()?);
                    if !self.eat(",") && !self.is(")") {
                        return self.wrong();
                    }
                }
            }
            return Ok(Expression::Call(name, arguments));
        }
        if opens || matches!(name.as_str(), "getline" | "close" | "system" | "match" | "srand" | "rand" | "func") {
            return unsimulated(&name);
        }
        if self.eat("[") {
            let key = self.expression()?;
            if self.is(",") {
                return unsimulated("a[i, j]");
            }
            self.expect("]")?;
            return Ok(Expression::Element(name, Box::new(key)));
        }
        Ok(Expression::Variable(name))
    }
}
