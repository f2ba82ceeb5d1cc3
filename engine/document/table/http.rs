//! `http:`.

use serde_json::{Value, json};

use super::{Record, Table, foreign, row};
use crate::document::kind::{BOOL, Choice, HEADER, Kind, MapOf, TEXT};
use crate::document::lower::Lower;
use crate::document::table::Schemas;
use crate::document::tree::{Node, NodeKind};
use crate::model::operation::HttpRequest;
use crate::model::source::{Map, Spanned, Text};

#[derive(Default)]
struct Draft {
    method: Option<Spanned<&'static str>>,
    url: Option<Text>,
    headers: Map<Text>,
    json: Option<Text>,
    body: Option<Text>,
    follow: bool,
    insecure: bool,
}

const METHOD: Choice<&str> = Choice(&[
    ("GET", Some("GET")),
    ("HEAD", Some("HEAD")),
    ("POST", Some("POST")),
    ("PUT", Some("PUT")),
    ("PATCH", Some("PATCH")),
    ("DELETE", Some("DELETE")),
    ("OPTIONS", Some("OPTIONS")),
]);

static TABLE: Table<Draft> = Table {
    name: "http",
    what: "an http request",
    doc: "An HTTP request.",
    rows: &[&[
        row!("method", METHOD, "GET unless given", |t, v| t.method = Some(v)),
        row!(required "url", TEXT, "where to; http or https", |t, v| t.url = Some(v)),
        row!("headers", MapOf { name: HEADER, value: TEXT }, "request headers; a place for secrets", |t, v| t
            .headers =
            v),
        row!("json", TEXT, "body as JSON text, sent as application/json", |t, v| t.json = Some(v)),
        row!("body", TEXT, "body as it stands", |t, v| t.body = Some(v)),
        row!("follow", BOOL, "follow redirects (false); credentials never leave the host", |t, v| t.follow = v),
        row!("insecure", BOOL, "accept any certificate (false)", |t, v| t.insecure = v),
    ]],
    foreign: foreign![
        "status" | "status_code" => "`expect: status == 200`, beside `http:`",
        "timeout" | "expect" | "retry" | "outputs" => "a key beside `http:`, not in it",
        "data" | "payload" => "`json:` or `body:`",
        "validate_certs" | "verify" => "`insecure: true` for the opposite",
        "auth" | "token" => "`headers: { Authorization: \"Bearer ${{ secrets.token }}\" }`",
        "follow_redirects" => "`follow:`",
    ],
    one_of: &[],
};

const LONG: Record<Draft, HttpRequest> = Record {
    table: &TABLE,
    finish: |lower, draft, node| {
        if let (Some(_), Some(entry)) = (&draft.json, node.get("body").filter(|_| draft.body.is_some())) {
            let help = "keep `json:` for JSON, `body:` for anything else";
            lower.error(
                "document::several_forms",
                entry.key_place,
                "a request has one body, not `json` and `body`",
                help,
            );
        }
        let span = lower.span(node.head());
        let method = draft.method.unwrap_or(Spanned { value: "GET", span });
        Some(HttpRequest {
            method: Spanned { value: method.value.to_owned(), span: method.span },
            url: draft.url?,
            headers: draft.headers,
            json: draft.json,
            body: draft.body,
            follow: draft.follow,
            insecure: draft.insecure,
        })
    },
};

/// A URL alone, or the request.
pub(super) struct Http;
pub(super) const HTTP: Http = Http;

impl Kind for Http {
    type Out = HttpRequest;

    fn read(&self, lower: &mut Lower<'_>, node: &Node<'_>) -> Option<HttpRequest> {
        if matches!(node.kind, NodeKind::Mapping { .. }) {
            return LONG.read(lower, node);
        }
        let url = TEXT.read(lower, node)?;
        Some(HttpRequest {
            method: Spanned { value: "GET".to_owned(), span: url.0.span },
            url,
            headers: Vec::new(),
            json: None,
            body: None,
            follow: false,
            insecure: false,
        })
    }

    fn schema(&self, schemas: &mut Schemas) -> Value {
        json!({ "anyOf": [TEXT.schema(schemas), LONG.schema(schemas)] })
    }
}
