//! Projects of which the world has no file: what the system file knows of them is enough to bring them up and take them down.

use std::sync::Arc;

use runbook::model::facts::{ComposeFacts, DataFacts, HealthFacts, RuntimeFacts, ServiceFacts, SystemFacts};
use runbook::model::work::Target;
use runbook::runner::sim::{Engine, Image, Program, Said, World};

use super::docker_lab::{began, try_at};

fn service(id: &str, needs: &[&str]) -> ServiceFacts {
    ServiceFacts {
        id: id.to_owned(),
        runtime: RuntimeFacts::Compose { service: id.to_owned(), container: format!("shop-{id}-1") },
        target: Target::Local,
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        optional: false,
        tags: Vec::new(),
        estimate: None,
        known_good: None,
        health: HealthFacts::Runtime,
    }
}

fn shop() -> World {
    let data = DataFacts {
        id: "orders".to_owned(),
        service: "web".to_owned(),
        volume: Some("shop_orders".to_owned()),
        path: None,
        disk: None,
        owner: None,
        vars: std::collections::BTreeMap::new(),
        backups: Vec::new(),
    };
    let system = SystemFacts {
        name: "shop".to_owned(),
        compose: Some(ComposeFacts { project: "shop".to_owned(), dir: "/srv/shop".to_owned(), files: Vec::new() }),
        services: vec![service("web", &["cache"]), service("cache", &[])],
        data: vec![data],
        ..SystemFacts::default()
    };
    let mut engine = Engine::new();
    for name in ["web:current", "cache:current"] {
        engine.registry.insert_mut(name.to_owned(), Image::new(name, Program::Service, began()));
    }
    engine.keep("web:next", Image::new("next", Program::Service, began()));
    let mut world = World::empty(began(), 3, Arc::new(system));
    world.install_docker("local", engine);
    world.write("local", "/srv/shop/README", "").unwrap();
    world
}

fn at_shop(world: &mut World, line: &str, stdin: &str) -> Said {
    try_at(world, "/srv/shop", line, stdin).unwrap_or_else(|what| panic!("{line}: not simulated: {what}"))
}

#[test]
fn a_project_without_a_file_comes_up() {
    let mut world = shop();
    let said = at_shop(&mut world, "docker compose up -d --wait", "");
    assert_eq!(said.exit, 0, "{}", said.stderr);
    assert!(said.stderr.contains(" web Pulling \n"), "{}", said.stderr);
    let ps = at_shop(&mut world, "docker ps --format '{{.Names}} {{.Image}} {{.Mounts}} {{.Networks}}'", "");
    let mut lines: Vec<&str> = ps.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["shop-cache-1 cache:current  shop_default", "shop-web-1 web:current shop_orders shop_default"]);
}

#[test]
fn a_deployment_lays_the_override_over_what_is_known() {
    let mut world = shop();
    at_shop(&mut world, "docker compose up -d", "");
    let line = "docker compose -p shop -f compose.yaml -f - up -d --no-deps web";
    let said = at_shop(&mut world, line, "services: { web: { image: 'web:next' } }");
    assert_eq!(said.exit, 0, "{}", said.stderr);
    let now = at_shop(&mut world, "docker inspect -f '{{.Config.Image}} {{len .Mounts}}' shop-web-1", "");
    assert_eq!(now.stdout, "web:next 1\n");
    // Started again without the override, it stays what it is.
    at_shop(&mut world, "docker compose stop web", "");
    at_shop(&mut world, "docker compose up -d --no-deps --no-recreate web", "");
    let now = at_shop(&mut world, "docker inspect -f '{{.Config.Image}} {{.State.Running}}' shop-web-1", "");
    assert_eq!(now.stdout, "web:next true\n");
}

#[test]
fn another_project_is_not_meant() {
    let mut world = shop();
    let said = try_at(&mut world, "/srv", "docker compose ps", "").unwrap();
    assert_eq!((said.exit, said.stderr.as_str()), (14, "no configuration file provided: not found\n"));
    let said = try_at(&mut world, "/srv", "docker compose -p shop config --services", "").unwrap();
    assert_eq!(said.stdout, "cache\nweb\n");
}
