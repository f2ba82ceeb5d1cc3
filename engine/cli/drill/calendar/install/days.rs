//! The days of a rule in systemd's words. They may name a day too many, never one too few: what is due is decided when the timer starts.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};

use crate::model::calendar::{Days, Period, Rule, Which, Zone};

/// How far changes of clocks are looked for, days.
const FAR: i64 = 366 * 5;

/// The lines of `OnCalendar=` for a rule.
pub fn lines(rule: Rule, zone: &Zone, now: DateTime<Utc>) -> Vec<String> {
    let days = days(rule.days);
    let times = times(rule, zone, now);
    let line = |day: &String, time: &NaiveTime| format!("{day} {} {}", time.format("%H:%M:%S"), zone.name());
    days.iter().flat_map(|day| times.iter().map(move |time| line(day, time))).collect()
}

/// Its time of day, and what becomes of it where clocks are put forward: systemd leaves such a day out.
fn times(rule: Rule, zone: &Zone, now: DateTime<Utc>) -> BTreeSet<NaiveTime> {
    let daily = Rule { days: Days::Daily, at: rule.at };
    let end = now + TimeDelta::days(FAR);
    let moments = daily.after(zone, now).take_while(|moment| *moment <= end).map(|moment| moment.naive_local().time());
    moments.chain([rule.at]).collect()
}

fn days(days: Days) -> Vec<String> {
    match days {
        Days::Daily => vec!["*-*-*".to_owned()],
        Days::Weekly(weekday) => vec![format!("{weekday} *-*-*")],
        Days::In(period, which) => inside(period, which),
    }
}

/// Months in which a period begins, those after them, and those in which it ends; the first ones have this many days at least.
fn months(period: Period) -> [&'static str; 3] {
    match period {
        Period::Month => ["*", "*", "*"],
        Period::Quarter => ["01,04,07,10", "02,05,08,11", "03,06,09,12"],
    }
}

fn inside(period: Period, which: Which) -> Vec<String> {
    let [first, second, last] = months(period);
    match which {
        Which::Nth(n, weekday) => vec![format!("{weekday} *-{first}-{:02}..{:02}", 7 * n - 6, 7 * n)],
        Which::Week(n, weekday) => {
            let after = u8::try_from(weekday.num_days_from_monday()).unwrap_or(0);
            spread(first, second, weekday, 7 * n - 6 + after, 7 * n + after)
        }
        Which::Last(weekday) => vec![format!("{weekday} *-{last}~07/1")],
        Which::LastDay => vec![format!("*-{last}~01")],
        Which::Day(n) if n <= 28 => vec![format!("*-{first}-{n:02}")],
        Which::Day(31) if period == Period::Month => vec!["*-*~01".to_owned()],
        // Where a month is shorter: its last day, or in a quarter the first of the next.
        Which::Day(n) if period == Period::Month => vec![format!("*-*-{n}"), "*-02~01".to_owned()],
        Which::Day(n) => vec![format!("*-{first}-{n}"), format!("*-{second}-01")],
    }
}

/// A day of the week among days of a month that may go on in the next one.
fn spread(first: &str, second: &str, weekday: Weekday, from: u8, to: u8) -> Vec<String> {
    let mut lines = Vec::new();
    if from <= 31 {
        lines.push(format!("{weekday} *-{first}-{from:02}..{:02}", to.min(31)));
    }
    if to > 28 {
        lines.push(format!("{weekday} *-{second}-01..{:02}", to - 28));
    }
    lines
}
