//! The nearest valid word, only when it is near.

/// The closest of `words` to `given`: at most one slip in three letters.
pub(in crate::document) fn nearest<'w>(given: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    if given.len() > 64 {
        return None;
    }
    let plain = given.to_lowercase().replace('-', "_");
    let allowed = (plain.chars().count() / 3).max(1);
    words
        .into_iter()
        .map(|word| (strsim::osa_distance(&plain, word), word))
        .filter(|(distance, word)| *distance <= allowed && *distance < word.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_near_words_are_named() {
        let words = ["timeout", "title", "steps", "needs"];
        assert_eq!(nearest("timout", words), Some("timeout"));
        assert_eq!(nearest("Steps", words), Some("steps"));
        assert_eq!(nearest("need", words), Some("needs"));
        assert_eq!(nearest("hosts", words), None);
        assert_eq!(nearest("x", words), None);
    }
}
