//! The real client against a lab that is served; skipped by name where the client is not installed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use chrono::{DateTime, Utc};
use runbook::cloudlab::{Lab, serve};
use runbook::execute::BootClock;
use runbook::model::port::Clock;
use serde_json::json;
use tempfile::TempDir;

use super::{ask, lab as stand_in};
use crate::support::transcripts::{Tally, Transcript, argv_of, before, plain, transcripts, world};

/// Cases in which something is under way for a while; all else is done at once.
const SLOW: [&str; 7] = ["047", "096", "208", "209", "210", "211", "212"];

/// A served lab and an environment in which the client asks it.
struct Served {
    lab: Arc<Lab>,
    base: Arc<Mutex<DateTime<Utc>>>,
    address: String,
    home: TempDir,
}

impl Served {
    fn new() -> Self {
        let base = Arc::new(Mutex::new(world().now()));
        let (clock, from) = (BootClock::start(), Arc::clone(&base));
        let config = json!({
            "lab": "test", "state_dir": "/nonexistent", "project": "acme-prod", "region": "europe-north1",
            "zone": "europe-north1-a", "latency_percent": 0,
        });
        let time = Box::new(move || *from.lock().unwrap() + clock.now().elapsed);
        let lab = Lab::new(serde_json::from_value(config).unwrap(), time, 7).unwrap();
        *lab.world() = world();
        lab.world().set_pace(0);
        let (tell, hear) = mpsc::channel();
        let served = Arc::clone(&lab);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(served, |address| tell.send(address).unwrap())).unwrap();
        });
        let address = format!("http://{}", hear.recv().unwrap());
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("token"), "none").unwrap();
        let served = Self { lab, base, address, home };
        served.make_key();
        served
    }

    /// The client would make one with its first ssh, and say so.
    fn make_key(&self) {
        let file = self.home.path().join(".ssh/google_compute_engine");
        std::fs::create_dir(self.home.path().join(".ssh")).unwrap();
        #[expect(clippy::disallowed_methods, reason = "tests start the client itself")]
        let mut command = Command::new("ssh-keygen");
        // Without it the client has no ssh either, and says that.
        let _ = command.args(["-q", "-t", "rsa", "-N", "", "-f"]).arg(file).status();
    }

    /// Time passes in the world as somebody said.
    fn follow(&self, now: DateTime<Utc>) {
        let seen = self.lab.world().now();
        *self.base.lock().unwrap() += (now - seen).max(chrono::TimeDelta::zero());
    }

    fn run(&self, client: &Path, argv: &[String], without: &[&str]) -> (i32, String, String) {
        let home = self.home.path();
        let at = |path: &str| format!("{}{path}", self.address);
        let token = home.join("token").display().to_string();
        let variables = [
            ("HOME", home.display().to_string()),
            ("PATH", std::env::var("PATH").unwrap()),
            ("CLOUDSDK_CONFIG", home.join("config").display().to_string()),
            ("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "1".to_owned()),
            ("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "1".to_owned()),
            ("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", token.clone()),
            ("CLOUDSDK_CORE_ACCOUNT", "operator@example.com".to_owned()),
            ("CLOUDSDK_CORE_PROJECT", "acme-prod".to_owned()),
            ("CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE", at("/compute/v1/")),
            ("CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS", at("/")),
            ("CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL", at("/")),
            ("CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER", at("/")),
        ];
        #[expect(clippy::disallowed_methods, reason = "tests start the client itself")]
        let mut command = Command::new(client);
        command.args(argv).env_clear().envs(variables).stdin(Stdio::null()).current_dir(home);
        for name in without {
            command.env_remove(name);
        }
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let text = text.replace(&token, "/home/operator/token").replace(&home.display().to_string(), "/root");
            text.replace(&self.address, "http://127.0.0.1:8099")
        };
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }
}

/// The client; none: it is not installed.
fn client(test: &str) -> Option<std::path::PathBuf> {
    let found = which::which("gcloud").ok();
    if found.is_none() {
        #[expect(clippy::print_stderr, reason = "a skip is said")]
        {
            eprintln!("skipped: {test}: gcloud is not installed");
        }
    }
    found
}

fn words(line: &str) -> Vec<String> {
    shlex::split(line).unwrap()
}

/// What the runbooks ask, in the order of a recovery; each line of both clients, on a lab of its own.
const COMMANDS: &str = r"
projects describe acme-prod --format=json
compute disks create data-disk --project=acme-prod --zone=europe-north1-a --size=200GB --type=pd-balanced
compute instances create your-server --project=acme-prod --zone=europe-north1-a --machine-type=e2-medium --image-family=debian-12 --image-project=debian-cloud --format=json
compute instances attach-disk your-server --project=acme-prod --zone=europe-north1-a --disk=data-disk --device-name=data-disk
compute resource-policies create snapshot-schedule daily --project=acme-prod --region=europe-north1 --max-retention-days=14 --on-source-disk-delete=keep-auto-snapshots --daily-schedule --start-time=03:00
compute resource-policies describe daily --project=acme-prod --region=europe-north1 --format=json
compute disks add-resource-policies data-disk --project=acme-prod --zone=europe-north1-a --resource-policies=daily
compute disks describe data-disk --project=acme-prod --zone=europe-north1-a --format=json
compute disks snapshot data-disk --project=acme-prod --zone=europe-north1-a --snapshot-names=data-disk-1
compute snapshots list --project=acme-prod '--filter=sourceDisk~/disks/data-disk$ AND status=READY' --sort-by=~creationTimestamp --limit=1 --format=json
compute snapshots describe data-disk-1 --project=acme-prod --format=json
compute instances detach-disk your-server --project=acme-prod --zone=europe-north1-a --device-name=data-disk
compute instances describe your-server --project=acme-prod --zone=europe-north1-a --format=json
compute instances delete your-server --keep-disks=data --project=acme-prod --zone=europe-north1-a --quiet
compute instances describe your-server --project=acme-prod --zone=europe-north1-a --format=json
compute disks create data-disk-r1 --project=acme-prod --zone=europe-north1-a --source-snapshot=data-disk-1 --type=pd-balanced
compute disks create e1 e2 --project=acme-prod --zone=europe-north1-a --size=200GB --format=json
compute disks delete e1 e2 --project=acme-prod --zone=europe-north1-a --quiet
dns managed-zones create prod --dns-name=example.com. --description=x
dns record-sets create app.example.com. --zone=prod --type=A --ttl=300 --rrdatas=10.0.0.1
dns record-sets list --project=acme-prod --zone=prod --name=app.example.com. --type=A --format=json
dns record-sets update app.example.com. --project=acme-prod --zone=prod --type=A --ttl=60 --rrdatas=10.0.0.2
";

#[test]
fn the_real_client_and_its_stand_in_say_the_same() {
    let Some(client) = client("the_real_client_and_its_stand_in_say_the_same") else { return };
    let (served, (lab, hand)) = (Served::new(), stand_in(&json!({"latency_percent": 0})));
    lab.world().set_pace(0);
    for line in COMMANDS.lines().filter(|line| !line.is_empty()) {
        let argv = words(line);
        let (exit, stdout, stderr) = served.run(&client, &argv, &[]);
        let env = json!({"CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": "/home/operator/token"});
        let said = ask(&lab, "POST", "/_lab/gcloud", json!({"argv": argv, "env": env})).body;
        hand.pass(1);
        let own = |name: &str| plain(said[name].as_str().unwrap());
        let real = (i64::from(exit), plain(&stdout), plain(&stderr));
        assert_eq!(real, (said["exit"].as_i64().unwrap(), own("stdout"), own("stderr")), "{line}");
    }
}

/// What the recording had set otherwise, and what needs a machine behind it.
fn without(case: &Transcript) -> Option<&'static [&'static str]> {
    let needs_machine =
        case.argv.get(2).is_some_and(|word| word == "ssh") && !case.argv.contains(&"--dry-run".to_owned());
    match case.id.as_str() {
        // The client looks at the operation again, which has begun by then; and nobody answers there at all.
        "096" | "114" => None,
        _ if needs_machine => None,
        "106" | "107" => Some(&["CLOUDSDK_CORE_PROJECT"]),
        "109" => Some(&["CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", "CLOUDSDK_CORE_ACCOUNT"]),
        "110" => Some(&["CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"]),
        _ => Some(&[]),
    }
}

#[test]
#[ignore = "takes minutes: the client is started 130 times"]
fn the_real_client_is_answered_as_it_was_recorded() {
    let Some(client) = client("the_real_client_is_answered_as_it_was_recorded") else { return };
    let (served, mut tally) = (Served::new(), Tally::default());
    for case in transcripts() {
        let mut world = served.lab.world();
        world.set_pace(if SLOW.contains(&case.id.as_str()) { 100 } else { 0 });
        before(&case.id, &mut world);
        let now = world.now();
        drop(world);
        served.follow(now);
        let Some(without) = without(&case) else { continue };
        let argv = argv_of(&case, |argv| served.run(&client, &argv[1..], &[]).1);
        tally.count(&case, Ok(served.run(&client, &argv[1..], without)));
    }
    tally.end("the real client");
}
