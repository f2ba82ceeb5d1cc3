//! `--json`: one record a line as it stands in the journal, then one object with the summary (`"kind": "summary"`).

use serde::Serialize;

use super::sink::Sink;
use super::summary::Summary;
use crate::model::entry::{Entry, Record};
use crate::model::port::Observer;

/// Writes records as JSON Lines.
pub struct JsonLines {
    sink: Sink,
    summary: Summary,
}

/// The last line.
#[derive(Serialize)]
struct Last<'a> {
    kind: &'static str,
    #[serde(flatten)]
    summary: &'a Summary,
}

impl JsonLines {
    /// To this sink.
    #[must_use]
    pub fn new(sink: Sink) -> Self {
        Self { sink, summary: Summary::default() }
    }
}

impl Observer for JsonLines {
    /// In the summary, not written again.
    fn replay(&mut self, records: &[Record]) {
        for record in records {
            self.summary.add(record);
        }
    }

    fn record(&mut self, record: &Record) {
        self.summary.add(record);
        self.sink.line(line(record));
        if matches!(record.entry, Entry::RunFinished { .. }) {
            self.sink.line(summary_line(&self.summary));
        }
    }
}

/// The summary as the last line has it.
#[must_use]
pub fn summary_line(summary: &Summary) -> String {
    line(&Last { kind: "summary", summary })
}

/// One line of JSON. What cannot be written as JSON becomes an object that says so: a report never fails a run.
pub fn line<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value)
        .unwrap_or_else(|error| serde_json::json!({ "kind": "unprintable", "error": error.to_string() }).to_string())
}
