//! Cloud SQL: instances, clones, replicas.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::World;
use super::CloudError;
use super::at::region_of;
use super::document::{add, moment};
use super::operation::Lasts;

const MADE: Lasts = (0, 1);
const CLONE: Lasts = (300_000, 580_000);
const PROMOTE: Lasts = (30_000, 90_000);
const PATCH: Lasts = (20_000, 60_000);
const DELETE: Lasts = (20_000, 60_000);

/// The address of the API.
const LINKS: &str = "https://sqladmin.googleapis.com/sql/v1beta4/";

/// An instance of Cloud SQL.
#[derive(Clone, Debug)]
pub struct SqlInstance {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Its zone.
    pub zone: String,
    /// `POSTGRES_15`.
    pub version: String,
    /// The primary that it follows.
    pub primary: Option<String>,
    /// Its public address.
    pub address: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// RUNNABLE from then on.
    pub ready: DateTime<Utc>,
    /// As the API writes them.
    pub settings: Arc<Value>,
}

/// An operation of Cloud SQL.
#[derive(Clone, Debug)]
pub struct SqlOperation {
    /// A UUID.
    pub name: String,
    /// `CREATE`, `CLONE`, …
    pub kind: &'static str,
    /// The instance.
    pub target: String,
    /// When it began.
    pub began: DateTime<Utc>,
    /// From then on it is done.
    pub ends: DateTime<Utc>,
}

impl World {
    /// An instance that is there already, with settings as the API writes them; for worlds that are built.
    pub fn add_database(&mut self, project: &str, name: &str, zone: &str, primary: Option<&str>, settings: Value) {
        let operation = self.begin_database(project, "CREATE", name, MADE);
        let (region, at) = (region_of(zone).to_owned(), self.now());
        let new = SqlInstance {
            name: name.to_owned(),
            region,
            zone: zone.to_owned(),
            version: "POSTGRES_15".to_owned(),
            primary: primary.map(str::to_owned),
            address: String::new(),
            created: at,
            ready: at,
            settings: Arc::new(settings),
        };
        // Without the project there is no place for it.
        let _ = self.put_database(project, new, &operation);
    }

    /// Clones an instance, as it was at a moment or as it is. The clone is RUNNABLE when the operation is done.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn clone_database(&mut self, project: &str, source: &str, name: &str) -> Result<SqlOperation, CloudError> {
        self.permit_database("cloudsql.instances.clone", project, source)?;
        let source = self.database(project, source)?.clone();
        if self.project(project)?.databases.contains_key(name) {
            return Err(CloudError::DatabaseExists);
        }
        if source.primary.is_some() {
            return Err(CloudError::InvalidState);
        }
        let operation = self.begin_database(project, "CLONE", &source.name, CLONE);
        self.put_database(project, SqlInstance { name: name.to_owned(), ..source }, &operation)?;
        Ok(operation)
    }

    fn put_database(&mut self, project: &str, new: SqlInstance, operation: &SqlOperation) -> Result<(), CloudError> {
        let address = format!("34.88.{}.{}", self.dice.between(1, 255), self.dice.between(1, 255));
        let created = self.now();
        let new = SqlInstance { address, created, ready: operation.ends, ..new };
        self.project_mut(project)?.databases.insert_mut(new.name.clone(), new);
        Ok(())
    }

    /// Makes a replica a primary of its own.
    ///
    /// # Errors
    /// As the API gives them; it is no replica.
    pub fn promote_database(&mut self, project: &str, name: &str) -> Result<SqlOperation, CloudError> {
        self.permit_database("cloudsql.instances.promoteReplica", project, name)?;
        self.database(project, name)?.primary.as_ref().ok_or(CloudError::InvalidState)?;
        self.database_mut(project, name)?.primary = None;
        Ok(self.begin_database(project, "PROMOTE_REPLICA", name, PROMOTE))
    }

    /// Changes settings of an instance.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn patch_database(&mut self, project: &str, name: &str, patch: &Value) -> Result<SqlOperation, CloudError> {
        self.permit_database("cloudsql.instances.update", project, name)?;
        let instance = self.database_mut(project, name)?;
        merge(Arc::make_mut(&mut instance.settings), patch);
        Ok(self.begin_database(project, "UPDATE", name, PATCH))
    }

    /// Starts an instance again.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn restart_database(&mut self, project: &str, name: &str) -> Result<SqlOperation, CloudError> {
        self.permit_database("cloudsql.instances.restart", project, name)?;
        self.database(project, name)?;
        Ok(self.begin_database(project, "RESTART", name, PATCH))
    }

    /// Deletes an instance.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn delete_database(&mut self, project: &str, name: &str) -> Result<SqlOperation, CloudError> {
        self.permit_database("cloudsql.instances.delete", project, name)?;
        self.database(project, name)?;
        let follows = |instance: &&SqlInstance| instance.primary.as_deref() == Some(name);
        if self.project(project)?.databases.values().any(|instance| follows(&instance)) {
            return Err(CloudError::InvalidState);
        }
        self.project_mut(project)?.databases.remove_mut(name);
        Ok(self.begin_database(project, "DELETE", name, DELETE))
    }

    fn begin_database(&mut self, project: &str, kind: &'static str, target: &str, lasts: Lasts) -> SqlOperation {
        let hex = self.dice.hex(32);
        let name = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
        let began = self.now();
        let operation = SqlOperation { name, kind, target: target.to_owned(), began, ends: self.later(began, lasts) };
        if let Some(project) = self.cloud.projects.get_mut(project) {
            let next = project.database_operations.size() as u64;
            project.database_operations.insert_mut(next, operation.clone());
        }
        operation
    }

    fn permit_database(&self, permission: &str, project: &str, name: &str) -> Result<(), CloudError> {
        self.permit(permission, &format!("projects/{project}/instances/{name}"))
    }

    fn database(&self, project: &str, name: &str) -> Result<&SqlInstance, CloudError> {
        self.project(project)?.databases.get(name).ok_or(CloudError::NoDatabase)
    }

    fn database_mut(&mut self, project: &str, name: &str) -> Result<&mut SqlInstance, CloudError> {
        self.project_mut(project)?.databases.get_mut(name).ok_or(CloudError::NoDatabase)
    }

    /// One instance.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn describe_database(&self, project: &str, name: &str) -> Result<Value, CloudError> {
        self.permit_database("cloudsql.instances.get", project, name)?;
        Ok(self.database_document(project, self.database(project, name)?))
    }

    /// Every instance of a project.
    ///
    /// # Errors
    /// It is refused.
    pub fn database_documents(&self, project: &str) -> Result<Vec<Value>, CloudError> {
        self.permit("cloudsql.instances.list", &format!("projects/{project}/instances"))?;
        let all = self.project(project)?.databases.values();
        Ok(all.map(|instance| self.database_document(project, instance)).collect())
    }

    /// The operations on an instance, the newest first.
    ///
    /// # Errors
    /// It is refused.
    pub fn database_operation_documents(&self, project: &str, of: Option<&str>) -> Result<Vec<Value>, CloudError> {
        self.permit("cloudsql.instances.get", &format!("projects/{project}/operations"))?;
        let mut all: Vec<&SqlOperation> = self.project(project)?.database_operations.values().collect();
        all.reverse();
        let wanted = all.into_iter().filter(|operation| of.is_none_or(|of| of == operation.target));
        Ok(wanted.map(|operation| self.database_operation_document(project, operation)).collect())
    }

    /// One operation.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn database_operation(&self, project: &str, name: &str) -> Result<&SqlOperation, CloudError> {
        self.permit("cloudsql.instances.get", &format!("projects/{project}/operations/{name}"))?;
        let mut all = self.project(project)?.database_operations.values();
        all.find(|operation| operation.name == name).ok_or(CloudError::NoDatabaseOperation)
    }

    /// An operation as it is now.
    #[must_use]
    pub fn database_operation_document(&self, project: &str, operation: &SqlOperation) -> Value {
        let done = self.now() >= operation.ends;
        let mut document = json!({
            "insertTime": moment(operation.began),
            "kind": "sql#operation",
            "name": operation.name,
            "operationType": operation.kind,
            "selfLink": format!("{LINKS}projects/{project}/operations/{}", operation.name),
            "status": if done { "DONE" } else if self.now() == operation.began { "PENDING" } else { "RUNNING" },
            "targetId": operation.target,
            "targetLink": format!("{LINKS}projects/{project}/instances/{}", operation.target),
            "targetProject": project,
            "user": self.cloud.account.as_deref().unwrap_or("operator@example.com"),
        });
        add(
            &mut document,
            [
                ("endTime", done.then(|| moment(operation.ends).into())),
                ("startTime", (self.now() > operation.began).then(|| moment(operation.began).into())),
            ],
        );
        document
    }

    fn database_document(&self, project: &str, instance: &SqlInstance) -> Value {
        let is_replica = instance.primary.is_some();
        let mut document = json!({
            "backendType": "SECOND_GEN",
            "connectionName": format!("{project}:{}:{}", instance.region, instance.name),
            "createTime": moment(instance.created),
            "databaseInstalledVersion": instance.version,
            "databaseVersion": instance.version,
            "gceZone": instance.zone,
            "instanceType": if is_replica { "READ_REPLICA_INSTANCE" } else { "CLOUD_SQL_INSTANCE" },
            "ipAddresses": [{"ipAddress": instance.address, "type": "PRIMARY"}],
            "kind": "sql#instance",
            "name": instance.name,
            "project": project,
            "region": instance.region,
            "serviceAccountEmailAddress": "p1@gcp-sa-cloud-sql.iam.gserviceaccount.com",
            "settings": *instance.settings,
            "state": if self.now() < instance.ready { "PENDING_CREATE" } else { "RUNNABLE" },
        });
        let primary = instance.primary.as_ref().map(|name| format!("{project}:{name}").into());
        add(&mut document, [("masterInstanceName", primary)]);
        document
    }
}

/// Puts the fields of one object into another, at every depth.
fn merge(into: &mut Value, patch: &Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, patch) => into.clone_from(patch),
    }
}
