//! The API as the real client asks it: Compute v1, DNS v1, SQL admin v1beta4, Resource Manager v1. Each function reads one request, asks the
//! world, and writes what it says.

mod compute;
mod disks;
mod dns;
mod instances;
mod lists;
mod operations;
mod places;
mod policies;
mod projects;
mod snapshots;
mod sql;

use std::sync::Arc;

use super::answer::{Answer, Request};
use super::lab::Lab;

/// A request and where it is to be answered.
pub struct Ask<'a> {
    /// The lab.
    pub lab: &'a Arc<Lab>,
    /// The request.
    pub request: &'a Request,
}

/// Answers.
pub fn answer(lab: &Arc<Lab>, request: &Request) -> Answer {
    let ask = Ask { lab, request };
    let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match path.as_slice() {
        ["compute", "v1", "projects", project, rest @ ..] => compute::answer(&ask, project, rest),
        ["dns", "v1", "projects", project, "managedZones", rest @ ..] => dns::answer(&ask, project, rest),
        ["sql", "v1beta4", "projects", project, rest @ ..] => sql::answer(&ask, project, rest),
        ["v1", "projects"] if request.method == "GET" => projects::list(&ask),
        ["v1", "projects", project] if request.method == "GET" => projects::describe(&ask, project),
        _ => Answer::unknown(request),
    }
}
