//! Random runbooks as YAML: chains, explicit needs, groups, parallel groups, retries, fallbacks, finally-steps.

use std::fmt::Write;

use proptest::prelude::*;

/// One generated step.
#[derive(Clone, Debug)]
pub struct Gen {
    /// Attempts that fail before one succeeds; 9 never succeeds.
    pub failures: u8,
    pub retries: u8,
    pub on_failure: u8,
    /// Bits: which of the (up to 8) steps above it in its list it needs; none: the default.
    pub needs: Option<u8>,
    pub millis: u16,
    pub members: Vec<Gen>,
    pub parallel: u8,
    pub fallback: Vec<Gen>,
    pub finally: Vec<Gen>,
    /// 0: none, 1: works, 2: is stuck.
    pub rollback: u8,
    /// Bits that a test lays over the planned step: 1 undo it when it fails, 2 destroys, 4 failback, 8 needs approval.
    pub bits: u8,
}

/// What a step does: attempts that fail, duration, whether its undo fails, and its bits.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub failures: u8,
    pub millis: u16,
    pub stuck: bool,
    pub bits: u8,
}

pub fn steps() -> impl Strategy<Value = Vec<Gen>> {
    let bits = prop_oneof![3 => Just(0u8), 2 => Just(1u8), 1 => 0..16u8];
    let leaf = (
        prop_oneof![4 => Just(0u8), 1 => 1..3u8, 1 => Just(9u8)],
        0..3u8,
        0..6u8,
        any::<Option<u8>>(),
        1..2000u16,
        0..3u8,
        bits,
    )
        .prop_map(|(failures, retries, on_failure, needs, millis, rollback, bits)| Gen {
            failures,
            retries,
            on_failure,
            needs,
            millis,
            members: Vec::new(),
            parallel: 0,
            fallback: Vec::new(),
            finally: Vec::new(),
            rollback,
            bits,
        });
    let step = leaf.prop_recursive(3, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        let some = prop::collection::vec(inner.clone(), 0..2);
        let list = prop_oneof![1 => Just(Vec::new()), 4 => list];
        (inner, list, 0..4u8, some.clone(), some).prop_map(|(step, members, parallel, fallback, finally)| Gen {
            members,
            parallel,
            fallback,
            finally,
            ..step
        })
    });
    prop::collection::vec(step, 1..7)
}

/// The runbook, and the script: failures and duration by the name that each command carries.
pub fn yaml(steps: &[Gen]) -> (String, Vec<Told>) {
    let mut out = String::from("kind: runbook/v1\nname: generated\nsteps:\n");
    let mut script = Vec::new();
    list(steps, 1, &mut out, &mut script);
    (out, script)
}

fn list(steps: &[Gen], indent: usize, out: &mut String, script: &mut Vec<Told>) {
    let pad = "  ".repeat(indent);
    let mut above: Vec<usize> = Vec::new();
    for step in steps {
        let number = script.len();
        let stuck = step.rollback == 2;
        script.push(Told { failures: step.failures, millis: step.millis, stuck, bits: step.bits });
        let _ = writeln!(out, "{pad}- id: s{number}");
        if let Some(bits) = step.needs {
            let chosen = above.iter().enumerate().filter(|(at, _)| *at < 8 && bits & (1 << at) != 0);
            let needs: Vec<String> = chosen.map(|(_, number)| format!("s{number}")).collect();
            let _ = writeln!(out, "{pad}  needs: [{}]", needs.join(", "));
        }
        if let Some(policy) =
            [None, Some("continue"), Some("warn")].get(usize::from(step.on_failure)).copied().flatten()
        {
            let _ = writeln!(out, "{pad}  on_failure: {policy}");
        }
        if step.retries > 0 {
            let _ = writeln!(out, "{pad}  retry:\n{pad}    attempts: {}\n{pad}    delay: 1s", step.retries + 1);
        }
        if step.members.is_empty() {
            let _ = writeln!(out, "{pad}  exec: work s{number}");
        } else {
            if let Some(parallel) = [None, Some("true"), Some("2")].get(usize::from(step.parallel)).copied().flatten() {
                let _ = writeln!(out, "{pad}  parallel: {parallel}");
            }
            let _ = writeln!(out, "{pad}  steps:");
            list(&step.members, indent + 2, out, script);
            if !step.finally.is_empty() {
                let _ = writeln!(out, "{pad}  finally:");
                list(&step.finally, indent + 2, out, script);
            }
        }
        if step.rollback > 0 {
            let _ = writeln!(out, "{pad}  rollback:\n{pad}    exec: undo s{number}");
        }
        if !step.fallback.is_empty() {
            let _ = writeln!(out, "{pad}  fallback:");
            list(&step.fallback, indent + 2, out, script);
        }
        above.push(number);
    }
}
