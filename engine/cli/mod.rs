//! Layer 5: the command line. One file a verb; failures become an exit code in one place ([`exit`]).

mod afterwards;
mod args;
mod bundle;
mod check;
mod cloudlab;
mod completion;
mod diagnostics;
mod doctor;
mod drill;
mod dry_run;
mod excerpt;
pub mod exit;
mod facts;
mod failure;
mod found;
mod graph;
mod guard;
mod head;
mod history;
mod identity;
mod lab;
mod letters;
mod load;
mod logs;
mod mail;
mod masked;
mod paper;
mod params;
mod plan_file;
mod prompt;
mod proof;
mod recorded;
mod rehearse;
mod report;
mod resume;
mod run;
mod runs;
mod saved;
mod saved_plan;
mod schema;
mod secrets;
mod session;
mod show;
mod signals;
mod signers;
mod status;
mod surroundings;
mod test;
mod trust;
mod unlock;
mod verify;

pub use check::findings;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use self::args::{Cli, Verb};
use self::exit::Exit;
use self::failure::Failure;
use crate::report::Sink;

/// The whole program: reads the command line, does one verb, gives its exit code.
#[must_use]
pub fn main() -> ExitCode {
    // A panic is a bug of ours; it must not look like a failed recovery.
    let exit = catch_unwind(AssertUnwindSafe(run_verb)).unwrap_or(Exit::Internal);
    signals::die_of(exit);
    exit.into()
}

fn run_verb() -> Exit {
    let cli = match Cli::command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody is left to tell when even this cannot be printed.
            let _ = error.print();
            return if error.use_stderr() { Exit::Invalid } else { Exit::Success };
        }
    };
    if cli.no_color {
        console::set_colors_enabled(false);
        console::set_colors_enabled_stderr(false);
    }
    let json = cli.verb.wants_json();
    dispatch(cli.verb).unwrap_or_else(|failure| failure.show(json))
}

fn dispatch(verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Run(args) if args.dry_run => dry_run::dry_run(&args),
        Verb::Run(args) => run::run(&args),
        Verb::Resume(args) => resume::resume(&args),
        Verb::Check(args) => check::check(&args),
        Verb::Rehearse(args) => rehearse::rehearse(&args),
        Verb::Test(args) => test::test(&args),
        Verb::Lab(args) => lab::lab(&args),
        Verb::Drill(args) => drill::drill(&args),
        Verb::Report(args) => report::report(&args),
        Verb::Render(args) => paper::render(&args),
        Verb::Graph(args) => graph::graph(&args),
        Verb::Schema(args) => schema::schema(&args),
        Verb::Runs(args) => runs::runs(&args),
        Verb::History(args) => history::history(&args),
        Verb::Status(args) => status::status(&args),
        Verb::Logs(args) => logs::logs(&args),
        Verb::Show(args) => show::show(&args),
        Verb::Bundle(args) => bundle::bundle(&args),
        Verb::Verify(args) => verify::verify(&args),
        Verb::Head(args) => head::head(&args),
        Verb::Approve(args) => letters::approve(&args, true),
        Verb::Reject(args) => letters::approve(&args, false),
        Verb::Pause(args) => letters::pause(&args),
        Verb::Cancel(args) => letters::cancel(&args),
        Verb::Rollback(args) => letters::rollback(&args),
        Verb::Unlock(args) => unlock::unlock(&args),
        Verb::Doctor(args) => doctor::doctor(&args),
        Verb::Completion(args) => completion::completion(&args),
        Verb::Cloudlab(args) => cloudlab::cloudlab(&args),
        Verb::ExitCodes => {
            Sink::stdout().text(exit::table());
            Ok(Exit::Success)
        }
    }
}
