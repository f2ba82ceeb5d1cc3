//! The stages of a drill, one after the other.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::canary::Canary;
use super::course::{Course, Hands, Stop, Verdict};
use super::deed;
use super::engine::Ran;
use super::error::DrillError;
use super::lab::{self, Lab, clean};
use super::people::{Door, People};
use super::record::Recorder;
use crate::model::drill::{DrillFact, Stage};
use crate::model::lab::LabFault;
use crate::runner::boot;

/// A fault that nobody notices within this time is one that a drill fails on.
const NOTICE: Duration = Duration::from_mins(1);
/// How long a system has to be well: before the fault, and once the runbook has ended.
const WELL: Duration = Duration::from_mins(1);
/// The same where nothing was recovered: long enough for what comes back by itself.
const CONTROL: Duration = Duration::from_secs(15);
/// Writes of the canary before the fault, and of those that are acknowledged again after the recovery.
const WRITES: i64 = 10;
/// The same before the fault: there has to be something to lose.
const WRITES_BEFORE: i64 = 25;
/// Writes in a row that fail before the canary counts as noticing.
const FAILURES: i64 = 3;
/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// A program that says whether something was noticed or is well.
const ASKED: Duration = Duration::from_secs(20);

/// Carries out one of the first seven stages.
pub(super) fn carry_out(
    stage: Stage,
    course: &Course<'_>,
    recorder: &mut Recorder<'_>,
    hands: &mut Hands,
    say: &dyn Fn(&str),
) -> Result<(), Stop> {
    match stage {
        Stage::Create => create(course, hands, say),
        Stage::Baseline => well(course, of(hands)?, WELL),
        Stage::Canary => begin_canary(course, recorder, hands),
        Stage::Fault => inject(course, recorder, hands),
        Stage::Detect => detect(course, recorder, hands),
        Stage::Recover => recover(course, recorder, hands),
        Stage::Verify => verify(course, recorder, hands),
        Stage::Measure | Stage::Destroy | Stage::Report => Ok(()),
    }
}

/// Stage 1.
fn create(course: &Course<'_>, hands: &mut Hands, say: &dyn Fn(&str)) -> Result<(), Stop> {
    hands.lab = Some(lab::up(course.document, &course.wanted, say)?);
    Ok(())
}

fn of(hands: &Hands) -> Result<&Lab, DrillError> {
    hands.lab.as_ref().ok_or_else(|| DrillError::failed("use the lab", "it is gone"))
}

/// Stage 3.
fn begin_canary(course: &Course<'_>, recorder: &mut Recorder<'_>, hands: &mut Hands) -> Result<(), Stop> {
    let Some(decl) = &course.document.lab.canary else { return Ok(()) };
    let write = course.decl.map(|drill| &drill.write).filter(|write| !write.is_empty()).unwrap_or(&decl.write);
    let urls = write.iter().map(|url| url.value.clone()).collect();
    let log = course.directory.path().join("canary.jsonl");
    let since = recorder.now().wall;
    let canary = Canary::start(urls, decl.every, &of(hands)?.station, &log)?;
    let patience = WELL + decl.every * u32::try_from(WRITES_BEFORE).unwrap_or(1);
    let ready = wait(course, patience, || Ok(canary.streak(since) >= WRITES_BEFORE))?;
    let mut ready = ready;
    if let (true, Some(cloud), Some(origin)) = (ready, &course.document.lab.cloud, &of(hands)?.state.cloud)
        && cloud.machines.iter().any(|(_, vm)| !vm.snapshots.is_empty())
    {
        // With something in it to come back, and something after it to lose.
        lab::snapshots(cloud, origin, "canary")?;
        let since = recorder.now().wall;
        ready = wait(course, patience, || Ok(canary.streak(since) >= WRITES_BEFORE))?;
    }
    let last = canary.writes().last().and_then(|write| write.error.clone());
    hands.canary = Some(canary);
    if ready {
        return Ok(());
    }
    let why = last.unwrap_or_else(|| "it is too slow".to_owned());
    Err(DrillError::failed("let the canary write", why)
        .help("its writes have to be acknowledged before anything is broken")
        .into())
}

fn fault<'c>(course: &Course<'c>) -> Result<&'c LabFault, DrillError> {
    let found = course.document.lab.faults.iter().find(|(name, _)| name.value == course.fault);
    found.map(|(_, fault)| fault).ok_or_else(|| DrillError::failed("break it", "there is no such fault"))
}

/// Stage 4: what will be broken is on the disk before it is.
fn inject(course: &Course<'_>, recorder: &mut Recorder<'_>, hands: &mut Hands) -> Result<(), Stop> {
    let fault = fault(course)?;
    let lab = of(hands)?;
    let scene = lab.scene(None);
    let title = fault.title.as_ref().map_or_else(|| Ok(course.fault.clone()), |title| scene.text(title))?;
    let deeds = deed::describe(&fault.inject, &scene)?;
    recorder.write(DrillFact::FaultPlanned { fault: course.fault.clone(), title, deeds })?;
    let at = recorder.now().wall;
    let scene = lab.scene(Some(at));
    deed::carry_out(&fault.inject, lab, &scene)?;
    hands.fault_at = Some(at);
    hands.is_broken = true;
    recorder.write(DrillFact::FaultInjected { fault: course.fault.clone() })?;
    Ok(())
}

/// Stage 5: by a program of the lab, else by the canary.
fn detect(course: &Course<'_>, recorder: &mut Recorder<'_>, hands: &mut Hands) -> Result<(), Stop> {
    let fault = fault(course)?;
    let lab = of(hands)?;
    let at = hands.fault_at.unwrap_or_default();
    let noticed = match (&fault.noticed, &hands.canary) {
        (Some(argv), _) => {
            let argv = lab.scene(hands.fault_at).words(argv)?;
            wait(course, NOTICE, || Ok(lab.station.capture(&argv, ASKED)?.exit == Some(0)))?
        }
        (None, Some(canary)) => wait(course, NOTICE, || Ok(canary.streak(at) <= -FAILURES))?,
        (None, None) => false,
    };
    if noticed {
        hands.seen.detected = Some(recorder.now().wall);
        return Ok(());
    }
    let why = format!(
        "nobody noticed the fault within {} s; a fault that nothing notices is found by users",
        NOTICE.as_secs()
    );
    Err(Stop { verdict: Verdict::NotNoticed, why, exit: None })
}

/// Stage 6.
fn recover(course: &Course<'_>, recorder: &mut Recorder<'_>, hands: &mut Hands) -> Result<(), Stop> {
    let lab = of(hands)?;
    let scene = lab.scene(hands.fault_at);
    let mut set = Vec::new();
    for (name, texts) in course.decl.iter().flat_map(|decl| &decl.set) {
        let values = texts.iter().map(|text| scene.text(text)).collect::<Result<Vec<_>, _>>()?;
        set.push(format!("{}={}", name.value, values.join(",")));
    }
    let door = Door::open(lab.directory.at("people"))?;
    let nobody = Vec::new();
    let people =
        People { lab, scene, known: course.decl.map_or(&nobody, |decl| &decl.people), only_said: course.only_said };
    let declared = recorder.now().wall;
    let ran = thread::scope(|scope| {
        scope.spawn(|| door.serve(&people));
        let ran = course.engine.recover(&lab.station, &set, &door.path, &|| course.signal.load(Ordering::Relaxed));
        door.close();
        ran
    });
    let ran: Ran = ran?;
    hands.seen.declared = Some(declared);
    hands.seen.people = door.waits();
    hands.seen.records = ran.records;
    hands.seen.run = ran.run;
    if ran.exit == Some(0) || ran.exit == Some(9) {
        return Ok(());
    }
    let signal = course.signal.load(Ordering::Relaxed);
    if signal != 0 {
        return Err(DrillError::Interrupted(signal).into());
    }
    let verdict = if ran.exit == Some(4) { Verdict::Refused } else { Verdict::NotRecovered };
    let code = ran.exit.map_or_else(|| "a signal".to_owned(), |code| format!("exit {code}"));
    Err(Stop { verdict, why: format!("the runbook ended with {code}: {}", ran.why), exit: ran.exit })
}

/// Stage 7.
fn verify(course: &Course<'_>, recorder: &mut Recorder<'_>, hands: &mut Hands) -> Result<(), Stop> {
    let lab = of(hands)?;
    let patience = if course.control { CONTROL } else { WELL };
    if let Some(canary) = &hands.canary {
        let since = hands.seen.declared.or(hands.fault_at).unwrap_or_default();
        if !wait(course, patience, || Ok(canary.streak(since) >= WRITES))? {
            let last = canary.writes().last().and_then(|write| write.error.clone()).unwrap_or_default();
            return Err(Stop {
                verdict: Verdict::NotRecovered,
                why: format!("the canary's writes fail: {last}"),
                exit: None,
            });
        }
    }
    let checked = match course.decl.and_then(|decl| decl.verify.as_ref()) {
        Some(argv) => {
            let argv = lab.scene(hands.fault_at).words(argv)?;
            if wait(course, patience, || Ok(lab.station.capture(&argv, ASKED)?.exit == Some(0)))? {
                Ok(())
            } else {
                Err(format!("`{}` does not say that it is well", argv.join(" ")))
            }
        }
        None => well(course, lab, patience).map_err(|stop| stop.why),
    };
    checked.map_err(|why| Stop { verdict: Verdict::NotRecovered, why, exit: None })?;
    hands.seen.verified = Some(recorder.now().wall);
    Ok(())
}

/// Stage 2, and a part of stage 7: every service is healthy, as the engine sees it. Its engine also proves the identity of the
/// environment: what is no lab is refused before anything is broken.
fn well(course: &Course<'_>, lab: &Lab, patience: Duration) -> Result<(), Stop> {
    let began = boot::now();
    loop {
        let ran = course.engine.check(lab)?;
        match ran.exit {
            Some(0) => return Ok(()),
            Some(4) => return Err(Stop { verdict: Verdict::Refused, why: ran.why, exit: ran.exit }),
            Some(2) => return Err(Stop { verdict: Verdict::Failed, why: ran.why, exit: ran.exit }),
            _ if boot::now().saturating_sub(began) > patience => {
                return Err(Stop { verdict: Verdict::Failed, why: ran.why, exit: None });
            }
            _ => thread::sleep(LOOK * 10),
        }
        let signal = course.signal.load(Ordering::Relaxed);
        if signal != 0 {
            return Err(DrillError::Interrupted(signal).into());
        }
    }
}

/// Looks until something holds, the time is over, or a signal arrives.
fn wait(
    course: &Course<'_>,
    patience: Duration,
    mut holds: impl FnMut() -> Result<bool, DrillError>,
) -> Result<bool, DrillError> {
    let began = boot::now();
    loop {
        if holds()? {
            return Ok(true);
        }
        let signal = course.signal.load(Ordering::Relaxed);
        if signal != 0 {
            return Err(DrillError::Interrupted(signal));
        }
        if boot::now().saturating_sub(began) > patience {
            return Ok(false);
        }
        thread::sleep(LOOK);
    }
}

/// Stage 9: takes the fault back, then the lab down.
pub(super) fn destroy(course: &Course<'_>, recorder: &mut Recorder<'_>, hands: &mut Hands) -> Result<(), DrillError> {
    if let (true, Some(lab), Ok(fault)) = (hands.is_broken, &hands.lab, fault(course))
        && let (Some(machine), Some(undo)) = (&fault.inject.in_machine, &fault.undo)
    {
        let undone = deed::run_in(lab, &machine.value, undo, &lab.scene(hands.fault_at));
        let why = undone.err().map(|error| error.to_string());
        recorder.write(DrillFact::FaultUndone { fault: course.fault.clone(), why })?;
    }
    if course.keep {
        if let Some(lab) = &mut hands.lab {
            lab.state.owner = None;
            lab.directory.save(&lab.state)?;
        }
        return Ok(());
    }
    let name = lab::generated_name(&course.document.lab, &course.wanted.suffix);
    clean(Path::new(&course.wanted.labs), Some(&name), true).map(drop)
}
