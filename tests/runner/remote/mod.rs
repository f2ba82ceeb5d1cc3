//! Work on another machine, over a real `sshd`.

mod ending;
mod http;
mod inside;
mod program;
mod reattach;
pub mod sshd;
