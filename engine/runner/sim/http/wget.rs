//! `wget`: quiet downloads and `--spider`.

use std::time::Duration;

use super::super::process::{Process, Ran, Unsimulated};
use super::super::tree::Node;
use super::{PATIENCE, Refusal, Request, Response, answer, reason};

/// What is wanted.
#[derive(Default)]
struct Options {
    quiet: bool,
    brief: bool,
    spider: bool,
    output: Option<String>,
    patience: Option<Duration>,
    tries: Option<u32>,
    headers: Vec<(String, String)>,
    url: Option<String>,
}

pub fn wget(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let options = match read(arguments)? {
        Ok(options) => options,
        Err(option) => {
            process.complain(format!("wget: unrecognized option '{option}'"));
            return process.fail(2, USAGE);
        }
    };
    let Some(url) = &options.url else { return process.fail(1, format!("wget: missing URL\n{USAGE}")) };
    let url = if url.contains("://") { url.clone() } else { format!("http://{url}") };
    let method = if options.spider { "HEAD" } else { "GET" };
    let request = Request { method: method.to_owned(), url: url.clone(), headers: options.headers.clone() };
    let said = |process: &Process<'_>| process.world.now().format("%Y-%m-%d %H:%M:%S").to_string();
    if !options.quiet && !options.brief {
        let date = said(process);
        let spider = if options.spider { "Spider mode enabled. Check if remote file exists.\n" } else { "" };
        process.complain(format!("{spider}--{date}--  {url}"));
    }
    match answer(process.world, &process.place, &request) {
        Ok(response) if response.status < 400 => arrived(process, &options, &url, &response),
        Ok(response) => {
            let (status, reason) = (response.status, reason(response.status));
            let date = said(process);
            match (options.quiet, options.spider) {
                (true, _) => {}
                (false, true) => process.complain("Remote file does not exist -- broken link!!!\n"),
                (false, false) => process.complain(format!("{date} ERROR {status}: {reason}.\n")),
            }
            Ok(8)
        }
        Err(refusal) => refused(process, &options, refusal),
    }
}

const USAGE: &str = "Usage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.";

fn arrived(process: &mut Process<'_>, options: &Options, url: &str, response: &Response) -> Ran {
    if options.spider {
        return Ok(0);
    }
    let last = || url.split("://").last().and_then(|rest| rest.split_once('/')).map(|(_, path)| path.to_owned());
    let name = options.output.clone().or_else(|| {
        let path = last()?;
        path.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned)
    });
    let name = name.unwrap_or_else(|| "index.html".to_owned());
    if name == "-" {
        process.stdout.push(&response.body);
        return Ok(0);
    }
    let path = process.path(&name);
    if path != "/dev/null" {
        let node = Node::text(response.body.as_str(), process.world.now());
        if let Err(error) = process.world.put(&process.place, &path, node) {
            return process.fail(if options.output.is_some() { 1 } else { 3 }, format!("{name}: {error}"));
        }
    }
    if !options.quiet {
        let (date, size) = (process.world.now().format("%Y-%m-%d %H:%M:%S"), response.body.len());
        process.complain(format!("{date} URL:{url} [{size}/{size}] -> \"{name}\" [1]"));
    }
    Ok(0)
}

fn refused(process: &mut Process<'_>, options: &Options, refusal: Refusal) -> Ran {
    // It tries 20 times, waiting a second more each time; but what is refused or does not resolve it does not try again.
    let (exit, words) = match refusal {
        Refusal::Malformed => (1, "Invalid URL".to_owned()),
        Refusal::Unresolved(host) => (4, format!("wget: unable to resolve host address ‘{host}’")),
        Refusal::Refused(host, port) => (4, format!("Connecting to {host}:{port}... failed: Connection refused.")),
        Refusal::Lost(..) | Refusal::Silent => {
            let tries = options.tries.filter(|tries| *tries > 0).unwrap_or(20);
            process.world.pass(options.patience.unwrap_or(PATIENCE) * tries);
            (4, "failed: Connection timed out.".to_owned())
        }
        Refusal::HungUp => (4, "No data received.".to_owned()),
        Refusal::Unsimulated(what) => return Err(what),
    };
    if !options.quiet {
        process.complain(words);
    }
    Ok(exit)
}

/// The inner error is an option that `wget` does not know.
fn read(arguments: &[String]) -> Result<Result<Options, String>, Unsimulated> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let (name, glued) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let mut value = || glued.clone().or_else(|| rest.next().cloned()).unwrap_or_default();
        match name {
            "--quiet" => options.quiet = true,
            "--spider" => options.spider = true,
            "-nv" | "--no-verbose" => options.brief = true,
            "-O" | "--output-document" => options.output = Some(value()),
            "-T" | "--timeout" | "--connect-timeout" => {
                options.patience = value().parse().ok().map(Duration::from_secs);
            }
            "-t" | "--tries" => options.tries = value().parse().ok(),
            "--header" => {
                let header = value();
                let (name, value) = header.split_once(':').unwrap_or((&header, ""));
                options.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            "--no-check-certificate" | "-4" | "-c" | "--continue" | "--no-proxy" => {}
            long if long.starts_with("--") => {
                let known = ["--post-data", "--user", "--password", "--recursive", "--server-response", "--method"];
                if known.contains(&long) {
                    return Err(Unsimulated(format!("`wget {long}`")));
                }
                return Ok(Err(word.clone()));
            }
            // Letters run together: -qO-, -qO FILE.
            short if short.starts_with("-q") => {
                options.quiet = true;
                match &short[2..] {
                    "" => {}
                    "O" => options.output = Some(value()),
                    rest if rest.starts_with('O') => options.output = Some(rest[1..].to_owned()),
                    _ => return Err(Unsimulated(format!("`wget {short}`"))),
                }
            }
            short if short.starts_with("-O") => options.output = Some(short[2..].to_owned()),
            short if short.starts_with('-') => return Err(Unsimulated(format!("`wget {short}`"))),
            url => options.url = Some(url.to_owned()),
        }
    }
    Ok(Ok(options))
}
