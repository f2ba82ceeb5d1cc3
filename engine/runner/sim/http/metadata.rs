//! The metadata server that virtual machines of Google ask about themselves.

use super::super::place::Place;
use super::super::world::{Instance, World};
use super::url::Url;
use super::{Refusal, Request, Response, unknown};

/// True for its name and its address.
pub fn is_its_host(host: &str) -> bool {
    matches!(host.trim_end_matches('.'), "metadata.google.internal" | "metadata" | "169.254.169.254")
}

/// It answers on virtual machines, and to those that say what they are about to get.
pub fn answer(world: &World, from: &Place, request: &Request, url: &Url) -> Result<Response, Refusal> {
    let projects = world.cloud.projects.iter();
    let mut found = projects.flat_map(|(id, project)| project.instances.values().map(move |instance| (id, instance)));
    let Some((project, instance)) = found.find(|(_, instance)| instance.machine == from.machine) else {
        return Err(Refusal::Unresolved(url.host.clone()));
    };
    let flavor = |(name, value): &(String, String)| name.eq_ignore_ascii_case("metadata-flavor") && value == "Google";
    if !request.headers.iter().any(flavor) {
        return Ok(Response::new(403, "Missing Metadata-Flavor:Google header.\n"));
    }
    let path = url.path.trim_start_matches("/computeMetadata/v1/").trim_end_matches('/');
    match value(project, instance, path) {
        Some(value) => Ok(Response::new(200, &value)),
        None => Err(unknown(url)),
    }
}

fn value(project: &str, instance: &Instance, path: &str) -> Option<String> {
    let address = "instance/network-interfaces/0";
    Some(match path {
        "instance/name" => instance.name.clone(),
        "instance/id" => instance.id.clone(),
        "instance/zone" => format!("projects/{project}/zones/{}", instance.zone),
        "instance/machine-type" => format!("projects/{project}/machineTypes/{}", instance.machine_type),
        "instance/hostname" => format!("{}.{}.c.{project}.internal", instance.name, instance.zone),
        "project/project-id" => project.to_owned(),
        path => match path.strip_prefix(address)? {
            "/ip" => instance.internal.clone(),
            "/access-configs/0/external-ip" => instance.external.clone()?,
            _ => return None,
        },
    })
}
