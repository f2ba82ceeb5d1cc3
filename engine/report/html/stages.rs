//! The stages of a drill, and what was done to break it.

use std::fmt::Write as _;

use super::line;
use super::tracks::{Row, Window, tracks};
use crate::report::account::Account;
use crate::report::phrase;

/// None: it is not a drill.
pub fn markup(account: &Account) -> Option<String> {
    let drill = account.drill.as_ref()?;
    let rows: Vec<Row> = drill
        .stages
        .iter()
        .map(|stage| {
            let (tone, sign, word) = match (&stage.why, stage.took_ms) {
                (Some(_), _) => ("bad", "✗", "failed"),
                (None, Some(_)) => ("good", "✓", "done"),
                (None, None) => ("warn", "!", "no end"),
            };
            let why = stage
                .why
                .as_ref()
                .map_or_else(String::new, |why| format!("<small class=\"bad\">{}</small>", line(why)));
            let end = stage.took_ms.map_or(account.elapsed_ms, |took| stage.from_ms.saturating_add(took));
            Row {
                who: format!("{} {}{why}", stage.stage.number(), line(stage.title)),
                what: format!(
                    "<span class=\"{tone}\">{sign} {word}</span> {}",
                    stage.took_ms.map_or_else(String::new, phrase::ms)
                ),
                bars: vec![(if stage.why.is_some() { "ended-badly" } else { "working" }, stage.from_ms, end)],
                ..Row::default()
            }
        })
        .collect();
    let last = rows.iter().flat_map(|row| &row.bars).map(|(_, _, to)| *to).max().unwrap_or(0);
    let window = Window::new(0, last.max(account.elapsed_ms), 0);
    let mut out = tracks("Stages of the drill", ["stage", "end", "time since the drill began"], window, &[], &rows);
    if !drill.deeds.is_empty() {
        out.push_str("<p>To break it:</p><ul>");
        for deed in &drill.deeds {
            let _ = write!(out, "<li><code>{}</code></li>", line(deed));
        }
        out.push_str("</ul>");
    }
    if !drill.injected {
        out.push_str("<p class=\"bad\">The fault was never injected.</p>");
    }
    if let Some(why) = &drill.undo_failed {
        let _ = write!(out, "<p class=\"bad\">The fault could not be taken back: {}</p>", line(why));
    }
    Some(out)
}
