//! What the simulated cloud refuses, and how the client words it.

use std::time::Duration;

use super::gcloud_operator::{Operator, ZONE};

#[test]
fn a_zone_without_capacity_fails_late_and_leaves_nothing() {
    let mut operator = Operator::with_machine();
    operator.world.refuse("zone:europe-north1-a", "");
    let said = operator.run(&format!("compute instances create two {ZONE} --machine-type=e2-medium --image-family=debian-12 --image-project=debian-cloud --disk=name=data-disk"));
    assert!(said.stderr.contains("is already being used by"), "what is wrong is found first: {}", said.stderr);
    let said = operator.run(&format!("compute instances create two {ZONE} --machine-type=e2-medium --image-family=debian-12 --image-project=debian-cloud"));
    assert_eq!(said.exit, 1);
    assert!(said.stderr.contains("code: ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS"), "{}", said.stderr);
    assert!(said.took > Duration::from_secs(90), "{:?}", said.took);
    assert_eq!(operator.ok("compute instances list --format='value(name)'"), "web");
    assert_eq!(operator.ok("compute disks list --format='value(name)'"), "data-disk\nweb");
    operator.ok("compute instances create two --zone=europe-north1-b --machine-type=e2-medium --image-family=debian-12 --image-project=debian-cloud");

    // A machine that runs goes on running; one that was stopped does not come back.
    operator.ok(&format!("compute instances stop web {ZONE}"));
    assert!(operator.fails(&format!("compute instances start web {ZONE}")).contains("ZONE_RESOURCE_POOL_EXHAUSTED"));
    assert_eq!(operator.ok(&format!("compute instances describe web {ZONE} --format='value(status)'")), "TERMINATED");
    operator.world.allow("zone:europe-north1-a");
    operator.ok(&format!("compute instances start web {ZONE}"));
}

#[test]
fn a_quota_is_counted_in_its_region() {
    let mut operator = Operator::with_machine();
    operator.world.limit("acme-prod", "SSD_TOTAL_GB", 300);
    let create = |zone: &str| {
        format!("compute disks create more --zone={zone} --source-snapshot=data-disk-20260209 --type=pd-balanced")
    };
    let said = operator.fails(&create("europe-north1-b"));
    assert!(said.contains("Quota 'SSD_TOTAL_GB' exceeded. Limit: 300.0 in region europe-north1."), "{said}");
    operator.ok(&create("europe-west1-b"));
    let quotas = operator.ok("compute regions describe europe-north1 --format='json(quotas)'");
    let quotas: serde_json::Value = serde_json::from_str(&quotas).unwrap();
    assert_eq!(quotas["quotas"][0]["usage"], 200.0);

    operator.world.refuse("quota:CPUS", "");
    let said = operator.fails(&format!("compute instances create two {ZONE} --machine-type=e2-medium"));
    assert!(said.contains("Quota 'CPUS' exceeded. Limit: 2.0"), "{said}");
}

#[test]
fn a_permission_is_asked_for_each_thing() {
    let mut operator = Operator::with_machine();
    operator.world.refuse("permission:compute.disks.create", "");
    let said = operator.fails(&format!("compute disks create more {ZONE} --size=200GB"));
    assert!(
        said.contains(
            "Required 'compute.disks.create' permission for 'projects/acme-prod/zones/europe-north1-a/disks/more'"
        ),
        "{said}"
    );
    operator.ok("compute disks list");
    operator.world.refuse("permission:compute.snapshots.list", "");
    let said = operator.fails("compute snapshots list");
    assert!(said.contains("Required 'compute.snapshots.list' permission for 'projects/acme-prod'"), "{said}");
}

#[test]
fn the_api_may_be_down_slow_down_or_be_out_of_reach() {
    let mut operator = Operator::with_machine();
    operator.world.refuse("api", "");
    assert!(operator.fails("compute snapshots list").contains("Internal error. Please try again"));
    assert!(operator.fails("dns managed-zones list").contains("HTTPError 503"));
    operator.world.allow("api");
    operator.world.refuse("rate", "");
    operator.ok("compute snapshots list");
    assert!(
        operator
            .fails(&format!("compute disks create more {ZONE} --size=200GB"))
            .contains("Heavy-weight write requests")
    );
    operator.world.allow("rate");
    operator.world.refuse("network", "");
    assert!(operator.fails("compute snapshots list").starts_with("ERROR: gcloud crashed (ConnectionError)"));
    operator.world.allow("network");
    operator.ok("compute snapshots list");
}

#[test]
fn nobody_is_logged_in() {
    let mut operator = Operator::with_machine();
    operator.world.refuse("account", "");
    assert!(operator.fails("compute snapshots list").contains("You do not currently have an active account selected."));
    assert_eq!(operator.ok("auth list --filter=status:ACTIVE --format='value(account)'"), "");
    operator.ok("config get project");
    operator.world.allow("account");
    assert_eq!(operator.ok("auth list --filter=status:ACTIVE --format='value(account)'"), "operator@example.com");
}

#[test]
fn a_command_needs_its_project_and_its_zone() {
    let mut operator = Operator::with_machine();
    assert!(
        operator
            .fails("compute disks describe data-disk")
            .contains("Underspecified resource [data-disk]. Specify one of the [--region, --zone] flags.")
    );
    operator.ok("config set compute/zone europe-north1-a");
    operator.ok("compute disks describe data-disk");
    operator.ok("config unset project");
    assert!(operator.fails("compute disks list").contains("The required property [project] is not currently set."));
    operator.ok("compute disks list --project=acme-prod");
    assert!(operator.fails("compute disks list --project=other").contains("Failed to find project other"));
}

#[test]
fn what_it_does_not_know_it_says() {
    let mut operator = Operator::with_machine();
    let before = operator.world.now();
    for (words, what) in [
        ("storage ls", "`gcloud storage`"),
        ("compute scp a b:", "`gcloud compute scp`"),
        ("compute instances set-machine-type web", "`gcloud compute instances set-machine-type`"),
        ("compute disks create x --zone=europe-north1-a --kms-key=k", "`gcloud compute disks create --kms-key`"),
        ("compute disks list --format='value(name.regex(a))'", "transform `regex()`"),
        ("compute disks list --format='table[box](name)'", "attribute `box` in `--format`"),
        ("compute disks list --filter='name~\"(?=x)\"'", "pattern `(?=x)` in `--filter`"),
        (
            "compute instances create x --zone=europe-north1-a --metadata=startup-script=ls",
            "metadata `startup-script`, which runs at boot",
        ),
    ] {
        assert_eq!(operator.unsimulated(words), what, "{words}");
        operator.world.set_now(before);
    }
    assert_eq!(operator.ok("compute instances list --format='value(name)'"), "web");
}

#[test]
fn a_wrong_command_line_is_exit_code_2() {
    let mut operator = Operator::new();
    for (words, said) in [
        ("compute disks describe d --sort-by=x", "unrecognized arguments: --sort-by=x"),
        ("compute disks create d --sizes=10", "(did you mean '--size'?)"),
        ("compute disks creat d", "Invalid choice: 'creat'."),
        ("compute instances attach-disk vm", "argument --disk: Must be specified."),
        (
            "compute instances attach-disk vm --disk=d --mode=x",
            "argument --mode: Invalid choice: 'x'. Valid choices are [ro, rw].",
        ),
        ("compute snapshots list --limit=0", "Value must be greater than or equal to 1; received: 0"),
        ("compute disks describe", "argument DISK_NAME: Must be specified."),
        ("nonsense", "Invalid choice: 'nonsense'."),
    ] {
        let answer = operator.run(words);
        let stderr = answer.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(answer.exit, 2, "{words}: {stderr}");
        assert!(stderr.contains(said), "{words}: {stderr}");
    }
}
