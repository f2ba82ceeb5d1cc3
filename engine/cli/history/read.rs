//! Reads journals into rows: each is verified, folded and dropped before the next, on every processor there is.

use std::collections::HashSet;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::super::failure::Failure;
use crate::journal::{self, Runs};
use crate::model::id::RunId;
use crate::report::trend::{self, Damaged, Filter, Kind, Row};

/// What a journal came to.
enum Read {
    Row(Box<Row>),
    /// Also a drill whose recovery cannot be read: it has its row all the same.
    Damaged(Option<Box<Row>>, Damaged),
    /// Of something else.
    Nothing,
}

/// Every drill and run that the filter takes, and what cannot be read.
pub fn all(drills: &Runs, runs: &Runs, filter: &Filter) -> Result<(Vec<Row>, Vec<Damaged>), Failure> {
    let list =
        |runs: &Runs| runs.list().map_err(|error| Failure::Storage(format!("read {}: {error}", runs.path().display())));
    let recoveries = Runs::new(drills.path().join("runs"));
    let jobs: Vec<(Kind, RunId)> = list(drills)?
        .into_iter()
        .map(|id| (Kind::Drill, id))
        .chain(list(runs)?.into_iter().map(|id| (Kind::Run, id)))
        .collect();
    let read = in_parallel(&jobs, |(kind, id)| match kind {
        Kind::Drill => drill(drills, &recoveries, id, filter),
        Kind::Run => run(runs, id, filter),
    });
    let (mut rows, mut damaged) = (Vec::new(), Vec::new());
    for read in read {
        match read {
            Read::Row(row) => rows.push(*row),
            Read::Damaged(row, one) => {
                rows.extend(row.map(|row| *row));
                damaged.push(one);
            }
            Read::Nothing => {}
        }
    }
    // Whoever gives the runs of drills as the directory of runs does not see them twice.
    let recovered: HashSet<String> = rows.iter().filter_map(|row| row.run.clone()).collect();
    rows.retain(|row| row.kind == Kind::Drill || !recovered.contains(&row.id));
    Ok((rows, damaged))
}

fn drill(drills: &Runs, recoveries: &Runs, id: &RunId, filter: &Filter) -> Read {
    let loaded = match journal(drills, Kind::Drill, id) {
        Ok(loaded) => loaded,
        Err(damaged) => return Read::Damaged(None, damaged),
    };
    let Some(row) = trend::of_drill(&loaded.records, None) else { return Read::Nothing };
    if !filter.concerns(&row) {
        return Read::Nothing;
    }
    let recovery =
        trend::recovery_of(&loaded.records).map(|run| journal(recoveries, Kind::Run, &RunId(run.to_owned())));
    match recovery {
        None => Read::Row(Box::new(row)),
        Some(Err(damaged)) => Read::Damaged(Some(Box::new(row)), damaged),
        Some(Ok(recovery)) => match trend::of_drill(&loaded.records, Some(&recovery.records)) {
            Some(row) => Read::Row(Box::new(row)),
            None => Read::Nothing,
        },
    }
}

fn run(runs: &Runs, id: &RunId, filter: &Filter) -> Read {
    match journal(runs, Kind::Run, id) {
        Ok(loaded) => match trend::of_run(&loaded.records).filter(|row| filter.concerns(row)) {
            Some(row) => Read::Row(Box::new(row)),
            None => Read::Nothing,
        },
        Err(damaged) => Read::Damaged(None, damaged),
    }
}

fn journal(runs: &Runs, kind: Kind, id: &RunId) -> Result<journal::Loaded, Damaged> {
    let path = runs.path().join(&id.0).join("journal.jsonl");
    let damaged = |why: String| Damaged { kind, id: id.0.clone(), path: path.display().to_string(), why };
    let loaded = journal::load(&path).map_err(|error| damaged(error.to_string()))?;
    if loaded.records.is_empty() { Err(damaged("it has no record".to_owned())) } else { Ok(loaded) }
}

/// The same as a map, in the same order.
fn in_parallel<J: Sync, R: Send>(jobs: &[J], each: impl Fn(&J) -> R + Sync) -> Vec<R> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(jobs.len());
    if workers < 2 {
        return jobs.iter().map(each).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((at, job)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            jobs.get(at).map(|job| (at, job))
        } {
            done.push((at, each(job)));
        }
        done
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
