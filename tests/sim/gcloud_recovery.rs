//! What recoveries do with the simulated cloud: a disk from a snapshot, a new machine with the old disk, a name that leads elsewhere.

use std::time::Duration;

use super::gcloud_operator::{Operator, ZONE};

const NEWEST: &str = "compute snapshots list --filter='sourceDisk~/disks/data-disk$ AND status=READY' --sort-by=~creationTimestamp --limit=1 --format='value(name)'";

#[test]
fn a_disk_is_replaced_by_one_made_of_the_newest_snapshot() {
    let mut operator = Operator::with_machine();
    operator.ok(&format!("compute disks create other-data-disk-2 {ZONE} --size=200GB"));
    operator.ok(&format!("compute disks snapshot other-data-disk-2 {ZONE} --snapshot-names=other-1"));
    operator.ok(&format!("compute disks snapshot data-disk {ZONE} --snapshot-names=too-new --async"));

    let snapshot = operator.ok(NEWEST);
    assert_eq!(snapshot, "data-disk-20260209", "neither the disk of another name nor the snapshot that still uploads");
    let created = operator.run(&format!(
        "compute disks create new-disk {ZONE} --source-snapshot={snapshot} --type=pd-balanced --format=json"
    ));
    assert_eq!(created.exit, 0);
    assert!(created.took > Duration::from_mins(1), "a couple of minutes: {:?}", created.took);
    let disk: serde_json::Value = serde_json::from_str(&created.stdout).unwrap();
    assert_eq!(disk[0]["status"], "READY");
    assert_eq!(disk[0]["sizeGb"], "200");
    assert!(disk[0]["sourceSnapshot"].as_str().unwrap().ends_with("/snapshots/data-disk-20260209"));
    assert!(disk[0].get("users").is_none());

    assert!(
        operator
            .fails(&format!("compute instances attach-disk web {ZONE} --disk=new-disk --device-name=data"))
            .contains("deviceName")
    );
    operator.ok(&format!("compute instances detach-disk web {ZONE} --device-name=data"));
    let attached =
        operator.run(&format!("compute instances attach-disk web {ZONE} --disk=new-disk --device-name=data"));
    assert_eq!(attached.exit, 0);
    assert!(attached.took < Duration::from_secs(20));
    let disks =
        format!("compute instances describe web {ZONE} --format='value(disks[].source.basename(),disks[].deviceName)'");
    assert_eq!(operator.ok(&disks), "web;new-disk\tpersistent-disk-0;data");
    assert_eq!(
        operator.ok(&format!("compute disks describe new-disk {ZONE} --format='value(users.basename())'")),
        "web"
    );
    assert_eq!(operator.ok(&format!("compute disks describe data-disk {ZONE} --format='value(users)'")), "");
}

#[test]
fn nothing_is_done_twice() {
    let mut operator = Operator::with_machine();
    let exists = |said: String| assert!(said.contains("already exists"), "{said}");
    exists(operator.fails(&format!("compute disks create data-disk {ZONE} --size=200GB")));
    exists(operator.fails(&format!("compute disks snapshot data-disk {ZONE} --snapshot-names=data-disk-20260209")));
    exists(operator.fails(&format!("compute instances create web {ZONE}")));
    let said = operator.fails(&format!("compute instances attach-disk web {ZONE} --disk=data-disk"));
    assert!(said.contains("is already being used by"), "{said}");
    assert!(
        operator.fails(&format!("compute disks delete data-disk {ZONE} --quiet")).contains("is already being used by")
    );
    operator.ok(&format!("compute instances detach-disk web {ZONE} --disk=data-disk"));
    assert!(
        operator
            .fails(&format!("compute instances detach-disk web {ZONE} --disk=data-disk"))
            .contains("is not attached")
    );
    operator.ok(&format!("compute disks delete data-disk {ZONE}"));
    assert!(operator.fails(&format!("compute disks delete data-disk {ZONE}")).contains("was not found"));
    assert_eq!(operator.ok(NEWEST), "data-disk-20260209", "a snapshot outlives its disk");
}

#[test]
fn what_is_begun_without_waiting_is_not_ready() {
    let mut operator = Operator::with_machine();
    let begun = operator.run(&format!("compute disks snapshot data-disk {ZONE} --snapshot-names=now --async"));
    assert_eq!((begun.exit, begun.took < Duration::from_secs(3)), (0, true));
    assert_eq!(operator.ok("compute snapshots describe now --format='value(status)'"), "CREATING");
    assert!(
        operator.fails(&format!("compute disks create early {ZONE} --source-snapshot=now")).contains("is not ready")
    );
    operator.later(Duration::from_secs(150));
    assert_eq!(operator.ok("compute snapshots describe now --format='value(status)'"), "READY");

    operator.ok(&format!("compute instances stop web {ZONE} --async"));
    assert_eq!(operator.ok(&format!("compute instances describe web {ZONE} --format='value(status)'")), "STOPPING");
    operator.later(Duration::from_mins(1));
    assert_eq!(operator.ok(&format!("compute instances describe web {ZONE} --format='value(status)'")), "TERMINATED");
}

#[test]
fn a_machine_is_deleted_without_its_data_and_made_again() {
    let mut operator = Operator::with_machine();
    operator.ok(&format!("compute instances set-disk-auto-delete web {ZONE} --device-name=data --auto-delete"));
    let before = operator.ok(&format!(
        "compute instances describe web {ZONE} --format='value(id,networkInterfaces[0].accessConfigs[0].natIP)'"
    ));
    operator.ok(&format!("compute instances delete web {ZONE} --keep-disks=data --quiet"));
    assert!(operator.fails(&format!("compute instances describe web {ZONE}")).contains("was not found"));
    assert_eq!(operator.ok("compute disks list --format='value(name)'"), "data-disk", "the boot disk is gone");

    let made = operator.run(&format!(
        "compute instances create web {ZONE} --machine-type=e2-medium --image-family=debian-12 --image-project=debian-cloud --disk=name=data-disk,device-name=data"
    ));
    assert_eq!(made.exit, 0, "{}", made.stderr);
    assert!(made.took > Duration::from_secs(20), "{:?}", made.took);
    let after = operator.ok(&format!(
        "compute instances describe web {ZONE} --format='value(id,networkInterfaces[0].accessConfigs[0].natIP)'"
    ));
    let ((old_id, old_address), (new_id, new_address)) =
        (before.split_once('\t').unwrap(), after.split_once('\t').unwrap());
    assert_ne!(old_id, new_id);
    assert_ne!(old_address, new_address);
    assert!(new_address.starts_with("35.228."), "{new_address}");

    // It runs, and its sshd does not answer yet.
    let early = operator.run(&format!("compute ssh web {ZONE} --quiet --command=true"));
    assert_eq!(early.exit, 255);
    assert!(early.stderr.contains("Connection refused"), "{}", early.stderr);
}

#[test]
fn a_reserved_address_stays_where_another_changes() {
    let mut operator = Operator::with_machine();
    let address =
        format!("compute instances describe web {ZONE} --format='value(networkInterfaces[0].accessConfigs[0].natIP)'");
    let first = operator.ok(&address);
    operator.ok(&format!("compute instances stop web {ZONE}"));
    assert_eq!(operator.ok(&address), "");
    operator.ok(&format!("compute instances start web {ZONE}"));
    assert_ne!(operator.ok(&address), first);

    operator.ok("compute addresses create web-ip --region=europe-north1");
    let reserved = operator.ok("compute addresses describe web-ip --region=europe-north1 --format='value(address)'");
    operator.ok(&format!("compute instances delete-access-config web {ZONE} --access-config-name=external-nat"));
    operator.ok(&format!("compute instances add-access-config web {ZONE} --address={reserved}"));
    assert_eq!(operator.ok("compute addresses list --format='value(name,status)'"), "web-ip\tIN_USE");
    operator.ok(&format!("compute instances stop web {ZONE}"));
    operator.ok(&format!("compute instances start web {ZONE}"));
    assert_eq!(operator.ok(&address), reserved);
    let other = format!(
        "compute instances create two {ZONE} --image-family=debian-12 --image-project=debian-cloud --address={reserved}"
    );
    assert!(operator.fails(&other).contains("already in-use"));
}

#[test]
fn ssh_says_what_it_cannot_reach() {
    let mut operator = Operator::with_machine();
    assert!(operator.fails(&format!("compute ssh nope {ZONE} --command=true")).contains("was not found"));
    operator.ok(&format!("compute instances add-access-config web {ZONE}").replace("add-", "delete-"));
    operator.ok(&format!("compute instances stop web {ZONE}"));
    let said = operator.run(&format!("compute ssh web {ZONE} --quiet --command=true"));
    assert_eq!(said.exit, 255);
    assert!(said.stderr.contains("defaulting to using IAP tunneling"), "{}", said.stderr);
    assert!(said.stderr.contains("exited with return code [255]"), "{}", said.stderr);
}

#[test]
fn a_record_is_changed_at_once_in_its_zone() {
    let mut operator = Operator::new();
    operator.ok("dns managed-zones create prod --dns-name=example.com. --description=x");
    operator.ok("dns record-sets create app.example.com. --zone=prod --type=A --ttl=300 --rrdatas=34.88.1.1");
    let updated =
        operator.run("dns record-sets update app.example.com. --zone=prod --type=A --ttl=60 --rrdatas=35.228.9.9");
    assert_eq!(updated.exit, 0);
    assert!(updated.took < Duration::from_secs(3));
    let record = operator.ok("dns record-sets list --zone=prod --name=app.example.com. --type=A --format=json");
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    assert_eq!((&record[0]["ttl"], &record[0]["rrdatas"][0]), (&60.into(), &"35.228.9.9".into()));
}

#[test]
fn a_transaction_is_a_file_until_it_is_executed() {
    let mut operator = Operator::new();
    operator.ok("dns managed-zones create prod --dns-name=example.com. --description=x");
    operator.ok("dns record-sets transaction start --zone=prod");
    assert!(operator.fails("dns record-sets transaction start --zone=prod").contains("Transaction already exists"));
    operator.ok("dns record-sets transaction add 35.228.7.7 --zone=prod --name=app.example.com. --ttl=60 --type=A");
    assert_eq!(operator.ok("dns record-sets list --zone=prod --name=app.example.com. --format='value(name)'"), "");
    operator.ok("dns record-sets transaction execute --zone=prod");
    assert_eq!(
        operator.ok("dns record-sets list --zone=prod --name=app.example.com. --format='value(rrdatas[0])'"),
        "35.228.7.7"
    );
    assert_eq!(operator.ok("dns record-sets changes describe 1 --zone=prod --format='value(status)'"), "done");
    assert!(operator.fails("dns record-sets transaction execute --zone=prod").contains("Transaction not found"));
}

#[test]
fn a_schedule_is_made_and_attached_once() {
    let mut operator = Operator::with_machine();
    let create = "compute resource-policies create snapshot-schedule daily-backup --region=europe-north1 --max-retention-days=14 --on-source-disk-delete=keep-auto-snapshots --daily-schedule --start-time=03:00";
    operator.ok(create);
    assert!(operator.fails(create).contains("already exists"));
    let attach = format!("compute disks add-resource-policies data-disk {ZONE} --resource-policies=daily-backup");
    operator.ok(&attach);
    assert!(operator.fails(&attach).contains("is already attached to disk"));
    assert_eq!(
        operator.ok(&format!("compute disks describe data-disk {ZONE} --format='value(resourcePolicies.basename())'")),
        "daily-backup"
    );
    assert!(
        operator
            .fails("compute resource-policies delete daily-backup --region=europe-north1")
            .contains("already being used")
    );
}

#[test]
fn a_project_says_what_it_is() {
    let mut operator = Operator::new();
    let project: serde_json::Value =
        serde_json::from_str(&operator.ok("projects describe acme-prod --format=json")).unwrap();
    assert_eq!(project["labels"]["environment"], "production");
    assert!(
        operator
            .fails("projects describe other")
            .contains("does not have permission to access projects instance [other] (or it may not exist)")
    );
}

#[test]
fn a_copy_of_the_world_goes_its_own_way_and_the_same_way() {
    let operator = Operator::with_machine();
    let recover = |mut operator: Operator| {
        operator.ok(&format!("compute disks create new-disk {ZONE} --source-snapshot=data-disk-20260209"));
        operator.ok(&format!("compute instances delete web {ZONE} --quiet"));
        operator
            .ok(&format!("compute instances create web {ZONE} --image-family=debian-12 --image-project=debian-cloud"));
        (
            operator.ok("compute instances list --format=json"),
            operator.ok("compute operations list --format=json"),
            operator.world.now(),
        )
    };
    assert_eq!(recover(operator.clone()), recover(operator.clone()));
    let mut untouched = operator;
    assert_eq!(untouched.ok("compute disks list --format='value(name)'"), "data-disk\nweb");
}
