//! The port to whoever can check signatures (`ssh-keygen`), which is above this layer.

/// What a check of a signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is this person's, by the file of allowed signers.
    Of(String),
    /// It is sound and made with this key; nobody said whose that is.
    Key(String),
    /// It is not.
    Not(String),
    /// It could not be checked.
    Unchecked(String),
}

/// Checks signatures.
pub trait Signatures {
    /// Whether this is a signature over `message` for a purpose. `who` has to have made it; none: anybody whom the file of allowed
    /// signers names.
    fn check(&self, namespace: &str, message: &[u8], signature: &str, who: Option<&str>) -> Checked;
}

/// What an approval is signed for.
pub const APPROVAL: &str = "runbook";
/// What a bundle is signed for.
pub const BUNDLE: &str = "runbook-bundle";
