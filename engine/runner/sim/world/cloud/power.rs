//! Stopping, starting and resetting instances, and what becomes of what ran on their machines.

use super::super::super::lifecycle;
use super::super::super::tree::Kind;
use super::super::{Life, Power, World};
use super::instance::BOOT;
use super::operation::Lasts;
use super::{At, CloudError, Operation};

const STOP: Lasts = (15_000, 45_000);
const START: Lasts = (8_000, 25_000);
const RESET: Lasts = (2_000, 6_000);

/// What Docker notes for a container whose end nobody saw.
const UNSEEN: i32 = 255;

impl World {
    /// Stops an instance: it is off at once for whoever wants to reach it, TERMINATED when the operation is done.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn stop_instance(&mut self, at: &At) -> Result<Operation, CloudError> {
        self.permit_change("compute.instances.stop", &at.path("instances"))?;
        let now = self.now();
        let instance = self.instance_at(at)?;
        let (id, machine) = (instance.id.clone(), instance.machine.clone());
        if instance.status == "TERMINATED" {
            return Ok(self.begin((at, "instances"), "stop", &id, RESET));
        }
        let operation = self.begin((at, "instances"), "stop", &id, STOP);
        self.halt(&machine);
        if let Some(machine) = self.machine_mut(&machine) {
            machine.power = Power::Down;
        }
        let instance = self.instance_at_mut(at)?;
        "TERMINATED".clone_into(&mut instance.status);
        instance.vm.until = Some(("STOPPING".to_owned(), operation.ends));
        instance.vm.stopped = Some(now);
        if instance.vm.ephemeral {
            self.readdress(at, None)?;
        }
        Ok(operation)
    }

    /// Starts an instance: it runs when the operation is done, and is reached some time later.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn start_instance(&mut self, at: &At) -> Result<Operation, CloudError> {
        self.permit_change("compute.instances.start", &at.path("instances"))?;
        let instance = self.instance_at(at)?;
        let (id, kind) = (instance.id.clone(), instance.machine_type.clone());
        if instance.status == "RUNNING" {
            return Ok(self.begin((at, "instances"), "start", &id, RESET));
        }
        let is_ephemeral = instance.vm.ephemeral;
        if self.now() < instance.vm.until.as_ref().map_or(instance.created, |(_, until)| *until) {
            return Err(CloudError::NotReady(at.path("instances")));
        }
        if let Some(error) = self.stock_out(at, &kind) {
            return Ok(self.begin_in_vain(at, "start", &id, error));
        }
        let operation = self.begin((at, "instances"), "start", &id, START);
        if is_ephemeral {
            let address = self.free_address(at);
            self.readdress(at, Some(address))?;
        }
        self.up(at, &operation)?;
        Ok(operation)
    }

    /// Resets an instance, as its button would.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn reset_instance(&mut self, at: &At) -> Result<Operation, CloudError> {
        self.permit_change("compute.instances.reset", &at.path("instances"))?;
        let instance = self.instance_at(at)?;
        let (id, machine, is_off) = (instance.id.clone(), instance.machine.clone(), instance.status != "RUNNING");
        if is_off {
            return Err(CloudError::NotReady(at.path("instances")));
        }
        let operation = self.begin((at, "instances"), "reset", &id, RESET);
        self.halt(&machine);
        self.up(at, &operation)?;
        Ok(operation)
    }

    /// An instance runs from the end of an operation on, and its machine boots then.
    fn up(&mut self, at: &At, operation: &Operation) -> Result<(), CloudError> {
        let reachable = self.later(operation.ends, BOOT);
        let instance = self.instance_at_mut(at)?;
        "RUNNING".clone_into(&mut instance.status);
        instance.reachable = reachable;
        instance.vm.until = (operation.kind == "start").then(|| ("STAGING".to_owned(), operation.ends));
        instance.vm.started = Some(operation.began);
        let name = instance.machine.clone();
        if let Some(machine) = self.machine_mut(&name) {
            machine.power = Power::Up;
            machine.booted = operation.ends;
        }
        // What starts at boot starts then; the world is looked at as it will be.
        let now = self.now();
        self.set_now(reachable);
        self.boot(&name);
        self.set_now(now);
        Ok(())
    }

    /// Nothing runs on a machine any more, and nothing is mounted.
    fn halt(&mut self, name: &str) {
        let now = self.now();
        let Some(machine) = self.machine_mut(name) else { return };
        machine.mounts = super::super::super::tree::Map::new_sync();
        let Some(engine) = &mut machine.engine else { return };
        engine.running = false;
        let ids: Vec<String> = engine.containers.keys().cloned().collect();
        for id in ids {
            let Some(container) = engine.containers.get_mut(&id) else { continue };
            let started = match container.life {
                Life::Running(run) => run.started,
                Life::Looping { since, .. } => since,
                Life::Created | Life::Exited { .. } => continue,
            };
            container.paused = false;
            container.life = Life::Exited { code: UNSEEN, at: now, started, oom: false };
        }
    }

    /// What a machine does when it boots: mounts what its fstab names and is attached, and starts Docker with its containers.
    fn boot(&mut self, name: &str) {
        let Some(machine) = self.machine_mut(name) else { return };
        let table = match machine.files.get("etc/fstab").map(|node| &node.kind) {
            Some(Kind::Text(text)) => text.clone(),
            _ => "".into(),
        };
        for line in table.lines() {
            let mut fields = line.split_whitespace();
            let (Some(device), Some(path)) = (fields.next(), fields.next()) else { continue };
            if let Some(Kind::Device(disk)) = machine.files.get(device).map(|node| &node.kind) {
                let disk = disk.clone();
                machine.mounts.insert_mut(path.to_owned(), disk);
            }
        }
        let Some(engine) = &mut machine.engine else { return };
        engine.running = true;
        // lifecycle
        let stays = |restart: &str| matches!(restart, "always" | "unless-stopped" | "on-failure");
        let was_cut = |life: &Life| matches!(life, Life::Exited { code: UNSEEN, .. });
        let all = engine.containers.values();
        let again = all.filter(|container| {
            container.restart == "always" && container.life != Life::Created
                || stays(&container.restart) && was_cut(&container.life)
        });
        let ids: Vec<String> = again.map(|container| container.id.clone()).collect();
        for id in ids {
            let life = lifecycle::start(self, name, &id);
            if let Some(container) = self.engine_mut(name).and_then(|engine| engine.containers.get_mut(&id)) {
                container.life = life;
            }
        }
    }
}
