//! A person at the terminal, as the port [`Operator`]. Questions are asked one at a time on a thread of their own, so that the clock
//! and running steps go on. The terminal reads single keys only while a question is open ([`keyboard`]), and is put back when it is
//! answered, withdrawn, or the program ends. Without a terminal nothing is ever answered "yes".

mod dialog;
mod form;
mod keyboard;
mod keys;
mod lab;
mod nobody;
mod screen;
mod step;
#[cfg(test)]
mod tests;
mod tty;
mod view;
mod waiting;

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use self::dialog::{Dialog, Stop};
use self::keyboard::{Keyboard, Window};
pub use self::lab::LabPeople;
use self::nobody::unanswered;
pub use self::nobody::{Nobody, is_attended};
use self::screen::Screen;
use self::tty::Tty;
use crate::execute::operator::{Answer, Operator, Question};
use crate::model::id::{AttemptToken, RunId};
use crate::report::terminal::Quiet;
use crate::report::{Shown, Terminal};

/// How long the end of a run waits for a shell that was asked to go, and for a terminal that takes nothing.
const LAST_WAIT: Duration = Duration::from_secs(2);
/// How long a question waits until what happened before it is on the screen.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Takes an answer to the engine.
pub type Reply = Arc<dyn Fn(AttemptToken, Answer) + Send + Sync>;

/// The run that asks.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its id.
    pub run: RunId,
    /// Its directory.
    pub directory: PathBuf,
}

/// Asks at the terminal. Only its thread writes there: a terminal that takes nothing stops the questions, never the run.
pub struct Prompt {
    shared: Arc<Shared>,
}

struct Shared {
    place: Place,
    /// The progress that must be still while somebody is asked.
    terminal: Option<Terminal>,
    /// What stands on the screen before a question.
    shown: Option<Shown>,
    /// None: it went away before the first question.
    tty: Option<Tty>,
    reply: Reply,
    /// Never locked while something is written.
    state: Mutex<State>,
    changed: Condvar,
    /// Only the thread looks at it.
    open: Mutex<Option<Open>>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(AttemptToken, Question)>,
    withdrawn: BTreeSet<AttemptToken>,
    /// The terminal gives single keys: a question is open.
    window: Option<Window>,
    /// A shell has the terminal.
    shell: Option<u32>,
    /// The program ends.
    is_over: bool,
}

/// A question on the screen. Dropping it gives the terminal back as it was.
struct Open {
    token: AttemptToken,
    screen: Screen,
    window: Window,
    _quiet: Option<Quiet>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.screen.erase();
    }
}

impl Prompt {
    /// Starts the thread that asks.
    pub fn new(place: Place, terminal: Option<Terminal>, shown: Option<Shown>, reply: Reply) -> Self {
        Self::on(Tty::standard(), place, terminal, shown, reply)
    }

    fn on(
        tty: io::Result<(Tty, Keyboard)>,
        place: Place,
        terminal: Option<Terminal>,
        shown: Option<Shown>,
        reply: Reply,
    ) -> Self {
        let (tty, keyboard) = tty.map_or((None, None), |(tty, keyboard)| (Some(tty), Some(keyboard)));
        let (state, changed, open) = (Mutex::default(), Condvar::new(), Mutex::default());
        let shared = Arc::new(Shared { place, terminal, shown, tty, reply, state, changed, open });
        let thread = Arc::clone(&shared);
        std::thread::spawn(move || thread.serve(keyboard));
        Self { shared }
    }
}

impl Operator for Prompt {
    fn ask(&self, token: AttemptToken, question: Question) {
        self.shared.lock().waiting.push_back((token, question));
        self.shared.wake();
    }

    fn withdraw(&self, token: &AttemptToken) {
        self.shared.lock().withdrawn.insert(token.clone());
        self.shared.wake();
    }
}

impl Drop for Prompt {
    /// The run is over: the terminal is as it was before anything else is printed.
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.is_over = true;
        if let Some(shell) = state.shell.and_then(|id| i32::try_from(id).ok()) {
            let _ = kill(Pid::from_raw(shell), Signal::SIGHUP);
        }
        drop(state);
        self.shared.wake();
        let state = self.shared.lock();
        let closed = self.shared.changed.wait_timeout_while(state, LAST_WAIT, |state| state.window.is_some());
        // The thread is stuck in a terminal that takes nothing: its keys are given back all the same.
        closed.unwrap_or_else(PoisonError::into_inner).0.window = None;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something changed: the thread looks.
    fn wake(&self) {
        self.changed.notify_all();
        if let Some(tty) = &self.tty {
            tty.wake();
        }
    }

    /// The line with the run's time, where there is one.
    fn clock(&self) -> Option<String> {
        self.terminal.as_ref().and_then(|terminal| terminal.pace().line())
    }

    /// True when a question waits that needs an answer here.
    fn is_somebody_waiting(&self) -> bool {
        let state = self.lock();
        let is_urgent = |(token, question): &(AttemptToken, Question)| {
            !matches!(question, Question::Approval { .. }) && !state.withdrawn.contains(token)
        };
        state.waiting.iter().any(is_urgent)
    }

    /// True when nobody waits for the answer any more.
    fn is_void(&self, token: &AttemptToken) -> bool {
        let state = self.lock();
        state.is_over || state.withdrawn.contains(token)
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the question from the screen.
    fn close(&self) {
        *self.open() = None;
        self.lock().window = None;
        self.changed.notify_all();
    }

    /// The next question, those that can be answered here first; none: the program ends.
    fn next(&self) -> Option<(AttemptToken, Question)> {
        let mut state = self.lock();
        loop {
            if state.is_over {
                return None;
            }
            let State { waiting, withdrawn, .. } = &mut *state;
            waiting.retain(|(token, _)| !withdrawn.contains(token));
            let urgent = waiting.iter().position(|(_, question)| !matches!(question, Question::Approval { .. }));
            if let Some(question) = waiting.remove(urgent.unwrap_or(0)) {
                return Some(question);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn serve(&self, mut keyboard: Option<Keyboard>) {
        while let Some((token, question)) = self.next() {
            let answer = match &mut keyboard {
                Some(keyboard) if self.show(&token) => {
                    keyboard.forget();
                    let is_patient = matches!(question, Question::Approval { .. });
                    answer(&mut Dialog { shared: self, keyboard, token: token.clone(), is_patient }, &question)
                }
                _ => Err(Stop::Gone),
            };
            self.close();
            let mut state = self.lock();
            let answer = match answer {
                Ok(answer) => Some(answer),
                Err(Stop::Gone) => unanswered(&question),
                Err(Stop::Withdrawn) => None,
                Err(Stop::Later) => {
                    state.waiting.push_back((token.clone(), question));
                    None
                }
            };
            let answer = answer.filter(|_| !state.withdrawn.contains(&token));
            drop(state);
            if let Some(answer) = answer {
                (self.reply)(token, answer);
            }
        }
    }

    /// Puts the question on the screen; false: there is no terminal any more, or it is not of interest.
    fn show(&self, token: &AttemptToken) -> bool {
        let Some(tty) = &self.tty else { return false };
        if let Some(shown) = &self.shown {
            shown.settle(FIRST_WAIT);
        }
        let quiet = self.terminal.as_ref().map(Terminal::quiet);
        let Some(screen) = tty.screen() else { return false };
        let mut state = self.lock();
        if state.is_over || state.withdrawn.contains(token) {
            return true;
        }
        let Some(window) = Window::open(&tty.input) else { return false };
        state.window = window.twin();
        drop(state);
        *self.open() = Some(Open { token: token.clone(), screen, window, _quiet: quiet });
        true
    }
}

fn answer(dialog: &mut Dialog, question: &Question) -> Result<Answer, Stop> {
    match question {
        Question::Confirm { title, show, typed, .. } => form::confirm(dialog, title, show.as_deref(), typed.as_deref()),
        Question::Manual { title, text, inputs, evidence, .. } => form::manual(dialog, title, text, inputs, *evidence),
        Question::Step { view } => step::next(dialog, view),
        Question::Failed { view, why, hint } => step::failed(dialog, view, why, hint.as_deref()),
        Question::Unknown { view, why } => step::unknown(dialog, view, why),
        Question::Approval { .. } => waiting::approval(dialog, question),
    }
}
