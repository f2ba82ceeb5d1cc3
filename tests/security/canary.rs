//! The canary: secrets of every source, in every place that takes them, through every way in which a step can end, for every verb at
//! every verbosity. They are nowhere: not in the run's directory, not in what is printed.

use std::fmt::Write as _;

use super::nest::Nest;

/// Bash that prints `$S` in every form that programs print.
const ECHOES: &str = "      printf '%s\\n' \"$S\"
      printf '%s\\n' \"$S\" >&2
      printf '%q\\n' \"$S\"
      for pad in '' x xy; do printf '%s%s' \"$pad\" \"$S\" | base64 -w0; echo; done
      printf '%s' \"$S\" | od -An -v -tx1 | tr -d ' \\n'; echo
      printf '%s' \"$S\" | od -An -v -tx1 | tr -d ' \\n' | tr a-f A-F; echo
      printf '%s' \"$S\" | while IFS= read -r -n1 -d '' c; do printf '%s' \"$c\"; sleep 0.001; done
      set -x; : \"$S\"
";

fn runbook() -> String {
    let mut steps = String::from("steps:\n");
    for secret in ["env", "file", "cmd"] {
        let _ = write!(
            steps,
            "  - id: echo_{secret}\n    needs: []\n    env: {{ S: \"${{{{ secrets.{secret} }}}}\" }}\n    shell: |\n{ECHOES}"
        );
    }
    steps + WAYS
}

/// Every way in which a step that has the secret can end.
const WAYS: &str = r#"
  - id: stdin
    needs: []
    exec: cat
    stdin: ${{ secrets.file }}
    on_failure: continue
  - id: fails
    needs: []
    env: { S: "${{ secrets.env }}" }
    shell: |
      echo "FATAL: password $S refused" >&2; exit 1
    on_failure: continue
  - id: judged
    needs: []
    env: { S: "${{ secrets.env }}" }
    shell: printf '%s' "$S"
    expect: stdout == 'something'
    on_failure: continue
  - id: cut
    needs: []
    env: { S: "${{ secrets.env }}" }
    shell: printf '%65s%s' x "$S"
    expect: stdout == 'something'
    on_failure: continue
  - id: lines
    needs: []
    env: { S: "${{ secrets.file }}" }
    shell: printf '%s' "$S"
    expect: stdout == 'something'
    warn_unless: lines[0] == 'x'
    on_failure: continue
  - id: warns
    needs: []
    env: { S: "${{ secrets.file }}" }
    shell: printf '%s' "$S"
    warn_unless: stdout == 'something'
  - id: out
    needs: []
    env: { S: "${{ secrets.env }}", F: "${{ secrets.file }}", C: "${{ secrets.cmd }}" }
    shell: |
      printf '{"text": "a %s b", "%s": ["%s"]}' "$C" "$C" "$C"
      echo "kept=$S" >>"$RUNBOOK_OUTPUT"
      printf 'block<<END\n%s\nEND\n' "$F" >>"$RUNBOOK_OUTPUT"
    outputs:
      token: json.text
      all: json
      kept: stdout
  - id: passes
    needs: [out]
    exec: [echo, "${{ steps.out.outputs.token }}"]
  - id: late
    needs: []
    env: { S: "${{ secrets.env }}" }
    shell: echo "$S" >&2; echo "$S"; sleep 30
    timeout: 400ms
    on_failure: continue
  - id: gated
    needs: []
    exec: "true"
    gate:
      shell: echo "$S" >&2; printf '%s' "$S"
      env: { S: "${{ secrets.env }}" }
      expect: stdout == 'ready'
      every: 50ms
      within: 300ms
    on_failure: continue
  - id: required
    needs: []
    exec: "true"
    require:
      shell: echo "$S" >&2; exit 1
      env: { S: "${{ secrets.env }}" }
    on_failure: continue
  - id: done
    needs: []
    exec: "false"
    done_when:
      shell: echo "$S"
      env: { S: "${{ secrets.env }}" }
      expect: stdout != ''
  - id: again
    needs: []
    env: { S: "${{ secrets.env }}" }
    shell: echo "fatal $S" >&2; exit 1
    retry: { attempts: 2, delay: 10ms }
    fallback:
      - id: instead
        env: { S: "${{ secrets.env }}" }
        shell: echo "$S"
  - id: undone
    needs: []
    on_failure: continue
    steps:
      - id: inner
        on_failure: rollback
        steps:
          - id: make
            env: { S: "${{ secrets.env }}" }
            shell: echo "$S"
            rollback:
              env: { S: "${{ secrets.env }}" }
              shell: echo "error $S" >&2; exit 1
          - id: break
            env: { S: "${{ secrets.env }}" }
            shell: echo "error $S" >&2; exit 1
  - id: web
    needs: []
    http:
      method: POST
      url: http://127.0.0.1:PORT/ok/${{ secrets.cmd }}
      headers: { Authorization: "Bearer ${{ secrets.cmd }}" }
      body: "p=${{ secrets.env }}"
    expect: stdout == 'something'
    on_failure: continue
  - id: web_fails
    needs: []
    http:
      url: http://127.0.0.1:PORT/no/${{ secrets.cmd }}
      headers: { Authorization: "${{ secrets.cmd }}" }
    on_failure: continue
  - id: unreachable
    needs: []
    http: http://127.0.0.1:1/${{ secrets.cmd }}
    on_failure: continue
  - id: nonsense
    needs: []
    http: "${{ secrets.cmd }}"
    on_failure: continue
  - id: no_header
    needs: []
    http:
      url: http://127.0.0.1:PORT/ok
      headers: { X-A: "${{ secrets.file }}" }
    on_failure: continue
  - id: tell
    needs: []
    notify: it is over
finally:
  - id: last
    env: { S: "${{ secrets.file }}" }
    shell: echo "$S"
outputs:
  token: steps.out.outputs.token
  all: steps.out.outputs.all
"#;

#[test]
fn no_verb_says_a_secret_at_any_verbosity_however_steps_end() {
    let nest = Nest::new(&runbook());
    let _ = nest.quiet(&["check", "nest.yaml"]).exits(0).warns("rollback_without_done_when");
    let _ = nest.quiet(&["check", "nest.yaml", "--json"]).exits(0);
    for format in ["text", "mermaid"] {
        let _ = nest.quiet(&["graph", "nest.yaml", "--environment", "blue", "--format", format]);
    }
    for more in [&[][..], &["--json"], &["--strict"], &["--out", "plan.json"]] {
        let ran = nest.quiet(&[&["run", "nest.yaml", "--environment", "blue", "--dry-run"], more].concat());
        assert!(matches!(ran.code, Some(0 | 4)), "{ran:?}");
    }
    let _ = nest.quiet(&["doctor", "nest.yaml", "--environment", "blue"]);
    let _ = nest.quiet(&["doctor", "nest.yaml", "--environment", "blue", "--json"]);
    for more in [&["-q"][..], &[], &["-v"], &["-vv"], &["--json"]] {
        let ran = nest.quiet(&[&["run", "nest.yaml", "--environment", "blue"], more].concat()).exits(11);
        if more == ["-v"] {
            assert!(ran.stdout.matches("***").count() > 30, "the secrets were there, masked:\n{}", ran.stdout);
        }
        reads(&nest);
    }
    let _ = nest.quiet(&["run", "plan.json", "-vv"]).exits(11);
    let ran = nest.quiet(&["resume", "-vv"]);
    assert!(matches!(ran.code, Some(1 | 11)), "{ran:?}");
    reads(&nest);
    let _ = nest.quiet(&["cancel", &nest.newest(), "--why", "x"]);
    reads(&nest);
    assert!(nest.journal().matches("***").count() > 20, "{}", nest.journal());
}

/// Every verb that reads a run.
fn reads(nest: &Nest) {
    let run = nest.newest();
    let run = run.as_str();
    for args in [
        &["runs"][..],
        &["runs", "--json"],
        &["status"],
        &["status", run, "--json"],
        &["status", run, "--watch"],
        &["logs", run],
        &["logs", run, "out"],
        &["logs", run, "-f"],
        &["show", run, "-q"],
        &["show", run],
        &["show", run, "-v"],
        &["show", run, "-vv"],
        &["show", run, "--json"],
        &["unlock", run],
        &["unlock", run, "--json"],
    ] {
        let _ = nest.quiet(args);
    }
}

#[test]
fn probes_that_fail_before_a_run_say_no_secret() {
    let nest = Nest::new(
        r#"
preflight:
  - shell: echo "error $S" >&2; printf '%s' "$S"; exit 1
    env: { S: "${{ secrets.env }}" }
steps:
  - id: a
    shell: echo "fatal $S" >&2; printf '%s' "$S"
    env: { S: "${{ secrets.env }}" }
    effect: read
    expect: stdout == 'x'
"#,
    );
    nest.workspace.write("who.txt", format!("green {}", super::nest::FROM_ENV));
    let said = |args: &[&str]| {
        let ran = nest.runbook(args).run();
        super::nest::no_secret(&format!("{args:?}"), format!("{ran:?}").as_bytes());
        ran
    };
    let ran = said(&["run", "nest.yaml", "--environment", "blue", "--dry-run"]);
    assert!(ran.stdout.contains("***"), "{ran:?}");
    let _ = said(&["run", "nest.yaml", "--environment", "blue", "--dry-run", "--json"]);
    let _ = said(&["run", "nest.yaml", "--environment", "blue", "--dry-run", "--out", "plan.json"]);
    let _ = said(&["doctor", "nest.yaml", "--environment", "blue"]).exits(4).says("***");
    let _ = said(&["run", "nest.yaml", "--environment", "blue", "-vv"]);
    let _ = said(&["show", "-vv"]);
    nest.workspace.write("who.txt", "blue");
    let _ = nest.quiet(&["run", "nest.yaml", "--environment", "blue", "-vv"]);
    let _ = nest.quiet(&["show", "-vv"]);
}

#[test]
fn debug_and_panics_say_no_secret() {
    let mut store = runbook::secret::SecretStore::default();
    store.insert("env", super::nest::FROM_ENV);
    let masker = runbook::secret::Masker::new(&store);
    let stream = masker.stream();
    let shown = format!("{store:?} {store:#?} {masker:?} {stream:?}");
    super::nest::no_secret("Debug", shown.as_bytes());
    let panicked = std::panic::catch_unwind(|| panic!("{store:?} {masker:?}")).unwrap_err();
    let text = panicked.downcast_ref::<String>().unwrap();
    super::nest::no_secret("a panic", text.as_bytes());
}
