//! How wide text is, without a font: on the generous side of the usual sans-serif ones, so that what is cut to fit does fit.

/// The width of a text in pixels.
#[must_use]
pub fn width(text: &str, size: f64, is_bold: bool) -> f64 {
    let factor = if is_bold { 1.12 } else { 1.0 };
    text.chars().map(em).sum::<f64>() * size * factor
}

/// Of a character, in em.
fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '|' | '\'' | '!' | '.' | ',' | ':' | ';' => 0.31,
        ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '\\' | 'I' | '-' | '·' => 0.38,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' | '→' => 0.98,
        'A'..='Z' | '&' | '=' | '+' | '<' | '>' | '~' | '✓' | '✗' => 0.72,
        '0'..='9' => 0.64,
        c if c.is_ascii() => 0.62,
        // Combining marks take none, wide scripts take all; what is between is taken for wide letters.
        '\u{300}'..='\u{36f}' => 0.0,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffef}' | '\u{1f000}'.. => 1.05,
        _ => 0.7,
    }
}

/// The text in at most so many lines of a width; the last ends with `…` where something is left out.
#[must_use]
pub fn wrap(text: &str, size: f64, room: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').flat_map(|word| pieces(word, size, room)) {
        let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
        if line.is_empty() || width(&longer, size, false) <= room {
            line = longer;
            continue;
        }
        lines.push(std::mem::replace(&mut line, word));
        if lines.len() == most {
            let last = lines.pop().unwrap_or_default();
            lines.push(cut(&format!("{last} {line}…"), size, room, false));
            return lines;
        }
    }
    lines.extend((!line.is_empty()).then_some(line));
    lines
}

/// A word that is longer than a line, in pieces.
fn pieces(word: &str, size: f64, room: f64) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        if let Some(piece) = pieces.last_mut() {
            let is_full = !piece.is_empty() && width(piece, size, false) + em(c) * size > room;
            if is_full {
                pieces.push(c.to_string());
            } else {
                piece.push(c);
            }
        }
    }
    pieces
}

/// As much of a text as fits, then `…`.
#[must_use]
pub fn cut(text: &str, size: f64, room: f64, is_bold: bool) -> String {
    if width(text, size, is_bold) <= room {
        return text.to_owned();
    }
    let room = room - width("…", size, is_bold);
    let mut kept = String::new();
    for c in text.trim_end_matches('…').chars() {
        kept.push(c);
        if width(&kept, size, is_bold) > room {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_fits() {
        let text = "A new disk beside the old one, with whatever is on it";
        for room in [20.0, 60.0, 150.0, 400.0] {
            let short = cut(text, 13.0, room, true);
            assert!(width(&short, 13.0, true) <= room, "{short}");
            let lines = wrap(text, 12.0, room, 2);
            assert!(lines.len() <= 2 && lines.iter().all(|line| width(line, 12.0, false) <= room), "{lines:?}");
        }
        assert_eq!(cut("short", 13.0, 400.0, false), "short");
        assert_eq!(wrap("two words", 12.0, 400.0, 2), ["two words"]);
    }

    #[test]
    fn a_word_without_a_space_is_broken() {
        let lines = wrap(&"x".repeat(200), 12.0, 100.0, 3);
        assert_eq!(lines.len(), 3);
        assert!(lines[2].ends_with('…'), "{lines:?}");
    }
}
