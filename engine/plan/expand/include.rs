//! `include`: another runbook's steps, in a frame of their own.

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use crate::document::normalise;
use crate::model::diagnostic::Diagnostic;
use crate::model::runbook::Step;
use crate::model::source::{FileId, Map, Text};
use crate::plan::builder::{Builder, Loose, Outputs, Role, Site};
use crate::plan::compile::When;
use crate::plan::given::Giver;
use crate::plan::{List, ListKind, NodeIx, seal};
use crate::template::nearest::did_you_mean;
use crate::template::value;

impl<'a> Builder<'a> {
    /// Expands an include. One whose path is not known (or that is pruned) stays empty.
    pub fn include(&mut self, ix: NodeIx, step: &'a Step, site: &Site, path: &'a Text, params: &'a Map<Text>) {
        let template = self.findings.template(path);
        self.note(ix).loose.push(Loose::Text(template.clone()));
        for (_, text) in params {
            let passed = self.findings.template(text);
            self.note(ix).loose.push(Loose::Text(passed));
        }
        let pruned = self.nodes[ix.0 as usize].pruned.is_some();
        let known =
            if pruned { None } else { self.static_value(site, &template).and_then(|value| value::text(&value)) };
        let file = known.and_then(|written| self.find_runbook(&written, path, site));
        let Some(file) = file else {
            if !pruned && self.inputs.is_some() && !self.is_static_text(site, &template) {
                let message = "the path of an include must be known before the run";
                let found = Diagnostic::error("plan::include_path", path.0.span, message);
                self.findings.push(found.help("choose between includes with `when:` on each"));
            }
            self.group(ix, step, site, ListKind::Include, List::default());
            self.note(ix).outputs = Outputs::Open;
            return;
        };
        let documents = self.documents;
        let runbook = &documents.runbooks[&file];
        let giver = Giver::Include { node: ix, site, passed: params, place: path.0.span };
        let frame = self.runbook_frame(runbook, &giver);
        let id = self.nodes[ix.0 as usize].id.clone();
        let at = seal::directory(&documents.sources.file(file).path);
        let inside = Site {
            frame,
            bindings: Rc::default(),
            open: Rc::default(),
            base: Rc::new(at),
            ..site.inside(ix, &id, Role::Main, pruned)
        };
        self.including.push(file);
        // A runbook that says nothing happens where the one that includes it does.
        let inside = Site { target: self.default_target(runbook.target.as_ref(), &inside, When::Planned), ..inside };
        let list = self.list(&runbook.steps, &inside, runbook.parallel);
        let finally_site = Site { role: Role::Finally, ..inside };
        let own_finally = self.list(&runbook.finally, &finally_site, crate::model::runbook::Parallel::No);
        self.including.pop();
        self.watched(runbook, frame);
        self.group(ix, step, site, ListKind::Include, list);
        let outputs = self.outputs(&runbook.outputs);
        let mut names: BTreeSet<String> = outputs.iter().map(|(name, _)| name.clone()).collect();
        let node = &mut self.nodes[ix.0 as usize];
        node.judge.outputs.splice(0..0, outputs);
        if let crate::plan::Body::List { finally, .. } = &mut node.body {
            finally.members.splice(0..0, own_finally.members);
        }
        names.extend(step.operation.outputs.iter().map(|(name, _)| name.value.clone()));
        self.note(ix).outputs = Outputs::Declared(names);
    }

    fn find_runbook(&mut self, written: &str, text: &Text, site: &Site) -> Option<FileId> {
        let documents = self.documents;
        let candidates = [normalise(Path::new(written)), normalise(&site.base.join(written))];
        let Some(file) = candidates.iter().find_map(|path| documents.paths.get(path)).copied() else {
            let mut found =
                Diagnostic::error("plan::unknown_include", text.0.span, format!("there is no runbook at `{written}`"));
            found.help = did_you_mean(written, documents.paths.keys().filter_map(|path| path.to_str()));
            self.findings.push(found);
            return None;
        };
        if self.including.contains(&file) {
            let name = |file: &FileId| documents.sources.file(*file).path.display().to_string();
            let from = self.including.iter().position(|it| *it == file).unwrap_or(0);
            let chain: Vec<String> = self.including[from..].iter().chain([&file]).map(name).collect();
            let message = format!("a runbook includes itself: {}", chain.join(" → "));
            let found = Diagnostic::error("plan::include_cycle", text.0.span, message);
            self.findings.push(found.help("take one of these includes out"));
            return None;
        }
        Some(file)
    }
}
