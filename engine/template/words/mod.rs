//! Argument vectors: split into words after lexing, so that no value ever splits, joins or adds arguments.

mod split;

use serde::{Serialize, Serializer};

use super::lex;
use super::text::{self, may_begin, plain, references};
use super::value::{items, kind, show};
use super::{EvalError, Expression, Reference, Scope, Template, Value, value};
use crate::model::diagnostic::{Checked, Diagnostic};
use crate::model::operation::Argv;
use crate::model::source::Span;

/// A parsed argument vector (program excluded for `docker` and `gcloud`).
#[derive(Clone, Debug)]
pub struct Words {
    words: Vec<Word>,
    authored: Authored,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Authored {
    Line(String),
    List(Vec<String>),
}

/// One authored word.
#[derive(Clone, Debug, Default)]
struct Word {
    parts: Vec<Part>,
    /// An element of a list: a value that is a list adds all its items.
    spreads: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Literal(String),
    Value(Expression),
}

impl Words {
    /// Splits and parses. Unquoted `# | & ; < > $` and back-quotes outside `${{ }}` are errors that name `shell:`.
    ///
    /// # Errors
    /// Every mistake, each with its place.
    pub fn parse(argv: &Argv) -> Checked<Self> {
        let (words, authored) = match argv {
            Argv::Line(text) => {
                let words = split::split(&text.0, &lex::pieces(&text.0)?)?;
                (words, Authored::Line(text.0.source.clone()))
            }
            Argv::List(texts) => {
                let mut errors = Vec::new();
                let mut words = Vec::with_capacity(texts.len());
                for text in texts {
                    match Template::parse(text) {
                        Ok(template) => words.push(Word::element(&template)),
                        Err(mut found) => errors.append(&mut found),
                    }
                    if text.0.source.contains('\0') {
                        let message = "an argument cannot hold a NUL character";
                        let found = Diagnostic::error("template::nul", text.0.span, message);
                        errors.push(found.help("take it out, or pass the bytes by `stdin:`"));
                    }
                }
                if !errors.is_empty() {
                    return Err(errors);
                }
                (words, Authored::List(texts.iter().map(|text| text.0.source.clone()).collect()))
            }
        };
        Ok(Self { words, authored })
    }

    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.words.iter().flat_map(|word| &word.parts).filter_map(|part| match part {
            Part::Value(expression) => Some(expression),
            Part::Literal(_) => None,
        })
    }

    /// Every reference with its place.
    #[must_use]
    pub fn references(&self) -> Vec<(Reference, Span)> {
        self.expressions().flat_map(references).collect()
    }

    /// One element per authored word: its text if it has no template, else none. For effect classes and resolving programs.
    #[must_use]
    pub fn literals(&self) -> Vec<Option<String>> {
        self.words.iter().map(Word::literal).collect()
    }

    /// As [`Self::literals`], with templates filled in whose references are all `fixed`, and lists among them spread: what the
    /// arguments will be as far as that is known before the run.
    #[must_use]
    pub fn known(&self, scope: &Scope, mut fixed: impl FnMut(&Reference) -> bool) -> Vec<Option<String>> {
        let mut known = Vec::with_capacity(self.words.len());
        for word in &self.words {
            let mut values = word.parts.iter().filter_map(|part| match part {
                Part::Value(expression) => Some(expression),
                Part::Literal(_) => None,
            });
            let is_fixed = values.all(|expression| expression.references().iter().all(&mut fixed));
            let mut rendered = Vec::new();
            if is_fixed && word.render(scope, &mut rendered).is_ok() {
                known.extend(rendered.into_iter().map(Some));
            } else {
                known.push(word.literal());
            }
        }
        known
    }

    /// Puts literal words of the engine's own (the flags of Compose) before the word at `at`.
    pub fn insert(&mut self, at: usize, words: &[String]) {
        let literal = |word: &String| Word { parts: vec![Part::Literal(word.clone())], spreads: false };
        self.words.splice(at..at, words.iter().map(literal));
        let sources = match &self.authored {
            Authored::Line(line) => vec![line.clone()],
            Authored::List(sources) => sources.clone(),
        };
        self.authored = Authored::List([words, &sources].concat());
    }

    /// The arguments. A rendered value that begins with `-` and makes up the beginning of a word is an error (texts that stand in
    /// a document, `vars` lists and constants of an expression included, are not data and may), as are NUL and values without a
    /// text form.
    ///
    /// # Errors
    /// As [`super::Expression::eval`], and the above.
    pub fn render(&self, scope: &Scope) -> Result<Vec<String>, EvalError> {
        let mut argv = Vec::with_capacity(self.words.len());
        for word in &self.words {
            word.render(scope, &mut argv)?;
        }
        Ok(argv)
    }

    /// For people, one element a word, as [`super::Template::preview`].
    #[must_use]
    pub fn preview(&self, scope: &Scope) -> Vec<String> {
        self.words.iter().flat_map(|word| word.preview(scope)).collect()
    }
}

impl Word {
    fn element(template: &Template) -> Self {
        let parts = template.pieces().iter().map(|piece| match piece {
            lex::Piece::Literal(range) => Part::Literal(template.source()[range.clone()].to_owned()),
            lex::Piece::Value { expression, .. } => Part::Value(expression.clone()),
        });
        Self { parts: parts.collect(), spreads: template.only().is_some() }
    }

    fn literal(&self) -> Option<String> {
        let texts = self.parts.iter().map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            Part::Value(_) => None,
        });
        texts.collect()
    }

    fn render(&self, scope: &Scope, argv: &mut Vec<String>) -> Result<(), EvalError> {
        let mut argument = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => argument.push_str(text),
                Part::Value(expression) => {
                    let value = expression.eval(scope)?;
                    if let Some(items) = items(&value).filter(|_| self.spreads) {
                        for item in items {
                            argv.push(checked(expression, &item, item_text(expression, &item)?, true)?);
                        }
                        return Ok(());
                    }
                    let text = plain(expression, &value)?;
                    argument.push_str(&checked(expression, &value, text, argument.is_empty())?);
                }
            }
        }
        argv.push(argument);
        Ok(())
    }

    fn preview(&self, scope: &Scope) -> Vec<String> {
        let mut argument = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => argument.push_str(text),
                Part::Value(expression) => {
                    if let Some(items) = expression.eval(scope).ok().as_ref().and_then(items).filter(|_| self.spreads) {
                        return items.iter().map(|item| value::text(item).unwrap_or_else(|| show(item))).collect();
                    }
                    argument.push_str(&text::preview(expression, scope));
                }
            }
        }
        vec![argument]
    }
}

fn item_text(expression: &Expression, item: &Value) -> Result<String, EvalError> {
    value::text(item).ok_or_else(|| {
        let message = format!(
            "an item of `{}` is a {} ({}) and cannot be an argument",
            expression.source().trim(),
            kind(item),
            show(item)
        );
        EvalError::new(expression.span(), message)
    })
}

/// A value's text as the beginning, or a later part, of an argument.
fn checked(expression: &Expression, value: &Value, text: String, begins: bool) -> Result<String, EvalError> {
    let source = expression.source().trim();
    if text.contains('\0') {
        let message = format!("`{source}` holds a NUL character, which no argument can");
        return Err(EvalError::new(expression.span(), message));
    }
    if begins && !may_begin(value, &text) {
        let message = format!(
            "`{source}` is {}, which begins with `-` and would be read as an option; attach it to one (`--name=${{{{ … }}}}`) or give the \
             parameter a pattern",
            show(value)
        );
        return Err(EvalError::new(expression.span(), message));
    }
    Ok(text)
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.authored.serialize(serializer)
    }
}

#[cfg(test)]
mod tests;
