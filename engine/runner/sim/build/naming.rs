//! Names of the files of a backup: such that its pattern matches them, and a person sees what they are.

use chrono::{DateTime, Utc};
use globset::Glob;

use crate::model::facts::BackupFacts;
use crate::model::system::BackupKind;

/// The name of a backup of that moment.
pub(super) fn file(backup: &BackupFacts, data: &str, at: DateTime<Utc>) -> String {
    let stamp = at.format("%Y%m%d_%H%M%S").to_string();
    match &backup.pattern {
        Some(pattern) => filled(pattern, data, &stamp),
        None => match backup.kind {
            BackupKind::Archive => format!("{data}_{stamp}.tar.gz"),
            BackupKind::Dump => format!("{data}_{stamp}.dump"),
            _ => stamp,
        },
    }
}

/// Whether a name belongs to a backup.
pub(super) fn matcher(backup: &BackupFacts) -> impl Fn(&str) -> bool {
    let glob = backup.pattern.as_ref().and_then(|pattern| Glob::new(pattern).ok()).map(|glob| glob.compile_matcher());
    move |name| glob.as_ref().is_none_or(|glob| glob.is_match(name))
}

/// A name that a glob matches: the stamp for its first star, with the data's id where nothing else is in front of it.
fn filled(pattern: &str, data: &str, stamp: &str) -> String {
    let mut name = String::new();
    let mut stamped = false;
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            '*' if !stamped => {
                stamped = true;
                if name.is_empty() {
                    name = format!("{data}_");
                }
                name.push_str(stamp);
            }
            '*' => {}
            '?' => name.push('0'),
            '[' => {
                let class: Vec<char> = rest.by_ref().take_while(|&c| c != ']').collect();
                let negated = matches!(class.first(), Some('!' | '^'));
                name.push(if negated { '_' } else { class.first().copied().unwrap_or('0') });
            }
            '{' => {
                let words: String = rest.by_ref().take_while(|&c| c != '}').collect();
                name.push_str(words.split(',').next().unwrap_or_default());
            }
            '\\' => name.extend(rest.next()),
            c => name.push(c),
        }
    }
    if stamped || name.is_empty() { name.replace('/', "_") } else { name }
}

#[cfg(test)]
mod tests {
    use super::filled;
    use globset::Glob;

    #[test]
    fn every_name_matches_its_pattern() {
        for pattern in
            ["app_*.tar.gz", "*.dump", "backup-[0-9]*.{tgz,tar.gz}", "db?_*_*.sql", "[!.]*", "daily.dump", "*"]
        {
            let name = filled(pattern, "app", "20260208_030000");
            assert!(Glob::new(pattern).unwrap().compile_matcher().is_match(&name), "{pattern} does not match {name}");
        }
        assert_eq!(filled("app_*.tar.gz", "app", "20260208_030000"), "app_20260208_030000.tar.gz");
        assert_eq!(filled("*.dump", "postgres", "20260208_030000"), "postgres_20260208_030000.dump");
    }
}
