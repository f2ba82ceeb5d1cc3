//! `runbook run FILE --dry-run`: what would happen, what is proved. Only reads are carried out, each on its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::execute::BootClock;
use crate::execute::preview::{Prober, ReadWork, preview};
use crate::model::port::{Clock, Live};
use crate::model::work::{Attempt, Completion, End, Rendered, Task, Tool};
use crate::report::{Sink, preview as shown, visible};
use crate::runner::{LocalRunner, Report, Runner, Settings};
use crate::secret::{Masker, SecretStore};

use super::args::RunArgs;
use super::exit::Exit;
use super::failure::Failure;
use super::saved::Saved;
use super::{load, masked, saved_plan, secrets};
use crate::journal::Runs;

/// Shows what a run would do.
pub fn dry_run(args: &RunArgs) -> Result<Exit, Failure> {
    let loaded = if saved_plan::is_one(&args.plan.file) {
        saved_plan::load(args)?.0
    } else {
        load::load(&args.plan, &Runs::new(args.runs.path()), args.json)?
    };
    let saved = args.out.is_some().then(|| Saved::new(&args.plan, &loaded)).transpose()?;
    let secrets = secrets::available(&loaded, args.json);
    let masker = Masker::new(&secrets);
    let plan = Arc::new(loaded.plan);
    let mut prober = LocalProber::new(secrets, &plan.run.id.0)?;
    let mut preview = preview(&plan, BootClock::start().now(), &mut prober);
    drop(prober);
    masked::preview(&masker, &mut preview);
    if let (Some(out), Some(saved)) = (&args.out, saved) {
        saved_plan::write(out, &plan, saved, &preview)?;
    }
    if args.json {
        Sink::stdout().line(shown::json(&plan, &preview).to_string());
    } else {
        let colour = console::colors_enabled() && console::Term::stdout().is_term();
        Sink::stdout().text(shown::text(&plan, &preview, colour));
        if let Some(out) = &args.out {
            let out = out.display().to_string();
            Sink::stdout().line(format!("saved: runbook run {}", visible::line(&out)));
        }
    }
    Ok(if args.strict && !shown::is_proved(&preview) { Exit::Refused } else { Exit::Success })
}

/// Carries out reads one at a time. Whatever they print is kept in a directory that is gone afterwards.
pub(super) struct LocalProber {
    runtime: tokio::runtime::Runtime,
    runner: LocalRunner,
    completions: mpsc::UnboundedReceiver<Completion>,
    directory: PathBuf,
    tools: BTreeMap<String, bool>,
}

impl LocalProber {
    pub(super) fn new(secrets: SecretStore, run: &str) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::Internal(format!("start the event loop: {error}")))?;
        let directory = std::env::temp_dir().join(format!("runbook-dry-run-{run}"));
        let (sender, completions) = mpsc::unbounded_channel();
        let masker = Masker::new(&secrets);
        let report = Arc::new(Completions { sender });
        let runner = LocalRunner::new(Settings::new(directory.clone()), secrets, masker, report);
        Ok(Self { runtime, runner, completions, directory, tools: BTreeMap::new() })
    }
}

impl Prober for LocalProber {
    fn has(&mut self, tool: &str) -> bool {
        *self.tools.entry(tool.to_owned()).or_insert_with(|| which::which(tool).is_ok())
    }

    fn probe(&mut self, work: ReadWork) -> Completion {
        let Self { runtime, runner, completions, directory, .. } = self;
        let mut work = work.into_work();
        if matches!(work.task, Task::Program { tool: Tool::Gcloud, .. }) {
            work.env.extend(leave_no_trace(directory));
        }
        runtime.block_on(async {
            runner.start(work);
            // Every started attempt completes; its own timeout bounds the wait.
            completions.recv().await.unwrap_or_else(|| {
                // A bug of ours, and no reason to say that anything is proved.
                Completion::of(End::NotStarted { why: "the runner gave no answer".to_owned() })
            })
        })
    }
}

/// The Google Cloud client writes log files, and a whole configuration where there is none: neither belongs to a dry run.
pub(super) fn leave_no_trace(directory: &Path) -> Vec<(String, Rendered)> {
    let mut env = vec![("CLOUDSDK_CORE_DISABLE_FILE_LOGGING".to_owned(), Rendered::text("1"))];
    let configured = std::env::var_os("CLOUDSDK_CONFIG").is_some()
        || std::env::var_os("HOME").is_some_and(|home| Path::new(&home).join(".config/gcloud").is_dir());
    if !configured {
        let own = directory.join("gcloud").to_string_lossy().into_owned();
        env.push(("CLOUDSDK_CONFIG".to_owned(), Rendered::text(own)));
    }
    env
}

impl Drop for LocalProber {
    fn drop(&mut self) {
        // Nothing there, or nothing that can be done about it: the temporary directory is the machine's to clean.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Passes completions on; nobody watches the rest.
struct Completions {
    sender: mpsc::UnboundedSender<Completion>,
}

impl Report for Completions {
    fn spawned(&self, _attempt: &Attempt, _pid: u32) {}

    fn live(&self, _live: Live) {}

    fn completed(&self, _attempt: Attempt, completion: Completion) {
        let _ = self.sender.send(completion);
    }
}
