//! Lists of things as tables, JSON lines or by a template: `--format`, `--quiet`, `--no-trunc`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::client::Client;
use super::fault::{Done, Fault, unsimulated};
use super::table::table;
use super::template::{Bad, Subject, Template};

/// How a command lists.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// The Go type that its errors name.
    pub of_type: &'static str,
    /// What stands before Go's words about a template that cannot be read, and one that stumbles.
    pub wrong: (&'static str, &'static str),
    /// Fields of the usual table.
    pub columns: &'static [&'static str],
    /// Fields and their headings, all of them.
    pub headings: &'static [(&'static str, &'static str)],
    /// What `--quiet` prints.
    pub quiet: &'static str,
}

/// One line.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// In the order of JSON, which is that of the alphabet.
    pub fields: Value,
    /// For `.Label`.
    pub labels: BTreeMap<String, String>,
}

impl Line {
    pub fn new(fields: Value, labels: BTreeMap<String, String>) -> Self {
        Self { fields, labels }
    }

    fn text(&self, field: &str) -> String {
        match self.fields.get(field) {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        }
    }
}

/// As Go writes JSON: `<`, `>` and `&` by their numbers.
pub fn escaped(value: &impl serde::Serialize) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

impl Listing {
    fn heading(&self, field: &str) -> Option<&'static str> {
        self.headings.iter().find(|(known, _)| *known == field).map(|(_, heading)| *heading)
    }

    /// Prints lines as they are asked for.
    ///
    /// # Errors
    /// The template is wrong, or not simulated.
    pub fn print(&self, client: &mut Client<'_, '_>, format: Option<&str>, quiet: bool, lines: &[Line]) -> Done<i32> {
        let format = format.unwrap_or_default();
        let text = match format {
            "" | "table" if quiet => lines.iter().map(|line| line.text(self.quiet) + "\n").collect(),
            "" | "table" => {
                let heading = |field: &&str| self.heading(field).unwrap_or_default().to_owned();
                let mut rows = vec![self.columns.iter().map(heading).collect::<Vec<_>>()];
                rows.extend(lines.iter().map(|line| self.columns.iter().map(|field| line.text(field)).collect()));
                table(&rows, 10, 3)
            }
            "json" => lines.iter().map(|line| escaped(&line.fields) + "\n").collect(),
            _ => self.by_template(format, lines)?,
        };
        client.process.stdout.push(&text);
        Ok(0)
    }

    fn by_template(&self, format: &str, lines: &[Line]) -> Done<String> {
        let format = format.replace("\\t", "\t").replace("\\n", "\n");
        let (is_table, body) = match format.strip_prefix("table") {
            Some(body) => (true, body.trim_start()),
            None => (false, format.as_str()),
        };
        let fault = |bad: Bad| match bad {
            Bad::Syntax(why) => Fault::said(1, format!("{}{why}", self.wrong.0)),
            Bad::Failed(_, why) => Fault::said(1, format!("{}{why}", self.wrong.1)),
            Bad::Unsimulated(what) => what.into(),
        };
        let template = Template::parse(body, "").map_err(fault)?;
        // A wrong field is found even when there is nothing to list.
        let headings: Map<String, Value> =
            self.headings.iter().map(|(field, heading)| ((*field).to_owned(), (*heading).into())).collect();
        let headings = Value::Object(headings);
        let none = BTreeMap::new();
        let of_type = Some(self.of_type);
        let heading = template.execute(Subject { value: &headings, of_type, labels: Some(&none) });
        let mut rows = Vec::with_capacity(lines.len() + 1);
        match heading {
            Ok(heading) if is_table => rows.push(heading),
            Err(bad @ Bad::Failed(..)) if lines.is_empty() || body.contains("{{.") => return Err(fault(bad)),
            Err(_) if is_table => return unsimulated(format!("`--format '{format}'`")),
            Ok(_) | Err(_) => {}
        }
        for line in lines {
            let subject = Subject { value: &line.fields, of_type, labels: Some(&line.labels) };
            rows.push(template.execute(subject).map_err(fault)?);
        }
        if is_table {
            let rows: Vec<Vec<String>> = rows.iter().map(|row| row.split('\t').map(str::to_owned).collect()).collect();
            return Ok(table(&rows, 10, 3));
        }
        Ok(rows.into_iter().map(|row| row + "\n").collect())
    }
}
