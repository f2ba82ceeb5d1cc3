//! PostgreSQL: servers in containers and behind host names, what they hold, and the programs that talk to them.

mod admin;
mod backup;
mod connect;
mod ctl;
mod dump;
mod files;
mod flags;
mod isready;
mod psql;
mod recovery;
mod restore;
mod server;
mod session;
mod settings;
mod sql;
mod start;
#[cfg(test)]
mod tests;
mod wal;

use super::process::Program;
use super::world::Container;

pub use recovery::recovered;
pub use start::start;

pub fn find(name: &str) -> Option<Program> {
    Some(match name {
        "psql" => psql::psql,
        "pg_isready" => isready::pg_isready,
        "pg_dump" => dump::pg_dump,
        "pg_dumpall" => dump::pg_dumpall,
        "pg_restore" => restore::pg_restore,
        "createdb" => admin::createdb,
        "dropdb" => admin::dropdb,
        "pg_basebackup" => backup::pg_basebackup,
        "pg_verifybackup" => backup::pg_verifybackup,
        "pg_ctl" => ctl::pg_ctl,
        "pg_controldata" => ctl::pg_controldata,
        _ => return None,
    })
}

/// True when the container's command is the server, not another program of the image.
pub fn serves(container: &Container) -> bool {
    match container.command.first().map(|word| word.rsplit('/').next().unwrap_or(word)) {
        None | Some("postgres" | "docker-entrypoint.sh" | "start-postgres") => true,
        Some(word) => word.starts_with('-'),
    }
}
