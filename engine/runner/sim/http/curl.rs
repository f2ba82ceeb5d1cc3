//! `curl`.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::names::FOR_EVER;
use super::super::process::{Process, Ran, Unsimulated};
use super::super::tree::Node;
use super::options::{Fail, Options, Output, Wrong};
use super::{PATIENCE, Refusal, Request, Response, answer, reason};

const TRY: &str = "curl: try 'curl --help' or 'curl --manual' for more information";

/// Redirects followed at most.
const HOPS: u32 = 50;

/// One transfer.
struct Transfer {
    url: String,
    response: Option<Response>,
    redirects: u32,
    began: DateTime<Utc>,
    /// Exit code and words.
    error: Option<(i32, String)>,
}

pub fn curl(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    if let ["-V" | "--version"] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        process.say("curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1 OpenSSL/3.0.19 zlib/1.2.13");
        return Ok(0);
    }
    let options = match Options::read(arguments) {
        Ok(options) => options,
        Err(Wrong::Usage(words)) => return process.fail(2, words),
        Err(Wrong::Unsimulated(what)) => return Err(what),
    };
    if options.urls.is_empty() {
        return process
            .fail(2, if arguments.is_empty() { TRY.to_owned() } else { format!("curl: no URL specified!\n{TRY}") });
    }
    let mut exit = 0;
    for (at, url) in options.urls.iter().enumerate() {
        exit = one(process, &options, url, options.outputs.get(at))?;
    }
    Ok(exit)
}

/// One address, tried as often as is wanted.
fn one(process: &mut Process<'_>, options: &Options, url: &str, output: Option<&Output>) -> Ran {
    let mut tries = 0;
    let mut transfer = loop {
        let transfer = transfer(process, options, url)?;
        if tries >= options.retries || !is_transient(options, &transfer) {
            break transfer;
        }
        let delay = options.retry_delay.unwrap_or_else(|| Duration::from_secs(1 << tries.min(9)));
        process.world.pass(delay);
        tries += 1;
    };
    if let Some(response) = transfer.response.clone() {
        let written = write(process, options, url, output, &response);
        if transfer.error.is_none() {
            transfer.error = written;
        }
    }
    if let Some(format) = &options.write_out {
        let text = write_out(process, format, &transfer);
        process.stdout.push(&text);
    }
    let Some((exit, words)) = transfer.error else { return Ok(0) };
    if options.show_error || !options.silent {
        process.complain(format!("curl: ({exit}) {words}"));
    }
    Ok(exit)
}

fn transfer(process: &mut Process<'_>, options: &Options, address: &str) -> Result<Transfer, Unsimulated> {
    let began = process.world.now();
    let mut url = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    if let Some((scheme, _)) = url.split_once("://").filter(|(scheme, _)| !matches!(*scheme, "http" | "https")) {
        if matches!(scheme, "ftp" | "ftps" | "file" | "sftp" | "scp" | "smtp" | "telnet" | "ldap") {
            return Err(Unsimulated(format!("`curl {scheme}://…`")));
        }
        let words = format!("Protocol \"{scheme}\" not supported or disabled in libcurl");
        return Ok(Transfer { url, response: None, redirects: 0, began, error: Some((1, words)) });
    }
    if options.get && !options.data.is_empty() {
        url = format!("{url}{}{}", if url.contains('?') { '&' } else { '?' }, options.data.join("&"));
    }
    let mut redirects = 0;
    loop {
        let request = Request { method: method(options), url: url.clone(), headers: options.headers.clone() };
        let answered = answer(process.world, &process.place, &request);
        let response = match answered {
            Ok(response) => response,
            Err(refusal) => {
                let error = Some(refused(process, options, began, refusal)?);
                return Ok(Transfer { url, response: None, redirects, began, error });
            }
        };
        let next = response.headers.iter().find(|(name, _)| name == "location").map(|(_, next)| next.clone());
        let follows = options.follow && (300..400).contains(&response.status) && redirects < HOPS;
        let Some(next) = next.filter(|_| follows) else {
            let failed = options.fail != Fail::Never && response.status >= 400;
            let words = || (22, format!("The requested URL returned error: {}", response.status));
            let error = failed.then(words);
            return Ok(Transfer { url, response: Some(response), redirects, began, error });
        };
        url = next;
        redirects += 1;
    }
}

fn method(options: &Options) -> String {
    let implied = if options.head {
        "HEAD"
    } else if options.data.is_empty() || options.get {
        "GET"
    } else {
        "POST"
    };
    options.method.clone().unwrap_or_else(|| implied.to_owned())
}

/// Exit code and words; also waits as long as `curl` would.
fn refused(
    process: &mut Process<'_>,
    options: &Options,
    began: DateTime<Utc>,
    refusal: Refusal,
) -> Result<(i32, String), Unsimulated> {
    let passed = |now: DateTime<Utc>| (now - began).num_milliseconds().max(0);
    Ok(match refusal {
        Refusal::Malformed => (3, "URL using bad/illegal format or missing URL".to_owned()),
        Refusal::Unresolved(host) => (6, format!("Could not resolve host: {host}")),
        Refusal::Refused(host, port) => {
            let after = passed(process.world.now());
            (7, format!("Failed to connect to {host} port {port} after {after} ms: Couldn't connect to server"))
        }
        Refusal::Lost(host, port) => {
            let told = [options.patience, options.connect_patience].into_iter().flatten().min();
            wait(process, began, told.unwrap_or(PATIENCE));
            let after = passed(process.world.now());
            let words = match told {
                Some(_) => format!("Connection timed out after {after} milliseconds"),
                None => format!("Failed to connect to {host} port {port} after {after} ms: Couldn't connect to server"),
            };
            (28, words)
        }
        Refusal::Silent => {
            wait(process, began, options.patience.unwrap_or(FOR_EVER));
            let after = passed(process.world.now());
            (28, format!("Operation timed out after {after} milliseconds with 0 bytes received"))
        }
        Refusal::HungUp => (52, "Empty reply from server".to_owned()),
        Refusal::Unsimulated(what) => return Err(what),
    })
}

/// Until so long after the begin.
fn wait(process: &mut Process<'_>, began: DateTime<Utc>, patience: Duration) {
    let passed = (process.world.now() - began).to_std().unwrap_or_default();
    process.world.pass(patience.saturating_sub(passed));
}

/// What `--retry` tries again.
fn is_transient(options: &Options, transfer: &Transfer) -> bool {
    match (&transfer.error, &transfer.response) {
        (Some(_), None) if options.retry_all => true,
        (Some((7, _)), None) => options.retry_refused,
        (Some((28, _)), None) => true,
        (_, Some(response)) => {
            matches!(response.status, 408 | 429 | 500 | 502 | 503 | 504)
                || (options.retry_all && transfer.error.is_some())
        }
        _ => false,
    }
}

/// Writes head and body; gives exit code and words if that does not work.
fn write(
    process: &mut Process<'_>,
    options: &Options,
    url: &str,
    output: Option<&Output>,
    response: &Response,
) -> Option<(i32, String)> {
    let mut text = String::new();
    if options.include || options.head {
        text = head(process, response);
    }
    let dropped = options.fail == Fail::Quietly && response.status >= 400;
    if !dropped && !options.head {
        text.push_str(&response.body);
    }
    let name = match output {
        None => {
            process.stdout.push(&text);
            return None;
        }
        Some(Output::File(name)) if name == "-" => {
            process.stdout.push(&text);
            return None;
        }
        Some(Output::File(name)) => name.clone(),
        Some(Output::Named) => {
            let path = url.split("://").last().unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
            match path.split_once('/').and_then(|(_, path)| path.rsplit('/').next()).filter(|name| !name.is_empty()) {
                Some(name) => name.to_owned(),
                None => return Some((23, "Failed writing received data to disk/application".to_owned())),
            }
        }
    };
    let path = process.path(&name);
    if path == "/dev/null" || dropped {
        return None;
    }
    let node = Node::text(text, process.world.now());
    let written = process.world.put(&process.place, &path, node);
    written.err().map(|_| (23, "Failure writing output to destination".to_owned()))
}

fn head(process: &Process<'_>, response: &Response) -> String {
    let date = process.world.now().format("%a, %d %b %Y %H:%M:%S GMT");
    let mut text = format!("HTTP/1.1 {} {}\r\nDate: {date}\r\n", response.status, reason(response.status));
    for (name, value) in &response.headers {
        let name: Vec<String> = name.split('-').map(capitalized).collect();
        text.extend([&name.join("-"), ": ", value, "\r\n"]);
    }
    text.push_str("\r\n");
    text
}

fn capitalized(part: &str) -> String {
    let mut letters = part.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// The text of `-w`.
fn write_out(process: &mut Process<'_>, format: &str, transfer: &Transfer) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some(at) = rest.find(['%', '\\']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((name, after)) = rest.strip_prefix("%{").and_then(|inner| inner.split_once('}')) {
            match variable(process, name, transfer) {
                Some(value) => text.push_str(&value),
                None => process.complain(format!("curl: unknown --write-out variable: '{name}'")),
            }
            rest = after;
            continue;
        }
        let (taken, written) = match rest.as_bytes() {
            [b'%', b'%', ..] => (2, "%"),
            [b'\\', b'n', ..] => (2, "\n"),
            [b'\\', b't', ..] => (2, "\t"),
            [b'\\', b'r', ..] => (2, "\r"),
            _ => (1, &rest[..1]),
        };
        text.push_str(written);
        rest = &rest[taken..];
    }
    text.push_str(rest);
    text
}

fn variable(process: &Process<'_>, name: &str, transfer: &Transfer) -> Option<String> {
    let response = transfer.response.as_ref();
    let header = |wanted: &str| {
        let headers = response.into_iter().flat_map(|response| &response.headers);
        headers.filter(|(name, _)| name == wanted).map(|(_, value)| value.clone()).next().unwrap_or_default()
    };
    let took = (process.world.now() - transfer.began).to_std().unwrap_or_default().as_secs_f64();
    Some(match name {
        "http_code" | "response_code" => format!("{:03}", response.map_or(0, |response| response.status)),
        "url_effective" | "url" => transfer.url.clone(),
        "content_type" => header("content-type"),
        "redirect_url" => header("location"),
        "size_download" => response.map_or(0, |response| response.body.len()).to_string(),
        "num_redirects" => transfer.redirects.to_string(),
        "time_total" | "time_starttransfer" | "time_pretransfer" => format!("{took:.6}"),
        "time_connect" | "time_namelookup" | "time_appconnect" | "time_redirect" => format!("{:.6}", took / 3.0),
        "exitcode" => transfer.error.as_ref().map_or(0, |(exit, _)| *exit).to_string(),
        "errormsg" => transfer.error.as_ref().map(|(_, words)| words.clone()).unwrap_or_default(),
        "http_version" => if response.is_some() { "1.1" } else { "0" }.to_owned(),
        "method" => "GET".to_owned(),
        "num_connects" => i32::from(response.is_some()).to_string(),
        "remote_ip" | "scheme" | "ssl_verify_result" => return Some(String::new()),
        _ => return None,
    })
}
