//! `aws`: S3 as the second version of the client shows it, with its exit codes: 1 a transfer failed, 252 it was asked wrongly, 253 nobody
//! is logged in, 254 the service refused, 255 anything else.

mod api;
mod local;
mod objects;
mod s3;
#[cfg(test)]
mod tests;
mod transfer;

use std::time::Duration;

use super::process::{Process, Program, Ran, Unsimulated};

/// What one call takes; measured.
const CALL: Duration = Duration::from_millis(700);

pub fn find(name: &str) -> Option<Program> {
    match name {
        "aws" => Some(aws),
        _ => None,
    }
}

fn aws(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let words = without_globals(arguments)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--version"] => {
            process.say("aws-cli/2.15.30 Python/3.11.8 Linux/6.1.0 exe/x86_64.debian.12");
            Ok(0)
        }
        ["s3", verb, rest @ ..] => {
            process.world.take(CALL);
            s3::run(process, verb, rest)
        }
        ["s3api", verb, rest @ ..] => {
            process.world.take(CALL);
            api::run(process, verb, rest)
        }
        [] => wrong(process, "the following arguments are required: command"),
        [service] if matches!(*service, "s3" | "s3api") => {
            wrong(process, "the following arguments are required: subcommand")
        }
        [service, ..] => Err(Unsimulated(format!("`aws {service}`"))),
    }
}

/// The words without options that every command has.
fn without_globals(arguments: &[String]) -> Result<Vec<String>, Unsimulated> {
    let mut words = Vec::new();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        let (name, glued) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        match name {
            "--profile"
            | "--region"
            | "--endpoint-url"
            | "--color"
            | "--cli-read-timeout"
            | "--cli-connect-timeout" => {
                let _ = glued.or_else(|| rest.next().cloned());
            }
            "--no-cli-pager" | "--no-verify-ssl" | "--no-sign-request" => {}
            "--output" => {
                let value = glued.or_else(|| rest.next().cloned()).unwrap_or_default();
                if value != "json" {
                    return Err(Unsimulated(format!("`aws --output {value}`")));
                }
            }
            "--query" => return Err(Unsimulated("`aws --query`".to_owned())),
            _ => words.push(word.clone()),
        }
    }
    Ok(words)
}

/// Asked in a way that the client does not understand.
fn wrong(process: &mut Process<'_>, words: &str) -> Ran {
    process.complain("\nusage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]");
    process.complain(
        "To see help text, you can run:\n\n  aws help\n  aws <command> help\n  aws <command> <subcommand> help\n",
    );
    process.fail(252, format!("aws: error: {words}"))
}
