//! The hosts file of a lab: its own lines, a line for every virtual machine, one for every address record. It is bind-mounted, so it is
//! always the same file: emptied and written anew.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use crate::runner::sim::World;

/// The lines of the file.
pub fn lines(base: &[String], world: &World) -> String {
    let mut text: String = base.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    for project in world.cloud().projects.values() {
        for instance in project.instances.values().filter(|instance| instance.status == "RUNNING") {
            push(&mut text, &instance.internal, &instance.name);
        }
        for record in project.zones.values().flat_map(|zone| &zone.records).filter(|record| record.kind == "A") {
            for address in &record.data {
                // With its final dot, too: whoever asks for the whole name asks for it so, and a hosts file knows no other rule.
                let name = record.name.trim_end_matches('.');
                push(&mut text, address, &format!("{name} {name}."));
            }
        }
    }
    text
}

fn push(text: &mut String, address: &str, name: &str) {
    for part in [address, "\t", name, "\n"] {
        text.push_str(part);
    }
}

/// Writes the file where it is.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    // `truncate` keeps the inode; a new file beside it would not be seen through a bind mount.
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(text.as_bytes())
}
