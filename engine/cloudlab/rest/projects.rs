//! Projects: as Resource Manager knows them, and as Compute does, with the metadata that ssh keys travel in.

use serde_json::{Value, json};

use super::super::answer::Answer;
use super::Ask;
use super::instances::items;
use crate::runner::sim::cloud::CloudError;

/// A project that is not there and one that nobody may see are the same.
pub fn describe(ask: &Ask<'_>, name: &str) -> Answer {
    match ask.lab.world().project_document(name) {
        Err(CloudError::NoProject(_) | CloudError::Forbidden(_)) => {
            let mut answer = Answer::error(403, "forbidden", "The caller does not have permission");
            answer.body["error"]["status"] = "PERMISSION_DENIED".into();
            answer
        }
        found => found.into(),
    }
}

pub fn list(ask: &Ask<'_>) -> Answer {
    let world = ask.lab.world();
    let names = world.cloud().projects.keys();
    let found: Result<Vec<Value>, CloudError> = names.map(|name| world.project_document(name)).collect();
    found.map(|projects| json!({"projects": projects})).into()
}

pub fn compute(ask: &Ask<'_>, name: &str) -> Answer {
    ask.lab.world().compute_project_document(name).into()
}

pub fn set_metadata(ask: &Ask<'_>, name: &str) -> Answer {
    let items = items(&ask.request.body);
    ask.begun(ask.lab.change(|world| world.set_project_metadata(name, items)))
}
