//! The nearest valid name: what an unknown one was probably meant to be.

/// The candidate most like `name`, if any is like it at all.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let close = |candidate: &str| strsim::normalized_damerau_levenshtein(name, candidate);
    candidates
        .into_iter()
        .map(|candidate| (close(candidate), candidate))
        .filter(|(score, candidate)| *score >= 0.5 || candidate.starts_with(name) || name.starts_with(candidate))
        .max_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| right.cmp(left)))
        .map(|(_, candidate)| candidate)
}

/// The help line for an unknown name: the nearest valid one, else all of them (ten at most).
#[must_use]
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = nearest(name, candidates.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    match candidates.len() {
        0 => None,
        1..=10 => Some(format!("known: {}", candidates.join(", "))),
        more => Some(format!("known: {}, … ({more} in all)", candidates[..10].join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_nothing_far_off() {
        assert_eq!(nearest("postgers", ["redis", "postgres"]), Some("postgres"));
        assert_eq!(nearest("x", ["redis", "postgres"]), None);
        assert_eq!(did_you_mean("x", ["redis"]).as_deref(), Some("known: redis"));
    }
}
