//! Systems as facts, written out by hand: those that are shipped, and that of the notes lab.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::model::facts::{BackupFacts, ComposeFacts, DataFacts, HealthFacts, RuntimeFacts, ServiceFacts, SystemFacts};
use super::model::system::BackupKind;
use super::model::work::Target;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub fn ssh(host: &str) -> Target {
    Target::Ssh { host: host.to_owned(), port: None, identity_file: None }
}

fn get(url: &str) -> HealthFacts {
    HealthFacts::Http { url: url.to_owned(), target: Target::Local }
}

fn program(argv: &str) -> HealthFacts {
    HealthFacts::Program { argv: argv.split(' ').map(str::to_owned).collect(), target: Target::Local }
}

/// A container by its name, on this machine.
fn container(id: &str, name: &str, needs: &[&str], health: HealthFacts) -> ServiceFacts {
    ServiceFacts {
        id: id.to_owned(),
        runtime: RuntimeFacts::Container(name.to_owned()),
        target: Target::Local,
        needs: needs.iter().map(|&id| id.to_owned()).collect(),
        optional: false,
        tags: Vec::new(),
        estimate: Some(Duration::from_secs(5)),
        known_good: None,
        health,
    }
}

fn backup(id: &str, kind: BackupKind, path: Option<&str>, pattern: Option<&str>, max_age: Duration) -> BackupFacts {
    let (path, pattern) = (path.map(str::to_owned), pattern.map(str::to_owned));
    BackupFacts { id: id.to_owned(), kind, path, pattern, max_age: Some(max_age) }
}

fn directory(id: &str, path: &str, backups: Vec<BackupFacts>) -> DataFacts {
    DataFacts {
        id: id.to_owned(),
        service: id.to_owned(),
        volume: None,
        path: Some(path.to_owned()),
        disk: None,
        owner: None,
        vars: BTreeMap::new(),
        backups,
    }
}

/// `runbooks/systems/nchat.yaml`.
pub fn nchat() -> Arc<SystemFacts> {
    let service = |id: &str, needs: &[&str], health| container(id, &format!("nself-{id}"), needs, health);
    let services = vec![
        service(
            "postgres",
            &[],
            program("docker exec nself-postgres pg_isready -q -h 127.0.0.1 -U postgres -d nself_db"),
        ),
        service("redis", &[], program("docker exec nself-redis redis-cli ping")),
        service("minio", &[], get("http://127.0.0.1:9000/minio/health/live")),
        service("auth", &["postgres", "redis"], get("http://127.0.0.1:4000/healthz")),
        service("hasura", &["postgres"], get("http://127.0.0.1:8080/healthz")),
        service("functions", &["postgres", "hasura"], program("docker container inspect nself-functions")),
        service("meilisearch", &["postgres"], get("http://127.0.0.1:7700/health")),
        service("prometheus", &[], get("http://127.0.0.1:9090/-/ready")),
        service("grafana", &[], get("http://127.0.0.1:3000/api/health")),
        service("loki", &[], get("http://127.0.0.1:3100/ready")),
    ];
    let postgres = DataFacts {
        owner: Some("999:999".to_owned()),
        vars: texts(&[("restore", "own"), ("image", "postgres:15"), ("database", "nself_db"), ("user", "postgres")]),
        ..directory(
            "postgres",
            "/data/postgres",
            vec![
                backup("daily", BackupKind::Dump, Some("/backups/postgres/daily"), Some("*.dump"), 25 * HOUR),
                backup("base", BackupKind::BaseBackup, Some("/backups/postgres/base"), None, 25 * HOUR),
                backup("wal", BackupKind::Wal, Some("/backups/postgres/wal"), None, 5 * MINUTE),
            ],
        )
    };
    let redis = DataFacts {
        owner: Some("999:999".to_owned()),
        vars: texts(&[("restore", "own"), ("image", "redis:7")]),
        ..directory(
            "redis",
            "/data/redis",
            vec![backup("files", BackupKind::Copy, Some("/backups/redis"), None, 15 * MINUTE)],
        )
    };
    let mirror = backup("mirror", BackupKind::Copy, Some("/backups/minio"), None, HOUR);
    let index = backup("snapshots", BackupKind::Copy, Some("/backups/meilisearch"), None, 24 * HOUR);
    let data = vec![
        postgres,
        redis,
        directory("minio", "/data/minio", vec![mirror]),
        directory("meilisearch", "/data/meilisearch", vec![index]),
    ];
    Arc::new(SystemFacts {
        name: "nchat".to_owned(),
        environment: Some("production".to_owned()),
        vars: texts(&[("url", "https://chat.example.com"), ("project", "your-gcp-project")]),
        target: Target::Local,
        targets: vec![("host".to_owned(), Target::Local)],
        services,
        data,
        compose: None,
    })
}

/// `runbooks/systems/ai-data-analyst.yaml`, seen from outside the VM.
pub fn ai_data_analyst() -> Arc<SystemFacts> {
    let vm = ssh("deploy@your-instance.example.com");
    let app = ServiceFacts {
        runtime: RuntimeFacts::Compose { service: "app".to_owned(), container: "data-analyst-app-1".to_owned() },
        target: vm.clone(),
        known_good: Some("ghcr.io/your-org/ai-data-analyst:v1.4.2".to_owned()),
        ..container("app", "", &[], get("https://your-instance.example.com/health"))
    };
    let data = DataFacts {
        disk: Some("data-disk".to_owned()),
        ..directory("app", "/data", vec![backup("snapshots", BackupKind::DiskSnapshot, None, None, 25 * HOUR)])
    };
    Arc::new(SystemFacts {
        name: "ai-data-analyst".to_owned(),
        environment: Some("production".to_owned()),
        vars: texts(&[("project", "your-gcp-project"), ("zone", "europe-north1-a"), ("vm", "your-server")]),
        target: vm.clone(),
        targets: vec![("vm".to_owned(), vm)],
        compose: Some(ComposeFacts {
            project: "data-analyst".to_owned(),
            dir: "/opt/data-analyst".to_owned(),
            files: vec!["docker-compose.yml".to_owned()],
        }),
        services: vec![app],
        data: vec![data],
    })
}

/// `fixtures/labs/notes/system.yaml`.
pub fn notes() -> Arc<SystemFacts> {
    let service = |id: &str, needs: &[&str], health| ServiceFacts {
        runtime: RuntimeFacts::Compose { service: id.to_owned(), container: format!("notes-{id}-1") },
        ..container(id, "", needs, health)
    };
    let data = |id: &str, owner: Option<&str>| DataFacts {
        path: None,
        volume: Some(format!("notes_{id}_data")),
        owner: owner.map(str::to_owned),
        ..directory(
            id,
            "",
            vec![backup(
                "archives",
                BackupKind::Archive,
                Some("/var/backups/notes"),
                Some(&format!("{id}_*.tar.gz")),
                25 * HOUR,
            )],
        )
    };
    let app = ServiceFacts {
        known_good: Some("runbook-lab/app:v1".to_owned()),
        tags: vec!["writer".to_owned()],
        ..service("app", &["postgres", "redis"], get("http://127.0.0.1:18000/health"))
    };
    Arc::new(SystemFacts {
        name: "notes".to_owned(),
        compose: Some(ComposeFacts {
            project: "notes".to_owned(),
            dir: "/srv/notes".to_owned(),
            files: vec!["compose.yaml".to_owned()],
        }),
        services: vec![
            app,
            service("postgres", &[], program("docker exec notes-postgres-1 pg_isready -q")),
            service("redis", &[], program("docker exec -e REDISCLI_AUTH notes-redis-1 redis-cli ping")),
        ],
        data: vec![data("app", None), data("postgres", Some("999:999")), data("redis", Some("998:998"))],
        ..SystemFacts::default()
    })
}
