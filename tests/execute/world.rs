//! A world for the core: attempts take simulated time and end as a script says. No processes, no clock.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use runbook::document;
use runbook::execute::{Answer, Command, Core, Event, Intent, Options, Question, Resume};
use runbook::model::entry::{Entry, Record};
use runbook::model::id::{AttemptToken, RunId};
use runbook::model::outcome::{Outcome, RunOutcome, SkipReason};
use runbook::model::port::Now;
use runbook::model::work::{Completion, End, Purpose, Task, Work};
use runbook::plan::{self, Inputs, Plan, RunIdentity};

/// How long and how an attempt ends.
pub struct Scripted {
    pub takes: Duration,
    pub end: End,
    pub stdout: String,
}

impl Scripted {
    pub fn exit(code: i32) -> Self {
        Self { takes: Duration::from_millis(100), end: End::Exited(code), stdout: String::new() }
    }

    pub fn said(stdout: &str) -> Self {
        Self { stdout: stdout.to_owned(), ..Self::exit(0) }
    }

    pub fn after(self, takes: Duration) -> Self {
        Self { takes, ..self }
    }
}

/// What happened.
#[derive(Default)]
pub struct History {
    pub entries: Vec<Entry>,
    /// The whole journal, that of an earlier engine included.
    pub records: Vec<Record>,
    /// Step, program arguments, start and end of each attempt.
    pub attempts: Vec<(String, Vec<String>, Duration, Duration)>,
    pub purposes: Vec<Purpose>,
    pub questions: Vec<Question>,
    pub outcome: Option<RunOutcome>,
    /// Parameter and value that a person changed.
    pub amended: Option<(String, String)>,
    pub elapsed: Duration,
}

impl History {
    /// How a step ended, with why.
    pub fn ended(&self, id: &str) -> Option<(Outcome, Vec<String>)> {
        self.entries.iter().rev().find_map(|entry| match entry {
            Entry::StepFinished { step, outcome, why, skipped, .. } if step.0 == id => {
                let skipped = skipped.iter().map(SkipReason::describe);
                Some((*outcome, why.iter().cloned().chain(skipped).collect()))
            }
            _ => None,
        })
    }

    pub fn outcome_of(&self, id: &str) -> Option<Outcome> {
        self.ended(id).map(|(outcome, _)| outcome)
    }

    /// Ids of the steps whose action started, in order.
    pub fn started(&self) -> Vec<&str> {
        self.entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::StepStarted { step, .. } => Some(step.0.as_str()),
                _ => None,
            })
            .collect()
    }
}

fn since_start(wall: DateTime<Utc>) -> Duration {
    (wall - at(Duration::ZERO).wall).to_std().unwrap_or_default()
}

fn lost(end: End) -> Completion {
    Completion {
        end,
        stdout: None,
        stderr: String::new(),
        truncated: false,
        values: BTreeMap::new(),
        elapsed: Duration::ZERO,
        left_behind: Vec::new(),
    }
}

fn at(elapsed: Duration) -> Now {
    let epoch = DateTime::<Utc>::from_timestamp(1_800_000_000, 0).expect("a valid time");
    Now { elapsed, wall: epoch + TimeDelta::from_std(elapsed).expect("a short time") }
}

/// Plans a runbook file.
pub fn plan(path: &Path) -> Arc<Plan> {
    let documents = document::load(path, None).unwrap_or_else(|invalid| panic!("{:#?}", invalid.diagnostics));
    let run = RunIdentity {
        id: RunId("01TEST".to_owned()),
        stamp: "20270115-080000".to_owned(),
        started: at(Duration::ZERO).wall,
        operator: "tester@here".to_owned(),
    };
    let inputs = Inputs::new(run);
    Arc::new(plan::plan(&documents, &inputs).unwrap_or_else(|errors| panic!("{errors:#?}")))
}

/// Plans a runbook text.
pub fn planned(yaml: &str) -> Arc<Plan> {
    planned_with(&[("runbook.yaml", yaml)])
}

/// Plans the first of some files; the others are what it names.
pub fn planned_with(files: &[(&str, &str)]) -> Arc<Plan> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).expect("write a document");
    }
    plan(&directory.path().join(files[0].0))
}

/// What happens to a run besides its steps.
#[derive(Default)]
pub struct Course {
    pub core: Options,
    /// When signals arrive.
    pub signals: Vec<Duration>,
    /// The engine is killed once so many records are durable; what they allow may have been started.
    pub killed_after: Option<usize>,
    /// The journal of an engine that was killed.
    pub journal: Vec<Record>,
    /// What it is taken up for.
    pub intent: Intent,
    /// What else happens, and when.
    pub events: Vec<(Duration, Event)>,
    /// Nobody is at the terminal: questions stay open.
    pub silent: bool,
    /// What approvals of a question arrive, and how much later.
    pub letters: Option<Letters>,
}

/// See [`Course::letters`].
pub type Letters = Box<dyn FnMut(&Question) -> Vec<(Duration, Event)>>;

impl From<Options> for Course {
    fn from(core: Options) -> Self {
        Self { core, ..Self::default() }
    }
}

/// Runs a plan to its end. `script` says how each attempt ends; `answer` what a person says.
#[expect(clippy::too_many_lines, reason = "one match over all commands")]
pub fn simulate(
    plan: &Arc<Plan>,
    options: impl Into<Course>,
    mut script: impl FnMut(&Work) -> Scripted,
    mut answer: impl FnMut(&Question) -> Answer,
) -> History {
    let mut options = options.into();
    let mut history = History::default();
    let mut elapsed = options.journal.last().map_or(Duration::ZERO, |record| since_start(record.at));
    let mut core = if options.journal.is_empty() {
        Core::new(Arc::clone(plan), options.core, at(elapsed))
    } else {
        let resume = Resume {
            records: &options.journal,
            epoch: 2,
            changes: Vec::new(),
            intent: options.intent.clone(),
            amended: None,
        };
        Core::resume(Arc::clone(plan), options.core, at(elapsed), resume)
    };
    history.records.clone_from(&options.journal);
    let mut due: BTreeMap<(Duration, u64), (AttemptToken, Completion)> = BTreeMap::new();
    let mut wake = None;
    let mut counter = 0;
    let mut answers: VecDeque<(AttemptToken, Answer)> = VecDeque::new();
    let mut events = std::mem::take(&mut options.events);
    let signals = options.signals.iter().zip(1..);
    events.extend(signals.map(|(when, level)| (*when, Event::Interrupt { level })));
    events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let mut commands = core.next(at(elapsed), Event::Begin);
    for _round in 0..1_000_000 {
        for entry in commands.iter().filter_map(|command| match command {
            Command::Record(entry) => Some(entry.clone()),
            _ => None,
        }) {
            if options.killed_after.is_some_and(|records| history.records.len() >= records) {
                return history;
            }
            let seq = history.records.len() as u64;
            history.records.push(Record { seq, at: at(elapsed).wall, entry: entry.clone() });
            history.entries.push(entry);
        }
        for command in commands.drain(..) {
            match command {
                Command::Recover(work) => {
                    counter += 1;
                    let end = End::Unreachable { why: "the engine is gone".to_owned(), may_have_run: true };
                    due.insert((elapsed, counter), (work.attempt.token, lost(end)));
                }
                Command::Start(work) => {
                    counter += 1;
                    let scripted = script(&work);
                    let ends = elapsed + scripted.takes;
                    let argv = match &work.task {
                        Task::Program { argv, .. } => argv.clone(),
                        _ => Vec::new(),
                    };
                    history.attempts.push((work.attempt.step.0.clone(), argv, elapsed, ends));
                    history.purposes.push(work.attempt.purpose);
                    let completion = Completion {
                        end: scripted.end,
                        stdout: Some(scripted.stdout),
                        stderr: String::new(),
                        truncated: false,
                        values: BTreeMap::new(),
                        elapsed: scripted.takes,
                        left_behind: Vec::new(),
                    };
                    due.insert((ends, counter), (work.attempt.token, completion));
                }
                Command::Ask(token, question) => {
                    if let Question::Approval { .. } = &question {
                        let letters = options.letters.as_mut().map(|letters| letters(&question)).unwrap_or_default();
                        events.extend(letters.into_iter().map(|(later, event)| (elapsed + later, event)));
                        events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
                    } else if !options.silent {
                        answers.push_back((token, answer(&question)));
                    }
                    history.questions.push(question);
                }
                Command::WakeAt(at) => wake = at,
                Command::Finish(outcome) => history.outcome = Some(outcome),
                Command::Cancel(token) => {
                    let key = due.iter().find(|(_, (known, _))| *known == token).map(|(key, _)| *key);
                    if let Some((token, mut completion)) = key.and_then(|key| due.remove(&key)) {
                        counter += 1;
                        completion.end = End::Cancelled;
                        due.insert((elapsed, counter), (token, completion));
                    }
                }
                Command::Withdraw(token) => answers.retain(|(asked, _)| *asked != token),
                Command::Amend { param, value, .. } => {
                    assert_eq!(history.outcome, None, "a change comes before the end");
                    history.amended = Some((param, value));
                }
                Command::Record(_) | Command::Show(_) => {}
            }
        }
        if options.killed_after.is_some_and(|records| history.records.len() >= records) {
            return history;
        }
        if core.is_over() {
            history.elapsed = elapsed;
            return history;
        }
        if let Some((token, answer)) = answers.pop_front() {
            commands = core.next(at(elapsed), Event::Answered { token, answer, by: "tester".to_owned() });
            continue;
        }
        let next = due.keys().next().map(|(at, _)| *at);
        let soonest = next.into_iter().chain(wake).min();
        if let Some((when, event)) = events.pop_if(|(when, _)| soonest.is_none_or(|soonest| *when <= soonest)) {
            elapsed = elapsed.max(when);
            commands = core.next(at(elapsed), event);
            continue;
        }
        match (next, wake) {
            (Some(ends), wake) if wake.is_none_or(|wake| ends <= wake) => {
                let (_, (token, completion)) = due.pop_first().expect("looked at above");
                elapsed = ends;
                commands = core.next(at(elapsed), Event::Completed { token, completion });
            }
            (_, Some(wake)) => {
                elapsed = elapsed.max(wake);
                commands = core.next(at(elapsed), Event::Tick);
            }
            (_, None) => panic!("the run waits for nothing: {:#?}", history.entries),
        }
    }
    panic!("the run does not end");
}

/// Says yes to everything.
pub fn yes(_question: &Question) -> Answer {
    Answer::Yes { inputs: Vec::new(), evidence: None }
}
