//! A real `sshd` on 127.0.0.1 for one test: its own keys, its own home, ended by its handle.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use runbook::model::work::{Target, Work};
use runbook::runner::Settings;
use runbook::runner::capture::capture;
use runbook::secret::SecretStore;
use tempfile::TempDir;

use crate::runner::Bench;

/// Which `sh` the far side has.
#[derive(Clone, Copy, Debug)]
pub enum Shell {
    Dash,
    Bash,
    /// And no other tools than busybox's.
    Busybox,
}

/// A machine that is reached over ssh under the name `box`.
pub struct Machine {
    pub directory: TempDir,
    pub port: u16,
    server: Option<duct::Handle>,
}

fn run(program: &str, arguments: &[&str]) {
    let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
    let said = capture(program, &arguments, Duration::from_secs(30)).unwrap();
    assert_eq!(said.exit, Some(0), "{program}: {}", said.stderr);
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

impl Machine {
    pub fn start() -> Self {
        Self::with(Shell::Dash)
    }

    pub fn with(shell: Shell) -> Self {
        assert!(Path::new("/usr/sbin/sshd").exists(), "no sshd: apt-get install openssh-server (tests/lab/up does)");
        let directory = TempDir::new().unwrap();
        let at = |name: &str| directory.path().join(name);
        for name in ["home", "bin"] {
            fs::create_dir(at(name)).unwrap();
        }
        for key in ["host", "key"] {
            run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", key, "-f", at(key).to_str().unwrap()]);
        }
        fs::copy(at("key.pub"), at("authorized")).unwrap();
        let path = tools(shell, &at("bin"));
        let root = nix::unistd::geteuid().is_root();
        if root {
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let shown = |name: &str| at(name).display().to_string();
        write(
            &at("server"),
            &format!(
                "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\n\
                 UsePAM {}\nPermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxStartups 100\n\
                 SetEnv HOME={} PATH={path}\n",
                shown("host"),
                shown("authorized"),
                if root && Path::new("/etc/pam.d/sshd").exists() { "yes" } else { "no" },
                shown("home"),
            ),
        );
        let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap().name;
        write(
            &at("client"),
            &format!(
                "Host box\n  HostName 127.0.0.1\n  Port {port}\n  User {user}\n  IdentityFile {}\n  IdentitiesOnly yes\n  \
                 IdentityAgent none\n  UserKnownHostsFile {}\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n",
                shown("key"),
                shown("known"),
            ),
        );
        let public = fs::read_to_string(at("host.pub")).unwrap();
        write(&at("known"), &format!("[127.0.0.1]:{port} {public}"));
        let mut machine = Self { directory, port, server: None };
        machine.boot();
        machine
    }

    /// The server listens (again).
    pub fn boot(&mut self) {
        let config = self.at("server");
        let log = self.at("log");
        let server = duct::cmd("/usr/sbin/sshd", ["-D".into(), "-e".into(), "-f".into(), config.into_os_string()])
            .stdin_null()
            .stdout_null()
            .stderr_path(log)
            .unchecked()
            .start()
            .unwrap();
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                self.server = Some(server);
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("sshd does not listen: {}", fs::read_to_string(self.at("log")).unwrap_or_default());
    }

    /// Nobody listens any more. Sessions go on.
    pub fn unplug(&mut self) {
        if let Some(server) = self.server.take() {
            let _ = server.kill();
        }
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Where the wrapper keeps an attempt.
    pub fn kept(&self, token: &str) -> PathBuf {
        self.at("home").join(".local/state/runbook/attempts").join(token)
    }

    pub fn bench(&self) -> Bench {
        self.bench_with(SecretStore::default(), |_| {})
    }

    pub fn bench_with(&self, secrets: SecretStore, adjust: impl FnOnce(&mut Settings)) -> Bench {
        let config = self.at("client");
        Bench::with(secrets, |settings| {
            settings.ssh_config = Some(config);
            adjust(settings);
        })
    }

    /// The same work, over there.
    pub fn there(work: Work) -> Work {
        let target = Target::Ssh { host: "box".to_owned(), port: None, identity_file: None };
        Work { target, ..work }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.unplug();
    }
}

/// Gives the far side its `sh`, and its PATH.
fn tools(shell: Shell, bin: &Path) -> String {
    let link = |program: &str, name: &str| {
        let found = ["/bin", "/usr/bin"].iter().map(|at| Path::new(at).join(program)).find(|path| path.exists());
        symlink(found.unwrap_or_else(|| panic!("no {program} on this machine")), bin.join(name)).unwrap();
    };
    match shell {
        Shell::Dash => link("dash", "sh"),
        Shell::Bash => link("bash", "sh"),
        Shell::Busybox => {
            let list = capture("busybox", &["--list".to_owned()], Duration::from_secs(5)).unwrap();
            for applet in String::from_utf8(list.stdout).unwrap().lines() {
                link("busybox", applet);
            }
            return bin.display().to_string();
        }
    }
    format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display())
}
