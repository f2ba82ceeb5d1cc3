//! Collects what the trees of the world hold of the system's data, and puts together what belongs together.

use std::sync::Arc;

use super::super::blob::{AsOf, Blob, Holds};
use super::super::build::content::{CLUSTER, Content};
use super::super::tree::{Kind, Map, Node};
use super::super::world::{Cluster, World};
use super::Where;

/// Content of one data below one directory, or in one file.
#[derive(Debug)]
pub(super) struct Group<'w> {
    pub data: &'w str,
    pub at: Where<'w>,
    /// Without a slash at its ends; empty: the tree itself.
    pub path: String,
    pub as_of: AsOf,
    pub proved: bool,
    content: Content,
    /// No part that is there is damaged.
    sound: bool,
    /// Which of the parts are there, by their bits.
    parts: u32,
    /// A file that is the whole data is there.
    alone: bool,
}

/// One file that holds something.
struct Piece<'w> {
    data: &'w str,
    as_of: AsOf,
    sound: bool,
    proved: bool,
}

/// What a file is for the copy that it is in.
enum Fits {
    /// A part of the data, by its number, in a directory whose path is so long.
    Part(usize, usize),
    /// The whole data by itself, in a directory whose path is so long.
    Alone(usize),
    /// None of the files that the data has.
    Stray,
}

/// Goes through trees.
pub(super) struct Collector<'w> {
    /// Every data that is looked for, and what its files are like.
    wanted: Vec<(&'w str, Content)>,
    proved: &'w Map<u64, ()>,
    path: String,
    groups: Vec<Group<'w>>,
}

impl Group<'_> {
    pub fn is_whole(&self) -> bool {
        let all = (1_u32 << self.content.parts().len()) - 1;
        self.sound && (self.alone || self.parts & all == all)
    }
}

impl<'w> Collector<'w> {
    /// For one data, or for all.
    pub fn new(world: &'w World, data: Option<&str>) -> Self {
        let system = &world.system;
        let wanted = system.data.iter().filter(|known| data.is_none_or(|data| data == known.id));
        let wanted = wanted.map(|data| (data.id.as_str(), Content::of(system, data))).collect();
        Self { wanted, proved: &world.proved, path: String::new(), groups: Vec::new() }
    }

    pub fn finish(self) -> Vec<Group<'w>> {
        self.groups
    }

    /// Collects from a tree; where it is matters only when it holds something.
    pub fn tree(&mut self, at: impl Fn() -> Where<'w>, files: &'w Node) {
        let known = self.groups.len();
        self.path.clear();
        self.visit(&at, known, files);
    }

    /// Collects what a server holds that has no files of its own here.
    pub fn cluster(&mut self, at: Where<'w>, cluster: &'w Cluster) {
        let Some((data, content)) = cluster.data.as_ref().and_then(|data| self.wanted(data)) else { return };
        self.groups.push(Group {
            data,
            at,
            path: String::new(),
            as_of: cluster.as_of,
            proved: false,
            content,
            sound: !cluster.damaged,
            parts: 0,
            alone: true,
        });
    }

    fn wanted(&self, data: &str) -> Option<(&'w str, Content)> {
        self.wanted.iter().find(|(id, _)| *id == data).copied()
    }

    fn visit(&mut self, at: &dyn Fn() -> Where<'w>, known: usize, node: &'w Node) {
        match &node.kind {
            Kind::Directory(entries) => {
                let length = self.path.len();
                for (name, child) in entries {
                    if length > 0 {
                        self.path.push('/');
                    }
                    self.path.push_str(name);
                    self.visit(at, known, child);
                    self.path.truncate(length);
                }
            }
            Kind::Blob(blob) => self.blob(at, known, blob),
            Kind::Text(_) | Kind::Link(_) | Kind::Device(_) => {}
        }
    }

    fn blob(&mut self, at: &dyn Fn() -> Where<'w>, known: usize, blob: &'w Arc<Blob>) {
        let proved = self.proved.contains_key(&blob.id);
        match &blob.holds {
            Holds::Wal { .. } | Holds::Other => {}
            Holds::Data { data, as_of } => {
                self.piece(at, known, &Piece { data, as_of: *as_of, sound: blob.whole, proved });
            }
            Holds::Cluster(cluster) => {
                let Some(data) = &cluster.data else { return };
                let sound = blob.whole && !cluster.damaged;
                self.piece(at, known, &Piece { data, as_of: cluster.as_of, sound, proved });
            }
            _ => {
                for (data, as_of, whole) in self.inside(blob) {
                    let Some((data, content)) = self.wanted(data) else { continue };
                    self.groups.push(Group {
                        data,
                        at: at(),
                        path: self.path.clone(),
                        as_of,
                        proved,
                        content,
                        sound: whole,
                        parts: 0,
                        alone: true,
                    });
                }
            }
        }
    }

    /// What an archive or a dump holds, whatever it is wrapped into: each data once, with its age, and whether nothing is missing.
    fn inside(&self, blob: &'w Blob) -> Vec<(&'w str, AsOf, bool)> {
        match &blob.holds {
            Holds::Dump(cluster) | Holds::SqlDump(cluster) | Holds::Cluster(cluster) => {
                let data = cluster.data.as_deref();
                data.map(|data| (data, cluster.as_of, blob.whole && !cluster.damaged)).into_iter().collect()
            }
            Holds::Gzip(of) | Holds::Encrypted { of, .. } => {
                self.inside(of).into_iter().map(|(data, as_of, whole)| (data, as_of, whole && blob.whole)).collect()
            }
            Holds::Archive(files) => {
                let mut collector =
                    Self { wanted: self.wanted.clone(), proved: self.proved, path: String::new(), groups: Vec::new() };
                collector.tree(|| Where::Snapshot(""), files);
                let mut found: Vec<(&str, AsOf, bool)> = Vec::new();
                for group in collector.groups {
                    let whole = group.is_whole() && blob.whole;
                    match found.iter_mut().find(|(data, ..)| *data == group.data) {
                        // The best of several.
                        Some(known) if (known.2, known.1) < (whole, group.as_of) => {
                            (known.1, known.2) = (group.as_of, whole);
                        }
                        Some(_) => {}
                        None => found.push((group.data, group.as_of, whole)),
                    }
                }
                found
            }
            Holds::Data { data, as_of } => vec![(data, *as_of, blob.whole)],
            _ => Vec::new(),
        }
    }

    /// Adds a file at the present path to the copy that it belongs to. `known`: groups of earlier trees.
    fn piece(&mut self, at: &dyn Fn() -> Where<'w>, known: usize, piece: &Piece<'w>) {
        let Some((data, content)) = self.wanted(piece.data) else { return };
        let fits = fits(content, &self.path);
        let length = match fits {
            Fits::Part(_, length) | Fits::Alone(length) => length,
            Fits::Stray => self.path.len(),
        };
        let dir = self.path[..length].trim_end_matches('/');
        let place = self.groups[known..].iter().rposition(|group| group.data == data && group.path == dir);
        let place = place.map_or_else(
            || {
                self.groups.push(Group {
                    data,
                    at: at(),
                    path: dir.to_owned(),
                    as_of: piece.as_of,
                    proved: true,
                    content,
                    sound: true,
                    parts: 0,
                    alone: false,
                });
                self.groups.len() - 1
            },
            |place| known + place,
        );
        let group = &mut self.groups[place];
        group.as_of = group.as_of.min(piece.as_of);
        group.proved &= piece.proved;
        group.sound &= piece.sound;
        match fits {
            Fits::Part(number, _) => group.parts |= 1 << number,
            Fits::Alone(_) => group.alone = true,
            Fits::Stray => {}
        }
    }
}

/// What the file at a path is for data of that kind.
fn fits(content: Content, path: &str) -> Fits {
    let dir = |file: &str| {
        let dir = path.strip_suffix(file)?;
        (dir.is_empty() || dir.ends_with('/')).then_some(dir.len())
    };
    let part = content.parts().iter().enumerate().find_map(|(number, file)| Some(Fits::Part(number, dir(file)?)));
    let alone = || content.alone().iter().find_map(|file| dir(file).map(Fits::Alone));
    // A snapshot of Redis under another name is still one; a lone part of anything else is no copy.
    let named =
        || (content == Content::Redis && path.rsplit('.').next() == Some("rdb")).then_some(Fits::Alone(path.len()));
    debug_assert!(content != Content::Postgres || content.parts() == [CLUSTER]);
    part.or_else(alone).or_else(named).unwrap_or(Fits::Stray)
}
