//! `rollback` and `approve`: how a step is undone, and who must agree to it.

use std::collections::BTreeSet;

use crate::model::diagnostic::Diagnostic;
use crate::model::runbook::{Approve as AuthoredApprove, Rollback as AuthoredRollback};
use crate::model::source::{Name, Spanned};
use crate::plan::builder::{Builder, Site};
use crate::plan::{Approve, Rollback};
use crate::template::nearest::did_you_mean;

impl Builder<'_> {
    /// How a step is undone. Nothing is asked before the action, so its gate has no `before`.
    pub fn rollback(&mut self, rollback: &AuthoredRollback, site: &Site) -> Rollback {
        if rollback.done_when.is_none() {
            let message = "this rollback has no `done_when`";
            let found = Diagnostic::warning("plan::rollback_without_done_when", rollback.span, message);
            self.findings.push(found.help(
                "a step that failed is rolled back too, even if it never changed anything: without `done_when` (a probe \
                 that holds when there is nothing to undo) that reads as a stuck rollback",
            ));
        }
        let operation = self.operation(&rollback.operation, site);
        let done_when = rollback.done_when.as_ref().map(|probe| self.probe(probe, site));
        let gate = rollback.gate.as_ref().map(|gate| self.gate(gate, site));
        Rollback { operation, done_when, gate }
    }

    /// The people of the roles; none where that cannot be told, and a finding says why.
    pub fn approve(&mut self, approve: &AuthoredApprove, site: &Site) -> Option<Approve> {
        let Some(system) = self.world.system else {
            let message = "`approve` names roles, and there is no system that says who has them";
            let found = Diagnostic::error("plan::no_system", approve.span, message);
            self.findings.push(found.help("name it with `system:` in the runbook or --system FILE"));
            return None;
        };
        let mut people: Vec<String> = Vec::new();
        let mut all_known = true;
        for name in &approve.by {
            let Some((_, members)) = system.roles.iter().find(|(id, _)| id.value == name.value) else {
                all_known = false;
                if site.pruned.is_none() {
                    self.unknown_role(name, &system.roles);
                }
                continue;
            };
            people.extend(members.iter().map(|person| person.value.clone()));
        }
        let mut seen = BTreeSet::new();
        people.retain(|person| seen.insert(person.clone()));
        let there = u32::try_from(people.len()).unwrap_or(u32::MAX);
        let roles = approve.by.iter().map(|role| format!("`{}`", role.value)).collect::<Vec<_>>().join(", ");
        if all_known && there < approve.min {
            let message =
                format!("{} must approve, but {roles} {}", persons(approve.min), has(approve.by.len(), there));
            let found = Diagnostic::error("plan::too_few_approvers", approve.span, message);
            self.findings.push(found.help("lower `min`, name another role, or add people to it in the system file"));
        } else if let Some(inputs) = self.inputs.filter(|inputs| people.contains(&inputs.run.operator))
            && all_known
            && approve.not_requester
            && there == approve.min
        {
            let message = format!(
                "{} must approve, and `{}`, who starts the run, does not count",
                persons(approve.min),
                inputs.run.operator
            );
            let found = Diagnostic::warning("plan::approvers_without_requester", approve.span, message);
            self.findings.push(found.help("let somebody else start it, or add people to the role"));
        }
        Some(Approve { people, min: approve.min, not_requester: approve.not_requester, within: approve.within })
    }

    fn unknown_role(&mut self, name: &Name, roles: &[(Name, Vec<Spanned<String>>)]) {
        let message = format!("the system has no role `{}`", name.value);
        let mut found = Diagnostic::error("plan::unknown_role", name.span, message);
        found.help = did_you_mean(&name.value, roles.iter().map(|(id, _)| id.value.as_str()))
            .or_else(|| Some("declare it under `roles:` of the system, with its people".to_owned()));
        self.findings.push(found);
    }
}

fn persons(count: u32) -> String {
    if count == 1 { "1 person".to_owned() } else { format!("{count} people") }
}

fn has(roles: usize, count: u32) -> String {
    format!("{} {}", if roles == 1 { "has" } else { "together have" }, persons(count))
}
