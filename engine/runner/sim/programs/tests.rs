//! Programs over what only this world has: disks, content that is no text, containers, units.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::model::facts::SystemFacts;
use crate::runner::sim::Said;
use crate::runner::sim::blob::{AsOf, Blob, Holds};
use crate::runner::sim::place::Place;
use crate::runner::sim::process::{Process, Unsimulated};
use crate::runner::sim::tree::{Kind, Node};
use crate::runner::sim::world::{
    Container, Disk, Engine, Life, Mount, MountSource, Notes, Program, Project, Run, Unit, World,
};

const DISK: &str = "p/z/data-disk";
const DEVICE: &str = "dev/disk/by-id/google-data-disk";

fn now() -> DateTime<Utc> {
    "2026-02-09T14:30:00Z".parse().unwrap()
}

fn world() -> World {
    World::empty(now(), 1, Arc::new(SystemFacts::default()))
}

fn try_bash(world: &mut World, script: &str) -> Result<Said, Unsimulated> {
    world.command("local", &["bash", "-c", script].map(str::to_owned), "")
}

fn bash(world: &mut World, script: &str) -> Said {
    try_bash(world, script).unwrap_or_else(|what| panic!("{script}: not simulated: {what}"))
}

/// Exit code and output of a script.
fn gives(world: &mut World, script: &str) -> (i32, String) {
    let said = bash(world, script);
    (said.exit, said.stdout)
}

fn data(id: u64) -> Blob {
    let holds = Holds::Data { data: "notes".to_owned(), as_of: AsOf::Present };
    Blob { id, bytes: 5_000_000, whole: true, holds }
}

fn machine_files(world: &mut World) -> &mut Node {
    &mut world.machine_mut("local").unwrap().files
}

fn with_blob(path: &str, blob: Blob) -> World {
    let mut world = world();
    let files = machine_files(&mut world);
    files.make_dirs(path.rsplit_once('/').unwrap().0, now()).unwrap();
    files.put(path, Node::blob(blob, now())).unwrap();
    world
}

fn with_disk() -> World {
    let mut world = world();
    let disk = Disk {
        name: "data-disk".to_owned(),
        zone: "z".to_owned(),
        id: "1".to_owned(),
        size_gb: 30,
        kind: "pd-balanced".to_owned(),
        ready: now(),
        created: now(),
        from: None,
        policies: Vec::new(),
        files: None,
        notes: Notes::default(),
    };
    let mut project = Project::default();
    project.disks.insert_mut("z/data-disk".to_owned(), disk);
    world.cloud.projects.insert_mut("p".to_owned(), project);
    let device = Node { kind: Kind::Device(DISK.to_owned()), ..Node::text("", now()) };
    machine_files(&mut world).put(DEVICE, device).unwrap();
    world
}

fn with_container(mounts: Vec<Mount>) -> World {
    let mut world = world();
    let mut engine = Engine::new();
    let container = Container {
        image_name: "alpine".to_owned(),
        program: Program::Tools,
        mounts,
        restart: "always".to_owned(),
        life: Life::Running(Run { started: now(), ready: Some(now()), ends: None }),
        ..Container::new("abc", "helper", now())
    };
    engine.containers.insert_mut("abc".to_owned(), container);
    world.machine_mut("local").unwrap().engine = Some(engine);
    world
}

fn bind(target: &str, source: &str, read_only: bool) -> Mount {
    Mount { target: target.to_owned(), source: MountSource::Bind(source.to_owned()), read_only }
}

/// A script in the container.
fn inside(world: &mut World, argv: &[&str]) -> (i32, String, String) {
    let mut process = Process::new(world, Place::container("local", "abc"));
    process.cwd = "/".to_owned();
    let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
    let exit = process.run(&argv).unwrap();
    (exit, process.stdout.to_text(), process.stderr.clone())
}

#[test]
fn a_disk_is_formatted_mounted_filled_and_taken_off() {
    let mut world = with_disk();
    let device = format!("/{DEVICE}");
    assert_eq!(bash(&mut world, &format!("mkdir /data; mount {device} /data")).exit, 32, "it has no file system");
    assert_eq!(bash(&mut world, &format!("mkfs.ext4 -q {device}")).exit, 0);
    assert_eq!(bash(&mut world, &format!("test -b {device} && mount {device} /data && mountpoint -q /data")).exit, 0);
    assert_eq!(gives(&mut world, "echo x > /data/file; ls /data"), (0, "file\nlost+found\n".to_owned()));
    assert_eq!(bash(&mut world, &format!("fsck -p {device}")).exit, 8, "it is mounted");
    assert_eq!(bash(&mut world, &format!("mount {device} /mnt")).exit, 32, "it is mounted elsewhere");
    assert_eq!(gives(&mut world, "df --output=pcent,target /data | tail -1"), (0, " 40% /data\n".to_owned()));
    assert_eq!(gives(&mut world, "umount /data && ls -A /data; mountpoint -q /data; echo $?"), (0, "32\n".to_owned()));
    assert_eq!(bash(&mut world, "umount /data").exit, 32);
    assert_eq!(bash(&mut world, &format!("fsck -p {device}")).exit, 0);
    let entry = format!("echo '{device} /data ext4 discard,nofail 0 2' >> /etc/fstab; mount /data; cat /data/file");
    assert_eq!(gives(&mut world, &entry), (0, "x\n".to_owned()));
}

#[test]
fn the_shipped_scripts_mount_a_disk_once() {
    let mut world = with_disk();
    bash(&mut world, &format!("mkfs.ext4 /{DEVICE}"));
    let script = "set -eu
        read -r device path
        source=/dev/disk/by-id/google-$device
        sudo mkdir -p \"$path\"
        grep -q \"^$source \" /etc/fstab || printf '%s %s ext4 discard,defaults,nofail 0 2\\n' \"$source\" \"$path\" | sudo tee -a /etc/fstab >/dev/null
        mountpoint -q \"$path\" || sudo mount \"$path\"";
    for _ in 0..2 {
        let said = world.command("local", &["bash", "-c", script].map(str::to_owned), "data-disk /data\n").unwrap();
        assert_eq!((said.exit, said.stderr.as_str()), (0, ""));
    }
    assert_eq!(world.machine("local").unwrap().mounts.get("/data").map(String::as_str), Some(DISK));
    assert_eq!(gives(&mut world, "grep -c data-disk /etc/fstab"), (0, "1\n".to_owned()));
}

#[test]
fn what_is_mounted_cannot_be_removed_and_moves_by_copying() {
    let mut world = with_disk();
    bash(
        &mut world,
        &format!("mkfs.ext4 /{DEVICE}; mkdir /data; mount /{DEVICE} /data; echo x > /data/a; mkdir /data/d"),
    );
    assert_eq!(gives(&mut world, "rm -rf /data; echo $?; ls /data"), (0, "1\n".to_owned()));
    bash(&mut world, "echo y > /data/b; mkdir /data/e");
    assert_eq!(
        gives(&mut world, "mv /data/b /root/b && mv /data/e /root && ls /root /data"),
        (0, "/data:\n\n/root:\nb\ne\n".to_owned())
    );
    assert_eq!(bash(&mut world, "mv /data /elsewhere").exit, 1);
    assert_eq!(
        gives(&mut world, "touch /data/c; find /data | wc -l; cp -a /data /copy; ls /copy"),
        (0, "2\nc\n".to_owned())
    );
}

#[test]
fn a_disk_that_a_container_uses_stays_mounted() {
    let mut world = with_container(vec![bind("/data", "/data/app", false)]);
    let disk = with_disk();
    world.cloud = disk.cloud.clone();
    let device = disk.machine("local").unwrap().files.get(DEVICE).unwrap().clone();
    machine_files(&mut world).put(DEVICE, device).unwrap();
    bash(
        &mut world,
        &format!("mkfs.ext4 /{DEVICE}; mkdir /data; mount /{DEVICE} /data; mkdir /data/app; echo x > /data/app/f"),
    );
    let said = bash(&mut world, "umount /data");
    assert_eq!((said.exit, said.stderr.as_str()), (32, "umount: /data: target is busy.\n"));
    assert_eq!(inside(&mut world, &["cat", "/data/f"]).1, "x\n");
}

#[test]
fn an_archive_read_to_its_end_proves_what_is_in_it() {
    let mut world = with_blob("data/state.db", data(7));
    bash(&mut world, "cd /data && echo note > readme && tar czf /root/a.tgz .");
    assert!(world.proved.is_empty());
    assert_eq!(
        gives(&mut world, "tar tzf a.tgz; tar tzf a.tgz | wc -l"),
        (0, "./\n./readme\n./state.db\n3\n".to_owned())
    );
    assert!(world.proved.contains_key(&7));
    assert_eq!(
        gives(&mut world, "mkdir new; tar xzf a.tgz -C new; cmp /data/state.db new/state.db; find new | wc -l"),
        (0, "3\n".to_owned())
    );
    let tree = world.machine("local").unwrap().files.get("root").unwrap();
    assert_eq!(tree.data(), [("notes".to_owned(), AsOf::Present, true)]);
}

#[test]
fn a_copy_is_the_same_content_under_every_program() {
    let mut world = with_blob("data/state.db", data(7));
    let script = "cp -a /data/state.db c; mv c d; cat d > e; gzip -k e; gzip -dc e.gz > f; cmp f /data/state.db \
        && [ \"$(sha256sum < f)\" = \"$(sha256sum < /data/state.db)\" ] && wc -c < f";
    assert_eq!(gives(&mut world, script), (0, "5000000\n".to_owned()));
    for path in ["root/d", "root/e", "root/f"] {
        let node = world.machine("local").unwrap().files.get(path).unwrap();
        assert!(matches!(&node.kind, Kind::Blob(blob) if blob.id == 7), "{path}");
    }
}

#[test]
fn a_damaged_archive_is_found_at_its_end() {
    let mut world = with_blob("data/state.db", data(7));
    bash(&mut world, "cd /data && touch a b c && tar czf /root/a.tgz .");
    let node = machine_files(&mut world).get_mut("root/a.tgz").unwrap();
    let Kind::Blob(blob) = &node.kind else { panic!("no archive") };
    node.kind = Kind::Blob(Arc::new(Blob { whole: false, ..(**blob).clone() }));
    let said = bash(&mut world, "tar tzf a.tgz");
    assert_eq!((said.exit, said.stdout.as_str()), (2, "./\n./a\n"));
    assert!(said.stderr.contains("Unexpected EOF in archive"));
    let said = bash(&mut world, "gzip -t a.tgz");
    assert_eq!((said.exit, said.stderr.as_str()), (1, "gzip: a.tgz: unexpected end of file\n"));
    let piped = "set -o pipefail; gzip -dc a.tgz 2>/dev/null | tar tf - 2>/dev/null | wc -l; echo ${?}";
    assert_eq!(gives(&mut world, piped), (0, "2\n2\n".to_owned()));
    assert_eq!(
        gives(&mut world, "cp a.tgz b.tgz; mkdir x; tar xzf b.tgz -C x 2>/dev/null; echo $?; ls x"),
        (0, "2\na\n".to_owned())
    );
    assert!(world.proved.is_empty());
}

#[test]
fn an_encrypted_dump_needs_its_key() {
    let mut world = with_blob("data/state.db", data(7));
    let script = "openssl enc -aes-256-cbc -pbkdf2 -k right -in /data/state.db -out e && cp e f \
        && openssl enc -d -aes-256-cbc -pbkdf2 -k wrong -in f -out g; echo $?; cmp -s g /data/state.db; echo $?";
    let said = bash(&mut world, script);
    assert_eq!(said.stdout, "1\n1\n");
    assert!(said.stderr.contains("bad decrypt"));
    let script = "openssl enc -d -aes-256-cbc -pbkdf2 -iter 10000 -k right -in f -out g && cmp g /data/state.db";
    assert_eq!(bash(&mut world, script).exit, 0);
}

#[test]
fn content_that_is_no_text_is_not_read_as_text() {
    let mut world = with_blob("data/state.db", data(7));
    for script in [
        "grep x /data/state.db",
        "x=$(cat /data/state.db)",
        "wc -l /data/state.db",
        "echo x >> /data/state.db",
        "sort /data/state.db",
    ] {
        assert!(try_bash(&mut world, script).is_err(), "{script}");
    }
}

#[test]
fn a_container_sees_its_mounts_and_writes_where_it_may() {
    let mut world = with_container(vec![bind("/backups", "/backups", true), bind("/data", "/data", false)]);
    bash(
        &mut world,
        "mkdir -p /backups /data/old; cd /data/old; echo 1 > a; echo 2 > b; tar czf /backups/n.tar.gz .; touch /data/junk",
    );
    let refill = "set -e -o pipefail; find /data -mindepth 1 -maxdepth 1 -exec rm -rf {} +; \
        case \"$1\" in *.gz | *.tgz) gzip -dc \"$1\" ;; *) cat \"$1\" ;; esac | tar xf - -C /data";
    assert_eq!(inside(&mut world, &["sh", "-c", refill, "sh", "/backups/n.tar.gz"]), (0, String::new(), String::new()));
    assert_eq!(inside(&mut world, &["sh", "-c", "cd /data && find . | wc -l"]).1, "3\n");
    assert_eq!(gives(&mut world, "ls /data"), (0, "a\nb\n".to_owned()));
    let (exit, _, stderr) = inside(&mut world, &["rm", "/backups/n.tar.gz"]);
    assert_eq!((exit, stderr.as_str()), (1, "rm: cannot remove '/backups/n.tar.gz': Read-only file system\n"));
    assert_eq!(inside(&mut world, &["sh", "-c", "echo x > /backups/y"]).0, 1);
    let listed = "cd /backups && for f in *; do if [ -f \"$f\" ]; then stat -c \"%s %n\" \"$f\"; fi; done | sort -rn";
    assert!(inside(&mut world, &["sh", "-c", listed]).1.ends_with(" n.tar.gz\n"));
    assert_eq!(inside(&mut world, &["hostname"]).1, "abc\n");
    assert_eq!(inside(&mut world, &["systemctl", "start", "docker"]).0, 1);
}

#[test]
fn units_and_the_engine_are_switched() {
    let mut world = with_container(Vec::new());
    let unit = Unit { state: "failed".to_owned(), restarts: 2, service: None, ready: None };
    world.machine_mut("local").unwrap().units.insert_mut("app.service".to_owned(), unit);
    assert_eq!(
        gives(&mut world, "systemctl is-active app; systemctl start app; systemctl is-active app.service"),
        (0, "failed\nactive\n".to_owned())
    );
    assert_eq!(gives(&mut world, "systemctl show -p ActiveState,NRestarts --value app"), (0, "active\n2\n".to_owned()));
    assert_eq!(
        gives(&mut world, "systemctl is-active docker && systemctl stop docker; systemctl is-active docker"),
        (3, "active\ninactive\n".to_owned())
    );
    let engine = world.engine("local").unwrap();
    assert!(!engine.running && matches!(engine.containers.get("abc").unwrap().life, Life::Exited { .. }));
    assert_eq!(bash(&mut world, "systemctl start docker").exit, 0);
    assert!(world.engine("local").unwrap().running);
    assert!(try_bash(&mut world, "systemctl restart nginx").is_err(), "a unit that nobody knows");
    world.machine_mut("local").unwrap().engine = None;
    assert_eq!(bash(&mut world, "systemctl start docker").exit, 5);
}

#[test]
fn what_is_not_installed_can_be_installed() {
    let mut world = world();
    world.machine_mut("local").unwrap().missing.insert_mut("git".to_owned(), ());
    assert_eq!(bash(&mut world, "git clone https://x/y.git").exit, 127);
    let script = "command -v git >/dev/null || sudo apt-get install -y -q git >/dev/null; git clone --quiet https://x/app.git; ls -A app";
    let said = bash(&mut world, script);
    assert_eq!((said.exit, said.stdout.as_str()), (0, ".git\nREADME.md\nconfig\ndocker-compose.yml\n"));
    assert!(said.took.as_secs() >= 15);
    assert_eq!(bash(&mut world, "git clone --quiet https://x/app.git").exit, 128);
    assert_eq!(bash(&mut world, "command -v docker").exit, 1);
    assert_eq!(bash(&mut world, "docker ps").exit, 127);
    assert_eq!(bash(&mut world, "sudo apt-get install -y docker.io >/dev/null").exit, 0);
    assert!(world.engine("local").is_some());
}

#[test]
fn sudo_changes_who_it_is_and_forgets_variables() {
    let mut world = world();
    let script = "export A=1; sudo -n env | grep -c ^A= ; sudo -E env | grep ^A= ; sudo A=2 env | grep ^A= ; sudo -u postgres whoami; sudo -u postgres id -u; whoami";
    assert_eq!(gives(&mut world, script), (0, "0\nA=1\nA=2\npostgres\n999\nroot\n".to_owned()));
    let said = bash(
        &mut world,
        "sudo -u postgres sh -c 'mount /data; umount /mnt; systemctl restart docker; chown 0 /tmp'; true",
    );
    assert!(said.stderr.contains("must be superuser"));
    assert_eq!(bash(&mut world, "sudo cd /tmp").exit, 1);
}

#[test]
fn memory_and_disks_are_those_of_the_machine() {
    let mut world = world();
    assert_eq!(
        gives(&mut world, "awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo"),
        (0, "5859\n".to_owned())
    );
    assert_eq!(gives(&mut world, "df --output=pcent / | tail -1"), (0, " 40%\n".to_owned()));
    assert!(try_bash(&mut world, "cat /proc/cpuinfo").is_err(), "a file that nobody knows");
    assert_eq!(gives(&mut world, "rsync -a /etc/ /copy/ && ls /copy"), (0, "fstab\n".to_owned()));
}

#[test]
fn options_that_nobody_knows_are_told_from_those_that_are_not_simulated() {
    let mut world = world();
    assert_eq!(try_bash(&mut world, "find / -newermt now").unwrap_err().0, "`find -newermt`");
    assert_eq!(try_bash(&mut world, "cp --parents a b").unwrap_err().0, "`cp --parents`");
    assert_eq!(bash(&mut world, "cp --nonsense a b").exit, 1);
    assert_eq!(bash(&mut world, "find / -nonsense").exit, 1);
    assert_eq!(try_bash(&mut world, "gpg -d x").unwrap_err().0, "`gpg`");
}

#[test]
fn large_copies_take_their_time() {
    let mut world = with_blob("data/big", Blob { bytes: 20_000_000_000, ..data(1) });
    let said = bash(&mut world, "cp /data/big /root/copy");
    assert!((70..140).contains(&said.took.as_secs()), "{:?}", said.took);
    assert!(bash(&mut world, "mv /root/copy /root/moved").took.as_millis() < 10);
}
