//! `docker pull` and `docker push`.

use super::super::super::world::tagged;
use super::super::client::Client;
use super::super::command::Given;
use super::super::document::digest;
use super::super::engine::{Pulled, full_name, parts};
use super::super::fault::{Done, Fault, unsimulated};

/// What is said while an image is pulled, and at the end.
pub fn progress(name: &str, pulled: &Pulled) -> String {
    let (repository, tag) = parts(name);
    let layer = pulled.image.id.get(19..31).unwrap_or("000000000000");
    let mut lines = vec![format!("{tag}: Pulling from {repository}")];
    if pulled.newer {
        for word in ["Pulling fs layer", "Verifying Checksum", "Download complete", "Pull complete"] {
            lines.push(format!("{layer}: {word}"));
        }
    }
    lines.push(format!("Digest: {}", digest(&pulled.image)));
    let name = tagged(name);
    let status = if pulled.newer { "Downloaded newer image" } else { "Image is up to date" };
    lines.push(format!("Status: {status} for {name}"));
    lines.join("\n") + "\n"
}

pub fn pull(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&["quiet"])?;
    client.take(10);
    let Some(name) = given.operands.first() else { return Ok(1) };
    if let Some(upper) = super::images::named(name).0.split('/').find(|part| part.chars().any(char::is_uppercase)) {
        let full = if name.contains('/') { super::images::named(name).0 } else { format!("library/{upper}") };
        return Err(Fault::said(1, format!("invalid reference format: repository name ({full}) must be lowercase")));
    }
    client.engine()?;
    let bare = !name.contains('@') && tagged(name) != *name;
    if bare && !given.has("quiet") {
        client.say("Using default tag: latest");
    }
    let pulled = client.pull(name)?;
    if !given.has("quiet") {
        let lines = progress(name, &pulled);
        client.process.stdout.push(&lines);
    }
    client.say(full_name(name));
    Ok(0)
}

pub fn push(client: &mut Client<'_, '_>, given: &Given) -> Done<i32> {
    given.only(&[])?;
    client.take(10);
    let Some(name) = given.operands.first() else { return Ok(1) };
    let (repository, tag) = parts(name);
    let bare = full_name(name);
    let bare = bare.rsplit_once(':').map_or(bare.as_str(), |(repository, _)| repository).to_owned();
    let here = client.engine()?.image(name).is_some();
    client.say(format!("The push refers to repository [{bare}]"));
    if !here {
        let short = repository.trim_start_matches("library/");
        return Err(Fault::said(1, format!("An image does not exist locally with the tag: {short}")));
    }
    let _ = tag;
    unsimulated("`docker push` of an image")
}
