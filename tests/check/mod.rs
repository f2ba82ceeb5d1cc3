//! Documents as a user sees them: what is read, what is refused, and in which words.

mod bytes;
mod exit_codes;
mod fixtures;
mod hostile;
mod limits;
mod many;
mod rendered;
mod schemas;
