//! Redis servers in containers: what they load at their start, what they write, and the programs that talk to them.

mod check;
mod cli;
mod commands;
mod files;
mod info;
mod server;
#[cfg(test)]
mod tests;

use super::process::Program;
use super::world::Container;

pub use server::{rewritten, saved, start};

pub fn find(name: &str) -> Option<Program> {
    Some(match name {
        "redis-cli" => cli::redis_cli,
        "redis-check-rdb" => check::check_rdb,
        "redis-check-aof" => check::check_aof,
        _ => return None,
    })
}

/// True when the container's command is the server, not another program of the image.
pub fn serves(container: &Container) -> bool {
    match container.command.first().map(|word| word.rsplit('/').next().unwrap_or(word)) {
        None | Some("redis-server" | "docker-entrypoint.sh" | "start-redis") => true,
        Some("sh" | "bash") => container.command.iter().any(|word| word.contains("redis-server")),
        Some(word) => word.starts_with('-'),
    }
}
