//! What a template is made of.

/// A part of a template.
#[derive(Debug)]
pub enum Node {
    Text(String),
    Print(Pipeline),
    If(Pipeline, Vec<Node>, Vec<Node>),
    With(Pipeline, Vec<Node>, Vec<Node>),
    Range(Pipeline, Vec<Node>, Vec<Node>),
}

/// Commands, each given what the one before it gave.
#[derive(Debug, Default)]
pub struct Pipeline {
    /// Variables that it sets.
    pub sets: Vec<String>,
    /// `=`, not `:=`.
    pub assigns: bool,
    pub commands: Vec<Command>,
}

/// A function with arguments, or one value.
#[derive(Debug)]
pub struct Command {
    pub words: Vec<Operand>,
}

/// A word of a command.
#[derive(Debug)]
pub struct Operand {
    pub kind: Kind,
    /// `.A.B` behind something else than a dot.
    pub fields: Vec<String>,
    /// Where errors say that it stands.
    pub at: usize,
}

/// What a word is.
#[derive(Debug)]
pub enum Kind {
    Dot,
    Variable(String),
    Function(String),
    Text(String),
    Integer(i64),
    Bool(bool),
    Nil,
    Inner(Box<Pipeline>),
}

impl Operand {
    /// As Go prints it.
    pub fn shown(&self) -> String {
        let own = match &self.kind {
            Kind::Dot if self.fields.is_empty() => ".".to_owned(),
            Kind::Dot => String::new(),
            Kind::Variable(name) => format!("${name}"),
            Kind::Function(name) => name.clone(),
            Kind::Text(text) => format!("{text:?}"),
            Kind::Integer(number) => number.to_string(),
            Kind::Bool(is) => is.to_string(),
            Kind::Nil => "nil".to_owned(),
            Kind::Inner(pipeline) => {
                let commands: Vec<String> = pipeline.commands.iter().map(Command::shown).collect();
                format!("({})", commands.join(" | "))
            }
        };
        self.fields.iter().fold(own, |shown, field| format!("{shown}.{field}"))
    }
}

impl Command {
    /// As Go prints it.
    pub fn shown(&self) -> String {
        self.words.iter().map(Operand::shown).collect::<Vec<_>>().join(" ")
    }
}

/// Collects the first fields of everything that begins at a dot; false: something is the dot itself.
pub fn roots<'t>(nodes: &'t [Node], found: &mut Vec<&'t str>) -> bool {
    nodes.iter().all(|node| match node {
        Node::Text(_) => true,
        Node::Print(pipeline) => of_pipeline(pipeline, found),
        Node::If(pipeline, body, other) | Node::With(pipeline, body, other) | Node::Range(pipeline, body, other) => {
            of_pipeline(pipeline, found) && roots(body, found) && roots(other, found)
        }
    })
}

fn of_pipeline<'t>(pipeline: &'t Pipeline, found: &mut Vec<&'t str>) -> bool {
    let mut words = pipeline.commands.iter().flat_map(|command| &command.words);
    words.all(|word| match (&word.kind, word.fields.first()) {
        (Kind::Dot, Some(field)) => {
            found.push(field);
            true
        }
        (Kind::Variable(name), Some(field)) if name.is_empty() => {
            found.push(field);
            true
        }
        (Kind::Dot, None) => false,
        (Kind::Variable(name), None) => !name.is_empty(),
        (Kind::Inner(pipeline), _) => of_pipeline(pipeline, found),
        _ => true,
    })
}
