//! Secrets go where nobody sees them: environment, standard input, HTTP, channels.

use crate::model::diagnostic::Diagnostic;
use crate::model::source::Span;
use crate::plan::builder::Builder;
use crate::template::Reference;
use crate::template::nearest::did_you_mean;

use super::{Reader, Slot};

impl Builder<'_> {
    /// Checks a secret's name and where it stands; remembers those that a kept step reads.
    pub fn secret_reference(&mut self, reference: &Reference, place: Span, reader: Reader) {
        let frame = &self.frames[reader.frame.0 as usize];
        let Some(name) = reference.path.get(1) else {
            let message = "name the secret: `secrets.NAME`";
            let found = Diagnostic::error("plan::unknown_secret", place, message);
            self.findings.push(found.help("secrets are read one by one, so that each is known"));
            return;
        };
        let Some(declared) = frame.secrets.get(name).copied() else {
            let mut found = Diagnostic::error("plan::unknown_secret", place, format!("there is no secret `{name}`"));
            found.help = did_you_mean(name, frame.secrets.keys().map(String::as_str))
                .or_else(|| Some("declare it under `secrets:`".to_owned()));
            self.findings.push(found);
            return;
        };
        let wrong = match reader.slot {
            Slot::Sink => None,
            Slot::Argv => Some("an argument vector, which every user of the machine can read"),
            Slot::Script => Some("a script"),
            Slot::Plain => Some("a text that people see"),
            Slot::Judgement => Some("a judgement, which messages quote"),
            Slot::Parameter | Slot::Variable => Some("a parameter or variable"),
        };
        if let Some(wrong) = wrong {
            let message = format!("a secret may not stand in {wrong}");
            self.findings.push(Diagnostic::error("plan::secret_place", place, message).help(format!(
                "pass it by `env:` (`env: {{NAME: \"${{{{ secrets.{name} }}}}\"}}`), `stdin:`, or an HTTP header, URL or body"
            )));
            return;
        }
        if reader.node.is_some_and(|node| self.nodes[node.0 as usize].pruned.is_some()) {
            return;
        }
        let declared = declared.clone();
        match self.secrets.get(name) {
            Some(known) if (&known.source, &known.default) != (&declared.source, &declared.default) => {
                let message = format!("two runbooks of this plan declare the secret `{name}` differently");
                self.findings.push(
                    Diagnostic::error("plan::secret_conflict", declared.span, message)
                        .related(known.span, "the other one")
                        .help("give one of them another name"),
                );
            }
            Some(_) => {}
            None => {
                self.secrets.insert(name.clone(), declared);
            }
        }
    }

    /// What the channels of a notification read.
    pub fn channel_references(&mut self, channels: &[String], reader: Reader) {
        let frame = self.system_frame();
        for channel in channels {
            if let Some(url) = self.channels.get(channel).map(|channel| channel.url.clone()) {
                self.text(&url, Reader { frame, ..reader });
            }
        }
    }
}
