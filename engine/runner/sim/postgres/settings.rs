//! Settings of a server: what was told, else what the server has when nothing is told.

use super::session::Session;
use super::sql::{Fail, SqlError};
use super::wal;

/// What a setting is when nobody says anything.
const DEFAULTS: [(&str, &str); 38] = [
    ("archive_command", "(disabled)"),
    ("archive_mode", "off"),
    ("archive_timeout", "0"),
    ("checkpoint_timeout", "5min"),
    ("client_encoding", "UTF8"),
    ("data_checksums", "off"),
    ("data_directory", "/var/lib/postgresql/data"),
    ("default_transaction_read_only", "off"),
    ("effective_cache_size", "4GB"),
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("hot_standby", "on"),
    ("lc_messages", "C.UTF-8"),
    ("listen_addresses", "*"),
    ("lock_timeout", "0"),
    ("log_min_messages", "warning"),
    ("maintenance_work_mem", "64MB"),
    ("max_connections", "100"),
    ("max_wal_senders", "10"),
    ("max_wal_size", "1GB"),
    ("port", "5432"),
    ("primary_conninfo", ""),
    ("recovery_target_action", "pause"),
    ("recovery_target_time", ""),
    ("recovery_target_timeline", "latest"),
    ("restore_command", ""),
    ("search_path", "\"$user\", public"),
    ("server_version", "15.18 (Debian 15.18-0+deb12u1)"),
    ("server_version_num", "150018"),
    ("shared_buffers", "128MB"),
    ("statement_timeout", "0"),
    ("synchronous_commit", "on"),
    ("synchronous_standby_names", ""),
    ("timezone", "Etc/UTC"),
    ("transaction_isolation", "read committed"),
    ("wal_keep_size", "0"),
    ("wal_level", "replica"),
    ("work_mem", "4MB"),
];

/// Settings that a server has and this world does not follow: they can be set, and are kept.
const OTHERS: [&str; 24] = [
    "application_name",
    "autovacuum",
    "checkpoint_completion_target",
    "client_min_messages",
    "deadlock_timeout",
    "hot_standby_feedback",
    "idle_in_transaction_session_timeout",
    "log_destination",
    "log_statement",
    "logging_collector",
    "max_parallel_workers",
    "max_replication_slots",
    "max_slot_wal_keep_size",
    "max_worker_processes",
    "min_wal_size",
    "primary_slot_name",
    "promote_trigger_file",
    "random_page_cost",
    "recovery_min_apply_delay",
    "recovery_target",
    "recovery_target_inclusive",
    "recovery_target_name",
    "row_security",
    "wal_compression",
];

/// The value of a setting; none: the server has none of that name.
pub fn of(session: &Session<'_>, name: &str) -> Result<Option<String>, Fail> {
    let name = name.to_ascii_lowercase();
    if name == "transaction_read_only" {
        let told = session.setting("default_transaction_read_only").is_some_and(|value| value == "on");
        return Ok(Some(if session.in_recovery() || told { "on" } else { "off" }.to_owned()));
    }
    if name == "in_hot_standby" {
        return Ok(Some(if session.in_recovery() { "on" } else { "off" }.to_owned()));
    }
    if let Some(told) = session.setting(&name) {
        return Ok(Some(told));
    }
    if name == "archive_mode" && wal::is_archived(session.world, &session.backend) {
        return Ok(Some("on".to_owned()));
    }
    if let Some((_, value)) = DEFAULTS.iter().find(|(known, _)| *known == name) {
        return Ok(Some((*value).to_owned()));
    }
    if OTHERS.contains(&name.as_str()) || name.contains('.') {
        return Err(Fail::unknown(&format!("show {name}")));
    }
    Ok(None)
}

/// True when the server has a setting of this name.
pub fn exists(name: &str) -> bool {
    DEFAULTS.iter().any(|(known, _)| *known == name) || OTHERS.contains(&name) || name.contains('.')
}

/// What the server says of a setting that it does not have.
pub fn unrecognized(name: &str) -> SqlError {
    SqlError::new(format!("unrecognized configuration parameter \"{name}\""))
}

/// A restart is needed before it counts.
pub fn needs_restart(name: &str) -> bool {
    matches!(
        name,
        "archive_mode"
            | "hot_standby"
            | "listen_addresses"
            | "max_connections"
            | "max_wal_senders"
            | "port"
            | "shared_buffers"
            | "wal_level"
            | "data_directory"
            | "max_worker_processes"
            | "max_replication_slots"
    )
}

/// All that are told, and those that have a default.
pub fn all(session: &Session<'_>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for (name, value) in DEFAULTS {
        all.push((name.to_owned(), session.setting(name).unwrap_or_else(|| value.to_owned())));
    }
    for (name, value) in &session.cluster().settings {
        if !DEFAULTS.iter().any(|(known, _)| known == name) {
            all.push((name.clone(), value.clone()));
        }
    }
    all
}
