//! Makes the cloud's state real with this machine's Docker and its loop devices. Idempotent where it can be: what is there is kept, what is
//! gone is no error.

mod address;
mod disk;
mod machine;

use std::path::PathBuf;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use super::config::Config;
use super::effects::Effect;
use super::queue::Made;
use crate::runner::capture::capture;
use crate::runner::sim::cloud::At;

/// What a helper may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// What a setup may take, and loading images.
const LONG: Duration = Duration::from_mins(10);

/// Whoever makes things.
#[derive(Debug)]
pub struct Real {
    lab: String,
    state: PathBuf,
    network: String,
    image: String,
    images: Vec<String>,
    files: Option<PathBuf>,
    setup: Vec<String>,
    key: Option<String>,
    hosts: Option<PathBuf>,
    /// Which address the next machine gets.
    next: AtomicU32,
}

impl Real {
    /// Reads the configuration, which names a machine image, and makes the state directory.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn new(config: &Config) -> Result<Self, String> {
        for dir in ["disks", "snapshots"] {
            let path = config.state_dir.join(dir);
            std::fs::create_dir_all(&path).map_err(|error| {
                format!("make {}: {error}; `state_dir` of the configuration has to be writable", path.display())
            })?;
        }
        Ok(Self {
            lab: config.lab.clone(),
            state: config.state_dir.clone(),
            network: config.network(),
            image: config.machine_image.clone().unwrap_or_default(),
            images: config.images.clone(),
            files: config.files.clone(),
            setup: config.setup.clone(),
            key: config.authorized_key.clone(),
            hosts: config.hosts_file.clone(),
            next: AtomicU32::new(address::FIRST),
        })
    }

    /// Does one thing after the other.
    ///
    /// # Errors
    /// One could not be done; those after it are not tried, and machines that were made for it are gone again.
    pub fn carry_out(&self, effects: &[Effect]) -> Made {
        let mut found = Vec::new();
        for effect in effects {
            match self.one(effect) {
                Ok(None) => {}
                Ok(Some((at, address))) => found.push((at, address)),
                Err(why) => {
                    let made = effects.iter().filter_map(|effect| match effect {
                        Effect::Create { at } => Some(at),
                        _ => None,
                    });
                    made.for_each(|at| drop(self.delete(at)));
                    return Err(why);
                }
            }
        }
        Ok(found)
    }

    fn one(&self, effect: &Effect) -> Result<Option<(At, String)>, String> {
        match effect {
            Effect::TakeSnapshot { id, disk, size_gb } => self.take_snapshot(id, disk.as_deref(), *size_gb)?,
            Effect::MakeDisk { id, size_gb, snapshot } => self.make_disk(id, *size_gb, snapshot.as_deref())?,
            Effect::GrowDisk { id, size_gb } => self.grow_disk(id, *size_gb)?,
            Effect::Delete { at } => self.delete(at)?,
            Effect::Create { at } => return self.create(at).map(|address| Some((at.clone(), address))),
            Effect::Stop { at } => self.docker(&["stop", "--time", "10", &self.name(at)])?,
            Effect::Kill { at } => self.docker(&["kill", &self.name(at)])?,
            Effect::Start { at } => return self.start(at, "start").map(|address| Some((at.clone(), address))),
            Effect::Restart { at } => return self.start(at, "restart").map(|address| Some((at.clone(), address))),
            Effect::Detach { at, disk, device } => self.detach(at, disk.as_deref(), device)?,
            Effect::Attach { at, disk, device } => self.attach(at, disk, device)?,
            Effect::Keys { at, lines } => self.keys(at, lines)?,
            Effect::SetUp { at } => self.set_up(at)?,
            Effect::Mount { at } => drop(self.inside(at, "mount -a", &[])),
            Effect::Release { id } => self.release(&self.disk_file(id))?,
            Effect::DropDisk { id } => self.drop_disk(id)?,
            Effect::DropSnapshot { id } => self.drop_snapshot(id)?,
        }
        Ok(None)
    }

    /// The container that an instance is.
    fn name(&self, at: &At) -> String {
        format!("{}-vm-{}", self.lab, at.name)
    }

    fn docker(&self, arguments: &[&str]) -> Result<(), String> {
        self.ask("docker", arguments, PATIENCE).map(drop)
    }

    /// Runs a line of shell in a virtual machine; `$1`, … are the words.
    fn inside(&self, at: &At, script: &str, words: &[&str]) -> Result<String, String> {
        let name = self.name(at);
        let mut all = vec!["exec", name.as_str(), "sh", "-c", script, "sh"];
        all.extend(words);
        self.ask("docker", &all, LONG)
    }

    /// What a helper prints.
    ///
    /// # Errors
    /// It fails.
    fn ask(&self, program: &str, arguments: &[&str], within: Duration) -> Result<String, String> {
        let words: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let said = capture(program, &words, within).map_err(|error| format!("{error}; lab {} needs it", self.lab))?;
        if said.exit == Some(0) {
            return Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned());
        }
        let shown = shlex::try_join(arguments.iter().copied()).unwrap_or_default();
        let exit = said.exit.map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        Err(format!("`{program} {shown}` ended with {exit}: {}", said.stderr.trim()))
    }
}
