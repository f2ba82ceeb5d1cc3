//! What the engine adds to and refuses in `docker:` argument vectors.

use crate::model::diagnostic::Diagnostic;
use crate::model::operation::Argv;
use crate::model::source::{Fragment, Layout, Span, Text};
use crate::plan::builder::Builder;
use crate::plan::effects::Literals;
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

    /// `docker exec` with stdin and without `-i` exits 0 and runs nothing; with `-t` it wants a terminal.
    pub fn docker_stdin(&mut self, literals: &Literals, stdin: bool, place: Span) {
        let words: Vec<&str> = literals.iter().map(|word| word.as_deref().unwrap_or("")).collect();
        let flags = match words.as_slice() {
            ["exec" | "run", rest @ ..] | ["container", "exec" | "run", rest @ ..] => rest,
            _ => return,
        };
        let own: Vec<&str> = flags.iter().take_while(|word| word.starts_with('-')).copied().collect();
        let short = |letter: char| {
            own.iter().any(|flag| {
                !flag.starts_with("--")
                    && flag.len() > 1
                    && !flag.contains('=')
                    && flag[1..].chars().all(|c| "itdP".contains(c))
                    && flag.contains(letter)
            })
        };
        if short('t') || own.contains(&"--tty") {
            let message = "`-t` asks for a terminal, and a run has none";
            self.findings.push(Diagnostic::error("plan::docker_tty", place, message).help("leave `-t` out"));
        }
        // A flag with a value of its own ends what can be read here; then nothing is claimed.
        let all_seen = own.len() < flags.len()
            && own.iter().all(|flag| flag.starts_with("--") && flag.contains('=') || short_only(flag));
        if stdin && all_seen && !short('i') && !own.contains(&"--interactive") {
            let message = "without `-i` Docker passes no stdin on: the program would see nothing and exit 0";
            self.findings.push(Diagnostic::error("plan::docker_stdin", place, message).help("write `exec -i …`"));
        }
    }
}

fn short_only(flag: &str) -> bool {
    !flag.starts_with("--") && flag[1..].chars().all(|letter| "itd".contains(letter))
        || ["--interactive", "--tty"].contains(&flag)
}

/// The flags after `compose`, each one argument whatever it holds.
fn with_flags(argv: &Argv, flags: &[String]) -> Argv {
    match argv {
        Argv::List(texts) => {
            let span = texts.first().map_or_else(|| unreachable_span(texts), |text| text.0.span);
            let flags = flags.iter().map(|flag| super::super::findings::text(escape(flag), span));
            Argv::List(texts.iter().take(1).cloned().chain(flags).chain(texts.iter().skip(1).cloned()).collect())
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

fn unreachable_span(_: &[Text]) -> Span {
    Span { file: crate::model::source::FileId(0), start: 0, end: 0 }
}
