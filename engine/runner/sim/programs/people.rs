//! Users and groups: names and numbers as Debian has them, and those of the images that are restored most.

use super::super::process::Process;
use super::super::tree::Kind;

const KNOWN: [(&str, u32); 12] = [
    ("root", 0),
    ("daemon", 1),
    ("bin", 2),
    ("sys", 3),
    ("www-data", 33),
    ("backup", 34),
    ("nobody", 65_534),
    ("nogroup", 65_534),
    ("systemd-journal", 101),
    ("docker", 998),
    ("postgres", 999),
    ("redis", 999),
];

/// The number of the first person who logs in.
const FIRST: u32 = 1_000;

impl Process<'_> {
    /// Entries of `/etc/passwd` or `/etc/group`, where the world has one: names and numbers.
    fn listed(&self, file: &str) -> Vec<(String, u32)> {
        let Ok(Kind::Text(text)) = self.world.node(&self.place, file).map(|node| &node.kind) else { return Vec::new() };
        let entry = |line: &str| {
            let mut parts = line.split(':');
            Some((parts.next()?.to_owned(), parts.nth(1)?.parse().ok()?))
        };
        text.lines().filter_map(entry).collect()
    }

    fn number(&self, name: &str, file: &str) -> Option<u32> {
        let listed = self.listed(file);
        if !listed.is_empty() {
            return listed.into_iter().find(|(known, _)| known == name).map(|(_, number)| number);
        }
        let known = KNOWN.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
        known.or_else(|| (name == self.user).then_some(FIRST))
    }

    /// The number of a user; none: there is no such user.
    pub fn user_number(&self, name: &str) -> Option<u32> {
        self.number(name, "/etc/passwd")
    }

    /// The number of a group; none: there is no such group.
    pub fn group_number(&self, name: &str) -> Option<u32> {
        self.number(name, "/etc/group")
    }

    /// The name of a user.
    pub fn user_name(&self, uid: u32) -> Option<String> {
        if uid == self.uid() {
            return Some(self.user.clone());
        }
        self.name_of(uid, "/etc/passwd")
    }

    /// The name of a group.
    pub fn group_name(&self, gid: u32) -> Option<String> {
        self.name_of(gid, "/etc/group")
    }

    fn name_of(&self, number: u32, file: &str) -> Option<String> {
        let listed = self.listed(file);
        if !listed.is_empty() {
            return listed.into_iter().find(|(_, known)| *known == number).map(|(name, _)| name);
        }
        // What a number above the system's own is called, only the machine knows.
        KNOWN.iter().find(|(_, known)| *known == number && *known < 100).map(|(name, _)| (*name).to_owned())
    }

    /// Who this process is.
    pub fn uid(&self) -> u32 {
        if self.user == "root" {
            0
        } else {
            self.user.parse().ok().or_else(|| self.user_number(&self.user)).unwrap_or(FIRST)
        }
    }

    /// Its group.
    pub fn gid(&self) -> u32 {
        self.uid()
    }

    pub fn is_root(&self) -> bool {
        self.uid() == 0
    }

    /// Its home directory.
    pub fn home(&self) -> String {
        match self.user.as_str() {
            "root" | "0" => "/root".to_owned(),
            user => format!("/home/{user}"),
        }
    }

    /// What the machine, or the container, calls itself.
    pub fn hostname(&self) -> String {
        let machine = self.world.machine(&self.place.machine);
        match &self.place.container {
            Some(id) => id.chars().take(12).collect(),
            None => machine.map_or_else(|| self.place.machine.clone(), |machine| machine.hostname.clone()),
        }
    }
}
