//! Requests and answers without the network, and the API's errors as it writes them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::runner::sim::cloud::CloudError;

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, decoded, without its query.
    pub path: String,
    /// The query; of a name that comes twice, the last.
    pub query: BTreeMap<String, String>,
    /// What was sent; null: nothing.
    pub body: Value,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Of HTTP.
    pub status: u16,
    /// JSON.
    pub body: Value,
}

impl Answer {
    /// All is well.
    #[must_use]
    pub const fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    /// An error that the model does not know.
    #[must_use]
    pub fn error(status: u16, reason: &str, message: &str) -> Self {
        let domain = if reason == "quotaExceeded" || reason == "rateLimitExceeded" { "usageLimits" } else { "global" };
        let one = json!({"message": message, "domain": domain, "reason": reason});
        Self { status, body: json!({"error": {"code": status, "message": message, "errors": [one]}}) }
    }

    /// Nobody answers this.
    #[must_use]
    pub fn unknown(request: &Request) -> Self {
        let (method, path) = (&request.method, &request.path);
        Self::error(404, "notFound", &format!("cloudlab, a stand-in for Google Cloud, does not know {method} {path}"))
    }
}

impl From<CloudError> for Answer {
    fn from(error: CloudError) -> Self {
        Self::error(error.status(), reason(&error), &error.to_string())
    }
}

impl From<Result<Value, CloudError>> for Answer {
    fn from(result: Result<Value, CloudError>) -> Self {
        result.map_or_else(Self::from, Self::ok)
    }
}

fn reason(error: &CloudError) -> &'static str {
    match error {
        CloudError::NotFound(_) | CloudError::NoProject(_) | CloudError::NoSuch(..) => "notFound",
        CloudError::NoDatabase => "instanceDoesNotExist",
        CloudError::NoDatabaseOperation => "operationDoesNotExist",
        CloudError::Exists(_) | CloudError::ExistsAlready(..) => "alreadyExists",
        CloudError::DatabaseExists => "instanceAlreadyExists",
        CloudError::InUse { .. } | CloudError::AddressInUse(_) => "resourceInUseByAnotherResource",
        CloudError::NotReady(_) => "resourceNotReady",
        CloudError::Invalid { .. } | CloudError::Refused(_) => "invalid",
        CloudError::InvalidState => "invalidOperation",
        CloudError::Precondition(_) => "conditionNotMet",
        CloudError::Quota { .. } => "quotaExceeded",
        CloudError::Forbidden(_) => "forbidden",
        CloudError::Rate(_) => "rateLimitExceeded",
        CloudError::Unavailable | CloudError::StockOut { .. } | CloudError::Unreachable(_) => "backendError",
    }
}

/// Any text field of a request's body, with the last part of what may be a link.
pub fn last<'v>(body: &'v Value, field: &str) -> Option<&'v str> {
    body[field].as_str().map(|text| text.rsplit('/').next().unwrap_or(text))
}

/// A whole number, which JSON of this API writes as text too.
pub fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// An object of texts.
pub fn texts(value: &Value) -> BTreeMap<String, String> {
    let fields = value.as_object().into_iter().flatten();
    fields.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}
