//! Layer 1: expressions and the texts around them. Parsed once, references listed, rendered against a [`Scope`].
//! A value is data: it is never rendered again.

pub mod error;
pub mod expression;
mod lex;
pub mod nearest;
pub mod quantity;
pub mod quote;
pub mod scope;
pub mod script;
mod shell;
#[cfg(test)]
mod testing;
pub mod text;
pub mod value;
pub mod words;

pub use error::EvalError;
pub use expression::{Expression, Known, Reference, Verdict};
pub use scope::{Scope, Vars};
pub use script::{BoundScript, Script};
pub use text::Template;
pub use value::Value;
pub use words::Words;
