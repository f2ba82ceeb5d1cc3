//! Ticks of an axis of time, in UTC: minutes, hours, days, Mondays, months or years, whatever gives a few.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Ticks at most: each has its words below it.
const MOST: usize = 4;

/// How far one tick is from the next.
#[derive(Clone, Copy, Debug)]
enum Step {
    Minutes(i64),
    Days(u64),
    /// Mondays.
    Weeks(u64),
    Months(u32),
    Years(i32),
}

const STEPS: [Step; 24] = [
    Step::Minutes(1),
    Step::Minutes(5),
    Step::Minutes(15),
    Step::Minutes(30),
    Step::Minutes(60),
    Step::Minutes(2 * 60),
    Step::Minutes(3 * 60),
    Step::Minutes(6 * 60),
    Step::Minutes(12 * 60),
    Step::Days(1),
    Step::Days(2),
    Step::Weeks(1),
    Step::Weeks(2),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Years(1),
    Step::Years(2),
    Step::Years(5),
    Step::Years(10),
    Step::Years(50),
    Step::Years(100),
    Step::Years(1000),
];

/// Moments between these two, with their words.
#[must_use]
pub fn dates(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(DateTime<Utc>, String)> {
    for step in STEPS {
        // One more than wanted is enough to see that these are too many.
        let moments: Vec<_> =
            step.moments(from).skip_while(|at| *at < from).take_while(|at| *at <= to).take(MOST + 1).collect();
        if moments.len() <= MOST {
            return moments.into_iter().map(|at| (at, step.words(at))).collect();
        }
    }
    Vec::new()
}

impl Step {
    /// From shortly before a moment on.
    fn moments(self, from: DateTime<Utc>) -> Box<dyn Iterator<Item = DateTime<Utc>>> {
        let day = from.date_naive();
        match self {
            Self::Minutes(minutes) => {
                let first = midnight(day);
                let passed = (from - first).num_minutes() / minutes;
                Box::new((passed..).map_while(move |n| first.checked_add_signed(TimeDelta::try_minutes(n * minutes)?)))
            }
            Self::Days(step) => {
                // Counted from one day for all pictures, so that they have the same ones.
                let behind = u64::from(day.num_days_from_ce().unsigned_abs()) % step;
                every_days(day.checked_sub_days(Days::new(behind)), step)
            }
            Self::Weeks(weeks) => {
                let since_monday = u64::from(day.weekday().num_days_from_monday());
                let monday = day.checked_sub_days(Days::new(since_monday));
                let number = monday.map_or(0, |monday| u64::from(monday.num_days_from_ce().unsigned_abs()) / 7);
                every_days(monday.and_then(|monday| monday.checked_sub_days(Days::new(number % weeks * 7))), weeks * 7)
            }
            Self::Months(step) => {
                let first = day.month0() / step * step;
                let year = day.year();
                let months = (first..).step_by(step as usize);
                Box::new(months.map_while(move |month| {
                    let years = i32::try_from(month / 12).ok()?;
                    NaiveDate::from_ymd_opt(year + years, month % 12 + 1, 1).map(midnight)
                }))
            }
            Self::Years(step) => {
                let first = day.year().div_euclid(step) * step;
                let years = (0..).map_while(move |n: i32| first.checked_add(n.checked_mul(step)?));
                Box::new(years.map_while(|year| NaiveDate::from_ymd_opt(year, 1, 1).map(midnight)))
            }
        }
    }

    fn words(self, at: DateTime<Utc>) -> String {
        let form = match self {
            Self::Minutes(_) => "%-d %b %H:%M",
            Self::Days(_) | Self::Weeks(_) => "%-d %b",
            Self::Months(_) => "%b %Y",
            Self::Years(_) => "%Y",
        };
        at.format(form).to_string()
    }
}

fn every_days(first: Option<NaiveDate>, step: u64) -> Box<dyn Iterator<Item = DateTime<Utc>>> {
    Box::new(std::iter::successors(first, move |day| day.checked_add_days(Days::new(step))).map(midnight))
}

const fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(from: &str, to: &str) -> Vec<String> {
        dates(from.parse().unwrap(), to.parse().unwrap()).into_iter().map(|(_, words)| words).collect()
    }

    #[test]
    fn ticks_are_at_round_moments_whatever_the_span() {
        assert_eq!(
            words("2026-11-20T14:03:00Z", "2026-11-20T15:10:00Z"),
            ["20 Nov 14:15", "20 Nov 14:30", "20 Nov 14:45", "20 Nov 15:00"]
        );
        assert_eq!(
            words("2026-11-20T00:30:00Z", "2026-11-21T00:30:00Z"),
            ["20 Nov 06:00", "20 Nov 12:00", "20 Nov 18:00", "21 Nov 00:00"]
        );
        assert_eq!(words("2026-11-19T09:00:00Z", "2026-11-23T08:00:00Z"), ["20 Nov", "21 Nov", "22 Nov", "23 Nov"]);
        assert_eq!(words("2026-02-25T09:00:00Z", "2026-03-21T08:00:00Z"), ["2 Mar", "9 Mar", "16 Mar"]);
        assert_eq!(
            words("2026-10-25T09:00:00Z", "2027-02-21T08:00:00Z"),
            ["Nov 2026", "Dec 2026", "Jan 2027", "Feb 2027"]
        );
        assert_eq!(
            words("2025-11-25T09:00:00Z", "2026-11-25T08:00:00Z"),
            ["Jan 2026", "Apr 2026", "Jul 2026", "Oct 2026"]
        );
        assert_eq!(words("2020-01-01T00:00:00Z", "2026-11-25T08:00:00Z"), ["2020", "2022", "2024", "2026"]);
    }

    #[test]
    fn a_month_has_its_mondays_and_a_leap_day_is_a_day() {
        assert_eq!(words("2028-02-26T09:00:00Z", "2028-03-01T08:00:00Z"), ["27 Feb", "28 Feb", "29 Feb", "1 Mar"]);
        let found = dates("2026-11-01T00:00:00Z".parse().unwrap(), "2026-11-29T00:00:00Z".parse().unwrap());
        assert!(found.iter().all(|(at, _)| at.weekday() == chrono::Weekday::Mon), "{found:?}");
    }

    #[test]
    fn there_are_a_few_for_every_span() {
        let from: DateTime<Utc> = "2026-11-20T14:03:17Z".parse().unwrap();
        for minutes in (0..40).map(|power| 4_i64 * 3_i64.pow(power.min(18))) {
            let to = from + TimeDelta::minutes(minutes);
            let found = dates(from, to);
            assert!((1..=MOST).contains(&found.len()), "{minutes} minutes: {found:?}");
            assert!(found.iter().all(|(at, _)| (from..=to).contains(at)), "{found:?}");
        }
    }
}
