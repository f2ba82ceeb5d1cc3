//! Documents as a user sees them: what is read, what is refused, and in which words.

mod examples;
