//! What the engine adds to and refuses in `docker:` argument vectors.

use crate::model::diagnostic::Diagnostic;
use crate::model::operation::Argv;
use crate::model::source::Span;
use crate::plan::Target;
use crate::plan::builder::Builder;
use crate::plan::effects::Literals;
use crate::template::Words;

impl Builder<'_> {
    /// The words of a `docker:` action; `compose …` gets the system's flags, with directories of the machine it runs on.
    pub fn docker_words(&mut self, argv: &Argv, target: Option<&Target>) -> Option<Words> {
        let mut words = self.findings.take(Words::parse(argv))?;
        let is_compose = words.literals().first().is_some_and(|word| word.as_deref() == Some("compose"));
        if let Some(compose) = self.world.compose.as_ref().filter(|_| is_compose) {
            let elsewhere = target.is_some_and(Target::is_machine);
            words.insert(1, if elsewhere { &compose.flags_elsewhere } else { &compose.flags });
        }
        Some(words)
    }

    /// `-t` wants a terminal, and a run has none.
    pub fn refuse_tty(&mut self, literals: &Literals, place: Span) {
        let words: Vec<&str> = literals.iter().map(|word| word.as_deref().unwrap_or("")).collect();
        let (["exec" | "run", flags @ ..] | ["container", "exec" | "run", flags @ ..]) = words.as_slice() else {
            return;
        };
        let mut own = flags.iter().take_while(|word| word.starts_with('-'));
        let asks = |flag: &str| {
            flag == "--tty"
                || !flag.starts_with("--") && flag.contains('t') && flag[1..].chars().all(|c| "itd".contains(c))
        };
        if own.any(|flag| asks(flag)) {
            let message = "`-t` asks for a terminal, and a run has none";
            self.findings.push(Diagnostic::error("plan::docker_tty", place, message).help("leave `-t` out"));
        }
    }
}
