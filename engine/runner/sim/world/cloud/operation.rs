//! Operations of Compute: what a request began, when it is done, and how it ended.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map as Object, Value, json};

use super::super::World;
use super::at::link;
use super::document::moment;
use super::{At, CloudError, Scope};

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `operation-…`; the moment of its beginning is a part of it.
    pub name: String,
    /// 64-bit number, as text.
    pub id: String,
    /// `insert`, `delete`, `attachDisk`, …
    pub kind: &'static str,
    /// Where it is kept: its own project and scope; `name` is its name.
    pub at: At,
    /// The path of what it is about.
    pub target: String,
    /// The number of that.
    pub target_id: String,
    /// When it began.
    pub began: DateTime<Utc>,
    /// From then on it is done.
    pub ends: DateTime<Utc>,
    /// How it ended, when it failed.
    pub error: Option<CloudError>,
}

/// How long something takes: milliseconds, at least and at most.
pub(super) type Lasts = (u64, u64);

impl World {
    /// Begins an operation on a resource.
    pub(super) fn begin(
        &mut self,
        (at, collection): (&At, &str),
        kind: &'static str,
        target_id: &str,
        lasts: Lasts,
    ) -> Operation {
        let lasts = self.lasts(lasts);
        let began = self.now();
        let (tail, id) = (self.dice.hex(29), self.number());
        let name = format!("operation-{}-{}-{}-{}", began.timestamp_millis(), &tail[..13], &tail[13..21], &tail[21..]);
        let operation = Operation {
            name: name.clone(),
            id,
            kind,
            at: at.beside(&name),
            target: at.path(collection),
            target_id: target_id.to_owned(),
            began,
            ends: after(began, lasts),
            error: None,
        };
        self.keep(&operation);
        operation
    }

    /// Notes how an operation is to be found.
    pub(super) fn keep(&mut self, operation: &Operation) {
        if let Some(project) = self.cloud.projects.get_mut(&operation.at.project) {
            project.operations.insert_mut(operation.name.clone(), operation.clone());
        }
    }

    /// Every operation of a project; with a scope, those of this one.
    ///
    /// # Errors
    /// It is refused.
    pub fn operation_documents(&self, project: &str, scope: Option<&Scope>) -> Result<Vec<Value>, CloudError> {
        let collection =
            scope.map_or_else(|| "aggregated/operations".to_owned(), |s| format!("{}/operations", s.path()));
        self.permit_list("compute.operations.list", project, &collection)?;
        let all = self.project(project)?.operations.values();
        let wanted = all.filter(|operation| scope.is_none_or(|scope| *scope == operation.at.scope));
        Ok(wanted.map(|operation| self.operation_document(operation)).collect())
    }

    /// One operation.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn operation_at(&self, at: &At) -> Result<&Operation, CloudError> {
        let path = at.path("operations");
        self.permit("compute.operations.get", &path)?;
        let found = self.project(&at.project)?.operations.get(&at.name);
        found.filter(|operation| operation.at.scope == at.scope).ok_or(CloudError::NotFound(path))
    }

    /// An operation as it is now.
    #[must_use]
    pub fn operation_document(&self, operation: &Operation) -> Value {
        let done = self.now() >= operation.ends;
        let mut document = json!({
            "id": operation.id,
            "insertTime": moment(operation.began),
            "kind": "compute#operation",
            "name": operation.name,
            "operationType": operation.kind,
            "progress": if done { 100 } else { 0 },
            "selfLink": operation.at.link("operations"),
            "startTime": moment(operation.began),
            "status": if done { "DONE" } else { "RUNNING" },
            "targetId": operation.target_id,
            "targetLink": link(&operation.target),
            "user": self.cloud.account.as_deref().unwrap_or("operator@example.com"),
        });
        // The literal above is an object.
        let Value::Object(fields) = &mut document else { return document };
        match &operation.at.scope {
            Scope::Zone(_) => place(fields, "zone", operation),
            Scope::Region(_) => place(fields, "region", operation),
            Scope::Global => {}
        }
        if done {
            fields.insert("endTime".to_owned(), moment(operation.ends).into());
            if let Some(error) = &operation.error {
                fields.insert("error".to_owned(), json!({"errors": [error.in_operation()]}));
                fields.insert("httpErrorStatusCode".to_owned(), error.status().into());
            }
        }
        document
    }
}

/// A moment so long after another.
pub(super) fn after(moment: DateTime<Utc>, lasts: Duration) -> DateTime<Utc> {
    let delta = TimeDelta::from_std(lasts).unwrap_or(TimeDelta::MAX);
    moment.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn place(fields: &mut Object<String, Value>, name: &str, operation: &Operation) {
    let path = format!("projects/{}/{}", operation.at.project, operation.at.scope.path());
    fields.insert(name.to_owned(), link(&path).into());
}
