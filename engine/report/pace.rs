//! How long a run has taken, what is left of it, and how far the objective is: one line, for the progress and for open questions.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use console::style;

use super::phrase;
use super::summary::Summary;
use crate::model::entry::{Entry, Record};
use crate::model::port::Clock;

/// The pace of one run. Cheap to clone.
#[derive(Clone)]
pub struct Pace {
    clock: Arc<dyn Clock + Send + Sync>,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    /// What had elapsed, by the records, when the clock showed this.
    elapsed: Option<(Duration, Duration)>,
    /// Work ahead when this much had elapsed.
    expected: Option<(Duration, Duration)>,
    rto: Option<Duration>,
    /// Time since then in which people were asked: no work gets done in it.
    waited: Duration,
    /// A person is being asked since the clock showed this.
    asking: Option<Duration>,
}

/// What can be said now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Reading {
    elapsed: Duration,
    /// None: nobody said how long it takes.
    left: Option<Left>,
    rto: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    About(Duration),
    /// Longer than expected by this.
    Over(Duration),
}

impl Pace {
    /// By this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock + Send + Sync>) -> Self {
        Self { clock, known: Arc::default() }
    }

    /// The time for people.
    #[must_use]
    pub fn wall(&self) -> DateTime<Utc> {
        self.clock.now().wall
    }

    /// Takes what a record says about time; `summary` has it already.
    pub fn record(&self, summary: &Summary, record: &Record) {
        let expected = match &record.entry {
            Entry::RunStarted { expected_ms, .. } | Entry::RunResumed { expected_ms, .. } => *expected_ms,
            _ => return,
        };
        let since = summary.started.map_or(0, |started| (record.at - started).num_milliseconds());
        let since = Duration::from_millis(u64::try_from(since).unwrap_or(0));
        let mut known = self.lock();
        known.elapsed = Some((since, self.clock.now().elapsed));
        known.expected = (expected > 0).then(|| (since, Duration::from_millis(expected)));
        known.rto = summary.rto_ms.map(Duration::from_millis);
        known.waited = Duration::ZERO;
    }

    /// A person is asked from now on, or no more.
    pub fn asking(&self, is_asking: bool) {
        let now = self.clock.now().elapsed;
        let mut known = self.lock();
        if is_asking {
            known.asking = Some(now);
        } else if let Some(since) = known.asking.take() {
            known.waited += now.saturating_sub(since);
        }
    }

    /// `3m 12s elapsed · about 4m left · RTO 10m: 6m 48s left`; none before the run has begun.
    #[must_use]
    pub fn line(&self) -> Option<String> {
        self.reading().map(Reading::text)
    }

    fn reading(&self) -> Option<Reading> {
        let now = self.clock.now().elapsed;
        let known = self.lock();
        let (base, then) = known.elapsed?;
        let elapsed = base + now.saturating_sub(then);
        let waited = known.waited + known.asking.map_or(Duration::ZERO, |since| now.saturating_sub(since));
        let left = known.expected.map(|(since, expected)| {
            let worked = elapsed.saturating_sub(since).saturating_sub(waited);
            expected.checked_sub(worked).map_or_else(|| Left::Over(worked.saturating_sub(expected)), Left::About)
        });
        Some(Reading { elapsed, left, rto: known.rto })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    fn text(self) -> String {
        let mut text = style(format!("{} elapsed", seconds(self.elapsed))).dim().to_string();
        match self.left {
            Some(Left::About(left)) => {
                let _ = write!(text, "{}", style(format!(" · about {} left", seconds(left))).dim());
            }
            Some(Left::Over(over)) if over >= Duration::from_secs(1) => {
                let _ = write!(text, "{}", style(format!(" · {} longer than expected", seconds(over))).dim());
            }
            Some(Left::Over(_)) | None => {}
        }
        let Some(rto) = self.rto else { return text };
        let name = format!("RTO {}", phrase::time(rto));
        let shown = match rto.checked_sub(self.elapsed) {
            None => style(format!("{name} passed {} ago", seconds(self.elapsed.saturating_sub(rto)))).red().bold(),
            Some(left) => {
                let words = format!("{name}: {} left", seconds(left));
                let is_tight = matches!(self.left, Some(Left::About(work)) if work > left);
                if is_tight { style(format!("{words}, too little")).yellow() } else { style(words).dim() }
            }
        };
        let _ = write!(text, "{}{shown}", style(" · ").dim());
        text
    }
}

/// `1m 4s`, without parts of a second.
fn seconds(time: Duration) -> String {
    phrase::time(Duration::from_secs(time.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(elapsed: u64, left: Option<Left>, rto: Option<u64>) -> String {
        let reading = Reading { elapsed: Duration::from_secs(elapsed), left, rto: rto.map(Duration::from_secs) };
        console::strip_ansi_codes(&reading.text()).into_owned()
    }

    #[test]
    fn the_clock_says_what_is_left_and_what_has_passed() {
        let about = |seconds| Some(Left::About(Duration::from_secs(seconds)));
        assert_eq!(text(5, None, None), "5s elapsed");
        assert_eq!(text(60, about(90), Some(600)), "1m elapsed · about 1m 30s left · RTO 10m: 9m left");
        assert_eq!(text(60, about(90), Some(120)), "1m elapsed · about 1m 30s left · RTO 2m: 1m left, too little");
        let over = Some(Left::Over(Duration::from_secs(3)));
        assert_eq!(text(240, over, Some(120)), "4m elapsed · 3s longer than expected · RTO 2m passed 2m ago");
    }
}
