//! `getent`, `dig`, `nslookup`, `host`: what a name leads to.

use std::time::Duration;

use super::super::process::{Process, Ran, Unsimulated};
use super::super::world::Program;

const ANSWER: Duration = Duration::from_millis(8);

/// `getent DATABASE KEY`.
pub fn getent(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    process.world.take(Duration::from_millis(2));
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (database, key) = match words.as_slice() {
        [database, key] if !database.starts_with('-') => (*database, *key),
        [] => return process.fail(1, "Try `getent --help' or `getent --usage' for more information."),
        _ => return Err(Unsimulated(format!("`getent {}`", words.join(" ")))),
    };
    match database {
        "hosts" => {
            let numeric = key.parse::<std::net::IpAddr>().is_ok();
            let Some(address) = address(process, key).filter(|_| !numeric || key == "127.0.0.1") else { return Ok(2) };
            let name = if numeric { "localhost" } else { key };
            process.say(format!("{address:<15} {name}"));
            Ok(0)
        }
        "ahosts" | "ahostsv4" => {
            let Some(address) = address(process, key) else { return Ok(2) };
            process.say(format!("{address:<15} STREAM {key}"));
            process.say(format!("{address:<15} DGRAM  "));
            process.say(format!("{address:<15} RAW    "));
            Ok(0)
        }
        // No machine of this world has an address of version 6.
        "ahostsv6" => Ok(2),
        "passwd" | "group" => accounts(process, database, key),
        _ => Err(Unsimulated(format!("`getent {database}`"))),
    }
}

/// The accounts that every machine has.
fn accounts(process: &mut Process<'_>, database: &str, key: &str) -> Ran {
    let line = match (database, key) {
        ("passwd", "root" | "0") => "root:x:0:0:root:/root:/bin/bash",
        ("group", "root" | "0") => "root:x:0:",
        _ => return Err(Unsimulated(format!("`getent {database} {key}`"))),
    };
    process.say(line);
    Ok(0)
}

fn address(process: &mut Process<'_>, host: &str) -> Option<String> {
    process.world.take(ANSWER);
    process.world.lookup(&process.place, host).map(|host| host.address)
}

/// `dig +short NAME [A]`.
pub fn dig(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let mut name = None;
    let mut short = false;
    for word in arguments {
        match word.as_str() {
            "+short" => short = true,
            "A" | "-4" => {}
            word if word.starts_with("+time=") || word.starts_with("+tries=") || word == "+noall" => {}
            // Which server is asked makes no difference: every resolver knows the same here.
            word if word.starts_with('@') => {}
            word if word.starts_with(['-', '+']) || name.is_some() => {
                return Err(Unsimulated(format!("`dig {word}`")));
            }
            word => name = Some(word.to_owned()),
        }
    }
    let (true, Some(name)) = (short, name) else { return Err(Unsimulated("`dig` without `+short`".to_owned())) };
    if let Some(address) = address(process, &name) {
        process.say(address);
    }
    Ok(0)
}

/// `nslookup NAME`.
pub fn nslookup(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| !word.eq_ignore_ascii_case("-type=a")).collect();
    let [name] = words.as_slice() else { return Err(Unsimulated("`nslookup` with options".to_owned())) };
    // Images of tools have that of busybox, which writes the port in its own way.
    let server = match process.world.container_in(&process.place).map(|container| container.program) {
        None => "127.0.0.53\nAddress:\t127.0.0.53#53",
        Some(Program::Tools) => "127.0.0.11\nAddress:\t127.0.0.11:53",
        Some(_) => "127.0.0.11\nAddress:\t127.0.0.11#53",
    };
    process.say(format!("Server:\t\t{server}\n"));
    let Some(address) = address(process, name) else {
        process.say(format!("** server can't find {name}: NXDOMAIN\n"));
        return Ok(1);
    };
    process.say("Non-authoritative answer:");
    process.say(format!("Name:\t{name}\nAddress: {address}\n"));
    Ok(0)
}

/// `host NAME`.
pub fn host(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ([name] | ["-t", "A", name]) = words.as_slice() else {
        return Err(Unsimulated("`host` with options".to_owned()));
    };
    let Some(address) = address(process, name) else {
        process.say(format!("Host {name} not found: 3(NXDOMAIN)"));
        return Ok(1);
    };
    process.say(format!("{} has address {address}", name.trim_end_matches('.')));
    Ok(0)
}
