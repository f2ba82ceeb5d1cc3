//! HTTP as `curl`, `wget` and the `http` action see it. Texts are recorded from curl 7.88.1 and wget 1.21.

use std::sync::Arc;

use super::super::names::Reach;
use super::super::place::Place;
use super::super::process::Stream;
use super::super::trial::{AUTH, POSTGRES, REDIS, Trial};
use super::super::world::{Cloud, Instance, LOCAL, Machine, Power, Project, Reply, Vm, World};
use super::{Refusal, Request, answer};

const HEALTH: &str = "http://127.0.0.1:4000/healthz";

fn asks(world: &mut World, url: &str) -> Result<(u16, String), Refusal> {
    let request = Request { method: "GET".to_owned(), url: url.to_owned(), headers: Vec::new() };
    answer(world, &Place::machine(LOCAL), &request).map(|response| (response.status, response.body))
}

fn reply(trial: &mut Trial, url: &str, status: Option<u16>, service: Option<&str>) {
    let reply = Reply { url: url.to_owned(), status, body: "hi".to_owned(), service: service.map(str::to_owned) };
    Arc::make_mut(&mut trial.world.answers).push(reply);
}

#[test]
fn a_service_answers_as_it_is() {
    let mut trial = Trial::new();
    let ok = Ok((200, "{\"status\":\"ok\"}".to_owned()));
    let unavailable = Ok((503, "{\"status\":\"unavailable\"}".to_owned()));
    let refused = Err(Refusal::Refused("127.0.0.1".to_owned(), 4000));
    assert_eq!(asks(&mut trial.world, HEALTH), ok);
    // What it needs is gone.
    trial.stop(REDIS);
    assert_eq!(asks(&mut trial.world, HEALTH), unavailable);
    trial.start(REDIS);
    trial.pass(3);
    assert_eq!(asks(&mut trial.world, HEALTH), ok);
    trial.damage();
    assert_eq!(asks(&mut trial.world, HEALTH), unavailable);
    let mut trial = Trial::new();
    trial.stop(AUTH);
    assert_eq!(asks(&mut trial.world, HEALTH), refused);
    trial.start(AUTH);
    assert_eq!(asks(&mut trial.world, HEALTH), refused, "it does not listen yet");
    trial.pass(3);
    assert_eq!(asks(&mut trial.world, HEALTH), ok);
    trial.change(AUTH, |container| container.paused = true);
    assert_eq!(asks(&mut trial.world, HEALTH), Err(Refusal::Silent));
    trial.change(AUTH, |container| container.paused = false);
    trial.image(AUTH, |image| image.unhealthy = true);
    trial.start(AUTH);
    trial.pass(30);
    assert_eq!(asks(&mut trial.world, HEALTH), unavailable);
    trial.image(AUTH, |image| image.crashes = Some((1, "no".to_owned())));
    trial.start(AUTH);
    assert_eq!(asks(&mut trial.world, HEALTH), refused);
}

#[test]
fn what_was_told_counts_and_the_last_most() {
    let mut trial = Trial::new();
    reply(&mut trial, "https://chat.example.com/*", Some(200), None);
    assert_eq!(asks(&mut trial.world, "https://chat.example.com/x"), Ok((200, "hi".to_owned())));
    reply(&mut trial, "https://chat.example.com/x", Some(404), None);
    assert_eq!(asks(&mut trial.world, "https://chat.example.com/x").unwrap().0, 404);
    reply(&mut trial, "https://chat.example.com/*", None, None);
    assert!(matches!(asks(&mut trial.world, "https://chat.example.com/x"), Err(Refusal::Refused(..))));
    reply(&mut trial, "https://auth.example.com/*", Some(201), Some("auth"));
    assert_eq!(asks(&mut trial.world, "https://auth.example.com/").unwrap().0, 201);
    trial.stop(REDIS);
    assert_eq!(asks(&mut trial.world, "https://auth.example.com/").unwrap().0, 503);
    trial.stop(AUTH);
    assert!(matches!(asks(&mut trial.world, "https://auth.example.com/"), Err(Refusal::Refused(..))));
}

#[test]
fn refusals_are_told_apart() {
    let mut trial = Trial::new();
    let unresolved = asks(&mut trial.world, "http://nosuchhost.invalid/").unwrap_err();
    assert_eq!(unresolved, Refusal::Unresolved("nosuchhost.invalid".to_owned()));
    assert!(unresolved.why().ends_with("failed to lookup address information: Name or service not known"));
    assert_eq!(asks(&mut trial.world, "nonsense"), Err(Refusal::Malformed));
    assert!(matches!(asks(&mut trial.world, "http://127.0.0.1:4000/else"), Err(Refusal::Unsimulated(_))));
    trial.world.machine_mut("standby").unwrap().power = Power::Cut;
    assert_eq!(
        asks(&mut trial.world, "http://standby.example.com/"),
        Err(Refusal::Lost("standby.example.com".to_owned(), 80))
    );
    assert_eq!(asks(&mut trial.world, "http://127.0.0.1:5432/"), Err(Refusal::HungUp));
    trial.stop(AUTH);
    let refused = asks(&mut trial.world, HEALTH).unwrap_err();
    assert_eq!(refused.why(), "client error (Connect): tcp connect error: Connection refused (os error 111)");
    let answered = trial.world.request(LOCAL, "GET", HEALTH, "").unwrap();
    assert!(answered.is_err_and(|refused| refused.after.as_secs() < 1 && refused.why.contains("Connection refused")));
    let answered = trial.world.request(LOCAL, "GET", "http://standby.example.com/", "").unwrap();
    assert_eq!(answered.unwrap_err().after.as_secs(), 130);
    trial.start(AUTH);
    trial.pass(3);
    assert_eq!(trial.world.request(LOCAL, "GET", HEALTH, "").unwrap().unwrap().status, 200);
}

#[test]
fn curl_ends_as_the_real_one() {
    let mut trial = Trial::new();
    reply(&mut trial, "http://127.0.0.1:1/*", None, None);
    reply(&mut trial, "http://127.0.0.1:503/*", Some(503), None);
    trial.world.machine_mut("standby").unwrap().power = Power::Down;
    let h = HEALTH;
    for (command, exit, out, err) in [
        (format!("curl -s {h}"), 0, "{\"status\":\"ok\"}", ""),
        (format!("curl -sS -o /dev/null -m 5 -w '%{{http_code}}' {h}"), 0, "200", ""),
        ("curl -f -s http://127.0.0.1:503/".to_owned(), 22, "", ""),
        ("curl -fsS http://127.0.0.1:503/".to_owned(), 22, "", "curl: (22) The requested URL returned error: 503\n"),
        (
            "curl -sS --fail-with-body http://127.0.0.1:503/".to_owned(),
            22,
            "hi",
            "curl: (22) The requested URL returned error: 503\n",
        ),
        ("curl -s http://127.0.0.1:503/".to_owned(), 0, "hi", ""),
        ("curl -s http://127.0.0.1:1/".to_owned(), 7, "", ""),
        (
            "curl -sS -o /dev/null -w '%{http_code}' http://nosuchhost.invalid/".to_owned(),
            6,
            "000",
            "curl: (6) Could not resolve host: nosuchhost.invalid\n",
        ),
        ("curl -sS foo://x".to_owned(), 1, "", "curl: (1) Protocol \"foo\" not supported or disabled in libcurl\n"),
        ("curl -sS http://".to_owned(), 3, "", "curl: (3) URL using bad/illegal format or missing URL\n"),
        (
            "curl --nosuch".to_owned(),
            2,
            "",
            "curl: option --nosuch: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
        ),
        ("curl".to_owned(), 2, "", "curl: try 'curl --help' or 'curl --manual' for more information\n"),
        (
            format!("curl -sSf --fail-with-body {h}"),
            2,
            "",
            "curl: option --fail-with-body: is badly used here\ncurl: try 'curl --help' or 'curl --manual' for more information\n",
        ),
        (format!("curl -sS -o /nonexistent/x {h}"), 23, "", "curl: (23) Failure writing output to destination\n"),
        ("curl -sS http://127.0.0.1:5432/".to_owned(), 52, "", "curl: (52) Empty reply from server\n"),
        (
            format!("curl -s -w '\\n%{{http_code}} %{{size_download}} %{{content_type}} %{{num_redirects}} %%\\n' {h}"),
            0,
            "{\"status\":\"ok\"}\n200 15 application/json 0 %\n",
            "",
        ),
    ] {
        let gave = trial.here(&command);
        assert_eq!((gave.exit, gave.out.as_str(), gave.err.as_str()), (exit, out, err), "{command}");
    }
    let gave = trial.here("curl -sS http://127.0.0.1:1/");
    assert!(
        gave.exit == 7 && gave.err.starts_with("curl: (7) Failed to connect to 127.0.0.1 port 1 after "),
        "{}",
        gave.err
    );
    let gave = trial.here("curl -sS -m 5 http://standby.example.com/");
    assert_eq!(
        (gave.exit, gave.err.as_str(), gave.took.as_secs()),
        (28, "curl: (28) Connection timed out after 5000 milliseconds\n", 5)
    );
    let gave = trial.here("curl -sS http://standby.example.com/");
    assert!(gave.exit == 28 && gave.took.as_secs() >= 100, "{gave:?}");
    let gave = trial.here(&format!("curl -sI {h}"));
    assert!(gave.out.starts_with("HTTP/1.1 200 OK\r\n") && gave.out.ends_with("\r\n\r\n"), "{}", gave.out);
    trial.here(&format!("curl -sSfLo /tmp/answer {h}"));
    assert!(trial.is_there("/tmp/answer"));
    let gave = trial.here("curl -s --retry 2 --retry-delay 4 --retry-connrefused http://127.0.0.1:1/");
    assert!(gave.exit == 7 && gave.took.as_secs() == 8, "{gave:?}");
}

#[test]
fn wget_ends_as_the_real_one() {
    let mut trial = Trial::new();
    reply(&mut trial, "http://127.0.0.1:503/*", Some(503), None);
    reply(&mut trial, "http://127.0.0.1:1/*", None, None);
    for (command, exit, out) in [
        (format!("wget -qO- {HEALTH}"), 0, "{\"status\":\"ok\"}"),
        ("wget -qO- http://127.0.0.1:503/".to_owned(), 8, ""),
        ("wget -q http://127.0.0.1:1/".to_owned(), 4, ""),
        ("wget -qO- http://nosuchhost.invalid/".to_owned(), 4, ""),
        (format!("wget -q --spider {HEALTH}"), 0, ""),
        ("wget".to_owned(), 1, ""),
        ("wget --nosuch".to_owned(), 2, ""),
        (format!("wget -q -O /nonexistent/x {HEALTH}"), 1, ""),
    ] {
        let gave = trial.here(&command);
        assert_eq!((gave.exit, gave.out.as_str()), (exit, out), "{command}: {}", gave.err);
    }
}

#[test]
fn virtual_machines_have_a_metadata_server() {
    let mut trial = Trial::new();
    let command =
        "curl -s -H 'Metadata-Flavor: Google' http://metadata.google.internal/computeMetadata/v1/instance/name";
    assert_eq!(trial.here(command).exit, 6);
    let instance = Instance {
        name: "your-server".to_owned(),
        zone: "europe-north1-a".to_owned(),
        id: "1".to_owned(),
        machine_type: "e2-medium".to_owned(),
        status: "RUNNING".to_owned(),
        machine: LOCAL.to_owned(),
        internal: "10.0.0.2".to_owned(),
        external: None,
        disks: Vec::new(),
        created: trial.world.now(),
        reachable: trial.world.now(),
        vm: Vm::default(),
    };
    let mut project = Project::default();
    project.instances.insert_mut("europe-north1-a/your-server".to_owned(), instance);
    let mut cloud = Cloud::default();
    cloud.projects.insert_mut("p".to_owned(), project);
    trial.world.cloud = cloud;
    assert_eq!(trial.here(command).out, "your-server");
    assert_eq!(trial.here("curl -s -o /dev/null -w '%{http_code}' http://metadata.google.internal/computeMetadata/v1/instance/name").out, "403");
}

#[test]
fn the_script_of_docker_installs_an_engine() {
    let mut trial = Trial::new();
    let began = trial.world.now();
    trial.world.machines.insert_mut("fresh".to_owned(), Machine::new("fresh", began));
    let gave = trial.try_at(Place::machine("fresh"), "curl -fsSL https://get.docker.com", Stream::default()).unwrap();
    assert!(gave.exit == 0 && gave.out.ends_with("install-docker-engine\n"));
    let gave = trial.try_at(Place::machine("fresh"), "install-docker-engine", Stream::default()).unwrap();
    assert!(gave.exit == 0 && gave.took.as_secs() >= 30, "{gave:?}");
    assert!(trial.world.engine("fresh").unwrap().running);
}

#[test]
fn containers_find_each_other_by_name() {
    let mut trial = Trial::new();
    assert_eq!(trial.inside(POSTGRES, &format!("curl -s http://{AUTH}:4000/healthz")).out, "{\"status\":\"ok\"}");
    assert_eq!(trial.inside(AUTH, "curl -s http://localhost:4000/healthz").out, "{\"status\":\"ok\"}");
    trial.change(POSTGRES, |container| container.networks = [("none".to_owned(), String::new())].into_iter().collect());
    assert_eq!(trial.inside(POSTGRES, &format!("curl -s http://{AUTH}:4000/healthz")).exit, 6);
    assert_eq!(
        trial.world.arrives(&Place::machine("standby"), &super::super::names::Peer::Machine(LOCAL.to_owned())),
        Reach::There
    );
}
