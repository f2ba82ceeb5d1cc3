//! What the clients do to an Engine: make, start, stop and remove containers, pull images, give addresses.

mod begin;
mod create;
mod exec;
mod health;
mod network;
mod pull;
mod remove;
mod start;
mod stop;

pub use create::{Place, Wanted, image_files, with_mounts};
pub use exec::{Ended, Exec, hostname};
pub use health::{asked, check_of};
pub use network::{gateway, mac, width};
pub use pull::{Pulled, full_name, parts};
pub use remove::{is_anonymous, volumes};
pub use start::code_of;
pub use stop::crash;
