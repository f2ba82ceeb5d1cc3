//! Looking back and looking it up: reports, printed runbooks.

mod account;
mod paper;
