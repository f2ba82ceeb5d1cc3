//! `gcloud compute resource-policies`: snapshot schedules.

use super::super::world::{At, Schedule};
use super::Stop;
use super::client::Client;
use super::disks::wait_all;
use super::snapshots::deleted;

type Did = Result<(), Stop>;

/// Flags of `create snapshot-schedule` that are understood.
pub const KNOWS: &str = "--region --max-retention-days --on-source-disk-delete --daily-schedule --hourly-schedule --start-time --description";

/// What says when.
const TIMES: &str =
    "--weekly-schedule-from-file | --start-time (--daily-schedule | --hourly-schedule | --weekly-schedule)";

const REGION: &str = "the [--region] flag";

const COLLECTION: &str = "resourcePolicies";

fn at(client: &Client<'_, '_>) -> Result<At, Stop> {
    client.regional(client.args.first(), REGION)
}

pub fn create(client: &mut Client<'_, '_>) -> Did {
    let hours = client.number_of("--hourly-schedule")?;
    if !client.args.has("--daily-schedule") && hours.is_none() {
        return Err(client.missing(TIMES));
    }
    let at = at(client)?;
    let schedule = Schedule {
        name: at.name.clone(),
        region: at.region_name().to_owned(),
        id: String::new(),
        created: client.process.world.now(),
        description: client.args.value("--description").map(str::to_owned),
        keep_days: client.number_of("--max-retention-days")?.unwrap_or_default(),
        after_disk: client.args.value("--on-source-disk-delete").map(|name| name.replace('-', "_").to_uppercase()),
        start: client.args.value("--start-time").unwrap_or("00:00").trim_end_matches('Z').to_owned(),
        hours,
    };
    let begun = client.process.world.insert_schedule(&at.project, schedule);
    let begun = begun.map_err(|error| client.not_fetched(&error))?;
    wait_all(client, &[begun])?;
    client.tell(format!("Created [{}].", at.link(COLLECTION)));
    let schedule = client.process.world.describe_schedule(&at).map_err(|error| client.not_fetched(&error))?;
    client.show_all(&[schedule]);
    Ok(())
}

pub fn describe(client: &mut Client<'_, '_>) -> Did {
    let at = at(client)?;
    let schedule = client.process.world.describe_schedule(&at).map_err(|error| client.not_fetched(&error))?;
    client.show(&schedule);
    Ok(())
}

pub fn list(client: &mut Client<'_, '_>) -> Did {
    let project = client.project()?;
    let found = client.process.world.schedule_documents(&project).map_err(|error| client.not_listed(&error))?;
    client.list(found, None)
}

pub fn delete(client: &mut Client<'_, '_>) -> Did {
    let at = at(client)?;
    let begun = client.process.world.delete_schedule(&at).map_err(|error| client.not_fetched(&error))?;
    wait_all(client, &[begun])?;
    deleted(client, &[at], COLLECTION);
    Ok(())
}
