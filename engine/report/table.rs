//! The closing table: step, outcome, time, why. Fits its width; a reason that does not fit goes on below itself, nothing is cut.

use console::measure_text_width;

use super::Detail;
use super::phrase;
use super::summary::{StepSummary, Summary};
use super::visible;
use crate::model::outcome::{Mode, Outcome, SkipReason};

const OUTCOME: usize = 11;
const TIME: usize = 8;
const NARROWEST_WHY: usize = 20;

/// The table's lines. `colour` adds styles; `width` is in columns (80 when nobody knows).
#[must_use]
pub fn lines(summary: &Summary, detail: Detail, width: usize, colour: bool) -> Vec<String> {
    let steps: Vec<&StepSummary> = summary.nested().into_iter().filter(|step| is_shown(step, detail)).collect();
    if steps.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = steps.iter().map(|step| name(step)).collect();
    let widest = names.iter().map(|name| measure_text_width(name)).max().unwrap_or(4);
    let fixed = OUTCOME + TIME + 6;
    let column = widest.clamp(4, width.saturating_sub(fixed + NARROWEST_WHY).max(16));
    let why_width = width.saturating_sub(column + fixed).max(NARROWEST_WHY);

    let mode = Mode::of(&summary.mode);
    let mut lines = Vec::with_capacity(steps.len() + 1);
    lines.push(row("step", column, "outcome", "time", "why").trim_end().to_owned());
    for (step, name) in steps.iter().zip(&names) {
        let outcome = step.outcome.map_or("not ended", |outcome| outcome.word(mode));
        let time = match step.outcome {
            Some(Outcome::Skipped) | None => "-".to_owned(),
            Some(_) => step.elapsed_ms.map(phrase::ms).unwrap_or_default(),
        };
        let names = wrap(name, column);
        let whys = wrap(&phrase::why(step), why_width);
        for at in 0..names.len().max(whys.len()).max(1) {
            let cell = |parts: &[String]| parts.get(at).cloned().unwrap_or_default();
            let (outcome, time) = if at == 0 { (outcome, time.as_str()) } else { ("", "") };
            let line = row(&cell(&names), column, outcome, time, &cell(&whys));
            let line = line.trim_end();
            lines.push(match step.outcome {
                Some(outcome) if colour => phrase::style(outcome).apply_to(line).to_string(),
                _ => line.to_owned(),
            });
        }
    }
    lines
}

fn is_shown(step: &StepSummary, detail: Detail) -> bool {
    match (&step.skipped, detail) {
        (_, Detail::Commands) => true,
        (_, Detail::Quiet) => {
            matches!(
                step.outcome,
                None | Some(Outcome::Failed | Outcome::Interrupted | Outcome::Unknown | Outcome::RolledBack)
            )
        }
        (Some(SkipReason::Parent { .. } | SkipReason::NotNeeded), _) => false,
        _ => true,
    }
}

fn name(step: &StepSummary) -> String {
    format!("{}{}", "  ".repeat(step.step.depth()), visible::line(&step.step.0))
}

fn row(name: &str, column: usize, outcome: &str, time: &str, why: &str) -> String {
    let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(measure_text_width(text)));
    format!("{name}{}  {outcome}{}  {}{time}  {why}", pad(name, column), pad(outcome, OUTCOME), pad(time, TIME))
}

/// Breaks at spaces where it can, inside words where it must. Indentation of the first line is kept.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = text.chars().take_while(|c| *c == ' ').collect::<String>();
    let mut is_fresh = true;
    for word in text.split_whitespace() {
        let mut word = word;
        let gap = usize::from(!is_fresh);
        if measure_text_width(&line) + gap + measure_text_width(word) > width && !is_fresh {
            lines.push(std::mem::take(&mut line));
            is_fresh = true;
        }
        if !is_fresh {
            line.push(' ');
        }
        while measure_text_width(&line) + measure_text_width(word) > width {
            let room = width.saturating_sub(measure_text_width(&line)).max(1);
            let cut = word.char_indices().nth(room).map_or(word.len(), |(at, _)| at);
            line.push_str(&word[..cut]);
            word = &word[cut..];
            if word.is_empty() {
                break;
            }
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(word);
        is_fresh = false;
    }
    if !line.trim().is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_and_sentences_wrap_without_loss() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("  member", 12), ["  member"]);
        assert!(wrap("", 5).is_empty());
    }
}
