//! Where a registry answers, the labs have the official images; a registry that does not answer costs seconds, and nothing else.

use std::path::Path;

use super::engine::{Ended, Engine, ROOT, TOOLS, docker, free_ports, inspect, run, wait_until};

/// `parts.sh` as `build` uses it, with names of this test's own.
const OFFICIAL: &str = r#"
set -euo pipefail
. "$ROOT/tests/lab/state.sh"
lab_state=$STATE
lab=$PREFIX digest=recipe registry=$REGISTRY
. "$ROOT/fixtures/labs/images/parts.sh"
official_images "$@"
"#;

/// A registry of this test's own, and images under a prefix of its own.
struct Registry {
    prefix: String,
    address: String,
    state: tempfile::TempDir,
    _engine: Engine,
}

impl Registry {
    fn start() -> Self {
        let engine = Engine::hold();
        let prefix = format!("runbook-lab-images-{}", std::process::id());
        let address = format!("127.0.0.1:{}", free_ports(1));
        let state = tempfile::tempdir().expect("a directory");
        let registry = Self { prefix, address, state, _engine: engine };
        let serve = "printf '%s\\n' 'version: 0.1' 'storage: { filesystem: { rootdirectory: /srv } }' 'http: { addr: \":5000\" }' \
                     >/etc/registry.yaml; exec docker-registry serve /etc/registry.yaml";
        let (name, publish) = (&registry.prefix, format!("{}:5000", registry.address));
        docker(&[
            "run",
            "--detach",
            "--rm",
            "--name",
            name,
            "--publish",
            &publish,
            "runbook-lab/machine:1",
            "sh",
            "-c",
            serve,
        ]);
        wait_until("the registry answers", || {
            let url = format!("http://{}/v2/", registry.address);
            run(Path::new("/"), &[], "curl", &["--fail", "--silent", "--max-time", "1", &url]).code == 0
        });
        registry
    }

    /// Has an image that is known by its command.
    fn push(&self, image: &str) {
        let name = format!("{}/library/{image}", self.address);
        let change = format!("CMD [\"the official {image}\"]");
        let made = docker(&["create", TOOLS]);
        docker(&["commit", "--change", &change, &made, &name]);
        docker(&["rm", &made]);
        docker(&["push", "--quiet", &name]);
        docker(&["image", "rm", &name]);
    }

    fn official(&self, registry: &str, images: &[&str]) -> Ended {
        let state = self.state.path().to_str().expect("a path");
        let variables = [("ROOT", ROOT), ("STATE", state), ("PREFIX", &self.prefix), ("REGISTRY", registry)];
        run(Path::new("/"), &variables, "bash", &[&["-c", OFFICIAL, "bash"], images].concat())
    }

    fn has(&self, image: &str) -> bool {
        is_here(&format!("{}/{image}", self.prefix))
    }
}

fn is_here(image: &str) -> bool {
    run(Path::new("/"), &[], "docker", &["image", "inspect", image]).code == 0
}

impl Drop for Registry {
    fn drop(&mut self) {
        let images = docker(&["image", "ls", "--quiet", "--filter", &format!("label={}", self.prefix)]);
        let pulled = docker(&["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
        let pulled = pulled.lines().filter(|image| image.starts_with(&self.address));
        let unwanted: Vec<&str> = images.lines().chain(pulled).collect();
        run(Path::new("/"), &[], "docker", &[&["image", "rm", "--force"], unwanted.as_slice()].concat());
        run(Path::new("/"), &[], "docker", &["rm", "--force", &self.prefix]);
    }
}

#[test]
fn official_images_come_from_a_registry_that_answers() {
    let registry = Registry::start();
    let library = format!("{}/library", registry.address);
    for image in ["postgres:15", "redis:7"] {
        registry.push(image);
    }
    let ended = registry.official(&library, &["postgres:15", "redis:7"]).gives(0);
    assert!(ended.text.contains(&format!("pulling {library}/postgres:15")), "{}", ended.text);
    for image in ["postgres:15", "redis:7"] {
        let name = format!("{}/{image}", registry.prefix);
        assert_eq!(inspect(&name, "/Config/Cmd/0"), format!("the official {image}"));
        let labels = inspect(&name, "/Config/Labels");
        assert_eq!(labels[format!("{}.recipe", registry.prefix)], "recipe", "it is up to date: {labels}");
        let official = labels[format!("{}.official", registry.prefix)].as_str().unwrap_or_default();
        let repository = image.split(':').next().unwrap();
        assert!(official.starts_with(&format!("{library}/{repository}@sha256:")), "{labels}");
        assert!(!is_here(&format!("{library}/{image}")), "the pulled name does not stay");
    }
}

#[test]
fn without_all_of_them_none_is_official() {
    let registry = Registry::start();
    registry.push("postgres:15");
    let library = format!("{}/library", registry.address);
    let ended = registry.official(&library, &["postgres:15", "redis:7"]).gives(1);
    assert!(ended.text.contains("redis:7 cannot be had, so it is made from packages: "), "{}", ended.text);
    assert!(!registry.has("postgres:15"), "all are of one kind");
    assert!(!is_here(&format!("{library}/postgres:15")), "nothing stays of it");
    // Nobody there, and nobody asked.
    let nobody = format!("127.0.0.1:{}/library", free_ports(1));
    for registry_of in [nobody.as_str(), "nowhere.invalid/library", ""] {
        let ended = registry.official(registry_of, &["postgres:15"]).gives(1);
        assert_eq!(ended.text, "", "{registry_of} is no news");
    }
}
