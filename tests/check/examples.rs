//! temp
use runbook::document;
use std::path::Path;
#[test]
fn examples() {
    let dir = std::env::var("EX").unwrap_or("/work/shared/examples".into());
    let mut stack = vec![std::path::PathBuf::from(dir)];
    while let Some(d) = stack.pop() {
        for e in std::fs::read_dir(d).unwrap() {
            let p = e.unwrap().path();
            if p.is_dir() {
                stack.push(p);
                continue;
            }
            println!("=== {}", p.display());
            let show = |s: &runbook::model::source::SourceMap, ds: &[runbook::model::diagnostic::Diagnostic]| {
                for d in ds {
                    println!(
                        "{} {:?} {} {} / help: {}",
                        d.span.map_or("-".into(), |x| s.place(x)),
                        d.severity,
                        d.code,
                        d.message,
                        d.help.as_deref().unwrap_or("")
                    );
                    for (x, m) in &d.related {
                        println!("    {} {m}", s.place(*x));
                    }
                }
            };
            match document::open(Path::new(&p)) {
                Ok(document::Checkable::Runbook(d)) => {
                    println!("ok");
                    show(&d.sources, &d.warnings)
                }
                Ok(document::Checkable::System { sources, warnings, .. }) => {
                    println!("ok");
                    show(&sources, &warnings)
                }
                Err(i) => show(&i.sources, &i.diagnostics),
            }
        }
    }
}
