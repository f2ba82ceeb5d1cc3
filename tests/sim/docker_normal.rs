//! What two answers of Docker may differ in: ids, times, addresses, processes, sizes, and orders that mean nothing.

use std::sync::LazyLock;

use regex::Regex;

static REPLACED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"^lab-host$", "local"),
        (r"sha256:[0-9a-f]{64}", "sha256:ID"),
        (r"overlay2/[0-9a-f]{64}", "overlay2/ID"),
        (r"\b[0-9a-f]{64}\b", "ID"),
        (r"netns/[0-9a-f]{12}", "netns/ID"),
        (r"\b[0-9a-f]{12}\b", "SHORT"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)", "TIME"),
        (r#""time":\d+,"timeNano":\d+"#, "TIME"),
        (r"(Less than a second|About a minute|About an hour|\d+ (second|minute|hour|day|week)s?)( ago)?", "AGE"),
        (r"\b172\.\d+\.\d+\.\d+\b", "ADDRESS"),
        (r"02(:[0-9a-f]{2}){5}", "MAC"),
        (r#""Pid": ?\d+"#, "PID"),
        (r"\b\d+(\.\d+)?(B|kB|MB|GB|KiB|MiB|GiB)\b", "SIZE"),
        (r#""(Size|VirtualSize)": \d+"#, "SIZE"),
        (r"\d\d:\d\d ( *)\?", "STIME ?"),
        (r"root( +)\d+( +)\d+( +)\d+", "root PROCESS"),
        (r" {2,}", "  "),
        (r" +\n", "\n"),
    ]
    .map(|(pattern, with)| (Regex::new(pattern).unwrap(), with))
    .into()
});

static LABELS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""Labels":"([^"]*)""#).unwrap());
static NEEDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"((?:redis|postgres):service_healthy:false),((?:redis|postgres):service_healthy:false)").unwrap()
});

fn sorted_lines(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// An answer without what may differ. Compose does things at once and its maps have no order: its lines are sorted.
pub fn normal(text: &str, is_compose: bool) -> String {
    // A Compose file's services are in no order, and so are the labels of a container.
    let text = NEEDS.replace_all(text, |found: &regex::Captures<'_>| {
        let mut needs = [&found[1], &found[2]];
        needs.sort_unstable();
        needs.join(";")
    });
    let text = LABELS.replace_all(&text, |found: &regex::Captures<'_>| {
        let mut labels: Vec<&str> = found[1].split(',').collect();
        labels.sort_unstable();
        format!("\"Labels\":\"{}\"", labels.join(","))
    });
    let mut text = text.trim_end().to_owned();
    for (pattern, with) in REPLACED.iter() {
        text = pattern.replace_all(&text, *with).into_owned();
    }
    if is_compose { sorted_lines(&text) } else { text.trim_end().to_owned() }
}
