//! What the engine adds to and refuses in `docker:` argument vectors.

use crate::model::diagnostic::Diagnostic;
use crate::model::operation::Argv;
use crate::model::source::{Fragment, Layout, Span, Text};
use crate::plan::builder::Builder;
use crate::plan::effects::Literals;
use crate::plan::findings::text;
use crate::template::Words;

impl Builder<'_> {
    /// The words of a `docker:` action; `compose …` gets the system's flags.
    pub fn docker_words(&mut self, argv: &Argv) -> Option<Words> {
        let words = self.findings.take(Words::parse(argv))?;
        let is_compose = words.literals().first().is_some_and(|word| word.as_deref() == Some("compose"));
        match &self.world.compose {
            Some(compose) if is_compose => self.findings.take(Words::parse(&with_flags(argv, &compose.flags))),
            _ => Some(words),
        }
    }

    /// `-t` wants a terminal, and a run has none.
    pub fn refuse_tty(&mut self, literals: &Literals, place: Span) {
        let words: Vec<&str> = literals.iter().map(|word| word.as_deref().unwrap_or("")).collect();
        let (["exec" | "run", flags @ ..] | ["container", "exec" | "run", flags @ ..]) = words.as_slice() else { return };
        let mut own = flags.iter().take_while(|word| word.starts_with('-'));
        let asks = |flag: &str| {
            flag == "--tty" || !flag.starts_with("--") && flag.contains('t') && flag[1..].chars().all(|c| "itd".contains(c))
        };
        if own.any(|flag| asks(flag)) {
            let message = "`-t` asks for a terminal, and a run has none";
            self.findings.push(Diagnostic::error("plan::docker_tty", place, message).help("leave `-t` out"));
        }
    }
}

/// The flags after `compose`, each one argument whatever it holds.
fn with_flags(argv: &Argv, flags: &[String]) -> Argv {
    match argv {
        Argv::List(texts) => {
            let Some((first, rest)) = texts.split_first() else { return argv.clone() };
            let flags = flags.iter().map(|flag| text(escape(flag), first.0.span));
            Argv::List(std::iter::once(first.clone()).chain(flags).chain(rest.iter().cloned()).collect())
        }
        Argv::Line(Text(line)) => {
            let at = line.source.find("compose").map_or(0, |at| at + "compose".len());
            let flags: String = flags.iter().map(|flag| format!(" '{}'", escape(flag))).collect();
            let source = format!("{}{flags}{}", &line.source[..at], &line.source[at..]);
            Argv::Line(Text(Fragment { source, span: line.span, layout: Layout::Opaque }))
        }
    }
}

/// A value is data: a `${{` in it stays text.
fn escape(flag: &str) -> String {
    flag.replace("${{", "${{ '${{' }}")
}
