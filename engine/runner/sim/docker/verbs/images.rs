//! `docker images` and `docker history`.

use std::collections::BTreeMap;

use globset::GlobBuilder;
use serde_json::json;

use super::super::super::world::{Engine, Image, tagged};
use super::super::client::Client;
use super::super::command::Given;
use super::super::document::digest;
use super::super::fault::{Done, Fault};
use super::super::human::{ago, size, table_time};
use super::super::listing::{Line, Listing};
use super::filter::Filters;
use super::ps::cut;

const IMAGES: Listing = Listing {
    of_type: "*formatter.imageContext",
    wrong: ("template parsing error: ", "template parsing error: "),
    columns: &["Repository", "Tag", "ID", "CreatedSince", "Size"],
    headings: &[
        ("ID", "IMAGE ID"),
        ("Repository", "REPOSITORY"),
        ("Tag", "TAG"),
        ("Digest", "DIGEST"),
        ("CreatedSince", "CREATED"),
        ("CreatedAt", "CREATED AT"),
        ("Size", "SIZE"),
        ("Containers", "CONTAINERS"),
        ("VirtualSize", "SIZE"),
        ("SharedSize", "SHARED SIZE"),
        ("UniqueSize", "UNIQUE SIZE"),
    ],
    quiet: "ID",
};
const WITH_DIGESTS: Listing =
    Listing { columns: &["Repository", "Tag", "Digest", "ID", "CreatedSince", "Size"], ..IMAGES };
const HISTORY: Listing = Listing {
    of_type: "*image.historyContext",
    wrong: ("template parsing error: ", "template parsing error: "),
    columns: &["ID", "CreatedSince", "CreatedBy", "Size", "Comment"],
    headings: &[
        ("ID", "IMAGE"),
        ("CreatedSince", "CREATED"),
        ("CreatedAt", "CREATED AT"),
        ("CreatedBy", "CREATED BY"),
        ("Size", "SIZE"),
        ("Comment", "COMMENT"),
    ],
    quiet: "ID",
};
/// What is not there.
const NONE: &str = "<none>";

/// Repository and tag of a name.
pub fn named(name: &str) -> (String, String) {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository.to_owned(), tag.to_owned()),
        _ => (name.to_owned(), "latest".to_owned()),
    }
}

/// A pattern of names with or without a tag fits a name.
fn fits(pattern: &str, name: &str) -> bool {
    let (repository, tag) = named(name);
    let has_tag = pattern.rsplit('/').next().unwrap_or(pattern).contains(':');
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    let Ok(glob) = glob.map(|glob| glob.compile_matcher()) else { return false };
    glob.is_match(if has_tag { format!("{repository}:{tag}") } else { repository })
}

pub fn images(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["all", "digests", "filter", "format", "no-trunc", "quiet"])?;
    client.take(12);
    let filters = Filters::of(given, &["before", "dangling", "label", "reference", "since"], &["until"])?;
    let now = client.process.world.now();
    let engine = client.engine()?;
    let moment = |name: &str| -> Done<_> {
        let of = |name: &String| {
            let none = || Fault::daemon(format!("No such image: {}", tagged(name)));
            engine.image(name).map(|image| image.created).ok_or_else(none)
        };
        filters.values(name).first().map(of).transpose()
    };
    let (before, since) = (moment("before")?, moment("since")?);
    let patterns: Vec<&String> = given.operands.iter().chain(filters.values("reference")).collect();
    let mut shown: Vec<&Image> = engine.images.values().collect();
    shown.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
    let mut lines = Vec::new();
    for image in shown {
        let mut names: Vec<&String> =
            engine.tags.iter().filter(|(_, id)| **id == image.id).map(|(name, _)| name).collect();
        let dangling = names.is_empty();
        let wanted = filters.labels(&image.labels)
            && filters.any("dangling", |value| (value == "true" || value == "1") == dangling)
            && before.is_none_or(|moment| image.created < moment)
            && since.is_none_or(|moment| image.created > moment);
        names.retain(|name| patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, name)));
        if !wanted || (names.is_empty() && !(dangling && patterns.is_empty())) {
            continue;
        }
        if names.is_empty() {
            lines.push(line(engine, image, NONE, NONE, given, now));
        }
        for name in names {
            let (repository, tag) = named(name);
            lines.push(line(engine, image, &repository, &tag, given, now));
        }
    }
    if given.has("quiet") {
        // An image with several names is one image.
        lines.dedup_by(|a, b| a.fields.get("ID") == b.fields.get("ID"));
    }
    let listing = if given.has("digests") { WITH_DIGESTS } else { IMAGES };
    listing.print(client, given.text("format"), given.has("quiet"), &lines)
}

fn line(
    engine: &Engine,
    image: &Image,
    repository: &str,
    tag: &str,
    given: &Given,
    now: chrono::DateTime<chrono::Utc>,
) -> Line {
    let pulled = engine.registry.get(&format!("{repository}:{tag}")).is_some_and(|there| there.id == image.id);
    let fields = json!({
        "Containers": "N/A",
        "CreatedAt": table_time(image.created),
        "CreatedSince": format!("{} ago", ago(now - image.created)),
        "Digest": if pulled { digest(image) } else { NONE.to_owned() },
        "ID": cut(&image.id, !given.has("no-trunc")),
        "Repository": repository,
        "SharedSize": "N/A",
        "Size": size(image.size, 3),
        "Tag": tag,
        "UniqueSize": "N/A",
        "VirtualSize": size(image.size, 4),
    });
    Line::new(fields, BTreeMap::new())
}

pub fn history(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["format", "no-trunc", "quiet"])?;
    client.take(12);
    let Some(name) = given.operands.first() else { return Ok(1) };
    let now = client.process.world.now();
    let image = client.image(name)?;
    let fields = json!({
        "Comment": image.config.comment,
        "CreatedAt": table_time(image.created),
        "CreatedBy": "",
        "CreatedSince": format!("{} ago", ago(now - image.created)),
        "ID": cut(&image.id, !given.has("no-trunc")),
        "Size": size(image.size, 3),
    });
    let lines = [Line::new(fields, BTreeMap::new())];
    HISTORY.print(client, given.text("format"), given.has("quiet"), &lines)
}
