//! Work on another machine, over a real `sshd`.

mod ending;
mod program;
mod reattach;
mod sshd;
