//! Every transcript of the real client, asked of the lab by the protocol of its stand-in for the client.

use serde_json::json;

use super::{ask, lab};
use crate::support::transcripts::{Tally, argv_of, before, transcripts};

#[test]
fn the_stand_in_answers_as_the_real_client_did() {
    let ((lab, hand), mut tally) = (lab(&json!({})), Tally::default());
    let mut file = None;
    for case in transcripts() {
        let mut world = lab.world();
        before(&case.id, &mut world);
        hand.set(world.now());
        drop(world);
        let mut run = |argv: &[String]| {
            let files = file.iter().map(|text: &String| ("transaction.yaml".to_owned(), json!(text)));
            let files: serde_json::Map<_, _> = files.collect();
            let said = ask(&lab, "POST", "/_lab/gcloud", json!({"argv": argv[1..], "files": files}));
            assert_eq!(said.status, 200, "{said:?}");
            if let Some(now) = said.body["files"].get("transaction.yaml") {
                file = now.as_str().map(str::to_owned);
            }
            said.body
        };
        let argv = argv_of(&case, |argv| run(argv)["stdout"].as_str().unwrap().to_owned());
        let said = run(&argv);
        let exit = i32::try_from(said["exit"].as_i64().unwrap()).unwrap();
        let text = |name: &str| said[name].as_str().unwrap().to_owned();
        tally.count(&case, Ok((exit, text("stdout"), text("stderr"))));
        // The next command is typed a little later.
        hand.pass(1);
    }
    tally.end("cloudlab's stand-in");
}
