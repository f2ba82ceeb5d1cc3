//! Tables for a terminal: as columns where they fit, else each row as a few lines of its own. Nothing is cut.

use console::measure_text_width;

use crate::report::table::wrap;

/// Between two columns.
const GAP: usize = 2;

/// A column's heading; to the right for numbers.
#[derive(Clone, Copy, Debug)]
pub struct Head<'h> {
    /// Its words.
    pub name: &'h str,
    /// Numbers stand at the right.
    pub is_number: bool,
}

/// A column of words.
pub const fn words(name: &str) -> Head<'_> {
    Head { name, is_number: false }
}

/// A column of numbers.
pub const fn number(name: &str) -> Head<'_> {
    Head { name, is_number: true }
}

/// The lines of a table. `name`: how many cells at the beginning say what a row is.
#[must_use]
pub fn lines(head: &[Head<'_>], rows: &[Vec<String>], name: usize, width: usize) -> Vec<String> {
    let widths: Vec<usize> = head
        .iter()
        .enumerate()
        .map(|(at, head)| {
            let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| measure_text_width(cell));
            cells.chain([measure_text_width(head.name)]).max().unwrap_or(0)
        })
        .collect();
    if widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1) <= width {
        let titles: Vec<String> = head.iter().map(|head| head.name.to_owned()).collect();
        return std::iter::once(&titles).chain(rows).map(|row| columns(head, row, &widths)).collect();
    }
    rows.iter().flat_map(|row| block(head, row, name, width)).collect()
}

fn columns(head: &[Head<'_>], row: &[String], widths: &[usize]) -> String {
    let cell = |((cell, head), width): ((&String, &Head<'_>), &usize)| {
        let pad = " ".repeat(width.saturating_sub(measure_text_width(cell)));
        if head.is_number { format!("{pad}{cell}") } else { format!("{cell}{pad}") }
    };
    let cells: Vec<String> = row.iter().zip(head).zip(widths).map(cell).collect();
    cells.join(&" ".repeat(GAP)).trim_end().to_owned()
}

fn block(head: &[Head<'_>], row: &[String], name: usize, width: usize) -> Vec<String> {
    let (names, cells) = row.split_at(name.min(row.len()));
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
    let mut lines = wrap(&names.join(" · "), width);
    let mut below = String::new();
    let cells = cells.iter().zip(&head[name.min(head.len())..]).filter(|(cell, _)| !cell.is_empty());
    for cell in cells.map(|(cell, head)| format!("{} {cell}", head.name).trim_start().to_owned()) {
        let fits = measure_text_width(&below) + 2 * GAP + measure_text_width(&cell) <= width;
        if !below.is_empty() && !fits {
            lines.push(std::mem::take(&mut below));
        }
        below.push_str(&" ".repeat(GAP));
        if measure_text_width(&below) + measure_text_width(&cell) <= width {
            below.push_str(&cell);
        } else {
            // Longer than a line by itself.
            lines.extend(wrap(&cell, width.saturating_sub(GAP)).into_iter().map(|line| format!("  {line}")));
            below.clear();
        }
    }
    lines.extend((!below.trim().is_empty()).then_some(below));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_in_columns_stands_below_itself() {
        let head = [words("step"), number("p50")];
        let rows = [vec!["restore".to_owned(), "4s".to_owned()], vec!["a".to_owned(), "1m 10s".to_owned()]];
        assert_eq!(lines(&head, &rows, 1, 80), ["step        p50", "restore      4s", "a        1m 10s"]);
        assert_eq!(lines(&head, &rows, 1, 14), ["restore", "  p50 4s", "a", "  p50 1m 10s"]);
    }

    #[test]
    fn a_cell_is_not_broken_unless_it_is_longer_than_a_line() {
        let head = [words("step"), number("p50"), number("p90"), words("why")];
        let rows = [["restore", "1m 10s", "2m 20s", "one two three four five"].map(str::to_owned).to_vec()];
        let expected = ["restore", "  p50 1m 10s", "  p90 2m 20s", "  why one two", "  three four", "  five"];
        assert_eq!(lines(&head, &rows, 1, 15), expected);
        assert_eq!(
            lines(&head, &rows, 1, 30),
            ["restore", "  p50 1m 10s  p90 2m 20s", "  why one two three four five"]
        );
    }
}
