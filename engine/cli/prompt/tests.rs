//! Questions on a pseudo-terminal: what a person sees, each key, and the terminal afterwards.

use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{TimeZone, Utc};
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};

use super::tty::Tty;
use super::{Place, Prompt};
use crate::execute::operator::{Answer, Operator, Question, StepView};
use crate::model::effect::Effect;
use crate::model::entry::{Entry, Record};
use crate::model::id::{AttemptToken, RunId, StepId};
use crate::model::port::{Clock, Now};
use crate::report::{Summary, Terminal};

const PATIENCE: Duration = Duration::from_secs(20);

/// Goes on by a quarter of a minute whenever somebody looks.
struct FastClock(Mutex<u64>);

impl Clock for FastClock {
    fn now(&self) -> Now {
        let mut seconds = self.0.lock().unwrap();
        *seconds += 15;
        Now { elapsed: Duration::from_secs(*seconds), wall: Utc.timestamp_opt(1_800_000_000, 0).unwrap() }
    }
}

struct Desk {
    prompt: Option<Prompt>,
    answers: Receiver<(AttemptToken, Answer)>,
    keyboard: Option<File>,
    slave: File,
    screen: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    asked: u32,
}

impl Desk {
    fn new(columns: u16, terminal: Option<Terminal>) -> Self {
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(Some(&size), None).unwrap();
        let (slave, keyboard) = (File::from(pty.slave), File::from(pty.master));
        let mut eyes = keyboard.try_clone().unwrap();
        let (sender, screen) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = eyes.read(&mut bytes) {
                if sender.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        let (reply, answers) = mpsc::channel();
        let place = Place { run: RunId("01RUN".to_owned()), directory: PathBuf::from("/nowhere/runs/01RUN") };
        let tty = Tty::of(slave.try_clone().unwrap(), slave.try_clone().unwrap());
        let reply = Arc::new(move |token, answer| drop(reply.send((token, answer))));
        let prompt = Some(Prompt::on(tty, place, terminal, None, reply));
        Self { prompt, answers, keyboard: Some(keyboard), slave, screen, seen: Vec::new(), asked: 0 }
    }

    fn ask(&mut self, question: Question) -> AttemptToken {
        self.asked += 1;
        let token = AttemptToken(self.asked.to_string());
        self.prompt.as_ref().unwrap().ask(token.clone(), question);
        token
    }

    fn text(&self) -> String {
        console::strip_ansi_codes(&String::from_utf8_lossy(&self.seen)).replace('\r', "")
    }

    /// Waits for a text; what was seen with it and before it, which is then forgotten.
    #[track_caller]
    fn sees(&mut self, text: &str) -> String {
        while !self.text().contains(text) {
            match self.screen.recv_timeout(PATIENCE) {
                Ok(bytes) => self.seen.extend(bytes),
                Err(error) => panic!("no `{text}` ({error}) in\n{}", self.text()),
            }
        }
        let seen = self.text();
        self.seen.clear();
        seen
    }

    fn types(&mut self, keys: &str) {
        self.keyboard.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    #[track_caller]
    fn answer(&self) -> Answer {
        self.answers.recv_timeout(PATIENCE).expect("no answer").1
    }

    fn is_cooked(&self) -> bool {
        tcgetattr(&self.slave).unwrap().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO)
    }
}

fn view() -> StepView {
    StepView {
        step: StepId("db/wipe".to_owned()),
        title: "Wipe the data".to_owned(),
        effect: Effect::Destroy,
        target: "ssh db1".to_owned(),
        command: vec!["rm -rf /data\necho \x1b]0;done".to_owned()],
        details: vec![
            ("gate".to_owned(), "port 5432 open, at most 30s".to_owned()),
            ("retry".to_owned(), "3 times".to_owned()),
        ],
        expected: Some(Duration::from_secs(90)),
        attempts: 0,
        jumps: vec![
            (StepId("db/restore".to_owned()), vec![StepId("db/wipe".to_owned())]),
            (StepId("db/report".to_owned()), vec![]),
        ],
        params: vec![("host".to_owned(), "db1".to_owned()), ("port".to_owned(), "5432".to_owned())],
    }
}

fn step() -> Question {
    Question::Step { view: view() }
}

fn failed() -> Question {
    let why = vec!["exit code 1".to_owned()];
    Question::Failed { view: StepView { attempts: 2, ..view() }, why, hint: Some("look at the disk".to_owned()) }
}

fn unknown() -> Question {
    Question::Unknown { view: view(), why: "the engine died".to_owned() }
}

fn approval() -> Question {
    Question::Approval {
        step: StepId("db/wipe".to_owned()),
        title: "Wipe the data".to_owned(),
        command: "rm -rf /data".to_owned(),
        digest: "ab".repeat(32),
        people: vec!["alice@ops".to_owned(), "bob@ops".to_owned()],
        missing: 2,
        expires: Utc.timestamp_opt(1_800_000_090, 0).unwrap(),
    }
}

fn agreed() -> Answer {
    Answer::Yes { inputs: Vec::new(), evidence: None }
}

#[test]
fn a_step_is_shown_before_it_is_asked_about() {
    for columns in [80, 200] {
        let mut desk = Desk::new(columns, None);
        desk.ask(step());
        let mut all = String::new();
        while !all.contains("db/wipe ›") {
            let bytes = desk.screen.recv_timeout(PATIENCE).unwrap();
            all.push_str(&String::from_utf8_lossy(&bytes));
        }
        let all = console::strip_ansi_codes(&all).replace('\r', "");
        let shown = [
            "▸ Wipe the data  (db/wipe)",
            "DESTROYS · on ssh db1 · takes about 1m 30s",
            "$ rm -rf /data",
            "> echo \\x1b]0;done",
            "gate: port 5432 open, at most 30s",
            "Enter run · s skip · e edit",
        ];
        for part in shown {
            assert!(all.contains(part), "no `{part}` in\n{all}");
        }
        let longest = all.lines().map(console::measure_text_width).max().unwrap();
        assert!(longest < usize::from(columns), "{longest} of {columns} columns:\n{all}");
        desk.types("\n");
        assert_eq!(desk.answer(), agreed());
    }
}

#[test]
fn every_key_of_a_step_has_its_answer() {
    let mut desk = Desk::new(80, None);
    let jump = || Answer::Jump { to: StepId("db/restore".to_owned()) };
    let edit = || Answer::Edit { param: "host".to_owned(), value: "db2".to_owned() };
    let cases = [
        ("\n", agreed()),
        ("y", agreed()),
        ("c", Answer::Rest),
        ("q", Answer::Pause),
        // An empty reason is asked for again; Escape goes back; Backspace, Ctrl-U and Ctrl-W edit.
        ("s\n  \nnot noww\x7f\n", Answer::Skip { why: "not now".to_owned() }),
        ("swrong\x15too late\x17early\n", Answer::Skip { why: "too early".to_owned() }),
        ("s\u{fc}n\u{ef}c\u{f6}de\n", Answer::Skip { why: "ünïcöde".to_owned() }),
        ("ehost\n\ndb2\n", edit()),
        ("eho\t\ndb1\ndb2\n", edit()),
        ("jdb/res\t\ny", jump()),
        ("jdb/restor\ndb/restore\nn\ny", agreed()),
        ("jdb/report\n", Answer::Jump { to: StepId("db/report".to_owned()) }),
        ("bny", agreed()),
        ("by", Answer::Rollback),
        ("d?x\x1b[A\x1b[15~y", agreed()),
    ];
    for (keys, expected) in cases {
        desk.ask(step());
        desk.sees("db/wipe › ");
        desk.types(keys);
        assert_eq!(desk.answer(), expected, "{keys:?}");
        assert!(desk.is_cooked(), "{keys:?}");
        desk.sees("›");
    }
}

#[test]
fn escape_goes_back_to_the_keys() {
    let mut desk = Desk::new(80, None);
    desk.ask(step());
    desk.sees("db/wipe › ");
    desk.types("s");
    desk.sees("Why skip it?");
    desk.types("half\x1b");
    desk.sees("db/wipe › ");
    desk.types("r");
    desk.sees("`r` is no key here");
    desk.types("y");
    assert_eq!(desk.answer(), agreed());
}

#[test]
fn a_failure_offers_another_try_and_an_unknown_end_asks_for_the_truth() {
    let mut desk = Desk::new(80, None);
    let skip = Answer::Skip { why: "why".to_owned() };
    let cases = [
        (failed as fn() -> Question, "failed after 2 attempts", "r", Answer::Retry),
        (failed, "why: exit code 1", "swhy\n", skip),
        (failed, "hint: look at the disk", "\n", Answer::Stop),
        (failed, "r retry", "by", Answer::Rollback),
        (failed, "✗", "ycq", Answer::Pause),
        (unknown, "nobody saw how it ended", "y", agreed()),
        (unknown, "known: the engine died", "n", Answer::Retry),
        (unknown, "y it took effect", "\nscb\rq", Answer::Pause),
        (unknown, "$ rm -rf /data", "dn", Answer::Retry),
    ];
    for (question, shown, keys, expected) in cases {
        desk.ask(question());
        desk.sees(shown);
        while desk.is_cooked() {
            std::thread::yield_now();
        }
        desk.types(keys);
        assert_eq!(desk.answer(), expected, "{keys:?}");
    }
}

#[test]
fn what_was_typed_before_the_question_does_not_answer_it() {
    let mut desk = Desk::new(80, None);
    desk.types("y\nq\n");
    desk.ask(step());
    desk.sees("db/wipe › ");
    assert!(desk.answers.recv_timeout(Duration::from_millis(300)).is_err());
    desk.types("c");
    assert_eq!(desk.answer(), Answer::Rest);
}

#[test]
fn an_approval_says_who_and_how_and_gives_way_to_other_questions() {
    let mut desk = Desk::new(200, None);
    desk.ask(approval());
    desk.sees("runbook approve 01RUN db/wipe --runs-dir /nowhere/runs --reason '…'");
    desk.ask(step());
    desk.sees("Enter run");
    desk.types("y");
    assert_eq!(desk.answer(), agreed());
    let shown = desk.sees("waiting until 2027-01-15 08:01:30 UTC");
    assert!(shown.contains("needs: 2 approvals of: alice@ops, bob@ops"), "{shown}");
    desk.types("yn\rq");
    assert_eq!(desk.answer(), Answer::Pause);
}

#[test]
fn a_withdrawn_question_leaves_the_terminal_as_it_was() {
    let mut desk = Desk::new(80, None);
    let token = desk.ask(step());
    desk.sees("db/wipe › ");
    assert!(!desk.is_cooked());
    desk.prompt.as_ref().unwrap().withdraw(&token);
    while !desk.is_cooked() {
        std::thread::yield_now();
    }
    desk.types("y");
    desk.ask(unknown());
    desk.sees("it took effect");
    desk.types("n");
    assert_eq!(desk.answer(), Answer::Retry);
}

#[test]
fn the_end_of_the_program_puts_the_terminal_back() {
    let mut desk = Desk::new(80, None);
    desk.ask(step());
    desk.sees("db/wipe › ");
    assert!(!desk.is_cooked());
    drop(desk.prompt.take());
    assert!(desk.is_cooked());
}

#[test]
fn a_terminal_that_goes_away_never_says_yes() {
    for (question, expected) in [
        (step(), Answer::Pause),
        (failed(), Answer::Pause),
        (unknown(), Answer::Pause),
        (
            Question::Confirm { step: StepId("a".to_owned()), title: "Go".to_owned(), show: None, typed: None },
            Answer::No { why: "the terminal was closed".to_owned() },
        ),
    ] {
        let mut desk = Desk::new(80, None);
        desk.ask(question);
        // The last character of each prompt; Ctrl-D is the end of what a person types.
        desk.sees(if matches!(expected, Answer::No { .. }) { "[y/N]" } else { "db/wipe ›" });
        desk.types("\x04");
        assert_eq!(desk.answer(), expected);
    }
}

#[test]
fn a_shell_has_the_terminal_and_comes_back() {
    let mut desk = Desk::new(80, None);
    desk.ask(step());
    desk.sees("db/wipe › ");
    desk.types("!");
    desk.sees("`exit` comes back");
    while !desk.is_cooked() {
        std::thread::yield_now();
    }
    desk.types("echo \"<$RUNBOOK_RUN/$RUNBOOK_STEP>\"; exit\n");
    desk.sees("<01RUN/db/wipe>");
    while desk.is_cooked() {
        std::thread::yield_now();
    }
    desk.types("y");
    assert_eq!(desk.answer(), agreed());
}

#[test]
fn the_clock_goes_on_and_leaves_what_is_typed() {
    let terminal = Terminal::stdout(Arc::new(FastClock(Mutex::new(0))));
    let entry = Entry::RunStarted {
        run: RunId("01RUN".to_owned()),
        mode: "run".to_owned(),
        runbook: "r".to_owned(),
        title: "R".to_owned(),
        system: None,
        environment: None,
        plan_digest: String::new(),
        source_digest: String::new(),
        operator: String::new(),
        engine: String::new(),
        core: 1,
        rto_ms: Some(60_000),
        expected_ms: 120_000,
        steps: 1,
    };
    let record = Record { seq: 0, at: Utc.timestamp_opt(1_800_000_000, 0).unwrap(), entry };
    let mut summary = Summary::default();
    summary.add(&record);
    terminal.pace().record(&summary, &record);
    let mut desk = Desk::new(80, Some(terminal));
    desk.ask(step());
    desk.sees("db/wipe › ");
    desk.types("snot ");
    desk.sees("Why skip it? (Esc: back) not ");
    desk.sees("RTO 1m passed");
    desk.sees("Why skip it? (Esc: back) not ");
    desk.types("now\n");
    assert_eq!(desk.answer(), Answer::Skip { why: "not now".to_owned() });
}
