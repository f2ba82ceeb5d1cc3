//! The parts of an `awk` program.

/// A pattern and its action.
#[derive(Debug)]
pub struct Rule {
    pub when: When,
    /// None: the line is printed.
    pub action: Option<Vec<Statement>>,
}

#[derive(Debug)]
pub enum When {
    Begin,
    End,
    Always,
    Holds(Expression),
    Range(Expression, Expression),
}

impl Rule {
    /// It needs input.
    pub fn reads(&self) -> bool {
        !matches!(self.when, When::Begin)
    }
}

#[derive(Debug)]
pub enum Statement {
    Print(Vec<Expression>),
    Printf(Vec<Expression>),
    Expression(Expression),
    If(Expression, Vec<Statement>, Vec<Statement>),
    /// Condition, step, body.
    While(Expression, Option<Box<Statement>>, Vec<Statement>),
    Block(Vec<Statement>),
    Next,
    Exit(Option<Expression>),
    Break,
    Continue,
    Delete(String, Expression),
}

#[derive(Debug)]
pub enum Expression {
    Number(f64),
    Text(String),
    Regex(String),
    Field(Box<Expression>),
    Variable(String),
    Element(String, Box<Expression>),
    Assign(Box<Expression>, Option<&'static str>, Box<Expression>),
    Choice(Box<Expression>, Box<Expression>, Box<Expression>),
    Binary(&'static str, Box<Expression>, Box<Expression>),
    Concat(Box<Expression>, Box<Expression>),
    Unary(&'static str, Box<Expression>),
    /// Before or after, by one up or down.
    Step(Box<Expression>, bool, f64),
    Call(String, Vec<Expression>),
    In(Box<Expression>, String),
}
