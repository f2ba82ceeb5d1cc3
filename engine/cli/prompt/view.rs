//! A step as a person sees it before deciding: every line of its command, where it happens, what it may do.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use console::{Style, measure_text_width};

use super::dialog::ink;
use crate::execute::operator::StepView;
use crate::model::effect::Effect;
use crate::report::{phrase, visible};

/// Lines of a log that are shown after a failure.
const LOG_LINES: usize = 8;
/// As much of a log's end is read.
const LOG_BYTES: i64 = 16 * 1024;

/// The heading of a step: `▸ Wipe the data  (wipe)`.
pub(super) fn heading(view: &StepView, mark: &str, style: &Style, width: usize) -> Vec<String> {
    let title = visible::line(&view.title);
    let id = visible::line(&view.step.0);
    let names = if title == id { id.into_owned() } else { format!("{title}  ({id})") };
    let mut lines = vec![String::new()];
    for (at, part) in wrap(&names, width.saturating_sub(2)).into_iter().enumerate() {
        let begin = if at == 0 { style.apply_to(mark).to_string() } else { " ".to_owned() };
        lines.push(format!("{begin} {}", ink().bold().apply_to(part)));
    }
    lines
}

/// What it may do, where, how long, which attempt; its whole command; its gate.
pub(super) fn body(view: &StepView, width: usize) -> Vec<String> {
    let mut facts = vec![match view.effect {
        Effect::Destroy => ink().red().bold().apply_to("DESTROYS").to_string(),
        effect => phrase::effect(effect).to_owned(),
    }];
    facts.push(match view.target.as_str() {
        "" => "here".to_owned(),
        target => format!("on {}", visible::line(target)),
    });
    if let Some(expected) = view.expected {
        facts.push(format!("takes about {}", phrase::time(expected)));
    }
    if view.attempts > 0 {
        facts.push(format!("{} so far", phrase::count(view.attempts as usize, "attempt")));
    }
    let mut lines = vec![format!("  {}", facts.join(" · "))];
    lines.extend(command(&view.command, width));
    for (name, text) in &view.details {
        if name == "gate" {
            lines.extend(named(name, text, width));
        }
    }
    lines
}

/// A command: `$` before its first line, `>` before the others; what is too long goes on further in.
pub(super) fn command(lines: &[String], width: usize) -> Vec<String> {
    let all = lines.iter().flat_map(|line| line.split('\n'));
    let mut shown = Vec::new();
    for (at, line) in all.enumerate() {
        let mark = if at == 0 { '$' } else { '>' };
        for (part_at, part) in wrap(&visible::line(line), width.saturating_sub(5)).into_iter().enumerate() {
            let begin = if part_at == 0 { format!("  {mark} ") } else { "      ".to_owned() };
            shown.push(format!("{}{part}", ink().dim().apply_to(begin)));
        }
    }
    shown
}

/// `name: text`, indented.
pub(super) fn named(name: &str, text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, line) in text.trim_end().lines().enumerate() {
        let line = if at == 0 { format!("{name}: {line}") } else { line.to_owned() };
        for part in wrap(&visible::line(&line), width.saturating_sub(5)) {
            let indent = if lines.is_empty() { "  " } else { "    " };
            lines.push(format!("{indent}{part}"));
        }
    }
    lines
}

/// The same in a colour.
pub(super) fn painted(lines: Vec<String>, style: &Style) -> Vec<String> {
    lines.into_iter().map(|line| style.apply_to(line).to_string()).collect()
}

/// The end of the newest log of a step, and where it is.
pub(super) fn log_tail(run_directory: &Path, view: &StepView, width: usize) -> Vec<String> {
    let Some(path) = newest_log(run_directory, view) else { return Vec::new() };
    let Some(text) = end_of(&path) else { return Vec::new() };
    let lines: Vec<&str> = text.lines().collect();
    let cut = lines.len().saturating_sub(LOG_LINES);
    let mut shown = painted(named("log", &path.display().to_string(), width), &ink().dim());
    for line in &lines[cut..] {
        let parts = wrap(&visible::line(line), width.saturating_sub(5));
        shown.extend(parts.into_iter().map(|part| format!("  {} {part}", ink().dim().apply_to("|"))));
    }
    shown
}

fn newest_log(run_directory: &Path, view: &StepView) -> Option<PathBuf> {
    let logs = fs::read_dir(crate::runner::log_directory(run_directory, &view.step)).ok()?;
    let dated = logs.filter_map(|entry| {
        let entry = entry.ok()?;
        Some((entry.metadata().ok()?.modified().ok()?, entry.path()))
    });
    dated.max().map(|(_, path)| path)
}

fn end_of(path: &Path) -> Option<String> {
    let mut file = fs::File::open(path).ok()?;
    let length = i64::try_from(file.metadata().ok()?.len()).ok()?;
    file.seek(SeekFrom::End(-length.min(LOG_BYTES))).ok()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Parts of at most so many columns; the text is not changed, only cut.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(10);
    let mut parts = vec![String::new()];
    let mut used = 0;
    for c in text.chars() {
        let mut one = [0; 4];
        let columns = if c == '\t' { 8 } else { measure_text_width(c.encode_utf8(&mut one)) };
        if used + columns > width {
            parts.push(String::new());
            used = 0;
        }
        used += columns;
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

/// Words with a separator, on as many lines as it takes.
pub(super) fn flow(words: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + measure_text_width(word) + 3 < width => {
                let _ = write!(line, " · {word}");
            }
            _ => lines.push(word.clone()),
        }
    }
    lines
}
