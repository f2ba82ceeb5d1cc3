//! Checks signatures of evidence by `ssh-keygen`.

use crate::cli::args::SignersArgs;
use crate::report::evidence::{BUNDLE, Checked, Signatures};
use crate::runner::signature::{self, Verification};

/// Goes by a file of allowed signers, if there is one.
pub struct Keygen<'a>(pub &'a SignersArgs);

impl Signatures for Keygen<'_> {
    fn check(&self, namespace: &str, message: &[u8], signature: &str, who: Option<&str>) -> Checked {
        if which::which("ssh-keygen").is_err() {
            return Checked::Unchecked("there is no ssh-keygen".to_owned());
        }
        let who = who.or(self.0.identity.as_deref().filter(|_| namespace == BUNDLE));
        let Some(allowed) = &self.0.signers else {
            return match signature::key_of(namespace, message, signature) {
                Ok(key) => Checked::Key(key),
                Err(why) => Checked::Not(why),
            };
        };
        match signature::verify_for(namespace, message, signature, allowed, who) {
            Verification::Verified { principal } => Checked::Of(principal),
            Verification::Unverified { why } => Checked::Not(why),
        }
    }
}
