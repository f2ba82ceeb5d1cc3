//! What names mean: a persistent chain of bindings, and lazy variables.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use minijinja::value::{Enumerator, Object};
use minijinja::{Error, ErrorKind};

use super::{EvalError, Template, Value};

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
pub struct Scope(Option<Arc<Link>>);

#[derive(Debug)]
struct Link {
    parent: Scope,
    binding: Binding,
}

enum Binding {
    Value(String, Value),
    Lazy(String, Lazy),
    Vars(Layer),
    /// No name: a variable of the layer is being evaluated in this scope. How a cycle is found, whatever the thread.
    Evaluating(String),
}

struct Lazy {
    make: Box<dyn Fn() -> Result<Value, String> + Send + Sync>,
    made: OnceLock<Result<Value, String>>,
}

struct Layer {
    vars: Arc<Vars>,
    read: Mutex<BTreeMap<String, Result<Value, EvalError>>>,
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(name, _) | Self::Lazy(name, _) => f.write_str(name),
            Self::Vars(_) => f.write_str("vars"),
            Self::Evaluating(name) => write!(f, "(evaluating {name})"),
        }
    }
}

/// What a name stands for.
pub(super) enum Found {
    Value(Value),
    Vars(VarsValue),
    /// A lazy value that could not be made; the reason.
    Failed(String),
}

impl Scope {
    /// This scope and one more name, which shadows an outer one.
    #[must_use]
    pub fn with(&self, name: &str, value: impl Into<Value>) -> Self {
        self.and(Binding::Value(name.to_owned(), value.into()))
    }

    /// This scope and one more name, whose value is made when it is first read. An error is reported where it is read.
    #[must_use]
    pub fn with_lazy(&self, name: &str, make: impl Fn() -> Result<Value, String> + Send + Sync + 'static) -> Self {
        self.and(Binding::Lazy(name.to_owned(), Lazy { make: Box::new(make), made: OnceLock::new() }))
    }

    /// This scope and `vars`, each evaluated where first read, against this very scope (with `vars` in it). A cycle is an error
    /// that names the path.
    #[must_use]
    pub fn with_vars(&self, vars: Arc<Vars>) -> Self {
        self.and(Binding::Vars(Layer { vars, read: Mutex::default() }))
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        Some(match self.find(name)? {
            Found::Value(value) => value,
            Found::Vars(vars) => Value::from_object(vars),
            Found::Failed(why) => Value::from(Error::new(ErrorKind::InvalidOperation, why)),
        })
    }

    fn and(&self, binding: Binding) -> Self {
        Self(Some(Arc::new(Link { parent: self.clone(), binding })))
    }

    fn links(&self) -> impl Iterator<Item = &Arc<Link>> {
        std::iter::successors(self.0.as_ref(), |link| link.parent.0.as_ref())
    }

    pub(super) fn find(&self, name: &str) -> Option<Found> {
        let mut path = Vec::new();
        for link in self.links() {
            match &link.binding {
                Binding::Value(bound, value) if bound == name => return Some(Found::Value(value.clone())),
                Binding::Lazy(bound, lazy) if bound == name => {
                    return Some(match lazy.made.get_or_init(|| (lazy.make)()) {
                        Ok(value) => Found::Value(value.clone()),
                        Err(why) => Found::Failed(why.clone()),
                    });
                }
                Binding::Vars(_) if name == "vars" => {
                    path.reverse();
                    return Some(Found::Vars(VarsValue { link: link.clone(), path }));
                }
                Binding::Evaluating(var) => path.push(var.clone()),
                _ => {}
            }
        }
        None
    }

    /// Every name, nearest first; for "did you mean".
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.links().filter_map(|link| match &link.binding {
            Binding::Value(name, _) | Binding::Lazy(name, _) => Some(name.as_str()),
            Binding::Vars(_) => Some("vars"),
            Binding::Evaluating(_) => None,
        })
    }
}

/// The name `vars`.
#[derive(Clone, Debug)]
pub(super) struct VarsValue {
    link: Arc<Link>,
    /// Variables of this layer that are being evaluated, outermost first.
    path: Vec<String>,
}

impl VarsValue {
    fn layer(&self) -> Option<&Layer> {
        match &self.link.binding {
            Binding::Vars(layer) => Some(layer),
            _ => None,
        }
    }

    /// The names of all variables.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.layer().into_iter().flat_map(|layer| layer.vars.keys().map(String::as_str))
    }

    /// One variable, evaluated at its first read; none if there is no such variable.
    pub(super) fn read(&self, name: &str) -> Option<Result<Value, EvalError>> {
        let layer = self.layer()?;
        let var = layer.vars.get(name)?;
        if let Some(at) = self.path.iter().position(|evaluating| evaluating == name) {
            let path: Vec<_> = self.path[at..].iter().map(String::as_str).chain([name]).collect();
            let template = match var {
                Var::Text(template) => Some(template),
                Var::List(templates) => templates.first(),
            };
            let message = format!("the variable `vars.{name}` needs itself: {}", path.join(" → "));
            return template.map(|template| Err(EvalError::new(template.span(), message)));
        }
        let known = layer.read.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if known.is_some() {
            return known;
        }
        let mut scope = Scope(Some(self.link.clone()));
        for evaluating in self.path.iter().map(String::as_str).chain([name]) {
            scope = scope.and(Binding::Evaluating(evaluating.to_owned()));
        }
        let value = match var {
            Var::Text(template) => template.value(&scope),
            Var::List(templates) => {
                templates.iter().map(|template| template.value(&scope)).collect::<Result<Vec<_>, _>>().map(Value::from)
            }
        };
        // Not under the lock while evaluating: another variable of this layer may be read in between.
        layer.read.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.clone());
        Some(value)
    }
}

impl Object for VarsValue {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match self.read(key.as_str()?)? {
            Ok(value) => value,
            Err(error) if error.unknown.is_some() => super::value::unknown(&error.unknown.unwrap_or_default()),
            Err(error) => Value::from(Error::new(ErrorKind::InvalidOperation, error.message)),
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.names().map(Value::from).collect())
    }
}

#[cfg(test)]
mod tests;
