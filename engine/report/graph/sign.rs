//! The sign of a step: before a run its effect by its shape, after it the outcome by what stands in it; colour only adds to that.

use std::fmt::Write as _;

use super::Standing;
use crate::model::effect::Effect;
use crate::model::outcome::Outcome;
use crate::plan::OutlineStep;

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Of a group: a small ring.
    List,
    /// A ring.
    Reads,
    /// A disc.
    Changes,
    /// A diamond.
    Destroys,
    /// A dashed ring.
    LeftOut,
    /// A disc with a mark.
    Ended(Standing),
}

impl Sign {
    /// Of a step; with its standing after a run.
    #[must_use]
    pub fn of(step: &OutlineStep, standing: Option<Standing>) -> Self {
        match (standing, step.effect) {
            (Some(standing), _) => Self::Ended(standing),
            _ if step.pruned.is_some() => Self::LeftOut,
            (None, None) => Self::List,
            (None, Some(Effect::Read)) => Self::Reads,
            (None, Some(Effect::Mutate)) => Self::Changes,
            (None, Some(Effect::Destroy)) => Self::Destroys,
        }
    }

    /// Draws it around a point, as large as a radius.
    pub fn draw(self, (x, y): (f64, f64), radius: f64, standing: Option<Standing>, out: &mut String) {
        let class = standing.map_or("", Standing::class);
        let small = radius * 0.66;
        let circle = |out: &mut String, class: &str, r: f64| {
            let _ = write!(out, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r:.1}\"/>");
        };
        match self {
            Self::List => circle(out, "sign list", radius * 0.5),
            Self::Reads => circle(out, "sign reads", small),
            Self::Changes => circle(out, "sign changes", small),
            Self::LeftOut | Self::Ended(Standing::Ended(Outcome::Skipped)) => circle(out, "sign skipped", small),
            Self::Destroys => {
                let _ = write!(
                    out,
                    "<path class=\"sign destroys\" d=\"M{x:.1} {:.1}L{:.1} {y:.1}L{x:.1} {:.1}L{:.1} {y:.1}Z\"/>",
                    y - radius,
                    x + radius,
                    y + radius,
                    x - radius
                );
            }
            Self::Ended(standing) => {
                circle(out, &format!("sign {class}"), radius);
                let unit = radius / 8.0;
                let _ = write!(
                    out,
                    "<path class=\"mark {class}\" transform=\"translate({x:.1} {y:.1}) scale({unit:.2})\" d=\"{}\"/>",
                    mark(standing)
                );
            }
        }
    }
}

/// The lines in a disc of radius 8.
const fn mark(standing: Standing) -> &'static str {
    match standing {
        Standing::NotStarted => "M-2.5 0H-2.4M2.5 0H2.6",
        Standing::UnderWay => "M-2 -3.5L3 0L-2 3.5Z",
        Standing::Ended(outcome) => match outcome {
            Outcome::Succeeded => "M-3.6 0.2L-1.1 2.8L3.6 -2.8",
            Outcome::Warned => "M0 -4V1M0 3.6V3.8",
            Outcome::Failed => "M-2.8 -2.8L2.8 2.8M2.8 -2.8L-2.8 2.8",
            Outcome::Skipped => "M-3 0H3",
            Outcome::Interrupted => "M-2.2 -2.2H2.2V2.2H-2.2Z",
            Outcome::Unknown => "M-2.2 -1.8C-2.2 -5 2.4 -5 2.2 -1.8C2.1 0 0 -0.2 0 1.6M0 4V4.2",
            Outcome::RolledBack => "M-1 -4L-3.6 -1.6L-1 0.8M-3.4 -1.6H1.2C4.6 -1.6 4.6 3.4 1.2 3.4H-1.6",
        },
    }
}
