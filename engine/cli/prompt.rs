//! A person at the terminal, as the port [`Operator`]. Questions are asked one at a time on a thread of their own, so that the clock
//! and running steps go on; lines are read in the terminal's ordinary mode, so that nothing is left behind when the engine dies
//! while it asks. Without a terminal nothing is ever answered "yes".

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, BufRead, IsTerminal};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use console::style;

use crate::execute::operator::{Answer, InputQuestion, Operator, Question};
use crate::model::id::AttemptToken;
use crate::model::runbook::{EnumValues, Param, ParamType};
use crate::plan::params;
use crate::report::terminal::Quiet;
use crate::report::{Sink, Terminal, visible};

/// Takes an answer to the engine.
pub type Reply = Arc<dyn Fn(AttemptToken, Answer) + Send + Sync>;

/// True when a person can be asked: both ends are a terminal.
pub fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Refuses everything: nobody is there.
pub struct Nobody {
    reply: Reply,
}

impl Nobody {
    /// Replies through `reply`.
    pub fn new(reply: Reply) -> Self {
        Self { reply }
    }
}

impl Operator for Nobody {
    fn ask(&self, token: AttemptToken, question: Question) {
        let what = match question {
            Question::Confirm { .. } => "a confirmation is needed",
            Question::Manual { .. } => "a person has to do this",
            Question::Step { .. } | Question::Failed { .. } => "step mode asks a person",
            Question::Unknown { .. } => "a person has to say what became of it",
            Question::Approval { .. } => return,
        };
        (self.reply)(token, Answer::No { why: format!("{what}, and there is no terminal to ask at") });
    }
}

/// Asks at the terminal.
pub struct Prompt {
    questions: Sender<(AttemptToken, Question)>,
    shared: Arc<Shared>,
}

struct Shared {
    /// The progress that must be still while somebody is asked.
    terminal: Option<Terminal>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    withdrawn: BTreeSet<AttemptToken>,
    asking: Option<(AttemptToken, Option<Quiet>)>,
}

impl Prompt {
    /// Starts the thread that asks.
    pub fn new(terminal: Option<Terminal>, reply: Reply) -> Self {
        let (questions, queue) = mpsc::channel();
        let shared = Arc::new(Shared { terminal, state: Mutex::default() });
        let thread = Arc::clone(&shared);
        std::thread::spawn(move || thread.serve(&queue, &reply));
        Self { questions, shared }
    }
}

impl Operator for Prompt {
    fn ask(&self, token: AttemptToken, question: Question) {
        // The thread lives as long as this sender; a closed queue can only mean that the program is ending.
        let _ = self.questions.send((token, question));
    }

    fn withdraw(&self, token: &AttemptToken) {
        let mut state = self.shared.lock();
        state.withdrawn.insert(token.clone());
        if state.asking.as_ref().is_some_and(|(asked, _)| asked == token) {
            Sink::stderr().line("");
            state.asking = None;
        }
    }
}

/// No answer: the question was withdrawn, or nobody is there any more.
struct Gone;

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, queue: &Receiver<(AttemptToken, Question)>, reply: &Reply) {
        for (token, question) in queue {
            {
                let mut state = self.lock();
                if state.withdrawn.contains(&token) {
                    continue;
                }
                state.asking = Some((token.clone(), self.terminal.as_ref().map(Terminal::quiet)));
            }
            let answer = match question {
                Question::Confirm { title, show, typed, .. } => confirm(&title, show.as_deref(), typed.as_deref()),
                Question::Manual { title, text, inputs, evidence, .. } => manual(&title, &text, &inputs, evidence),
                Question::Step { .. }
                | Question::Failed { .. }
                | Question::Unknown { .. }
                | Question::Approval { .. } => Err(Gone),
            };
            let answer = answer.unwrap_or_else(|Gone| Answer::No { why: "the terminal was closed".to_owned() });
            let mut state = self.lock();
            if !state.withdrawn.contains(&token) {
                state.asking = None;
                drop(state);
                reply(token, answer);
            }
        }
    }
}

fn confirm(title: &str, show: Option<&str>, typed: Option<&str>) -> Result<Answer, Gone> {
    heading(title, show);
    let Some(typed) = typed else {
        let yes = yes_or_no("Go on?")?;
        return Ok(if yes { agreed() } else { refused() });
    };
    let shown = style(visible::line(typed)).bold();
    loop {
        let line = read(&format!("Type {shown} to go on, nothing to refuse: "))?;
        if line == typed {
            return Ok(agreed());
        }
        if line.is_empty() {
            return Ok(refused());
        }
        say("That is something else.");
    }
}

fn manual(title: &str, text: &str, inputs: &[InputQuestion], evidence: bool) -> Result<Answer, Gone> {
    heading(title, Some(text));
    if !yes_or_no("Done?")? {
        let why = read("Why not? ")?;
        return Ok(Answer::No { why: if why.is_empty() { "a person answered no".to_owned() } else { why } });
    }
    let mut values = Vec::with_capacity(inputs.len());
    for input in inputs {
        values.push((input.name.clone(), value(input)?));
    }
    let evidence = if evidence { Some(required("Evidence for the record: ")?) } else { None };
    Ok(Answer::Yes { inputs: values, evidence })
}

/// Asks until the text fits the input's type.
fn value(input: &InputQuestion) -> Result<String, Gone> {
    if let Some(help) = &input.param.help {
        say(help);
    }
    let choices = choices(&input.param);
    let mut prompt = visible::line(&input.name).into_owned();
    if let Some(choices) = &choices {
        let _ = write!(prompt, " ({})", visible::line(&choices.join(", ")));
    }
    if let Some(default) = &input.default {
        let _ = write!(prompt, " [{}]", visible::line(default));
    }
    loop {
        let line = read(&format!("{prompt}: "))?;
        let text = match (&input.default, line.is_empty()) {
            (Some(default), true) => default.clone(),
            _ => line,
        };
        let texts: Vec<String> = match input.param.kind {
            ParamType::List => text.split(',').map(|item| item.trim().to_owned()).collect(),
            _ => vec![text.clone()],
        };
        match params::accept(&input.param, choices.as_deref(), &texts) {
            Ok(_) => return Ok(text),
            Err(why) => say(&visible::block(&why)),
        }
    }
}

/// The values of an enum that is written out.
fn choices(param: &Param) -> Option<Vec<String>> {
    match &param.values {
        Some(EnumValues::Fixed(values)) => Some(values.iter().map(|value| value.value.clone()).collect()),
        Some(EnumValues::Computed(_)) | None => None,
    }
}

fn required(prompt: &str) -> Result<String, Gone> {
    loop {
        let line = read(prompt)?;
        if !line.trim().is_empty() {
            return Ok(line);
        }
    }
}

/// Anything but a clear yes is a no.
fn yes_or_no(prompt: &str) -> Result<bool, Gone> {
    loop {
        match read(&format!("{prompt} [y/N] "))?.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "" | "n" | "no" => return Ok(false),
            _ => say("Answer y or n."),
        }
    }
}

fn agreed() -> Answer {
    Answer::Yes { inputs: Vec::new(), evidence: None }
}

fn refused() -> Answer {
    Answer::No { why: "a person answered no".to_owned() }
}

fn heading(title: &str, text: Option<&str>) {
    say("");
    say(&style(visible::line(title)).bold().to_string());
    for line in text.unwrap_or_default().trim_end().lines() {
        say(&format!("  {}", visible::line(line)));
    }
}

fn say(line: &str) {
    Sink::stderr().line(line);
}

/// One line without its end.
fn read(prompt: &str) -> Result<String, Gone> {
    Sink::stderr().text(prompt);
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => Err(Gone),
        Ok(_) => Ok(line.trim_end_matches(['\n', '\r']).to_owned()),
    }
}
