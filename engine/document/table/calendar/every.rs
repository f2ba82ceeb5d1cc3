//! When, in words: `day at 03:00`, `week on monday at 03:00`, `month on the last friday at 22:00`, `quarter on day 15 at 04:30`.

use std::ops::Range;

use chrono::{NaiveTime, Weekday};
use serde_json::{Value, json};

use crate::document::kind::{Kind, scalar};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::Node;
use crate::model::calendar::rule::{ORDINALS, WEEKDAYS};
use crate::model::calendar::{Days, Period, Rule, Which};
use crate::model::diagnostic::Diagnostic;
use crate::template::nearest::nearest;

/// A rule.
pub(super) struct Every;
pub(super) const EVERY: Every = Every;

/// Words of other tools, and what they are here.
const FOREIGN: [(&str, &str); 8] = [
    ("daily", "day"),
    ("nightly", "day"),
    ("weekly", "week"),
    ("monthly", "month"),
    ("quarterly", "quarter"),
    ("hourly", "day"),
    ("yearly", "quarter"),
    ("annually", "quarter"),
];
const PERIODS: [&str; 4] = ["day", "week", "month", "quarter"];

const DAYS: &str = "the days of a month are `the first monday` (to fourth), `the last friday`, `monday of week 2`, `day 15`, `the last day`";

impl Kind for Every {
    type Out = Rule;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<Rule> {
        let (text, style) = scalar(lower, node, "a time")?;
        let fragment = lower.fragment(text, style, node.place);
        match parse(text) {
            Ok(rule) => Some(rule),
            Err(Wrong { at, message, help }) => {
                let found = Diagnostic::error("document::every", fragment.place(&at), message);
                lower.findings.push(found.help(help));
                None
            }
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        schemas.shared("every", |_| {
            let weekday = WEEKDAYS.map(|(name, _)| name).join("|");
            let nth = ORDINALS.join("|");
            let which = format!(
                "(the +)?(({nth}|last) +({weekday})|({weekday}) +of +week +[1-4]|day +([1-9]|[12][0-9]|3[01])|last +day)"
            );
            json!({
                "description": "When: the days, then the time of day.",
                "type": "string",
                "pattern": format!(
                    r"^\s*(day|week +on +({weekday})|(month|quarter) +on +{which}) +at +([01][0-9]|2[0-3]):[0-5][0-9]\s*$"
                ),
                "examples": [
                    "day at 03:00",
                    "week on monday at 03:00",
                    "month on the first monday at 03:00",
                    "month on monday of week 2 at 03:00",
                    "month on the last friday at 22:00",
                    "month on day 31 at 03:00",
                    "quarter on the last day at 03:00",
                ],
            })
        })
    }
}

/// What is wrong, where in the text, and the next step.
struct Wrong {
    at: Range<usize>,
    message: String,
    help: String,
}

fn parse(text: &str) -> Result<Rule, Wrong> {
    let mut words = Words { text, at: 0 };
    let first = words.next();
    let days = match first.1 {
        "day" => Days::Daily,
        "week" => {
            words.expect("on", "a week is `week on monday`")?;
            Days::Weekly(weekday(words.next())?)
        }
        "month" | "quarter" => {
            words.expect("on", DAYS)?;
            Days::In(if first.1 == "month" { Period::Month } else { Period::Quarter }, which(&mut words)?)
        }
        _ => return Err(period(first)),
    };
    words.expect("at", "the time of day comes after `at`, like `at 03:00`")?;
    let at = time(words.next())?;
    match words.next() {
        (_, "") => Ok(Rule { days, at }),
        (at, more) => {
            let message = format!("`{}` comes after the time", more.escape_debug());
            Err(Wrong {
                at,
                message,
                help: "the time of day is the end; times are those of the calendar's zone".into(),
            })
        }
    }
}

/// Words of a text with their places; an empty one at its end.
struct Words<'t> {
    text: &'t str,
    at: usize,
}

type Word<'t> = (Range<usize>, &'t str);

impl<'t> Words<'t> {
    fn next(&mut self) -> Word<'t> {
        let rest = &self.text[self.at..];
        let start = self.at + (rest.len() - rest.trim_start().len());
        let rest = &self.text[start..];
        let end = start + rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.at = end;
        (start..end, &self.text[start..end])
    }

    /// Takes the word if it is this one.
    fn take(&mut self, wanted: &str) -> bool {
        let before = self.at;
        let found = self.next().1 == wanted;
        if !found {
            self.at = before;
        }
        found
    }

    fn expect(&mut self, wanted: &str, help: &str) -> Result<(), Wrong> {
        let (at, found) = self.next();
        if found == wanted {
            return Ok(());
        }
        let message = if found.is_empty() {
            format!("`{wanted}` is missing at the end")
        } else {
            format!("`{wanted}` is expected here, not `{}`", found.escape_debug())
        };
        Err(Wrong { at, message, help: help.to_owned() })
    }
}

/// What the first word should have been.
fn period((at, word): Word<'_>) -> Wrong {
    let help = if WEEKDAYS.iter().any(|(name, _)| *name == word.to_lowercase()) {
        format!("write `week on {}`", word.to_lowercase())
    } else if ORDINALS.contains(&word) || matches!(word, "last" | "the") {
        format!("of a month or of a quarter? write `month on {word} …`")
    } else if let Some((_, here)) = FOREIGN.iter().find(|(there, _)| *there == word.to_lowercase()) {
        format!("write `{here} …`, the shortest is `day`, the longest `quarter`")
    } else if let Some(near) = nearest(word, PERIODS) {
        format!("did you mean `{near}`?")
    } else {
        "begin with `day`, `week on …`, `month on …` or `quarter on …`, like `month on the first monday at 03:00`"
            .to_owned()
    };
    let message = if word.is_empty() {
        "nothing says when".to_owned()
    } else {
        format!("`{}` is no day, week, month or quarter", word.escape_debug())
    };
    Wrong { at, message, help }
}

fn weekday((at, word): Word<'_>) -> Result<Weekday, Wrong> {
    let names = WEEKDAYS.map(|(name, _)| name);
    if let Some((_, weekday)) = WEEKDAYS.iter().find(|(name, _)| *name == word) {
        return Ok(*weekday);
    }
    let short = |name: &&str| word.len() >= 2 && name.starts_with(&word.to_lowercase());
    let near = names.into_iter().find(short).or_else(|| nearest(word, names));
    let help = near.map_or_else(|| format!("days are {}", names.join(", ")), |near| format!("did you mean `{near}`?"));
    Err(Wrong { at, message: format!("`{}` is no day of the week", word.escape_debug()), help })
}

/// Which day of a month or quarter.
fn which(words: &mut Words<'_>) -> Result<Which, Wrong> {
    words.take("the");
    let (at, word) = words.next();
    if let Some(n) = ORDINALS.iter().position(|name| *name == word) {
        let n = u8::try_from(n + 1).unwrap_or(1);
        return weekday(words.next()).map(|weekday| Which::Nth(n, weekday));
    }
    match word {
        "last" if words.take("day") => Ok(Which::LastDay),
        "last" => weekday(words.next()).map(Which::Last),
        "fifth" => Err(Wrong {
            at,
            message: "not every month has a fifth one".to_owned(),
            help: "write `the last monday`; in months with four it is the fourth".to_owned(),
        }),
        "week" => {
            let (end, number) = words.next();
            let help = format!(
                "say which day of that week: `monday of week {}`",
                if number.is_empty() { "2" } else { number }
            );
            Err(Wrong { at: at.start..end.end, message: "a week has seven days".to_owned(), help })
        }
        "day" => day(words.next()),
        _ if WEEKDAYS.iter().any(|(name, _)| *name == word) => {
            let named = weekday((at, word))?;
            words
                .expect("of", "which one? `the first monday` (to fourth), `the last monday`, or `monday of week 2`")?;
            words.expect("week", "the weeks of a month are `week 1` to `week 4`")?;
            week(words.next()).map(|n| Which::Week(n, named))
        }
        _ => {
            let known = ORDINALS.into_iter().chain(["last", "day", "week"]).chain(WEEKDAYS.map(|(name, _)| name));
            let help =
                nearest(word, known).map_or_else(|| DAYS.to_owned(), |near| format!("did you mean `{near}`? {DAYS}"));
            Err(Wrong { at, message: format!("`{}` is no day of a month", word.escape_debug()), help })
        }
    }
}

fn week((at, word): Word<'_>) -> Result<u8, Wrong> {
    match word {
        "1" => Ok(1),
        "2" => Ok(2),
        "3" => Ok(3),
        "4" => Ok(4),
        "5" => Err(Wrong {
            at,
            message: "not every month has a fifth week".to_owned(),
            help: "weeks are 1 to 4, and nothing is in a fifth; for the end of the month write `the last monday`"
                .to_owned(),
        }),
        _ => Err(Wrong {
            at,
            message: format!("`{}` is no week of a month", word.escape_debug()),
            help: "weeks are 1 to 4; week 1 begins with the first Monday".to_owned(),
        }),
    }
}

fn day((at, word): Word<'_>) -> Result<Which, Wrong> {
    let plain = word.bytes().all(|c| c.is_ascii_digit()) && !word.starts_with('0');
    let number = word.parse().ok().filter(|n| plain && (1..=31).contains(n));
    number.map(Which::Day).ok_or_else(|| Wrong {
        at,
        message: format!("`{}` is no day of a month", word.escape_debug()),
        help: "days are `day 1` to `day 31`; where a month is shorter, its last day".to_owned(),
    })
}

fn time((at, word): Word<'_>) -> Result<NaiveTime, Wrong> {
    let parts = word.split_once(':').filter(|(hours, minutes)| {
        [hours, minutes].into_iter().all(|part| part.len() == 2 && part.bytes().all(|c| c.is_ascii_digit()))
    });
    let time =
        parts.and_then(|(hours, minutes)| NaiveTime::from_hms_opt(hours.parse().ok()?, minutes.parse().ok()?, 0));
    time.ok_or_else(|| Wrong {
        at,
        message: format!("`{}` is no time of day", word.escape_debug()),
        help: "write hours and minutes, from 00:00 to 23:59, like `03:00`".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_shown_as_it_is_written() {
        for text in [
            "day at 03:00",
            "week on sunday at 23:59",
            "month on the first monday at 03:00",
            "month on the last friday at 22:00",
            "month on thursday of week 4 at 00:00",
            "month on day 31 at 03:00",
            "quarter on the second tuesday at 03:00",
            "quarter on the last day at 03:00",
        ] {
            let rule = parse(text).unwrap_or_else(|wrong| panic!("{text}: {}", wrong.message));
            assert_eq!(rule.to_string(), text);
        }
        assert_eq!(parse(" month  on first monday at 03:00 ").ok(), parse("month on the first monday at 03:00").ok());
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        for (text, part, help) in [
            ("", "", "begin with"),
            ("daily at 03:00", "daily", "`day …`"),
            ("Monday at 03:00", "Monday", "`week on monday`"),
            ("week on mon at 03:00", "mon", "did you mean `monday`?"),
            ("week on at 03:00", "at", "days are"),
            ("month on the frist monday at 03:00", "frist", "did you mean `first`?"),
            ("month on the fifth monday at 03:00", "fifth", "the last monday"),
            ("month on monday of week 5 at 03:00", "5", "nothing is in a fifth"),
            ("month on week 2 at 03:00", "week 2", "monday of week 2"),
            ("month on monday at 03:00", "at", "the first monday"),
            ("month on day 32 at 03:00", "32", "its last day"),
            ("month on day 031 at 03:00", "031", "its last day"),
            ("month on 15 at 03:00", "15", "day 15"),
            ("day at 3:00", "3:00", "like `03:00`"),
            ("day at 24:00", "24:00", "23:59"),
            ("day at +1:+2", "+1:+2", "23:59"),
            ("day", "", "at 03:00"),
            ("day at 03:00 CET", "CET", "calendar's zone"),
            ("first monday at 03:00", "first", "month on first …"),
        ] {
            let wrong = parse(text).err().unwrap_or_else(|| panic!("`{text}` is taken"));
            assert_eq!(&text[wrong.at.clone()], part, "{text}: {}", wrong.message);
            assert!(wrong.help.contains(help), "{text}: {}", wrong.help);
        }
    }
}
