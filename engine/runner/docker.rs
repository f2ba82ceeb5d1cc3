//! The Docker client's command line, as far as a runner must know it: where the token goes, so that work inside a container can be
//! found again (killing the client does not end it).

use crate::model::id::AttemptToken;

use super::sweep::VARIABLE;

/// Label of containers made by `docker run`.
const LABEL: &str = "runbook.attempt";

/// Global flags of `docker` that take a value as the next word.
const DOCKER: &[&str] =
    &["--config", "-c", "--context", "-H", "--host", "-l", "--log-level", "--tlscacert", "--tlscert", "--tlskey"];
/// The same, of `docker compose`.
const COMPOSE: &[&str] = &[
    "--ansi",
    "--env-file",
    "-f",
    "--file",
    "--parallel",
    "--profile",
    "--progress",
    "-p",
    "--project-name",
    "--project-directory",
    "--workdir",
];
/// The same, of `exec` (both clients).
const EXEC: &[&str] = &["-e", "--env", "--env-file", "-u", "--user", "-w", "--workdir", "--detach-keys", "--index"];

/// What starts work in a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Exec,
    Run,
}

/// Where in an argument vector work in a container is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Site {
    pub verb: Verb,
    /// `docker compose …`.
    pub compose: bool,
    /// Where the verb's own flags begin.
    pub flags: usize,
    /// Where the global flags of `docker` end.
    pub globals: usize,
}

/// Finds the verb, if it is one that starts work.
pub(super) fn site(argv: &[String]) -> Option<Site> {
    let globals = skip_flags(argv, 1, DOCKER);
    let mut at = globals;
    let compose = argv.get(at)? == "compose";
    if compose {
        at = skip_flags(argv, at + 1, COMPOSE);
    } else if argv.get(at)? == "container" {
        at += 1;
    }
    let verb = match argv.get(at)?.as_str() {
        "exec" => Verb::Exec,
        "run" => Verb::Run,
        _ => return None,
    };
    Some(Site { verb, compose, flags: at + 1, globals })
}

/// Puts the token in.
pub(super) fn mark(argv: &mut Vec<String>, site: Site, token: &AttemptToken) {
    let (flag, value) = match site.verb {
        Verb::Exec => ("-e", format!("{VARIABLE}={token}")),
        Verb::Run => ("--label", format!("{LABEL}={token}")),
    };
    argv.splice(site.flags..site.flags, [flag.to_owned(), value]);
}

/// Lists the containers of an attempt; nothing to list for `exec`.
pub(super) fn list_containers(marked: &[String], site: Site, token: &AttemptToken) -> Option<Vec<String>> {
    (site.verb == Verb::Run).then(|| {
        let mut argv = marked[..site.globals].to_vec();
        argv.extend(["ps", "-q", "--no-trunc", "--filter"].map(str::to_owned));
        argv.push(format!("label={LABEL}={token}"));
        argv
    })
}

/// Ends containers; those that were to be removed at their end are removed.
pub(super) fn end_containers(marked: &[String], site: Site, containers: &[String]) -> Vec<String> {
    let mut argv = marked[..site.globals].to_vec();
    if marked[site.flags..].iter().any(|word| word == "--rm") {
        argv.extend(["rm", "-f", "-v"].map(str::to_owned));
    } else {
        argv.push("kill".to_owned());
    }
    argv.extend_from_slice(containers);
    argv
}

/// Ends the processes of an `exec` from inside: for a daemon on another machine, where the host's `/proc` shows nothing. Needs a
/// shell and `grep` in the container, so it is best effort.
pub(super) fn end_inside(marked: &[String], site: Site, token: &AttemptToken) -> Option<Vec<String>> {
    if site.verb != Verb::Exec {
        return None;
    }
    let container = marked.get(skip_flags(marked, site.flags, EXEC))?;
    let mut argv = marked[..site.flags].to_vec();
    if site.compose {
        argv.push("-T".to_owned());
    }
    let script = format!(
        "for p in /proc/[0-9]*; do grep -qs '{VARIABLE}={token}' \"$p/environ\" && kill -9 \"${{p#/proc/}}\"; done; true"
    );
    argv.extend([container.clone(), "sh".to_owned(), "-c".to_owned(), script]);
    Some(argv)
}

fn skip_flags(argv: &[String], mut at: usize, with_value: &[&str]) -> usize {
    while let Some(word) = argv.get(at).filter(|word| word.len() > 1 && word.starts_with('-')) {
        at += if with_value.contains(&word.as_str()) { 2 } else { 1 };
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn marked(line: &str) -> String {
        let mut argv = argv(line);
        if let Some(site) = site(&argv) {
            mark(&mut argv, site, &AttemptToken("T".into()));
        }
        argv.join(" ")
    }

    #[test]
    fn the_token_stands_right_after_the_verb() {
        assert_eq!(marked("docker exec db psql"), "docker exec -e RUNBOOK_ATTEMPT=T db psql");
        assert_eq!(
            marked("docker -H tcp://x container exec -i db sh"),
            "docker -H tcp://x container exec -e RUNBOOK_ATTEMPT=T -i db sh"
        );
        assert_eq!(
            marked("docker --context=far run --rm img run"),
            "docker --context=far run --label runbook.attempt=T --rm img run"
        );
        assert_eq!(
            marked("docker compose -p shop -f a.yml run --rm web true"),
            "docker compose -p shop -f a.yml run --label runbook.attempt=T --rm web true"
        );
        assert_eq!(marked("docker compose exec -T db true"), "docker compose exec -e RUNBOOK_ATTEMPT=T -T db true");
    }

    #[test]
    fn other_verbs_stay_as_they_are() {
        for line in [
            "docker ps",
            "docker",
            "docker compose",
            "docker compose up -d exec",
            "docker stop run",
            "docker -H exec ps",
        ] {
            assert_eq!(marked(line), line);
        }
    }

    #[test]
    fn the_container_is_found_behind_the_flags() {
        let mut argv = argv("docker exec -i -u postgres -w /tmp db sleep 9");
        let site = site(&argv).unwrap();
        let token = AttemptToken("T".into());
        mark(&mut argv, site, &token);
        let inside = end_inside(&argv, site, &token).unwrap();
        assert_eq!(inside[..5], ["docker", "exec", "db", "sh", "-c"]);
        assert_eq!(list_containers(&argv, site, &token), None);
    }
}
