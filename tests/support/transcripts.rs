//! Transcripts of the real Google Cloud client, what the scripts that recorded them did between two cases, and how answers are compared.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use chrono::{TimeZone, Utc};
use regex::Regex;
use runbook::model::facts::SystemFacts;
use runbook::runner::sim::{Power, Said, Unsimulated, World};
use serde_json::json;

/// Transcripts that the world answers differently, and why.
const DIFFERENT: [(&str, &str); 5] = [
    ("049", "the stand-in lists in the order of creation, Compute by name"),
    ("050", "the same; and a machine that is off has lost its own address"),
    ("103", "the stand-in gives the oldest operations first, Cloud SQL the newest"),
    ("220", "the stand-in lists no operations of all zones"),
    ("222", "the stand-in could not make a loop device; the world makes the disk"),
];

/// The machine that the client runs on.
pub const HERE: &str = "local";

pub struct Transcript {
    pub id: String,
    pub argv: Vec<String>,
    exit: i32,
    stdout: String,
    stderr: String,
}

fn root() -> PathBuf {
    std::env::var("RUNBOOK_ROOT").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned()).into()
}

pub fn transcripts() -> Vec<Transcript> {
    let dir = root().join("fixtures/transcripts/gcloud");
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &std::path::Path) -> Transcript {
    let text = std::fs::read_to_string(file).unwrap();
    let (head, rest) = text.split_once("--- stdout\n").unwrap();
    let (stdout, stderr) = rest.split_once("--- stderr\n").unwrap();
    let mut lines = head.lines();
    let argv = lines.next().unwrap().strip_prefix("ARGV ").unwrap();
    let exit = lines.next().unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
    Transcript {
        id: file.file_stem().unwrap().to_str().unwrap().to_owned(),
        argv: words(argv),
        exit,
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
    }
}

/// The words of a line that was recorded without quotes: what does not begin a flag belongs to the flag before it.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in line.split(' ') {
        match words.last_mut() {
            Some(last) if !word.starts_with("--") && takes_the_rest(last) => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

fn takes_the_rest(word: &str) -> bool {
    word.starts_with("--filter=") || word.starts_with("--command=")
}

/// The same text for what differs from one recording to the next: addresses, ids, times, the file of the token, white space.
pub fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, by) in RULES.iter() {
        text = pattern.replace_all(&text, *by).into_owned();
    }
    text.trim().to_owned()
}

static RULES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let rules = [
        (r"http://127\.0\.0\.1:8099/compute/v1/", "https://compute.googleapis.com/compute/v1/"),
        (r"http://127\.0\.0\.1:8099/projects/", "https://dns.googleapis.com/dns/v1/projects/"),
        (r"http://127\.0\.0\.1:8099/v1beta4/", "https://sqladmin.googleapis.com/sql/v1beta4/"),
        (r"HTTPS?ConnectionPool\(host='[^']*', port=\d+\)", "POOL"),
        (r"HTTPS?Connection object at 0x[0-9a-f]+", "CONNECTION"),
        (r"operation-\d+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+", "OPERATION"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
        (r"operations/(UUID|x)", "operations/X"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}-08:00", "TIME"),
        (r"\b(192\.168|10\.166|35\.228|34\.88)\.\d+\.\d+\b", "ADDRESS"),
        (r"\b\d{17,19}\b", "NUMBER"),
        (r"/home/operator/\.ssh", "/root/.ssh"),
        (r"\.{2,}", "…"),
        (r"\s+", " "),
    ];
    rules.into_iter().map(|(pattern, by)| (Regex::new(pattern).unwrap(), by)).collect()
});

pub fn world() -> World {
    let began = Utc.with_ymd_and_hms(2026, 11, 20, 17, 32, 40).unwrap();
    let mut world = World::empty(began, 7, Arc::new(SystemFacts::default()));
    world.add_project("acme-prod", &[("environment", "production")]);
    world.limit("acme-prod", "SSD_TOTAL_GB", 500);
    for (property, value) in [("project", "acme-prod"), ("auth/access_token_file", "/home/operator/token")] {
        assert_eq!(run(&mut world, &["config", "set", property, value]).unwrap().exit, 0);
    }
    world
}

pub fn run(world: &mut World, words: &[&str]) -> Result<Said, Unsimulated> {
    let argv: Vec<String> = ["gcloud"].iter().chain(words).map(|word| (*word).to_owned()).collect();
    world.command(HERE, &argv, "")
}

/// What the scripts that recorded did right before a case.
pub fn before(id: &str, world: &mut World) {
    const FULL: &str = "The zone 'projects/acme-prod/zones/europe-north1-a' does not have enough resources available to fulfill the request.  Try a different zone, or try again later.";
    match id {
        "006" => pass(world, 200),
        "049" => pass(world, 60),
        "055" => world.refuse("zone:europe-north1-a", ""),
        "056" | "218" => world.refuse("zone:europe-north1-a", FULL),
        "057" => {
            world.allow("zone:europe-north1-a");
            world.refuse("permission:compute.disks.create", "");
        }
        "058" => {
            world.allow("permission:compute.disks.create");
            world.refuse("permission:compute.snapshots.list", "");
        }
        "059" => {
            world.allow("permission:compute.snapshots.list");
            world.refuse("permission:compute.disks.get", "");
        }
        "060" => {
            world.allow("permission:compute.disks.get");
            world.refuse("rate", "");
        }
        "061" => {
            world.allow("rate");
            world.refuse("api", "");
        }
        // The answer was 401 once; the client asks again with a new token.
        "062" => world.allow("api"),
        "063" => world.refuse(
            "permission:compute.snapshots.list",
            "Compute Engine API has not been used in project 123 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/compute.googleapis.com/overview?project=123 then retry.",
        ),
        "064" => world.allow("permission:compute.snapshots.list"),
        "093" => {
            let backups = json!({"enabled": true, "pointInTimeRecoveryEnabled": true, "startTime": "02:00", "transactionLogRetentionDays": 7});
            let main = json!({"activationPolicy": "ALWAYS", "availabilityType": "REGIONAL", "backupConfiguration": backups, "dataDiskSizeGb": "100", "dataDiskType": "PD_SSD", "settingsVersion": "3", "tier": "db-custom-2-7680"});
            world.add_database("acme-prod", "pg-main", "europe-north1-a", None, main);
            let replica = json!({"activationPolicy": "ALWAYS", "tier": "db-custom-2-7680"});
            world.add_database("acme-prod", "pg-replica", "europe-west1-b", Some("pg-main"), replica);
            pass(world, 1);
        }
        "106" => drop(run(world, &["config", "unset", "project"]).unwrap()),
        "109" => {
            drop(run(world, &["config", "set", "project", "acme-prod"]).unwrap());
            world.refuse("account", "");
        }
        "110" => {
            world.refuse("account", "operator@example.com");
        }
        "111" => world.allow("account"),
        "114" => world.refuse("network", ""),
        "201" => *world = self::world(),
        // The machine takes its time to boot.
        "205" => pass(world, 90),
        "207" => world.set_power("vm1", Power::Cut),
        "208" => world.set_power("vm1", Power::Up),
        "219" => world.allow("zone:europe-north1-a"),
        // A disk of that snapshot is under way, made by somebody else.
        "211" => {
            pass(world, 150);
            let now = world.now();
            let zone = "--zone=europe-north1-a";
            assert_eq!(run(world, &["compute", "disks", "create", "d3", zone, "--source-snapshot=sn1"]).unwrap().exit, 0);
            world.set_now(now);
            pass(world, 2);
        }
        _ => {}
    }
}

fn pass(world: &mut World, seconds: i64) {
    let now = world.now() + chrono::TimeDelta::seconds(seconds);
    world.set_now(now);
}

/// How many answers are as they were recorded, and what is wrong.
#[derive(Default)]
pub struct Tally {
    equal: usize,
    total: usize,
    wrong: String,
}

impl Tally {
    /// An answer: exit code, stdout and stderr, or why there is none.
    pub fn count(&mut self, case: &Transcript, got: Result<(i32, String, String), String>) {
        self.total += 1;
        let expected = (case.exit, plain(&case.stdout), plain(&case.stderr));
        let listed = DIFFERENT.iter().any(|(id, _)| *id == case.id);
        match got.map(|(exit, stdout, stderr)| (exit, plain(&stdout), plain(&stderr))) {
            Ok(got) if got == expected => {
                self.equal += 1;
                if listed {
                    writeln!(self.wrong, "{}: is equal, and listed as different", case.id).unwrap();
                }
            }
            got if !listed => {
                let argv = case.argv.join(" ");
                writeln!(self.wrong, "{} {argv}\n  expected {expected:?}\n  got      {got:?}", case.id).unwrap();
            }
            _ => {}
        }
    }

    /// Says how many, and fails when one is different that is not listed, or the other way round.
    pub fn end(self, who: &str) {
        #[expect(clippy::print_stderr, reason = "the count is what a person wants to see")]
        {
            eprintln!("gcloud transcripts, {who}: {} of {} equal", self.equal, self.total);
        }
        assert!(self.wrong.is_empty(), "{}", self.wrong);
    }
}

/// The command line with the address that was reserved here instead of the recorded one.
pub fn argv_of(case: &Transcript, mut run: impl FnMut(&[String]) -> String) -> Vec<String> {
    let reserved = "gcloud compute addresses describe web-ip --region=europe-north1 --format=value(address)";
    let reserved: Vec<String> = reserved.split(' ').map(str::to_owned).collect();
    let mut argv = case.argv.clone();
    if let Some(address) = argv.iter_mut().find(|word| word.starts_with("--address=")) {
        *address = format!("--address={}", run(&reserved).trim());
    }
    argv
}
