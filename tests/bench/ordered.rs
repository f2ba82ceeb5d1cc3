//! P8: the ordered start of S2's services against the critical path of their own start times, and against the document's own script.
//!
//! Real containers on a Docker Engine; the services in them are stand-ins that listen after a second (`fixtures/labs/nself`). The times
//! of the floor are those of the same containers, each started by a bare `docker start` and asked every 10 ms.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::measure::{now, run, scratch};
use crate::{Effort, report};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PREFIX: &str = "runbook-lab-bench-";
const BASE: u16 = 18_300;
/// Each with the offset of its port, and what it needs.
const SERVICES: [(&str, u16, &[usize]); 5] =
    [("postgres", 1, &[]), ("redis", 2, &[]), ("minio", 3, &[]), ("auth", 4, &[0, 1]), ("hasura", 5, &[0])];

/// Auth and Hasura are healthy twice: `successes: 2`, `every: 500ms`.
const AGAIN: Duration = Duration::from_millis(500);

/// The document's script, line for line, on these names and ports.
const DOCUMENT: &str = r#"
set -e
wait_for_service() {
  waited=0
  until eval "$2" >/dev/null 2>&1; do
    sleep 2
    waited=$((waited + 2))
    if [ $waited -ge 60 ]; then exit 1; fi
  done
}
for service in postgres:1 redis:2 minio:3 auth:4 hasura:5; do
  docker start "$1${service%:*}"
  wait_for_service "${service%:*}" "curl -f http://localhost:$(($2 + ${service#*:}))/health"
done
docker start "$1functions" || echo "Functions not configured"
docker start "$1meilisearch" || echo "MeiliSearch not configured"
sleep 5
docker start "$1prometheus" "$1grafana" "$1loki" || echo "Monitoring not configured"
"#;

/// The same graph by a shell: what can be started side by side is, and a service is healthy as the system file says (Auth and Hasura
/// twice, half a second apart).
const SIDE_BY_SIDE: &str = r#"
healthy() { until curl -sf "http://127.0.0.1:$(($base + $1))/health"; do sleep 0.01; done; }
twice() { healthy "$1"; sleep 0.5; healthy "$1"; }
prefix=$1 base=$2
docker start "${prefix}minio" && healthy 3 & minio=$!
docker start "${prefix}redis" && healthy 2 & redis=$!
docker start "${prefix}postgres" && healthy 1
docker start "${prefix}hasura" && twice 5 & hasura=$!
wait $redis
docker start "${prefix}auth" && twice 4
wait $hasura $minio
"#;

/// Starts one container and waits until it is healthy.
const ALONE: &str = r#"
docker start "$1"
until curl -sf "http://127.0.0.1:$2/health"; do sleep 0.01; done
"#;

fn script(name: &str) {
    let script = format!("{ROOT}/fixtures/labs/nself/{name}");
    let base = BASE.to_string();
    run(Path::new("/"), "env", &[&format!("PREFIX={PREFIX}"), &format!("PORT_BASE={base}"), "bash", &script]);
}

fn bash(text: &str, first: &str, second: &str) -> Duration {
    let began = now();
    run(Path::new("/"), "bash", &["-c", text, "bash", first, second]);
    began.elapsed()
}

fn stop() {
    let names = SERVICES.map(|(name, ..)| format!("{PREFIX}{name}")).join(" ");
    run(Path::new("/"), "bash", &["-c", &format!("docker stop -t 2 {names} >/dev/null")]);
}

pub fn measure(effort: Effort) {
    let images = ["-c", "docker image inspect runbook-lab/app:v1 >/dev/null 2>&1"];
    if !duct::cmd("sh", images).unchecked().run().is_ok_and(|output| output.status.success()) {
        report::say("P8 needs a Docker Engine and the lab's images: tests/lab/up");
        return;
    }
    report::heading("P8 ordered start of S2's services");
    let dir = scratch();
    let system = fs::read_to_string(format!("{ROOT}/fixtures/labs/nself/system.yaml")).expect("the system");
    let system = system.replace("runbook-lab-nself-", PREFIX).replace("18100", &BASE.to_string());
    fs::write(dir.path().join("system.yaml"), system).expect("a system");
    fs::write(
        dir.path().join("start.yaml"),
        "kind: runbook/v1\nname: start\nsystem: system.yaml\nsteps: [{ id: start, services: start }]\n",
    )
    .expect("a runbook");
    script("destroy");
    script("create");
    let rounds = effort.rounds.min(3);
    let (mut ours, mut floor, mut sound) = (Vec::new(), Vec::new(), Vec::new());
    let (mut shell, mut document) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let began = now();
        run(dir.path(), env!("CARGO_BIN_EXE_runbook"), &["run", "start.yaml", "--environment", "lab"]);
        ours.push(began.elapsed());
        stop();
        let (once, said) = critical_paths();
        floor.push(once);
        sound.push(said);
        stop();
        shell.push(bash(SIDE_BY_SIDE, PREFIX, &BASE.to_string()));
        stop();
        document.push(bash(DOCUMENT, PREFIX, &BASE.to_string()));
        stop();
    }
    script("destroy");
    let (ours, floor, sound) = (median(ours), median(floor), median(sound));
    let (shell, document) = (median(shell), median(document));
    report::figure("`services: start`, s", ours.as_secs_f64());
    report::figure("critical path of the services alone, s", floor.as_secs_f64());
    report::figure("the same, each as healthy as the system file says, s", sound.as_secs_f64());
    report::figure("a shell, side by side, s", shell.as_secs_f64());
    report::figure("the document's script, s", document.as_secs_f64());
    report::ratio("against the critical path, healthy once", ours, floor, 1.15);
    report::ratio("against the critical path, healthy as said", ours, sound, 1.15);
    report::ratio("against the shell, side by side", ours, shell, 1.15);
    report::ratio("against the document's script", ours, document, 0.5);
}

/// Every service started alone, what it needs being up; the longest way through the graph: until each is healthy for the first time,
/// and until it was as often as the system file says.
fn critical_paths() -> (Duration, Duration) {
    let mut healthy: Vec<(Duration, Duration)> = Vec::new();
    for (name, offset, needs) in SERVICES {
        let own = bash(ALONE, &format!("{PREFIX}{name}"), &(BASE + offset).to_string());
        let again = if matches!(name, "auth" | "hasura") { AGAIN } else { Duration::ZERO };
        let before = |of: fn(&(Duration, Duration)) -> Duration| {
            needs.iter().map(|need| of(&healthy[*need])).max().unwrap_or_default()
        };
        healthy.push((before(|it| it.0) + own, before(|it| it.1) + own + again));
    }
    let longest = |of: fn(&(Duration, Duration)) -> Duration| healthy.iter().map(of).max().unwrap_or_default();
    (longest(|it| it.0), longest(|it| it.1))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
