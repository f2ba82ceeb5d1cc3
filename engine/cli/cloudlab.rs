//! `runbook cloudlab`: the stand-in for Google Cloud that drills use; hidden, because a lab starts it and nobody else does.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Read};
use std::sync::Arc;

use serde_json::json;

use super::args::{CloudlabArgs, CloudlabVerb};
use super::exit::Exit;
use super::failure::Failure;
use crate::cloudlab::{Asked, Config, Lab, Said, ask, serve, transaction_file};
use crate::execute::BootClock;
use crate::model::port::Clock;
use crate::report::Sink;
use crate::runner::boot;
use crate::runner::capture::attended;

/// Does what is asked of it.
pub fn cloudlab(args: &CloudlabArgs) -> Result<Exit, Failure> {
    match &args.verb {
        CloudlabVerb::Serve { config } => serve_lab(config),
        CloudlabVerb::Gcloud { args } => gcloud(args),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| Failure::Internal(format!("start the runtime: {error}")))
}

fn serve_lab(config: &std::path::Path) -> Result<Exit, Failure> {
    let config = Config::read(config).map_err(|error| Failure::usage(error.to_string()))?;
    let clock = BootClock::start();
    let seed = u64::try_from(boot::now().as_nanos()).unwrap_or(0);
    let lab = Lab::new(config, Box::new(move || clock.now().wall), seed).map_err(Failure::Storage)?;
    lab.furnish().map_err(Failure::Internal)?;
    let sink = Sink::stdout();
    let runtime = runtime()?;
    let served = runtime.block_on(serve(Arc::clone(&lab), |address| {
        sink.line(json!({"ready": format!("http://{address}"), "pid": std::process::id()}).to_string());
    }));
    // Nobody waits for requests that are still being answered.
    runtime.shutdown_background();
    served.map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(Exit::Success)
}

/// The stand-in for the client: never Google's.
fn gcloud(argv: &[String]) -> Result<Exit, Failure> {
    let is_ssh = argv.iter().take(2).eq(["compute", "ssh"]);
    let mut stdin = String::new();
    if !is_ssh && !std::io::stdin().is_terminal() {
        // What is no text is no answer to a question of the client.
        let _ = std::io::stdin().read_to_string(&mut stdin);
    }
    let is_read = |name: &str| name.starts_with("CLOUDSDK_") || matches!(name, "HOME" | "USER" | "LOGNAME");
    let env: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| is_read(name))
        .collect();
    let file = transaction_file(argv);
    let read = |name: String| std::fs::read_to_string(&name).ok().map(|text| (name, text));
    let files = file.and_then(read).into_iter().collect();
    let asked = Asked { argv: argv.to_vec(), stdin, env, files };
    let said = runtime()?.block_on(ask(&asked, |name| std::env::var(name).ok()));
    let said = said.map_err(|error| Failure::advised(Exit::RunFailed, error.to_string(), ADVICE))?;
    show(&said)
}

const ADVICE: &str = "this is a stand-in for gcloud that a lab uses; outside of a lab, use the real one";

fn show(said: &Said) -> Result<Exit, Failure> {
    Sink::stdout().text(&said.stdout);
    Sink::stderr().text(&said.stderr);
    for (name, text) in &said.files {
        let changed = match text {
            Some(text) => std::fs::write(name, text),
            None if std::path::Path::new(name).exists() => std::fs::remove_file(name),
            None => Ok(()),
        };
        changed.map_err(|error| Failure::Storage(format!("change the file {name}: {error}")))?;
    }
    let Some(ssh) = &said.ssh else { return Ok(end(said.exit)) };
    let exit = attended("ssh", &ssh.arguments).map_err(|error| Failure::Internal(error.to_string()))?;
    if exit == 255 {
        Sink::stderr().line(&ssh.lost);
    }
    Ok(end(exit))
}

/// The client's codes are not this program's.
fn end(code: i32) -> Exit {
    if code == 0 { Exit::Success } else { std::process::exit(code) }
}
