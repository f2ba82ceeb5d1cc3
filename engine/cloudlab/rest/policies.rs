//! What a region has: snapshot schedules (`resourcePolicies`) and reserved `addresses`.

use super::super::answer::{Answer, number};
use super::Ask;
use super::instances::missing;
use crate::runner::sim::cloud::{At, Schedule};

pub fn schedules(ask: &Ask<'_>, at: &At, path: &[&str]) -> Answer {
    let lab = ask.lab;
    match (ask.request.method.as_str(), path) {
        ("GET", []) => {
            let found = lab.world().schedule_documents(&at.project).map(|all| {
                let here = |region: &str| region.rsplit('/').next() == Some(at.region_name());
                all.into_iter().filter(|one| one["region"].as_str().is_some_and(here)).collect()
            });
            ask.list("resourcePolicies", found)
        }
        ("POST", []) => insert(ask, at),
        ("GET", [_]) => lab.world().describe_schedule(at).into(),
        ("DELETE", [_]) => ask.begun(lab.change(|world| world.delete_schedule(at))),
        _ => Answer::unknown(ask.request),
    }
}

fn insert(ask: &Ask<'_>, at: &At) -> Answer {
    let body = &ask.request.body;
    let Some(name) = body["name"].as_str() else { return missing("name") };
    let (policy, created) = (&body["snapshotSchedulePolicy"], ask.lab.world().now());
    let (schedule, retention) = (&policy["schedule"], &policy["retentionPolicy"]);
    let hourly = &schedule["hourlySchedule"];
    let start = hourly["startTime"].as_str().or_else(|| schedule["dailySchedule"]["startTime"].as_str());
    let new = Schedule {
        name: name.to_owned(),
        region: at.region_name().to_owned(),
        id: String::new(),
        created,
        description: body["description"].as_str().map(str::to_owned),
        keep_days: number(&retention["maxRetentionDays"]).unwrap_or(0),
        after_disk: retention["onSourceDiskDelete"].as_str().map(str::to_owned),
        start: start.unwrap_or("00:00").to_owned(),
        hours: number(&hourly["hoursInCycle"]),
    };
    ask.begun(ask.lab.change(|world| world.insert_schedule(&at.project, new)))
}

pub fn addresses(ask: &Ask<'_>, at: &At, path: &[&str]) -> Answer {
    let (lab, body) = (ask.lab, &ask.request.body);
    match (ask.request.method.as_str(), path) {
        ("GET", []) => {
            let found = lab.world().address_documents(&at.project, Some(at.region_name()));
            ask.list("addresses", found)
        }
        ("POST", []) => {
            let Some(name) = body["name"].as_str() else { return missing("name") };
            let description = body["description"].as_str().map(str::to_owned);
            let (at, given) = (at.beside(name), body["address"].as_str());
            ask.begun(lab.change(|world| world.insert_address(&at, given, description)))
        }
        ("GET", [_]) => lab.world().describe_address(at).into(),
        ("DELETE", [_]) => ask.begun(lab.change(|world| world.delete_address(at))),
        _ => Answer::unknown(ask.request),
    }
}
