//! What a container may do that is a machine: run Docker, mount disks. Everything, where this machine can give everything.

use std::fs;

/// Capabilities of Linux, in the order of their bits.
const CAPABILITIES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// The flags of `docker run`.
#[must_use]
pub fn of_a_machine() -> Vec<String> {
    let own = fs::read_to_string("/proc/self/status").unwrap_or_default();
    from(bounding(&own))
}

fn bounding(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("CapBnd:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

/// `--privileged` is refused where one capability is missing; then all others are named.
fn from(bounding: Option<u64>) -> Vec<String> {
    let has = |bit: usize| bounding.is_none_or(|set| set >> bit & 1 == 1);
    // Later kernels have more; the first 38 have been there for long.
    if (0..38).all(has) {
        return vec!["--privileged".to_owned()];
    }
    let named = CAPABILITIES.iter().enumerate().filter(|(bit, _)| has(*bit) && *bit < 38);
    let capabilities = named.flat_map(|(_, name)| ["--cap-add".to_owned(), (*name).to_owned()]);
    let rest = [
        "--security-opt=seccomp=unconfined",
        "--security-opt=apparmor=unconfined",
        "--security-opt=systempaths=unconfined",
        "--cgroupns=private",
        "--device-cgroup-rule=b *:* rwm",
        "--device-cgroup-rule=c *:* rwm",
    ];
    capabilities.chain(rest.map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::{bounding, from};

    #[test]
    fn a_machine_that_lacks_a_capability_names_the_others() {
        assert_eq!(from(bounding("CapBnd:\t000001ffffffffff\n")), ["--privileged"]);
        let named = from(bounding("CapBnd:\t000001fffeffffff\n"));
        assert!(named.contains(&"SYS_ADMIN".to_owned()) && !named.contains(&"SYS_RESOURCE".to_owned()));
        assert!(!named.contains(&"--privileged".to_owned()));
    }
}
