//! What the clients really say, as recorded, and what only looks like it.

use super::*;

fn judge(tool: Tool, line: &str, exit: i32, stderr: &str) -> Option<Unreachable> {
    let argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
    classify(tool, &argv, exit, stderr)
}

fn never(found: Option<Unreachable>) -> bool {
    found.is_some_and(|found| !found.may_have_run)
}

#[test]
fn docker_without_a_daemon_is_unreachable_for_every_verb() {
    let text = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n";
    assert!(never(judge(Tool::Docker, "docker ps", 1, text)));
    assert!(never(judge(Tool::Docker, "docker exec db true", 1, text)));
    let run = "docker: Cannot connect to the Docker daemon at tcp://x. Is the docker daemon running?.\nSee 'docker run --help'.\n";
    assert!(never(judge(Tool::Docker, "docker run img", 125, run)));
    let refused = "error during connect: Get \"http://10.0.0.1:2375/v1.41/info\": dial tcp 10.0.0.1:2375: connect: connection refused\n";
    assert!(never(judge(Tool::Docker, "docker info", 1, refused)));
}

#[test]
fn a_connection_lost_on_the_way_may_have_run() {
    let text = "error during connect: Post \"http://x/v1.41/containers/db/restart\": EOF\n";
    assert!(judge(Tool::Docker, "docker restart db", 1, text).unwrap().may_have_run);
}

#[test]
fn exec_into_a_container_that_cannot_answer_is_unreachable() {
    for text in [
        "Error: No such container: db\n",
        "Error response from daemon: No such container: db\n",
        "Error response from daemon: Container 0a1b is not running\n",
        "Error response from daemon: container 0a1b is not running\n",
        "Error response from daemon: Container db is paused, unpause the container before exec\n",
        "Error response from daemon: Container 0a1b is restarting, wait until the container is running\n",
    ] {
        assert!(never(judge(Tool::Docker, "docker exec -i db psql", 1, text)), "{text}");
    }
    assert!(never(judge(Tool::Docker, "docker compose exec -T db psql", 1, "service \"db\" is not running\n")));
}

#[test]
fn what_the_program_inside_says_is_its_own() {
    assert_eq!(judge(Tool::Docker, "docker exec db pg_ctl status", 1, "pg_ctl: server is not running\n"), None);
    assert_eq!(judge(Tool::Docker, "docker exec db psql", 2, "psql: error: connection refused\n"), None);
    assert_eq!(judge(Tool::Docker, "docker exec db x", 126, "OCI runtime exec failed\n"), None);
    assert_eq!(judge(Tool::Docker, "docker stop db", 1, "Error response from daemon: No such container: db\n"), None);
    assert_eq!(judge(Tool::Docker, "docker run img git", 125, "bisect cannot go on\n"), None);
}

#[test]
fn run_refused_by_the_daemon() {
    let text = "docker: Error response from daemon: Conflict. The container name \"/x\" is already in use.\nSee 'docker run --help'.\n";
    assert!(never(judge(Tool::Docker, "docker run --name x img", 125, text)));
}

#[test]
fn ssh_and_its_wrappers() {
    let refused = "ssh: connect to host 10.0.0.9 port 22: Connection refused\n";
    assert!(never(judge(Tool::Exec, "ssh host true", 255, refused)));
    assert!(never(judge(Tool::Gcloud, "gcloud compute ssh vm --command=true", 255, refused)));
    assert!(
        judge(Tool::Exec, "/usr/bin/ssh host true", 255, "client_loop: send disconnect: Broken pipe\n")
            .unwrap()
            .may_have_run
    );
    assert_eq!(judge(Tool::Exec, "curl x", 255, refused), None);
    assert_eq!(judge(Tool::Gcloud, "gcloud compute ssh vm --command=false", 1, ""), None);
}

#[test]
fn gcloud_says_why_in_text_only() {
    let crashed = "ERROR: gcloud crashed (ConnectionError): HTTPSConnectionPool(host='x', port=443): Max retries\nexceeded (Caused by \
                   NewConnectionError('Failed to establish a new\nconnection: [Errno 111] Connection refused'))\n";
    assert!(never(judge(Tool::Gcloud, "gcloud compute disks list", 1, crashed)));
    let auth = "ERROR: (gcloud.compute.disks.list) You do not currently have an active account selected.\n";
    assert_eq!(judge(Tool::Gcloud, "gcloud compute disks list", 1, auth), None);
}
