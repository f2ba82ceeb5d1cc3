//! Files of a machine as `aws s3` walks and names them.

use super::super::place::Place;
use super::super::tree::{Kind, Node};
use super::super::world::World;

/// Files below a directory, as (path below it, node), in order. Links are followed, or left out.
pub fn files(world: &World, place: &Place, dir: &str, links: bool) -> Vec<(String, Node)> {
    let mut found = Vec::new();
    let Ok(root) = world.node(place, dir) else { return found };
    for (path, node) in root.clone().walk() {
        match &node.kind {
            Kind::Text(_) | Kind::Blob(_) => found.push((path, node.clone())),
            Kind::Link(_) if links => {
                if let Ok(target) = world.node(place, &format!("{dir}/{path}"))
                    && target.is_file()
                {
                    found.push((path, target.clone()));
                }
            }
            Kind::Directory(_) | Kind::Link(_) | Kind::Device(_) => {}
        }
    }
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    found
}

/// A path as the client shows it: from the working directory on.
pub fn shown(cwd: &str, path: &str) -> String {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let from: Vec<&str> = cwd.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
    let common = from.iter().zip(&to).take_while(|(left, right)| left == right).count();
    let mut parts: Vec<&str> = vec![".."; from.len() - common];
    parts.extend(&to[common..]);
    if parts.is_empty() { format!("./{name}") } else { format!("{}/{name}", parts.join("/")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_the_working_directory_on() {
        assert_eq!(shown("/root", "/root/a.txt"), "./a.txt");
        assert_eq!(shown("/root", "/root/d/x"), "d/x");
        assert_eq!(shown("/root", "/backups/x"), "../backups/x");
        assert_eq!(shown("/", "/x"), "./x");
    }
}
