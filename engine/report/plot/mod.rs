//! Plots as SVG, without a script: scales, ticks that people would choose, marks told apart by shape. Pure: numbers in, markup out.

mod chart;
mod dates;
mod scale;
mod ticks;

pub use chart::{Chart, Mark, Shape, Unit, legend};
pub use dates::dates;
pub use scale::Scale;
pub use ticks::{durations, shares};
