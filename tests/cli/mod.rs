//! The command line as people meet it: exit codes, output, help.

mod check;
mod reporting;
mod usage;
