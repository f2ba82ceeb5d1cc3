//! `--format=table`.

use serde_json::Value;

use super::super::expression::key::shown;
use super::projection::Column;

/// Rows under their headings, each column as wide as it has to be.
pub fn show(columns: &[Column], mut rows: Vec<Vec<Value>>, heading: bool) -> String {
    if rows.is_empty() {
        return String::new();
    }
    sort(columns, &mut rows);
    let head = heading.then(|| columns.iter().map(|column| column.label.clone()).collect::<Vec<_>>());
    let body = rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>());
    let lines: Vec<Vec<String>> = head.into_iter().chain(body).collect();
    let width =
        |n: usize| lines.iter().filter_map(|line| line.get(n)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let mut padded = String::new();
        for (n, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let gap = if n == 0 { "" } else { "  " };
            let is_right = columns.get(n).is_some_and(|column| column.right);
            padded.push_str(gap);
            let space = " ".repeat(width - cell.chars().count());
            padded = if is_right { format!("{padded}{space}{cell}") } else { format!("{padded}{cell}{space}") };
        }
        text.push_str(padded.trim_end());
        text.push('\n');
    }
    text
}

/// By the columns that are to be sorted by, the most important last.
fn sort(columns: &[Column], rows: &mut [Vec<Value>]) {
    let mut ranks: Vec<(u32, bool, usize)> = columns
        .iter()
        .enumerate()
        .filter_map(|(n, column)| column.sort.map(|(rank, reverse)| (rank, reverse, n)))
        .collect();
    ranks.sort_unstable_by_key(|(rank, ..)| std::cmp::Reverse(*rank));
    for (_, reverse, n) in ranks {
        let key = |row: &Vec<Value>| row.get(n).map(|value| (value.as_f64().unwrap_or(f64::INFINITY), cell(value)));
        rows.sort_by(|a, b| {
            let (a, b) = (key(a).unwrap_or_default(), key(b).unwrap_or_default());
            let order = a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1));
            if reverse { order.reverse() } else { order }
        });
    }
}

fn cell(value: &Value) -> String {
    if value.is_null() { String::new() } else { shown(value) }
}
