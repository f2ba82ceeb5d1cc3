//! scratch
#[test]
fn regenerate() {
    for kind in ["runbook", "system"] {
        let made = runbook::document::schema(kind).unwrap();
        std::fs::write(
            format!("schemas/{kind}.schema.json"),
            format!("{}\n", serde_json::to_string_pretty(&made).unwrap()),
        )
        .unwrap();
    }
}
#[test]
fn perf() {
    use ::runbook::model::{operation, runbook, source};
    println!(
        "Step {} Operation {} Gate {} Probe {} Text {} Retry {}",
        size_of::<runbook::Step>(),
        size_of::<operation::Operation>(),
        size_of::<operation::Gate>(),
        size_of::<operation::Probe>(),
        size_of::<source::Text>(),
        size_of::<runbook::Retry>()
    );
    for n in [40_000, 10_000, 20_000, 40_000, 80_000] {
        let mut s = String::from("kind: runbook/v1\nname: many\nsteps:\n");
        for i in 0..n {
            s.push_str(&format!("  - id: s{i}\n    title: Step number {i} of very many steps in this file\n    exec: echo hello world number {i} and some more words to make the line longer\n    expect: exit == 0\n    timeout: 5m\n    retry: {{ attempts: 3, delay: 2s }}\n"));
        }
        std::fs::write("/tmp/many.yaml", &s).unwrap();
        let rss = || {
            std::fs::read_to_string("/proc/self/status")
                .unwrap()
                .lines()
                .filter(|l| l.starts_with("VmHWM") || l.starts_with("VmRSS"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        println!("{} MB before {}", s.len() / 1_000_000, rss());
        drop(s);
        let t = std::time::Instant::now();
        let d = ::runbook::document::load(std::path::Path::new("/tmp/many.yaml"), None).unwrap();
        println!("{:?} {} {}", t.elapsed(), rss(), d.runbooks.len());
    }
}
