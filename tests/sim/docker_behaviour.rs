//! What becomes of services: deployed, crashed, paused, stopped, removed, and what Docker says about it.

use chrono::TimeDelta;
use runbook::runner::sim::{Call, World};

use super::docker_lab::{at_notes, began, fails, gives, lab, notes, try_at};

const APP: &str = "runbook-lab-notes-app-1";

fn up() -> World {
    let mut world = notes();
    let said = at_notes(&mut world, "docker compose up -d --wait");
    assert_eq!(said.exit, 0, "{}", said.stderr);
    world
}

fn pass(world: &mut World, milliseconds: i64) {
    let now = world.now();
    world.set_now(now + TimeDelta::milliseconds(milliseconds));
}

/// `up` with an override on standard input that sets the image of `app`.
fn deploy(world: &mut World, image: &str, flags: &str) -> (i32, String) {
    let line = format!("docker compose -f compose.yaml -f - up -d --no-deps {flags} app");
    let said = try_at(world, "/srv/notes", &line, &format!("services: {{ app: {{ image: {image:?} }} }}")).unwrap();
    (said.exit, said.stderr)
}

fn state(world: &mut World, template: &str) -> String {
    at_notes(world, &format!("docker container inspect --format '{template}' {APP}")).stdout.trim_end().to_owned()
}

#[test]
fn a_project_comes_up_in_the_order_of_its_needs() {
    let mut world = notes();
    let said = at_notes(&mut world, "docker compose up -d");
    let at =
        |line: &str| said.stderr.lines().position(|known| known.trim() == line).unwrap_or_else(|| panic!("{line}"));
    let app = at(&format!("Container {APP}  Starting"));
    assert!(at("Container runbook-lab-notes-postgres-1  Healthy") < app);
    assert!(at("Container runbook-lab-notes-redis-1  Healthy") < app);
    gives(&mut world, "docker compose ps --services", "app\npostgres\nredis\n");
    gives(
        &mut world,
        "docker volume ls -q",
        "runbook-lab-notes_app_data\nrunbook-lab-notes_postgres_data\nrunbook-lab-notes_redis_data\n",
    );
    // Whatever is as it should be stays.
    let before = state(&mut world, "{{.Id}}");
    let again = at_notes(&mut world, "docker compose up -d --no-deps --no-recreate app");
    assert_eq!(again.stderr, format!(" Container {APP}  Running\n"));
    assert_eq!(state(&mut world, "{{.Id}}"), before);
}

#[test]
fn a_deployment_by_override_and_back() {
    let mut world = up();
    let before = state(&mut world, "{{.Id}}");
    assert_eq!(deploy(&mut world, "runbook-lab/app:v2", "").0, 0);
    assert_eq!(state(&mut world, "{{.Config.Image}} {{.State.Running}}"), "runbook-lab/app:v2 true");
    assert_ne!(state(&mut world, "{{.Id}}"), before);
    let mounts = state(&mut world, "{{range .Mounts}}{{.Name}}{{end}}");
    assert_eq!(mounts, "runbook-lab-notes_app_data", "the volume goes on");
    // What was deployed last must not fall back to the file's.
    at_notes(&mut world, "docker compose up -d --no-deps --no-recreate app");
    assert_eq!(state(&mut world, "{{.Config.Image}}"), "runbook-lab/app:v2");
    let back = at_notes(&mut world, "docker compose up -d --no-deps --wait app");
    assert_eq!(back.exit, 0, "{}", back.stderr);
    assert_eq!(state(&mut world, "{{.Config.Image}}"), "runbook-lab/app:v1");
}

#[test]
fn an_image_that_crashes_loops_and_is_not_waited_for() {
    let mut world = up();
    assert_eq!(deploy(&mut world, "runbook-lab/app:v3-crash", "").0, 0, "`up -d` alone does not notice");
    pass(&mut world, 5_000);
    let first: u32 = state(&mut world, "{{.RestartCount}}").parse().unwrap();
    pass(&mut world, 30_000);
    let later: u32 = state(&mut world, "{{.RestartCount}}").parse().unwrap();
    assert!(later > first && first > 0, "{first} {later}");
    let logs = at_notes(&mut world, &format!("docker logs --tail 1 {APP}"));
    assert_eq!(logs.stderr, "ERROR start failed: column notes.author does not exist\n");
    let (exit, stderr) = deploy(&mut world, "runbook-lab/app:v3-crash", "--wait");
    assert_eq!(exit, 1);
    assert!(stderr.ends_with(&format!("container {APP} is unhealthy\n")), "{stderr}");
}

#[test]
fn an_unhealthy_image_fails_the_wait() {
    let mut world = up();
    let began = world.now();
    let (exit, stderr) = deploy(&mut world, "runbook-lab/app:v4-unhealthy", "--wait");
    assert_eq!(exit, 1);
    assert!(stderr.ends_with(&format!("container {APP} is unhealthy\n")), "{stderr}");
    // Three failures, one a second.
    assert!((3..6).contains(&(world.now() - began).num_seconds()), "{}", world.now() - began);
    assert_eq!(state(&mut world, "{{.State.Health.Status}} {{.State.Running}}"), "unhealthy true");
}

#[test]
fn an_image_that_is_nowhere_changes_nothing() {
    let mut world = up();
    let before = state(&mut world, "{{.Id}}");
    let (exit, stderr) = deploy(&mut world, "nowhere/app:1", "");
    assert_eq!(exit, 18);
    assert!(stderr.contains(" app Pulling \n app Error Get "), "{stderr}");
    assert_eq!(state(&mut world, "{{.Id}} {{.State.Running}}"), format!("{before} true"));
}

#[test]
fn a_paused_container_refuses_work_until_it_goes_on() {
    let mut world = up();
    gives(&mut world, &format!("docker pause {APP}"), &format!("{APP}\n"));
    let refusal = format!("Error response from daemon: Container {APP} is paused, unpause the container before exec");
    fails(&mut world, &format!("docker exec {APP} true"), 1, &refusal);
    assert_eq!(state(&mut world, "{{.State.Status}} {{.State.Running}} {{.State.Paused}}"), "paused true true");
    fails(
        &mut world,
        &format!("docker start {APP}"),
        1,
        &format!(
            "Error response from daemon: cannot start a paused container, try unpause instead\nError: failed to start containers: {APP}"
        ),
    );
    // A restart lets it go on, too.
    at_notes(&mut world, &format!("docker restart {APP}"));
    assert_eq!(state(&mut world, "{{.State.Status}} {{.State.Paused}}"), "running false");
}

#[test]
fn a_volume_goes_only_when_no_container_has_it() {
    let mut world = up();
    let volume = "runbook-lab-notes_app_data";
    at_notes(&mut world, "docker compose stop app");
    let id = state(&mut world, "{{.Id}}");
    let in_use = format!("Error response from daemon: remove {volume}: volume is in use - [{id}]");
    fails(&mut world, &format!("docker volume rm {volume}"), 1, &in_use);
    at_notes(&mut world, "docker compose rm -f app");
    gives(&mut world, &format!("docker volume rm {volume}"), &format!("{volume}\n"));
    // A mistyped name makes a new, empty one, and nobody says so.
    at_notes(&mut world, "docker compose up -d --no-deps app");
    gives(&mut world, "docker volume ls -q --filter name=app_data", &format!("{volume}\n"));
    at_notes(&mut world, "docker create -v mistyped:/data runbook-lab/tools:1 true");
    gives(&mut world, "docker volume ls -q --filter dangling=false --filter name=mistyped", "mistyped\n");
}

#[test]
fn a_killed_container_stays_down_and_a_crashed_one_comes_back() {
    let mut world = up();
    at_notes(&mut world, &format!("docker kill {APP}"));
    pass(&mut world, 60_000);
    assert_eq!(state(&mut world, "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}"), "exited 137 0");
    at_notes(&mut world, &format!("docker start {APP}"));
    let pid = state(&mut world, "{{.State.Pid}}");
    at_notes(&mut world, &format!("kill -9 {pid}"));
    assert_eq!(state(&mut world, "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}"), "restarting 137 1");
    pass(&mut world, 5_000);
    assert_eq!(state(&mut world, "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}"), "running 0 1");
}

#[test]
fn a_port_belongs_to_one_container() {
    let mut world = lab();
    let run = |name: &str| format!("docker run -d --name {name} -p 8080:8000 runbook-lab/app:v1");
    assert_eq!(at_notes(&mut world, &run("first")).exit, 0);
    let second = at_notes(&mut world, &run("second"));
    assert_eq!(second.exit, 125);
    assert!(second.stderr.contains("Bind for 0.0.0.0:8080 failed: port is already allocated"), "{}", second.stderr);
    gives(&mut world, "docker ps -a --filter name=second --format '{{.Status}}'", "Created\n");
    at_notes(&mut world, "docker rm -f first");
    assert_eq!(at_notes(&mut world, "docker start second").exit, 0);
}

#[test]
fn a_daemon_that_is_not_there_says_so() {
    let mut world = lab();
    let line = ["docker".to_owned(), "ps".to_owned()];
    let mut nowhere = World::empty(began(), 1, std::sync::Arc::default());
    let said = nowhere.command("local", &line, "").unwrap();
    assert_eq!((said.exit, said.stderr.as_str()), (127, "docker: command not found\n"));
    let env = [("DOCKER_HOST".to_owned(), "ssh://root@far".to_owned())].into_iter().collect();
    let far = world.call("local", Call { argv: &line, env, ..Call::default() });
    let far = far.unwrap();
    assert_eq!(far.exit, 1);
    assert!(far.stderr.contains("ssh: Could not resolve hostname far"), "{}", far.stderr);
}

#[test]
fn what_is_not_simulated_changes_nothing() {
    let mut world = up();
    for line in [
        "docker run -d --gpus all runbook-lab/app:v1",
        "docker compose up",
        "docker build .",
        "docker ps --filter publish=80",
        "docker compose --dry-run up -d",
        "docker logs -f x",
    ] {
        let before = at_notes(&mut world, "docker ps -aq").stdout;
        let what = try_at(&mut world, "/srv/notes", line, "").expect_err(line);
        assert!(what.to_string().starts_with('`'), "{what}");
        assert_eq!(at_notes(&mut world, "docker ps -aq").stdout, before, "{line}");
    }
}

#[test]
fn the_same_commands_give_the_same_world() {
    let (mut one, mut two) = (up(), up());
    for world in [&mut one, &mut two] {
        deploy(world, "runbook-lab/app:v2", "--wait");
    }
    let line = "docker inspect runbook-lab-notes-app-1 runbook-lab-notes-redis-1";
    assert_eq!(at_notes(&mut one, line), at_notes(&mut two, line));
}
