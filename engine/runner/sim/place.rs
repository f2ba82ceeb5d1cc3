//! Where something happens, and what a path means there: mounted disks on a machine; binds, volumes and its own files in a container.

use super::tree::{FileError, Kind, Node, absolute, parts, split};
use super::world::{Disk, MountSource, World};

/// A machine, or a container on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The machine.
    pub machine: String,
    /// The container's id.
    pub container: Option<String>,
}

/// A tree of the world.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// A machine's own files.
    Machine(String),
    /// A disk: `PROJECT/ZONE/NAME`.
    Disk(String),
    /// A volume: machine and name.
    Volume(String, String),
    /// A container's own files: machine and id.
    Container(String, String),
}

/// A path in one tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The tree.
    pub root: Root,
    /// The path in it; empty: the tree itself.
    pub path: String,
    /// Nothing can be written there.
    pub read_only: bool,
}

/// Links that are followed in one path, at most.
const LINKS: u8 = 8;

/// Directories inside each other, at most.
const DEEPEST: usize = 200;

impl Place {
    pub fn machine(name: &str) -> Self {
        Self { machine: name.to_owned(), container: None }
    }

    pub fn container(machine: &str, id: &str) -> Self {
        Self { machine: machine.to_owned(), container: Some(id.to_owned()) }
    }
}

/// The rest of a path below a directory; none: it is not below it.
fn below<'p>(path: &'p str, dir: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(dir.trim_end_matches('/'))?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

impl World {
    /// The tree and the path in it that an absolute path leads to, by mounts alone.
    fn mounted(&self, place: &Place, path: &str) -> Result<Spot, FileError> {
        let machine = self.machine(&place.machine).ok_or(FileError::NotFound)?;
        let Some(id) = &place.container else {
            let mounts = machine.mounts.iter().filter_map(|(dir, disk)| Some((dir, disk, below(path, dir)?)));
            return Ok(match mounts.max_by_key(|(dir, ..)| dir.len()) {
                Some((_, disk, rest)) => {
                    Spot { root: Root::Disk(disk.clone()), path: rest.to_owned(), read_only: false }
                }
                None => Spot {
                    root: Root::Machine(place.machine.clone()),
                    path: path.trim_start_matches('/').to_owned(),
                    read_only: false,
                },
            });
        };
        let engine = machine.engine.as_ref().ok_or(FileError::NotFound)?;
        let container = engine.containers.get(id).ok_or(FileError::NotFound)?;
        let mounts = container.mounts.iter().filter_map(|mount| Some((mount, below(path, &mount.target)?)));
        match mounts.max_by_key(|(mount, _)| mount.target.len()) {
            Some((mount, rest)) => match &mount.source {
                MountSource::Bind(source) => {
                    let host = Place::machine(&place.machine);
                    let spot = self.mounted(&host, &absolute(source, rest))?;
                    Ok(Spot { read_only: spot.read_only || mount.read_only, ..spot })
                }
                MountSource::Volume(name) => Ok(Spot {
                    root: Root::Volume(place.machine.clone(), name.clone()),
                    path: rest.to_owned(),
                    read_only: mount.read_only,
                }),
                MountSource::Memory => Ok(self.own(place, id, path)),
            },
            None => Ok(self.own(place, id, path)),
        }
    }

    #[expect(clippy::unused_self, reason = "a part of `mounted`")]
    fn own(&self, place: &Place, id: &str, path: &str) -> Spot {
        Spot {
            root: Root::Container(place.machine.clone(), id.to_owned()),
            path: path.trim_start_matches('/').to_owned(),
            read_only: false,
        }
    }

    /// Where a path leads; links in front of its last part are followed, and with `follow` the last part too. The last part need not
    /// exist.
    ///
    /// # Errors
    /// A part on the way is missing or no directory.
    pub fn spot(&self, place: &Place, path: &str, follow: bool) -> Result<Spot, FileError> {
        let mut path = absolute("/", path);
        if let Some((spot, _)) = self.direct(place, &path, follow) {
            return Ok(spot);
        }
        for _ in 0..=LINKS {
            let Some(next) = self.follow_once(place, &path, follow)? else { return self.mounted(place, &path) };
            path = next;
        }
        Err(FileError::Loop)
    }

    /// The same where no link is on the way, which is the usual case, with what is there; none: it has to be looked at part by part.
    fn direct(&self, place: &Place, path: &str, follow: bool) -> Option<(Spot, Option<&Node>)> {
        let spot = self.mounted(place, path).ok()?;
        let mut node = self.root(&spot.root)?;
        let mut rest = parts(&spot.path).peekable();
        let mut found = true;
        while let Some(part) = rest.next() {
            let Kind::Directory(entries) = &node.kind else { return None };
            let is_last = rest.peek().is_none();
            match entries.get(part) {
                Some(Node { kind: Kind::Link(_), .. }) if follow || !is_last => return None,
                Some(child) => node = child,
                None if is_last => found = false,
                None => return None,
            }
        }
        drop(rest);
        Some((spot, found.then_some(node)))
    }

    /// The path behind the first link in a path; none: there is no link to follow.
    fn follow_once(&self, place: &Place, path: &str, follow: bool) -> Result<Option<String>, FileError> {
        let all: Vec<&str> = parts(path).collect();
        let mut at = String::new();
        for (n, part) in all.iter().enumerate() {
            let dir = at.clone();
            at = format!("{at}/{part}");
            let last = n + 1 == all.len();
            let spot = self.mounted(place, &at)?;
            let node = self.root(&spot.root).and_then(|root| root.get(&spot.path));
            match node.map(|node| &node.kind) {
                None if last => return Ok(None),
                None if self.leads_to_mount(place, &at) => {}
                None => return Err(FileError::NotFound),
                Some(Kind::Link(to)) if !last || follow => {
                    let rest = all[n + 1..].join("/");
                    return Ok(Some(absolute(&absolute(&dir, to), &rest)));
                }
                Some(Kind::Directory(_)) => {}
                Some(_) if last => {}
                Some(_) => return Err(FileError::NotADirectory),
            }
        }
        Ok(None)
    }

    /// Where something is mounted in a place.
    fn mount_points(&self, place: &Place) -> Vec<&str> {
        let Some(machine) = self.machine(&place.machine) else { return Vec::new() };
        let Some(id) = &place.container else { return machine.mounts.keys().map(String::as_str).collect() };
        let container = machine.engine.as_ref().and_then(|engine| engine.containers.get(id));
        container.into_iter().flat_map(|container| &container.mounts).map(|mount| mount.target.as_str()).collect()
    }

    /// Something is mounted below this directory.
    fn leads_to_mount(&self, place: &Place, dir: &str) -> bool {
        self.mount_points(place).into_iter().any(|target| below(target, dir).is_some_and(|rest| !rest.is_empty()))
    }

    /// Something is mounted at this path.
    #[must_use]
    pub fn is_mount_point(&self, place: &Place, path: &str) -> bool {
        path == "/" || self.mount_points(place).into_iter().any(|target| target.trim_end_matches('/') == path)
    }

    /// What is at a path, with everything that is mounted below it; a link at its end is followed or not.
    ///
    /// # Errors
    /// It is not there.
    pub fn tree(&self, place: &Place, path: &str, follow: bool) -> Result<Node, FileError> {
        let spot = self.spot(place, path, follow)?;
        let mut tree = match self.root(&spot.root).and_then(|root| root.get(&spot.path)) {
            Some(node) => node.clone(),
            None if self.leads_to_mount(place, &absolute("/", path)) => Node::directory(self.began),
            None => return Err(FileError::NotFound),
        };
        if !tree.is_directory() {
            return Ok(tree);
        }
        let dir = absolute("/", path);
        let mut points = self.mount_points(place);
        points.sort_unstable();
        for point in points {
            let Some(rest) = below(point, &dir).filter(|rest| !rest.is_empty()) else { continue };
            let Ok(mounted) = self.node(place, point) else { continue };
            let mounted = mounted.clone();
            tree.make_dirs(split(rest).0, self.began)?;
            tree.put(rest, mounted)?;
        }
        Ok(tree)
    }

    /// A tree.
    #[must_use]
    pub fn root(&self, root: &Root) -> Option<&Node> {
        match root {
            Root::Machine(machine) => Some(&self.machine(machine)?.files),
            Root::Disk(key) => self.disk(key)?.files.as_ref(),
            Root::Volume(machine, name) => Some(&self.engine(machine)?.volumes.get(name)?.files),
            Root::Container(machine, id) => Some(&self.engine(machine)?.containers.get(id)?.files),
        }
    }

    /// The same, to be changed.
    pub fn root_mut(&mut self, root: &Root) -> Option<&mut Node> {
        match root {
            Root::Machine(machine) => Some(&mut self.machine_mut(machine)?.files),
            Root::Disk(key) => self.disk_mut(key)?.files.as_mut(),
            Root::Volume(machine, name) => Some(&mut self.engine_mut(machine)?.volumes.get_mut(name)?.files),
            Root::Container(machine, id) => Some(&mut self.engine_mut(machine)?.containers.get_mut(id)?.files),
        }
    }

    /// A persistent disk by `PROJECT/ZONE/NAME`.
    #[must_use]
    pub fn disk(&self, key: &str) -> Option<&Disk> {
        let (project, disk) = key.split_once('/')?;
        self.cloud.projects.get(project)?.disks.get(disk)
    }

    /// The same, to be changed.
    pub fn disk_mut(&mut self, key: &str) -> Option<&mut Disk> {
        let (project, disk) = key.split_once('/')?;
        self.cloud.projects.get_mut(project)?.disks.get_mut(disk)
    }

    /// What is at a path; links are followed.
    ///
    /// # Errors
    /// It is not there.
    pub fn node(&self, place: &Place, path: &str) -> Result<&Node, FileError> {
        self.at(place, path, true)
    }

    fn at(&self, place: &Place, path: &str, follow: bool) -> Result<&Node, FileError> {
        if let Some((_, node)) = self.direct(place, &absolute("/", path), follow) {
            return node.ok_or(FileError::NotFound);
        }
        let spot = self.spot(place, path, follow)?;
        self.root(&spot.root).and_then(|root| root.get(&spot.path)).ok_or(FileError::NotFound)
    }

    /// What is at a path; a link at its end is itself.
    ///
    /// # Errors
    /// It is not there.
    pub fn link_node(&self, place: &Place, path: &str) -> Result<&Node, FileError> {
        self.at(place, path, false)
    }

    /// The same as [`World::node`], to be changed.
    ///
    /// # Errors
    /// It is not there, or cannot be written.
    pub fn node_mut(&mut self, place: &Place, path: &str) -> Result<&mut Node, FileError> {
        let spot = self.spot(place, path, true)?;
        if spot.read_only {
            return Err(FileError::ReadOnly);
        }
        self.root_mut(&spot.root).and_then(|root| root.get_mut(&spot.path)).ok_or(FileError::NotFound)
    }

    /// Puts a file, link or directory where its directory is there; replaces what is there, except a directory by something else.
    ///
    /// # Errors
    /// What the C library would say.
    pub fn put(&mut self, place: &Place, path: &str, node: Node) -> Result<(), FileError> {
        let spot = self.spot(place, path, true)?;
        if spot.read_only {
            return Err(FileError::ReadOnly);
        }
        if parts(&spot.path).count() > DEEPEST {
            return Err(FileError::TooLong);
        }
        let root = self.root_mut(&spot.root).ok_or(FileError::NotFound)?;
        if spot.path.is_empty() {
            return Err(FileError::IsADirectory);
        }
        if root.get(&spot.path).is_some_and(Node::is_directory) && !node.is_directory() {
            return Err(FileError::IsADirectory);
        }
        root.put(&spot.path, node)
    }

    /// Makes a directory and those above it.
    ///
    /// # Errors
    /// What the C library would say.
    pub fn make_dirs(&mut self, place: &Place, path: &str) -> Result<(), FileError> {
        let now = self.now();
        let mut at = String::new();
        for part in parts(path) {
            at = format!("{at}/{part}");
            let spot = self.spot(place, &at, true)?;
            let root = self.root_mut(&spot.root).ok_or(FileError::NotFound)?;
            match root.get(&spot.path) {
                Some(node) if node.is_directory() => {}
                Some(_) => return Err(FileError::NotADirectory),
                None if spot.read_only => return Err(FileError::ReadOnly),
                None => root.put(&spot.path, Node::directory(now))?,
            }
        }
        Ok(())
    }

    /// Takes away what is at a path, with everything below it; a link at its end is taken away itself.
    ///
    /// # Errors
    /// What the C library would say; a mount point is busy.
    pub fn remove(&mut self, place: &Place, path: &str) -> Result<Node, FileError> {
        let now = self.now();
        let spot = self.spot(place, path, false)?;
        let whole = absolute("/", path);
        if spot.path.is_empty() || self.is_mount_point(place, &whole) || self.leads_to_mount(place, &whole) {
            return Err(FileError::Busy);
        }
        if spot.read_only {
            return Err(FileError::ReadOnly);
        }
        let root = self.root_mut(&spot.root).ok_or(FileError::NotFound)?;
        root.remove(&spot.path, now).ok_or(FileError::NotFound)
    }

    /// `rename(2)`: within one tree only.
    ///
    /// # Errors
    /// What the C library would say.
    pub fn rename(&mut self, place: &Place, from: &str, to: &str) -> Result<(), FileError> {
        let now = self.now();
        let (source, target) = (self.spot(place, from, false)?, self.spot(place, to, false)?);
        if source.path.is_empty() || target.path.is_empty() {
            return Err(FileError::Busy);
        }
        if source.read_only || target.read_only {
            return Err(FileError::ReadOnly);
        }
        if source.root != target.root {
            return Err(FileError::CrossDevice);
        }
        let root = self.root_mut(&source.root).ok_or(FileError::NotFound)?;
        let node = root.get(&source.path).ok_or(FileError::NotFound)?;
        match root.get(&target.path) {
            Some(there) if there.is_directory() && there.entries().next().is_some() => {
                return Err(FileError::NotEmpty);
            }
            Some(there) if there.is_directory() && !node.is_directory() => return Err(FileError::IsADirectory),
            Some(there) if !there.is_directory() && node.is_directory() => return Err(FileError::NotADirectory),
            None if root.get(split(&target.path).0).is_none() => return Err(FileError::NotFound),
            Some(_) | None => {}
        }
        let node = root.remove(&source.path, now).ok_or(FileError::NotFound)?;
        root.put(&target.path, node)
    }
}
