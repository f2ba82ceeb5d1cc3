//! Columns as Go's tabwriter makes them.

/// Lines of cells; a column is as wide as its longest cell, at least `least`, and `gap` spaces end each cell but the last.
pub fn table(rows: &[Vec<String>], least: usize, gap: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        // The last cell of a line ends it and widens nothing.
        let cells = rows.iter().filter(|row| column + 1 < row.len());
        let longest = cells.map(|row| row[column].chars().count()).max().unwrap_or_default();
        (longest + gap).max(least)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if column + 1 < row.len() {
                let width = widths[column].saturating_sub(cell.chars().count());
                text.extend(std::iter::repeat_n(' ', width));
            }
        }
        text.push('\n');
    }
    text
}
