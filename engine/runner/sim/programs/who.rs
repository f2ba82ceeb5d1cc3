//! Who and where a process is: `whoami`, `id`, `hostname`, `uname`, `which`.

use super::super::process::{Lookup, Process, Unsimulated};
use super::Done;
use super::flags::Spec;

/// `whoami`
#[expect(clippy::unnecessary_wraps, reason = "a program")]
pub fn whoami(process: &mut Process<'_>, _arguments: &[String]) -> Done {
    let user = process.user.clone();
    process.say(user);
    Ok(0)
}

/// `id`
pub fn id(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const ID: Spec = Spec {
        program: "id",
        options: &["u,user", "g,group", "n,name", "r,real", "!G,groups", "!z", "!Z"],
        usage: 1,
        stops: false,
    };
    let told = ID.read(process, arguments)?;
    let (user, uid) = match told.operands.first() {
        None => (process.user.clone(), process.uid()),
        Some(name) => {
            if let Some(uid) = process.user_number(name) {
                (name.clone(), uid)
            } else {
                process.complain(format!("id: '{name}': no such user"));
                return Ok(1);
            }
        }
    };
    let text = match (told.has("u") || told.has("g"), told.has("n")) {
        (true, false) => uid.to_string(),
        (true, true) => user,
        (false, _) => format!("uid={uid}({user}) gid={uid}({user}) groups={uid}({user})"),
    };
    process.say(text);
    Ok(0)
}

/// `hostname`
pub fn hostname(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const HOSTNAME: Spec = Spec {
        program: "hostname",
        options: &[
            "s,short",
            "f,fqdn,long",
            "I,all-ip-addresses",
            "i,ip-address",
            "!d,domain",
            "!A",
            "!a",
            "!b",
            "!F=",
            "!y",
        ],
        usage: 1,
        stops: false,
    };
    let told = HOSTNAME.read(process, arguments)?;
    if !told.operands.is_empty() {
        return Err(Unsimulated("setting the host name".to_owned()).into());
    }
    let name = process.hostname();
    if told.has("I") || told.has("i") {
        let address = process.world.machine(&process.place.machine).and_then(|machine| machine.address.clone());
        let Some(address) = address else { return Err(Unsimulated("the address of this machine".to_owned()).into()) };
        process.say(if told.has("I") { format!("{address} ") } else { address });
        return Ok(0);
    }
    let short = name.split('.').next().unwrap_or_default().to_owned();
    process.say(if told.has("s") { short } else { name });
    Ok(0)
}

/// `uname`
pub fn uname(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const UNAME: Spec = Spec {
        program: "uname",
        options: &[
            "s,kernel-name",
            "n,nodename",
            "r,kernel-release",
            "m,machine",
            "a,all",
            "o,operating-system",
            "!v,kernel-version",
            "!p",
            "!i",
        ],
        usage: 1,
        stops: false,
    };
    let told = UNAME.read(process, arguments)?;
    let release = "6.1.0-18-amd64";
    if told.has("a") {
        let name = process.hostname();
        process.say(format!(
            "Linux {name} {release} #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01) x86_64 GNU/Linux"
        ));
        return Ok(0);
    }
    let name = process.hostname();
    let all = [("s", "Linux"), ("n", name.as_str()), ("r", release), ("m", "x86_64"), ("o", "GNU/Linux")];
    let asked: Vec<&str> = all.iter().filter(|(key, _)| told.has(key)).map(|(_, value)| *value).collect();
    let text = if asked.is_empty() { "Linux".to_owned() } else { asked.join(" ") };
    process.say(text);
    Ok(0)
}

/// `which`
pub fn which(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const WHICH: Spec = Spec { program: "which", options: &["a", "s"], usage: 2, stops: false };
    let told = WHICH.read(process, arguments)?;
    let mut status = i32::from(told.operands.is_empty());
    for name in &told.operands {
        // Names of what only a shell has are no programs.
        if let "cd" | "export" | "read" | "set" | "exit" | "local" | "unset" | "source" = name.as_str() {
            status = 1;
            continue;
        }
        match process.lookup(name) {
            Lookup::Found(_) if name.contains('/') => process.say(name),
            Lookup::Found(_) => process.say(format!("/usr/bin/{name}")),
            Lookup::Missing => status = 1,
            Lookup::Unknown(name) => return Err(Unsimulated(format!("whether there is a `{name}`")).into()),
        }
    }
    Ok(status)
}
