//! Looking back and looking it up: reports, printed runbooks.

mod account;
mod ci;
mod junit;
mod paper;
mod schema;
