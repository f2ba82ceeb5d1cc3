//! The configuration of a cloud lab, a JSON file that whoever makes the lab writes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Operations take so many percent of what they take at Google, where nobody says.
const LATENCY: u32 = 5;

/// What the cloud is to be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The lab's own name: the beginning of every name and the value of the label `runbook-lab`.
    pub lab: String,
    /// Where disks and snapshots are kept.
    pub state_dir: PathBuf,
    /// `ADDRESS:PORT`; port 0 takes any.
    #[serde(default = "anywhere")]
    pub listen: String,
    /// The project.
    pub project: String,
    /// Its labels.
    #[serde(default)]
    pub project_labels: BTreeMap<String, String>,
    /// The client's region.
    pub region: String,
    /// The client's zone, and that of the instances that are made at start.
    pub zone: String,
    /// Operations take so many percent of what they take at Google.
    #[serde(default = "latency")]
    pub latency_percent: u32,
    /// The image of virtual machines; none: nothing is made for real.
    #[serde(default)]
    pub machine_image: Option<String>,
    /// The Docker network of virtual machines; none: `LAB-cloud`.
    #[serde(default)]
    pub network: Option<String>,
    /// Images of this machine's Docker that every virtual machine has.
    #[serde(default)]
    pub images: Vec<String>,
    /// A directory that every virtual machine has as `/opt/lab`.
    #[serde(default)]
    pub files: Option<PathBuf>,
    /// What is run in a new virtual machine: program and arguments.
    #[serde(default)]
    pub setup: Vec<String>,
    /// The public key that every virtual machine lets in.
    #[serde(default)]
    pub authorized_key: Option<String>,
    /// The file of the private key, for `gcloud compute ssh`.
    #[serde(default)]
    pub ssh_key: Option<PathBuf>,
    /// Further arguments of ssh.
    #[serde(default)]
    pub ssh_options: Vec<String>,
    /// The hosts file that address records are written to.
    #[serde(default)]
    pub hosts_file: Option<PathBuf>,
    /// Lines that it always has.
    #[serde(default)]
    pub hosts_base: Vec<String>,
    /// Managed zones at the beginning.
    #[serde(default)]
    pub dns: Vec<NewZone>,
    /// Limits by metric (`SSD_TOTAL_GB`).
    #[serde(default)]
    pub quotas: BTreeMap<String, u64>,
    /// Virtual machines at the beginning.
    #[serde(default)]
    pub instances: Vec<NewInstance>,
}

/// A managed zone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewZone {
    /// Its name.
    pub zone: String,
    /// Its domain.
    pub dns_name: String,
    /// Its records.
    #[serde(default)]
    pub records: Vec<NewRecord>,
}

/// A record of DNS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRecord {
    /// Its name, with or without a final dot.
    pub name: String,
    /// `A`, `CNAME`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Seconds.
    pub ttl: u64,
    /// What it leads to; of an address record also the name of an instance that is made at the beginning.
    pub rrdatas: Vec<String>,
}

/// A virtual machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewInstance {
    /// Its name.
    pub name: String,
    /// `e2-medium`.
    pub machine_type: String,
    /// Its disks, besides the one that it boots from.
    #[serde(default)]
    pub disks: Vec<NewDisk>,
}

/// A disk of a virtual machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDisk {
    /// Its name.
    pub name: String,
    /// Its device name in the machine.
    pub device_name: String,
    /// Its size.
    pub size_gb: u64,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("read the configuration {}: {source}; name a JSON file with --config", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// As the machine says.
        source: std::io::Error,
    },
    /// It is none.
    #[error("understand the configuration {}: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// As the reader says, with the line.
        source: serde_json::Error,
    },
    /// A value of it cannot be.
    #[error("use the configuration: {0}")]
    Value(String),
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let config: Self =
            serde_json::from_str(&text).map_err(|source| ConfigError::Json { path: path.to_owned(), source })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.lab.is_empty() || !self.lab.chars().all(is_plain) {
            let lab = &self.lab;
            return Err(ConfigError::Value(format!(
                "`lab` is `{lab}`; a name of Docker's is needed: letters, digits, `-`, `_`, `.`"
            )));
        }
        Ok(())
    }

    /// The Docker network of virtual machines.
    #[must_use]
    pub fn network(&self) -> String {
        self.network.clone().unwrap_or_else(|| format!("{}-cloud", self.lab))
    }
}

fn anywhere() -> String {
    "127.0.0.1:0".to_owned()
}

const fn latency() -> u32 {
    LATENCY
}
