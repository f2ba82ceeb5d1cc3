//! The text of `INFO`, lines ending as the server ends them.

use chrono::{DateTime, Utc};

use super::super::place::Place;
use super::super::world::{Store, World};

/// In the order of the server.
const SECTIONS: [&str; 7] = ["server", "clients", "memory", "persistence", "stats", "replication", "keyspace"];

pub fn text(world: &World, place: &Place, store: &Store, wanted: &[&str]) -> String {
    let wanted: Vec<String> = wanted.iter().map(|section| section.to_ascii_lowercase()).collect();
    let all = wanted.is_empty() || wanted.iter().any(|name| matches!(name.as_str(), "all" | "default" | "everything"));
    let sections = SECTIONS.iter().filter(|name| all || wanted.iter().any(|wanted| wanted == *name));
    let texts: Vec<String> = sections.map(|name| section(world, place, store, name)).collect();
    texts.join("\r\n")
}

fn section(world: &World, place: &Place, store: &Store, name: &str) -> String {
    let (title, lines) = match name {
        "server" => ("Server", server(world, store)),
        "clients" => ("Clients", lines(&[("connected_clients", "1".to_owned()), ("maxclients", "10000".to_owned())])),
        "memory" => ("Memory", memory(world, place, store)),
        "persistence" => ("Persistence", persistence(world, store)),
        "stats" => {
            ("Stats", lines(&[("total_connections_received", "1".to_owned()), ("total_error_replies", "0".to_owned())]))
        }
        "replication" => (
            "Replication",
            lines(&[
                ("role", "master".to_owned()),
                ("connected_slaves", "0".to_owned()),
                ("master_failover_state", "no-failover".to_owned()),
                ("master_repl_offset", "0".to_owned()),
            ]),
        ),
        _ => (
            "Keyspace",
            match store.keys {
                0 => String::new(),
                keys => format!("db0:keys={keys},expires=0,avg_ttl=0\r\n"),
            },
        ),
    };
    format!("# {title}\r\n{lines}")
}

fn lines(fields: &[(&str, String)]) -> String {
    let parts = fields.iter().flat_map(|(name, value)| [*name, ":", value, "\r\n"]);
    parts.collect()
}

fn server(world: &World, store: &Store) -> String {
    let up = (world.now() - store.started).num_seconds().max(0);
    lines(&[
        ("redis_version", "7.0.15".to_owned()),
        ("redis_mode", "standalone".to_owned()),
        ("arch_bits", "64".to_owned()),
        ("process_id", "1".to_owned()),
        ("tcp_port", "6379".to_owned()),
        ("uptime_in_seconds", up.to_string()),
        ("uptime_in_days", (up / 86_400).to_string()),
    ])
}

fn memory(world: &World, place: &Place, store: &Store) -> String {
    let used = 1_161_792 + store.keys * 120;
    let told = store.settings.iter().find(|(name, _)| name == "maxmemory").map(|(_, value)| value.clone());
    let command = || {
        let command = &world.container_in(place)?.command;
        let at = command.iter().position(|word| word == "--maxmemory")?;
        Some(super::commands::bytes(command.get(at + 1)?))
    };
    lines(&[
        ("used_memory", used.to_string()),
        ("used_memory_rss", (used + 6_190_528).to_string()),
        ("used_memory_peak", used.to_string()),
        ("total_system_memory", "8323633152".to_owned()),
        ("maxmemory", told.or_else(command).unwrap_or_else(|| "0".to_owned())),
        ("maxmemory_policy", "noeviction".to_owned()),
        ("mem_fragmentation_ratio", "1.50".to_owned()),
    ])
}

fn persistence(world: &World, store: &Store) -> String {
    let now = world.now();
    let running = |until: Option<DateTime<Utc>>| i32::from(until.is_some_and(|until| now < until));
    let number = |number: u64| number.to_string();
    let none = || "-1".to_owned();
    let flag = |flag: bool| i32::from(flag).to_string();
    lines(&[
        ("loading", number(0)),
        ("async_loading", number(0)),
        ("current_cow_peak", number(0)),
        ("current_cow_size", number(0)),
        ("current_cow_size_age", number(0)),
        ("current_fork_perc", "0.00".to_owned()),
        ("current_save_keys_processed", number(0)),
        ("current_save_keys_total", number(0)),
        ("rdb_changes_since_last_save", number(store.changes)),
        ("rdb_bgsave_in_progress", running(store.saving).to_string()),
        ("rdb_last_save_time", store.saved.timestamp().to_string()),
        ("rdb_last_bgsave_status", "ok".to_owned()),
        ("rdb_last_bgsave_time_sec", if store.saved > store.started { number(0) } else { none() }),
        ("rdb_current_bgsave_time_sec", if running(store.saving) == 1 { number(0) } else { none() }),
        ("rdb_saves", flag(store.saved > store.started)),
        ("rdb_last_cow_size", number(0)),
        ("rdb_last_load_keys_expired", number(0)),
        ("rdb_last_load_keys_loaded", number(store.loaded)),
        ("aof_enabled", flag(store.append_only)),
        ("aof_rewrite_in_progress", running(store.rewriting).to_string()),
        ("aof_rewrite_scheduled", number(0)),
        ("aof_last_rewrite_time_sec", none()),
        ("aof_current_rewrite_time_sec", if running(store.rewriting) == 1 { number(0) } else { none() }),
        ("aof_last_bgrewrite_status", "ok".to_owned()),
        ("aof_rewrites", number(0)),
        ("aof_rewrites_consecutive_failures", number(0)),
        ("aof_last_write_status", "ok".to_owned()),
        ("aof_last_cow_size", number(0)),
        ("module_fork_in_progress", number(0)),
        ("module_fork_last_cow_size", number(0)),
    ])
}
