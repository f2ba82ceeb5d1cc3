//! Content that somebody had before and nobody has any more.

use super::super::blob::AsOf;
use super::super::world::World;
use super::Copy;

/// Content that is nowhere now. What was renamed, or is elsewhere too, is not destroyed; nor is what was replaced by newer content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destroyed {
    /// The data's id.
    pub data: String,
    /// Where the content was.
    pub place: String,
    /// How old it was.
    pub as_of: AsOf,
    /// Nothing of it was missing or damaged.
    pub whole: bool,
    /// Another whole copy is left that is at least as new.
    pub as_new_left: bool,
    /// A whole copy is left that somebody has read to its end, however old.
    pub proved_left: bool,
}

impl World {
    /// What of the content in an earlier world is nowhere now, in the order of [`World::copies`].
    #[must_use]
    pub fn destroyed_since(&self, before: &Self) -> Vec<Destroyed> {
        if self.holds_the_same_as(before) {
            return Vec::new();
        }
        let (before, now) = (before.all_copies(), self.all_copies());
        let gone = before.into_iter().filter_map(|(data, copy)| {
            let left: Vec<&Copy> = now.iter().filter(|(id, _)| *id == data).map(|(_, copy)| copy).collect();
            if left.iter().any(|now| keeps(now, &copy)) {
                return None;
            }
            Some(Destroyed {
                as_new_left: left.iter().any(|now| now.whole && now.as_of >= copy.as_of),
                proved_left: left.iter().any(|now| now.whole && now.proved),
                data,
                place: copy.place,
                as_of: copy.as_of,
                whole: copy.whole,
            })
        });
        gone.collect()
    }
}

/// The content of a copy is in this one, or newer content is in the same place.
fn keeps(now: &Copy, copy: &Copy) -> bool {
    let as_good = now.whole || !copy.whole;
    as_good && (now.as_of == copy.as_of || (now.as_of > copy.as_of && now.place == copy.place))
}
