//! Snapshot schedules: the resource policies that this world knows.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::World;
use super::document::{add, moment};
use super::operation::Lasts;
use super::permit::check_name;
use super::zones::check_place;
use super::{At, CloudError, Operation};

const CHANGE: Lasts = (500, 2_000);

/// A snapshot schedule.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// 64-bit number, as text.
    pub id: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// For people.
    pub description: Option<String>,
    /// Snapshots older than so many days are deleted.
    pub keep_days: u64,
    /// `KEEP_AUTO_SNAPSHOTS`; none: the default was not changed.
    pub after_disk: Option<String>,
    /// `HH:MM`, UTC.
    pub start: String,
    /// Every so many hours; none: once a day.
    pub hours: Option<u64>,
}

impl World {
    /// Makes a schedule; its number and moment are given here.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn insert_schedule(&mut self, project: &str, schedule: Schedule) -> Result<Operation, CloudError> {
        let at = At::region(project, &schedule.region, &schedule.name);
        let path = at.path("resourcePolicies");
        self.permit_change("compute.resourcePolicies.create", &path)?;
        check_place(&at)?;
        check_name(&at.name)?;
        if self.project(project)?.schedules.contains_key(&at.key()) {
            return Err(CloudError::Exists(path));
        }
        let (id, created) = (self.number(), self.now());
        let schedule = Schedule { id: id.clone(), created, ..schedule };
        self.project_mut(project)?.schedules.insert_mut(at.key(), schedule);
        Ok(self.begin((&at, "resourcePolicies"), "insert", &id, CHANGE))
    }

    /// Deletes a schedule that no disk uses.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn delete_schedule(&mut self, at: &At) -> Result<Operation, CloudError> {
        let path = at.path("resourcePolicies");
        self.permit_change("compute.resourcePolicies.delete", &path)?;
        let id = self.schedule_at(at)?.id.clone();
        let disks = self.project(&at.project)?.disks.values();
        let here = |zone: &str| super::at::region_of(zone) == at.region_name();
        let user = disks.into_iter().find(|disk| here(&disk.zone) && disk.policies.contains(&at.name));
        if let Some(disk) = user {
            let by = At::zone(&at.project, &disk.zone, &disk.name).path("disks");
            return Err(CloudError::InUse { kind: "resource_policy", path, by });
        }
        self.project_mut(&at.project)?.schedules.remove_mut(&at.key());
        Ok(self.begin((at, "resourcePolicies"), "delete", &id, CHANGE))
    }

    fn schedule_at(&self, at: &At) -> Result<&Schedule, CloudError> {
        let found = self.project(&at.project)?.schedules.get(&at.key());
        found.ok_or_else(|| CloudError::NotFound(at.path("resourcePolicies")))
    }

    /// One schedule.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn describe_schedule(&self, at: &At) -> Result<Value, CloudError> {
        self.permit("compute.resourcePolicies.get", &at.path("resourcePolicies"))?;
        Ok(document(&at.project, self.schedule_at(at)?))
    }

    /// Every schedule of a project.
    ///
    /// # Errors
    /// It is refused.
    pub fn schedule_documents(&self, project: &str) -> Result<Vec<Value>, CloudError> {
        self.permit_list("compute.resourcePolicies.list", project, "aggregated/resourcePolicies")?;
        Ok(self.project(project)?.schedules.values().map(|schedule| document(project, schedule)).collect())
    }
}

fn document(project: &str, schedule: &Schedule) -> Value {
    let at = At::region(project, &schedule.region, &schedule.name);
    let mut retention = json!({"maxRetentionDays": schedule.keep_days});
    add(&mut retention, [("onSourceDiskDelete", schedule.after_disk.clone().map(Value::from))]);
    let times = match schedule.hours {
        Some(hours) => json!({"hourlySchedule": {"hoursInCycle": hours, "startTime": schedule.start}}),
        None => json!({"dailySchedule": {"daysInCycle": 1, "startTime": schedule.start}}),
    };
    let mut document = json!({
        "creationTimestamp": moment(schedule.created),
        "id": schedule.id,
        "kind": "compute#resourcePolicy",
        "name": schedule.name,
        "region": super::at::link(&format!("projects/{project}/regions/{}", schedule.region)),
        "selfLink": at.link("resourcePolicies"),
        "snapshotSchedulePolicy": {"retentionPolicy": retention, "schedule": times},
        "status": "READY",
    });
    add(&mut document, [("description", schedule.description.clone().map(Value::from))]);
    document
}
