//! The programs that every machine has: the core utilities, archives, disks, services, and those that start others.

mod awk;
mod cat;
mod clock;
mod compare;
mod content;
mod copy;
mod count;
mod cut;
mod digest;
mod disk;
mod ends;
mod find;
mod flags;
mod grep;
mod gzip;
mod list;
mod make;
mod mode;
mod mount;
mod openssl;
mod owner;
mod packages;
mod paths;
mod people;
mod regular;
mod remove;
mod rsync;
mod sed;
mod sort;
mod systemctl;
mod tar;
mod text;
mod usage;
mod who;
mod wrap;
mod xargs;

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::process::{Process, Program, Ran, Unsimulated};

pub use regular::expression as regular_expression;
pub use text::{echo, printf};

/// Why a program does not come to its own end.
#[derive(Debug)]
pub enum Halt {
    /// It has said why, and exits.
    Exit(i32),
    Unsimulated(Unsimulated),
}

/// What came of a program.
type Done = Result<i32, Halt>;

impl From<Unsimulated> for Halt {
    fn from(what: Unsimulated) -> Self {
        Self::Unsimulated(what)
    }
}

/// What the start of a small program takes.
const START: Duration = Duration::from_micros(900);

fn start(process: &mut Process<'_>, arguments: &[String], run: fn(&mut Process<'_>, &[String]) -> Done) -> Ran {
    process.world.take(START);
    match run(process, arguments) {
        Ok(status) | Err(Halt::Exit(status)) => Ok(status),
        Err(Halt::Unsimulated(what)) => Err(what),
    }
}

/// A program of this module as one of the world.
macro_rules! programs {
    ($name:expr; $($($word:literal)|+ => $run:expr,)*) => {
        match $name {
            $($($word)|+ => |process: &mut Process<'_>, arguments: &[String]| start(process, arguments, $run),)*
            _ => return None,
        }
    };
}

/// A program by its name.
pub fn find(name: &str) -> Option<Program> {
    let program: Program = programs! { name;
        "true" => |_, _| Ok(0),
        "false" => |_, _| Ok(1),
        "test" => |process, arguments| Ok(super::shell::test(process, arguments)?),
        "[" => |process, arguments| Ok(super::shell::bracket(process, arguments)?),
        "echo" => |process, arguments| Ok(text::echo(process, arguments)?),
        "printf" => |process, arguments| Ok(text::printf(process, arguments)?),
        "cat" => cat::cat,
        "tee" => cat::tee,
        "tac" => cat::tac,
        "head" => ends::head,
        "tail" => ends::tail,
        "wc" => count::wc,
        "seq" => count::seq,
        "sort" => sort::sort,
        "uniq" => sort::uniq,
        "cut" => cut::cut,
        "tr" => cut::tr,
        "grep" => grep::grep,
        "egrep" => grep::egrep,
        "fgrep" => grep::fgrep,
        "sed" => sed::sed,
        "awk" | "mawk" | "gawk" => awk::awk,
        "find" => find::find,
        "ls" => list::ls,
        "stat" => list::stat,
        "date" => clock::date,
        "sleep" => clock::sleep,
        "uptime" => clock::uptime,
        "basename" => paths::basename,
        "dirname" => paths::dirname,
        "realpath" => paths::realpath,
        "readlink" => paths::readlink,
        "pwd" => paths::pwd,
        "mkdir" => make::mkdir,
        "rmdir" => make::rmdir,
        "touch" => make::touch,
        "ln" => make::ln,
        "install" => make::install,
        "mktemp" => make::mktemp,
        "truncate" => make::truncate,
        "cp" => copy::cp,
        "mv" => copy::mv,
        "rm" => remove::rm,
        "sync" => remove::sync,
        "rsync" => rsync::rsync,
        "chmod" => owner::chmod,
        "chown" => owner::chown,
        "chgrp" => owner::chgrp,
        "cmp" => compare::cmp,
        "diff" => compare::diff,
        "md5sum" => digest::md5sum,
        "sha256sum" => digest::sha256sum,
        "sha512sum" => digest::sha512sum,
        "du" => usage::du,
        "df" => usage::df,
        "mount" => mount::mount,
        "umount" => mount::umount,
        "mountpoint" => mount::mountpoint,
        "fsck" | "e2fsck" | "fsck.ext4" => disk::fsck,
        "mkfs.ext4" | "mkfs" => disk::mkfs,
        "blkid" => disk::blkid,
        "tar" => tar::tar,
        "gzip" => gzip::gzip,
        "gunzip" => gzip::gunzip,
        "zcat" => gzip::zcat,
        "openssl" => openssl::openssl,
        "sudo" => wrap::sudo,
        "env" => wrap::env,
        "timeout" => wrap::timeout,
        "nohup" | "setsid" => wrap::nohup,
        "nice" => wrap::nice,
        "ionice" => wrap::ionice,
        "stdbuf" => wrap::stdbuf,
        "flock" => wrap::flock,
        "xargs" => xargs::xargs,
        "whoami" => who::whoami,
        "id" => who::id,
        "hostname" => who::hostname,
        "uname" => who::uname,
        "which" => who::which,
        "git" => packages::git,
        "apt-get" | "apt" => packages::apt,
        "systemctl" => systemctl::systemctl,
        "journalctl" => systemctl::journalctl,
    };
    Some(program)
}
