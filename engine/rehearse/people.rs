//! The people of a rehearsal: they confirm, approve and do what they are asked, and take their time for it.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::execute::operator::InputQuestion;
use crate::execute::{Answer, Event, Question};
use crate::model::id::AttemptToken;
use crate::model::runbook::{EnumValues, ParamType};

/// To read what is asked, and to type a name.
const CONFIRM: Duration = Duration::from_secs(20);
/// To be woken up, look at what is asked, and sign.
const APPROVE: Duration = Duration::from_mins(3);
/// To do something by hand when the runbook gives no estimate.
const BY_HAND: Duration = Duration::from_mins(1);

/// What a test lets a person say to a manual step or a confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scripted {
    /// No.
    No,
    /// Yes, with these values.
    Inputs(BTreeMap<String, String>),
}

/// Somebody for every question.
#[derive(Clone, Debug)]
pub struct People {
    /// When the rehearsed disaster happened: "when was the data last good" is the moment before.
    pub disaster: DateTime<Utc>,
    /// Who started the run.
    pub operator: String,
    /// What tests let them say, by step.
    pub answers: BTreeMap<String, Scripted>,
}

impl People {
    /// What comes of a question, and after how long. `estimate` is the step's, `inputs` what its `simulate` lets a person say.
    #[must_use]
    pub fn answer(
        &self,
        token: &AttemptToken,
        question: &Question,
        estimate: Option<Duration>,
        inputs: &[(String, String)],
    ) -> Vec<(Duration, Event)> {
        let says = |after: Duration, answer: Answer| {
            vec![(after, Event::Answered { token: token.clone(), answer, by: self.operator.clone() })]
        };
        match question {
            Question::Confirm { step, .. } => match self.answers.get(&step.0) {
                Some(Scripted::No) => says(CONFIRM, no("the test says no")),
                _ => says(CONFIRM, Answer::Yes { inputs: Vec::new(), evidence: None }),
            },
            Question::Manual { step, inputs: asked, evidence, .. } => {
                let after = estimate.unwrap_or(BY_HAND);
                let scripted = match self.answers.get(&step.0) {
                    Some(Scripted::No) => return says(after, no("the test says no")),
                    Some(Scripted::Inputs(inputs)) => Some(inputs),
                    None => None,
                };
                let mut given = Vec::with_capacity(asked.len());
                for input in asked {
                    let own = inputs.iter().find(|(name, _)| *name == input.name).map(|(_, text)| text.clone());
                    let text = scripted.and_then(|inputs| inputs.get(&input.name).cloned()).or(own);
                    if let Some(text) = text.or_else(|| self.made_up(input)) {
                        given.push((input.name.clone(), text));
                    } else {
                        let name = &input.name;
                        return says(
                            after,
                            no(&format!("nobody knows what to say to `{name}`: `simulate: {{inputs: …}}`")),
                        );
                    }
                }
                let evidence = evidence.then(|| "rehearsed".to_owned());
                says(after, Answer::Yes { inputs: given, evidence })
            }
            Question::Approval { step, digest, people, missing, .. } => {
                let approve = !matches!(self.answers.get(&step.0), Some(Scripted::No));
                let others = people.iter().filter(|person| user(person) != user(&self.operator));
                let able: Vec<&String> = others.collect();
                let able = if able.len() < *missing as usize { people.iter().collect() } else { able };
                let letter = |(at, by): (u32, &String)| {
                    let event = Event::Approval {
                        step: step.clone(),
                        digest: digest.clone(),
                        approve,
                        by: by.clone(),
                        verified: true,
                        reason: "rehearsal".to_owned(),
                    };
                    (APPROVE + Duration::from_secs(30) * at, event)
                };
                (0..).zip(able).take(*missing as usize).map(letter).collect()
            }
            // Nobody can know: the run says so.
            Question::Unknown { .. } => says(CONFIRM, Answer::Pause),
            Question::Step { .. } => says(Duration::ZERO, Answer::Rest),
            Question::Failed { .. } => says(Duration::ZERO, Answer::Stop),
        }
    }

    /// A value of the asked kind; none: nothing sensible can be made up.
    fn made_up(&self, input: &InputQuestion) -> Option<String> {
        if let Some(default) = &input.default {
            return Some(default.clone());
        }
        let param = &input.param;
        let least = param.min.as_ref().map(|min| min.value.clone());
        match param.kind {
            ParamType::Timestamp => {
                let before = self.disaster - TimeDelta::seconds(1);
                Some(before.to_rfc3339_opts(SecondsFormat::Secs, true))
            }
            ParamType::Enum => match param.values.as_ref()? {
                EnumValues::Fixed(values) => values.first().map(|value| value.value.clone()),
                EnumValues::Computed(_) => None,
            },
            ParamType::Int | ParamType::Number => Some(least.unwrap_or_else(|| "1".to_owned())),
            ParamType::Bool => Some("true".to_owned()),
            ParamType::Duration => Some(least.unwrap_or_else(|| "1m".to_owned())),
            ParamType::Bytes => Some(least.unwrap_or_else(|| "1MiB".to_owned())),
            ParamType::String if param.pattern.is_none() => Some("rehearsed".to_owned()),
            ParamType::String | ParamType::List => None,
        }
    }
}

fn user(name: &str) -> &str {
    name.split_once('@').map_or(name, |(user, _)| user)
}

fn no(why: &str) -> Answer {
    Answer::No { why: why.to_owned() }
}
