//! The name of a time zone.

use chrono_tz::{TZ_VARIANTS, Tz};
use serde_json::{Value, json};

use crate::document::kind::{Kind, scalar};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::Node;
use crate::template::nearest::nearest;

/// A zone of the IANA data.
pub(super) struct Zone;
pub(super) const ZONE: Zone = Zone;

impl Kind for Zone {
    type Out = Tz;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Tz> {
        let (text, _) = scalar(lower, node, "a time zone")?;
        if let Ok(zone) = text.parse() {
            return Some(zone);
        }
        let city = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
        let near = nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name())).or_else(|| {
            // People write the city.
            let near = nearest(text, TZ_VARIANTS.iter().map(|zone| city(zone.name())))?;
            TZ_VARIANTS.iter().map(|zone| zone.name()).find(|name| city(name) == near)
        });
        let help = near.map_or_else(
            || "write a name of the IANA zones, like `Europe/Berlin`, `America/New_York` or `UTC`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        lower.error("document::zone", node.place, format!("there is no time zone `{}`", text.escape_debug()), help);
        None
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        json!({ "type": "string", "examples": ["Europe/Berlin", "America/New_York", "UTC"] })
    }
}
