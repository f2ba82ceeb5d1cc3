//! The server's half of `--filter`: a list as a client that sends the rewritten filter gets it.

use serde_json::Value;

use super::super::world::CloudError;
use super::expression::server::Request;
use super::{disks, instances, snapshots};

/// What of a collection (`instances`, `disks`, …) passes the filter of a request.
///
/// # Errors
/// It is no filter, or names a field that the resource does not have.
pub fn served(collection: &str, filter: &str, mut documents: Vec<Value>) -> Result<Vec<Value>, CloudError> {
    let refused = || CloudError::invalid("filter", filter, "Invalid list filter expression.");
    let request = Request::read(filter).ok_or_else(refused)?;
    let fields: Option<&[&str]> = match collection {
        "instances" => Some(&instances::FIELDS),
        "disks" => Some(&disks::FIELDS),
        "snapshots" => Some(&snapshots::FIELDS),
        _ => None,
    };
    if fields.is_some_and(|fields| request.check(fields).is_err()) {
        return Err(refused());
    }
    documents.retain(|document| request.passes(document));
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::served;

    #[test]
    fn a_list_is_filtered_as_the_client_asks() {
        let all = || vec![json!({"name": "a-1", "status": "READY"}), json!({"name": "b", "status": "CREATING"})];
        let names = |filter: &str| {
            let found = served("disks", filter, all()).unwrap();
            found.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(r#"name eq ".*\ba\-1\b.*""#), ["a-1"]);
        assert_eq!(names(r#"(name eq ".*(^[ab]).*")(status ne READY)"#), ["b"]);
        assert_eq!(names(r#"((name eq "(a|b).*"))(status eq "READY")"#), ["a-1"]);
        assert!(served("disks", "name = b", all()).is_err());
        assert!(served("disks", "nosuch eq b", all()).is_err());
        assert!(served("disks", "((((name eq b)", all()).is_err());
    }
}
