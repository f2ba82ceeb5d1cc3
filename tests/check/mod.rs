//! Documents as a user sees them: what is read, what is refused, and in which words.

mod bytes;
mod fixtures;
mod limits;
mod rendered;
mod schemas;
