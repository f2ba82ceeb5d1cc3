//! The people of a drill: the engine asks over a socket, they do what the lab's file says they do, and answer. Each answer is timed.
//!
//! One JSON line each way: `{"step": …, "question": "manual", "inputs": [{"name": …, "default": …}]}` and
//! `{"answer": "yes", "inputs": {…}}` or `{"answer": "no", "why": …}`.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::deed;
use super::error::DrillError;
use super::lab::{Lab, Scene};
use crate::model::drill::Wait;
use crate::model::lab::PersonDecl;
use crate::model::source::Map;
use crate::runner::boot;

/// Between two looks for whoever asks.
const LOOK: Duration = Duration::from_millis(20);

/// What the engine asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The step, by its full id.
    pub step: String,
    /// `confirm` or `manual`.
    pub question: String,
    /// What a manual step wants to know.
    #[serde(default)]
    pub inputs: Vec<AskedInput>,
}

/// A value that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedInput {
    /// Its name.
    pub name: String,
    /// Offered.
    pub default: Option<String>,
}

/// What people say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// `yes` or `no`.
    pub answer: String,
    /// Values of a manual step.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Asks over the socket of a drill; for the engine.
///
/// # Errors
/// Nobody is there any more.
pub fn ask(socket: &Path, asked: &Asked) -> std::io::Result<Said> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all((serde_json::to_string(asked)? + "\n").as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// Answers until it is stopped.
pub struct People<'d> {
    /// The lab.
    pub lab: &'d Lab,
    /// What its texts read.
    pub scene: Scene,
    /// What people do, by step.
    pub known: &'d Map<PersonDecl>,
    /// Of what is not there they say no; else they say yes and do nothing.
    pub only_said: bool,
}

/// Where people are asked.
pub struct Door {
    /// The socket.
    pub path: PathBuf,
    listener: UnixListener,
    closes: Arc<AtomicBool>,
    waits: Mutex<Vec<Wait>>,
}

impl Door {
    /// Opens it.
    ///
    /// # Errors
    /// As the machine says.
    pub fn open(path: PathBuf) -> Result<Self, DrillError> {
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
        let listener = listener.map_err(|error| DrillError::file("make the socket", &path, &error))?;
        Ok(Self { path, listener, closes: Arc::default(), waits: Mutex::default() })
    }

    /// Lets whoever serves go.
    pub fn close(&self) {
        self.closes.store(true, Ordering::Relaxed);
    }

    /// Who was waited for.
    #[must_use]
    pub fn waits(&self) -> Vec<Wait> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers questions, one after the other, until [`Self::close`].
    pub fn serve(&self, people: &People<'_>) {
        while !self.closes.load(Ordering::Relaxed) {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    // An engine that went away asks again when it is resumed.
                    let _ = self.answer(people, stream);
                }
                Err(_) => thread::sleep(LOOK),
            }
        }
    }

    fn answer(&self, people: &People<'_>, stream: UnixStream) -> std::io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let asked: Asked = serde_json::from_str(&line)?;
        let began = boot::now();
        let said = people.says(&asked);
        let waited = boot::now().saturating_sub(began);
        let wait = Wait {
            step: asked.step,
            question: asked.question,
            waited_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
        };
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).push(wait);
        reader.get_mut().write_all((serde_json::to_string(&said)? + "\n").as_bytes())
    }
}

impl People<'_> {
    fn says(&self, asked: &Asked) -> Said {
        match self.does(asked) {
            Ok(inputs) => Said { answer: "yes".to_owned(), inputs, why: None },
            Err(why) => Said { answer: "no".to_owned(), inputs: BTreeMap::new(), why: Some(why) },
        }
    }

    fn does(&self, asked: &Asked) -> Result<BTreeMap<String, String>, String> {
        let person = self.known.iter().find(|(step, _)| step.value == asked.step).map(|(_, person)| person);
        if person.is_none() && self.only_said {
            let step = &asked.step;
            return Err(format!(
                "the lab does not say what people do at `{step}`: add it under `people:` of the drill"
            ));
        }
        if let Some(person) = person {
            deed::carry_out(&person.does, self.lab, &self.scene).map_err(|error| error.to_string())?;
        }
        let mut inputs = BTreeMap::new();
        for input in &asked.inputs {
            let said = person.and_then(|person| person.inputs.iter().find(|(name, _)| name.value == input.name));
            let value = match said {
                Some((_, text)) => Some(self.scene.text(text).map_err(|error| error.to_string())?),
                None => input.default.clone(),
            };
            let value = value.ok_or_else(|| {
                format!("the lab says no `{}` for `{}`: add it under `people:` of the drill", input.name, asked.step)
            })?;
            inputs.insert(input.name.clone(), value);
        }
        Ok(inputs)
    }
}
