//! The help texts: the list of verbs by purpose, examples, what `--json` prints.

use crate::cli::exit;

/// `--version`.
pub const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\nlanguage runbook/v1, system/v1, test/v1, lab/v1, calendar/v1\nlicence ",
    env!("CARGO_PKG_LICENSE")
);

/// The first page: verbs by purpose. A test holds it against the verbs there are.
pub const TEMPLATE: &str = "\
{about}

{usage-heading} {usage}

Write:
  check       Find every mistake in runbooks and systems
  rehearse    Rehearse a runbook in a simulated world; fail each step in each way
  test        Run the tests beside runbooks: rehearsals with an expected end
  graph       Print the graph of a runbook's steps, or of a recorded run
  render      Print a runbook for the wall, with the commands themselves
  schema      Print the JSON Schema of a kind of document, for editors
Drill:
  lab         Make a disposable environment, and take it down
  drill       Break a lab for real, recover it with a runbook, measure
Recover:
  run         Run a runbook or a saved plan; with --dry-run change nothing
  resume      Go on with a run that was interrupted, paused or failed
  doctor      Say whether this machine is ready to recover
Watch:
  runs        List the runs
  status      Say where a run is and whom it waits for
  logs        Print what the steps of a run wrote
  show        Show a run from its journal
Look back:
  report      Report a run or a drill from its journal
  history     Trends of drills and runs, and what was never drilled
Prove:
  bundle      Bundle everything recorded of a run or a drill
  verify      Check offline that recorded evidence is what was recorded
  head        Print the head of a journal's chain, to keep elsewhere
Decide, also from another terminal:
  approve     Agree to a step that waits for approval
  reject      Refuse a step that waits for approval
  pause       Let a run stop in a way that can be resumed
  cancel      Give a run up: end what runs, run its finally-steps, nothing else
  rollback    Undo what a run did, backwards to its last destroy
  unlock      Say who holds a run's locks; free them from a stuck engine
More:
  completion  Print a completion script for a shell
  exit-codes  List the exit codes and what they mean
  help        Print this, or the help of a verb

Options:
{options}{after-help}";

/// Below the first page.
pub const AFTER: &str = "\
Examples:
  runbook check runbooks/              every mistake, with its place
  runbook run recover.yaml --dry-run   what would happen, what is proved
  runbook rehearse recover.yaml --every-failure
                                       what happens when each step fails
  runbook run recover.yaml --step      recover, one keystroke a step
  runbook resume                       go on with the run that was interrupted
  runbook show                         the last run

A RUN is a run's id or the beginning of it.
Exit codes: runbook help exit-codes";

/// `run`.
pub const RUN: &str = "\
Examples:
  runbook run recover.yaml --dry-run
      nothing is changed; read-only steps run
  runbook run recover.yaml --dry-run --strict
      exit 4 unless everything is proved
  runbook run recover.yaml --dry-run --out plan.json
      save the plan: runbook run plan.json runs exactly that, or refuses
  runbook run recover.yaml --step
      a keystroke a step
  runbook run recover.yaml --from restore
      begin with a step
  runbook run recover.yaml --set service=app --set at=2026-11-20T03:00:00Z
  runbook run recover.yaml --params values.yaml --environment staging
  runbook run recover.yaml --only restore --max-parallel 2
  runbook run recover.yaml --yes --environment staging --json

Without a terminal nothing is ever answered \"yes\" by default: a destructive
step needs --yes together with --environment, whose identity probe must pass.

Exit codes: runbook help exit-codes";

/// `resume`.
pub const RESUME: &str = "\
Examples:
  runbook resume
      the newest run that can go on
  runbook resume 01KB7
      a run by the beginning of its id
  runbook resume 01KB7 --step
      a keystroke a step
  runbook resume 01KB7 --accept-changes
      the runbook was corrected in between: the difference is shown and
      recorded
  runbook resume 01KB7 --failback
      also the steps of the phase failback

Steps that succeeded stay as they are. A step that was under way when the
engine died is decided by its `done_when`, else repeated if it is idempotent or
only reads, else you are asked; without a terminal the run then ends with exit
7.

Exit codes: runbook help exit-codes";

/// `check`.
pub const CHECK: &str = "\
Examples:
  runbook check recover.yaml
      one runbook, its system and includes
  runbook check runbooks/
      every runbook, system and test below a directory
  runbook check a.yaml b.yaml runbooks/ --json
      for editors and pipelines

--json prints one array with an object for each finding, in the order of files
and lines:
  code         stable, like `document::unknown_key`
  severity     `error` or `warning`
  message      one sentence
  path         the file; it and the next four are absent where no file is wrong
  line         from 1
  column       from 1, in characters
  offset       first byte, from 0
  end          byte after the last
  label        words for the place, or null
  help         the next step, or null
  related      array of other places: path, line, column, offset, end, message

Exit: 0 no errors (warnings are fine), 2 errors";

/// `rehearse`.
pub const REHEARSE: &str = "\
Examples:
  runbook rehearse recover.yaml
      the recovery in simulated time: timeline, recovery time, data lost
  runbook rehearse recover.yaml --fault disk_full --seed 7
  runbook rehearse recover.yaml --every-failure
      a row for each step and each way to fail: path, exit code, what is left
  runbook rehearse recover.yaml --every-failure --pairs --budget 5000
      two failures on one path
  runbook rehearse recover.yaml --every-failure --strict --json

Nothing outside this process is touched: no Docker, no cloud, no network. What
the simulated world does not know it says; `simulate:` tells it.

Ways to fail:
  error    fails at once, every time; a person says no
  timeout  outlives its timeout, every time
  unknown  the connection breaks; nobody saw how it ended
  silent   says that it succeeded, and did nothing
  gate     its gate never passes
  killed   the engine is killed while it runs, and resumed
Behind these: + its work had been done, ½ the first half of its script had,
- nothing had; no mark: that makes no difference.

Exit: as the run would end; with --every-failure 1 when an invariant breaks,
data is put at risk, a failure goes unnoticed or a pause is left behind";

/// `test`.
pub const TEST: &str = "\
Examples:
  runbook test                      every *_test.yaml below this directory
  runbook test runbooks/scenario-d_test.yaml --filter timeout
  runbook test runbooks --json

Exit: 0 all pass, 1 some do not, 2 a test file is invalid";

/// The argument of `graph`.
pub const GRAPH_FILE: &str = "The runbook; or a recorded run or drill: its id, the beginning of it, or its directory";

/// `graph`.
pub const GRAPH: &str = "\
Examples:
  runbook graph recover.yaml  the steps, the waves, the critical path
  runbook graph recover.yaml --format svg > recover.svg
  runbook graph recover.yaml --format mermaid > recover.mmd
  runbook graph recover.yaml --format dot | dot -Tpdf > recover.pdf
  runbook graph 01KB7Q --format svg > run.svg    what became of every step

Shapes and words say what colours say. The thick line is the critical path: of
a runbook as it is expected, of a run as it was.";

/// `report`.
pub const REPORT: &str = "\
Examples:
  runbook report                      of what began last
  runbook report 01K --format json -o report.json
  runbook report 01K --format html -o report.html
  runbook report 01K --format md >> \"$GITHUB_STEP_SUMMARY\"
  runbook report 01K --format junit -o junit.xml

The schema of the JSON: runbook schema report. JUnit is red exactly when the
report is not well. Everything in it is from the journals of the run or drill.";

/// `render`.
pub const RENDER: &str = "\
Examples:
  runbook render recover.yaml -o recover.md
  runbook render recover.yaml -e production --set data=app --format html -o recover.html

Nothing is asked and nothing is changed. Secrets are not in it. What only a run
knows is a placeholder, to be filled in by hand.";

/// `schema`.
pub const SCHEMA: &str = "\
Examples:
  runbook schema runbook > runbook.schema.json
  runbook schema system > system.schema.json
  runbook schema test > test.schema.json
  runbook schema report > report.schema.json
      of what `report --format json` prints

In a document, for editors: # yaml-language-server:
$schema=runbook.schema.json";

/// `runs`.
pub const RUNS: &str = "\
Examples:
  runbook runs         newest first
  runbook runs --limit 5
  runbook runs --json  one object a line

States: running (an engine holds it) · interrupted (engine gone: nobody holds
it and it has no end) · paused · failed · done and the other ends · damaged
(its journal cannot be trusted)

Exit: 0, also when some are damaged";

/// `status`.
pub const STATUS: &str = "\
Examples:
  runbook status                the newest run
  runbook status 01KB7 --watch  until it ends or waits for a resume
  runbook status --json

Exit: 0 whatever the state is";

/// `logs`.
pub const LOGS: &str = "\
Examples:
  runbook logs 01KB7                    every step, in the order they ran
  runbook logs 01KB7 restore            one step (a group: its members)
  runbook logs 01KB7 restore -f         go on while it writes
  runbook logs 01KB7 restore | less -R  a pipe gets the bytes as they are

Secrets are masked in the files themselves. On a terminal control characters
are shown escaped.";

/// `show`.
pub const SHOW: &str = "\
Examples:
  runbook show         the newest run
  runbook show 01KB7   a run by the beginning of its id
  runbook show --json  the summary as one object";

/// `bundle`.
pub const BUNDLE: &str = "\
Examples:
  runbook bundle                         the newest run or drill
  runbook bundle 01KB7 --key ~/.ssh/id_ed25519
  runbook bundle 01KB7 -o evidence.tar --json

A plain tar: journals, plan, outputs, the canary's writes, letters with their
signatures, a manifest with the SHA-256 of each, SHA256SUMS, and a README.txt
that says how to check it without this program. Secrets are masked in the files
themselves. The same evidence gives the same bytes. With --key (or
$RUNBOOK_KEY) the manifest is signed: `ssh-keygen -Y sign -n runbook-bundle`.

Exit: 0 written, 4 an engine drives it, 8 its journal is damaged";

/// `verify`.
pub const VERIFY: &str = "\
Examples:
  runbook verify 01KB7                   a run or a drill
  runbook verify run-01KB7.tar --signers allowed_signers --identity ana@example
  runbook verify 01KB7 --head heads.txt  with a head that was kept elsewhere
  runbook verify 01KB7 --json

Looks at every record's hash, number and link, names the first that is broken
and the last good one before it; holds the plan against its digests in the
journal, a drill's files against those in the drill's journal, a bundle against
its manifest, and checks signatures. Says what nobody can prove: a chain alone
does not show that its end was cut off or that all of it was made anew; with
--head it does. Needs no network.

Exit: 0 nothing is broken, 8 something is, 2 there is no such thing";

/// `head`.
pub const HEAD: &str = "\
Examples:
  runbook head                      the newest run or drill, one line
  runbook head 01KB7 | mail -s head auditor@example.com
  runbook head 01KB7 >> /mnt/other-machine/heads.txt

Kept where the machine's own people cannot change it, the line proves later that
nothing up to that record was changed, added or cut off: runbook verify --head.

Exit: 0, 8 its journal is damaged";

/// `approve` and `reject`.
pub const APPROVE: &str = "\
Examples:
  runbook approve 01KB7 wipe --reason \"checked the dump, CHG-1234\"
  runbook approve 01KB7 wipe --reason CHG-1234 --key ~/.ssh/id_ed25519
  runbook reject 01KB7 wipe --reason \"wrong volume\"

What is approved is the step as it is rendered now: its command is shown, its
digest is sent. With --key (or $RUNBOOK_KEY) the digest is signed by
`ssh-keygen -Y sign -n runbook`; without it your identity is what this machine
says, and is recorded as unverified.

Exit: 0 it counts, 4 it does not (and why), 6 nobody took it within 2 s: it
waits in the inbox";

/// `pause`.
pub const PAUSE: &str = "\
Examples:
  runbook pause 01KB7 --why \"shift change\"
      what runs may finish; then: runbook resume";

/// `cancel`.
pub const CANCEL: &str = "\
Examples:
  runbook cancel 01KB7 --why \"false alarm\"
      also a run that nobody drives any more";

/// `rollback`.
pub const ROLLBACK: &str = "\
Examples:
  runbook rollback 01KB7
      undo what was started, newest first
  runbook rollback 01KB7 --yes --environment staging
      without a terminal

Steps that destroyed something cannot be undone: the rollback stops there.

Exit: 0 rolled back, 11 a step could not be undone";

/// `unlock`.
pub const UNLOCK: &str = "\
Examples:
  runbook unlock 01KB7
      who holds it; frees what a dead engine left
  runbook unlock 01KB7 --force
      take it out of the hands of an engine that lives and does not go on

A dead engine's locks are free by themselves. With --force the next write of a
living engine fails; what it started may still run. Where it answers, `runbook
pause` is the better way.

Exit: 0 nothing holds the run any more, 5 a living engine does";

/// `doctor`.
pub const DOCTOR: &str = "\
Examples:
  runbook doctor         this machine
  runbook doctor recover.yaml --environment production
      what a run of it would need
  runbook doctor --json  one object a check

Exit: 0 all well (warnings are fine), 4 something would stop a run";

/// `completion`.
pub const COMPLETION: &str = "\
Examples:
  runbook completion bash > /etc/bash_completion.d/runbook
  runbook completion zsh > ~/.zfunc/_runbook
  runbook completion fish > ~/.config/fish/completions/runbook.fish";

/// `exit-codes`.
pub fn exit_codes() -> String {
    exit::table()
}

/// `lab`.
pub const LAB: &str = "\
Examples:
  runbook lab up fixtures/labs/nchat/lab.yaml
      machines as containers, each with a Docker daemon of its own
  runbook lab status
  runbook lab down
  runbook lab clean
      what was left behind by whoever was killed

Needs root, Docker and Linux: a lab has networks without a way out. What it
made carries the label runbook-lab, or lies in $RUNBOOK_LABS.";

/// `lab up`.
pub const LAB_UP: &str = "\
Examples:
  runbook lab up fixtures/labs/nchat/lab.yaml
  docker exec -it runbook-lab-nchat-…-us-east bash
  runbook lab down";

/// `drill`.
pub const DRILL: &str = "\
Examples:
  runbook drill run runbooks/scenario-d.yaml
      the lab that drills it, its fault, what it took, what was lost
  runbook drill run runbooks/scenario-a.yaml --lab fixtures/labs/small/lab.yaml
  runbook drill run runbooks/scenario-d.yaml --control
      the same without the recovery: it has to end red
  runbook drill show
  runbook drill clean
      after a drill that was killed
  runbook drill due
      what the calendars ask for
  runbook drill next";

/// `drill run`.
pub const DRILL_RUN: &str = "\
Examples:
  runbook drill run runbooks/scenario-d.yaml
  runbook drill run runbooks/scenario-a.yaml --lab fixtures/labs/small/lab.yaml
  runbook drill run FILE --lab fixtures/labs/nchat/lab.yaml --fault crash_loop
  runbook drill run runbooks/scenario-d.yaml --control
  runbook drill run runbooks/scenario-e.yaml --json
  runbook drill run runbooks/scenario-d.yaml --ci --junit out/drill.xml \\
      --report out/drill.json --report out/drill.md
      in a pipeline: nobody is asked, and the files are there however it ends

Ten stages: make the lab, see that it is healthy, let the canary write, break
it, notice, recover, see that it is healthy, measure, take it down, report. The
fault is written down before it is injected. The engine that recovers sees the
lab and nothing else: no network, no socket, no credentials of this machine.

Exit codes: 0 recovered in time; 1 not recovered, or not noticed; 2 invalid
input; 4 refused; 9 recovered, and an objective was missed; else that of the
recovery. With --control 1 is what it has to be.";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_first_page_lists_every_verb_with_its_own_words() {
        for verb in crate::cli::args::Cli::command().get_subcommands().filter(|verb| !verb.is_hide_set()) {
            let name = verb.get_name();
            let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
            let line = format!("  {name:<10}  {about}");
            assert!(super::TEMPLATE.lines().any(|one| one == line), "`{line}` is not on the first page");
        }
    }
}
