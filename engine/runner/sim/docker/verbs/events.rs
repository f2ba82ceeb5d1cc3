//! `docker events` of containers, for a time that has passed.

use serde_json::{Value, json};

use super::super::super::world::Event;
use super::super::client::Client;
use super::super::command::Given;
use super::super::fault::{Done, Fault, unsimulated};
use super::super::human::{json_time, moment};
use super::super::listing::escaped;
use super::super::template::{Bad, Subject, Template};
use super::filter::Filters;

pub fn events(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["filter", "format", "since", "until"])?;
    client.take(12);
    let now = client.process.world.now();
    let bound = |flag: &str| -> Done<_> {
        let Some(text) = given.text(flag) else { return Ok(None) };
        let wrong = || Fault::said(1, format!("failed to parse value as time or duration: {text:?}"));
        moment(text, now).map(Some).ok_or_else(wrong)
    };
    let (since, until) = (bound("since")?, bound("until")?);
    let Some(until) = until.filter(|until| *until <= now) else {
        return unsimulated("`docker events` that waits for something to happen");
    };
    let filters = Filters::of(
        given,
        &["container", "event", "type"],
        &["daemon", "image", "label", "network", "scope", "volume"],
    )?;
    let of_containers = !filters.values("container").is_empty() || filters.values("type") == ["container"];
    if !of_containers {
        return unsimulated("`docker events` of other things than containers");
    }
    let events: Vec<Event> = client.engine()?.events.iter().cloned().collect();
    let wanted = |event: &&Event| {
        let name = event.attributes.get("name").map_or("", String::as_str);
        since.is_none_or(|since| event.at >= since)
            && event.at <= until
            && filters.any("container", |wanted| wanted == name || event.id.starts_with(wanted))
            && filters.any("event", |wanted| event.action == wanted)
            && filters.any("type", |wanted| wanted == "container")
    };
    for event in events.iter().filter(wanted) {
        let line = shown(event, given.text("format").unwrap_or_default())?;
        client.say(line);
    }
    Ok(0)
}

fn shown(event: &Event, format: &str) -> Done<String> {
    let document = document(event);
    match format {
        "" => {
            let attributes: Vec<String> =
                event.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let at = json_time(Some(event.at));
            Ok(format!("{at} container {} {} ({})", event.action, event.id, attributes.join(", ")))
        }
        "json" => Ok(escaped(&document)),
        format => {
            let done = Template::parse(format, "").and_then(|template| {
                template.execute(Subject { value: &document, of_type: Some("*events.Message"), labels: None })
            });
            done.map_err(|bad| match bad {
                Bad::Syntax(why) | Bad::Failed(_, why) => Fault::said(64, format!("Error parsing format: {why}")),
                Bad::Unsimulated(what) => what.into(),
            })
        }
    }
}

fn document(event: &Event) -> Value {
    json!({
        "status": event.action,
        "id": event.id,
        "from": event.image,
        "Type": "container",
        "Action": event.action,
        "Actor": { "ID": event.id, "Attributes": *event.attributes },
        "scope": "local",
        "time": event.at.timestamp(),
        "timeNano": event.at.timestamp_nanos_opt(),
    })
}
