//! The Google Cloud client of the simulated world against transcripts of the real one.

use crate::support::transcripts::{HERE, Tally, argv_of, before, transcripts, world};

#[test]
fn answers_as_the_real_client_did() {
    let (mut world, mut tally) = (world(), Tally::default());
    for case in transcripts() {
        before(&case.id, &mut world);
        let argv = argv_of(&case, |argv| world.command(HERE, argv, "").unwrap().stdout);
        let said = world.command(HERE, &argv, "");
        tally.count(&case, said.map(|said| (said.exit, said.stdout, said.stderr)).map_err(|what| what.to_string()));
    }
    tally.end("simulated");
}
