//! Several requests in one, as the client sends them when a command names several resources: `multipart/mixed`, each part a request of
//! HTTP as text.

use std::sync::Arc;

use super::answer::{Answer, Request};
use super::lab::Lab;
use super::serve::read_request;

/// What separates the parts of an answer.
const BOUNDARY: &str = "batch_cloudlab";

/// The type of an answer's content.
pub const CONTENT_TYPE: &str = "multipart/mixed; boundary=batch_cloudlab";

/// Answers every part of a batch.
pub fn answer(lab: &Arc<Lab>, content_type: &str, body: &str) -> Result<String, String> {
    let boundary = content_type.split(';').find_map(|field| field.trim().strip_prefix("boundary="));
    let boundary = boundary.ok_or("a batch has no boundary")?.trim_matches('"');
    let mut text = String::new();
    for part in body.split(&format!("--{boundary}")).skip(1) {
        if part.starts_with("--") {
            break;
        }
        let part = part.replace("\r\n", "\n");
        let (headers, rest) = part.trim_start().split_once("\n\n").ok_or("a part of a batch has no request")?;
        let answer = match read(rest) {
            Ok(request) => super::answer(lab, &request),
            Err(why) => Answer::error(400, "badRequest", &why),
        };
        let id = headers.lines().find(|line| line.to_ascii_lowercase().starts_with("content-id:"));
        let id = id.and_then(|line| line.split_once(':')).map_or("<+0>", |(_, id)| id.trim());
        text.push_str(&written(id, &answer));
    }
    for part in ["--", BOUNDARY, "--\r\n"] {
        text.push_str(part);
    }
    Ok(text)
}

fn read(text: &str) -> Result<Request, String> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut line = head.lines().next().unwrap_or_default().split_whitespace();
    let (method, address) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
    read_request(method, address, body.trim().as_bytes())
}

fn written(id: &str, answer: &Answer) -> String {
    let id = id.trim_start_matches('<').trim_end_matches('>');
    let word = if answer.status == 200 { "OK" } else { "ERROR" };
    format!(
        "--{BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <response-{id}>\r\n\r\n\
         HTTP/1.1 {} {word}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{}\r\n",
        answer.status, answer.body
    )
}
