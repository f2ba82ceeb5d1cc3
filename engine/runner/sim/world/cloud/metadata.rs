//! Metadata: of a project, which all its instances have, and of one instance. The operator's ssh keys travel in it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::World;
use super::document::{add, number_of};
use super::operation::Lasts;
use super::{At, CloudError, Operation};

const SET: Lasts = (500, 2_000);

/// Where keys are.
const KEYS: [&str; 2] = ["ssh-keys", "sshKeys"];

impl World {
    /// Gives a project other metadata.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn set_project_metadata(
        &mut self,
        project: &str,
        items: BTreeMap<String, String>,
    ) -> Result<Operation, CloudError> {
        self.permit_change("compute.projects.setCommonInstanceMetadata", &format!("projects/{project}"))?;
        let known = self.project_mut(project)?;
        known.has_keys |= KEYS.iter().any(|key| items.contains_key(*key));
        known.metadata = items;
        let id = number_of(project);
        let mut operation = self.begin((&At::global(project, project), "projects"), "setMetadata", &id, SET);
        operation.target = format!("projects/{project}");
        self.keep(&operation);
        Ok(operation)
    }

    /// Gives an instance other metadata.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn set_metadata(&mut self, at: &At, items: BTreeMap<String, String>) -> Result<Operation, CloudError> {
        self.permit_change("compute.instances.setMetadata", &at.path("instances"))?;
        let instance = self.instance_at_mut(at)?;
        instance.vm.metadata = items;
        let id = instance.id.clone();
        Ok(self.begin((at, "instances"), "setMetadata", &id, SET))
    }

    /// Lines `USER:KEY` that an instance lets in: the project's and its own.
    #[must_use]
    pub fn ssh_keys(&self, at: &At) -> Vec<String> {
        let Ok(project) = self.project(&at.project) else { return Vec::new() };
        let own = project.instances.get(&at.key()).map(|instance| &instance.vm.metadata);
        let texts = own.into_iter().chain([&project.metadata]).flat_map(|items| KEYS.map(|key| items.get(key)));
        let lines = texts.flatten().flat_map(|text| text.lines()).map(str::trim);
        lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// A project as Compute knows it.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn compute_project_document(&self, name: &str) -> Result<Value, CloudError> {
        let path = format!("projects/{name}");
        self.permit("compute.projects.get", &path)?;
        let project = self.cloud.projects.get(name).ok_or(CloudError::NotFound(path.clone()))?;
        let items: Vec<Value> =
            project.metadata.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        let mut metadata = json!({"fingerprint": "1HkGUmAGVvo=", "kind": "compute#metadata"});
        add(&mut metadata, [("items", (!items.is_empty()).then_some(Value::Array(items)))]);
        Ok(json!({
            "commonInstanceMetadata": metadata,
            "defaultNetworkTier": "PREMIUM",
            "defaultServiceAccount": format!("{}-compute@developer.gserviceaccount.com", &number_of(name)[..12]),
            "id": number_of(name),
            "kind": "compute#project",
            "name": name,
            "selfLink": super::at::link(&path),
            "xpnProjectStatus": "UNSPECIFIED_XPN_PROJECT_STATUS",
        }))
    }
}
