//! Passes over bytes in which no secret can begin, without looking at each of them (Wu and Manber): most output holds no secret.
//!
//! Of every needle only the first `window` bytes count, as many as the shortest has. The last [`BLOCK`] bytes of a window in the
//! text say how far the next place is at which a needle can begin; only where that is here must somebody look closely.

/// Bytes that are looked up at once. No needle is shorter.
const BLOCK: usize = 3;
/// The table's size, a power of two: it stays in the first cache.
const SLOTS: usize = 1 << 14;

/// The table.
pub(super) struct Skip {
    window: usize,
    shifts: Box<[u8; SLOTS]>,
}

impl Skip {
    /// None: some needle is too short.
    pub fn new(needles: &[Vec<u8>]) -> Option<Self> {
        let shortest = needles.iter().map(Vec::len).min().filter(|length| *length >= BLOCK)?;
        let window = shortest.min(usize::from(u8::MAX));
        let far = u8::try_from(window - BLOCK + 1).ok()?;
        let mut shifts = Box::new([far; SLOTS]);
        for needle in needles {
            for end in BLOCK..=window {
                let shift = &mut shifts[slot(needle, end)];
                *shift = (*shift).min(u8::try_from(window - end).unwrap_or(0));
            }
        }
        Some(Self { window, shifts })
    }

    /// The first place from `from` on at which a needle may begin, or may have begun when the bytes are over. Before it none begins.
    pub fn next(&self, bytes: &[u8], from: usize) -> usize {
        let mut end = from + self.window;
        while end <= bytes.len() {
            let shift = usize::from(self.shifts[slot(bytes, end)]);
            if shift == 0 {
                return end - self.window;
            }
            end += shift;
        }
        (end - self.window).min(bytes.len())
    }
}

/// Of the block that ends before `end`.
fn slot(bytes: &[u8], end: usize) -> usize {
    let block = &bytes[end - BLOCK..end];
    let hash = usize::from(block[0]) << 9 ^ usize::from(block[1]) << 5 ^ usize::from(block[2]);
    hash & (SLOTS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_place_of_a_needle_is_passed_over() {
        let needles: Vec<Vec<u8>> = ["abcd", "hunter2!", "xyzzy"].map(|needle| needle.as_bytes().to_vec()).into();
        let skip = Skip::new(&needles).unwrap();
        let text = b"..abc.abcd....hunterhunter2!xyzxyzzyabcd";
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let start = skip.next(text, at);
            if needles.iter().any(|needle| text[start..].starts_with(needle)) {
                found.push(start);
            }
            at = start + 1;
        }
        assert_eq!(found, [6, 20, 31, 36]);
    }

    #[test]
    fn what_may_begin_at_the_end_is_not_passed_over() {
        let skip = Skip::new(&[b"hunter2!".to_vec()]).unwrap();
        for begun in 1..8 {
            let text = [&b"nothing here "[..], &b"hunter2!"[..begun]].concat();
            assert!(skip.next(&text, 0) <= text.len() - begun, "{begun}");
        }
    }

    #[test]
    fn a_needle_shorter_than_a_block_makes_no_table() {
        assert!(Skip::new(&[b"ab".to_vec()]).is_none() && Skip::new(&[]).is_none());
    }
}
