//! The documents of `inspect`, with the fields and in the order of the daemon.

mod container;
mod host_config;
mod image;
mod network;
mod settings;
mod volume;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

pub use container::{ContainerDocument, pid};
pub use image::{ImageDocument, digest, layer};
pub use network::{NetworkDocument, driver, members};
pub use settings::{bindings, typed_endpoints};
pub use volume::{VolumeDocument, mountpoint};

/// A document indented by four spaces, itself inside a list.
pub fn indented(document: &impl Serialize) -> String {
    let mut bytes = Vec::with_capacity(8192);
    let mut serializer = Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"    "));
    // Documents are plain data: there is nothing that cannot be written.
    let _ = document.serialize(&mut serializer);
    String::from_utf8(bytes).unwrap_or_default()
}

/// A document as a value.
pub fn value(document: &impl Serialize) -> Value {
    serde_json::to_value(document).unwrap_or_default()
}
