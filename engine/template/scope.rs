//! What names mean: a persistent chain of bindings, and lazy variables.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Template, Value};

/// A variable of `vars:`.
#[derive(Clone, Debug)]
pub enum Var {
    /// One text; typed when it is exactly one `${{ }}`.
    Text(Template),
    /// A list.
    List(Vec<Template>),
}

/// The `vars` of one document.
pub type Vars = BTreeMap<String, Var>;

/// Names and their values. Cloning and extending are cheap (shared parents).
#[derive(Clone, Debug, Default)]
pub struct Scope;

impl Scope {
    /// This scope and one more name, which shadows an outer one.
    #[must_use]
    pub fn with(&self, name: &str, value: impl Into<Value>) -> Self {
        let _ = (name, value.into());
        todo!()
    }

    /// This scope and `vars`, each evaluated where first read, against this very scope (with `vars` in it). A cycle is an error
    /// that names the path.
    #[must_use]
    pub fn with_vars(&self, vars: Arc<Vars>) -> Self {
        let _ = vars;
        todo!()
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        let _ = name;
        todo!()
    }
}
