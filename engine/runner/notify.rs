//! Messages.
use super::local::Shared;
use crate::model::system::ChannelKind;
use crate::model::work::{Completion, End, Rendered, Work};
pub(super) async fn send(_s: &Shared, _w: &Work, _c: &[(ChannelKind, Rendered)], _t: &str) -> Completion {
    super::attempt::ended(End::TimedOut)
}
