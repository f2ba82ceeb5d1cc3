//! Work on another machine. The client is only a way to look: the command runs under a wrapper over there (`wrapper.sh`), which starts
//! it once for each token and lets anybody attach. A lost connection is made again; a dead engine's attempt is found again.

mod client;
mod forward;
mod frames;
mod script;

pub(super) use self::forward::Forward;
pub(super) use self::script::safe;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::model::id::AttemptToken;
use crate::model::port::Live;
use crate::model::work::{Completion, End, Tool, Work};

use self::client::{Client, Gone};
use self::frames::{Ending, Frame, Frames};
use self::script::{Far, Mode, Script, quote};
use super::attempt::{complete, sink};
use super::launch::{about, environment, expose, marked};
use super::local::Shared;
use super::log::log_path;
use super::pump::Sink;
use super::{boot, docker, ending, outputs, transport};

/// Between a lost connection and the next try, at first and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));
/// To reach the machine and end what is there, above the grace.
const ENDING: Duration = Duration::from_secs(20);
/// Once the work was ended, the first contact has this long to bring its last words.
const FAREWELL: Duration = Duration::from_secs(2);
/// Of `$RUNBOOK_OUTPUT`, kept: one byte more than is allowed.
const VALUES: usize = 1024 * 1024 + 1;

/// Whether an attempt may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// It begins unless it has.
    Ensure,
    /// Only what has begun is looked for; the rest never begins.
    Attach,
}

/// What is to be done over there.
#[derive(Clone, Copy)]
pub(super) struct Order<'a> {
    pub work: &'a Work,
    pub tool: Tool,
    /// Program and arguments.
    pub argv: &'a [String],
    /// What brings the values from a container.
    pub values: Option<&'a [String]>,
}

/// Carries out a program on another machine, or finds it there.
pub(super) async fn run(
    shared: &Shared,
    order: Order<'_>,
    mut cancel: watch::Receiver<u8>,
    start: Start,
) -> Completion {
    let began = boot::now();
    let Order { work, tool, .. } = order;
    let call = match Call::new(shared, order) {
        Ok(call) => call,
        Err(why) => return Completion::of(End::NotStarted { why }),
    };
    if start == Start::Attach {
        // A client of the dead engine may still be on its way; its log is written again from the beginning.
        ending::end_orphans(client::VARIABLE, &call.script.token, Duration::ZERO, &mut cancel).await;
        let _ = std::fs::remove_file(log_path(&shared.settings.run_directory, &work.attempt));
    }
    let sink = sink(shared, &work.attempt, work.capture);
    let mut session = Session::new(&sink);
    let end = call.follow(work, start, began, &mut cancel, &mut session).await;
    for stderr in [false, true] {
        sink.lock().unwrap_or_else(PoisonError::into_inner).finish(stderr);
    }
    let values = outputs::values(session.values);
    let mut completion = complete(tool, &call.argv, end, session.left, &sink, values);
    completion.truncated |= session.trimmed;
    completion.elapsed = boot::now().saturating_sub(began);
    completion
}

/// What all contacts of an attempt have brought so far.
struct Session {
    sink: Arc<Mutex<Sink>>,
    /// Bytes of standard output and standard error.
    received: [u64; 2],
    values: Vec<u8>,
    left: Vec<u32>,
    trimmed: bool,
    /// A wrapper has answered.
    greeted: bool,
    /// The pid of the first client was told.
    told: bool,
    over: Option<Ending>,
}

impl Session {
    fn new(sink: &Arc<Mutex<Sink>>) -> Self {
        Self {
            sink: Arc::clone(sink),
            received: [0; 2],
            values: Vec::new(),
            left: Vec::new(),
            trimmed: false,
            greeted: false,
            told: false,
            over: None,
        }
    }

    fn take(&mut self, frame: Frame<'_>) {
        match frame {
            Frame::Hello => {
                self.greeted = true;
                self.values.clear();
            }
            Frame::Began => {}
            Frame::Bytes { stderr, bytes } => {
                self.received[usize::from(stderr)] += bytes.len() as u64;
                self.sink.lock().unwrap_or_else(PoisonError::into_inner).push(stderr, bytes);
            }
            Frame::Values(bytes) => {
                let room = VALUES.saturating_sub(self.values.len());
                self.values.extend_from_slice(&bytes[..bytes.len().min(room)]);
            }
            Frame::Left(pids) => self.left = pids,
            Frame::Trimmed => self.trimmed = true,
            Frame::Over(ending) => self.over = Some(ending),
        }
    }
}

/// An attempt on another machine.
struct Call<'a> {
    shared: &'a Shared,
    client: Client,
    script: Script,
    /// As it is run over there, token included.
    argv: Vec<String>,
    directory: String,
}

/// Why the work is ended before its own end.
#[derive(Clone, Copy)]
enum Cut {
    TimedOut,
    Cancelled,
}

impl<'a> Call<'a> {
    fn new(shared: &'a Shared, order: Order<'_>) -> Result<Self, String> {
        let Order { work, tool, argv, values } = order;
        let client = Client::new(&work.target, shared.settings.ssh_config.as_deref())?;
        let token = script::safe(&work.attempt.token.0);
        let name = AttemptToken(token.clone());
        let (argv, site) = marked(tool, argv, &name);
        let mut env = environment(work, &shared.secrets)?;
        env.extend(about(&work.attempt, token.clone()));
        let stdin = work.stdin.as_ref().map(|text| expose(text, &shared.secrets)).transpose()?;
        let directory = work.working_dir.as_ref().map(|directory| directory.to_string_lossy().into_owned());
        let elsewhere = site.map(|site| end_containers(&argv, site, &name)).unwrap_or_default();
        let script = Script::new(&Far {
            token: &token,
            argv: &argv,
            env: &env,
            directory: directory.as_deref(),
            stdin: stdin.as_deref(),
            elsewhere: &elsewhere,
            values,
        })?;
        Ok(Self { shared, client, script, argv, directory: directory.unwrap_or_default() })
    }

    async fn follow(
        &self,
        work: &Work,
        start: Start,
        began: Duration,
        cancel: &mut watch::Receiver<u8>,
        session: &mut Session,
    ) -> End {
        let mode = if start == Start::Ensure { Mode::Ensure } else { Mode::Attach };
        let due = boot::sleep_until(began.saturating_add(work.timeout));
        tokio::pin!(due);
        let mut pause = PAUSE.0;
        // Once a contact may have reached it, only a wrapper's word counts.
        let mut touched = start == Start::Attach;
        loop {
            session.greeted = false;
            let ended = {
                let contact = self.contact(mode, work, session);
                tokio::pin!(contact);
                tokio::select! {
                    biased;
                    gone = &mut contact => Ok(gone),
                    cut = cut(cancel, &mut due) => {
                        let ending = self.end(cancel);
                        tokio::pin!(ending);
                        // It goes on reading, for what the command says to its end.
                        let mut reading = true;
                        let ended = loop {
                            tokio::select! {
                                biased;
                                _ = &mut contact, if reading => reading = false,
                                ended = &mut ending => break ended,
                            }
                        };
                        if reading {
                            let _ = timeout(FAREWELL, contact).await;
                        }
                        Err((cut, ended))
                    }
                }
            };
            let gone = match ended {
                Ok(Ok(gone)) => gone,
                Ok(Err(why)) if touched => return End::Unreachable { why, may_have_run: true },
                Ok(Err(why)) => return End::NotStarted { why },
                Err((cut, ended)) => return Self::was_cut(cut, ended, session),
            };
            if let Some(ending) = session.over.take() {
                return self.end_of(ending, work, start);
            }
            let lost = self.lost(&gone, session.greeted);
            touched |= lost.may_have_run;
            if !touched {
                return End::Unreachable { why: lost.why, may_have_run: false };
            }
            self.say(work, &format!("{}; asking again in {:.1} s", lost.why, pause.as_secs_f32()));
            if let Ok(cut) = timeout(pause, cut(cancel, &mut due)).await {
                let ended = self.end(cancel).await;
                return Self::was_cut(cut, ended, session);
            }
            pause = if session.greeted { PAUSE.0 } else { (pause * 2).min(PAUSE.1) };
        }
    }

    async fn contact(&self, mode: Mode, work: &Work, session: &mut Session) -> Result<Gone, String> {
        let text = self.script.text(mode, session.received);
        let mut frames = Frames::new(&self.script.token);
        let first = !std::mem::replace(&mut session.told, true);
        let spawned = |pid| {
            if first {
                self.shared.report.spawned(&work.attempt, pid);
            }
        };
        let said = |bytes: &[u8]| frames.push(bytes, |frame| session.take(frame));
        self.client.carry(self.shared, &self.script.token, text, spawned, said).await
    }

    /// Ends it over there. Gives whether that was confirmed, and what is left.
    async fn end(&self, cancel: &mut watch::Receiver<u8>) -> Result<Vec<u32>, String> {
        let grace = self.shared.settings.grace;
        let patient = async {
            tokio::select! {
                biased;
                Ok(_) = cancel.wait_for(|asked| *asked > 1) => None,
                ended = timeout(grace + ENDING, self.end_within(grace)) => Some(ended),
            }
        };
        let ended = match patient.await {
            Some(ended) => ended,
            None => timeout(ENDING, self.end_within(Duration::ZERO)).await,
        };
        ended.unwrap_or_else(|_| Err(format!("{} did not answer in time", self.client.host)))
    }

    async fn end_within(&self, grace: Duration) -> Result<Vec<u32>, String> {
        let tenths = u64::try_from(grace.as_millis() / 100).unwrap_or(u64::MAX);
        let mut pause = PAUSE.0;
        loop {
            let mut frames = Frames::new(&self.script.token);
            let (mut over, mut left) = (None, Vec::new());
            let said = |bytes: &[u8]| {
                frames.push(bytes, |frame| match frame {
                    Frame::Over(ending) => over = Some(ending),
                    Frame::Left(pids) => left = pids,
                    _ => {}
                });
            };
            let text = self.script.text(Mode::End { grace: tenths }, [0; 2]);
            let gone = self.client.carry(self.shared, &self.script.token, text, |_| (), said).await?;
            match over {
                Some(Ending::Ended) => return Ok(left),
                Some(other) => return Err(format!("{}: {other:?}", self.client.host)),
                None if frames.greeted() => {}
                None => {
                    let lost = self.lost(&gone, false);
                    if !lost.may_have_run {
                        return Err(lost.why);
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    fn was_cut(cut: Cut, ended: Result<Vec<u32>, String>, session: &mut Session) -> End {
        match ended {
            Ok(left) => {
                session.left = left;
                match cut {
                    Cut::TimedOut => End::TimedOut,
                    Cut::Cancelled => End::Cancelled,
                }
            }
            Err(why) => {
                let what = match cut {
                    Cut::TimedOut => "it outlived its timeout",
                    Cut::Cancelled => "it was cancelled",
                };
                End::Unreachable { why: format!("{what}, and nobody could end it: {why}"), may_have_run: true }
            }
        }
    }

    fn end_of(&self, ending: Ending, work: &Work, start: Start) -> End {
        let host = &self.client.host;
        let missing = |why: String| match start {
            Start::Ensure => End::NotStarted { why },
            Start::Attach => End::Unreachable { why, may_have_run: true },
        };
        match ending {
            Ending::Exited(code) => End::Exited(code),
            Ending::Signaled(signal) => End::Signaled {
                signal,
                why: (signal == 9).then(|| "killed by signal 9 (often: out of memory)".to_owned()),
            },
            Ending::Never => End::Unreachable { why: format!("{host} says that it never began"), may_have_run: false },
            Ending::Ended => End::Cancelled,
            Ending::Lost(why) => End::Unreachable { why: format!("{host}: {why}"), may_have_run: true },
            Ending::NotStarted(what) if what == "directory" => {
                missing(format!("there is no directory {} on {host}", self.directory))
            }
            Ending::NotStarted(_) => {
                let declared = work.env.iter().any(|(name, _)| name == "PATH");
                let searched = if declared { "the step's own PATH" } else { "the PATH of a command over ssh" };
                let program = self.argv.first().map_or("", String::as_str);
                missing(format!("program `{program}` is not on {host} (searched {searched})"))
            }
            Ending::Broken(_) => missing(format!(
                "on {host} neither ~/.local/state/runbook nor /var/tmp can hold the attempt (full, read-only, or not this user's own)"
            )),
        }
    }

    fn lost(&self, gone: &Gone, greeted: bool) -> transport::Unreachable {
        let host = &self.client.host;
        let code = gone.status.and_then(|status| status.code());
        if greeted {
            let why = gone.stderr.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no reason given");
            return transport::Unreachable {
                why: format!("the connection to {host} was lost: {why}"),
                may_have_run: true,
            };
        }
        match code {
            // The client's own end is the command's: no wrapper was there to start anything.
            Some(code) if code != 255 => {
                let why =
                    gone.stderr.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("no reason given");
                let why = format!("{host} did not start the wrapper (`{}` ended with {code}): {why}", self.client.name);
                transport::Unreachable { why, may_have_run: false }
            }
            _ => transport::ssh(&gone.stderr),
        }
    }

    fn say(&self, work: &Work, what: &str) {
        let line = self.shared.masker.mask(what);
        self.shared.report.live(Live::Output { step: work.attempt.step.clone(), stderr: true, line });
    }
}

async fn cut(cancel: &mut watch::Receiver<u8>, due: &mut (impl Future<Output = ()> + Unpin)) -> Cut {
    tokio::select! {
        biased;
        Ok(_) = cancel.wait_for(|asked| *asked > 0) => Cut::Cancelled,
        () = due => Cut::TimedOut,
    }
}

/// As commands of a shell: ends what the Docker client over there has started in containers.
fn end_containers(argv: &[String], site: docker::Site, token: &AttemptToken) -> String {
    let words = |argv: Vec<String>| argv.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
    if let Some(list) = docker::list_containers(argv, site, token) {
        let end = words(docker::end_containers(argv, site, &[]));
        return format!("for rb_one in $({}); do {end} \"$rb_one\"; done", words(list));
    }
    docker::end_inside(argv, site, token).map(words).unwrap_or_default()
}
