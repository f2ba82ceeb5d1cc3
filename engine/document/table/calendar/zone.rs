//! The name of a time zone.

use serde_json::{Value, json};

use crate::document::kind::{Kind, scalar};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::Node;
use crate::model::calendar::Zone;
use crate::template::nearest::nearest;

/// A zone of the IANA data.
pub(super) struct ZoneKind;
pub(super) const ZONE: ZoneKind = ZoneKind;

impl Kind for ZoneKind {
    type Out = Zone;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Zone> {
        let (text, _) = scalar(lower, node, "a time zone")?;
        if let Some(zone) = Zone::named(text) {
            return Some(zone);
        }
        let names = Zone::names();
        let names = || names.iter().map(String::as_str);
        let city = |name: &'_ str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let near = nearest(text, names()).map(str::to_owned).or_else(|| {
            // People write the city.
            let cities: Vec<String> = names().map(city).collect();
            let near = nearest(text, cities.iter().map(String::as_str))?;
            names().find(|name| city(name) == near).map(str::to_owned)
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
