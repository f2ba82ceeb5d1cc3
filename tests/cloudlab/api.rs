//! The API, and what a drill asks of its lab.

use serde_json::{Value, json};

use super::{ask, lab};

const ZONE: &str = "/compute/v1/projects/acme-prod/zones/europe-north1-a";
const GLOBAL: &str = "/compute/v1/projects/acme-prod/global";

#[test]
fn an_operation_ends_when_its_time_is_over() {
    let (lab, hand) = lab(&json!({}));
    let begun = ask(&lab, "POST", &format!("{ZONE}/disks"), json!({"name": "d1", "sizeGb": "10"}));
    assert_eq!((begun.status, &begun.body["status"]), (200, &json!("RUNNING")));
    let disk = || ask(&lab, "GET", &format!("{ZONE}/disks/d1"), Value::Null).body["status"].clone();
    assert_eq!(disk(), "CREATING");
    hand.pass(5);
    assert_eq!(disk(), "READY");
    let name = begun.body["name"].as_str().unwrap();
    let done = ask(&lab, "POST", &format!("{ZONE}/operations/{name}/wait"), Value::Null);
    assert_eq!(done.body["status"], "DONE");
}

#[test]
fn a_command_of_the_stand_in_takes_no_time() {
    let (lab, _) = lab(&json!({}));
    let before = lab.world().now();
    let argv = ["compute", "disks", "create", "d1", "--zone=europe-north1-a", "--size=10GB"];
    assert_eq!(ask(&lab, "POST", "/_lab/gcloud", json!({"argv": argv})).body["exit"], 0);
    assert_eq!(lab.world().now(), before);
    assert_eq!(ask(&lab, "GET", &format!("{ZONE}/disks/d1"), Value::Null).body["status"], "READY");
}

#[test]
fn lists_are_filtered_and_come_in_pages() {
    let (lab, hand) = lab(&json!({}));
    for name in ["b", "a", "c"] {
        ask(&lab, "POST", &format!("{ZONE}/disks"), json!({"name": name, "sizeGb": "1"}));
    }
    hand.pass(10);
    let names = |query: &str| {
        let found = ask(&lab, "GET", &format!("{ZONE}/disks?{query}"), Value::Null).body;
        let items = found["items"].as_array().cloned().unwrap_or_default();
        let names: Vec<String> = items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
        (names.join(" "), found["nextPageToken"].as_str().map(str::to_owned))
    };
    assert_eq!(names("maxResults=2"), ("a b".to_owned(), Some("2".to_owned())));
    assert_eq!(names("maxResults=2&pageToken=2"), ("c".to_owned(), None));
    assert_eq!(names("filter=name eq \".*(^[ab]).*\""), ("a b".to_owned(), None));
    let all = ask(&lab, "GET", "/compute/v1/projects/acme-prod/aggregated/disks", Value::Null).body;
    assert_eq!(all["items"]["zones/europe-north1-a"]["disks"].as_array().unwrap().len(), 3);
}

#[test]
fn errors_have_the_shape_of_google() {
    let (lab, _) = lab(&json!({}));
    let missing = ask(&lab, "GET", &format!("{GLOBAL}/snapshots/nope"), Value::Null);
    assert_eq!(missing.status, 404);
    assert_eq!(missing.body["error"]["errors"][0]["reason"], "notFound");
    assert_eq!(
        missing.body["error"]["message"],
        "The resource 'projects/acme-prod/global/snapshots/nope' was not found"
    );
    let unknown = ask(&lab, "GET", "/compute/v1/projects/acme-prod/global/firewalls", Value::Null);
    assert_eq!(unknown.status, 404);
    assert!(unknown.body["error"]["message"].as_str().unwrap().starts_with("cloudlab, a stand-in for Google Cloud,"));
}

#[test]
fn faults_come_and_go() {
    let (lab, hand) = lab(&json!({}));
    let fault = |body: Value| ask(&lab, "POST", "/_lab/fault", body).status;
    assert_eq!(fault(json!({"kind": "flood"})), 400);
    assert_eq!(fault(json!({"kind": "permission", "permission": "compute.snapshots.list"})), 200);
    let list = || ask(&lab, "GET", &format!("{GLOBAL}/snapshots"), Value::Null).status;
    assert_eq!(list(), 403);
    assert_eq!(fault(json!({"kind": "unavailable"})), 200);
    assert_eq!(list(), 503);
    assert_eq!(ask(&lab, "DELETE", "/_lab/fault", Value::Null).status, 200);
    assert_eq!(list(), 200);
    assert_eq!(fault(json!({"kind": "stockout", "zone": "europe-north1-a"})), 200);
    let vm = json!({"name": "vm", "machineType": "zones/x/machineTypes/e2-medium", "disks": [{"boot": true, "initializeParams": {"sourceImage": "x"}}]});
    let begun = ask(&lab, "POST", &format!("{ZONE}/instances"), vm).body;
    hand.pass(200);
    let name = begun["name"].as_str().unwrap();
    let ended = ask(&lab, "GET", &format!("{ZONE}/operations/{name}"), Value::Null).body;
    assert_eq!(ended["error"]["errors"][0]["code"], "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS");
    assert_eq!(ask(&lab, "GET", &format!("{ZONE}/instances/vm"), Value::Null).status, 404);
}

#[test]
fn a_machine_that_is_killed_is_terminated_and_starts_again() {
    let (lab, hand) = lab(&json!({"instances": [{"name": "your-server", "machine_type": "e2-medium",
        "disks": [{"name": "data-disk", "device_name": "data-disk", "size_gb": 10}]}]}));
    lab.furnish().unwrap();
    let look = || ask(&lab, "GET", &format!("{ZONE}/instances/your-server"), Value::Null).body;
    assert_eq!((&look()["status"], &look()["disks"][1]["deviceName"]), (&json!("RUNNING"), &json!("data-disk")));
    assert_eq!(ask(&lab, "POST", "/_lab/vm/your-server/kill", Value::Null).status, 200);
    assert_eq!(look()["status"], "TERMINATED");
    assert_eq!(ask(&lab, "POST", "/_lab/vm/nope/kill", Value::Null).status, 404);
    assert_eq!(ask(&lab, "POST", "/_lab/vm/your-server/start", Value::Null).status, 200);
    hand.pass(60);
    assert_eq!(look()["status"], "RUNNING");
    let state = ask(&lab, "GET", "/_lab/state", Value::Null).body;
    assert_eq!(state["instances"][0]["name"], "your-server");
}

#[test]
fn a_record_of_dns_is_a_line_of_the_hosts_file() {
    let dir = tempfile::tempdir().unwrap();
    let hosts = dir.path().join("hosts");
    let zone = json!({"zone": "prod", "dns_name": "example.com", "records": [
        {"name": "app.example.com", "type": "A", "ttl": 60, "rrdatas": ["your-server"]}]});
    let (lab, _) = lab(&json!({
        "hosts_file": hosts, "hosts_base": ["127.0.0.1 localhost"], "dns": [zone],
        "instances": [{"name": "your-server", "machine_type": "e2-medium"}],
    }));
    lab.furnish().unwrap();
    let lines = || std::fs::read_to_string(&hosts).unwrap();
    assert!(lines().starts_with("127.0.0.1 localhost\n"));
    let address = lines()
        .lines()
        .find_map(|line| line.strip_suffix("\tapp.example.com app.example.com.").map(str::to_owned))
        .unwrap();
    assert!(address.starts_with("35.228."), "{address}");
    let path = "/dns/v1/projects/acme-prod/managedZones/prod/rrsets/app.example.com./A";
    let changed = ask(&lab, "PATCH", path, json!({"name": "app.example.com.", "ttl": 60, "rrdatas": ["10.0.0.9"]}));
    assert_eq!(changed.body["rrdatas"], json!(["10.0.0.9"]));
    assert!(lines().contains("10.0.0.9\tapp.example.com app.example.com.\n"), "{}", lines());
}
