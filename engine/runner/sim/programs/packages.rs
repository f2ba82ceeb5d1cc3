//! `git clone` and `apt-get`: what comes from elsewhere.

use std::time::Duration;

use super::super::process::{Process, Unsimulated};
use super::super::tree::{Node, split};
use super::super::world::Engine;
use super::flags::Spec;
use super::{Done, make};

/// `git`
pub fn git(process: &mut Process<'_>, arguments: &[String]) -> Done {
    let (dir, rest) = match arguments {
        [option, dir, rest @ ..] if option == "-C" => (Some(dir.clone()), rest),
        rest => (None, rest),
    };
    match rest {
        [verb, rest @ ..] if verb == "clone" => clone(process, rest),
        [verb, ..] if verb == "--version" || verb == "version" => {
            process.say("git version 2.39.5");
            Ok(0)
        }
        [verb, ..] if verb == "pull" || verb == "fetch" => {
            let dir = dir.unwrap_or_else(|| ".".to_owned());
            if process.node(&format!("{dir}/.git")).is_err() {
                process.complain("fatal: not a git repository (or any of the parent directories): .git");
                return Ok(128);
            }
            process.world.take(Duration::from_millis(1_500));
            if verb == "pull" {
                process.say("Already up to date.");
            }
            Ok(0)
        }
        [verb, ..] => Err(Unsimulated(format!("`git {verb}`")).into()),
        [] => Err(Unsimulated("`git` without a command".to_owned()).into()),
    }
}

fn clone(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const CLONE: Spec = Spec {
        program: "git clone",
        options: &[
            "q,quiet",
            "depth=",
            "b,branch=",
            "single-branch",
            "v,verbose",
            "!recurse-submodules=?",
            "!bare",
            "!n",
            "!mirror",
            "!o=",
            "!c=",
        ],
        usage: 129,
        stops: false,
    };
    let told = CLONE.read(process, arguments)?;
    let (url, dir) = match told.operands.as_slice() {
        [url] => (url.clone(), split(url).1.trim_end_matches(".git").to_owned()),
        [url, dir] => (url.clone(), dir.clone()),
        _ => {
            process.complain("fatal: You must specify a repository to clone.");
            return Ok(128);
        }
    };
    let occupied = match process.node(&dir) {
        Ok(node) => !node.is_directory() || node.entries().next().is_some(),
        Err(_) => false,
    };
    if occupied {
        process.complain(format!("fatal: destination path '{dir}' already exists and is not an empty directory."));
        return Ok(128);
    }
    if !told.has("q") {
        process.complain(format!("Cloning into '{dir}'..."));
    }
    process.world.take(Duration::from_secs(4));
    let now = process.world.now();
    for (path, text) in [
        (".git/HEAD", "ref: refs/heads/main\n".to_owned()),
        (".git/config", format!("[remote \"origin\"]\n\turl = {url}\n")),
        ("config/.env.template", "# fill in\nSECRET_KEY=\nDATABASE_URL=\n".to_owned()),
        // What is in it, the system file says.
        ("docker-compose.yml", "# services: see the system\n".to_owned()),
        ("README.md", format!("# {}\n", split(&url).1)),
    ] {
        let path = format!("{dir}/{path}");
        let put = make::directories(process, split(&path).0).and_then(|_| {
            let (place, whole) = (process.place.clone(), process.path(&path));
            process.world.put(&place, &whole, Node::text(text, now))
        });
        if let Err(error) = put {
            process.complain(format!("fatal: could not create work tree dir '{dir}': {error}"));
            return Ok(128);
        }
    }
    Ok(0)
}

/// `apt-get`, `apt`
pub fn apt(process: &mut Process<'_>, arguments: &[String]) -> Done {
    const APT: Spec = Spec {
        program: "apt-get",
        options: &[
            "y,yes,assume-yes",
            "q,quiet",
            "no-install-recommends",
            "o,option=",
            "f,fix-broken",
            "allow-downgrades",
            "!s,simulate",
            "!d,download-only",
            "!t=",
        ],
        usage: 100,
        stops: false,
    };
    let told = APT.read(process, arguments)?;
    if !process.is_root() {
        process.complain("E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)");
        process.complain("E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?");
        return Ok(100);
    }
    let Some((verb, packages)) = told.operands.split_first() else {
        return Err(Unsimulated("`apt-get` without a command".to_owned()).into());
    };
    match verb.as_str() {
        "update" => process.world.take(Duration::from_secs(8)),
        "install" | "upgrade" | "dist-upgrade" => process.world.take(Duration::from_secs(20)),
        "clean" | "autoclean" | "autoremove" => process.world.take(Duration::from_secs(1)),
        other => return Err(Unsimulated(format!("`apt-get {other}`")).into()),
    }
    process.say("Reading package lists...");
    if verb != "install" {
        return Ok(0);
    }
    let here = (process.place.machine.clone(), process.place.container.is_none());
    let Some(machine) = process.world.machine_mut(&here.0).filter(|_| here.1) else { return Ok(0) };
    for package in packages {
        let package = package.split('=').next().unwrap_or(package);
        machine.missing.remove_mut(package);
        match package {
            "docker.io" | "docker-ce" if machine.engine.is_none() => machine.engine = Some(Engine::new()),
            "postgresql-client" => drop(machine.missing.remove_mut("psql")),
            "awscli" => drop(machine.missing.remove_mut("aws")),
            _ => {}
        }
    }
    Ok(0)
}
