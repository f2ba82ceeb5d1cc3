//! The moments of a rule: against days counted one by one, where clocks change, in months that are short, long or have five Mondays.

use chrono::{DateTime, Datelike as _, Days as Count, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use proptest::prelude::*;
use runbook::model::calendar::{Days, Period, Rule, Which, Zone};

use super::at;

fn zone(name: &str) -> Zone {
    Zone::named(name).expect("a zone")
}

fn clock(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").expect("a time of day")
}

fn rule(days: Days, time: &str) -> Rule {
    Rule { days, at: clock(time) }
}

fn month(which: Which) -> Rule {
    rule(Days::In(Period::Month, which), "03:00")
}

/// So many moments after one, as people write them.
fn shown(rule: Rule, zone: &Zone, after: &str, many: usize) -> Vec<String> {
    rule.after(zone, at(after)).take(many).map(|moment| moment.format("%a %Y-%m-%d %H:%M %z").to_string()).collect()
}

/// Days only.
fn days(rule: Rule, after: &str, many: usize) -> Vec<String> {
    rule.after(&zone("UTC"), at(after)).take(many).map(|moment| moment.format("%Y-%m-%d").to_string()).collect()
}

#[test]
fn berlin_changes_its_clocks() {
    let zone = &zone("Europe/Berlin");
    let daily = rule(Days::Daily, "02:30");
    // 02:30 is not there: the first moment after the gap.
    assert_eq!(
        shown(daily, zone, "2026-03-27T12:00:00Z", 3),
        ["Sat 2026-03-28 02:30 +0100", "Sun 2026-03-29 03:00 +0200", "Mon 2026-03-30 02:30 +0200"]
    );
    // 02:30 is there twice: once, the first.
    assert_eq!(
        shown(daily, zone, "2026-10-23T12:00:00Z", 3),
        ["Sat 2026-10-24 02:30 +0200", "Sun 2026-10-25 02:30 +0200", "Mon 2026-10-26 02:30 +0100"]
    );
    // A local time stays what it is, whatever the offset.
    let weekly = rule(Days::Weekly(Weekday::Sun), "12:00");
    assert_eq!(
        shown(weekly, zone, "2026-10-17T12:00:00Z", 3),
        ["Sun 2026-10-18 12:00 +0200", "Sun 2026-10-25 12:00 +0100", "Sun 2026-11-01 12:00 +0100"]
    );
    // Between the two 02:30 of that night the next one is that of the next day.
    assert_eq!(shown(daily, zone, "2026-10-25T00:45:00Z", 1), ["Mon 2026-10-26 02:30 +0100"]);
}

#[test]
fn new_york_changes_its_clocks() {
    let zone = &zone("America/New_York");
    let spring = rule(Days::Daily, "02:00");
    assert_eq!(
        shown(spring, zone, "2026-03-07T12:00:00Z", 2),
        ["Sun 2026-03-08 03:00 -0400", "Mon 2026-03-09 02:00 -0400"]
    );
    let autumn = rule(Days::Daily, "01:30");
    assert_eq!(
        shown(autumn, zone, "2026-10-31T12:00:00Z", 2),
        ["Sun 2026-11-01 01:30 -0400", "Mon 2026-11-02 01:30 -0500"]
    );
}

#[test]
fn lord_howe_changes_its_clocks_by_half_an_hour() {
    let zone = &zone("Australia/Lord_Howe");
    let spring = rule(Days::Daily, "02:15");
    assert_eq!(
        shown(spring, zone, "2026-10-03T00:00:00Z", 2),
        ["Sun 2026-10-04 02:30 +1100", "Mon 2026-10-05 02:15 +1100"]
    );
    let autumn = rule(Days::Daily, "01:45");
    assert_eq!(
        shown(autumn, zone, "2026-04-04T00:00:00Z", 2),
        ["Sun 2026-04-05 01:45 +1100", "Mon 2026-04-06 01:45 +1030"]
    );
}

#[test]
fn a_day_that_a_country_left_out_is_made_up_for_at_its_end() {
    let daily = rule(Days::Daily, "03:00");
    assert_eq!(
        shown(daily, &zone("Pacific/Apia"), "2011-12-29T12:00:00Z", 3),
        ["Thu 2011-12-29 03:00 -1000", "Sat 2011-12-31 00:00 +1400", "Sat 2011-12-31 03:00 +1400"]
    );
}

#[test]
fn a_month_with_five_mondays_has_a_week_in_which_nothing_is() {
    // August 2026 has Mondays on 3, 10, 17, 24 and 31.
    let mut all: Vec<String> =
        (1..=4).flat_map(|n| days(month(Which::Week(n, Weekday::Mon)), "2026-08-01T00:00:00Z", 2)).collect();
    all.sort();
    assert_eq!(
        all,
        [
            "2026-08-03",
            "2026-08-10",
            "2026-08-17",
            "2026-08-24",
            "2026-09-07",
            "2026-09-14",
            "2026-09-21",
            "2026-09-28",
        ]
    );
    // A Monday of a week is the Monday of that number; the days of a week go together, over the end of a month too.
    for n in 1..=4 {
        let week = days(month(Which::Week(n, Weekday::Mon)), "2026-01-01T00:00:00Z", 36);
        assert_eq!(week, days(month(Which::Nth(n, Weekday::Mon)), "2026-01-01T00:00:00Z", 36));
    }
    assert_eq!(days(month(Which::Week(1, Weekday::Thu)), "2026-07-01T00:00:00Z", 2), ["2026-07-09", "2026-08-06"]);
    assert_eq!(days(month(Which::Nth(1, Weekday::Thu)), "2026-07-01T00:00:00Z", 2), ["2026-07-02", "2026-08-06"]);
    assert_eq!(days(month(Which::Week(4, Weekday::Sun)), "2026-12-01T00:00:00Z", 2), ["2027-01-03", "2027-01-31"]);
    // The last one is the fifth where there is one.
    assert_eq!(days(month(Which::Last(Weekday::Mon)), "2026-08-01T00:00:00Z", 2), ["2026-08-31", "2026-09-28"]);
}

#[test]
fn short_months_and_leap_years() {
    assert_eq!(
        days(month(Which::Day(31)), "2027-12-31T12:00:00Z", 5),
        ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]
    );
    assert_eq!(days(month(Which::Day(30)), "2027-01-31T12:00:00Z", 2), ["2027-02-28", "2027-03-30"]);
    assert_eq!(days(month(Which::Day(29)), "2100-01-31T12:00:00Z", 1), ["2100-02-28"]);
    assert_eq!(days(month(Which::LastDay), "2028-02-01T12:00:00Z", 2), ["2028-02-29", "2028-03-31"]);
    assert_eq!(days(month(Which::Last(Weekday::Tue)), "2028-02-01T12:00:00Z", 1), ["2028-02-29"]);
    assert_eq!(days(rule(Days::Daily, "03:00"), "2028-02-28T12:00:00Z", 2), ["2028-02-29", "2028-03-01"]);
}

#[test]
fn a_quarter_begins_with_january_april_july_and_october() {
    let quarter = |which| rule(Days::In(Period::Quarter, which), "03:00");
    assert_eq!(
        days(quarter(Which::Nth(1, Weekday::Mon)), "2025-12-31T12:00:00Z", 5),
        ["2026-01-05", "2026-04-06", "2026-07-06", "2026-10-05", "2027-01-04"]
    );
    assert_eq!(days(quarter(Which::Last(Weekday::Fri)), "2026-01-01T12:00:00Z", 2), ["2026-03-27", "2026-06-26"]);
    assert_eq!(days(quarter(Which::LastDay), "2026-01-01T12:00:00Z", 2), ["2026-03-31", "2026-06-30"]);
    // Days are counted from the beginning of the quarter.
    assert_eq!(days(quarter(Which::Day(31)), "2026-01-01T12:00:00Z", 2), ["2026-01-31", "2026-05-01"]);
}

// Against days counted one by one.

/// The first and the last day of the month or quarter of a day.
fn bounds(period: Period, day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let is_same = |other: &NaiveDate| match period {
        Period::Month => (other.year(), other.month()) == (day.year(), day.month()),
        Period::Quarter => (other.year(), other.month0() / 3) == (day.year(), day.month0() / 3),
    };
    let first = std::iter::successors(Some(day), NaiveDate::pred_opt).take_while(is_same).last().expect("a day");
    let last = std::iter::successors(Some(day), NaiveDate::succ_opt).take_while(is_same).last().expect("a day");
    (first, last)
}

fn is_inside(days: Days, day: NaiveDate) -> bool {
    let (period, which) = match days {
        Days::Daily => return true,
        Days::Weekly(weekday) => return day.weekday() == weekday,
        Days::In(period, which) => (period, which),
    };
    let number = |weekday: Weekday, day: NaiveDate| {
        let (first, _) = bounds(period, day);
        first.iter_days().take_while(|one| *one <= day).filter(|one| one.weekday() == weekday).count()
    };
    let (first, last) = bounds(period, day);
    match which {
        Which::Nth(n, weekday) => day.weekday() == weekday && number(weekday, day) == usize::from(n),
        Which::Last(weekday) => day.weekday() == weekday && day + Count::new(7) > last,
        Which::Week(n, weekday) => {
            let monday = day - Count::new(u64::from(day.weekday().num_days_from_monday()));
            day.weekday() == weekday && number(Weekday::Mon, monday) == usize::from(n)
        }
        Which::Day(n) => {
            let count = (day - first).num_days() + 1;
            count == i64::from(n) || (day == last && count < i64::from(n))
        }
        Which::LastDay => day == last,
    }
}

/// A moment is where the clock first shows this time, or jumps over it.
fn is_first(zone: &Zone, moment: DateTime<FixedOffset>, day: NaiveDate, time: NaiveTime) -> bool {
    let wanted = day.and_time(time);
    let shows = |minutes: i64| zone.local(moment.to_utc() - TimeDelta::minutes(minutes)).naive_local();
    shows(0) >= wanted && (1..=200).all(|minutes| shows(minutes) < wanted)
}

fn weekdays() -> impl Strategy<Value = Weekday> {
    (0u8..7).prop_map(|n| Weekday::try_from(n).expect("a weekday"))
}

fn rules() -> impl Strategy<Value = Rule> {
    let which = prop_oneof![
        ((1u8..=4), weekdays()).prop_map(|(n, weekday)| Which::Nth(n, weekday)),
        weekdays().prop_map(Which::Last),
        ((1u8..=4), weekdays()).prop_map(|(n, weekday)| Which::Week(n, weekday)),
        (1u8..=31).prop_map(Which::Day),
        Just(Which::LastDay),
    ];
    let period = prop_oneof![Just(Period::Month), Just(Period::Quarter)];
    let days = prop_oneof![
        1 => Just(Days::Daily),
        1 => weekdays().prop_map(Days::Weekly),
        4 => (period, which).prop_map(|(period, which)| Days::In(period, which)),
    ];
    (days, 0u32..24, 0u32..60).prop_map(|(days, hours, minutes)| Rule {
        days,
        at: NaiveTime::from_hms_opt(hours, minutes, 0).expect("a time"),
    })
}

fn zones() -> impl Strategy<Value = Zone> {
    prop::sample::select(vec![
        zone("UTC"),
        zone("Europe/Berlin"),
        zone("America/New_York"),
        zone("Australia/Lord_Howe"),
        zone("Asia/Kolkata"),
        zone("America/Sao_Paulo"),
        zone("Pacific/Chatham"),
        zone("Africa/Casablanca"),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn moments_are_the_days_of_the_rule_in_order_and_none_is_left_out(
        rule in rules(),
        zone in zones(),
        second in 0i64..3_800_000_000,
    ) {
        let after: DateTime<Utc> = DateTime::from_timestamp(second, 0).expect("a moment");
        let moments: Vec<_> = rule.after(&zone, after).take(20).collect();
        prop_assert_eq!(moments.len(), 20);
        prop_assert!(moments[0] > after);
        prop_assert!(moments.windows(2).all(|two| two[0] < two[1]), "{moments:?}");
        // Day by day: each that is in the rule has its moment, and no other has one.
        let mut left = moments.iter();
        let mut day = zone.local(after).date_naive() - Count::new(1);
        let mut next = left.next();
        while let Some(moment) = next {
            prop_assert!(day <= moment.date_naive(), "{} is not in {}", moment, rule);
            if is_inside(rule.days, day) {
                if is_first(&zone, *moment, day, rule.at) {
                    next = left.next();
                } else {
                    // The clock had shown it by the beginning.
                    let had = |minutes: i64| zone.local(after - TimeDelta::minutes(minutes)).naive_local();
                    let is_past = (0..=200).any(|minutes| had(minutes) >= day.and_time(rule.at));
                    prop_assert!(is_past && *moment == moments[0], "{day} has no moment in {rule}");
                }
            }
            day = day + Count::new(1);
        }
    }

    #[test]
    fn the_newest_moment_is_the_last_before_the_next(rule in rules(), zone in zones(), second in 100_000_000i64..3_800_000_000) {
        let now: DateTime<Utc> = DateTime::from_timestamp(second, 0).expect("a moment");
        let newest = rule.newest(&zone, now).expect("a moment");
        prop_assert!(newest <= now);
        let next = rule.after(&zone, newest.to_utc()).next().expect("a moment");
        prop_assert!(next > now, "{newest} and {next} around {now} in {rule}");
        // A moment is its own newest one.
        prop_assert_eq!(rule.newest(&zone, newest.to_utc()), Some(newest));
    }
}
