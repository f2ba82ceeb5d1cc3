//! What the API answers when it does not do something; `Display` is its message.

use serde_json::{Value, json};

/// An error of the API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// A path of Compute.
    #[error("The resource '{0}' was not found")]
    NotFound(String),
    /// Its id.
    #[error("Failed to find project {0}")]
    NoProject(String),
    /// Something that is named in the request, not asked for itself: what it is and its name.
    #[error("The '{0}' resource named '{1}' does not exist.")]
    NoSuch(String, String),
    /// None of its name.
    #[error("The Cloud SQL instance does not exist.")]
    NoDatabase,
    /// None of its name.
    #[error("The Cloud SQL operation does not exist.")]
    NoDatabaseOperation,
    /// A path of Compute.
    #[error("The resource '{0}' already exists")]
    Exists(String),
    /// What it is and its name.
    #[error("The resource '{0}' named '{1}' already exists")]
    ExistsAlready(String, String),
    /// One of its name.
    #[error("The Cloud SQL instance already exists.")]
    DatabaseExists,
    /// Something else uses it.
    #[error("The {kind} resource '{path}' is already being used by '{by}'")]
    InUse {
        /// `disk`, `resource_policy`.
        kind: &'static str,
        /// Its path.
        path: String,
        /// The path of who uses it.
        by: String,
    },
    /// The address.
    #[error("External IP address: {0} is already in-use.")]
    AddressInUse(String),
    /// A path of Compute.
    #[error("The resource '{0}' is not ready")]
    NotReady(String),
    /// A field of the request.
    #[error("Invalid value for field '{field}': '{value}'. {why}")]
    Invalid {
        /// Its name.
        field: &'static str,
        /// What it was given.
        value: String,
        /// What is wrong with that.
        why: String,
    },
    /// Anything else that is wrong with a request.
    #[error("{0}")]
    Refused(String),
    /// It is in no state for it.
    #[error("The requested operation is not valid for the current instance.")]
    InvalidState,
    /// What it is about.
    #[error("Precondition not met for '{0}'")]
    Precondition(String),
    /// In a region, or (none) everywhere.
    #[error("Quota '{metric}' exceeded.  Limit: {limit}.0 {}.", where_is(region.as_deref()))]
    Quota {
        /// `SSD_TOTAL_GB`, …
        metric: String,
        /// What there may be at most.
        limit: u64,
        /// Where.
        region: Option<String>,
    },
    /// The whole message: a permission is missing, or the API is not enabled.
    #[error("{0}")]
    Forbidden(String),
    /// The number of the project.
    #[error(
        "Quota exceeded for quota metric 'Heavy-weight write requests' and limit 'Heavy-weight write requests per minute per region' \
         of service 'compute.googleapis.com' for consumer 'project_number:{0}'."
    )]
    Rate(String),
    /// The API is down.
    #[error("Internal error. Please try again or contact Google Support. (Code: '5A1B')")]
    Unavailable,
    /// No capacity; how an operation ends.
    #[error("{says}")]
    StockOut {
        /// The path of the zone.
        zone: String,
        /// None: the answer has no details.
        machine_type: Option<String>,
        /// The message.
        says: String,
    },
    /// Nobody answers; the request that was made, below the API's address.
    #[error("Failed to establish a new connection: [Errno 111] Connection refused")]
    Unreachable(String),
}

impl CloudError {
    /// The status of HTTP.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound(_)
            | Self::NoProject(_)
            | Self::NoSuch(..)
            | Self::NoDatabase
            | Self::NoDatabaseOperation => 404,
            Self::Exists(_) | Self::ExistsAlready(..) | Self::DatabaseExists => 409,
            Self::InUse { .. }
            | Self::AddressInUse(_)
            | Self::NotReady(_)
            | Self::Invalid { .. }
            | Self::Refused(_)
            | Self::InvalidState => 400,
            Self::Precondition(_) => 412,
            Self::Quota { .. } | Self::Forbidden(_) | Self::Rate(_) => 403,
            Self::Unavailable | Self::StockOut { .. } | Self::Unreachable(_) => 503,
        }
    }

    /// No capacity in a zone; `says` is empty where it says what it says by default.
    #[must_use]
    pub fn stock_out(project: &str, zone: &str, machine_type: &str, says: &str) -> Self {
        let zone = format!("projects/{project}/zones/{zone}");
        if says.is_empty() {
            let says = format!(
                "The zone '{zone}' does not have enough resources available to fulfill the request.  '(resource type:compute)'."
            );
            return Self::StockOut { zone, machine_type: Some(machine_type.to_owned()), says };
        }
        Self::StockOut { zone, machine_type: None, says: says.to_owned() }
    }

    /// A field of the request that is not taken.
    pub fn invalid(field: &'static str, value: &str, why: impl Into<String>) -> Self {
        Self::Invalid { field, value: value.to_owned(), why: why.into() }
    }
}

impl CloudError {
    /// How an operation tells it, with everything that is known of it.
    #[must_use]
    pub fn in_operation(&self) -> Value {
        let Self::StockOut { zone, machine_type: Some(machine_type), says } = self else {
            return json!({"code": self.code(), "message": self.to_string()});
        };
        let zone = zone.rsplit('/').next().unwrap_or(zone);
        let message = format!(
            "A {machine_type} VM instance is currently unavailable in the {zone} zone. Alternatively, you can try your request again with a \
             different VM hardware configuration or at a later time. For more information, see the troubleshooting documentation."
        );
        let link = json!({
            "description": "Troubleshooting documentation",
            "url": "https://cloud.google.com/compute/docs/resource-error",
        });
        let metadata = json!({"attachment": "", "vmType": machine_type, "zone": zone, "zonesAvailable": ""});
        json!({
            "code": self.code(),
            "errorDetails": [
                {"help": {"links": [link]}},
                {"localizedMessage": {"locale": "en-US", "message": message}},
                {"errorInfo": {"domain": "compute.googleapis.com", "metadatas": metadata, "reason": "resource_availability"}},
            ],
            "message": says,
        })
    }

    /// Its code in an operation.
    const fn code(&self) -> &'static str {
        match self {
            Self::StockOut { machine_type: Some(_), .. } => "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS",
            Self::StockOut { .. } => "ZONE_RESOURCE_POOL_EXHAUSTED",
            Self::Quota { .. } => "QUOTA_EXCEEDED",
            Self::InUse { .. } => "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE",
            Self::NotFound(_) => "RESOURCE_NOT_FOUND",
            _ => "INTERNAL_ERROR",
        }
    }
}

fn where_is(region: Option<&str>) -> String {
    region.map_or_else(|| "globally".to_owned(), |region| format!("in region {region}"))
}
