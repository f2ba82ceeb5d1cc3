//! `psql`: what it prints, how it ends, what the server refuses.

use super::super::super::process::Stream;
use super::super::super::trial::{POSTGRES, Trial};

fn prints(sql: &str, is: &str) {
    let gave = Trial::new().sql("nself_db", sql);
    assert_eq!((gave.exit, gave.out.as_str(), gave.err.as_str()), (0, is, ""), "{sql}");
}

#[test]
fn values_are_printed_as_the_server_prints_them() {
    prints("select 1, 2;", "1|2\n");
    prints(
        "select coalesce(null, 'x'), true, not true, 1 + 2 * 3, 7/2, 7/2.0, 'a' || 'b', null is null;",
        "x|t|f|7|3|3.5000000000000000|ab|t\n",
    );
    prints(
        "select 1/3.0, 2.50*2, round(2.5), round(-2.5), round(2.567,2), 5 % 3, -7/2",
        "0.33333333333333333333|5.00|3|-3|2.57|2|-3\n",
    );
    prints(
        "select avg(x), sum(x), min(x), max(x), count(x) from (values (1),(2),(4)) v(x)",
        "2.3333333333333333|7|1|4|3\n",
    );
    prints(
        "select extract(epoch from interval '1 day 2 seconds'), interval '1 month 2 days 03:04:05.5'",
        "86402.000000|1 mon 2 days 03:04:05.5\n",
    );
    prints("select timestamptz '2026-02-09T14:30:00Z' + interval '1 hour'", "2026-02-09 15:30:00+00\n");
    prints(
        "select 't'::bool, 'abc' like 'a%', 'nchat_x' like 'nchat\\_%', 1 in (1,2), 3 between 1 and 4, '5'::int + 1, nullif(1,1), greatest(1,2)",
        "t|t|t|t|t|6||2\n",
    );
    prints(
        "select case when true then 'a' else 'b' end, case 2 when 1 then 'x' end, length('abc'), upper('x')",
        "a||3|X\n",
    );
    prints(
        "select json_build_object('a', 1, 'b', null, 'c', true, 'd', 'x', 'f', 1.5, 'q', 'a\"b')",
        "{\"a\" : 1, \"b\" : null, \"c\" : true, \"d\" : \"x\", \"f\" : 1.5, \"q\" : \"a\\\"b\"}\n",
    );
    prints(
        "select json_build_object('a', json_build_object('b', 1)), json_build_array(1,'x',null), json_agg(x) from (values (1),(2)) v(x)",
        "{\"a\" : {\"b\" : 1}}|[1, \"x\", null]|[1, 2]\n",
    );
    prints(
        "select pg_size_pretty(20000000::bigint), '0/3000000'::pg_lsn - '0/2000000'::pg_lsn, pg_wal_lsn_diff('0/3000000','0/2000000')",
        "19 MB|16777216|16777216\n",
    );
    prints("select i, i*2 from generate_series(1,3) i", "1|2\n2|4\n3|6\n");
    prints("values (1),(2)", "1\n2\n");
    prints("select 1 union select 2 order by 1 desc", "2\n1\n");
    prints("select now() > now() - interval '1 hour' and not false or null", "t\n");
    prints("select 1 where false", "");
    prints("", "");
}

#[test]
fn tables_are_drawn() {
    let mut trial = Trial::new();
    let gave = trial.inside(
        POSTGRES,
        "psql -X -U postgres -c 'select 1 as one, $$abc$$ as text, now() is not null as ok, null as nothing'",
    );
    let is = " one | text | ok | nothing \n-----+------+----+---------\n   1 | abc  | t  | \n(1 row)\n\n";
    assert_eq!(gave.out, is);
    let gave = trial.inside(POSTGRES, "psql -XA -U postgres -c 'select 1, 2 as b'");
    assert_eq!(gave.out, "?column?|b\n1|2\n(1 row)\n");
    let gave = trial.inside(POSTGRES, "psql -X -U postgres -c 'select status from pg_stat_wal_receiver'");
    assert_eq!(gave.out, " status \n--------\n(0 rows)\n\n");
    let gave = trial.inside(POSTGRES, "psql -X --csv -U postgres -c \"select 1 as one, 'a,b' as text\"");
    assert_eq!(gave.out, "one,text\n1,\"a,b\"\n");
    let gave = trial.inside(POSTGRES, "psql -XAtx -U postgres -c 'select 1 as one, 2 as two'");
    assert_eq!(gave.out, "one|1\ntwo|2\n");
}

#[test]
fn counts_are_those_of_the_tables() {
    prints("select count(*) from nchat_users", "1204\n");
    prints("select count(*) from public.nchat_messages m where true", "48210\n");
    prints("select count(*) from something_else", "1000\n");
    prints("select count(*) from nchat_messages where created_at > now() + interval '1 day'", "0\n");
    prints(
        "select count(*) from nchat_messages m left join nchat_users u on u.id = m.user_id where u.id is null",
        "0\n",
    );
    prints("select count(*) from nchat_messages where user_id not in (select id from nchat_users)", "0\n");
    prints("select exists (select 1 from nchat_users)", "t\n");
    let mut trial = Trial::new();
    let gave = trial.sql("postgres", "select count(*) from nope;");
    assert_eq!(gave.exit, 3);
    assert_eq!(
        gave.err,
        "ERROR:  relation \"nope\" does not exist\nLINE 1: select count(*) from nope;\n                             ^\n"
    );
}

#[test]
fn an_error_ends_as_the_client_is_told() {
    let mut trial = Trial::new();
    let script = "select count(*) from nope;\nselect 1;\n";
    let gave = trial.fed(POSTGRES, "psql -XAtq -U postgres", script);
    assert_eq!((gave.exit, gave.out.as_str()), (0, "1\n"), "without ON_ERROR_STOP it goes on, and all is well");
    let gave = trial.fed(POSTGRES, "psql -XAtq -v ON_ERROR_STOP=1 -U postgres", script);
    assert_eq!((gave.exit, gave.out.as_str()), (3, ""));
    let gave = trial.inside(POSTGRES, "psql -XAtq -U postgres -c 'select 1' -c 'select nope' -c 'select 2'");
    assert_eq!((gave.exit, gave.out.as_str()), (0, "1\n2\n"));
    assert_eq!(gave.err, "ERROR:  column \"nope\" does not exist\nLINE 1: select nope\n               ^\n");
    let gave = trial.inside(POSTGRES, "psql -XAtq -v ON_ERROR_STOP=1 -U postgres -c 'select nope' -c 'select 1'");
    assert_eq!((gave.exit, gave.out.as_str()), (1, ""));
    trial.write("/data/postgres/e.sql", "select 1; select nope; select 2;\n");
    let gave = trial.inside(POSTGRES, "psql -XAt -U postgres -v ON_ERROR_STOP=1 -f /var/lib/postgresql/data/e.sql");
    assert_eq!((gave.exit, gave.out.as_str()), (3, "1\n"));
    assert!(gave.err.starts_with("psql:/var/lib/postgresql/data/e.sql:1: ERROR:  column \"nope\""), "{}", gave.err);
    let gave = trial.inside(POSTGRES, "psql -XAt -U postgres -f missing.sql");
    assert_eq!((gave.exit, gave.err.as_str()), (1, "psql: error: missing.sql: No such file or directory\n"));
    let gave = trial.fed(POSTGRES, "psql -XAt -U postgres -f -", "select nope;\nselect 2;\n");
    assert!(gave.exit == 0 && gave.err.starts_with("psql:<stdin>:1: ERROR:"), "{}", gave.err);
}

#[test]
fn what_the_server_does_not_know_it_says() {
    for (sql, says) in [
        ("selec 1", "ERROR:  syntax error at or near \"selec\"\nLINE 1: selec 1\n        ^\n"),
        ("select 1 +", "ERROR:  syntax error at end of input\nLINE 1: select 1 +\n                  ^\n"),
        ("select 'x", "ERROR:  unterminated quoted string at or near \"'x\"\nLINE 1: select 'x\n               ^\n"),
        ("select 1/0", "ERROR:  division by zero\n"),
        ("show nope", "ERROR:  unrecognized configuration parameter \"nope\"\n"),
        ("alter system set nope = '8MB'", "ERROR:  unrecognized configuration parameter \"nope\"\n"),
        ("copy nope to stdout", "ERROR:  relation \"nope\" does not exist\n"),
        ("drop table nope", "ERROR:  table \"nope\" does not exist\n"),
        ("create database nself_db", "ERROR:  database \"nself_db\" already exists\n"),
        ("drop database nope", "ERROR:  database \"nope\" does not exist\n"),
        ("drop database postgres", "ERROR:  cannot drop the currently open database\n"),
        (
            "select a.datname from pg_database",
            "ERROR:  missing FROM-clause entry for table \"a\"\nLINE 1: select a.datname from pg_database\n               ^\n",
        ),
        (
            "select pg_promote(true, 60)",
            "ERROR:  recovery is not in progress\nHINT:  Recovery control functions can only be executed during recovery.\n",
        ),
        (
            "select pg_wal_replay_resume()",
            "ERROR:  recovery is not in progress\nHINT:  Recovery control functions can only be executed during recovery.\n",
        ),
        (
            "select 1; alter system set archive_mode = off",
            "ERROR:  ALTER SYSTEM cannot run inside a transaction block\n",
        ),
    ] {
        let gave = Trial::new().inside(POSTGRES, &format!("psql -XAt -U postgres -c \"{sql}\""));
        assert_eq!((gave.exit, gave.err.as_str()), (1, says), "{sql}");
    }
}

#[test]
fn what_the_world_does_not_know_is_not_guessed() {
    let mut trial = Trial::new();
    for (sql, words) in [
        ("select name from nchat_users", "rows of a table"),
        ("select sum(amount) from nchat_messages", "rows of a table"),
        ("select md5('x')", "function md5"),
        ("explain select 1", "explain"),
        ("select * from pg_locks", "catalog pg_locks"),
        ("update nchat_users set id = 1", "update"),
        ("do $$ begin end $$", "do"),
    ] {
        let place = trial.place(POSTGRES);
        let command = "psql -XAtq -U postgres -d nself_db";
        let why = trial.try_at(place, command, Stream::text(sql)).unwrap_err();
        assert!(why.0.contains(words), "{sql}: {why}");
    }
}

#[test]
fn tags_are_said_unless_it_is_to_be_quiet() {
    let mut trial = Trial::new();
    let mut says = |sql: &str, is: &str| {
        let gave = trial.inside(POSTGRES, &format!("psql -XAt -U postgres -c \"{sql}\""));
        assert_eq!((gave.exit, gave.out.as_str()), (0, is), "{sql}: {}", gave.err);
        gave.err
    };
    says("create table x(i int)", "CREATE TABLE\n");
    says("insert into x values (1),(2)", "INSERT 0 2\n");
    says("insert into x select 1", "INSERT 0 1\n");
    says("select count(*) from x", "3\n");
    says("truncate x", "TRUNCATE TABLE\n");
    says("drop table x", "DROP TABLE\n");
    assert_eq!(says("drop table if exists x", "DROP TABLE\n"), "NOTICE:  table \"x\" does not exist, skipping\n");
    says("create database app2", "CREATE DATABASE\n");
    says("select datname from pg_database order by 1", "app2\nnself_db\npostgres\ntemplate0\ntemplate1\n");
    says("drop database app2", "DROP DATABASE\n");
    assert_eq!(
        says("drop database if exists app2", "DROP DATABASE\n"),
        "NOTICE:  database \"app2\" does not exist, skipping\n"
    );
    says("alter system set work_mem = '8MB'", "ALTER SYSTEM\n");
    says("show work_mem", "4MB\n");
    says("select pg_reload_conf()", "t\n");
    says("show work_mem", "8MB\n");
    says("vacuum", "VACUUM\n");
    says("set statement_timeout = '5s'; show statement_timeout", "SET\n5s\n");
    assert_eq!(says("commit", "COMMIT\n"), "WARNING:  there is no transaction in progress\n");
}

#[test]
fn one_error_undoes_a_whole_command() {
    let mut trial = Trial::new();
    let gave = trial.inside(POSTGRES, "psql -XAt -U postgres -c 'create table cc3(i int); select nope'");
    assert_eq!((gave.exit, gave.out.as_str()), (1, "CREATE TABLE\n"));
    assert_eq!(trial.inside(POSTGRES, "psql -XAt -U postgres -c \"select to_regclass('cc3')\"").out, "\n");
    let script = "begin;\ncreate table a(i int);\nselect nope;\nselect 1;\ncommit;\n";
    let gave = trial.fed(POSTGRES, "psql -XAt -U postgres", script);
    assert_eq!((gave.exit, gave.out.as_str()), (0, "BEGIN\nCREATE TABLE\nROLLBACK\n"));
    assert!(
        gave.err.ends_with("ERROR:  current transaction is aborted, commands ignored until end of transaction block\n")
    );
    let gave = trial.inside(POSTGRES, "psql -XAt1 -U postgres -c 'create table b(i int)' -c 'select nope'");
    assert_eq!(gave.exit, 1);
    assert_eq!(trial.inside(POSTGRES, "psql -XAt -U postgres -c \"select to_regclass('b')\"").out, "\n");
}

#[test]
fn scripts_have_variables_commands_and_rows() {
    let mut trial = Trial::new();
    let gave = trial.fed(
        POSTGRES,
        "psql -XAt -U postgres -v x=1 -v y=2",
        "select :x, :'y';\n\\set a 5\nselect :a;\n\\echo :a hi\n\\q\nselect 9;",
    );
    assert_eq!((gave.exit, gave.out.as_str()), (0, "1|2\n5\n5 hi\n"));
    let gave = trial.inside(POSTGRES, "psql -XAt -U postgres -v x=1 -c 'select :x'");
    assert_eq!(
        gave.err, "ERROR:  syntax error at or near \":\"\nLINE 1: select :x\n               ^\n",
        "-c takes no variables"
    );
    let gave = trial.fed(
        POSTGRES,
        "psql -XAt -U postgres",
        "create table cc(i int);copy cc from stdin;\n1\n2\n\\.\nselect count(*) from cc;\n",
    );
    assert_eq!(gave.out, "CREATE TABLE\nCOPY 2\n2\n");
    let gave = trial.fed(POSTGRES, "psql -XAt -U postgres -v ON_ERROR_STOP=1", "\\nosuch\nselect 1;\n");
    assert_eq!((gave.exit, gave.err.as_str()), (3, "invalid command \\nosuch\n"));
}

#[test]
fn catalogs_tell_what_is_there() {
    prints(
        "select relname from pg_stat_user_tables where schemaname = 'public' order by pg_total_relation_size(relid) desc",
        "nchat_messages\nnchat_users\n",
    );
    prints("select table_name from information_schema.tables where table_schema = 'auth'", "users\n");
    prints("select count(*) from pg_stat_replication", "0\n");
    prints(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'nself_db' and pid <> pg_backend_pid()",
        "",
    );
    prints("select setting from pg_settings where name='archive_mode'", "off\n");
    prints("select schemaname, count(*) from pg_stat_user_tables group by schemaname order by 1", "auth|1\npublic|2\n");
    prints(
        "select string_agg(relname, ',') from (select relname from pg_stat_user_tables order by 1) t",
        "nchat_messages,nchat_users,users\n",
    );
}
