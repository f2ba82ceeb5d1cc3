//! The command line as people meet it: exit codes, output, help.

mod check;
mod dry_run;
mod guards;
mod inputs;
mod letters;
mod reporting;
mod run;
mod runs;
mod status;
mod step_mode;
mod terminal;
mod usage;
