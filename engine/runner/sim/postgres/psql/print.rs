//! How `psql` prints rows and errors.

use super::super::sql::{Output, SqlError, Value};

/// How rows are printed.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    pub aligned: bool,
    pub tuples_only: bool,
    pub expanded: bool,
    pub csv: bool,
    /// Between columns, when they are not aligned.
    pub separator: String,
    /// Between rows, when they are not aligned.
    pub record: String,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            aligned: true,
            tuples_only: false,
            expanded: false,
            csv: false,
            separator: "|".to_owned(),
            record: "\n".to_owned(),
        }
    }
}

impl Format {
    /// None: this world does not know how it looks.
    pub fn rows(&self, output: &Output) -> Option<String> {
        if self.csv {
            return (!self.expanded).then(|| self.csv(output));
        }
        match (self.aligned, self.expanded) {
            (true, true) => None,
            (true, false) => Some(self.table(output)),
            (false, true) => Some(self.records(output)),
            (false, false) => Some(self.lines(output)),
        }
    }

    fn lines(&self, output: &Output) -> String {
        let mut lines = Vec::new();
        if !self.tuples_only {
            lines.push(output.columns.join(&self.separator));
        }
        for row in &output.rows {
            let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
            lines.push(cells.join(&self.separator));
        }
        if !self.tuples_only {
            lines.push(count(output.rows.len()));
        }
        if lines.is_empty() { String::new() } else { format!("{}\n", lines.join(&self.record)) }
    }

    fn records(&self, output: &Output) -> String {
        let record = |row: &Vec<Value>| {
            let lines =
                output.columns.iter().zip(row).map(|(column, value)| format!("{column}{}{value}", self.separator));
            lines.collect::<Vec<_>>().join("\n")
        };
        let records: Vec<String> = output.rows.iter().map(record).collect();
        if records.is_empty() { String::new() } else { format!("{}\n", records.join("\n\n")) }
    }

    fn csv(&self, output: &Output) -> String {
        let quoted = |text: &str| {
            if text.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        };
        let mut text = String::new();
        let header = Some(output.columns.clone()).filter(|_| !self.tuples_only);
        let rows = output.rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>());
        for cells in header.into_iter().chain(rows) {
            let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text
    }

    fn table(&self, output: &Output) -> String {
        let rows: Vec<Vec<String>> =
            output.rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        let width = |n: usize| {
            let cells = rows.iter().filter_map(|row| row.get(n)).map(|cell| cell.chars().count());
            cells.chain([output.columns[n].chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..output.columns.len()).map(width).collect();
        let right = |n: usize| output.rows.iter().any(|row| row.get(n).is_some_and(Value::is_number));
        let mut text = String::new();
        if !self.tuples_only {
            let heads = output.columns.iter().zip(&widths).map(|(column, width)| {
                let free = width - column.chars().count();
                format!(" {}{column}{} ", " ".repeat(free / 2), " ".repeat(free - free / 2))
            });
            text.push_str(&heads.collect::<Vec<_>>().join("|"));
            text.push('\n');
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
            text.push_str(&rules.join("+"));
            text.push('\n');
        }
        for row in &rows {
            let last = row.len().saturating_sub(1);
            let cells = row.iter().enumerate().map(|(n, cell)| {
                let free = " ".repeat(widths[n] - cell.chars().count());
                match (right(n), n == last) {
                    (true, true) => format!(" {free}{cell}"),
                    (true, false) => format!(" {free}{cell} "),
                    (false, true) => format!(" {cell}"),
                    (false, false) => format!(" {cell}{free} "),
                }
            });
            text.push_str(&cells.collect::<Vec<_>>().join("|"));
            text.push('\n');
        }
        if !self.tuples_only {
            text.push_str(&count(rows.len()));
            text.push('\n');
        }
        text.push('\n');
        text
    }
}

fn count(rows: usize) -> String {
    if rows == 1 { "(1 row)".to_owned() } else { format!("({rows} rows)") }
}

/// Columns of a line that are shown around an error.
const WIDTH: usize = 60;
/// Columns that are kept free on its right.
const RIGHT: usize = 10;

/// What `psql` says of an error in a text.
pub fn error(error: &SqlError, text: &str) -> String {
    let mut said = format!("ERROR:  {}", error.message);
    if let Some(at) = error.at.filter(|at| *at <= text.len()) {
        said.push_str(&line(text, at));
    }
    if let Some(detail) = &error.detail {
        said.extend(["\nDETAIL:  ", detail]);
    }
    if let Some(hint) = &error.hint {
        said.extend(["\nHINT:  ", hint]);
    }
    said
}

/// The line of the error, and a mark below its place.
fn line(text: &str, at: usize) -> String {
    let number = text[..at].matches('\n').count() + 1;
    let begin = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    let letters: Vec<char> = text[begin..end].chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
    let place = text[begin..at].chars().count();
    let (mut first, mut last) = (0, letters.len());
    let (mut cut_left, mut cut_right) = (false, false);
    if last > WIDTH {
        if WIDTH >= place + RIGHT {
            last = WIDTH;
            cut_right = true;
        } else {
            if place + RIGHT < last {
                last = place + RIGHT;
                cut_right = true;
            }
            if last - first > WIDTH {
                first = last - WIDTH;
                cut_left = true;
            }
        }
    }
    let head = format!("LINE {number}: {}", if cut_left { "..." } else { "" });
    let shown: String = letters[first..last].iter().collect();
    let mark = " ".repeat(head.chars().count() + place - first);
    format!("\n{head}{shown}{}\n{mark}^", if cut_right { "..." } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_show_their_place() {
        let missing = |at| SqlError::new("relation \"nope\" does not exist").at(at);
        // Recorded from psql 15.
        assert_eq!(
            error(&missing(14), "select 1\nfrom nope;"),
            "ERROR:  relation \"nope\" does not exist\nLINE 2: from nope;\n             ^"
        );
        let long = format!("select {}2  from nope where x = 1 and y = 2", "1, ".repeat(30));
        let at = long.find("nope").unwrap();
        let line = "LINE 1: ...1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2  from nope where...";
        let mark = format!("{}^", " ".repeat(61));
        assert_eq!(error(&missing(at), &long), format!("ERROR:  relation \"nope\" does not exist\n{line}\n{mark}"));
    }
}
