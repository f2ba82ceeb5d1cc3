//! Words that betray a destructive action behind `effect: read` or in a probe. A hint, never a proof.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    RegexBuilder::new(
        r"\bdrop\s+(table|database|schema|index|view|role|user)\b|\btruncate\b|\brm\s+(-\w+\s+)*-\w*[rf]|\bvolume\s+(rm|prune)\b|\bmkfs(\.\w+)?\b|\bdelete\s+from\b|\bflush(all|db)\b|-delete\b",
    )
    .case_insensitive(true)
    .build()
    .expect("the pattern is constant and tested")
});

/// The first destructive words in a text.
#[must_use]
pub fn destructive_words(text: &str) -> Option<&str> {
    WORDS.find(text).map(|found| found.as_str())
}
