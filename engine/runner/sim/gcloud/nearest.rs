//! The nearest of several words, measured as Python's `difflib` does: the client's "did you mean".

/// Words that are less alike are not near.
const CUTOFF: f64 = 0.6;

/// The word that is most like another; of equals, the last in order.
pub fn nearest<'w>(word: &str, choices: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let (length, choices) = (word.chars().count(), choices.map(|choice| (choice, choice.chars().count())));
    // Words of very different lengths are not alike, whatever their letters.
    let choices =
        choices.filter(|(_, other)| other.min(&length) * 10 >= (other + length) * 3).map(|(choice, _)| choice);
    let near = choices.map(|choice| (ratio(choice, word), choice)).filter(|(ratio, _)| *ratio >= CUTOFF);
    near.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1))).map(|(_, choice)| choice)
}

/// Twice the letters of all matching blocks, of all letters.
fn ratio(a: &str, b: &str) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let total = u32::try_from(a.len() + b.len()).unwrap_or(u32::MAX).max(1);
    let matched = u32::try_from(matching(&a, &b)).unwrap_or(u32::MAX);
    2.0 * f64::from(matched) / f64::from(total)
}

/// Letters of the longest common block, and of those on both sides of it.
fn matching(a: &[char], b: &[char]) -> usize {
    let (mut best, mut at) = (0, (0, 0));
    for i in 0..a.len() {
        for j in 0..b.len() {
            let length = a[i..].iter().zip(&b[j..]).take_while(|(x, y)| x == y).count();
            if length > best {
                (best, at) = (length, (i, j));
            }
        }
    }
    if best == 0 {
        return 0;
    }
    best + matching(&a[..at.0], &b[..at.1]) + matching(&a[at.0 + best..], &b[at.1 + best..])
}
