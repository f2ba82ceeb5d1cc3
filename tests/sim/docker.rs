//! The recorded answers of the real client and Engine, replayed in one world.

use std::fmt::Write as _;
use std::io::Write as _;

use chrono::TimeDelta;
use runbook::runner::sim::{Call, Said, Unsimulated, World};

use super::docker_lab::{lab, repository};
use super::docker_normal::normal;

/// Cases whose answers differ, or that are not simulated, and why.
const DIFFERENT: &[(u32, &str)] = &[
    (65, "a shell that kills itself"),
    (70, "two commands at the same time: the world does one after the other"),
    (119, "`touch` says it in the words of GNU, not of busybox"),
    (134, "names of containers in `nslookup`"),
    (162, "the lab's own program `/app`"),
    (200, "the recorded machine had images, containers and volumes of other labs"),
];

/// Cases that need `psql`. Where the world has none, they differ.
const OF_PSQL: &[u32] = &[163];

/// Cases that need a shell and what it calls. Where the world has none, they differ.
const OF_SH: &[u32] = &[24, 25, 33, 56, 57, 62, 63, 64, 66, 67, 104, 105, 106, 111, 112, 118, 120];

const PROJECT: &str = "/srv/runbook/fixtures/labs/notes";

/// One recorded case.
struct Case {
    number: u32,
    argv: Vec<String>,
    exit: i32,
    stdout: String,
    stderr: String,
}

fn case(number: u32) -> Case {
    let path = repository().join(format!("fixtures/transcripts/docker/{number:03}.txt"));
    let text = std::fs::read_to_string(path).unwrap();
    let (head, rest) = text.split_once("--- stdout\n").unwrap();
    let (stdout, stderr) = rest.split_once("--- stderr\n").unwrap();
    let (argv, code) = head.split_once("\nRC ").unwrap();
    Case {
        number,
        argv: shlex::split(argv.strip_prefix("ARGV ").unwrap()).unwrap(),
        exit: code.split_whitespace().next().unwrap().parse().unwrap(),
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
    }
}

/// The recording, as `fixtures/transcripts/docker/record` made it.
struct Replay {
    world: World,
    dir: &'static str,
    project: bool,
    port: &'static str,
}

impl Replay {
    fn run(&mut self, argv: &[String], stdin: &str) -> Result<Said, Unsimulated> {
        let mut env = vec![("APP_PORT", self.port)];
        if self.project {
            env.push(("COMPOSE_PROJECT_NAME", "runbook-lab-rec"));
        }
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let call =
            Call { argv, env, stdin: Some(stdin.to_owned()), working_dir: Some(self.dir.to_owned()), timeout: None };
        self.world.call("local", call)
    }

    /// Something between two cases; what came of it is nobody's business.
    fn quietly(&mut self, line: &str) -> Option<Said> {
        self.run(&shlex::split(line).unwrap(), "").ok()
    }

    /// The world does not know a program.
    fn lacks(&mut self, program: &str) -> bool {
        let said = self.run(&[program.to_owned(), "--version".to_owned()], "");
        said.is_err_and(|what| what.0 == format!("`{program}`"))
    }

    fn pass(&mut self, milliseconds: i64) {
        let now = self.world.now();
        self.world.set_now(now + TimeDelta::milliseconds(milliseconds));
    }

    /// Until `docker inspect` says so, or never: then the next case differs.
    fn until(&mut self, name: &str, template: &str, wanted: &str) {
        let line = format!("docker inspect --format '{template}' {name}");
        for _ in 0..200 {
            if self.quietly(&line).is_none_or(|said| said.exit != 0 || said.stdout.trim_end() == wanted) {
                return;
            }
            self.pass(100);
        }
    }

    /// What the script does before a case; what the case reads.
    fn before(&mut self, number: u32) -> String {
        let overrides = |image: &str| format!("services: {{ app: {{ image: \"{image}\" }} }}\n");
        match number {
            66 => return "echo without -i, standard input is not read\n".to_owned(),
            67 => return "echo with -i it is\n".to_owned(),
            71 => {
                self.quietly("docker kill runbook-lab-rec-one");
                self.quietly("docker start runbook-lab-rec-one");
            }
            77 => drop(self.quietly("docker pause runbook-lab-rec-one")),
            81 => self.world.write("local", "/tmp/lab/file", "text\n").unwrap(),
            98 => drop(self.quietly("docker start runbook-lab-rec-one")),
            104 => self.crash(),
            // The Engine needs a moment for the restart.
            105 => self.pass(400),
            107 => {
                self.quietly(
                    "docker run --detach --name runbook-lab-rec-loop --restart always runbook-lab/app:v3-crash",
                );
                self.until("runbook-lab-rec-loop", "{{.State.Status}} {{eq .RestartCount 0 1 2}}", "restarting false");
            }
            122 => drop(self.quietly(
                "docker create --name runbook-lab-rec-user --volume runbook-lab-rec-vol:/data runbook-lab/tools:1 true",
            )),
            125 => drop(self.quietly("docker rm runbook-lab-rec-user")),
            141 => drop(self.quietly("docker rm --force runbook-lab-rec-loop runbook-lab-rec-crash")),
            144 => {
                let file = std::fs::read_to_string(repository().join("fixtures/labs/notes/compose.yaml")).unwrap();
                self.world.write("local", &format!("{PROJECT}/compose.yaml"), &file).unwrap();
                self.dir = PROJECT;
            }
            177 => return overrides("runbook-lab/app:v2"),
            178 => return overrides("runbook-lab-rec/nosuch:1"),
            179 | 181 => return overrides("runbook-lab/app:v3-crash"),
            180 => self.until("runbook-lab-rec-app-1", "{{eq .RestartCount 0 1 2}}", "false"),
            182 | 184 => return overrides("runbook-lab/app:v4-unhealthy"),
            186 => {
                let publish = "--publish 127.0.0.1:18081:80";
                self.quietly(&format!(
                    "docker run --detach --name runbook-lab-rec-port {publish} runbook-lab/tools:1 sleep 300"
                ));
                self.port = "18081";
            }
            187 => {
                self.port = "18080";
                self.quietly("docker rm --force runbook-lab-rec-port");
                self.quietly("docker compose up --detach --wait --no-deps app");
            }
            197 | 198 => {
                let text =
                    if number == 197 { "services: { app: { image: x, nosuchkey: 1 } }\n" } else { "services: {\n" };
                self.world.write("local", "/tmp/lab/compose.yaml", text).unwrap();
                self.dir = "/tmp/lab";
            }
            199 => {
                self.dir = "/tmp";
                self.project = false;
            }
            _ => {}
        }
        String::new()
    }

    /// The process is killed on the machine, because `docker kill` counts as the operator's wish.
    fn crash(&mut self) {
        let script = "'echo INFO started; sleep 300'";
        self.quietly(&format!(
            "docker run --detach --name runbook-lab-rec-crash --restart always runbook-lab/tools:1 sh -c {script}"
        ));
        let pid = self.quietly("docker inspect --format '{{.State.Pid}}' runbook-lab-rec-crash");
        self.quietly(&format!("kill -9 {}", pid.map(|said| said.stdout).unwrap_or_default().trim_end()));
        self.until("runbook-lab-rec-crash", "{{.RestartCount}} {{.State.Running}}", "1 true");
    }
}

/// What became of a case.
enum Became {
    Equal,
    Differs(String),
    Unsimulated(String),
}

fn compare(case: &Case, said: &Result<Said, Unsimulated>) -> Became {
    let said = match said {
        Ok(said) => said,
        Err(what) => return Became::Unsimulated(what.to_string()),
    };
    let is_compose = case.argv.get(1).is_some_and(|word| word == "compose");
    let mut differences = String::new();
    if said.exit != case.exit {
        write!(differences, "exit {} instead of {}; ", said.exit, case.exit).unwrap();
    }
    for (name, is, was) in [("stdout", &said.stdout, &case.stdout), ("stderr", &said.stderr, &case.stderr)] {
        let (is, was) = (normal(is, is_compose), normal(was, is_compose));
        if is != was {
            write!(differences, "{name}:\n--- recorded\n{was}\n--- simulated\n{is}\n").unwrap();
        }
    }
    if differences.is_empty() { Became::Equal } else { Became::Differs(differences) }
}

#[test]
fn the_recorded_answers_are_given() {
    let mut replay = Replay { world: lab(), dir: "/tmp/lab", project: true, port: "18080" };
    replay.world.write("local", "/tmp/lab/.keep", "").unwrap();
    let mut lacking = vec![("sh", OF_SH), ("psql", OF_PSQL)];
    lacking.retain(|(program, _)| replay.lacks(program));
    let (mut equal, mut wrong, mut table) = (0, String::new(), String::new());
    for number in 1..=200 {
        let case = case(number);
        let stdin = replay.before(number);
        let said = replay.run(&case.argv, &stdin);
        let listed = DIFFERENT.iter().find(|(listed, _)| *listed == number).map(|(_, why)| *why);
        let lacks = lacking.iter().find(|(_, cases)| cases.contains(&number)).map(|(program, _)| *program);
        let listed = listed.or(lacks);
        let line = case.argv.join(" ");
        match (compare(&case, &said), listed) {
            (Became::Equal, None) => equal += 1,
            (Became::Equal, Some(why)) => writeln!(wrong, "{number:03} is equal now, and listed: {why}").unwrap(),
            (Became::Differs(how), None) => writeln!(wrong, "{number:03} `{line}` differs: {how}").unwrap(),
            (Became::Unsimulated(what), None) => {
                writeln!(wrong, "{number:03} `{line}` is not simulated: {what}").unwrap();
            }
            (Became::Differs(_), Some(why)) => writeln!(table, "{number:03} differs        {why} (`{line}`)").unwrap(),
            (Became::Unsimulated(_), Some(why)) => {
                writeln!(table, "{number:03} not simulated  {why} (`{line}`)").unwrap();
            }
        }
        assert_eq!(case.number, number);
    }
    let table = format!("docker transcripts: {equal} of 200 equal, {} listed\n{table}", 200 - equal);
    std::io::stdout().write_all(table.as_bytes()).unwrap();
    assert!(wrong.is_empty(), "{equal} equal\n{wrong}");
}
