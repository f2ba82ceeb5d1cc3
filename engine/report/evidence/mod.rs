//! Evidence: what was recorded of a run or a drill, bundled for whoever has to believe it, and checked offline. A chain shows where it
//! was broken; what it cannot show without a head that was kept elsewhere is said, too.

mod approvals;
mod chains;
mod directory;
mod files;
mod finding;
mod gather;
mod head;
mod judge;
mod manifest;
mod pack;
mod readme;
mod signatures;
pub mod text;
mod unpack;

pub use directory::{Directory, Found, Source};
pub use finding::{Finding, Place, Status};
pub use gather::{Gathered, Part};
pub use head::{Head, Kept};
pub use judge::{Given, judge};
pub use manifest::{Manifest, head};
pub use pack::{Made, pack};
pub use signatures::{BUNDLE, Checked, Signatures};
pub use unpack::{Opened, Refused, open};
