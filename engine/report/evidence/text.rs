//! What was found out, for people and for machines.

use serde_json::{Value, json};

use super::finding::{Finding, Status};
use super::gather::Gathered;
use super::manifest;
use crate::report::{phrase, visible};

/// True when nothing is broken.
#[must_use]
pub fn holds(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.status != Status::Broken)
}

/// A line each, the broken ones marked; then how it comes out.
#[must_use]
pub fn lines(findings: &[Finding]) -> Vec<String> {
    let count = |status: Status| findings.iter().filter(|finding| finding.status == status).count();
    let line = |finding: &Finding| {
        let word = match finding.status {
            Status::Holds => "holds",
            Status::Broken => "BROKEN",
            Status::NotProvable => "not provable:",
        };
        format!("{word} {}: {}", visible::line(&finding.about), visible::line(&finding.text))
    };
    let mut lines: Vec<String> = findings.iter().map(line).collect();
    let (broken, open) = (count(Status::Broken), count(Status::NotProvable));
    let open = if open == 0 {
        String::new()
    } else {
        format!("; {} cannot be proved from this alone", phrase::count(open, "thing"))
    };
    lines.push(match broken {
        0 => format!("it holds{open}"),
        broken => format!("IT DOES NOT HOLD: {} broken{open}", phrase::count(broken, "thing")),
    });
    lines
}

/// One object.
#[must_use]
pub fn json(gathered: &Gathered, findings: &[Finding], exit: u8) -> Value {
    let heads: Vec<_> = gathered.parts.values().filter_map(manifest::head).collect();
    let main = gathered.main().and_then(|(_, part)| part.facts.of.clone());
    json!({
        "kind": "verification",
        "of": main.as_ref().map(|(of, _)| of),
        "id": main.as_ref().map(|(_, id)| id),
        "holds": holds(findings),
        "exit": exit,
        "heads": heads,
        "findings": findings,
    })
}
