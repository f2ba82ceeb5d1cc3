//! From values to places, in proportion.

/// A linear scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    values: (f64, f64),
    places: (f64, f64),
}

impl Scale {
    /// `values.0` stands at `places.0`, `values.1` at `places.1`. Where both values are one, it stands in the middle.
    #[must_use]
    pub const fn new(values: (f64, f64), places: (f64, f64)) -> Self {
        Self { values, places }
    }

    /// Where a value stands.
    #[must_use]
    pub fn at(&self, value: f64) -> f64 {
        let width = self.values.1 - self.values.0;
        let part = if width == 0.0 { 0.5 } else { (value - self.values.0) / width };
        self.places.0 + part * (self.places.1 - self.places.0)
    }
}

/// A number that a plot can hold; beyond 285,000 years to the nearest.
#[expect(clippy::cast_precision_loss, reason = "a place on a picture; milliseconds of 285,000 years are exact")]
pub(super) const fn number(ms: u64) -> f64 {
    ms as f64
}

/// The same for a moment.
#[expect(clippy::cast_precision_loss, reason = "a place on a picture; milliseconds of 285,000 years are exact")]
pub(super) const fn moment(ms: i64) -> f64 {
    ms as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_proportion() {
        let scale = Scale::new((0.0, 50.0), (150.0, 50.0));
        for (value, place) in [(0.0, 150.0), (25.0, 100.0), (50.0, 50.0), (75.0, 0.0)] {
            assert!((scale.at(value) - place).abs() < 1e-9, "{value}");
        }
        assert!((Scale::new((7.0, 7.0), (0.0, 10.0)).at(7.0) - 5.0).abs() < 1e-9);
    }
}
