//! The server's side of the stand-in for the client: the simulated client answers on the lab's world, and what it does is done for real.
//! `gcloud compute ssh` goes back as a command line of ssh, which whoever asked runs: its streams stay where they are.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::effects::Effect;
use super::lab::Lab;
use crate::runner::sim::cloud::SshCall;
use crate::runner::sim::{Call, World};

/// The machine of the world that the client runs on, and where it is there.
const HERE: &str = "local";
const HOME: &str = "/root";

/// A command of the client.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Without the program's name.
    pub argv: Vec<String>,
    /// Standard input; empty for ssh, which reads it itself.
    #[serde(default)]
    pub stdin: String,
    /// Variables that the client reads.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Files that it may read, by the name it was given for them.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// What the client says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Said {
    /// Its exit code.
    pub exit: i32,
    /// What it prints.
    pub stdout: String,
    /// What it says.
    pub stderr: String,
    /// Files as they are afterwards, by the same names; none: there is none.
    #[serde(default)]
    pub files: BTreeMap<String, Option<String>>,
    /// What is to be run next; its exit code is the client's.
    #[serde(default)]
    pub ssh: Option<SshCommand>,
}

/// A command line of ssh.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct SshCommand {
    /// Without the program's name.
    pub arguments: Vec<String>,
    /// What the client says when it ends with 255.
    pub lost: String,
}

impl Lab {
    /// Carries out a command of the client.
    #[must_use]
    pub fn gcloud(&self, asked: &Asked) -> Said {
        match self.at_once(|world| carry_out(world, asked)) {
            Ok((mut said, call)) => {
                said.ssh = call.map(|call| self.ssh(&call));
                said
            }
            Err(why) => {
                let stderr = format!("ERROR: (gcloud) cloudlab, a stand-in for Google Cloud: {why}\n");
                Said { exit: 1, stderr, ..Said::default() }
            }
        }
    }

    /// The command line of ssh, for a user that is there.
    fn ssh(&self, call: &SshCall) -> SshCommand {
        if call.user != "root" {
            // A machine that is off has no users; ssh says so itself.
            let _ = self.really(vec![Effect::Keys { at: call.at.clone(), lines: vec![format!("{}:", call.user)] }]);
        }
        let is_batch = call.command.is_some() || !call.rest.is_empty();
        let mut arguments = vec![if is_batch { "-T" } else { "-t" }.to_owned()];
        if let Some(key) = &self.config.ssh_key {
            arguments.extend(["-i".to_owned(), key.display().to_string()]);
        }
        let options = [
            "CheckHostIP=no".to_owned(),
            "HashKnownHosts=no".to_owned(),
            format!("HostKeyAlias=compute.{}", call.id),
            "IdentitiesOnly=yes".to_owned(),
            "StrictHostKeyChecking=no".to_owned(),
            format!("UserKnownHostsFile={}", self.known_hosts().display()),
        ];
        arguments.extend(options.into_iter().flat_map(|option| ["-o".to_owned(), option]));
        arguments.extend(self.config.ssh_options.iter().chain(&call.flags).cloned());
        arguments.push(format!("{}@{}", call.user, call.address));
        match &call.command {
            Some(command) => arguments.extend(["--".to_owned(), command.clone()]),
            None => arguments.extend(call.rest.iter().cloned()),
        }
        SshCommand { arguments, lost: call.lost.clone() }
    }
}

type Done = (Said, Option<std::sync::Arc<SshCall>>);

fn carry_out(world: &mut World, asked: &Asked) -> Result<Done, String> {
    let place = |name: &str| Path::new(HOME).join(name).display().to_string();
    for (name, text) in &asked.files {
        world.write(HERE, &place(name), text).map_err(|error| format!("take the file {name}: {error}"))?;
    }
    let argv: Vec<String> = ["gcloud".to_owned()].into_iter().chain(asked.argv.iter().cloned()).collect();
    let call = Call {
        argv: &argv,
        env: asked.env.clone(),
        stdin: Some(asked.stdin.clone()),
        working_dir: Some(HOME.to_owned()),
        timeout: None,
    };
    let said = world
        .call(HERE, call)
        .map_err(|what| format!("the simulated client does not know {what}; use the real one, or do this by hand"))?;
    let named = transaction_file(&asked.argv).into_iter().chain(asked.files.keys().cloned());
    let files = named.collect::<std::collections::BTreeSet<_>>().into_iter().map(|name| {
        let text = world.take_file(HERE, &place(&name));
        (name, text)
    });
    let files = files.collect();
    let call = world.take_ssh();
    Ok((Said { exit: said.exit, stdout: said.stdout, stderr: said.stderr, files, ssh: None }, call))
}

/// The file that `gcloud dns record-sets transaction` keeps in the working directory.
#[must_use]
pub fn transaction_file(argv: &[String]) -> Option<String> {
    if !argv.iter().any(|word| word == "transaction") {
        return None;
    }
    let mut words = argv.iter();
    let mut file = "transaction.yaml".to_owned();
    while let Some(word) = words.next() {
        if word == "--transaction-file" {
            file = words.next().cloned().unwrap_or(file);
        } else if let Some(name) = word.strip_prefix("--transaction-file=") {
            name.clone_into(&mut file);
        }
    }
    Some(file)
}
