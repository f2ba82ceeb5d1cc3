//! `services:` becomes a sub-graph: one member a service, in dependency order, with health gates.

mod defaults;
mod frames;
mod member;
pub mod order;
pub mod select;
mod undo;

pub use member::health_of;

use crate::model::operation::{ServicesAction, Verb};
use crate::model::runbook::Step;
use crate::model::source::{Span, Spanned};
use crate::template::Template;

use super::builder::{Builder, Loose, Role, Site};
use super::compile::When;
use super::targets::Place;
use super::{List, ListKind, NodeIx};

/// What every member of one `services:` step has in common.
#[derive(Debug)]
pub struct Job {
    /// The verb.
    pub verb: Verb,
    /// The verb that undoes it, and where it was written.
    pub undo: Option<Spanned<Verb>>,
    /// Where it was written.
    pub place: Span,
    /// Where members are.
    pub site: Site,
    /// Of the step itself, over those of the services; its inner none: this machine.
    pub target: Option<Place>,
    /// Something reads the members' output (`logs`).
    pub keep_output: bool,
}

impl<'a> Builder<'a> {
    /// Expands a `services:` step. A selection that is not known stays empty.
    pub fn services(&mut self, ix: NodeIx, step: &'a Step, action: &'a ServicesAction, site: &Site) {
        let verb = action.verb.value;
        let kind = match verb {
            Verb::Check => ListKind::Check,
            Verb::Logs => ListKind::Logs,
            _ => ListKind::Services,
        };
        let selection: Vec<Template> = action.selection.iter().map(|text| self.findings.template(text)).collect();
        let image = self.findings.maybe(action.image.as_ref());
        self.note(ix).loose.extend(selection.iter().chain(&image).cloned().map(Loose::Text));
        let list =
            if self.nodes[ix.0 as usize].pruned.is_some() { None } else { self.selected(action, &selection, site) };
        let list = list.map_or_else(List::default, |selected| {
            let id = self.nodes[ix.0 as usize].id.clone();
            let judge = self.judge(&step.operation);
            let keep_output = super::compile::reads::capture(&judge, &[]).stdout;
            let own = step.operation.target.as_ref().map(|it| self.target(it, site, When::Planned).flatten());
            let site = self.members_site(ix, &id, site, image.as_ref());
            let undo = step.rollback.as_ref().and_then(|rollback| undo::verb(&rollback.operation));
            let job = Job { verb, undo, place: action.verb.span, site, target: own, keep_output };
            self.members(&job, &selected)
        });
        self.group(ix, step, site, kind, list);
    }

    fn members(&mut self, job: &Job, selected: &[usize]) -> List {
        let mut members = Vec::with_capacity(selected.len());
        let mut all = Vec::with_capacity(selected.len());
        for &service in selected {
            let ix = self.member(job, service, &mut all);
            members.push(ix);
        }
        let ordered = !job.verb.is_read() && !matches!(job.verb, Verb::Pause | Verb::Unpause);
        if ordered {
            let backwards = matches!(job.verb, Verb::Stop | Verb::Remove);
            for edge in order::edges(&self.world, selected) {
                let (from, to) = if backwards { (edge.needed, edge.by) } else { (edge.by, edge.needed) };
                let (from, to) = (members[from], members[to]);
                let node = self.node(from);
                if edge.hard { &mut node.needs } else { &mut node.after }.push(to);
            }
        }
        List { members: all, independent: !ordered, limit: None }
    }

    /// Where members stand: in the system's names, with `args`.
    fn members_site(
        &mut self,
        ix: NodeIx,
        id: &crate::model::id::StepId,
        site: &Site,
        image: Option<&Template>,
    ) -> Site {
        let (frame, args) = self.operations_frame(ix, site, image);
        let base = std::rc::Rc::new(self.world.dir.clone());
        let bindings = args.map(|args| ("args".to_owned(), args)).into_iter().collect::<Vec<_>>();
        Site {
            frame,
            base,
            bindings: std::rc::Rc::new(bindings),
            open: std::rc::Rc::default(),
            ..site.inside(ix, id, Role::Main, false)
        }
    }
}
