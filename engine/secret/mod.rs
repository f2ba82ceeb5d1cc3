//! Layer 1: secrets and the masker that stands in front of every sink.

pub mod mask;
mod needles;
mod skip;
pub mod store;

pub use mask::{MaskStream, Masker};
pub use store::SecretStore;
