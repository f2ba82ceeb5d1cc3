//! Cloud DNS: managed zones, their records, and changes of these.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::World;
use super::CloudError;
use super::document::moment;
use super::operation::after;

/// A change is served after so long.
const SERVED: Duration = Duration::from_secs(1);

/// The name server that every zone has here.
const SERVER: &str = "ns-cloud-a1.googledomains.com.";

/// A managed zone.
#[derive(Clone, Debug)]
pub struct ManagedZone {
    /// Its name.
    pub name: String,
    /// The domain, with its final dot.
    pub domain: String,
    /// For people.
    pub description: String,
    /// 64-bit number, as text.
    pub id: String,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// In the order of their making.
    pub records: Vec<Record>,
    /// In their order.
    pub changes: Vec<RecordChange>,
}

/// A set of records of one name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name, with its final dot.
    pub name: String,
    /// `A`, `CNAME`, …
    pub kind: String,
    /// Seconds.
    pub ttl: u64,
    /// One text a record.
    pub data: Vec<String>,
}

/// A change of several records at once.
#[derive(Clone, Debug)]
pub struct RecordChange {
    /// Counted from 1.
    pub id: String,
    /// When it was asked for.
    pub started: DateTime<Utc>,
    /// What came.
    pub additions: Vec<Record>,
    /// What went.
    pub deletions: Vec<Record>,
}

impl Record {
    pub(super) fn is(&self, name: &str, kind: &str) -> bool {
        self.name == name && self.kind == kind
    }

    /// As messages name it.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} ({})", self.name, self.kind)
    }

    /// As the API writes it.
    #[must_use]
    pub fn document(&self) -> Value {
        json!({
            "kind": "dns#resourceRecordSet",
            "name": self.name,
            "rrdatas": self.data,
            "ttl": self.ttl,
            "type": self.kind,
        })
    }
}

impl World {
    /// Makes a managed zone.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn insert_zone(&mut self, project: &str, name: &str, domain: &str, says: &str) -> Result<(), CloudError> {
        self.permit("dns.managedZones.create", &format!("projects/{project}/managedZones"))?;
        if self.project(project)?.zones.contains_key(name) {
            return Err(CloudError::ExistsAlready("entity.managedZone".to_owned(), name.to_owned()));
        }
        let (id, created) = (self.number(), self.now());
        let own = |kind: &str, data: String| Record {
            name: domain.to_owned(),
            kind: kind.to_owned(),
            ttl: 21600,
            data: vec![data],
        };
        let soa = format!("{SERVER} cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300");
        let zone = ManagedZone {
            name: name.to_owned(),
            domain: domain.to_owned(),
            description: says.to_owned(),
            id,
            created,
            records: vec![own("NS", SERVER.to_owned()), own("SOA", soa)],
            changes: Vec::new(),
        };
        self.project_mut(project)?.zones.insert_mut(name.to_owned(), zone);
        Ok(())
    }

    /// A managed zone.
    ///
    /// # Errors
    /// There is none, or it is refused.
    pub fn managed_zone(&self, permission: &str, project: &str, zone: &str) -> Result<&ManagedZone, CloudError> {
        self.permit(permission, &format!("projects/{project}/managedZones/{zone}"))?;
        let found = self.project(project)?.zones.get(zone);
        found.ok_or_else(|| CloudError::NoSuch("parameters.managedZone".to_owned(), zone.to_owned()))
    }

    /// A managed zone whose records may be changed.
    fn changeable(&self, permission: &str, project: &str, zone: &str) -> Result<&ManagedZone, CloudError> {
        self.managed_zone("dns.changes.create", project, zone)?;
        self.managed_zone(permission, project, zone)
    }

    fn managed_zone_mut(&mut self, project: &str, zone: &str) -> Result<&mut ManagedZone, CloudError> {
        let found = self.project_mut(project)?.zones.get_mut(zone);
        found.ok_or_else(|| CloudError::NoSuch("parameters.managedZone".to_owned(), zone.to_owned()))
    }

    /// Every managed zone of a project.
    ///
    /// # Errors
    /// It is refused.
    pub fn zone_list(&self, project: &str) -> Result<Vec<Value>, CloudError> {
        self.permit("dns.managedZones.list", &format!("projects/{project}/managedZones"))?;
        Ok(self.project(project)?.zones.values().map(ManagedZone::document).collect())
    }

    /// Makes a record; none of its name and type may be there.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn insert_record(&mut self, project: &str, zone: &str, record: Record) -> Result<(), CloudError> {
        let records = &self.changeable("dns.resourceRecordSets.create", project, zone)?.records;
        if records.iter().any(|known| known.is(&record.name, &record.kind)) {
            return Err(CloudError::ExistsAlready("entity.rrset".to_owned(), record.title()));
        }
        self.spread(None, Some(&record));
        self.managed_zone_mut(project, zone)?.records.push(record);
        Ok(())
    }

    /// Gives a record other data, and another life where one is given.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn update_record(
        &mut self,
        (project, zone): (&str, &str),
        (name, kind): (&str, &str),
        (ttl, data): (Option<u64>, Vec<String>),
    ) -> Result<Record, CloudError> {
        self.changeable("dns.resourceRecordSets.update", project, zone)?;
        let records = &mut self.managed_zone_mut(project, zone)?.records;
        let Some(known) = records.iter_mut().find(|record| record.is(name, kind)) else {
            return Err(no_record(name, kind));
        };
        let old = known.clone();
        known.data = data;
        known.ttl = ttl.unwrap_or(known.ttl);
        let new = known.clone();
        self.spread(Some(&old), Some(&new));
        Ok(new)
    }

    /// Deletes a record.
    ///
    /// # Errors
    /// As the API gives them.
    pub fn delete_record(&mut self, project: &str, zone: &str, name: &str, kind: &str) -> Result<(), CloudError> {
        self.changeable("dns.resourceRecordSets.delete", project, zone)?;
        let records = &mut self.managed_zone_mut(project, zone)?.records;
        let place = records.iter().position(|record| record.is(name, kind)).ok_or_else(|| no_record(name, kind))?;
        let old = records.remove(place);
        self.spread(Some(&old), None);
        Ok(())
    }

    /// Changes several records at once, or none of them.
    ///
    /// # Errors
    /// As the API gives them: what goes is not there as it is described, or what comes is.
    pub fn change_records(
        &mut self,
        project: &str,
        zone: &str,
        additions: Vec<Record>,
        deletions: Vec<Record>,
    ) -> Result<RecordChange, CloudError> {
        let known = self.managed_zone("dns.changes.create", project, zone)?;
        let mut left = known.records.clone();
        for (n, gone) in deletions.iter().enumerate() {
            let entity = format!("entity.change.deletions[{n}]");
            let place = left.iter().position(|record| record.is(&gone.name, &gone.kind));
            let Some(place) = place else { return Err(CloudError::NoSuch(entity, gone.title())) };
            if left.remove(place) != *gone {
                return Err(CloudError::Precondition(entity));
            }
        }
        for (n, new) in additions.iter().enumerate() {
            if left.iter().any(|record| record.is(&new.name, &new.kind)) {
                return Err(CloudError::ExistsAlready(format!("entity.change.additions[{n}]"), new.title()));
            }
            left.push(new.clone());
        }
        let (id, started) = ((known.changes.len() + 1).to_string(), self.now());
        let change = RecordChange { id, started, additions, deletions };
        for gone in &change.deletions {
            let new = change.additions.iter().find(|new| new.is(&gone.name, &gone.kind));
            self.spread(Some(gone), new);
        }
        for new in &change.additions {
            if !change.deletions.iter().any(|gone| gone.is(&new.name, &new.kind)) {
                self.spread(None, Some(new));
            }
        }
        let zone = self.managed_zone_mut(project, zone)?;
        zone.records = left;
        zone.changes.push(change.clone());
        Ok(change)
    }

    /// A change as it is now.
    #[must_use]
    pub fn change_document(&self, change: &RecordChange) -> Value {
        let documents = |records: &[Record]| records.iter().map(Record::document).collect::<Vec<_>>();
        json!({
            "additions": documents(&change.additions),
            "deletions": documents(&change.deletions),
            "id": change.id,
            "isServing": false,
            "kind": "dns#change",
            "startTime": moment(change.started),
            "status": if self.now() < after(change.started, SERVED) { "pending" } else { "done" },
        })
    }
}

impl ManagedZone {
    /// A record by its full name and its type.
    #[must_use]
    pub fn record(&self, name: &str, kind: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.is(name, kind))
    }

    /// As the API writes it.
    #[must_use]
    pub fn document(&self) -> Value {
        json!({
            "creationTime": moment(self.created),
            "description": self.description,
            "dnsName": self.domain,
            "id": self.id,
            "kind": "dns#managedZone",
            "name": self.name,
            "nameServers": [SERVER],
            "visibility": "public",
        })
    }
}

fn no_record(name: &str, kind: &str) -> CloudError {
    CloudError::NoSuch("parameters.name".to_owned(), format!("{name} ({kind})"))
}
