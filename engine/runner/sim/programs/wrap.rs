//! Programs that start others: `sudo`, `env`, `timeout`, `nohup`, `nice`, `ionice`, `flock`, `setsid`, `stdbuf`.

use super::super::process::{Lookup, Process, Stream, Unsimulated};
use super::flags::Spec;
use super::{Done, Halt, clock};

/// Runs what stands behind a program's own options.
fn inner(process: &mut Process<'_>, program: &str, argv: &[String], missing: i32) -> Done {
    if let Lookup::Missing = process.lookup(&argv[0]) {
        process.complain(match program {
            "sudo" => format!("sudo: {}: command not found", argv[0]),
            "timeout" | "nice" => format!("{program}: failed to run command '{}': No such file or directory", argv[0]),
            _ => format!("{program}: '{}': No such file or directory", argv[0]),
        });
        return Ok(missing);
    }
    process.depth += 1;
    let ran = process.run(argv);
    process.depth -= 1;
    Ok(ran?)
}

/// `NAME=VALUE` in front of a command.
fn assignments(argv: &[String]) -> (Vec<(String, String)>, &[String]) {
    let is_one = |word: &String| word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains('/'));
    let count = argv.iter().position(|word| !is_one(word)).unwrap_or(argv.len());
    let pair = |word: &String| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    (argv[..count].iter().filter_map(pair).collect(), &argv[count..])
}

/// Variables that `sudo` lets through.
const KEPT: [&str; 6] = ["TERM", "LANG", "LC_ALL", "PATH", "DISPLAY", "COLORTERM"];

/// `sudo`
pub fn sudo(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const SUDO: Spec = Spec {
        program: "sudo",
        options: &[
            "n,non-interactive",
            "u,user=",
            "E,preserve-env=?",
            "H,set-home",
            "S,stdin",
            "k",
            "v",
            "g,group=",
            "!i,login",
            "!s,shell",
            "!b,background",
            "!A,askpass",
            "!l,list",
            "!K",
            "!e,edit",
            "!C=",
            "!D,chdir=",
            "!p,prompt=",
            "!h=",
            "!T=",
            "!U=",
            "!R=",
        ],
        usage: 1,
        stops: true,
    };
    let told = SUDO.read(process, arguments)?;
    let (set, argv) = assignments(&told.operands);
    if argv.is_empty() {
        return if told.has("v") || told.has("k") {
            Ok(0)
        } else {
            Err(Unsimulated("`sudo` without a command".to_owned()).into())
        };
    }
    if let "cd" | "export" | "source" | "exec" | "set" = argv[0].as_str() {
        process.complain(format!("sudo: {}: command not found", argv[0]));
        return Ok(1);
    }
    let user = told.value("u").unwrap_or("root").trim_start_matches('#').to_owned();
    if user != "root" && process.user_number(&user).is_none() && user.parse::<u32>().is_err() {
        return Err(Unsimulated(format!("the user `{user}`")).into());
    }
    let before = std::mem::replace(&mut process.user, user);
    let env = process.env.clone();
    if !told.has("E") {
        process.env.retain(|name, _| KEPT.contains(&name.as_str()));
    }
    process.env.insert("HOME".to_owned(), process.home());
    process.env.insert("USER".to_owned(), process.user.clone());
    process.env.insert("LOGNAME".to_owned(), process.user.clone());
    process.env.insert("SUDO_USER".to_owned(), before.clone());
    process.env.extend(set);
    let ran = inner(process, "sudo", argv, 1);
    process.user = before;
    process.env = env;
    ran
}

/// `env`
pub fn env(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const ENV: Spec = Spec {
        program: "env",
        options: &["i,ignore-environment", "u,unset=", "C,chdir=", "!S,split-string=", "!0,null", "!v,debug"],
        usage: 125,
        stops: true,
    };
    // A lone `-` means `-i`.
    let words: Vec<String> =
        arguments.iter().map(|word| if word == "-" { "-i".to_owned() } else { word.clone() }).collect();
    let told = ENV.read(process, &words)?;
    let (set, argv) = assignments(&told.operands);
    let (before, cwd) = (process.env.clone(), process.cwd.clone());
    if told.has("i") {
        process.env.clear();
    }
    for name in told.values("u") {
        process.env.remove(&name);
    }
    process.env.extend(set);
    if let Some(dir) = told.value("C") {
        if let Err(error) = process.node(dir) {
            let message = format!("env: cannot change directory to '{dir}': {error}");
            process.complain(message);
            process.env = before;
            return Ok(125);
        }
        process.cwd = process.path(dir);
    }
    let ran = if argv.is_empty() {
        let lines: Vec<String> = process.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        for line in lines {
            process.say(line);
        }
        Ok(0)
    } else {
        inner(process, "env", argv, 127)
    };
    process.env = before;
    process.cwd = cwd;
    ran
}

/// `timeout`: what takes longer is ended, and what it did until then stays.
pub fn timeout(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const TIMEOUT: Spec = Spec {
        program: "timeout",
        options: &["k,kill-after=", "s,signal=", "foreground", "preserve-status", "v,verbose"],
        usage: 125,
        stops: true,
    };
    let told = TIMEOUT.read(process, arguments)?;
    let [limit, argv @ ..] = told.operands.as_slice() else { return Err(TIMEOUT.missing_operand(process)) };
    if argv.is_empty() {
        return Err(TIMEOUT.missing_operand(process));
    }
    let Some(limit) = clock::duration(limit) else {
        process.complain(format!("timeout: invalid time interval '{limit}'"));
        process.complain("Try 'timeout --help' for more information.");
        return Err(Halt::Exit(125));
    };
    let end = chrono::TimeDelta::from_std(limit).ok().filter(|limit| !limit.is_zero());
    let end = end.and_then(|limit| process.world.now().checked_add_signed(limit));
    let before = process.deadline;
    if let Some(end) = end {
        process.deadline = Some(before.map_or(end, |before| before.min(end)));
    }
    let ran = inner(process, "timeout", argv, 127);
    process.deadline = before;
    match end {
        Some(end) if process.world.now() >= end => {
            ran?;
            process.world.set_now(end);
            let killed = matches!(told.value("s"), Some("KILL" | "SIGKILL" | "9"));
            Ok(match (told.has("preserve-status"), killed) {
                (true | false, true) => 137,
                (true, false) => 143,
                (false, false) => 124,
            })
        }
        _ => ran,
    }
}

/// `nohup`, `setsid`
pub fn nohup(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const NOHUP: Spec = Spec { program: "nohup", options: &["w,wait", "!c,ctty", "!f,fork"], usage: 125, stops: true };
    plain(process, &NOHUP, arguments)
}

/// `nice`
pub fn nice(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const NICE: Spec = Spec { program: "nice", options: &["n,adjustment="], usage: 125, stops: true };
    plain(process, &NICE, arguments)
}

/// `ionice`
pub fn ionice(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const IONICE: Spec = Spec {
        program: "ionice",
        options: &["c,class=", "n,classdata=", "t,ignore", "!p,pid=", "!P=", "!u="],
        usage: 1,
        stops: true,
    };
    plain(process, &IONICE, arguments)
}

/// `stdbuf`
pub fn stdbuf(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const STDBUF: Spec =
        Spec { program: "stdbuf", options: &["i,input=", "o,output=", "e,error="], usage: 125, stops: true };
    plain(process, &STDBUF, arguments)
}

fn plain(process: &mut Process<'_>, spec: &Spec, arguments: &[String]) -> Done {
    let told = spec.read(process, arguments)?;
    if told.operands.is_empty() {
        return Err(spec.missing_operand(process));
    }
    inner(process, spec.program, &told.operands, 127)
}

/// `flock`: nobody else holds a lock in this world.
pub fn flock(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const FLOCK: Spec = Spec {
        program: "flock",
        options: &[
            "n,nb,nonblock",
            "x,e,exclusive",
            "s,shared",
            "w,timeout=",
            "E,conflict-exit-code=",
            "F,no-fork",
            "o,close",
            "v,verbose",
            "!u,unlock",
        ],
        usage: 64,
        stops: true,
    };
    let told = FLOCK.read(process, arguments)?;
    let [file, argv @ ..] = told.operands.as_slice() else { return Err(FLOCK.missing_operand(process)) };
    if argv.is_empty() {
        return Err(Unsimulated("`flock` of a descriptor".to_owned()).into());
    }
    if process.node(file).is_err()
        && let Err(error) = process.write(file, &Stream::default(), true)?
    {
        process.complain(format!("flock: cannot open lock file {file}: {error}"));
        return Ok(66);
    }
    match argv {
        [option, script] if option == "-c" || option == "--command" => {
            inner(process, "flock", &["sh".to_owned(), "-c".to_owned(), script.clone()], 69)
        }
        argv => inner(process, "flock", argv, 69),
    }
}
