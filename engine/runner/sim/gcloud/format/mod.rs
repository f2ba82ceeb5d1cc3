//! `--format`: how resources are shown.

mod flat;
mod json;
mod projection;
mod table;
mod yaml;

use std::rc::Rc;

use serde_json::Value;

use super::expression::Bad;
use super::expression::kept::Kept;
use super::expression::key::Key;
use super::expression::lexer::Lexer;
use projection::{Column, Projection};

pub use yaml::to_yaml;

thread_local! {
    static READ: Kept<Format> = const { Kept::new() };
}

/// The forms that the client has.
const FORMS: &str =
    "config, csv, default, diff, disable, flattened, get, json, list, multi, none, object, table, text, value, yaml";

/// A form that was understood.
#[derive(Debug)]
pub struct Format {
    form: Form,
    /// `[no-heading,separator=;]`.
    attributes: Vec<(String, String)>,
    projection: Projection,
    /// Columns of the command's own table, whatever is shown.
    own: Vec<Column>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Yaml,
    Table,
    Csv,
    Value,
    Get,
    None,
}

impl Format {
    /// Reads the command's own form and the one that was asked for, which prevails.
    ///
    /// # Errors
    /// It is none, or this world does not know it.
    pub fn parse(own: &str, asked: Option<&str>) -> Result<Rc<Self>, Bad> {
        let asked = asked.filter(|asked| !asked.is_empty());
        let text = asked.map_or_else(|| own.to_owned(), |asked| format!("{own} {asked}"));
        READ.with(|kept| kept.get(&text, || Self::read(&text, asked.map_or(own.trim(), str::trim))))
    }

    /// `last` is the form at the end of the text.
    fn read(text: &str, last: &str) -> Result<Self, Bad> {
        let mut lexer = Lexer::new(text);
        let mut format =
            Self { form: Form::Yaml, attributes: Vec::new(), projection: Projection::default(), own: Vec::new() };
        while lexer.skip_space() {
            let here = lexer.position();
            if lexer.eat("(").is_some() {
                format.projection.parse(&mut lexer, &format.own)?;
                continue;
            }
            if lexer.eat("[").is_some() {
                attributes(&mut lexer, &mut format.attributes)?;
                continue;
            }
            let name = lexer.token(" \t\n([", false, false)?.unwrap_or_default();
            if name.is_empty() {
                return Err(lexer.error("Format expected", here));
            }
            if here > 0 && format.own.is_empty() {
                format.own = std::mem::take(&mut format.projection.columns);
            }
            format.projection.columns = Vec::new();
            format.attributes = Vec::new();
            format.form = form(&name)?;
        }
        if matches!(format.form, Form::Table | Form::Csv | Form::Value | Form::Get)
            && format.projection.columns.is_empty()
        {
            let name = last.split(['[', '(']).next().unwrap_or_default();
            return Err(Bad::Said(format!(
                "Format [{name}] requires a non-empty projection. Use key parameters to specify a projection like so `{name}(foo, bar.baz)`"
            )));
        }
        Ok(format)
    }

    /// Names of the command's own columns, which stand for their keys.
    pub fn aliases(&self) -> Vec<(String, Key)> {
        let columns = if self.own.is_empty() { &self.projection.columns } else { &self.own };
        columns.iter().map(|column| (column.label.clone(), column.key.clone())).collect()
    }

    /// Several resources.
    pub fn list(&self, resources: &[Value]) -> String {
        match self.form {
            Form::Json => json::list(resources.iter().map(|resource| self.projection.of(resource))),
            Form::Yaml => {
                let documents: Vec<String> =
                    resources.iter().map(|resource| to_yaml(&self.projection.of(resource))).collect();
                documents.iter().flat_map(|document| ["---\n", document]).collect()
            }
            _ => self.rows(resources),
        }
    }

    /// One resource.
    pub fn one(&self, resource: &Value) -> String {
        match self.form {
            Form::Json => json::one(&self.projection.of(resource)),
            Form::Yaml => to_yaml(&self.projection.of(resource)),
            _ => self.rows(std::slice::from_ref(resource)),
        }
    }

    fn rows(&self, resources: &[Value]) -> String {
        let with_defaults = self.form != Form::Get;
        let rows: Vec<Vec<Value>> =
            resources.iter().map(|resource| self.projection.row(resource, with_defaults)).collect();
        match self.form {
            Form::Table => table::show(&self.projection.columns, rows, self.attribute("no-heading").is_none()),
            Form::Csv => flat::csv(&self.projection.columns, &rows, &self.flat()),
            Form::Value | Form::Get => flat::value(&rows, &self.flat()),
            Form::Json | Form::Yaml | Form::None => String::new(),
        }
    }

    fn flat(&self) -> flat::Look<'_> {
        let is_csv = self.form == Form::Csv;
        flat::Look {
            separator: self.attribute("separator").unwrap_or(if is_csv { "," } else { "\t" }),
            delimiter: self.attribute("delimiter").unwrap_or(";"),
            terminator: self.attribute("terminator").unwrap_or("\n"),
            quotes: if is_csv { self.attribute("no-quote").is_none() } else { self.attribute("quote").is_some() },
            heading: self.attribute("no-heading").is_none(),
        }
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn form(name: &str) -> Result<Form, Bad> {
    Ok(match name {
        "json" => Form::Json,
        "yaml" | "default" => Form::Yaml,
        "table" => Form::Table,
        "csv" => Form::Csv,
        "value" => Form::Value,
        "get" => Form::Get,
        "none" | "disable" => Form::None,
        "config" | "diff" | "flattened" | "list" | "multi" | "object" | "text" => {
            return Err(Bad::unsimulated(format!("`--format={name}`")));
        }
        _ => {
            return Err(Bad::Said(format!(
                "Format must be one of {FORMS}; received [{name}].\n\nFor information on output formats:\n  $ gcloud topic formats\n"
            )));
        }
    })
}

/// `[name,name=value]`, from behind the bracket on.
fn attributes(lexer: &mut Lexer<'_>, into: &mut Vec<(String, String)>) -> Result<(), Bad> {
    const KNOWN: [&str; 6] = ["no-heading", "separator", "delimiter", "terminator", "quote", "no-quote"];
    loop {
        let name = lexer.token("=,])", false, false)?.unwrap_or_default();
        let value = if lexer.eat("=").is_some() {
            lexer.token(",])", false, false)?.unwrap_or_default()
        } else {
            String::new()
        };
        if !KNOWN.contains(&name.as_str()) && !name.is_empty() {
            return Err(Bad::unsimulated(format!("attribute `{name}` in `--format`")));
        }
        into.push((name, value.replace("\\n", "\n").replace("\\t", "\t")));
        if lexer.need("]")?.is_some() {
            return Ok(());
        }
        if lexer.eat(",").is_none() {
            return Err(lexer.error("Expected ] in attribute list", lexer.position()));
        }
    }
}
