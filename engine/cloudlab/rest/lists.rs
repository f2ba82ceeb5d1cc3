//! Lists: filtered as the client asks, sorted by name or by age, in pages.

use serde_json::{Map as Object, Value, json};

use super::super::answer::{Answer, number};
use super::Ask;
use crate::runner::sim::cloud::{CloudError, Operation, served};

/// Items of a page, where nobody says.
const PAGE: usize = 500;

impl Ask<'_> {
    /// Something began.
    pub fn begun(&self, operation: Result<Operation, CloudError>) -> Answer {
        match operation {
            Ok(operation) => self.operation(&operation),
            Err(error) => error.into(),
        }
    }

    /// An operation as it is now.
    pub fn operation(&self, operation: &Operation) -> Answer {
        let world = self.lab.world();
        let kept = world.cloud().projects.get(&operation.at.project);
        let kept = kept.and_then(|project| project.operations.get(&operation.name));
        Answer::ok(world.operation_document(kept.unwrap_or(operation)))
    }

    /// A field of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.request.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A list.
    pub fn list(&self, collection: &str, found: Result<Vec<Value>, CloudError>) -> Answer {
        let page = found.and_then(|found| self.page(collection, found));
        let (items, next) = match page {
            Ok(page) => page,
            Err(error) => return error.into(),
        };
        let mut document = json!({"kind": format!("compute#{}List", singular(collection)), "id": collection});
        if !items.is_empty() {
            document["items"] = items.into();
        }
        if let Some(next) = next {
            document["nextPageToken"] = next.into();
        }
        Answer::ok(document)
    }

    /// A list of all places, by place.
    pub fn aggregated(&self, collection: &str, found: Result<Vec<Value>, CloudError>) -> Answer {
        let (items, next) = match found.and_then(|found| self.page(collection, found)) {
            Ok(page) => page,
            Err(error) => return error.into(),
        };
        let mut places = Object::new();
        for item in items {
            let link = item["zone"].as_str().or_else(|| item["region"].as_str()).unwrap_or("global");
            let place = match link.rsplit_once('/').map(|(before, name)| (before.rsplit('/').next(), name)) {
                Some((Some(kind), name)) => format!("{kind}/{name}"),
                _ => "global".to_owned(),
            };
            let here = places.entry(place).or_insert_with(|| json!({collection: []}));
            if let Some(all) = here[collection].as_array_mut() {
                all.push(item);
            }
        }
        let mut document = json!({"kind": format!("compute#{}AggregatedList", singular(collection)), "items": places});
        if let Some(next) = next {
            document["nextPageToken"] = next.into();
        }
        Answer::ok(document)
    }

    /// The items of the page that is asked for, and the token of the next one.
    fn page(&self, collection: &str, found: Vec<Value>) -> Result<(Vec<Value>, Option<String>), CloudError> {
        let mut items = match self.query("filter") {
            Some(filter) => served(collection, filter, found)?,
            None => found,
        };
        if self.query("orderBy") == Some("creationTimestamp desc") {
            items.sort_by(|a, b| b["creationTimestamp"].as_str().cmp(&a["creationTimestamp"].as_str()));
        } else {
            items.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
        }
        let size = self.query("maxResults").and_then(|text| number(&text.into()));
        let size = size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0).unwrap_or(PAGE);
        let start: usize = self.query("pageToken").and_then(|token| token.parse().ok()).unwrap_or(0);
        let end = start.saturating_add(size);
        let next = (items.len() > end).then(|| end.to_string());
        Ok((items.into_iter().skip(start).take(size).collect(), next))
    }
}

/// `disks` → `disk`, `resourcePolicies` → `resourcePolicy`, `addresses` → `address`.
fn singular(collection: &str) -> String {
    match collection {
        "resourcePolicies" => "resourcePolicy".to_owned(),
        "addresses" => "address".to_owned(),
        other => other.trim_end_matches('s').to_owned(),
    }
}
