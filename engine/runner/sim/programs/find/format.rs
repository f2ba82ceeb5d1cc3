//! `find -printf`.

use super::super::super::process::{Process, Unsimulated};
use super::super::super::tree::{Kind, split};
use super::super::clock;
use super::Found;
use super::test::letter;

/// What a format says about a file.
///
/// # Errors
/// A directive that is not simulated.
pub fn format(process: &Process<'_>, text: &str, found: &Found<'_>) -> Result<String, Unsimulated> {
    let mut printed = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => printed.push('\n'),
                Some('t') => printed.push('\t'),
                Some('0') => printed.push('\0'),
                Some('\\') => printed.push('\\'),
                other => {
                    return Err(Unsimulated(format!(
                        "`find -printf` with `\\{}`",
                        other.map_or(String::new(), String::from)
                    )));
                }
            },
            '%' => {
                let directive = chars.next().unwrap_or('%');
                if directive == 'T' {
                    printed.push_str(&time(found, chars.next().unwrap_or('@'))?);
                } else {
                    printed.push_str(&directive_value(process, directive, found)?);
                }
            }
            c => printed.push(c),
        }
    }
    Ok(printed)
}

fn directive_value(process: &Process<'_>, directive: char, found: &Found<'_>) -> Result<String, Unsimulated> {
    let node = found.node;
    Ok(match directive {
        '%' => "%".to_owned(),
        'p' => found.path.clone(),
        'P' => found.path.strip_prefix(found.start).unwrap_or_default().trim_start_matches('/').to_owned(),
        'H' => found.start.to_owned(),
        'f' => {
            let trimmed = found.path.trim_end_matches('/');
            if trimmed.is_empty() { "/".to_owned() } else { trimmed.rsplit('/').next().unwrap_or_default().to_owned() }
        }
        'h' => match split(&found.path) {
            ("", _) if found.path.starts_with('/') => String::new(),
            ("", _) => ".".to_owned(),
            (dir, _) => dir.to_owned(),
        },
        's' => node.size().to_string(),
        'y' => letter(node).to_string(),
        'm' => format!("{:o}", node.mode),
        'U' => node.uid.to_string(),
        'G' => node.gid.to_string(),
        'u' => process.user_name(node.uid).unwrap_or_else(|| node.uid.to_string()),
        'g' => process.group_name(node.gid).unwrap_or_else(|| node.gid.to_string()),
        'l' => match &node.kind {
            Kind::Link(to) => to.clone(),
            _ => String::new(),
        },
        'd' => found.level.to_string(),
        't' => clock::format(node.modified, "%a %b %e %H:%M:%S.%N0 %Y").unwrap_or_default(),
        other => return Err(Unsimulated(format!("`find -printf %{other}`"))),
    })
}

fn time(found: &Found<'_>, letter: char) -> Result<String, Unsimulated> {
    let modified = found.node.modified;
    match letter {
        '@' => Ok(format!("{}.{:09}0", modified.timestamp(), modified.timestamp_subsec_nanos())),
        'S' => Ok(clock::format(modified, "%S.%N0").unwrap_or_default()),
        'T' => Ok(clock::format(modified, "%H:%M:%S.%N0").unwrap_or_default()),
        '+' => Ok(clock::format(modified, "%Y-%m-%d+%H:%M:%S.%N0").unwrap_or_default()),
        letter => clock::format(modified, &format!("%{letter}"))
            .ok_or_else(|| Unsimulated(format!("`find -printf %T{letter}`"))),
    }
}
