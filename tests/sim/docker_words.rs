//! Whatever somebody types is answered, refused or not simulated; nothing panics.

use proptest::prelude::*;
use runbook::runner::sim::{Call, Said, Unsimulated, World};

use super::docker_lab::{at_notes, notes};

const WORDS: &[&str] = &[
    "-a",
    "-q",
    "-f",
    "-d",
    "-it",
    "-v",
    "-p",
    "--rm",
    "--name",
    "--format",
    "--filter",
    "--",
    "-",
    "--mount",
    "--network",
    "--restart",
    "--health-cmd",
    "--health-interval",
    "--memory",
    "--cpus",
    "--tail",
    "--since",
    "--until",
    "--scale",
    "--wait",
    "--wait-timeout",
    "--no-deps",
    "--force-recreate",
    "--timeout",
    "--volumes",
    "--index",
    "--all",
    "compose",
    "container",
    "volume",
    "network",
    "image",
    "system",
    "ps",
    "inspect",
    "run",
    "create",
    "start",
    "stop",
    "restart",
    "kill",
    "pause",
    "unpause",
    "wait",
    "rm",
    "rename",
    "update",
    "exec",
    "logs",
    "top",
    "stats",
    "port",
    "diff",
    "cp",
    "events",
    "df",
    "prune",
    "ls",
    "connect",
    "disconnect",
    "tag",
    "rmi",
    "pull",
    "save",
    "load",
    "import",
    "history",
    "images",
    "up",
    "down",
    "config",
    "app",
    "redis",
    "one",
    "runbook-lab/tools:1",
    "runbook-lab/app:v1",
    "runbook-lab/app:v3-crash",
    "sleep",
    "5",
    "0",
    "-1",
    "99999999999999999999",
    "1h",
    "1e400s",
    "name=o",
    "label=a=b",
    "status=running",
    "a:/b",
    "/x:/y:ro",
    ":",
    "=",
    "",
    "é",
    "{{.ID}}",
    "{{json .}}",
    "{{",
    "{{range .Mounts}}{{.Name}}{{end}}",
    "{{index .Config.Env 0}}",
    "type=bind,source=/etc,target=/x",
    "127.0.0.1:80:80",
    "on-failure:3",
    "one:/etc/passwd",
    "/tmp/x",
    "app=2",
];

/// What comes of a command in a directory, with what it reads.
fn called(world: &mut World, dir: &str, argv: &[String], stdin: &str) -> Result<Said, Unsimulated> {
    let working_dir = Some(dir.to_owned());
    world.call("local", Call { argv, stdin: Some(stdin.to_owned()), working_dir, ..Call::default() })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_words_break_the_client(lines in prop::collection::vec(prop::collection::vec(prop::sample::select(WORDS), 0..7), 1..12)) {
        let mut world = notes();
        at_notes(&mut world, "docker run -d --name one runbook-lab/app:v1");
        for line in lines {
            let argv: Vec<String> = ["docker"].iter().chain(&line).map(|word| (*word).to_owned()).collect();
            if let Err(what) = called(&mut world, "/srv/notes", &argv, "services: { app: { image: x } }") {
                prop_assert!(!what.to_string().is_empty());
            }
        }
    }

    #[test]
    fn no_template_breaks_it(template in r#"(\{\{|\}\}|\.|State|Status|range|end|if|else|json|index|"|`|\||\(|\)| |-|\$x|:=|,|0|é){0,12}"#) {
        let mut world = notes();
        at_notes(&mut world, "docker create --name one runbook-lab/app:v1");
        for line in [["inspect", "--format", template.as_str(), "one"], ["ps", "-a", "--format", template.as_str()]] {
            let argv: Vec<String> = ["docker"].iter().chain(&line).map(|word| (*word).to_owned()).collect();
            // What comes of it does not matter, only that something does.
            let _ = called(&mut world, "/srv/notes", &argv, "");
        }
    }

    #[test]
    fn no_compose_file_breaks_it(text in r"([a-z]{1,3}: |services: |image: |x|\n|  |- |\{|\}|\[|\]|&a|\*a|\$\{|\}|:-|'|#|!x|<<: ){0,16}") {
        let mut world = notes();
        world.write("local", "/srv/other/compose.yaml", &text).unwrap();
        let argv = ["docker", "compose", "config"].map(str::to_owned);
        let _ = called(&mut world, "/srv/other", &argv, "");
    }
}
