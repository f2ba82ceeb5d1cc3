//! A mapping whose values are made when they are read.

use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

type Get = Box<dyn Fn(&str) -> Option<Value> + Send + Sync>;

struct Lazy {
    keys: Vec<String>,
    get: Get,
}

impl fmt::Debug for Lazy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.keys).finish()
    }
}

impl Object for Lazy {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        if self.keys.iter().any(|known| known == key) { (self.get)(key) } else { None }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.keys.iter().map(|key| Value::from(key.as_str())).collect())
    }
}

/// A mapping with these keys; `get` is asked for a value each time that it is read, and gives none that is unknown or failed.
pub fn lazy<S: Into<String>>(
    keys: impl IntoIterator<Item = S>,
    get: impl Fn(&str) -> Option<Value> + Send + Sync + 'static,
) -> Value {
    Value::from_object(Lazy { keys: keys.into_iter().map(Into::into).collect(), get: Box::new(get) })
}

/// True for such a mapping: to look at its values would make all of them.
#[must_use]
pub fn is_lazy(value: &Value) -> bool {
    value.downcast_object_ref::<Lazy>().is_some()
}
