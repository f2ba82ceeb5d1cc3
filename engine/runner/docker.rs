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

/// Lists the containers of an attempt; nothing to list for `exec`, or for an attempt without a name, which is everybody's.
pub(super) fn list_containers(marked: &[String], site: Site, token: &AttemptToken) -> Option<Vec<String>> {
    (site.verb == Verb::Run && !token.0.is_empty()).then(|| {
        let mut argv = marked[..site.globals].to_vec();
        // One that was made and not started yet is removed, too; killing it would do nothing.
        let which = if is_removed(marked, site) { "-aq" } else { "-q" };
        argv.extend(["ps", which, "--no-trunc", "--filter"].map(str::to_owned));
        argv.push(format!("label={LABEL}={token}"));
        argv
    })
}

fn is_removed(marked: &[String], site: Site) -> bool {
    marked[site.flags..].iter().any(|word| word == "--rm")
}

/// Ends containers; those that were to be removed at their end are removed.
pub(super) fn end_containers(marked: &[String], site: Site, containers: &[String]) -> Vec<String> {
    let mut argv = marked[..site.globals].to_vec();
    if is_removed(marked, site) {
        argv.extend(["rm", "-f", "-v"].map(str::to_owned));
    } else {
        argv.push("kill".to_owned());
    }
    argv.extend_from_slice(containers);
    argv
}

/// Ends what carries a whole entry of its environment, `$1`. One entry a line: `RUN-1` is not `RUN-10`, and busybox's grep reads to
/// the first NUL only. A value with a newline in it can end in such a line; tokens have none, and nobody else knows them.
///
/// Again until nobody is found: a shell whose child is killed first goes on to its next line.
const END: &str = r#"n=0; while [ "$n" -lt 20 ]; do n=$((n + 1)) f=; for p in /proc/[0-9]*; do if tr '\0' '\n' 2>/dev/null <"$p/environ" | grep -qxF -e "$1"; then kill -9 "${p#/proc/}" && f=1; fi; done; [ -n "$f" ] || break; done 2>/dev/null; true"#;

/// Ends the processes of an `exec` from inside: for a daemon on another machine, where the host's `/proc` shows nothing. Needs a
/// shell, `tr` and `grep` in the container, so it is best effort. Without more rights even root sees only its own user's
/// environments there, so it goes in as the same user.
pub(super) fn end_inside(marked: &[String], site: Site, token: &AttemptToken) -> Option<Vec<String>> {
    if site.verb != Verb::Exec || token.0.is_empty() {
        return None;
    }
    let at = skip_flags(marked, site.flags, EXEC);
    let container = marked.get(at)?;
    let mut argv = marked[..site.flags].to_vec();
    if site.compose {
        argv.push("-T".to_owned());
    }
    if let Some(user) = user(&marked[site.flags..at]) {
        argv.extend(["-u".to_owned(), user]);
    }
    let entry = format!("{VARIABLE}={token}");
    argv.extend([container.clone(), "sh".to_owned(), "-c".to_owned(), END.to_owned(), "sh".to_owned(), entry]);
    Some(argv)
}

/// As whom an `exec` goes in, by its flags; none: as the image says.
fn user(flags: &[String]) -> Option<String> {
    let mut found = None;
    let mut at = 0;
    while let Some(flag) = flags.get(at) {
        at += 1;
        if flag == "-u" || flag == "--user" {
            found = flags.get(at).cloned();
            at += 1;
        } else if let Some(user) = flag.strip_prefix("--user=").or_else(|| flag.strip_prefix("-u")) {
            found = Some(user.strip_prefix('=').unwrap_or(user).to_owned());
        } else if EXEC.contains(&flag.as_str()) {
            at += 1;
        }
    }
    found
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
        assert_eq!(inside[..7], ["docker", "exec", "-u", "postgres", "db", "sh", "-c"]);
        assert_eq!(inside[8..], ["sh", "RUNBOOK_ATTEMPT=T"]);
        assert_eq!(list_containers(&argv, site, &token), None);
    }

    #[test]
    fn nobody_is_ended_for_an_attempt_without_a_name() {
        let nobody = AttemptToken(String::new());
        for line in ["docker exec db sleep 9", "docker run --rm img sleep 9"] {
            let argv = argv(line);
            let site = site(&argv).unwrap();
            assert_eq!((end_inside(&argv, site, &nobody), list_containers(&argv, site, &nobody)), (None, None));
        }
    }

    #[test]
    fn the_user_is_found_in_every_spelling() {
        for flags in ["-u me", "--user me", "--user=me", "-ume", "-u=me", "-e -u -i -u me", "-u you -u me"] {
            assert_eq!(user(&argv(flags)).as_deref(), Some("me"), "{flags}");
        }
        assert_eq!(user(&argv("-i -e A=b -w -u")), None);
    }
}
