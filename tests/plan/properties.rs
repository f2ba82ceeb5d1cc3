//! What holds of every plan.

use std::collections::HashMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use super::workspace::Workspace;

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// A step is in a later wave than everything it needs; nothing is lost.
    #[test]
    fn waves_respect_needs(edges in proptest::collection::vec(proptest::option::of(proptest::collection::vec(0_usize..12, 0..3)), 1..12)) {
        let mut body = String::from("steps:\n");
        for (at, needs) in edges.iter().enumerate() {
            let _ = writeln!(body, "  - id: s{at}\n    wait: 1s");
            if let Some(needs) = needs {
                let mut above: Vec<String> = needs.iter().filter(|need| **need < at).map(|need| format!("s{need}")).collect();
                above.sort();
                above.dedup();
                let _ = writeln!(body, "    needs: [{}]", above.join(", "));
            }
        }
        let plan = Workspace::new(&body).plan();
        let mut wave_of = HashMap::new();
        for (wave, ids) in plan.budget.waves.iter().enumerate() {
            for id in ids {
                prop_assert!(wave_of.insert(id.0.clone(), wave).is_none());
            }
        }
        prop_assert_eq!(wave_of.len(), edges.len());
        for (at, needs) in edges.iter().enumerate() {
            let above: Vec<usize> = match needs {
                Some(needs) => needs.iter().copied().filter(|need| *need < at).collect(),
                None => (0..at).collect(),
            };
            for need in above {
                let (earlier, later) = (wave_of[&format!("s{need}")], wave_of[&format!("s{at}")]);
                prop_assert!(earlier < later);
            }
        }
        prop_assert_eq!(plan.budget.expected.as_secs(), plan.budget.waves.len() as u64);
    }
}
