//! The runner of this machine: takes rendered work, dispatches it by task, and reports exactly once.

use std::collections::HashMap;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::model::id::AttemptToken;
use crate::model::work::{Attempt, Completion, End, Target, Task, Work};
use crate::secret::{Masker, SecretStore};

use super::attempt;
use super::clients::Clients;
use super::container::Entered;
use super::family::Company;
use super::oom::OomKills;
use super::program::Programs;
use super::{Report, Runner, boot, container, family, http, notify, recover, remote};

/// What a local runner must know about its run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The run's directory; logs go to `steps/` in it.
    pub run_directory: PathBuf,
    /// From TERM to KILL.
    pub grace: Duration,
    /// Somebody watches: output lines go to [`Report::live`].
    pub live_lines: bool,
    /// The runbook's name, for messages to webhooks.
    pub runbook: String,
    /// The system's name, for messages to webhooks.
    pub system: Option<String>,
    /// A configuration for `ssh -F`; none: OpenSSH's own.
    pub ssh_config: Option<PathBuf>,
    /// Where `ssh` and `gcloud` are searched and what they get as their `PATH`; none: the engine's own.
    pub client_path: Option<String>,
}

impl Settings {
    /// Five seconds of grace, nobody watching.
    #[must_use]
    pub fn new(run_directory: PathBuf) -> Self {
        let run_directory = std::path::absolute(&run_directory).unwrap_or(run_directory);
        Self {
            run_directory,
            grace: Duration::from_secs(5),
            live_lines: false,
            runbook: String::new(),
            system: None,
            ssh_config: None,
            client_path: None,
        }
    }
}

/// Shared by all attempts.
pub(super) struct Shared {
    pub settings: Settings,
    pub secrets: SecretStore,
    pub masker: Masker,
    pub report: Arc<dyn Report>,
    pub programs: Programs,
    pub oom: OomKills,
    pub clients: Clients,
    running: Mutex<HashMap<AttemptToken, watch::Sender<u8>>>,
    /// Programs that run on this machine now.
    pub company: Company,
}

/// Starts work on this machine, on the tokio runtime of whoever calls [`Runner::start`].
pub struct LocalRunner {
    shared: Arc<Shared>,
}

impl LocalRunner {
    /// A runner for one run. The process becomes the parent of orphans among its descendants. Makes nothing but a directory for `$RUNBOOK_OUTPUT` in the run's directory, and that best effort: a
    /// step that writes there fails with the shell's own words.
    #[must_use]
    pub fn new(settings: Settings, secrets: SecretStore, masker: Masker, report: Arc<dyn Report>) -> Self {
        family::adopt_orphans();
        let outputs = settings.run_directory.join("outputs");
        forget_outputs(&outputs);
        let _ = DirBuilder::new().recursive(true).mode(0o700).create(outputs);
        Self {
            shared: Arc::new(Shared {
                settings,
                secrets,
                masker,
                report,
                programs: Programs::default(),
                oom: OomKills::new(),
                clients: Clients::default(),
                running: Mutex::default(),
                company: Company::default(),
            }),
        }
    }
}

/// What steps left for an engine that died before it read it: nobody will, and secrets may stand in it.
fn forget_outputs(directory: &Path) {
    let is_ours = fs::symlink_metadata(directory).is_ok_and(|found| found.is_dir());
    for entry in fs::read_dir(directory).into_iter().flatten().flatten().filter(|_| is_ours) {
        let _ = fs::remove_file(entry.path());
    }
}

impl LocalRunner {
    fn begin(&self, work: &Work) -> (Over, watch::Receiver<u8>) {
        let (asked, cancel) = watch::channel(0);
        let token = work.attempt.token.clone();
        self.shared.running.lock().unwrap_or_else(PoisonError::into_inner).insert(token, asked);
        (Over { shared: Arc::clone(&self.shared), attempt: work.attempt.clone(), completion: None }, cancel)
    }
}

impl Runner for LocalRunner {
    fn start(&self, work: Work) {
        let (over, cancel) = self.begin(&work);
        tokio::spawn(carry_out(over, work, cancel));
    }

    fn recover(&self, work: Work) {
        let (over, cancel) = self.begin(&work);
        tokio::spawn(find_again(over, work, cancel));
    }

    fn cancel(&self, token: &AttemptToken) {
        if let Some(asked) = self.shared.running.lock().unwrap_or_else(PoisonError::into_inner).get(token) {
            asked.send_modify(|asked| *asked = asked.saturating_add(1));
        }
    }
}

/// Reports the end of an attempt, whatever becomes of its task.
struct Over {
    shared: Arc<Shared>,
    attempt: Attempt,
    completion: Option<Completion>,
}

impl Drop for Over {
    fn drop(&mut self) {
        self.shared.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.attempt.token);
        let completion = self.completion.take().unwrap_or_else(|| {
            Completion::of(End::Unreachable { why: "the engine lost this attempt".to_owned(), may_have_run: true })
        });
        self.shared.report.completed(self.attempt.clone(), completion);
    }
}

async fn find_again(mut over: Over, work: Work, cancel: watch::Receiver<u8>) {
    let shared = Arc::clone(&over.shared);
    over.completion = Some(recover::recover(&shared, work, cancel).await);
}

async fn carry_out(mut over: Over, work: Work, mut cancel: watch::Receiver<u8>) {
    let shared = Arc::clone(&over.shared);
    let Entered { work, values } = match container::entered(work) {
        Ok(entered) => entered,
        Err(why) => {
            over.completion = Some(Completion::of(End::NotStarted { why }));
            return;
        }
    };
    if let Task::Program { tool, argv } = &work.task {
        over.completion = Some(match work.target {
            Target::Ssh { .. } | Target::Gcloud { .. } => {
                let order = remote::Order { work: &work, tool: *tool, argv, values: values.as_deref() };
                remote::run(&shared, order, cancel, remote::Start::Ensure).await
            }
            Target::Local | Target::Container { .. } => {
                let mut completion = attempt::run(&shared, &work, *tool, argv, cancel).await;
                if let (Some(bring), End::Exited(_)) = (values, &completion.end) {
                    attempt::bring_values(&shared, &work, bring, &mut completion).await;
                }
                completion
            }
        });
        return;
    }
    let began = boot::now();
    let mut completion = tokio::select! {
        biased;
        Ok(_) = cancel.wait_for(|asked| *asked > 0) => Completion::of(End::Cancelled),
        completion = without_process(&shared, &work, began) => completion,
    };
    completion.elapsed = boot::now().saturating_sub(began);
    over.completion = Some(completion);
}

async fn without_process(shared: &Shared, work: &Work, began: Duration) -> Completion {
    match &work.task {
        Task::Program { .. } => Completion::of(End::NotStarted { why: "a program is not carried out here".to_owned() }),
        Task::Http { .. } => http::request(shared, work, began).await,
        Task::Notify { channels, text } => notify::send(shared, work, channels, text).await,
        Task::Wait(time) => {
            boot::sleep_until(began.saturating_add(*time)).await;
            Completion::of(End::Done { warning: None })
        }
    }
}
