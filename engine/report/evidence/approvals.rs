//! Signatures of approvals, from the letters that were taken: each has to be over what the journal says was approved, by whom it says.

use super::finding::Finding;
use super::gather::{Answer, Part};
use super::signatures::{APPROVAL, Checked, Signatures};

/// A finding for each answer to an approval.
pub fn approvals(name: &str, part: &Part, signatures: &dyn Signatures) -> Vec<Finding> {
    part.facts.approved.iter().map(|answer| one(name, part, answer, signatures)).collect()
}

fn one(name: &str, part: &Part, answer: &Answer, signatures: &dyn Signatures) -> Finding {
    let Answer { record, step, digest, verdict, by, verified } = answer;
    let about = format!("{name}: {verdict} of {step} by {by} (record {record})");
    if !verified {
        return Finding::not_provable(about, "is not signed: who it was is what the machine said");
    }
    let of_it = part.letters.iter().filter(|letter| letter.digest == *digest && letter.verdict == verdict);
    let mut found: Vec<Finding> = of_it
        .map(|letter| {
            let message = format!("{digest}\n");
            match signatures.check(APPROVAL, message.as_bytes(), &letter.signature, Some(by)) {
                Checked::Of(who) => Finding::holds(&about, format!("is signed by {who}, over the digest in the journal")),
                Checked::Key(key) => Finding::not_provable(
                    &about,
                    format!("is signed with the key {key}; whose that is, --signers FILE says (see ssh-keygen, ALLOWED SIGNERS)"),
                ),
                Checked::Not(why) => Finding::broken(&about, format!("has a signature that proves nothing: {why}")),
                Checked::Unchecked(why) => Finding::not_provable(&about, format!("its signature cannot be checked here: {why}")),
            }
        })
        .collect();
    // Of several letters about the same thing one is the one that counted.
    found.sort_by_key(|finding| finding.status);
    found.into_iter().next().unwrap_or_else(|| {
        Finding::not_provable(
            &about,
            "was verified then, and no letter with a signature over it is kept in inbox/taken",
        )
    })
}
