//! PostgreSQL's `numeric`, as far as recovery computes: exact, with a scale.

/// `digits / 10^scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numeric {
    pub digits: i128,
    pub scale: u32,
}

/// Most digits after the point.
const MOST: u32 = 30;

impl Numeric {
    pub const fn whole(number: i64) -> Self {
        Self { digits: number as i128, scale: 0 }
    }

    /// `12.50`; none: no number, or one too long for this world.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, text) = match text.strip_prefix('-') {
            Some(text) => (-1, text),
            None => (1, text),
        };
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let all_digits = whole.chars().chain(part.chars()).all(|c| c.is_ascii_digit());
        if !all_digits || (whole.is_empty() && part.is_empty()) {
            return None;
        }
        let digits: i128 = format!("{whole}{part}").parse().ok()?;
        let scale = u32::try_from(part.len()).ok().filter(|scale| *scale <= MOST)?;
        Some(Self { digits: sign * digits, scale })
    }

    /// The same number with another scale, rounded half away from zero.
    pub fn rescale(self, scale: u32) -> Option<Self> {
        let digits = if scale >= self.scale {
            self.digits.checked_mul(power(scale - self.scale)?)?
        } else {
            let divisor = power(self.scale - scale)?;
            let half = divisor / 2 * self.digits.signum();
            self.digits.checked_add(half)? / divisor
        };
        Some(Self { digits, scale })
    }

    pub fn floor(self) -> Option<Self> {
        Some(Self { digits: self.digits.div_euclid(power(self.scale)?), scale: 0 })
    }

    pub fn add(self, other: Self) -> Option<Self> {
        let (one, other) = self.aligned(other)?;
        Some(Self { digits: one.digits.checked_add(other.digits)?, scale: one.scale })
    }

    pub fn negate(self) -> Self {
        Self { digits: -self.digits, scale: self.scale }
    }

    pub fn multiply(self, other: Self) -> Option<Self> {
        let scale = Some(self.scale + other.scale).filter(|scale| *scale <= MOST)?;
        Some(Self { digits: self.digits.checked_mul(other.digits)?, scale })
    }

    /// As precise as the server makes it: at least 16 digits that matter. None: by zero, or too long.
    pub fn divide(self, other: Self) -> Option<Self> {
        let (above, below) = (self.weight()?, other.weight()?);
        let begins_lower = self.first_group()? <= other.first_group()?;
        let weight = above - below - i32::from(begins_lower);
        let scale = u32::try_from(16 - weight * 4).unwrap_or(0).max(self.scale).max(other.scale).min(MOST);
        let shift = (scale + other.scale).checked_sub(self.scale)?;
        let dividend = self.digits.checked_mul(power(shift + 1)?)?;
        let quotient = dividend.checked_div(other.digits)?;
        Self { digits: quotient, scale: scale + 1 }.rescale(scale)
    }

    /// In groups of four digits, where the first one stands.
    fn weight(self) -> Option<i32> {
        let mut rest = (self.digits / power(self.scale)?).unsigned_abs();
        let mut weight = if rest == 0 { -1 } else { 0 };
        while rest >= 10_000 {
            rest /= 10_000;
            weight += 1;
        }
        Some(weight)
    }

    /// The first group of four digits.
    fn first_group(self) -> Option<u128> {
        let mut rest = (self.digits / power(self.scale)?).unsigned_abs();
        if rest == 0 {
            let padded = self.rescale(self.scale.div_ceil(4) * 4)?;
            rest = padded.digits.unsigned_abs();
        }
        while rest >= 10_000 {
            rest /= 10_000;
        }
        Some(rest)
    }

    fn aligned(self, other: Self) -> Option<(Self, Self)> {
        let scale = self.scale.max(other.scale);
        Some((self.rescale(scale)?, other.rescale(scale)?))
    }

    pub fn compare(self, other: Self) -> Option<std::cmp::Ordering> {
        let (one, other) = self.aligned(other)?;
        Some(one.digits.cmp(&other.digits))
    }

    /// Without a part after the point, if it fits.
    pub fn to_whole(self) -> Option<i64> {
        i64::try_from(self.rescale(0)?.digits).ok()
    }
}

fn power(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

impl std::fmt::Display for Numeric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let scale = usize::try_from(self.scale).unwrap_or_default();
        let digits = format!("{:0>width$}", self.digits.unsigned_abs(), width = scale + 1);
        let (whole, part) = digits.split_at(digits.len() - scale);
        if part.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{part}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Numeric {
        Numeric::parse(text).unwrap()
    }

    #[test]
    fn divisions_are_as_precise_as_the_servers() {
        // Recorded from PostgreSQL 15.
        for (one, other, is) in [
            ("1", "3.0", "0.33333333333333333333"),
            ("10", "3.0", "3.3333333333333333"),
            ("100000", "3.0", "33333.333333333333"),
            ("7", "2.0", "3.5000000000000000"),
            ("7", "3", "2.3333333333333333"),
        ] {
            assert_eq!(number(one).divide(number(other)).unwrap().to_string(), is, "{one} / {other}");
        }
        assert_eq!(number("1").divide(number("0")), None);
    }

    #[test]
    fn rounding_is_away_from_zero() {
        for (text, scale, is) in [("2.5", 0, "3"), ("-2.5", 0, "-3"), ("2.567", 2, "2.57"), ("1", 2, "1.00")] {
            assert_eq!(number(text).rescale(scale).unwrap().to_string(), is);
        }
        assert_eq!(number("2.50").multiply(number("2")).unwrap().to_string(), "5.00");
        assert_eq!(number("-0.05").to_string(), "-0.05");
        assert_eq!(Numeric::parse("1.2.3"), None);
    }
}
