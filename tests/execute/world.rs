//! A world for the core: attempts take simulated time and end as a script says. The driver is the rehearsal's own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use runbook::document;
use runbook::execute::{Answer, Command, Core, Event, Intent, Options, Outside, Question, Simulation};
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
pub fn simulate(
    plan: &Arc<Plan>,
    options: impl Into<Course>,
    script: impl FnMut(&Work) -> Scripted,
    answer: impl FnMut(&Question) -> Answer,
) -> History {
    let Course { core, signals, killed_after, journal, intent, events, silent, letters } = options.into();
    let outside = Told { script, answer, silent, letters, history: History::default() };
    let began = at(Duration::ZERO).wall;
    let mut run = if journal.is_empty() {
        Simulation::new(Arc::clone(plan), core, began, outside)
    } else {
        let records = journal.iter().cloned().map(Arc::new).collect();
        Simulation::of_journal(Arc::clone(plan), core, began, records, intent, outside)
    };
    for (level, at) in (1..).zip(signals) {
        run.schedule(at, Event::Interrupt { level });
    }
    for (at, event) in events {
        run.schedule(at, event);
    }
    for _step in 0..1_000_000 {
        let durable = killed_after.is_some_and(|records| run.records().len() >= records);
        if durable && matches!(run.next_command(), None | Some(Command::Record(_))) {
            return history(&mut run, &journal);
        }
        if let Some(Command::Amend { param, value, .. }) = run.next_command() {
            let amended = (param.clone(), value.clone());
            assert_eq!(run.outcome(), None, "a change comes before the end");
            run.outside_mut().history.amended = Some(amended);
        }
        if !run.advance() {
            assert!(run.core().is_over(), "the run waits for nothing: {:#?}", run.records());
            return history(&mut run, &journal);
        }
    }
    panic!("the run does not end");
}

fn history<S: FnMut(&Work) -> Scripted, A: FnMut(&Question) -> Answer>(
    run: &mut Simulation<Told<S, A>>,
    journal: &[Record],
) -> History {
    let (outcome, elapsed) = (run.outcome(), run.now().elapsed);
    let records: Vec<Record> = run.records().iter().map(|record| record.as_ref().clone()).collect();
    let entries = records[journal.len()..].iter().map(|record| record.entry.clone()).collect();
    History { entries, records, outcome, elapsed, ..std::mem::take(&mut run.outside_mut().history) }
}

/// What a test says that happens.
struct Told<S, A> {
    script: S,
    answer: A,
    silent: bool,
    letters: Option<Letters>,
    history: History,
}

impl<S: FnMut(&Work) -> Scripted, A: FnMut(&Question) -> Answer> Outside for Told<S, A> {
    fn start(&mut self, _core: &Core, now: Now, work: &Work) -> Completion {
        let scripted = (self.script)(work);
        let argv = match &work.task {
            Task::Program { argv, .. } => argv.clone(),
            _ => Vec::new(),
        };
        let ends = now.elapsed + scripted.takes;
        self.history.attempts.push((work.attempt.step.0.clone(), argv, now.elapsed, ends));
        self.history.purposes.push(work.attempt.purpose);
        Completion { stdout: Some(scripted.stdout), elapsed: scripted.takes, ..Completion::of(scripted.end) }
    }

    fn ask(&mut self, _core: &Core, _now: Now, token: &AttemptToken, question: &Question) -> Vec<(Duration, Event)> {
        self.history.questions.push(question.clone());
        match question {
            Question::Approval { .. } => self.letters.as_mut().map(|letters| letters(question)).unwrap_or_default(),
            _ if self.silent => Vec::new(),
            _ => {
                let answer = (self.answer)(question);
                vec![(Duration::ZERO, Event::Answered { token: token.clone(), answer, by: "tester".to_owned() })]
            }
        }
    }
}

/// Says yes to everything.
pub fn yes(_question: &Question) -> Answer {
    Answer::Yes { inputs: Vec::new(), evidence: None }
}
