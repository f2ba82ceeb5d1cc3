//! What a text of SQL means: expressions, queries, statements.

use super::value::Value;

/// A name with the place where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// `schema.name`, or a name alone.
    pub text: String,
    /// The byte where it begins.
    pub at: usize,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Value(Value),
    /// `table.column`, or a column alone.
    Column {
        table: Option<String>,
        name: String,
        at: usize,
    },
    Call(Call),
    Not(Box<Self>),
    Negate(Box<Self>),
    Binary(Binary, Box<Self>, Box<Self>),
    /// `is null`, `is true`, `is false`; the last flag turns it round.
    Is(Box<Self>, Is, bool),
    /// `in (…)`; the flag turns it round.
    In(Box<Self>, Vec<Self>, bool),
    InQuery(Box<Self>, Box<Query>, bool),
    Between(Box<Self>, Box<Self>, Box<Self>),
    /// `like`: text, pattern, whatever the case.
    Like(Box<Self>, Box<Self>, bool),
    Cast(Box<Self>, Type),
    /// Conditions with their values, and the value of `else`.
    Case(Vec<(Self, Self)>, Option<Box<Self>>),
    Exists(Box<Query>),
    Scalar(Box<Query>),
    /// `extract(epoch from x)`.
    Extract(String, Box<Self>),
}

/// A call of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub name: String,
    pub at: usize,
    pub arguments: Vec<Expr>,
    /// `count(*)`.
    pub star: bool,
    pub distinct: bool,
    /// `filter (where …)`.
    pub filter: Option<Box<Expr>>,
}

/// Operators between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Join,
    Plus,
    Minus,
    Times,
    Over,
    Modulo,
}

/// What `is` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    Null,
    True,
    False,
}

/// Types of casts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Int,
    Numeric,
    Text,
    Bool,
    Time,
    Interval,
    Json,
    Lsn,
}

/// A query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    pub distinct: bool,
    pub items: Vec<Item>,
    pub from: Vec<Source>,
    pub filter: Option<Expr>,
    pub group: Vec<Expr>,
    pub having: Option<Expr>,
    /// Each with whether it is descending.
    pub order: Vec<(Expr, bool)>,
    pub limit: Option<Expr>,
    pub offset: Option<Expr>,
    /// Queries whose rows are appended; the flag keeps doubles.
    pub unions: Vec<(Self, bool)>,
    /// `values (…), (…)` in the place of a query.
    pub values: Vec<Vec<Expr>>,
}

/// One thing that is selected.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `*` or `table.*`.
    All(Option<String>),
    /// An expression and the name of its column.
    One(Expr, String),
}

/// One thing that is selected from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    pub what: What,
    /// Under which name its columns are known.
    pub alias: String,
    /// Names of its columns, where they are given.
    pub columns: Vec<String>,
    pub join: Join,
    pub on: Option<Expr>,
}

/// What a source is.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Table(Name),
    Function(Call),
    Query(Box<Query>),
}

/// How a source is joined to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    Cross,
    Inner,
    Left,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    Query(Query),
    /// `with NAME as (insert …) select …`: a change, and a query over what it returned.
    With(String, Box<Self>, Query),
    Show(Name),
    /// `set` and `reset` of this session; none: to the default.
    Set(Name, Option<String>),
    AlterSystem(Option<Name>, Option<String>),
    CreateDatabase {
        name: Name,
        template: Option<String>,
    },
    DropDatabase {
        name: Name,
        if_exists: bool,
        force: bool,
    },
    RenameDatabase {
        from: Name,
        to: String,
    },
    CreateTable(CreateTable),
    DropTable {
        names: Vec<Name>,
        if_exists: bool,
    },
    RenameTable {
        from: Name,
        to: String,
    },
    Truncate(Vec<Name>),
    Insert {
        table: Name,
        rows: Rows,
        ignore_doubles: bool,
        returning: bool,
    },
    Delete {
        table: Name,
        filter: Option<Expr>,
    },
    CopyOut {
        from: Copied,
    },
    CopyIn {
        table: Name,
    },
    Begin,
    Commit,
    Rollback,
    /// Something that changes nothing that this world knows; the table that has to be there, and the tag that it answers.
    Tag {
        table: Option<Name>,
        tag: &'static str,
        writes: bool,
    },
}

/// `create table`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTable {
    pub name: Name,
    pub temporary: bool,
    pub if_not_exists: bool,
    /// `as select …`.
    pub query: Option<Query>,
    /// `(like NAME)`.
    pub like: Option<Name>,
}

/// What is inserted.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// So many lines of `values`.
    Values(u64),
    Query(Box<Query>),
}

/// What `copy … to` copies.
#[derive(Clone, Debug, PartialEq)]
pub enum Copied {
    Table(Name),
    Query(Box<Query>),
}
