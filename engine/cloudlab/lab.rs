//! The lab while it runs: the world, its clock, and what has to be done for real.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::config::{Config, NewInstance};
use super::effects::{Effect, effects};
use super::names;
use super::queue::{Batch, Queue};
use super::real::Real;
use crate::model::facts::SystemFacts;
use crate::runner::sim::World;
use crate::runner::sim::cloud::{
    At, CloudError, External, NewAttached, NewDisk, NewInstance as Wanted, Notes, Operation, Record, Source, Vm,
};

/// The time that the world follows.
pub type Time = Box<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A cloud lab.
pub struct Lab {
    pub(super) config: Config,
    time: Time,
    world: Mutex<World>,
    /// One change after the other; a command of the client is one.
    turn: Mutex<()>,
    queue: Option<Queue>,
    hosts: Mutex<String>,
    /// Every request waits for so long first.
    delay: Mutex<Duration>,
}

impl std::fmt::Debug for Lab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lab").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Lab {
    /// A lab with what its configuration names, nothing of it made for real yet: see [`Lab::furnish`].
    ///
    /// # Errors
    /// The state directory cannot be made, in a sentence.
    pub fn new(config: Config, time: Time, seed: u64) -> Result<Arc<Self>, String> {
        let mut world = World::empty(time(), seed, Arc::new(SystemFacts::default()));
        let labels: Vec<(&str, &str)> =
            config.project_labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        world.add_project(&config.project, &labels);
        world.log_in("operator@example.com", &config.project);
        world.set_pace(config.latency_percent);
        for (metric, limit) in &config.quotas {
            world.limit(&config.project, metric, *limit);
        }
        let real = config.machine_image.is_some().then(|| Real::new(&config)).transpose()?;
        if real.is_some() {
            world.leave_ssh();
        }
        let lab = Arc::new(Self {
            config,
            time,
            world: Mutex::new(world),
            turn: Mutex::new(()),
            queue: real.map(Queue::start),
            hosts: Mutex::new(String::new()),
            delay: Mutex::new(Duration::ZERO),
        });
        Ok(lab)
    }

    /// Makes what the configuration names, for real, and waits for it.
    ///
    /// # Errors
    /// Something cannot be made, in a sentence.
    pub fn furnish(&self) -> Result<(), String> {
        for zone in &self.config.dns {
            let domain = format!("{}.", zone.dns_name.trim_end_matches('.'));
            let made = self.world().insert_zone(&self.config.project, &zone.zone, &domain, "");
            made.map_err(|error| format!("make the DNS zone `{}`: {error}", zone.zone))?;
        }
        for instance in &self.config.instances {
            self.install(instance).map_err(|error| format!("make the instance `{}`: {error}", instance.name))?;
        }
        for zone in &self.config.dns {
            for record in &zone.records {
                let data = record.rrdatas.iter().map(|data| self.address_of(data)).collect();
                let name = format!("{}.", record.name.trim_end_matches('.'));
                let record = Record { name, kind: record.kind.clone(), ttl: record.ttl, data };
                let made = self.world().insert_record(&self.config.project, &zone.zone, record);
                made.map_err(|error| format!("make a DNS record of zone `{}`: {error}", zone.zone))?;
            }
        }
        self.write_names()
    }

    /// An instance that is there from the beginning: its disks, then itself.
    fn install(&self, new: &NewInstance) -> Result<(), String> {
        let at = At::zone(&self.config.project, &self.config.zone, &new.name);
        self.at_once(|world| {
            for disk in &new.disks {
                let at = at.beside(&disk.name);
                let (kind, notes) = ("pd-balanced".to_owned(), Notes::default());
                let size_gb = Some(disk.size_gb);
                world.insert_disk(&NewDisk {
                    at,
                    size_gb,
                    kind,
                    source: Source::Blank,
                    notes,
                    policies: Vec::new(),
                })?;
            }
            // What was begun is done when it is wanted.
            let later = world.now() + chrono::TimeDelta::minutes(10);
            world.set_now(later);
            let boot = NewAttached {
                disk: new.name.clone(),
                made_of: Some((Source::Image, None, "pd-standard".to_owned())),
                device: None,
                boot: true,
                auto_delete: true,
            };
            let others = new.disks.iter().map(|disk| NewAttached {
                disk: disk.name.clone(),
                made_of: None,
                device: Some(disk.device_name.clone()),
                boot: false,
                auto_delete: false,
            });
            let disks = [boot].into_iter().chain(others).collect();
            let (machine_type, external) = (new.machine_type.clone(), External::Pool);
            world.insert_instance(Wanted { at: at.clone(), machine_type, disks, external, vm: Vm::default() })?;
            let later = world.now() + chrono::TimeDelta::minutes(10);
            world.set_now(later);
            Ok::<(), CloudError>(())
        })
    }

    /// The address of an instance by its name, or the same text.
    fn address_of(&self, data: &str) -> String {
        let at = At::zone(&self.config.project, &self.config.zone, data);
        let world = self.world();
        let address = world.get_instance(&at).ok().and_then(|instance| instance.external.clone());
        address.unwrap_or_else(|| data.to_owned())
    }

    /// The world as it is now.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.time)();
        world.set_now(now);
        world
    }

    /// Changes the world by one request. What it begins is done when it is done for real.
    pub(super) fn change<T>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut World) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut world = self.world();
        let before = world.clone();
        let changed = change(&mut world);
        if let Some(queue) = &self.queue {
            let effects = effects(&before, &world);
            if !effects.is_empty() {
                let operations = world.operations_since(&before);
                for operation in &operations {
                    world.hold(operation);
                }
                let lab = Arc::clone(self);
                queue.push(Batch { effects, done: Box::new(move |made| lab.made(&operations, made)) });
            }
        }
        drop(world);
        drop(turn);
        // A hosts file that cannot be written was one at the start; what is new is in the state of the world.
        let _ = self.write_names();
        changed
    }

    /// What a request began was done for real, or was not.
    fn made(&self, operations: &[Operation], made: Result<Vec<(At, String)>, String>) {
        let mut world = self.world();
        let failed = made.as_ref().err().cloned();
        for (at, address) in made.unwrap_or_default() {
            world.found_at(&at, &address);
        }
        for operation in operations {
            world.finish(operation, failed.as_deref());
        }
        drop(world);
        let _ = self.write_names();
    }

    /// Changes the world by something that takes time in it, which is taken out again: whatever it began is done for real when this
    /// returns. It is tried on a copy first, and carried out with the addresses that real machines got.
    ///
    /// # Errors
    /// It is refused, or something could not be made; then the world is what it was.
    pub(super) fn at_once<T, E: std::fmt::Display>(
        &self,
        change: impl Fn(&mut World) -> Result<T, E>,
    ) -> Result<T, String> {
        self.at_once_as(change, |_| {})
    }

    /// The same; `adapt` changes what is to be done for real.
    ///
    /// # Errors
    /// The same.
    pub(super) fn at_once_as<T, E: std::fmt::Display>(
        &self,
        change: impl Fn(&mut World) -> Result<T, E>,
        adapt: impl FnOnce(&mut Vec<Effect>),
    ) -> Result<T, String> {
        let change = |world: &mut World| change(world).map_err(|error| error.to_string());
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.world().clone();
        let mut after = before.clone();
        let mut changed = change(&mut after)?;
        let mut wanted = effects(&before, &after);
        adapt(&mut wanted);
        let mut world = match &self.queue {
            Some(queue) if !wanted.is_empty() => {
                let found = queue.carry_out(wanted)?;
                // Somebody may have seen an operation end meanwhile.
                let mut again = self.world();
                for (at, address) in &found {
                    again.lend_address(at, address);
                }
                let mut next = again.clone();
                changed = change(&mut next)?;
                for (at, address) in &found {
                    next.found_at(at, address);
                }
                let (from, to) = (again.now(), next.now());
                *again = next;
                again.skip(from, to);
                again
            }
            _ => {
                let mut world = self.world();
                let (from, to) = (before.now(), after.now());
                *world = after;
                world.skip(from, to);
                world
            }
        };
        world.set_now((self.time)());
        drop(world);
        drop(turn);
        self.write_names()?;
        Ok(changed)
    }

    /// The names of virtual machines and of DNS, where others look them up.
    fn write_names(&self) -> Result<(), String> {
        let Some(path) = &self.config.hosts_file else { return Ok(()) };
        let mut written = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let text = names::lines(&self.config.hosts_base, &self.world());
        if *written != text {
            names::write(path, &text).map_err(|error| {
                format!("write the hosts file {}: {error}; `hosts_file` of the configuration names it", path.display())
            })?;
            *written = text;
        }
        Ok(())
    }

    /// Every request waits for so long from now on.
    pub(super) fn set_delay(&self, delay: Duration) {
        *self.delay.lock().unwrap_or_else(PoisonError::into_inner) = delay;
    }

    /// How long a request waits.
    pub(super) fn delay(&self) -> Duration {
        *self.delay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something is done for real, besides what the world knows.
    pub(super) fn really(&self, wanted: Vec<Effect>) -> Result<(), String> {
        self.queue.as_ref().map_or(Ok(()), |queue| queue.carry_out(wanted).map(drop))
    }

    /// Where the known hosts of the client are kept.
    pub(super) fn known_hosts(&self) -> PathBuf {
        self.config.state_dir.join("known_hosts")
    }
}
