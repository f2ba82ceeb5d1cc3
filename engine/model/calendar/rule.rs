//! When something is to be done, and the moments that follow from it: pure arithmetic of days, then the time of day in a zone
//! ([`Zone::moment`]).

use std::fmt;

use chrono::{DateTime, Datelike as _, Days as ChronoDays, FixedOffset, Months, NaiveDate, NaiveTime, Utc, Weekday};

use super::zone::Zone;

/// A day of the fourth week lies in the next month at most, and a gap moves a moment by a day at most.
const BEFORE: i64 = 2;

/// On these days, at this time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// On which days.
    pub days: Days,
    /// At what time of day.
    pub at: NaiveTime,
}

/// On which days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    /// On each.
    Daily,
    /// Once a week.
    Weekly(Weekday),
    /// Once a month or quarter.
    In(Period, Which),
}

/// What is cut into days. Quarters begin with January, April, July and October.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are what they are")]
pub enum Period {
    Month,
    Quarter,
}

/// Which day of a month or quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The first to fourth of a day of the week.
    Nth(u8, Weekday),
    /// The last of a day of the week.
    Last(Weekday),
    /// A day of the first to fourth week. A week begins with a Monday, the first one with the first Monday; its Sunday may lie in the
    /// next month. Nothing is in a fifth week.
    Week(u8, Weekday),
    /// Counted from 1; where there are fewer days, the last.
    Day(u8),
    /// The last.
    LastDay,
}

impl Rule {
    /// Its moments after this one, in order, until the calendar of the world ends.
    pub fn after(self, zone: &Zone, moment: DateTime<Utc>) -> impl Iterator<Item = DateTime<FixedOffset>> + use<> {
        let zone = zone.clone();
        let here = self.number_of(zone.local(moment).date_naive());
        let days = (here - BEFORE..).map_while(move |number| self.day(number));
        let moments = days.map_while(move |day| zone.moment(day.and_time(self.at)));
        let mut last = moment;
        moments.filter(move |next| {
            let is_later = *next > last;
            if is_later {
                last = next.to_utc();
            }
            is_later
        })
    }

    /// Its newest moment that is not after this one.
    #[must_use]
    pub fn newest(self, zone: &Zone, moment: DateTime<Utc>) -> Option<DateTime<FixedOffset>> {
        let here = self.number_of(zone.local(moment).date_naive());
        let days = (here - 2 * BEFORE..=here + BEFORE).filter_map(|number| self.day(number));
        days.filter_map(|day| zone.moment(day.and_time(self.at))).filter(|found| *found <= moment).max()
    }

    /// The number of the day, week, month or quarter that a day lies in.
    fn number_of(self, day: NaiveDate) -> i64 {
        let month = i64::from(day.year()) * 12 + i64::from(day.month0());
        match self.days {
            Days::Daily => i64::from(day.num_days_from_ce()),
            // Day 1 was a Monday.
            Days::Weekly(_) => (i64::from(day.num_days_from_ce()) - 1).div_euclid(7),
            Days::In(Period::Month, _) => month,
            Days::In(Period::Quarter, _) => month.div_euclid(3),
        }
    }

    /// The day of a day, week, month or quarter by its number; none: beyond the end of the world's calendar.
    fn day(self, number: i64) -> Option<NaiveDate> {
        let from_ce = |days: i64| NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?);
        match self.days {
            Days::Daily => from_ce(number),
            Days::Weekly(weekday) => from_ce(number * 7 + 1 + i64::from(weekday.num_days_from_monday())),
            Days::In(Period::Month, which) => which.of(first_of(number)?, 1),
            Days::In(Period::Quarter, which) => which.of(first_of(number * 3)?, 3),
        }
    }
}

/// The first day of a month, by the number of months since the year 0.
fn first_of(month: i64) -> Option<NaiveDate> {
    let year = i32::try_from(month.div_euclid(12)).ok()?;
    NaiveDate::from_ymd_opt(year, u32::try_from(month.rem_euclid(12)).ok()? + 1, 1)
}

impl Which {
    /// The day in so many months from a first day of a month on.
    fn of(self, first: NaiveDate, months: u32) -> Option<NaiveDate> {
        let last = first.checked_add_months(Months::new(months))?.pred_opt()?;
        let later = |days: u32| first.checked_add_days(ChronoDays::new(u64::from(days)));
        let until = |weekday: Weekday| weekday.days_since(first.weekday());
        match self {
            Self::Nth(n, weekday) => later(until(weekday) + 7 * u32::from(n - 1)),
            Self::Last(weekday) => {
                last.checked_sub_days(ChronoDays::new(u64::from(last.weekday().days_since(weekday))))
            }
            Self::Week(n, weekday) => {
                later(until(Weekday::Mon) + 7 * u32::from(n - 1) + weekday.num_days_from_monday())
            }
            Self::Day(n) => later(u32::from(n - 1)).map(|day| day.min(last)),
            Self::LastDay => Some(last),
        }
    }
}

/// The beginning of a day.
#[must_use]
pub fn beginning(zone: &Zone, day: NaiveDate) -> Option<DateTime<FixedOffset>> {
    zone.moment(day.and_time(NaiveTime::MIN))
}

/// Days of the week by their names in documents, Monday first.
pub const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
    ("sunday", Weekday::Sun),
];

/// Which of several by their names in documents, from 1.
pub const ORDINALS: [&str; 4] = ["first", "second", "third", "fourth"];

fn name(weekday: Weekday) -> &'static str {
    WEEKDAYS[weekday.num_days_from_monday() as usize].0
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.days {
            Days::Daily => write!(f, "day")?,
            Days::Weekly(weekday) => write!(f, "week on {}", name(weekday))?,
            Days::In(period, which) => {
                f.write_str(if period == Period::Month { "month on " } else { "quarter on " })?;
                match which {
                    Which::Nth(n, weekday) => {
                        write!(f, "the {} {}", ORDINALS[usize::from(n - 1)], name(weekday))?;
                    }
                    Which::Last(weekday) => write!(f, "the last {}", name(weekday))?,
                    Which::Week(n, weekday) => write!(f, "{} of week {n}", name(weekday))?,
                    Which::Day(n) => write!(f, "day {n}")?,
                    Which::LastDay => write!(f, "the last day")?,
                }
            }
        }
        write!(f, " at {}", self.at.format("%H:%M"))
    }
}
