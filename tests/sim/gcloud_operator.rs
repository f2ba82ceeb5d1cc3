//! Somebody with the Google Cloud client, in a world with one project.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeZone, Utc};
use runbook::model::facts::SystemFacts;
use runbook::runner::sim::{Said, World};

/// What the tests call the zone.
pub const ZONE: &str = "--zone=europe-north1-a";

/// The operator, and the world around.
#[derive(Clone)]
pub struct Operator {
    pub world: World,
}

impl Operator {
    /// A world with the project `acme-prod`, which is set, and nothing in it.
    #[must_use]
    pub fn new() -> Self {
        let began = Utc.with_ymd_and_hms(2026, 2, 9, 3, 0, 0).unwrap();
        let mut world = World::empty(began, 11, Arc::new(SystemFacts::default()));
        world.add_project("acme-prod", &[("environment", "production")]);
        let mut operator = Self { world };
        operator.ok("config set project acme-prod");
        operator
    }

    /// The same with a machine `web` and its disk `data-disk`, a day old, and a snapshot of it from last night.
    #[must_use]
    pub fn with_machine() -> Self {
        let mut operator = Self::new();
        operator.ok(&format!("compute instances create web {ZONE} --machine-type=e2-medium --image-family=debian-12 --image-project=debian-cloud"));
        operator.ok(&format!("compute disks create data-disk {ZONE} --size=200GB --type=pd-balanced"));
        operator.ok(&format!("compute instances attach-disk web {ZONE} --disk=data-disk --device-name=data"));
        operator.later(Duration::from_hours(20));
        operator.ok(&format!("compute disks snapshot data-disk {ZONE} --snapshot-names=data-disk-20260209"));
        operator.later(Duration::from_hours(4));
        operator
    }

    /// Runs the client.
    pub fn run(&mut self, words: &str) -> Said {
        let words = shlex::split(words).unwrap();
        let argv: Vec<String> = ["gcloud".to_owned()].into_iter().chain(words).collect();
        self.world.command("local", &argv, "").unwrap()
    }

    /// What it prints, without the space around.
    pub fn ok(&mut self, words: &str) -> String {
        let said = self.run(words);
        assert_eq!(said.exit, 0, "{words}: {}", said.stderr);
        said.stdout.trim().to_owned()
    }

    /// What it says when it fails, in one line.
    pub fn fails(&mut self, words: &str) -> String {
        let said = self.run(words);
        assert_eq!(said.exit, 1, "{words}: {} {}", said.stdout, said.stderr);
        said.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What this world does not know.
    pub fn unsimulated(&mut self, words: &str) -> String {
        let words = shlex::split(words).unwrap();
        let argv: Vec<String> = ["gcloud".to_owned()].into_iter().chain(words).collect();
        self.world.command("local", &argv, "").unwrap_err().to_string()
    }

    /// Time passes.
    pub fn later(&mut self, lasts: Duration) {
        let now = self.world.now() + lasts;
        self.world.set_now(now);
    }
}
