//! The verbs of the client, each with its flags and what it prints.

mod about;
mod archive;
mod change;
mod control;
mod copy;
mod disk;
mod events;
mod exec;
mod filter;
mod images;
mod inspect;
mod logs;
mod look;
mod mounts;
mod network;
mod prune;
mod ps;
mod publish;
mod registry;
mod run;
mod tags;
mod volume;

use super::Verb;

pub use exec::How;
pub use images::named;
pub use logs::lines;
pub use look::processes;
pub use mounts::volume;
pub use ps::{Ports, cut, displayed_ports, ports_text, table_line};
pub use publish::port;
pub use run::environment;
pub use volume::volume_name;

/// The verb of a command.
pub fn find(name: &str) -> Option<Verb> {
    let short = name.strip_prefix("container ").or_else(|| name.strip_prefix("system ")).unwrap_or(name);
    Some(match short {
        "version" => about::version,
        "info" => about::info,
        "ps" | "ls" => ps::ps,
        "inspect" if name == "inspect" => inspect::anything,
        "inspect" => inspect::container,
        "image inspect" => inspect::image,
        "volume inspect" => inspect::volume,
        "network inspect" => inspect::network,
        "images" | "image ls" => images::images,
        "history" | "image history" => images::history,
        "tag" | "image tag" => tags::tag,
        "rmi" | "image rm" => tags::remove,
        "pull" | "image pull" => registry::pull,
        "push" | "image push" => registry::push,
        "save" | "image save" => archive::save,
        "load" | "image load" => archive::load,
        "import" | "image import" => archive::import,
        "run" => run::run,
        "create" => run::create,
        "start" => control::start,
        "stop" => control::stop,
        "restart" => control::restart,
        "kill" => control::kill,
        "pause" => control::pause,
        "unpause" => control::unpause,
        "wait" => control::wait,
        "rm" => control::remove,
        "rename" => change::rename,
        "update" => change::update,
        "exec" => exec::exec,
        "logs" => logs::logs,
        "top" => look::top,
        "stats" => look::stats,
        "port" => look::port,
        "diff" => look::diff,
        "cp" => copy::copy,
        "events" => events::events,
        "df" => disk::df,
        "prune" if name == "container prune" => prune::containers,
        "prune" => prune::system,
        "image prune" => prune::images,
        "volume prune" => prune::volumes,
        "network prune" => prune::networks,
        "volume create" => self::volume::create,
        "volume ls" => volume::ls,
        "volume rm" => volume::remove,
        "network create" => network::create,
        "network ls" => network::ls,
        "network rm" => network::remove,
        "network connect" => network::connect,
        "network disconnect" => network::disconnect,
        _ => return None,
    })
}
