//! `ping -c` and `nc -z`: whether something is there.

use std::time::Duration;

use super::super::http::{Door, door};
use super::super::process::{Process, Ran, Unsimulated};
use super::{Peer, Reach};

/// `ping -c COUNT [-W SECONDS] HOST`.
pub fn ping(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let (mut count, mut wait, mut quiet, mut host) = (None, 10.0_f64, false, None);
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-c" => count = rest.next().and_then(|count| count.parse::<u32>().ok()),
            "-W" | "-w" => wait = rest.next().and_then(|wait| wait.parse().ok()).unwrap_or(wait),
            "-q" => quiet = true,
            "-n" | "-4" => {}
            word if word.starts_with('-') => return Err(Unsimulated(format!("`ping {word}`"))),
            word => host = Some(word.to_owned()),
        }
    }
    let Some(host) = host else { return process.fail(1, "ping: usage error: Destination address required") };
    let Some(count) = count.filter(|count| (1..=1_000).contains(count)) else {
        return Err(Unsimulated("`ping` without a count".to_owned()));
    };
    let Some(found) = process.world.lookup(&process.place, &host) else {
        process.world.take(Duration::from_millis(20));
        return process.fail(2, format!("ping: {host}: Name or service not known"));
    };
    let address = &found.address;
    process.say(format!("PING {host} ({address}) 56(84) bytes of data."));
    let answers = process.world.arrives(&process.place, &found.peer) == Reach::There && !is_down(process, &found.peer);
    process.world.pass(Duration::from_secs(u64::from(count - 1)));
    if answers {
        process.world.take(Duration::from_millis(1));
        for n in (1..=count).filter(|_| !quiet) {
            process.say(format!("64 bytes from {host} ({address}): icmp_seq={n} ttl=64 time=0.412 ms"));
        }
    } else {
        process.world.pass(Duration::try_from_secs_f64(wait).unwrap_or_default());
    }
    let (received, loss) = if answers { (count, 0) } else { (0, 100) };
    let time = u64::from(count - 1) * 1_000;
    process.say(format!("\n--- {host} ping statistics ---"));
    process.say(format!("{count} packets transmitted, {received} received, {loss}% packet loss, time {time}ms"));
    process.say(if answers { "rtt min/avg/max/mdev = 0.412/0.412/0.412/0.000 ms" } else { "" });
    Ok(i32::from(!answers))
}

fn is_down(process: &Process<'_>, peer: &Peer) -> bool {
    let Peer::Server(name) = peer else { return false };
    process.world.servers.get(name).is_none_or(|server| !server.up)
}

/// `nc -z [-v] [-w SECONDS] HOST PORT`.
pub fn nc(process: &mut Process<'_>, arguments: &[String]) -> Ran {
    let (mut scan, mut verbose, mut wait, mut words) = (false, false, 130, Vec::new());
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match word.strip_prefix('-') {
            None => words.push(word.clone()),
            Some("w") => wait = rest.next().and_then(|wait| wait.parse().ok()).unwrap_or(wait),
            Some(letters) => {
                for letter in letters.chars() {
                    match letter {
                        'z' => scan = true,
                        'v' => verbose = true,
                        'n' | '4' => {}
                        other => return Err(Unsimulated(format!("`nc -{other}`"))),
                    }
                }
            }
        }
    }
    let (true, [host, port]) = (scan, words.as_slice()) else {
        return Err(Unsimulated("`nc` without `-z HOST PORT`".to_owned()));
    };
    let Ok(number) = port.parse::<u16>() else { return process.fail(1, format!("nc: port number invalid: {port}")) };
    let Some(found) = process.world.lookup(&process.place, host) else {
        process.world.take(Duration::from_millis(20));
        let text = format!("nc: getaddrinfo for host \"{host}\" port {port}: Name or service not known");
        return process.fail(1, text);
    };
    let how = match door(process.world, &process.place, &found.peer, number)? {
        Door::Open => {
            process.world.take(Duration::from_millis(2));
            if verbose {
                process.complain(format!("Connection to {host} ({}) {port} port [tcp/*] succeeded!", found.address));
            }
            return Ok(0);
        }
        Door::Shut => {
            process.world.take(Duration::from_millis(2));
            "Connection refused"
        }
        Door::Lost => {
            process.world.pass(Duration::from_secs(wait));
            "Connection timed out"
        }
    };
    if verbose {
        let address = &found.address;
        process.complain(format!("nc: connect to {host} ({address}) port {port} (tcp) failed: {how}"));
    }
    Ok(1)
}
