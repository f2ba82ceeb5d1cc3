//! The nearest valid name: what an unknown one was probably meant to be, only when it is near.

/// Longer ones are no slips of the finger.
const LONGEST: usize = 64;

/// The closest of `names` to `given`: at most one slip in three letters; letter case and `-` for `_` are no slips.
#[must_use]
pub fn nearest<'n>(given: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if given.len() > LONGEST {
        return None;
    }
    let plain = given.to_lowercase().replace('-', "_");
    let longer = |name: &str| plain.chars().count().max(name.chars().count());
    names
        .into_iter()
        .map(|name| (strsim::osa_distance(&plain, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (longer(name) / 3).max(1) && *distance < longer(name))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The help line for an unknown name: the nearest valid one, else all of them (ten at most).
#[must_use]
pub fn did_you_mean<'n>(given: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let names: Vec<&str> = names.into_iter().collect();
    if let Some(near) = nearest(given, names.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    match names.len() {
        0 => None,
        1..=10 => Some(format!("known: {}", names.join(", "))),
        more => Some(format!("known: {}, … ({more} in all)", names[..10].join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_offered() {
        let names = ["timeout", "title", "steps", "needs"];
        assert_eq!(nearest("timout", names), Some("timeout"));
        assert_eq!(nearest("Steps", names), Some("steps"));
        assert_eq!(nearest("need", names), Some("needs"));
        assert_eq!(nearest("hosts", names), None);
        assert_eq!(nearest("x", names), None);
    }

    #[test]
    fn without_a_near_name_all_are_listed() {
        assert_eq!(did_you_mean("postgers", ["redis", "postgres"]).as_deref(), Some("did you mean `postgres`?"));
        assert_eq!(did_you_mean("x", ["redis"]).as_deref(), Some("known: redis"));
        assert_eq!(did_you_mean("x", []), None);
    }
}
