//! The command line as people meet it: exit codes, output, help.

mod reporting;
mod usage;
