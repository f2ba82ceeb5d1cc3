//! The command line as people meet it: exit codes, output, help.

mod check;
mod doctor;
mod dry_run;
mod earlier;
mod elsewhere;
mod folds;
mod guards;
mod holders;
mod inputs;
mod letters;
mod remote;
mod reporting;
mod resume;
mod resumed;
mod run;
mod runs;
mod saved_plans;
mod slow_terminal;
mod status;
mod step_mode;
mod terminal;
mod usage;
