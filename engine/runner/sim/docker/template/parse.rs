//! From the pieces of a template to its tree.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::Bad;
use super::functions;
use super::lex::{Piece, Token, Word, pieces, unknown, words};
use super::tree::{Command, Kind, Node, Operand, Pipeline};

/// Blocks inside each other, at most.
const DEEPEST: u8 = 32;

struct Parser<'t> {
    pieces: Peekable<IntoIter<Piece<'t>>>,
    name: &'t str,
    text: &'t str,
    depth: u8,
}

/// How a block ends.
enum End<'t> {
    Else(&'t str, usize),
    End,
}

/// Reads a template.
///
/// # Errors
/// It is not one, or has words that are not simulated.
pub fn parse(text: &str, name: &str) -> Result<Vec<Node>, Bad> {
    let mut parser = Parser { pieces: pieces(text, name)?.into_iter().peekable(), name, text, depth: 0 };
    let (nodes, end) = parser.nodes()?;
    match end {
        None => Ok(nodes),
        Some(End::End) => Err(parser.wrong("unexpected {{end}}", text.len())),
        Some(End::Else(_, at)) => Err(parser.wrong("unexpected {{else}}", at)),
    }
}

impl<'t> Parser<'t> {
    fn wrong(&self, what: &str, at: usize) -> Bad {
        let line = self.text[..at.min(self.text.len())].matches('\n').count() + 1;
        Bad::Syntax(format!("template: {}:{line}: {what}", self.name))
    }

    /// What stands until an `else` or `end` of the block around it.
    fn nodes(&mut self) -> Result<(Vec<Node>, Option<End<'t>>), Bad> {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.next() {
            match piece {
                Piece::Text(text) => nodes.push(Node::Text(text.to_owned())),
                Piece::Action(action, at) => {
                    let body = action.trim();
                    let (word, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
                    match word {
                        "end" => return Ok((nodes, Some(End::End))),
                        "else" => return Ok((nodes, Some(End::Else(rest.trim(), at + offset(action, rest))))),
                        "if" | "with" | "range" => nodes.push(self.block(word, rest, at + offset(action, rest))?),
                        "define" | "template" | "block" | "break" | "continue" => return Err(unknown(word)),
                        _ => nodes.push(Node::Print(self.pipeline(action, at, "command")?)),
                    }
                }
            }
        }
        Ok((nodes, None))
    }

    fn block(&mut self, kind: &str, condition: &str, at: usize) -> Result<Node, Bad> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(unknown("blocks inside each other"));
        }
        let pipeline = self.pipeline(condition, at, kind)?;
        let (body, end) = self.nodes()?;
        let other = match end {
            None => return Err(self.wrong("unexpected EOF", self.text.len())),
            Some(End::End) => Vec::new(),
            Some(End::Else("", _)) => match self.nodes()? {
                (other, Some(End::End)) => other,
                (_, Some(End::Else(_, at))) => return Err(self.wrong("expected end; found {{else}}", at)),
                (_, None) => return Err(self.wrong("unexpected EOF", self.text.len())),
            },
            Some(End::Else(rest, at)) => match rest.split_once(char::is_whitespace) {
                Some(("if", condition)) if kind == "if" => vec![self.block("if", condition, at)?],
                _ => return Err(unknown("else")),
            },
        };
        self.depth -= 1;
        Ok(match kind {
            "if" => Node::If(pipeline, body, other),
            "with" => Node::With(pipeline, body, other),
            _ => Node::Range(pipeline, body, other),
        })
    }

    fn pipeline(&self, action: &str, at: usize, context: &str) -> Result<Pipeline, Bad> {
        let mut words = words(action, at)?.into_iter().peekable();
        let pipeline = self.commands(&mut words, context, at, 0)?;
        match words.next() {
            None => Ok(pipeline),
            Some(_) => Err(unknown(action)),
        }
    }

    /// Until the end or a closing parenthesis, which stays.
    fn commands(
        &self,
        words: &mut Peekable<IntoIter<Word>>,
        context: &str,
        at: usize,
        depth: u8,
    ) -> Result<Pipeline, Bad> {
        if depth > DEEPEST {
            return Err(unknown("parentheses inside each other"));
        }
        let mut pipeline = Pipeline::default();
        self.declaration(words, &mut pipeline);
        loop {
            let mut command = Vec::new();
            while let Some(word) = words.next_if(|word| !matches!(word.kind, Token::Pipe | Token::Close)) {
                command.push(self.operand(word, words, depth)?);
            }
            if command.is_empty() {
                return Err(self.wrong(&format!("missing value for {context}"), at));
            }
            pipeline.commands.push(Command { words: command });
            if words.next_if(|word| word.kind == Token::Pipe).is_none() {
                return Ok(pipeline);
            }
        }
    }

    /// `$a, $b :=` at the beginning.
    #[expect(clippy::unused_self, reason = "a part of `commands`")]
    fn declaration(&self, words: &mut Peekable<IntoIter<Word>>, pipeline: &mut Pipeline) {
        let mut ahead = words.clone();
        let mut names = Vec::new();
        while let Some(Word { kind: Token::Variable(name), .. }) = ahead.next() {
            names.push(name);
            match ahead.next().map(|word| word.kind) {
                Some(Token::Comma) => {}
                Some(kind @ (Token::Declare | Token::Assign)) => {
                    pipeline.sets = names;
                    pipeline.assigns = kind == Token::Assign;
                    *words = ahead;
                    return;
                }
                _ => return,
            }
        }
    }

    fn operand(&self, word: Word, words: &mut Peekable<IntoIter<Word>>, depth: u8) -> Result<Operand, Bad> {
        let mut at = word.at;
        let mut fields = Vec::new();
        let kind = match word.kind {
            Token::Dot => Kind::Dot,
            Token::Field(name) => {
                fields.push(name);
                Kind::Dot
            }
            Token::Variable(name) => Kind::Variable(name),
            Token::Text(text) => Kind::Text(text),
            Token::Integer(number) => Kind::Integer(number),
            Token::Name(name) => match name.as_str() {
                "true" | "false" => Kind::Bool(name == "true"),
                "nil" => Kind::Nil,
                _ if functions::is_known(&name) => Kind::Function(name),
                _ => return Err(self.wrong(&format!("function {name:?} not defined"), at)),
            },
            Token::Open => {
                let inner = self.commands(words, "parenthesized pipeline", at, depth + 1)?;
                if words.next().is_none_or(|word| word.kind != Token::Close) {
                    return Err(self.wrong("unclosed left paren", at));
                }
                Kind::Inner(Box::new(inner))
            }
            Token::Pipe | Token::Close | Token::Comma | Token::Declare | Token::Assign => {
                return Err(unknown("an action"));
            }
        };
        let mut chained = false;
        while let Some(next) = words.next_if(|next| !next.spaced && matches!(next.kind, Token::Field(_))) {
            let Token::Field(name) = next.kind else { continue };
            // Go remembers a chain by the place of its second link.
            if !chained {
                at = next.at;
            }
            chained = true;
            fields.push(name);
        }
        Ok(Operand { kind, fields, at })
    }
}

/// Where a part of a text begins in it.
fn offset(whole: &str, part: &str) -> usize {
    if part.is_empty() { whole.len() } else { whole.find(part).unwrap_or_default() }
}
