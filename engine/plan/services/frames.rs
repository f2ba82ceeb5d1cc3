//! The names that system operations see: the system, the environment, the run and the system's secrets; no runbook's own.

use crate::plan::builder::{Builder, FrameDraft, Site};
use crate::plan::world::map;
use crate::plan::{Deferred, FrameIx, NodeIx};
use crate::template::{Template, Value, value};

impl Builder<'_> {
    /// The frame of system operations without `args` that only a run knows.
    pub fn system_frame(&mut self) -> FrameIx {
        if let Some(frame) = self.system_frame {
            return frame;
        }
        let draft = self.system_draft();
        let ix = self.push_frame(draft);
        self.system_frame = Some(ix);
        ix
    }

    /// The frame of one services step, and `args` where it is known.
    pub fn operations_frame(
        &mut self,
        owner: NodeIx,
        site: &Site,
        image: Option<&Template>,
    ) -> (FrameIx, Option<Value>) {
        let frame = self.system_frame();
        let Some(image) = image else { return (frame, Some(map([("image", Value::from(()))]))) };
        if self.is_static_text(site, image) {
            let value = self.static_value(site, image).and_then(|value| value::text(&value));
            return (frame, Some(map([("image", Value::from(value))])));
        }
        let deferred = Deferred { under: "args", name: "image".to_owned(), value: image.clone(), param: None };
        let draft = FrameDraft { deferred: vec![deferred], owner: Some(owner), ..self.system_draft() };
        (self.push_frame(draft), None)
    }

    /// A frame of its own for two members of one service, so that the second may read the first.
    pub fn pair_frame(&mut self, of: FrameIx, name: &str, step: NodeIx) -> FrameIx {
        let from = &self.frames[of.0 as usize];
        let (owner, deferred) = (from.owner, from.deferred.clone());
        let mut draft = FrameDraft { deferred, owner, ..self.system_draft() };
        draft.steps.insert(name.to_owned(), step);
        self.push_frame(draft)
    }

    fn system_draft<'b>(&self) -> FrameDraft<'b>
    where
        Self: 'b,
    {
        let names = self.world.system.iter().flat_map(|system| &system.secrets).map(|(name, _)| name.value.as_str());
        let secrets = map(names.map(|name| (name, value::secret(name))));
        FrameDraft { scope: self.world.scope.with("secrets", secrets), is_system: true, ..FrameDraft::default() }
    }
}

impl<'a> Builder<'a> {
    fn push_frame(&mut self, mut draft: FrameDraft<'a>) -> FrameIx {
        let ix = FrameIx(u32::try_from(self.frames.len()).unwrap_or(u32::MAX));
        let secrets = self.world.system.iter().flat_map(|system| &system.secrets);
        draft.secrets = secrets.map(|(name, declared)| (name.value.clone(), declared)).collect();
        self.frames.push(draft);
        ix
    }
}
