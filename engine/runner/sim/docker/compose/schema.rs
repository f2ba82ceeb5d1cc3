//! What a Compose file may say: keys, and the types of some of them. Everything that is not understood here is told apart from what
//! is wrong.

use serde_json::Value;

/// Keys of the whole file.
const ROOT: [&str; 8] = ["version", "name", "include", "services", "networks", "volumes", "secrets", "configs"];

/// Keys of a service that are understood.
const UNDERSTOOD: [&str; 37] = [
    "build",
    "command",
    "container_name",
    "cpus",
    "depends_on",
    "deploy",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "labels",
    "mem_limit",
    "network_mode",
    "networks",
    "platform",
    "ports",
    "privileged",
    "profiles",
    "pull_policy",
    "read_only",
    "restart",
    "scale",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "tmpfs",
    "tty",
    "user",
    "volumes",
    "working_dir",
    "logging",
    "extra_hosts",
    "shm_size",
];
/// Keys of a service that change nothing that can be seen here.
const QUIET: [&str; 29] = [
    "annotations",
    "attach",
    "blkio_config",
    "cap_add",
    "cap_drop",
    "cgroup",
    "cgroup_parent",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_shares",
    "cpuset",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "group_add",
    "ipc",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "oom_kill_disable",
    "oom_score_adj",
    "pids_limit",
    "security_opt",
    "storage_opt",
    "sysctls",
    "ulimits",
];
/// Keys of a service that are understood and not shown.
const HIDDEN: [&str; 5] = ["build", "deploy", "env_file", "extra_hosts", "logging"];
/// Keys of a service that change more than is understood.
const OTHERS: [&str; 19] = [
    "configs",
    "credential_spec",
    "develop",
    "device_cgroup_rules",
    "devices",
    "extends",
    "external_links",
    "gpus",
    "isolation",
    "links",
    "mac_address",
    "pid",
    "runtime",
    "secrets",
    "userns_mode",
    "uts",
    "volumes_from",
    "volume_driver",
    "post_start",
];

/// Something about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is wrong.
    Wrong(String),
    /// It is not simulated.
    Unknown(String),
}

/// Looks at a file as it stands, before its variables have values.
///
/// # Errors
/// What is wrong, in Compose's words, or what is not simulated.
pub fn check(document: &Value) -> Result<(), Said> {
    let Value::Object(root) = document else {
        return Err(Said::Wrong("Top-level object must be a mapping".to_owned()));
    };
    for key in root.keys().filter(|key| !key.starts_with("x-")) {
        match key.as_str() {
            "include" => return Err(Said::Unknown("`include` in a Compose file".to_owned())),
            key if ROOT.contains(&key) => {}
            key => return Err(Said::Wrong(format!("(root) Additional property {key} is not allowed"))),
        }
    }
    let Some(services) = root.get("services") else { return Ok(()) };
    let Value::Object(services) = services else { return Err(Said::Wrong("services must be a mapping".to_owned())) };
    for (name, service) in services {
        let place = format!("services.{name}");
        let Value::Object(service) = service else { return Err(Said::Wrong(format!("{place} must be a mapping"))) };
        for (key, value) in service.iter().filter(|(key, _)| !key.starts_with("x-")) {
            known(&place, key)?;
            typed(&place, key, value)?;
        }
    }
    Ok(())
}

fn known(place: &str, key: &str) -> Result<(), Said> {
    if UNDERSTOOD.contains(&key) || QUIET.contains(&key) {
        return Ok(());
    }
    if OTHERS.contains(&key) {
        return Err(Said::Unknown(format!("`{key}` in a Compose file")));
    }
    Err(Said::Wrong(format!("{place} Additional property {key} is not allowed")))
}

fn typed(place: &str, key: &str, value: &Value) -> Result<(), Said> {
    let wrong = |what: &str| Err(Said::Wrong(format!("{place}.{key} must be {what}")));
    match key {
        "image" | "container_name" | "restart" | "hostname" | "working_dir" | "user" | "network_mode"
        | "stop_signal"
            if !value.is_string() =>
        {
            wrong("a string")
        }
        "command" | "entrypoint" if !(value.is_string() || value.is_array() || value.is_null()) => wrong("a null"),
        "volumes" | "ports" | "profiles" | "expose" if !value.is_array() => wrong("a list"),
        "environment" | "labels" | "depends_on" if !(value.is_array() || value.is_object() || value.is_null()) => {
            wrong("a mapping")
        }
        "healthcheck" | "deploy" if !value.is_object() => wrong("a mapping"),
        _ => Ok(()),
    }
}

/// Something that is said of a service and not shown by `config` here.
pub fn unshown(service: &Value) -> Option<String> {
    let hidden = |key: &&String| QUIET.contains(&key.as_str()) || HIDDEN.contains(&key.as_str());
    service.as_object()?.keys().find(hidden).cloned()
}
