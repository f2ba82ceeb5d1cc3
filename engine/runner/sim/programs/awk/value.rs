//! Values of `awk`: numbers, texts, and input that is a number when it looks like one.

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    Number(f64),
    Text(String),
    /// From a field or `-v`.
    Input(String),
}

/// The number at the beginning of a text; 0: there is none.
fn leading(text: &str) -> f64 {
    let text = text.trim_start();
    let mut length = 0;
    for (at, c) in text.char_indices() {
        let fits = c.is_ascii_digit()
            || c == '.'
            || ((c == '+' || c == '-') && (at == 0 || text[..at].ends_with(['e', 'E'])))
            || (matches!(c, 'e' | 'E') && at > 0);
        if !fits {
            break;
        }
        length = at + 1;
    }
    // The longest beginning that is a number.
    (1..=length).rev().find_map(|end| text[..end].parse().ok()).unwrap_or(0.0)
}

impl Value {
    pub fn number(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) | Self::Input(text) => leading(text),
        }
    }

    pub fn text(&self) -> String {
        match self {
            Self::Number(number) => written(*number),
            Self::Text(text) | Self::Input(text) => text.clone(),
        }
    }

    pub fn holds(&self) -> bool {
        match self {
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Input(text) => self.as_number().map_or(!text.is_empty(), |number| number != 0.0),
        }
    }

    /// The number that it is, or looks like.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
            Self::Input(text) => {
                let trimmed = text.trim();
                let plain = trimmed.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '+' | '-' | 'e' | 'E'));
                trimmed.parse().ok().filter(|_| plain)
            }
        }
    }
}

/// A number as `print` writes it: whole ones as they are, others with six digits.
fn written(number: f64) -> String {
    if number.fract().abs() < f64::MIN_POSITIVE && number.abs() < 1e16 {
        return format!("{number:.0}");
    }
    if !number.is_finite() {
        return if number.is_nan() {
            "nan"
        } else if number > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let scientific = format!("{number:.5e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
    };
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        return trimmed(&format!("{number:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trimmed(digits), exponent.abs())
}
