//! Values over time in one line of a terminal.

/// From little to much.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// At most this many, the newest.
const WIDTH: usize = 16;

/// A character a value, from 0 to the largest of them all; `✗` where there is none.
#[must_use]
pub fn line(values: &[Option<u64>]) -> String {
    let newest = &values[values.len().saturating_sub(WIDTH)..];
    let largest = newest.iter().flatten().max().copied().unwrap_or(0).max(1);
    let bar = |value: &Option<u64>| match value {
        Some(value) => {
            let at = (u128::from(*value) * 7 + u128::from(largest) / 2) / u128::from(largest);
            usize::try_from(at).ok().and_then(|at| BARS.get(at)).copied().unwrap_or('█')
        }
        None => '✗',
    };
    newest.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion_and_what_is_missing_is_seen() {
        assert_eq!(line(&[Some(0), Some(35), Some(70), None]), "▁▅█✗");
        assert_eq!(line(&[Some(0), Some(0)]), "▁▁");
        assert_eq!(line(&[None]), "✗");
        assert_eq!(line(&[]), "");
        assert_eq!(line(&vec![Some(u64::MAX); 99]).chars().count(), WIDTH);
    }
}
