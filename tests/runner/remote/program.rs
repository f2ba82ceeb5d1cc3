//! A program over there gets what it would get here, and its end is told as it would be here.

use std::time::Duration;

use runbook::model::work::{End, Piece, Rendered};
use runbook::secret::SecretStore;

use super::sshd::{Machine, Shell};
use crate::injection::corpus;
use crate::runner::{env, program, script};

const SHELLS: [Shell; 3] = [Shell::Dash, Shell::Bash, Shell::Busybox];

#[tokio::test]
async fn its_end_its_output_and_its_values_come_back() {
    for shell in SHELLS {
        let machine = Machine::with(shell);
        let mut bench = machine.bench();
        let sh = |text: &str| Machine::there(program(&["sh", "-c", text]));
        let done = bench.run(sh("echo out; echo err >&2; echo size=3 >> $RUNBOOK_OUTPUT; exit 3")).await;
        assert_eq!(done.end, End::Exited(3), "{shell:?} {}", done.stderr);
        assert_eq!((done.stdout.as_deref(), done.stderr.as_str()), (Some("out\n"), "err\n"), "{shell:?}");
        assert_eq!(done.values["size"], "3");
        for code in [0, 143, 255] {
            assert_eq!(bench.run(sh(&format!("exit {code}"))).await.end, End::Exited(code), "{shell:?}");
        }
        for signal in [9, 15] {
            let end = bench.run(sh(&format!("kill -{signal} $$"))).await.end;
            assert!(matches!(end, End::Signaled { signal: told, .. } if told == signal), "{shell:?} {end:?}");
        }
    }
}

#[tokio::test]
async fn every_argument_variable_and_input_arrives_as_it_is() {
    let mut strings = corpus::strings();
    // Bytes that a shell uses as its own marks.
    strings.extend(["\u{1}\u{7f}", "\u{81}\u{88}", "\u{101}\u{107}\u{148}"].map(str::to_owned));
    for shell in SHELLS {
        let machine = Machine::with(shell);
        let mut bench = machine.bench();
        for part in strings.chunks(600) {
            let mut argv = vec!["printf", "%s\\0"];
            argv.extend(part.iter().map(String::as_str));
            let told = bench.run(Machine::there(program(&argv))).await;
            assert_eq!(told.end, End::Exited(0), "{shell:?} {}", told.stderr);
            let expected = part.join("\0") + "\0";
            assert!(told.stdout.unwrap() == expected, "{shell:?}: an argument changed on its way");
            let mut names = program(&["sh", "-c", "eval \"printf '%s\\0' $ALL\""]);
            let all = (0..part.len()).map(|at| format!("\"$V{at}\"")).collect::<Vec<_>>().join(" ");
            names.env = part.iter().enumerate().map(|(at, text)| env(&format!("V{at}"), text)).collect();
            names.env.push(env("ALL", &all));
            let told = bench.run(Machine::there(names)).await;
            assert!(told.stdout.unwrap() == expected, "{shell:?}: a variable changed on its way");
            let mut input = program(&["cat"]);
            input.stdin = Some(Rendered::text(part.concat()));
            assert!(bench.run(Machine::there(input)).await.stdout.unwrap() == part.concat(), "{shell:?}: input");
        }
        assert!(!machine.at("home").join("PWNED").exists());
    }
}

#[tokio::test]
async fn its_surroundings_are_the_steps_own() {
    let machine = Machine::start();
    let mut bench = machine.bench();
    let mut work =
        Machine::there(script("echo $RUNBOOK_ATTEMPT $RUNBOOK_RUN $RUNBOOK_STEP; pwd; umask; env | grep -c ^rb_; cat"));
    let token = work.attempt.token.0.clone();
    work.working_dir = Some("/usr".into());
    let done = bench.run(work).await;
    assert_eq!(done.stdout.unwrap(), format!("{token} 01RUN step\n/usr\n0022\n0\n"));
    let home = bench.run(Machine::there(program(&["pwd"]))).await;
    let account = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap();
    assert_eq!(home.stdout.unwrap().trim(), account.dir.to_str().unwrap());
}

#[tokio::test]
async fn secrets_stand_in_no_argument_vector_on_either_side() {
    let machine = Machine::start();
    let mut secrets = SecretStore::default();
    secrets.insert("password", "CANARY-hunter22");
    let mut bench = machine.bench_with(secrets, |_| {});
    let secret = || Rendered(vec![Piece::Secret("password".into())]);
    let mut work = Machine::there(script(
        "printf %s $PGPASSWORD | wc -c; wc -c; grep -lsa CANARY'[-]' /proc/[0-9]*/cmdline; echo over",
    ));
    work.env = vec![("PGPASSWORD".into(), secret())];
    work.stdin = Some(secret());
    // The looking itself says the word, in an argument of grep and of bash.
    let done = bench.run(work).await;
    let told = done.stdout.unwrap();
    assert!(told.starts_with("15\n15\n") && told.ends_with("over\n"), "{told}");
    assert!(!told.contains("hunter22"));
}

#[tokio::test]
async fn what_cannot_start_there_says_why() {
    let machine = Machine::start();
    let mut bench = machine.bench();
    let why = |end: End| match end {
        End::NotStarted { why } => why,
        other => panic!("{other:?}"),
    };
    let missing = bench.run(Machine::there(program(&["no-such-program"]))).await;
    assert!(why(missing.end).contains("program `no-such-program` is not on box"));
    let mut nowhere = Machine::there(program(&["true"]));
    nowhere.working_dir = Some("/no/such/directory".into());
    assert!(why(bench.run(nowhere).await.end).contains("there is no directory /no/such/directory on box"));
    let nul = bench.run(Machine::there(program(&["echo", "a\0b"]))).await;
    assert!(why(nul.end).contains("NUL"));
    let long = bench.run(Machine::there(program(&["echo", &"x".repeat(200_000)]))).await;
    assert!(why(long.end).contains("E2BIG"));
    std::fs::write(machine.at("known"), "").unwrap();
    let unknown = bench.run(Machine::there(program(&["true"]))).await;
    let End::Unreachable { why, may_have_run: false } = unknown.end else { panic!("{:?}", unknown.end) };
    assert!(why.contains("Host key verification failed"), "{why}");
}

#[tokio::test]
async fn a_machine_that_does_not_answer_was_never_asked() {
    let mut machine = Machine::start();
    machine.unplug();
    let mut bench = machine.bench();
    let done = bench.run(Machine::there(program(&["true"]))).await;
    assert!(matches!(done.end, End::Unreachable { may_have_run: false, .. }), "{:?}", done.end);
}

#[tokio::test]
async fn large_output_and_large_input_pass_through() {
    let machine = Machine::start();
    let mut bench = machine.bench();
    let mut work = Machine::there(script("wc -c >&2; head -c 20000000 /dev/zero | tr '\\0' x; echo"));
    work.stdin = Some(Rendered::text("line\n".repeat(400_000)));
    let done = bench.run(work).await;
    assert_eq!((done.end, done.stderr.as_str()), (End::Exited(0), "2000000\n"));
    assert!(done.truncated);
    assert_eq!(bench.log().unwrap().len(), 20_000_001 + 8);
    assert!(done.elapsed < Duration::from_secs(30));
}
