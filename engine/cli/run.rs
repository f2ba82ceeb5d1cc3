//! `runbook run FILE`: guards, the run's directory and journal, then the engine, with a terminal or without one.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::execute::{self, BootClock, Mailbox, Operator, Options, Ports, RunError, RunReport};
use crate::journal::{FileJournal, RunDirectory, Runs};
use crate::model::port::Observer;
use crate::plan::Plan;
use crate::report::{Console, Detail, JsonLines, Plain, Sink, Terminal};
use crate::runner::{LocalRunner, Settings};
use crate::secret::{Masker, SecretStore};

use super::args::RunArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::prompt::{self, Nobody, Prompt, Reply};
use super::signals::LastSignal;
use super::{guard, identity, load, plan_file, secrets, signals};

/// Runs a runbook to its end.
pub fn run(args: &RunArgs) -> Result<Exit, Failure> {
    let loaded = load::load(&args.plan, args.json)?;
    let attended = prompt::is_attended() && !args.json;
    let yes = guard::yes(&loaded.plan, args.yes, args.plan.environment.is_some(), attended)?;
    guard::environment(&loaded.plan, loaded.documents.system.as_ref())?;
    let secrets = secrets::required(&loaded)?;
    let directory = Runs::new(args.runs.path()).create(&loaded.plan.run.id).map_err(|error| {
        Failure::Storage(format!("make the run's directory in {}: {error}", args.runs.path().display()))
    })?;
    let unset = loaded.plan.secrets.keys().filter(|name| secrets.expose(name).is_none());
    let options = Options {
        max_parallel: args.max_parallel,
        yes,
        operator: identity::operator(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        step: false,
        failback: false,
        unset_secrets: unset.cloned().collect(),
    };
    let show = Show { detail: args.detail.detail(), json: args.json, attended };
    let plan = Arc::new(loaded.plan);
    let rto = plan.objectives.rto;
    let last_signal = LastSignal::default();
    match carry_out(plan, &directory, secrets, options, &show, &last_signal)? {
        Ok(report) => {
            let rto_met = rto.map(|rto| report.elapsed <= rto);
            Ok(Exit::of_run(report.outcome, rto_met, last_signal.exit()))
        }
        Err(RunError::Journal(error)) => {
            let place = directory.path().display();
            Err(Failure::Storage(format!("{error}; what ran was ended; the record so far is in {place}")))
        }
        Err(RunError::Abandoned) => {
            Sink::stderr().line(format!(
                "{}; the record so far is in {}",
                RunError::Abandoned,
                directory.path().display()
            ));
            Ok(last_signal.exit().unwrap_or(Exit::Interrupted))
        }
    }
}

/// How a run is shown.
struct Show {
    detail: Detail,
    json: bool,
    attended: bool,
}

impl Show {
    /// The observer, and the terminal that prompts must share with it.
    fn observer(&self, directory: &Path) -> (Box<dyn Observer>, Option<Terminal>) {
        let directory = Some(PathBuf::from(directory));
        if self.json {
            (Box::new(JsonLines::new(Sink::stdout())), None)
        } else if Terminal::is_usable() {
            let terminal = Terminal::stdout();
            (Box::new(Console::new(terminal.clone(), self.detail, directory)), Some(terminal))
        } else {
            (Box::new(Plain::new(Sink::stdout(), self.detail, directory)), None)
        }
    }

    fn operator(&self, terminal: Option<Terminal>, mailbox: &Mailbox) -> Rc<dyn Operator> {
        let by = identity::operator();
        let mailbox = mailbox.clone();
        let reply: Reply = Arc::new(move |token, answer| mailbox.answered(token, answer, by.clone()));
        if self.attended { Rc::new(Prompt::new(terminal, reply)) } else { Rc::new(Nobody::new(reply)) }
    }
}

fn carry_out(
    plan: Arc<Plan>,
    directory: &RunDirectory,
    secrets: SecretStore,
    options: Options,
    show: &Show,
    last_signal: &LastSignal,
) -> Result<Result<RunReport, RunError>, Failure> {
    let storage = |error: std::io::Error| Failure::Storage(format!("write {}: {error}", directory.path().display()));
    let masker = Masker::new(&secrets);
    directory.write_plan(&plan_file::json(&plan, None)?).map_err(storage)?;
    let journal = FileJournal::new(directory.create_journal().map_err(storage)?).masked(masker.clone());

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Internal(format!("start the event loop: {error}")))?;
    let (mailbox, inbox) = execute::mailbox();
    let mut settings = Settings::new(directory.path().to_path_buf());
    settings.live_lines = !show.json;
    settings.runbook.clone_from(&plan.name);
    settings.system.clone_from(&plan.system);
    let (observer, terminal) = show.observer(directory.path());
    let report = runtime.block_on(async {
        signals::forward(&mailbox, last_signal)
            .map_err(|error| Failure::Internal(format!("watch for signals: {error}")))?;
        let mut ports = Ports {
            clock: Box::new(BootClock::start()),
            journal: Box::new(journal),
            runner: Rc::new(LocalRunner::new(settings, secrets, masker, Arc::new(mailbox.clone()))),
            operator: show.operator(terminal, &mailbox),
            observers: vec![observer],
            inbox,
        };
        Ok(execute::run(plan, &mut ports, options).await)
    });
    runtime.shutdown_background();
    report
}
