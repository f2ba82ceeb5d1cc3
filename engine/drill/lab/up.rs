//! Makes a lab: images, networks, machines, the station, the cloud's stand-in. What it is about to make is written down before.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use chrono::{DateTime, Utc};

use super::cloud::{self, Gcloud};
use super::machine::{self, Inside};
use super::state::{LabDirectory, LabState, PREFIX, Process};
use super::station::{self, Station};
use super::texts::{Scene, beside};
use super::{hosts, ready};
use crate::document::LabDocument;
use crate::drill::error::DrillError;
use crate::drill::tool::{self, LONG, words};
use crate::model::lab::{self as model, MachineDecl};
use crate::model::operation::Argv;
use crate::model::source::Name;
use crate::runner::images;

/// Address ranges that are tried for a network.
const RANGES: u32 = 20;

/// What a lab is made with besides its file.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The lab's file.
    pub file: PathBuf,
    /// Where labs are kept.
    pub labs: PathBuf,
    /// Makes its name one of its own: small letters and digits.
    pub suffix: String,
    /// When it is begun.
    pub began: DateTime<Utc>,
    /// The drill it is made for; none: it stays up when this process ends.
    pub drill: Option<String>,
    /// Which client speaks to the cloud.
    pub gcloud: Gcloud,
    /// This program.
    pub engine: PathBuf,
    /// Of programs.
    pub path: String,
}

/// A lab that stands.
#[derive(Debug)]
pub struct Lab {
    /// What is known of it.
    pub state: LabState,
    /// Where that is kept.
    pub directory: LabDirectory,
    /// Where programs run.
    pub station: Station,
}

/// What a lab is called: containers and networks begin with it.
#[must_use]
pub fn generated_name(lab: &model::Lab, suffix: &str) -> String {
    format!("{PREFIX}{}-{suffix}", lab.name.value.replace('_', "-"))
}

/// Makes a lab. `say` is told what is being done, a line each. After an error what was made is left for [`super::clean`].
///
/// # Errors
/// This machine cannot have it, or something could not be made.
pub fn up(document: &LabDocument, wanted: &Wanted, say: &dyn Fn(&str)) -> Result<Lab, DrillError> {
    let lab = &document.lab;
    ready::check(lab.cloud.as_ref().is_some_and(cloud::has_machines))?;
    let name = generated_name(lab, &wanted.suffix);
    let directory = LabDirectory::new(&wanted.labs, &name);
    directory.create()?;
    let file = std::path::absolute(&wanted.file).unwrap_or_else(|_| wanted.file.clone());
    let named = |kind: &str, id: &Name| (id.value.clone(), format!("{name}{kind}-{}", id.value.replace('_', "-")));
    let mut state = LabState {
        name: name.clone(),
        lab: lab.name.value.clone(),
        file: file.clone(),
        began: wanted.began,
        owner: Process::of(std::process::id()),
        drill: wanted.drill.clone(),
        is_up: false,
        networks: lab.networks.iter().map(|id| named("-net", id)).collect(),
        machines: lab.machines.iter().map(|(id, _)| named("", id)).collect(),
        addresses: BTreeMap::new(),
        station: None,
        cloud: None,
    };
    // From here on whoever cleans knows what there may be.
    directory.save(&state)?;

    if let Some(build) = &lab.build {
        say("images");
        run_build(build, &file)?;
    }
    say("networks and machines");
    for (id, network) in &state.networks {
        let is_cloud = lab.cloud.as_ref().is_some_and(|cloud| cloud.network.value == *id);
        make_network(id, network, &directory.labels(), is_cloud)?;
    }
    let image = lab.machines.first().map(|(_, machine)| &machine.image).or_else(|| lab.cloud.as_ref()?.image.as_ref());
    let image = image.ok_or_else(|| DrillError::failed("make the lab", "it has no machine"))?.value.clone();
    start_machines(document, &directory, &mut state)?;
    let hosts = hosts::file(lab, &state.addresses);
    let public = station::furnish(&directory, &hosts)?;
    state.station = Some(station::start(&state, &directory, &image)?);
    directory.save(&state)?;
    equip(document, &state, &directory, &file, &hosts, &public)?;
    for (id, machine) in &lab.machines {
        let Some(setup) = &machine.setup else { continue };
        say(&format!("setup of {}", id.value));
        let scene = Scene { name: name.clone(), addresses: state.addresses.clone(), fault_at: None };
        inside(&state, &id.value)?.checked(&scene.words(setup)?, LONG)?;
    }
    if let Some(decl) = &lab.cloud {
        say("the cloud's stand-in");
        state.cloud = Some(cloud::start(lab, decl, &state, &directory, wanted, &public)?);
        directory.save(&state)?;
        for (vm, its) in &decl.machines {
            let Some(setup) = &its.setup else { continue };
            say(&format!("setup of {}", vm.value));
            let container = format!("{name}-vm-{}", vm.value);
            let scene = Scene { name: name.clone(), addresses: state.addresses.clone(), fault_at: None };
            Inside { container: &container }.checked(&scene.words(setup)?, LONG)?;
        }
        cloud::snapshots(decl, state.cloud.as_deref().unwrap_or_default(), "start")?;
    }
    state.is_up = true;
    if wanted.drill.is_none() {
        state.owner = None;
    }
    directory.save(&state)?;
    let station = Station::of(&state, &directory, docker_host(document), &wanted.path)?;
    Ok(Lab { state, directory, station })
}

impl Lab {
    /// A lab that stands already.
    ///
    /// # Errors
    /// It does not, or not completely.
    pub fn of(document: &LabDocument, directory: LabDirectory, path: &str) -> Result<Self, DrillError> {
        let state = directory.read()?;
        let station = Station::of(&state, &directory, docker_host(document), path)?;
        Ok(Self { state, directory, station })
    }

    /// What texts of its file read.
    #[must_use]
    pub fn scene(&self, fault_at: Option<DateTime<Utc>>) -> Scene {
        Scene { name: self.state.name.clone(), addresses: self.state.addresses.clone(), fault_at }
    }

    /// The container of a machine, or of a virtual machine of its cloud.
    #[must_use]
    pub fn container(&self, machine: &str) -> String {
        let vm = || format!("{}-vm-{machine}", self.state.name);
        self.state.machines.get(machine).cloned().unwrap_or_else(vm)
    }
}

/// Makes a network. In one with a range of its own a new machine can be given an address that no machine had before.
fn make_network(id: &str, network: &str, labels: &[String], own_range: bool) -> Result<(), DrillError> {
    let what = format!("make network {id}");
    let mut arguments = words(["network", "create", "--internal"]);
    arguments.extend(labels.iter().cloned());
    if !own_range {
        arguments.push(network.to_owned());
        return tool::docker(&what, &arguments).map(drop);
    }
    // Which ranges are free nobody can say beforehand: the Engine refuses those that are not.
    let first = network.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let mut last = Ok(String::new());
    for attempt in 0..RANGES {
        let number = first.wrapping_add(attempt * 97);
        let range = format!("10.{}.{}", 64 + number % 128, number / 128 % 256);
        let (subnet, gateway) = (format!("{range}.0/24"), format!("{range}.1"));
        let mut arguments = arguments.clone();
        arguments.extend(words(["--subnet", &subnet, "--gateway", &gateway, network]));
        last = tool::docker(&what, &arguments);
        match &last {
            Err(error) if error.to_string().contains("overlaps") => {}
            _ => break,
        }
    }
    last.map(drop)
}

/// The machine whose Docker is meant where nothing else is said: the first.
fn docker_host(document: &LabDocument) -> Option<&str> {
    document.lab.machines.first().map(|(_, machine)| machine.host_name.value.as_str())
}

fn inside<'s>(state: &'s LabState, id: &str) -> Result<Inside<'s>, DrillError> {
    let container =
        state.machines.get(id).ok_or_else(|| DrillError::failed("find a machine", format!("there is no `{id}`")))?;
    Ok(Inside { container })
}

/// The command that makes images: relative to the lab's file when it is a path.
fn run_build(build: &Argv, file: &Path) -> Result<(), DrillError> {
    let mut argv = Scene::default().words(build)?;
    let Some(program) = argv.first_mut() else { return Ok(()) };
    if program.contains('/') {
        *program = beside(file, program).display().to_string();
    }
    let (program, arguments) = (argv[0].clone(), argv[1..].to_vec());
    tool::run("make the lab's images", &program, &arguments, LONG).map(drop)
}

fn start_machines(document: &LabDocument, directory: &LabDirectory, state: &mut LabState) -> Result<(), DrillError> {
    for (id, machine) in &document.lab.machines {
        let container = state.machines[&id.value].clone();
        let networks: Vec<&str> =
            machine.networks.iter().map(|network| state.networks[&network.value].as_str()).collect();
        machine::start(&directory.labels(), &container, machine, &networks)?;
        let address = machine::address(&container, networks.first().copied().unwrap_or_default())?;
        state.addresses.insert(id.value.clone(), address);
    }
    Ok(())
}

/// Each list of images that machines want, with its archive: saved by the first of them that comes to it.
type Archives = BTreeMap<Vec<String>, (PathBuf, OnceLock<Result<(), DrillError>>)>;

/// Names, keys, files and images of every machine, side by side.
fn equip(
    document: &LabDocument,
    state: &LabState,
    directory: &LabDirectory,
    file: &Path,
    hosts: &str,
    public: &str,
) -> Result<(), DrillError> {
    let wanted = |machine: &MachineDecl| machine.images.iter().map(|image| image.value.clone()).collect::<Vec<_>>();
    let lists = document.lab.machines.iter().map(|(_, machine)| wanted(machine)).filter(|images| !images.is_empty());
    let archive = |number: usize| (directory.at(&format!("images-{number}.tar")), OnceLock::new());
    let archives: Archives = lists.enumerate().map(|(number, images)| (images, archive(number))).collect();
    let one = |id: &str, machine: &MachineDecl| -> Result<(), DrillError> {
        let inside = inside(state, id)?;
        inside.write("/etc/runbook-lab", &format!("{}\n", state.name), false)?;
        inside.write("/root/.ssh/authorized_keys", public, false)?;
        inside.write("/etc/hosts", &between(document, state, id, hosts)?, true)?;
        if let Some(files) = &machine.files {
            inside.copy(&beside(file, &files.value))?;
        }
        let images = wanted(machine);
        let Some((archive, saved)) = archives.get(&images) else { return inside.await_docker() };
        saved.get_or_init(|| save(&images, archive)).clone()?;
        inside.await_docker()?;
        inside.load(archive)
    };
    let equipped = thread::scope(|scope| {
        let started: Vec<_> =
            document.lab.machines.iter().map(|(id, machine)| scope.spawn(|| one(&id.value, machine))).collect();
        let ended = started.into_iter().map(|thread| {
            thread.join().unwrap_or_else(|_| Err(DrillError::failed("prepare a machine", "its thread panicked")))
        });
        ended.collect()
    });
    for (archive, _) in archives.values() {
        let _ = fs::remove_file(archive); // what stays is removed with the lab
    }
    equipped
}

fn save(images: &[String], archive: &Path) -> Result<(), DrillError> {
    tool::run(&format!("save {}", images.join(", ")), "docker", &images::save(images, archive), LONG).map(drop)
}

/// What the hosts file of a machine gets: the others where it can reach them, over a network that both are on.
fn between(document: &LabDocument, state: &LabState, id: &str, hosts: &str) -> Result<String, DrillError> {
    let lab = &document.lab;
    let own = lab.machines.iter().find(|(name, _)| name.value == id).map(|(_, machine)| machine);
    let Some(own) = own else { return Ok(hosts.to_owned()) };
    let mut text = String::new();
    for (other, machine) in &lab.machines {
        let shared = machine.networks.iter().find(|network| own.networks.iter().any(|one| one.value == network.value));
        let Some(shared) = shared else { continue };
        let address = machine::address(&state.machines[&other.value], &state.networks[&shared.value])?;
        let further = lab.hosts.iter().filter(|(_, machine)| machine.value == other.value).map(|(name, _)| name);
        let names: Vec<&str> = std::iter::once(&machine.host_name)
            .chain(&machine.names)
            .chain(further)
            .map(|name| name.value.as_str())
            .collect();
        let _ = writeln!(text, "{address} {}", names.join(" "));
    }
    Ok(text)
}
