//! Where output of commands goes: the process' own streams, a capture, a file, nowhere. Redirections move the descriptors.

use std::sync::Arc;

use super::super::place::Spot;
use super::super::process::{Chunk, Stream, Unsimulated};
use super::super::tree::FileError;
use super::state::{Shell, Step};
use super::syntax::{Redirect, RedirectTo};

/// Where a descriptor leads.
#[derive(Clone, Debug)]
pub enum Sink {
    /// One of the shell's outputs.
    Buffer(usize),
    Null,
    /// To the end of a file.
    File(Arc<Spot>),
}

/// What redirections have moved aside.
pub struct Moved {
    stdin: Option<Stream>,
    sinks: [Sink; 2],
}

impl Shell<'_, '_> {
    /// Writes text to descriptor 1 or 2.
    pub fn write(&mut self, descriptor: usize, text: &str) -> Step<()> {
        if text.is_empty() {
            return Ok(());
        }
        match &self.sinks[descriptor - 1] {
            Sink::Buffer(at) => self.outputs[*at].push(text),
            Sink::Null => {}
            Sink::File(spot) => {
                let spot = Arc::clone(spot);
                self.process.append(&spot, &Stream::text(text))?;
            }
        }
        Ok(())
    }

    /// Passes on what a program has printed. What it said comes first: it is not buffered, as its output is.
    pub fn deliver(&mut self) -> Step<()> {
        if !self.process.stderr.is_empty() {
            let said = std::mem::take(&mut self.process.stderr);
            self.write(2, &said)?;
        }
        if self.process.stdout.is_empty() {
            return Ok(());
        }
        let printed = std::mem::take(&mut self.process.stdout);
        match &self.sinks[0] {
            Sink::Buffer(at) => self.outputs[*at].extend(printed),
            Sink::Null => {}
            Sink::File(spot) => {
                let spot = Arc::clone(spot);
                self.process.append(&spot, &printed)?;
            }
        }
        Ok(())
    }

    /// Captures what is printed meanwhile.
    pub fn capture(&mut self, run: impl FnOnce(&mut Self) -> Step) -> Step<(i32, Stream)> {
        let at = self.outputs.len();
        self.outputs.push(Stream::default());
        let outer = std::mem::replace(&mut self.sinks[0], Sink::Buffer(at));
        let ran = run(self);
        self.sinks[0] = outer;
        let printed = self.outputs.pop().unwrap_or_default();
        Ok((ran?, printed))
    }

    /// Moves descriptors; none: one of them could not be opened, and the shell has said so.
    pub fn redirect(&mut self, redirects: &[Redirect]) -> Step<Option<Moved>> {
        let mut moved = Moved { stdin: None, sinks: self.sinks.clone() };
        for redirect in redirects {
            match self.redirect_one(redirect, &mut moved) {
                Ok(true) => {}
                Ok(false) => {
                    self.move_back(moved);
                    return Ok(None);
                }
                Err(stop) => {
                    self.move_back(moved);
                    return Err(stop);
                }
            }
        }
        Ok(Some(moved))
    }

    pub fn move_back(&mut self, moved: Moved) {
        self.sinks = moved.sinks;
        if let Some(stdin) = moved.stdin {
            self.process.stdin = stdin;
        }
    }

    fn redirect_one(&mut self, redirect: &Redirect, moved: &mut Moved) -> Step<bool> {
        match &redirect.to {
            RedirectTo::Read(file) => {
                let file = self.text(file)?;
                match self.process.read(&file)? {
                    Ok(content) => self.replace_stdin(content, moved),
                    Err(error) => return self.refused(&file, error),
                }
            }
            RedirectTo::Here(text) => {
                let text = match text.get() {
                    Some(word) => self.text(word)?,
                    None => String::new(),
                };
                self.replace_stdin(Stream::text(text), moved);
            }
            RedirectTo::Text(word) => {
                let text = self.text(word)? + "\n";
                self.replace_stdin(Stream::text(text), moved);
            }
            RedirectTo::Write { file, append } => {
                let file = self.text(file)?;
                match self.open(&file, *append)? {
                    Ok(sink) => self.sinks[usize::from(redirect.descriptor) - 1] = sink,
                    Err(error) => return self.refused(&file, error),
                }
            }
            RedirectTo::Both { file, append } => {
                let file = self.text(file)?;
                match self.open(&file, *append)? {
                    Ok(sink) => self.sinks = [sink.clone(), sink],
                    Err(error) => return self.refused(&file, error),
                }
            }
            RedirectTo::Copy(0) => {}
            RedirectTo::Copy(from) => {
                let sink = self.sinks[usize::from(*from) - 1].clone();
                self.sinks[usize::from(redirect.descriptor) - 1] = sink;
            }
        }
        Ok(true)
    }

    fn replace_stdin(&mut self, content: Stream, moved: &mut Moved) {
        let before = std::mem::replace(&mut self.process.stdin, content);
        moved.stdin.get_or_insert(before);
    }

    fn refused(&mut self, file: &str, error: FileError) -> Step<bool> {
        self.complain(format!("{file}: {error}"))?;
        Ok(false)
    }

    /// Opens a file for output; without `append` it is empty from now on.
    fn open(&mut self, file: &str, append: bool) -> Step<Result<Sink, FileError>> {
        match file {
            "/dev/null" => return Ok(Ok(Sink::Null)),
            "/dev/stdout" | "/dev/fd/1" => return Ok(Ok(self.sinks[0].clone())),
            "/dev/stderr" | "/dev/fd/2" => return Ok(Ok(self.sinks[1].clone())),
            "" => return Ok(Err(FileError::NotFound)),
            _ if file.starts_with("/dev/") => return Err(Unsimulated(format!("writing to `{file}`")).into()),
            _ => {}
        }
        if let Err(error) = self.process.write(file, &Stream::default(), append)? {
            return Ok(Err(error));
        }
        let path = self.process.path(file);
        Ok(self.process.world.spot(&self.process.place, &path, true).map(|spot| Sink::File(Arc::new(spot))))
    }

    /// Takes a line from standard input, without its end; the second part: it had one. None: there is nothing left.
    pub fn take_line(&mut self) -> Step<Option<(String, bool)>> {
        let chunks = &mut self.process.stdin.0;
        let Some(first) = chunks.first_mut() else { return Ok(None) };
        let Chunk::Text(text) = first else {
            return Err(Unsimulated("`read` of content that is no text".to_owned()).into());
        };
        let Some(end) = text.find('\n') else {
            let line = std::mem::take(text);
            chunks.remove(0);
            return Ok(Some((line, false)));
        };
        let rest = text.split_off(end + 1);
        let mut line = std::mem::replace(text, rest);
        line.pop();
        if text.is_empty() {
            chunks.remove(0);
        }
        Ok(Some((line, true)))
    }
}
