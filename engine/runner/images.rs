//! How Docker images get from this machine's Engine to the one in a container: saved once into an archive, loaded from it by each.

use std::path::Path;

/// Past the client inside and two daemons between, by the socket as this machine sees it; where it does not see it, through them.
const LOAD: &str = r#"
socket=/proc/$(docker inspect --format '{{.State.Pid}}' "$1")/root/var/run/docker.sock || exit
if [ -S "$socket" ]; then exec docker --host "unix://$socket" load --quiet --input "$2"; fi
exec docker exec --interactive "$1" docker load --quiet <"$2""#;

/// Arguments of `docker`: makes an archive of images.
#[must_use]
pub fn save(images: &[String], archive: &Path) -> Vec<String> {
    let words = ["save".to_owned(), "--output".to_owned(), archive.display().to_string()];
    words.into_iter().chain(images.iter().cloned()).collect()
}

/// Arguments of `sh`: the Engine in a container gets what is in an archive.
#[must_use]
pub fn load(container: &str, archive: &Path) -> Vec<String> {
    ["-c", LOAD, "sh", container, &archive.display().to_string()].map(str::to_owned).to_vec()
}
