//! Tells a transport's failure from a failure of the work itself: `docker exec` into a paused database exits 1 just like a failed
//! dump. Only what the client itself says counts.

use crate::model::work::Tool;

use super::docker::{self, Verb};

/// A transport that failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreachable {
    /// In the client's words.
    pub why: String,
    /// False when the work certainly never began.
    pub may_have_run: bool,
}

/// Nothing was asked.
const NEVER_CONNECTED: &[&str] = &[
    "Cannot connect to the Docker daemon",
    "permission denied while trying to connect to the Docker daemon",
    "failed to connect to the docker API",
    "permission denied while trying to connect to the docker API",
    "dial tcp",
    "dial unix",
    "connection refused",
    "no such host",
];

/// Judges a program that ended with an exit code. `stderr` may be a tail.
pub(super) fn classify(tool: Tool, argv: &[String], exit: i32, stderr: &str) -> Option<Unreachable> {
    if exit == 0 {
        return None;
    }
    match tool {
        Tool::Docker => docker(argv, exit, stderr),
        Tool::Gcloud => gcloud(argv, exit, stderr),
        Tool::Exec if exit == 255 && is_ssh(argv) => Some(ssh(stderr)),
        Tool::Exec | Tool::Shell => None,
    }
}

fn docker(argv: &[String], exit: i32, stderr: &str) -> Option<Unreachable> {
    for line in stderr.lines().map(str::trim) {
        let client = line.trim_start_matches("docker: ").trim_start_matches("ERROR: ");
        if NEVER_CONNECTED[..4].iter().any(|text| client.starts_with(text)) {
            return Some(Unreachable { why: line.to_owned(), may_have_run: false });
        }
        if client.starts_with("error during connect") {
            let lower = client.to_lowercase();
            let before = NEVER_CONNECTED[4..].iter().any(|text| lower.contains(text));
            return Some(Unreachable { why: line.to_owned(), may_have_run: !before });
        }
    }
    let site = docker::site(argv)?;
    let never = |why: &str| Some(Unreachable { why: why.trim().to_owned(), may_have_run: false });
    match site.verb {
        Verb::Exec if exit == 1 => stderr.lines().find(|line| refuses_exec(line.trim(), site.compose)).and_then(never),
        Verb::Run if exit == 125 => {
            stderr.lines().find(|line| line.contains("Error response from daemon")).and_then(never)
        }
        Verb::Exec | Verb::Run => None,
    }
}

fn refuses_exec(line: &str, compose: bool) -> bool {
    let daemon = line.strip_prefix("Error response from daemon: ").or_else(|| line.strip_prefix("Error: "));
    if daemon.is_some_and(|text| {
        let text = text.trim_end_matches('.');
        text.starts_with("No such container")
            || (text.starts_with("Container ") || text.starts_with("container "))
                && (text.ends_with("is not running")
                    || text.contains("is paused")
                    || text.contains("is restarting")
                    || text.contains("is not running"))
            || text.starts_with("cannot exec in a stopped")
            || text.starts_with("cannot exec in a paused")
    }) {
        return true;
    }
    compose
        && (line.starts_with("service \"") && line.contains("is not running")
            || line.starts_with("no container found for"))
}

fn gcloud(argv: &[String], exit: i32, stderr: &str) -> Option<Unreachable> {
    // Long messages wrap.
    let text = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    if exit == 255 && argv.windows(2).any(|pair| pair[0] == "compute" && matches!(pair[1].as_str(), "ssh" | "scp")) {
        return Some(ssh(stderr));
    }
    let at = text.find("gcloud crashed (ConnectionError)").or_else(|| text.find("gcloud crashed (TransportError)"))?;
    let why: String = text[at..].chars().take(300).collect();
    let never = [
        "Failed to establish a new connection",
        "Connection refused",
        "Name or service not known",
        "NameResolutionError",
    ];
    let may_have_run = !never.iter().any(|cause| text.contains(cause));
    Some(Unreachable { why, may_have_run })
}

fn is_ssh(argv: &[String]) -> bool {
    argv.first().and_then(|name| name.rsplit('/').next()).is_some_and(|name| matches!(name, "ssh" | "scp" | "sftp"))
}

pub(super) fn ssh(stderr: &str) -> Unreachable {
    let never = [
        "ssh: connect to host",
        "ssh: Could not resolve hostname",
        "Permission denied (",
        "Host key verification failed",
        "kex_exchange_identification",
        "Connection timed out during banner exchange",
        "Too many authentication failures",
        "Bad configuration option",
    ];
    let line =
        |wanted: &dyn Fn(&str) -> bool| stderr.lines().map(str::trim).rfind(|line| wanted(line)).map(str::to_owned);
    if let Some(why) = line(&|line| never.iter().any(|text| line.contains(text))) {
        return Unreachable { why, may_have_run: false };
    }
    let why = line(&|line| !line.is_empty()).unwrap_or_else(|| "ssh ended with 255 and no message".to_owned());
    Unreachable { why, may_have_run: true }
}

#[cfg(test)]
#[path = "transport_tests.rs"]
mod tests;
