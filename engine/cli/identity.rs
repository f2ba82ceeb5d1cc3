//! Who runs what, when: the identity of a run that is about to start. The only place of the command line that reads the clock.

use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crate::journal::{Holder, RunDirectory};
use crate::model::id::RunId;
use crate::plan::RunIdentity;

/// A fresh identity.
pub fn new() -> RunIdentity {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that reads the clock for run ids")]
    let now = SystemTime::now();
    let started = DateTime::<Utc>::from(now);
    RunIdentity {
        id: RunId(ulid::Ulid::from_datetime(now).to_string()),
        stamp: started.format("%Y%m%d-%H%M%S").to_string(),
        started,
        operator: operator(),
    }
}

/// The time on the wall, for what is shown.
pub fn wall() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that reads the clock for the command line")]
    let now = SystemTime::now();
    now.into()
}

/// Who holds what a run needs, from now on.
pub fn holder(directory: &RunDirectory) -> Holder {
    let operator = operator();
    let host = operator.rsplit_once('@').map_or_else(String::new, |(_, host)| host.to_owned());
    Holder {
        operator,
        host,
        pid: std::process::id(),
        run: directory.run().clone(),
        run_directory: std::path::absolute(directory.path()).unwrap_or_else(|_| directory.path().to_path_buf()),
        since: wall(),
    }
}

/// `user@host`, as far as the machine knows.
pub fn operator() -> String {
    let uid = nix::unistd::getuid();
    let user = nix::unistd::User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name);
    let host =
        nix::unistd::gethostname().map_or_else(|_| "localhost".to_owned(), |name| name.to_string_lossy().into_owned());
    format!("{user}@{host}")
}
