//! Rules about a whole document that no single value shows: ids, siblings, phases, the graph of services.

mod calendar;
mod ids;
mod lab;
mod steps;
mod system;
mod targets;
mod test;

pub(super) use calendar::check as calendar;
pub(super) use lab::check as lab;
pub(super) use steps::check as steps;
pub(super) use system::check as system;
pub(super) use test::check as test;
