//! What reaches people without passing through the journal: questions, and what passes. Secrets stop here, too.

use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use crate::execute::preview::{Preview, PreviewStep, Verdict};
use crate::execute::{Operator, Question, StepView};
use crate::model::entry::Record;
use crate::model::id::AttemptToken;
use crate::model::port::{Live, Observer};
use crate::secret::{Masker, SecretStore};

/// The masker of a run; another one once a changed parameter brought other secrets. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shared {
    masker: Arc<Mutex<Masker>>,
}

impl Shared {
    /// For these secrets.
    pub fn new(secrets: &SecretStore) -> Self {
        Self { masker: Arc::new(Mutex::new(Masker::new(secrets))) }
    }

    /// From now on for these.
    pub fn renew(&self, secrets: &SecretStore) {
        *self.masker.lock().unwrap_or_else(PoisonError::into_inner) = Masker::new(secrets);
    }

    /// As it is now.
    pub fn get(&self) -> Masker {
        self.masker.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// An operator or an observer that sees no secret.
pub struct Masked<T> {
    /// Who sees.
    pub inner: T,
    /// What is not seen.
    pub masker: Shared,
}

impl Operator for Masked<Rc<dyn Operator>> {
    fn ask(&self, token: AttemptToken, mut asked: Question) {
        question(&self.masker.get(), &mut asked);
        self.inner.ask(token, asked);
    }

    fn withdraw(&self, token: &AttemptToken) {
        self.inner.withdraw(token);
    }
}

/// Records come masked from the journal, lines of output from the runner.
impl<O: Observer> Observer for Masked<O> {
    fn record(&mut self, record: &Record) {
        self.inner.record(record);
    }

    fn replay(&mut self, records: &[Record]) {
        self.inner.replay(records);
    }

    fn live(&mut self, live: &Live) {
        match live {
            Live::Gate { step, seen, progress } => {
                let seen = self.masker.get().mask(seen);
                self.inner.live(&Live::Gate { step: step.clone(), seen, progress: *progress });
            }
            Live::Output { .. } => self.inner.live(live),
        }
    }
}

fn question(masker: &Masker, question: &mut Question) {
    match question {
        Question::Confirm { title, show, typed, .. } => {
            texts(masker, [title].into_iter().chain(show).chain(typed));
        }
        Question::Manual { title, text, inputs, .. } => {
            texts(masker, [title, text]);
            for input in inputs {
                // A default that may not be shown may not be taken unseen either.
                input.default = input.default.take().filter(|default| masker.mask(default) == *default);
            }
        }
        Question::Step { view } => step(masker, view),
        Question::Failed { view, why, hint } => {
            step(masker, view);
            texts(masker, why.iter_mut().chain(hint));
        }
        Question::Unknown { view, why } => {
            step(masker, view);
            texts(masker, [why]);
        }
        Question::Approval { title, command, .. } => texts(masker, [title, command]),
    }
}

fn step(masker: &Masker, view: &mut StepView) {
    let pairs = view.details.iter_mut().chain(&mut view.params).map(|(_, text)| text);
    texts(masker, [&mut view.title].into_iter().chain(&mut view.command).chain(pairs));
}

/// A dry run reads what is there, and what is there may hold a secret.
pub fn preview(masker: &Masker, preview: &mut Preview) {
    for PreviewStep { title, command, verdict: found, confirm, gate, note, .. } in &mut preview.steps {
        texts(masker, [title].into_iter().chain(command).chain(confirm).chain(gate).chain(note));
        verdict(masker, found);
    }
}

/// What a read has shown.
pub fn verdict(masker: &Masker, verdict: &mut Verdict) {
    match verdict {
        Verdict::ProbeFailed { why } | Verdict::Broken { why } | Verdict::Unknown { until: why } => {
            texts(masker, [why]);
        }
        Verdict::Rendered
        | Verdict::ProbePassed
        | Verdict::ToolMissing { .. }
        | Verdict::Skipped(_)
        | Verdict::Group => {}
    }
}

fn texts<'text>(masker: &Masker, texts: impl IntoIterator<Item = &'text mut String>) {
    for text in texts {
        *text = masker.mask(text);
    }
}
