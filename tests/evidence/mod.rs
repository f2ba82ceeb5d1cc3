//! Looking back and looking it up: reports, graphs, printed runbooks.

mod account;
mod ci;
mod drilled;
mod graph;
mod html;
mod html_drill;
mod junit;
mod lanes;
mod page;
mod paper;
mod schema;
