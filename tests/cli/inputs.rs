//! Parameters and secrets: from flags, files and the environment, and every way they can be wrong.

use crate::support::Workspace;

const PARAMS: &str = "\
kind: runbook/v1
name: params
params:
  version:
    type: string
  names:
    type: list
    of: string
    default: []
  wait:
    type: duration
    default: 5s
steps:
  - id: say
    exec: [printf, '%s;', '${{ params.version }}', '${{ params.names }}']
    outputs:
      text: stdout
outputs:
  text: steps.say.outputs.text
";

fn workspace() -> Workspace {
    Workspace::new().file("p.yaml", PARAMS)
}

#[test]
fn flags_set_parameters() {
    let args = ["run", "p.yaml", "--set", "version=1.10", "--set", "names=a,b", "--set", "names=c d"];
    let _ = workspace().runbook(args).run().exits(0).says("text = 1.10;a;b;c d;");
}

#[test]
fn files_set_parameters_as_they_are_written_and_flags_win() {
    let workspace = workspace().file("values.yaml", "version: 1.10\nnames: [no, 0123]\n");
    let args = ["run", "p.yaml", "--params", "values.yaml"];
    let _ = workspace.runbook(args).run().exits(0).says("text = 1.10;no;0123;");
    let _ = workspace.runbook(args).args(["--set", "version=2"]).run().exits(0).says("text = 2;no;0123;");
}

#[test]
fn wrong_parameters_are_named_and_nothing_runs() {
    let workspace =
        workspace().file("values.yaml", "verson: 1\n").file("list.yaml", "- a\n").file("deep.yaml", "a: {b: c}\n");
    let run = |args: &[&str]| workspace.runbook(["run", "p.yaml"]).args(args).run().exits(2);
    let _ = run(&[]).warns("version");
    let _ = run(&["--set", "version"]).warns("NAME=VALUE");
    let _ = run(&["--set", "verson=1"]).warns("version");
    let _ = run(&["--params", "values.yaml"]).warns("verson");
    let _ = run(&["--params", "list.yaml"]).warns("list.yaml:1:").warns("mapping");
    let _ = run(&["--params", "deep.yaml"]).warns("deep.yaml:1:");
    let _ = run(&["--params", "gone.yaml"]).warns("there is no such file");
    let _ = run(&["--set", "version=1", "--set", "wait=soon"]).warns("wait");
    assert!(!workspace.path("runs").exists());
}

const SECRET: &str = "\
kind: runbook/v1
name: secret
secrets:
  token:
    env: RUNBOOK_TEST_TOKEN
steps:
  - id: use
    shell: echo \"got $TOKEN\"
    env:
      TOKEN: ${{ secrets.token }}
";

#[test]
fn a_secret_that_is_not_set_is_an_error_with_its_place() {
    let workspace = Workspace::new().file("s.yaml", SECRET);
    let ran = workspace.runbook(["run", "s.yaml"]).run().exits(2);
    let _ = ran.warns("s.yaml:5:5: error[secret::missing]").warns("secret `token`").warns("RUNBOOK_TEST_TOKEN");
    assert!(!workspace.path("runs").exists());
}

#[test]
fn a_secret_is_masked_everywhere() {
    let workspace = Workspace::new().file("s.yaml", SECRET);
    let ran = workspace.runbook(["run", "s.yaml", "-vv"]).env("RUNBOOK_TEST_TOKEN", "hunter2-hunter2").run().exits(0);
    assert!(ran.stdout.contains("got ***"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"));
}

#[test]
fn secrets_come_from_files_and_commands_too() {
    for source in ["file: ./token", "command: [cat, token]"] {
        let text = SECRET
            .replace("env: RUNBOOK_TEST_TOKEN", source)
            .replace("echo \"got $TOKEN\"", "test \"$TOKEN\" = from-a-file");
        let workspace = Workspace::new().file("s.yaml", text).file("token", "from-a-file\n");
        let _ = workspace.runbook(["run", "s.yaml"]).run().exits(0);
    }
}
