//! The lab of `tests/lab` as a simulated world, and the commands that a test gives it.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use runbook::model::facts::SystemFacts;
use runbook::runner::sim::{Call, Engine, Image, ImageConfig, Program, Said, Unsimulated, World};

/// Where the fixtures are.
pub fn repository() -> PathBuf {
    std::env::var_os("RUNBOOK_ROOT").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

/// When the transcripts were recorded.
pub fn began() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-21T05:11:00Z").unwrap().to_utc()
}

/// An image as `fixtures/labs/images` makes it.
fn image(name: &str, program: Program, env: &[(&str, &str)], command: &str, size: u64) -> Image {
    let mut image = Image::new(name, program, began() - TimeDelta::seconds(319));
    image.size = size;
    image.command = vec![command.to_owned()];
    image.labels.insert("runbook-lab".to_owned(), "image".to_owned());
    image.labels.insert("runbook-lab.recipe".to_owned(), "0".repeat(64));
    image.config = Arc::new(ImageConfig {
        env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        exposed: if program == Program::Service { vec!["8000/tcp".to_owned()] } else { Vec::new() },
        comment: "Imported from -".to_owned(),
        ..ImageConfig::default()
    });
    for dir in ["data", "dev", "etc", "proc", "root", "run", "sys", "tmp", "usr/bin", "var/lib"] {
        image.write(&format!("{dir}/"), "");
    }
    if program != Program::Service {
        image.write("etc/passwd", "root:x:0:0::/root:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n");
    }
    image
}

/// The machine of the lab: an Engine with its images and without a registry.
pub fn lab() -> World {
    let mut engine = Engine::new();
    let mut keep = |name: &str, image: Image| engine.keep(name, image);
    keep("runbook-lab/tools:1", image("tools", Program::Tools, &[("PATH", "/usr/bin")], "sh", 1_984_323));
    let data = [("PATH", "/usr/lib/postgresql/15/bin:/usr/bin"), ("PGHOST", "/tmp"), ("PGUSER", "postgres")];
    keep("runbook-lab/data:1", image("data", Program::Tools, &data, "sh", 85_100_000));
    for version in ["v1", "v2", "v3-crash", "v4-unhealthy"] {
        let mut app = image(version, Program::Service, &[("VERSION", version)], "/app", 1_500_000);
        app.unhealthy = version == "v4-unhealthy";
        if version == "v3-crash" {
            let words = "INFO v3-crash starting\nERROR start failed: column notes.author does not exist";
            app.crashes = Some((42, words.to_owned()));
        }
        keep(&format!("runbook-lab/app:{version}"), app);
    }
    let mut world = World::empty(began(), 7, Arc::new(SystemFacts::default()));
    world.install_docker("local", engine);
    world
}

/// The same with the project of `fixtures/labs/notes`.
pub fn notes() -> World {
    let mut world = lab();
    let file = std::fs::read_to_string(repository().join("fixtures/labs/notes/compose.yaml")).unwrap();
    world.write("local", "/srv/notes/compose.yaml", &file).unwrap();
    world
}

/// A command line in a directory, with standard input.
pub fn try_at(world: &mut World, dir: &str, line: &str, stdin: &str) -> Result<Said, Unsimulated> {
    let argv = shlex::split(line).unwrap();
    let (stdin, working_dir) = (Some(stdin.to_owned()), Some(dir.to_owned()));
    world.call("local", Call { argv: &argv, stdin, working_dir, ..Call::default() })
}

/// The same in the project's directory.
pub fn at_notes(world: &mut World, line: &str) -> Said {
    try_at(world, "/srv/notes", line, "").unwrap_or_else(|what| panic!("{line}: not simulated: {what}"))
}

/// A command line that prints this and succeeds.
#[track_caller]
pub fn gives(world: &mut World, line: &str, stdout: &str) {
    let said = at_notes(world, line);
    assert_eq!((said.exit, said.stdout.as_str()), (0, stdout), "{line}: {}", said.stderr);
}

/// A command line that fails with this.
#[track_caller]
pub fn fails(world: &mut World, line: &str, exit: i32, stderr: &str) {
    let said = at_notes(world, line);
    assert_eq!((said.exit, said.stderr.trim_end()), (exit, stderr), "{line}");
}
