//! What was read from a text is kept: the same filters and forms come again and again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Texts that are kept, at most.
const MOST: usize = 512;

/// What was read, by its text.
#[derive(Debug)]
pub struct Kept<T>(RefCell<BTreeMap<String, Rc<T>>>);

impl<T> Kept<T> {
    pub const fn new() -> Self {
        Self(RefCell::new(BTreeMap::new()))
    }

    /// What a text says; it is read where it is not known.
    ///
    /// # Errors
    /// Those of reading it; they are not kept.
    pub fn get<E>(&self, text: &str, read: impl FnOnce() -> Result<T, E>) -> Result<Rc<T>, E> {
        if let Some(known) = self.0.borrow().get(text) {
            return Ok(Rc::clone(known));
        }
        let new = Rc::new(read()?);
        let mut kept = self.0.borrow_mut();
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(text.to_owned(), Rc::clone(&new));
        Ok(new)
    }
}
