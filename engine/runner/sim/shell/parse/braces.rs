//! Brace expansion: `{a,b}` and `{1..3}` become several words while a script is read, as `bash` does it.

use super::super::syntax::{Piece, Word};
use super::word::push;
use super::{Parser, Read, unsimulated};

/// Words that one word becomes, at most.
const MOST: usize = 1_000;

/// A character that has no quotes around it, or a piece that is left alone.
#[derive(Clone)]
enum Unit {
    Char(char),
    Piece(Piece),
}

impl Parser<'_> {
    /// Adds a word, or those that its braces stand for.
    pub fn expand_braces(&self, word: Word, words: &mut Vec<Word>) -> Read<()> {
        let has_brace = word.iter().any(|piece| matches!(piece, Piece::Plain(text) if text.contains('{')));
        if !has_brace {
            words.push(word);
            return Ok(());
        }
        let mut units = Vec::new();
        for piece in word {
            match piece {
                Piece::Plain(text) => units.extend(text.chars().map(Unit::Char)),
                other => units.push(Unit::Piece(other)),
            }
        }
        let expanded = expand(&units);
        if expanded.len() > 1 {
            self.bash_only("{a,b}")?;
        }
        if expanded.len() > MOST {
            return unsimulated("braces that stand for so many words");
        }
        for word in expanded.into_iter().map(rejoin) {
            let is_range =
                |piece: &Piece| matches!(piece, Piece::Plain(text) if text.contains('{') && text.contains(".."));
            if word.iter().any(is_range) {
                return unsimulated("braces like `{01..10..2}`");
            }
            words.push(word);
        }
        Ok(())
    }
}

fn rejoin(units: Vec<Unit>) -> Word {
    let mut word = Word::new();
    for unit in units {
        match unit {
            Unit::Char(c) => push(&mut word, c, false),
            Unit::Piece(piece) => word.push(piece),
        }
    }
    word
}

fn is(unit: &Unit, c: char) -> bool {
    matches!(unit, Unit::Char(found) if *found == c)
}

/// All words that a word stands for; itself when there is nothing to expand.
fn expand(units: &[Unit]) -> Vec<Vec<Unit>> {
    for open in 0..units.len() {
        if !is(&units[open], '{') {
            continue;
        }
        let Some((alternatives, close)) = alternatives(units, open) else { continue };
        let ends = expand(&units[close + 1..]);
        let mut found = Vec::new();
        for alternative in alternatives {
            for end in &ends {
                found.push([&units[..open], &alternative, end].concat());
                if found.len() > MOST {
                    return found;
                }
            }
        }
        return found;
    }
    vec![units.to_vec()]
}

/// What the braces opened here stand for, and where they close.
fn alternatives(units: &[Unit], open: usize) -> Option<(Vec<Vec<Unit>>, usize)> {
    let (mut depth, mut commas) = (0_u32, vec![open]);
    let mut close = None;
    for (at, unit) in units.iter().enumerate().skip(open) {
        match unit {
            Unit::Char('{') => depth += 1,
            Unit::Char('}') if depth == 1 => {
                close = Some(at);
                break;
            }
            Unit::Char('}') => depth -= 1,
            Unit::Char(',') if depth == 1 => commas.push(at),
            _ => {}
        }
    }
    let close = close?;
    if commas.len() == 1 {
        return range(&units[open + 1..close]).map(|range| (range, close));
    }
    commas.push(close);
    let mut found = Vec::new();
    for pair in commas.windows(2) {
        found.extend(expand(&units[pair[0] + 1..pair[1]]));
    }
    Some((found, close))
}

/// `1..3`, `a..c`
fn range(units: &[Unit]) -> Option<Vec<Vec<Unit>>> {
    let text: Option<String> =
        units.iter().map(|unit| if let Unit::Char(c) = unit { Some(*c) } else { None }).collect();
    let text = text?;
    let (from, to) = text.split_once("..")?;
    let spelled = |text: String| text.chars().map(Unit::Char).collect();
    if let (Ok(from), Ok(to)) = (from.parse::<i32>(), to.parse::<i32>()) {
        let count = usize::try_from(from.abs_diff(to)).unwrap_or(MOST).min(MOST);
        let up = from <= to;
        let numbers = (0..=i32::try_from(count).unwrap_or(0)).map(|n| if up { from + n } else { from - n });
        let is_padded = |text: &str| text.len() > 1 && text.trim_start_matches('-').starts_with('0');
        let is_plain = !is_padded(text.split("..").next().unwrap_or_default())
            && !is_padded(text.rsplit("..").next().unwrap_or_default());
        return if is_plain { Some(numbers.map(|n| spelled(n.to_string())).collect()) } else { None };
    }
    let (mut from, mut to) = (from.chars(), to.chars());
    match (from.next()?, from.next(), to.next()?, to.next()) {
        (from, None, to, None) if from.is_ascii_lowercase() && to.is_ascii_lowercase() => {
            let mut letters: Vec<_> = (from.min(to)..=from.max(to)).map(|c| vec![Unit::Char(c)]).collect();
            if from > to {
                letters.reverse();
            }
            Some(letters)
        }
        _ => None,
    }
}
