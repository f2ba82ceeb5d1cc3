//! How the client words what the API answers.

use super::super::world::CloudError;
use super::Stop;
use super::client::Client;
use super::format::to_yaml;

impl Client<'_, '_> {
    /// Of most commands of Compute.
    pub fn not_fetched(&mut self, error: &CloudError) -> Stop {
        self.several("Could not fetch resource:", error)
    }

    /// Of a list of Compute.
    pub fn not_listed(&mut self, error: &CloudError) -> Stop {
        self.several("Some requests did not succeed:", error)
    }

    /// An error under a title.
    pub fn several(&mut self, title: &str, error: &CloudError) -> Stop {
        match error {
            CloudError::Unreachable(request) => {
                self.crashed("compute.googleapis.com", &format!("/compute/v1/{request}"))
            }
            CloudError::StockOut { .. } => Stop::Failed(format!("{title}\n---\n{}", details(error))),
            error => Stop::Failed(format!("{title}\n - {error}\n")),
        }
    }

    /// An error of an operation that is waited for by itself.
    pub fn operation_failed(&mut self, error: &CloudError) -> Stop {
        match error {
            CloudError::StockOut { .. } => Stop::Failed(format!("---\n{}", details(error))),
            error => self.http(error),
        }
    }

    /// Of commands that say more about an answer.
    pub fn http(&mut self, error: &CloudError) -> Stop {
        if let CloudError::Unreachable(request) = error {
            return self.crashed("compute.googleapis.com", &format!("/compute/v1/{request}"));
        }
        let (status, message) = (error.status(), error.to_string());
        if !matches!(status, 401 | 403 | 404) {
            return Stop::Failed(format!("HTTPError {status}: {message}"));
        }
        let who = self.credentials();
        let said = if message.ends_with('.') {
            format!("{message} {who}")
        } else {
            format!("{message}. {}", who.trim_end_matches('.'))
        };
        Stop::Failed(format!("HTTPError {status}: {said}"))
    }

    /// The same of Cloud DNS.
    pub fn dns(&mut self, error: &CloudError) -> Stop {
        match error {
            CloudError::Unreachable(request) => self.crashed("dns.googleapis.com", &format!("/dns/v1/{request}")),
            error => self.http(error),
        }
    }

    /// The same of Cloud SQL.
    pub fn sql(&mut self, error: &CloudError) -> Stop {
        match error {
            CloudError::Unreachable(request) => {
                self.crashed("sqladmin.googleapis.com", &format!("/sql/v1beta4/{request}"))
            }
            error => self.http(error),
        }
    }

    /// Nobody answered.
    pub fn crashed(&mut self, host: &str, url: &str) -> Stop {
        let object = self.process.world.dice.hex(10);
        self.process.complain(format!(
            "ERROR: gcloud crashed (ConnectionError): HTTPSConnectionPool(host='{host}', port=443): Max retries exceeded with url: {url} \
             (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f{object}>: {}'))\n\n\
             If you would like to report this issue, please run the following command:\n  gcloud feedback\n\n\
             To check gcloud for common problems, please run the following command:\n  gcloud info --run-diagnostics",
            CloudError::Unreachable(String::new())
        ));
        Stop::Exit(1)
    }
}

/// An error of an operation with everything that is known of it.
fn details(error: &CloudError) -> String {
    to_yaml(&error.in_operation())
}
