//! A day, as `2026-12-01`.

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::document::kind::{Kind, scalar};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::Node;

/// A day of this age.
pub(super) struct Day;
pub(super) const DAY: Day = Day;

/// The form of a day, for the schema.
const FORM: &str = "^(19[7-9][0-9]|20[0-9]{2})-[0-9]{2}-[0-9]{2}$";

impl Kind for Day {
    type Out = NaiveDate;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<NaiveDate> {
        let (text, _) = scalar(lower, node, "a day")?;
        let is_whole = text.len() == 10 && text.bytes().all(|c| c.is_ascii_digit() || c == b'-');
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| is_whole);
        let day = day.filter(|_| ("1970".."2100").contains(&text));
        if day.is_none() {
            let message = format!("`{}` is a day, not `{}`", lower.key, text.escape_debug());
            lower.error("document::wrong_type", node.place, message, "write it like `2026-12-01`");
        }
        day
    }

    fn schema(&self, _: &mut Schemas) -> Value {
        json!({ "type": "string", "format": "date", "pattern": FORM, "examples": ["2026-12-01"] })
    }
}
