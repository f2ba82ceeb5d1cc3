//! Digests: SHA-256 of JSON with sorted keys and whole numbers only, so that two machines agree. Written straight from the data:
//! a tree of values for 10,000 steps would cost more than planning them.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};
use sha2::{Digest, Sha256};

use crate::model::hex::hex;

/// Keys whose values are places in files: moving a step does not change what it does.
const PLACES: [&[u8]; 2] = [b"place", b"span"];

/// SHA-256 of the canonical form, as 64 hexadecimal digits.
#[must_use]
pub fn of(value: &impl Serialize) -> String {
    of_lines([value])
}

/// SHA-256 of the canonical forms of several values, one a line; no two are held at once.
///
/// # Panics
/// On a value that has no JSON form: the parts of a plan are plain data with text for keys.
#[must_use]
pub fn of_lines<T: Serialize>(values: impl IntoIterator<Item = T>) -> String {
    let text = Text::default();
    let mut serializer = Serializer::with_formatter(text.clone(), Sorted::new(text.clone()));
    let mut digest = Sha256::new();
    for value in values {
        value.serialize(&mut serializer).expect("plain data with text for keys has a JSON form");
        let mut line = text.0.borrow_mut();
        line.push(b'\n');
        digest.update(&*line);
        line.clear();
    }
    hex(&digest.finalize())
}

/// SHA-256 of some text.
#[must_use]
pub fn of_text(text: &str) -> String {
    hex(&Sha256::digest(text))
}

/// What has been written, for the serializer to add to and the formatter to put in order.
#[derive(Clone, Default)]
struct Text(Rc<RefCell<Vec<u8>>>);

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Puts the members of every object in order once it is complete.
struct Sorted {
    text: Text,
    /// Of all open objects, outermost first.
    members: Vec<Member>,
    /// How many members stood before each open object.
    open: Vec<usize>,
    /// Members on their way to their new places.
    moved: Vec<u8>,
}

/// `"key":value,` in the text.
#[derive(Clone, Copy, Default)]
struct Member {
    start: usize,
    key_end: usize,
    end: usize,
}

impl Member {
    fn key<'text>(&self, text: &'text [u8]) -> &'text [u8] {
        // Without the quotes.
        &text[self.start + 1..self.key_end - 1]
    }
}

impl Sorted {
    fn new(text: Text) -> Self {
        Self { text, members: Vec::new(), open: Vec::new(), moved: Vec::new() }
    }

    fn length(&self) -> usize {
        self.text.0.borrow().len()
    }
}

impl Formatter for Sorted {
    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open.push(self.members.len());
        writer.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W, _: bool) -> io::Result<()> {
        self.members.push(Member { start: self.length(), ..Member::default() });
        Ok(())
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let end = self.length();
        if let Some(member) = self.members.last_mut() {
            member.key_end = end;
        }
        Ok(())
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let mut text = self.text.0.borrow_mut();
        let Some(member) = self.members.last_mut() else { return Ok(()) };
        if PLACES.contains(&member.key(&text)) {
            text.truncate(member.start);
            self.members.pop();
        } else {
            text.push(b',');
            member.end = text.len();
        }
        Ok(())
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let mut text = self.text.0.borrow_mut();
        let from = self.open.pop().unwrap_or_default();
        let members = &mut self.members[from..];
        if !members.is_sorted_by_key(|member| member.key(&text)) {
            let start = members[0].start;
            members.sort_by(|one, other| one.key(&text).cmp(other.key(&text)));
            self.moved.clear();
            for member in members.iter() {
                self.moved.extend_from_slice(&text[member.start..member.end]);
            }
            text[start..].copy_from_slice(&self.moved);
        }
        if !members.is_empty() {
            // The comma of the last one.
            text.pop();
        }
        text.push(b'}');
        self.members.truncate(from);
        Ok(())
    }

    // A fraction as text: its shortest form is the same everywhere.
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(b"\"")?;
        CompactFormatter.write_f64(writer, value)?;
        writer.write_all(b"\"")
    }

    fn write_f32<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        self.write_f64(writer, f64::from(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_and_places_do_not_matter_and_values_do() {
        let one = of(&json!({"a": 1, "b": {"c": 2, "span": 3}}));
        assert_eq!(one, of(&json!({"b": {"span": 9, "c": 2}, "a": 1})));
        assert_ne!(one, of(&json!({"b": {"c": 3}, "a": 1})));
        assert_eq!(one.len(), 64);
    }

    #[test]
    fn what_is_digested_is_json_with_sorted_keys() {
        let value = json!({"b": [{}, {"span": 1}, {"z": null, "place": {"x": 1}, "y\"": 1.5}], "": "\n", "a": {"d": -1, "c": true}});
        let canonical = r#"{"":"\n","a":{"c":true,"d":-1},"b":[{},{},{"y\"":"1.5","z":null}]}"#;
        assert_eq!(of(&value), of_text(&format!("{canonical}\n")));
    }
}
