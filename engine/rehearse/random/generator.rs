//! Random runbooks over a small system: every way to order, group, guard, repeat and undo steps, with commands that the simulated
//! world carries out.

use std::fmt::Write as _;

/// A small generator (splitmix64): a seed is a case.
pub struct Chance(u64);

impl Chance {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.roll() % most.max(1) as u64).unwrap_or(0)
    }

    /// True so many times of a hundred.
    pub fn is(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }
}

/// The system: five containers in a chain and beside it.
pub const SYSTEM: &str = "\
kind: system/v1
name: small
roles:
  ops: [ann, bob]
services:
  c0: { container: c0, estimate: 1s }
  c1: { container: c1, estimate: 1s, needs: [c0] }
  c2: { container: c2, estimate: 2s, needs: [c1] }
  c3: { container: c3, estimate: 1s, optional: true }
  c4: { container: c4, estimate: 1s, after: [c2] }
";

/// A runbook as text.
pub fn runbook(chance: &mut Chance) -> String {
    let mut out = String::from("kind: runbook/v1\nname: generated\nsystem: system.yaml\n");
    if chance.is(20) {
        out.push_str("on_failure: rollback\n");
    }
    if chance.is(10) {
        let _ = writeln!(out, "timeout: {}s", 5 + chance.below(60));
    }
    out.push_str("faults:\n  crash:\n    effects:\n      - service: { name: c1, is: crashed }\nsteps:\n");
    let mut maker = Maker { chance, next: 0, out, destroys: false };
    let steps = 1 + maker.chance.below(6);
    maker.list(steps, 1, 0);
    if maker.chance.is(60) {
        maker.out.push_str("finally:\n");
        maker.list(1, 1, 3);
    }
    maker.out
}

struct Maker<'c> {
    chance: &'c mut Chance,
    next: usize,
    out: String,
    /// The step destroys, so it has to ask.
    destroys: bool,
}

impl Maker<'_> {
    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(indent));
    }

    fn list(&mut self, steps: usize, indent: usize, depth: usize) {
        let mut above: Vec<usize> = Vec::new();
        for _ in 0..steps {
            let number = self.next;
            self.next += 1;
            self.line(indent, &format!("- id: s{number}"));
            self.edges(&above, indent + 1);
            if depth < 2 && self.chance.is(25) {
                self.group(indent + 1, depth);
            } else {
                self.leaf(number, indent + 1);
            }
            self.around(number, indent + 1, depth);
            above.push(number);
        }
    }

    fn edges(&mut self, above: &[usize], indent: usize) {
        let some = |maker: &mut Self| {
            let chosen: Vec<String> =
                above.iter().filter(|_| maker.chance.is(40)).map(|number| format!("s{number}")).collect();
            chosen.join(", ")
        };
        if self.chance.is(50) {
            let needs = some(self);
            self.line(indent, &format!("needs: [{needs}]"));
            if self.chance.is(20) {
                let after = some(self);
                self.line(indent, &format!("after: [{after}]"));
            }
        }
    }

    fn group(&mut self, indent: usize, depth: usize) {
        match self.chance.below(4) {
            0 => self.line(indent, "parallel: true"),
            1 => self.line(indent, "parallel: 2"),
            _ => {}
        }
        self.line(indent, "steps:");
        let members = 1 + self.chance.below(3);
        self.list(members, indent + 1, depth + 1);
        if self.chance.is(30) {
            self.line(indent, "finally:");
            self.list(1, indent + 1, 3);
        }
    }

    fn leaf(&mut self, number: usize, indent: usize) {
        let service = self.chance.below(5);
        match self.chance.below(20) {
            // Each run of it leaves a line; some fail, always or at first.
            0..=8 => {
                let ends = match self.chance.below(8) {
                    0 => "exit 1".to_owned(),
                    1 => format!("test $(wc -l < /tmp/s{number}) -ge 2"),
                    _ => format!("sleep {}", self.chance.below(3)),
                };
                self.line(indent, &format!("shell: echo ran >> /tmp/s{number}; {ends}"));
                if self.chance.is(15) {
                    self.line(indent, "effect: destroy");
                    self.destroys = true;
                }
            }
            9..=12 => {
                let verbs = ["start", "stop", "restart", "pause", "unpause", "kill"];
                let verb = verbs[self.chance.below(verbs.len())];
                self.line(indent, &format!("docker: {verb} c{service}"));
            }
            13 => self.line(indent, &format!("docker: container inspect c{service}")),
            14 => self.line(indent, "exec: \"true\""),
            15 => {
                let waits = 1 + self.chance.below(3000);
                self.line(indent, &format!("wait: {waits}ms"));
            }
            16 => self.line(indent, "manual: Do it"),
            17 => self.line(indent, &format!("services: {{ start: c{service} }}")),
            18 => self.line(indent, &format!("services: {{ stop: c{service}, scope: with_dependents }}")),
            _ => {
                self.line(indent, &format!("shell: echo ran >> /tmp/s{number}"));
                self.line(indent, "timeout: 1s");
            }
        }
    }

    fn around(&mut self, number: usize, indent: usize, depth: usize) {
        if self.chance.is(20) {
            let policy = ["continue", "warn", "rollback"][self.chance.below(3)];
            self.line(indent, &format!("on_failure: {policy}"));
        }
        if self.chance.is(15) {
            let attempts = 2 + self.chance.below(2);
            self.line(indent, &format!("retry: {{ attempts: {attempts}, delay: 1s }}"));
        }
        if self.chance.is(10) | std::mem::take(&mut self.destroys) {
            self.line(indent, "confirm: true");
        }
        if self.chance.is(5) {
            self.line(indent, "approve: { by: [ops], within: 10m }");
        }
        let own = !self.last_is_services();
        if own && self.chance.is(20) {
            self.line(indent, &format!("done_when: {{ exec: test -e /tmp/s{number} }}"));
        }
        if own && self.chance.is(20) {
            self.line(indent, "idempotent: true");
        }
        if own && self.chance.is(20) {
            let other = self.chance.below(number + 1);
            let within = self.chance.below(5);
            self.line(indent, &format!("gate: {{ exec: test -e /tmp/s{other}, within: {within}s }}"));
        }
        if own && self.chance.is(30) {
            let fails = if self.chance.is(20) { "; exit 1" } else { "" };
            self.line(indent, "rollback:");
            self.line(indent + 1, &format!("shell: echo undone >> /tmp/u{number}{fails}"));
        }
        if depth < 2 && self.chance.is(12) {
            self.line(indent, "fallback:");
            self.list(1, indent + 1, 3);
        }
    }

    /// A step that services expand has its own ways for these.
    fn last_is_services(&self) -> bool {
        self.out.lines().next_back().is_some_and(|line| line.trim_start().starts_with("services:"))
    }
}
