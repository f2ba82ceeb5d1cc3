//! Tracks: rows with bars over one time axis, as a table whose last column is the axis. Bars differ by pattern, not by colour alone; a
//! row says in words what its bars show.

use std::fmt::Write as _;

use super::line;
use crate::report::phrase;

/// The time that an axis shows, ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its beginning.
    pub from: u64,
    /// Its end.
    pub to: u64,
    /// What its times are counted from.
    pub zero: u64,
}

/// A moment that every row shows.
#[derive(Clone, Debug)]
pub struct Moment {
    /// What happened.
    pub name: String,
    /// When, ms.
    pub at: u64,
    /// A class of colour.
    pub tone: &'static str,
}

/// A row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// How deep it lies.
    pub depth: usize,
    /// Markup.
    pub who: String,
    /// Markup.
    pub what: String,
    /// Class, from, to, ms.
    pub bars: Vec<(&'static str, u64, u64)>,
    /// More classes.
    pub class: &'static str,
}

/// Steps of an axis, ms.
const STEPS: [u64; 22] = [
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    15_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    900_000,
    1_800_000,
    3_600_000,
    7_200_000,
    14_400_000,
    28_800_000,
    86_400_000,
    7 * 86_400_000,
    30 * 86_400_000,
];
/// Pixels of a track on a phone.
const NARROW: f64 = 330.0;
/// At most so many on an axis.
const TICKS: u64 = 6;

impl Window {
    /// At least a little time, with a little room behind its end.
    #[must_use]
    pub fn new(from: u64, to: u64, zero: u64) -> Self {
        let length = to.saturating_sub(from).max(10);
        Self { from, to: from.saturating_add(length).saturating_add(length / 50), zero }
    }

    fn length(&self) -> u64 {
        (self.to - self.from).max(1)
    }

    /// Where a moment lies, percent.
    fn percent(&self, at: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a place on a screen")]
        let part = at.clamp(self.from, self.to).saturating_sub(self.from) as f64 / self.length() as f64;
        part * 100.0
    }

    fn step(&self) -> u64 {
        let most = STEPS.iter().copied().find(|step| self.length() / step <= TICKS);
        most.unwrap_or(self.length() / TICKS + 1)
    }
}

/// The table. `label` says to a screen reader what it is; `head` names the three columns.
#[must_use]
pub fn tracks(label: &str, head: [&str; 3], window: Window, moments: &[Moment], rows: &[Row]) -> String {
    let mut out =
        format!("<table class=\"tracks\" aria-label=\"{}\" style=\"{}\">", line(label), style(window, moments));
    let _ = write!(
        out,
        "<thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\" class=\"axis\"><span class=\"unseen\">{}</span>{}</th></tr></thead><tbody>",
        line(head[0]),
        line(head[1]),
        line(head[2]),
        axis(window)
    );
    for moment in moments {
        let since = phrase::ms(moment.at.saturating_sub(window.zero));
        let _ = write!(
            out,
            "<tr class=\"moment\"><th scope=\"row\" class=\"{0}\">{1}</th><td>{since}</td><td class=\"track\"><i class=\"spot fill-{0}\" style=\"left:{2:.2}%\"></i></td></tr>",
            moment.tone,
            line(&moment.name),
            window.percent(moment.at)
        );
    }
    for row in rows {
        let _ = write!(
            out,
            "<tr class=\"{}\"><th scope=\"row\" style=\"--depth:{}\">{}</th><td>{}</td><td class=\"track\">{}</td></tr>",
            row.class,
            row.depth,
            row.who,
            row.what,
            bars(window, &row.bars)
        );
    }
    out.push_str("</tbody></table>");
    out
}

fn bars(window: Window, bars: &[(&'static str, u64, u64)]) -> String {
    let mut out = String::new();
    for (class, from, to) in bars {
        let (left, right) = (window.percent(*from), window.percent(*to));
        let _ = write!(out, "<i class=\"bar {class}\" style=\"left:{left:.2}%;width:{:.2}%\"></i>", right - left);
    }
    out
}

/// The distance of the ticks, and a line for each moment.
fn style(window: Window, moments: &[Moment]) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a place on a screen")]
    let (step, length) = (window.step() as f64, window.length() as f64);
    let first = window.percent(first_tick(window));
    let mut style = format!("--tick:{:.3}%;--first:{first:.3}%", step / length * 100.0);
    if !moments.is_empty() {
        let lines: Vec<String> = moments
            .iter()
            .map(|moment| {
                let tone = moment.tone;
                format!(
                    "linear-gradient(var(--{tone}),var(--{tone})) {:.3}% 0/1.5px 100% no-repeat",
                    window.percent(moment.at)
                )
            })
            .collect();
        let _ = write!(style, ";--moments:{}", lines.join(","));
    }
    style
}

fn first_tick(window: Window) -> u64 {
    let (step, before) = (window.step(), window.zero.saturating_sub(window.from));
    if window.zero >= window.from {
        window.from.saturating_add(before % step)
    } else {
        let steps = (window.from - window.zero).div_ceil(step);
        window.zero.saturating_add(steps.saturating_mul(step))
    }
}

fn axis(window: Window) -> String {
    let mut out = String::new();
    let mut at = first_tick(window);
    while at <= window.to {
        let percent = window.percent(at);
        let (sign, since) = if at < window.zero { ("−", window.zero - at) } else { ("", at - window.zero) };
        let label = if since == 0 { "0".to_owned() } else { format!("{sign}{}", phrase::ms(since)) };
        #[expect(clippy::cast_precision_loss, reason = "a few characters")]
        let wide = (label.chars().count() as f64 * 7.0 + 5.0) / NARROW * 100.0;
        // At the edge there is no room for it.
        if percent + wide < 100.0 {
            let _ = write!(out, "<b style=\"left:{percent:.2}%\">{label}</b>");
        }
        let Some(next) = at.checked_add(window.step()) else { break };
        at = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_times_since_zero() {
        let window = Window::new(12_345, 72_345, 14_345);
        assert_eq!(window.step(), 10_000);
        assert_eq!(first_tick(window), 14_345);
        assert!(axis(window).contains(">50s</b>"), "{}", axis(window));
        let later = Window::new(5_000, 65_000, 0);
        assert_eq!(first_tick(later), 10_000);
    }

    #[test]
    fn bars_never_leave_their_track() {
        let window = Window::new(1_000, 2_000, 1_000);
        assert!(window.percent(0).abs() < f64::EPSILON);
        assert!((window.percent(99_000) - 100.0).abs() < f64::EPSILON);
    }
}
