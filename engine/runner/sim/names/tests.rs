//! Names, reachability and other machines. Texts are recorded from glibc, OpenSSH and iputils.

use super::super::place::Place;
use super::super::process::Stream;
use super::super::trial::{AUTH, POSTGRES, Trial};
use super::super::world::{LOCAL, Power};

#[test]
fn names_lead_to_addresses() {
    let mut trial = Trial::new();
    trial.servers(1);
    let three = |address: &str, name: &str| {
        format!("{address:<15} STREAM {name}\n{address:<15} DGRAM  \n{address:<15} RAW    \n")
    };
    for (command, exit, out) in [
        ("getent hosts localhost", 0, "127.0.0.1       localhost\n".to_owned()),
        ("getent ahosts localhost", 0, three("127.0.0.1", "localhost")),
        ("getent ahostsv4 standby.example.com.", 0, three("203.0.113.20", "standby.example.com.")),
        ("getent ahosts db-us-east.example.com", 0, three("203.0.113.51", "db-us-east.example.com")),
        ("getent ahostsv4 nosuchhost.invalid", 2, String::new()),
        ("getent hosts nosuchhost.invalid", 2, String::new()),
        ("getent ahosts 203.0.113.9", 0, three("203.0.113.9", "203.0.113.9")),
        ("getent hosts 203.0.113.9", 2, String::new()),
        ("dig +short standby.example.com", 0, "203.0.113.20\n".to_owned()),
        ("dig +short nosuchhost.invalid A @8.8.8.8", 0, String::new()),
        ("host standby.example.com", 0, "standby.example.com has address 203.0.113.20\n".to_owned()),
        ("host nosuchhost.invalid", 1, "Host nosuchhost.invalid not found: 3(NXDOMAIN)\n".to_owned()),
    ] {
        let gave = trial.here(command);
        assert_eq!((gave.exit, gave.out), (exit, out), "{command}");
    }
    assert_eq!(trial.here("nslookup nosuchhost.invalid").exit, 1);
    assert!(
        trial
            .here("nslookup standby.example.com")
            .out
            .ends_with("Name:\tstandby.example.com\nAddress: 203.0.113.20\n\n")
    );
    assert_eq!(trial.inside(AUTH, &format!("getent hosts {POSTGRES}")).out, format!("172.20.0.16     {POSTGRES}\n"));
    trial.stop(POSTGRES);
    assert_eq!(trial.inside(AUTH, &format!("getent hosts {POSTGRES}")).exit, 2, "who is stopped has no name");
}

#[test]
fn what_is_not_reached_does_not_answer() {
    let mut trial = Trial::new();
    let gave = trial.here("ping -c 1 standby.example.com");
    assert_eq!(gave.exit, 0);
    assert!(gave.out.contains("1 packets transmitted, 1 received, 0% packet loss"), "{}", gave.out);
    assert_eq!(trial.here("ping -c 1 nosuchhost.invalid").err, "ping: nosuchhost.invalid: Name or service not known\n");
    assert_eq!(trial.here("nc -z 127.0.0.1 4000").exit, 0);
    assert_eq!(trial.here("nc -z -w 2 127.0.0.1 5432").exit, 0);
    trial.stop(AUTH);
    let gave = trial.here("nc -zv 127.0.0.1 4000");
    assert_eq!(
        (gave.exit, gave.err.as_str()),
        (1, "nc: connect to 127.0.0.1 (127.0.0.1) port 4000 (tcp) failed: Connection refused\n")
    );
    trial.world.machine_mut("standby").unwrap().power = Power::Cut;
    let gave = trial.here("ping -c 1 -W 2 standby.example.com");
    assert!(gave.exit == 1 && gave.out.contains("1 packets transmitted, 0 received, 100% packet loss"), "{}", gave.out);
    let gave = trial.here("nc -z -w 2 standby.example.com 22");
    assert_eq!((gave.exit, gave.took.as_secs()), (1, 2));
    let place = Place::machine(LOCAL);
    assert!(trial.try_at(place, "nc -z 127.0.0.1 9999", Stream::default()).is_err(), "nobody told what is there");
}

#[test]
fn ssh_runs_a_command_on_another_machine() {
    let mut trial = Trial::new();
    let gave = trial.here("ssh nosuchhost.invalid true");
    assert_eq!(
        (gave.exit, gave.err.as_str()),
        (255, "ssh: Could not resolve hostname nosuchhost.invalid: Name or service not known\n")
    );
    trial.world.machine_mut("standby").unwrap().power = Power::Down;
    let gave = trial.here("ssh -o BatchMode=yes -o ConnectTimeout=7 root@standby.example.com true");
    assert_eq!(
        (gave.exit, gave.err.as_str(), gave.took.as_secs()),
        (255, "ssh: connect to host standby.example.com port 22: Connection timed out\n", 7)
    );
}
