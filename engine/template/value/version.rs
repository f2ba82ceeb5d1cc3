//! Versions that order as semantic versioning says: `1.9.0 < 1.10.0`, `2.0.0-rc.1 < 2.0.0`.

use std::cmp::Ordering;
use std::fmt;

/// A version; missing minor and patch are zero, a leading `v` is ignored, build metadata does not order.
#[derive(Clone, Debug)]
pub(in crate::template) struct Version {
    numbers: [u64; 3],
    pre: Vec<Identifier>,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Text(String),
}

impl Version {
    /// Reads a version.
    pub(in crate::template) fn parse(text: &str) -> Option<Self> {
        let trimmed = text.trim();
        let bare = trimmed.strip_prefix('v').unwrap_or(trimmed);
        let bare = bare.split_once('+').map_or(bare, |(version, _)| version);
        let (core, pre) = bare.split_once('-').map_or((bare, None), |(core, pre)| (core, Some(pre)));
        let mut numbers = [0; 3];
        for (at, part) in core.split('.').enumerate() {
            *numbers.get_mut(at)? = digits(part)?;
        }
        let pre = match pre {
            None => Vec::new(),
            Some(pre) => pre.split('.').map(identifier).collect::<Option<_>>()?,
        };
        Some(Self { numbers, pre, text: trimmed.to_owned() })
    }
}

fn digits(part: &str) -> Option<u64> {
    if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    part.parse().ok()
}

fn identifier(part: &str) -> Option<Identifier> {
    if part.is_empty() || !part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return None;
    }
    Some(digits(part).map_or_else(|| Identifier::Text(part.to_owned()), Identifier::Number))
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => self.pre.cmp(&other.pre),
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_order_by_number_and_releases_follow_candidates() {
        let ordered = ["0.9", "v1.0.0-alpha", "1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0-rc", "1", "1.9.0", "1.10.0"];
        let versions: Vec<_> = ordered.iter().map(|text| Version::parse(text).unwrap()).collect();
        assert!(versions.windows(2).all(|pair| pair[0] < pair[1]), "{versions:?}");
        assert_eq!(Version::parse("v1.2+build"), Version::parse("1.2.0"));
        for text in ["", "v", "1.2.3.4", "1.x", "latest", "1.-2", "1.2.3-", "-1", "99999999999999999999"] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
    }
}
