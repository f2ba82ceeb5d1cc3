//! Redis as its clients see it. Texts are recorded from Redis 7.0.15.

use chrono::TimeDelta;

use super::super::blob::{AsOf, Blob, Holds};
use super::super::place::Place;
use super::super::trial::{AUTH, REDIS, Trial, began, blob};
use super::super::world::{LOCAL, Life, Program};

const AOF: &str = "/data/redis/appendonlydir";

fn rdb(whole: bool) -> Blob {
    let as_of = AsOf::At(began() - TimeDelta::hours(1));
    Blob { whole, ..blob(21, Holds::Data { data: "redis".to_owned(), as_of }) }
}

fn remove(trial: &mut Trial, path: &str) {
    trial.world.remove(&Place::machine(LOCAL), path).unwrap();
}

fn says(trial: &mut Trial, command: &str) -> String {
    let gave = trial.inside(REDIS, &format!("redis-cli {command}"));
    assert_eq!(gave.exit, 0, "{command}: {}", gave.err);
    gave.out
}

fn field(trial: &mut Trial, container: &str, name: &str) -> String {
    let gave = trial.inside(container, "redis-cli INFO persistence");
    let line = gave.out.lines().find_map(|line| line.strip_prefix(&format!("{name}:")).map(str::to_owned));
    line.unwrap_or_else(|| panic!("{name} in {}", gave.out))
}

#[test]
fn it_answers_as_the_real_one() {
    let mut trial = Trial::new();
    assert_eq!(says(&mut trial, "ping"), "PONG\n");
    assert_eq!(says(&mut trial, "PING hello"), "hello\n");
    assert_ne!(says(&mut trial, "DBSIZE"), "0\n");
    assert_eq!(says(&mut trial, "config get appendonly"), "appendonly\nyes\n");
    assert_eq!(says(&mut trial, "config get maxmemory"), "maxmemory\n0\n");
    assert_eq!(says(&mut trial, "config set maxmemory 100mb"), "OK\n");
    assert_eq!(says(&mut trial, "config get maxmemory"), "maxmemory\n104857600\n");
    assert_eq!(says(&mut trial, "config get nope"), "\n");
    assert_eq!(
        says(&mut trial, "config set nope 1"),
        "ERR Unknown option or number of arguments for CONFIG SET - 'nope'\n\n"
    );
    assert_eq!(says(&mut trial, "nope"), "ERR unknown command 'nope', with args beginning with: \n\n");
    assert_eq!(says(&mut trial, "get"), "ERR wrong number of arguments for 'get' command\n\n");
    assert!(says(&mut trial, "INFO memory").starts_with("# Memory\r\nused_memory:"));
    assert_eq!(says(&mut trial, "INFO nosuch"), "");
    let gave = trial.inside(REDIS, "redis-cli -e nope");
    assert_eq!(
        (gave.exit, gave.out.as_str(), gave.err.as_str()),
        (1, "", "ERR unknown command 'nope', with args beginning with: \n")
    );
    assert_eq!(trial.fed(REDIS, "redis-cli", "ping\ndbsize\n").out.lines().next(), Some("PONG"));
}

#[test]
fn without_the_password_all_is_refused_with_exit_0() {
    let mut trial = Trial::new();
    says(&mut trial, "config set requirepass s3cret");
    assert_eq!(says(&mut trial, "ping"), "NOAUTH Authentication required.\n\n");
    let gave = trial.inside(REDIS, "redis-cli -e ping");
    assert_eq!((gave.exit, gave.err.as_str()), (1, "NOAUTH Authentication required.\n"));
    let gave = trial.inside(REDIS, "redis-cli -a s3cret ping");
    assert_eq!(
        (gave.out.as_str(), gave.err.as_str()),
        (
            "PONG\n",
            "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n"
        )
    );
    let gave = trial.inside(REDIS, "redis-cli -a wrong --no-auth-warning ping");
    assert_eq!(
        (gave.exit, gave.err.as_str()),
        (0, "AUTH failed: WRONGPASS invalid username-password pair or user is disabled.\n")
    );
    assert_eq!(trial.inside(REDIS, "REDISCLI_AUTH=s3cret redis-cli ping").out, "PONG\n");
    // A secret whose value is not known is taken for the right one.
    assert_eq!(trial.inside(REDIS, "REDISCLI_AUTH=*** redis-cli ping").out, "PONG\n");
}

#[test]
fn whoever_cannot_connect_is_told_why() {
    let mut trial = Trial::new();
    let gave = trial.inside(AUTH, "redis-cli ping");
    assert_eq!(
        (gave.exit, gave.err.as_str()),
        (1, "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n")
    );
    let gave = trial.inside(AUTH, "redis-cli -h nosuchhost.invalid ping");
    assert_eq!(gave.err, "Could not connect to Redis at nosuchhost.invalid:6379: Name or service not known\n");
    assert_eq!(trial.inside(AUTH, &format!("redis-cli -h {REDIS} ping")).out, "PONG\n");
    let gave = trial.inside(AUTH, "redis-cli --nosuch");
    assert_eq!((gave.exit, gave.err.as_str()), (1, "Unrecognized option or bad number of args for: '--nosuch'\n"));
}

#[test]
fn a_save_beside_takes_its_time() {
    let mut trial = Trial::new();
    let before = says(&mut trial, "LASTSAVE");
    assert_eq!(says(&mut trial, "BGSAVE"), "Background saving started\n");
    assert_eq!(field(&mut trial, REDIS, "rdb_bgsave_in_progress"), "1");
    assert_eq!(says(&mut trial, "LASTSAVE"), before, "it does not move at once");
    assert!(!trial.is_there("/data/redis/dump.rdb"));
    trial.pass(2);
    assert_eq!(field(&mut trial, REDIS, "rdb_bgsave_in_progress"), "0");
    assert_eq!(field(&mut trial, REDIS, "rdb_last_bgsave_status"), "ok");
    assert_ne!(says(&mut trial, "LASTSAVE"), before);
    assert!(trial.is_there("/data/redis/dump.rdb"));
}

#[test]
fn with_an_append_only_file_a_snapshot_is_ignored() {
    let mut trial = Trial::new();
    trial.stop(REDIS);
    remove(&mut trial, AOF);
    trial.blob("/data/redis/dump.rdb", rdb(true));
    trial.start(REDIS);
    trial.pass(3);
    assert_eq!(says(&mut trial, "DBSIZE"), "0\n");
    assert!(trial.is_there(&format!("{AOF}/appendonly.aof.manifest")));
}

#[test]
fn a_snapshot_is_loaded_without_it_and_written_anew() {
    let mut trial = Trial::new();
    remove(&mut trial, AOF);
    trial.blob("/data/redis/dump.rdb", rdb(true));
    trial.beside(
        "loader",
        Program::Redis,
        &[("/data/redis", "/data")],
        &["redis-server", "--dir", "/data", "--appendonly", "no", "--save", ""],
    );
    trial.start("loader");
    assert_eq!(trial.inside("loader", "redis-cli ping").out, "LOADING Redis is loading the dataset in memory\n\n");
    trial.pass(1);
    assert_eq!(field(&mut trial, "loader", "loading"), "0");
    let keys = trial.inside("loader", "redis-cli DBSIZE").out;
    assert_ne!(keys, "0\n");
    assert_eq!(trial.inside("loader", "redis-cli -e CONFIG SET appendonly yes").out, "OK\n");
    assert_eq!(field(&mut trial, "loader", "aof_rewrite_in_progress"), "1");
    assert!(!trial.is_there(&format!("{AOF}/appendonly.aof.manifest")), "not before it is written");
    trial.pass(2);
    for (name, is) in [
        ("aof_enabled", "1"),
        ("aof_rewrite_in_progress", "0"),
        ("aof_rewrite_scheduled", "0"),
        ("aof_last_bgrewrite_status", "ok"),
    ] {
        assert_eq!(field(&mut trial, "loader", name), is);
    }
    trial.stop("loader");
    trial.stop(REDIS);
    trial.start(REDIS);
    trial.pass(3);
    assert_eq!(says(&mut trial, "DBSIZE"), keys);
}

#[test]
fn files_that_cannot_be_read_end_it() {
    let start_after = |prepare: &dyn Fn(&mut Trial)| {
        let mut trial = Trial::new();
        trial.stop(REDIS);
        prepare(&mut trial);
        let life = trial.start(REDIS);
        let log = trial.log(REDIS);
        (matches!(life, Life::Looping { code: 1, .. }), log)
    };
    let (died, log) = start_after(&|trial| remove(trial, &format!("{AOF}/appendonly.aof.1.base.rdb")));
    assert!(
        died && log.contains(
            "Unable to obtain the AOF file appendonly.aof.1.base.rdb length. stat: No such file or directory"
        ),
        "{log}"
    );
    let (died, log) = start_after(&|trial| trial.blob(&format!("{AOF}/appendonly.aof.1.base.rdb"), rdb(false)));
    assert!(died && log.contains("Short read or OOM loading DB. Unrecoverable error, aborting now."), "{log}");
    let (died, _) = start_after(&|trial| trial.blob(&format!("{AOF}/appendonly.aof.1.incr.aof"), rdb(false)));
    assert!(!died, "a cut tail is let go");
    let (died, _) = start_after(&|trial| remove(trial, &format!("{AOF}/appendonly.aof.manifest")));
    assert!(!died, "without a manifest it begins empty");
}

#[test]
fn everything_flushed_is_gone_from_the_disk_too() {
    let mut trial = Trial::new();
    assert_eq!(says(&mut trial, "FLUSHALL"), "OK\n");
    assert_eq!(says(&mut trial, "DBSIZE"), "0\n");
    assert!(trial.world.node(&Place::machine(LOCAL), "/data/redis").unwrap().data().is_empty());
    trial.start(REDIS);
    trial.pass(3);
    assert_eq!(says(&mut trial, "DBSIZE"), "0\n");
}

#[test]
fn who_is_shut_down_comes_up_again_by_its_policy() {
    let mut trial = Trial::new();
    let gave = trial.inside(REDIS, "redis-cli SHUTDOWN NOSAVE");
    assert_eq!((gave.exit, gave.out.as_str()), (0, ""));
    assert_eq!(trial.container(REDIS).restarts, 1);
    trial.change(REDIS, |container| "no".clone_into(&mut container.restart));
    trial.pass(5);
    trial.inside(REDIS, "redis-cli SHUTDOWN NOSAVE");
    assert!(matches!(trial.container(REDIS).life, Life::Exited { code: 0, .. }));
}

#[test]
fn checks_read_to_the_end() {
    let mut trial = Trial::new();
    trial.blob("/data/redis/dump.rdb", rdb(true));
    let gave = trial.inside(REDIS, "redis-check-rdb /data/dump.rdb");
    assert!(gave.exit == 0 && gave.out.contains("\\o/ RDB looks OK! \\o/"), "{}", gave.out);
    assert!(trial.world.proved.contains_key(&21));
    trial.blob("/data/redis/dump.rdb", rdb(false));
    let gave = trial.inside(REDIS, "redis-check-rdb /data/dump.rdb");
    assert!(gave.exit == 1 && gave.out.contains("Unexpected EOF reading RDB file"));
    let gave = trial.inside(REDIS, "redis-check-rdb /data/none.rdb");
    assert_eq!((gave.exit, gave.out.as_str()), (1, "[offset 0] Checking RDB file /data/none.rdb\n"));
    let gave = trial.inside(REDIS, "redis-check-aof /data/appendonlydir/appendonly.aof.manifest");
    assert!(gave.exit == 0 && gave.out.ends_with("All AOF files and manifest are valid\n"), "{}", gave.out);
}
