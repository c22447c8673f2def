//! The private database on real binaries: made, shared, killed, moved, and found again.
//!
//! Each test has its own data folder. `MENTALSPACE_PG_BIN` chooses the PostgreSQL that is tested.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use embedded::{Cluster, ClusterError, Connection};

/// A folder of its own, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("embedded-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        // Closed to others, as root's home is: the harder case is the usual one here.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        Self(path)
    }

    fn data(&self) -> PathBuf {
        self.0.join("data")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _left_for_the_system = fs::remove_dir_all(&self.0);
    }
}

fn psql_program() -> PathBuf {
    let mut places: Vec<PathBuf> = vec!["/usr/bin/psql".into(), "/usr/local/bin/psql".into()];
    if let Ok(entries) = fs::read_dir("/usr/lib/postgresql") {
        places.extend(entries.flatten().map(|entry| entry.path().join("bin/psql")));
    }
    places
        .into_iter()
        .find(|place| place.exists())
        .expect("psql of the distribution's PostgreSQL")
}

fn psql(connection: &Connection, password: &str, sql: &str) -> Result<String, String> {
    let answer = Command::new(psql_program())
        .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-w", "-c", sql])
        .arg("-h")
        .arg(&connection.socket_dir)
        .args([
            "-p",
            &connection.port.to_string(),
            "-U",
            &connection.superuser,
            &connection.database,
        ])
        .env("PGPASSWORD", password)
        .output()
        .unwrap();
    if answer.status.success() {
        Ok(String::from_utf8(answer.stdout).unwrap().trim().to_owned())
    } else {
        Err(String::from_utf8(answer.stderr).unwrap())
    }
}

fn ask(cluster: &Cluster, sql: &str) -> Result<String, String> {
    let connection = cluster.connection();
    psql(connection, &connection.password, sql)
}

/// Looks until it is so; the wait ends by the event, the limit only ends a broken test.
#[expect(clippy::disallowed_methods, reason = "another process is watched from outside")]
fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("never happened: {what}");
}

fn lives(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .ok()
        .and_then(|stat| stat.rsplit_once(") ").map(|(_, rest)| !rest.starts_with('Z')))
        .unwrap_or(false)
}

#[test]
fn a_new_database_answers_on_its_socket_alone_and_ends_with_its_owner() {
    let scratch = Scratch::new();
    let cluster = Cluster::open(&scratch.data(), None).unwrap();
    let pid = cluster.pid().unwrap();
    let settings = "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings
        where name in ('listen_addresses', 'jit', 'data_checksums', 'fsync', 'wal_level', 'max_connections', 'server_encoding')";
    assert_eq!(
        ask(&cluster, settings).unwrap(),
        "data_checksums=on fsync=on jit=off listen_addresses= max_connections=100 server_encoding=UTF8 wal_level=replica"
    );
    assert_eq!(
        ask(&cluster, "select lower('ÄÖ'), current_database()").unwrap(),
        "äö|mentalspace"
    );
    ask(&cluster, "create extension btree_gist; create extension pg_trgm").unwrap();

    assert_eq!(fs::metadata(scratch.data()).unwrap().mode() & 0o777, 0o700);
    assert_eq!(
        fs::metadata(scratch.data().join("postgresql.password")).unwrap().mode() & 0o777,
        0o600
    );
    assert_eq!(
        fs::metadata(scratch.data().join("postgresql")).unwrap().mode() & 0o777,
        0o700
    );
    assert_eq!(
        fs::metadata(&cluster.connection().socket_dir).unwrap().mode() & 0o777,
        0o700
    );
    assert_ne!(
        fs::metadata(format!("/proc/{pid}")).unwrap().uid(),
        0,
        "the database must not run as root"
    );
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let group = stat.rsplit_once(") ").unwrap().1.split(' ').nth(2).unwrap().to_owned();
    assert_eq!(group, pid.to_string(), "Ctrl-C at our terminal must not reach it");

    cluster.close().unwrap();
    assert!(!lives(pid));
}

#[test]
fn without_the_password_nobody_enters() {
    let scratch = Scratch::new();
    let cluster = Cluster::open(&scratch.data(), None).unwrap();
    let refused = psql(cluster.connection(), "guessed", "select 1").unwrap_err();
    assert!(refused.contains("password authentication failed"), "{refused}");
    assert!(!format!("{cluster:?}").contains(&cluster.connection().password));
}

#[test]
fn data_stay_from_one_start_to_the_next() {
    let scratch = Scratch::new();
    let cluster = Cluster::open(&scratch.data(), None).unwrap();
    ask(&cluster, "create table kept as select 42 as answer").unwrap();
    cluster.restart().unwrap();
    assert_eq!(ask(&cluster, "select answer from kept").unwrap(), "42");
    cluster.close().unwrap();
    let again = Cluster::open(&scratch.data(), None).unwrap();
    assert_eq!(ask(&again, "select answer from kept").unwrap(), "42");
}

#[test]
fn the_second_joins_and_the_last_to_leave_stops_it() {
    let scratch = Scratch::new();
    let first = Cluster::open(&scratch.data(), None).unwrap();
    let second = Cluster::open(&scratch.data(), None).unwrap();
    let pid = first.pid().unwrap();
    assert_eq!(second.pid(), Some(pid));
    first.close().unwrap();
    assert_eq!(ask(&second, "select 1").unwrap(), "1");
    second.close().unwrap();
    assert!(!lives(pid));
}

#[test]
fn many_at_once_make_one_cluster() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let opened: Vec<Cluster> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| Cluster::open(&data, None).unwrap()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let pids: Vec<_> = opened.iter().map(Cluster::pid).collect();
    assert!(pids.iter().all(|pid| *pid == pids[0] && pid.is_some()), "{pids:?}");
    for cluster in &opened {
        assert_eq!(ask(cluster, "select 1").unwrap(), "1");
    }
}

#[test]
fn a_killed_database_comes_back_with_what_was_committed() {
    let scratch = Scratch::new();
    let cluster = Cluster::open(&scratch.data(), None).unwrap();
    ask(&cluster, "create table kept as select 42 as answer").unwrap();
    let connection = cluster.connection().clone();
    // A backend in the middle of a long computation does not notice that its postmaster is gone.
    let busy = std::thread::spawn(move || {
        psql(
            &connection,
            &connection.password,
            "select sum(g) from generate_series(1, 100000000000) g",
        )
    });
    let running = "select count(*) from pg_stat_activity where state = 'active' and query like 'select sum%'";
    eventually("the busy backend", || {
        (ask(&cluster, running).as_deref() == Ok("1")).then_some(())
    });
    let before = cluster.pid().unwrap();
    cluster.kill_hard();
    let after = eventually("a new postmaster", || cluster.pid().filter(|pid| *pid != before));
    assert_ne!(before, after);
    eventually("an answer", || ask(&cluster, "select answer from kept").ok());
    assert!(busy.join().unwrap().is_err());
    assert_eq!(cluster.trouble(), None);
}

/// Not a test by itself: the process that `the_next_server_adopts…` kills.
#[test]
#[ignore = "is run by another test, in a process of its own"]
fn helper_holds_a_database_open() {
    let data = std::env::var_os("EMBEDDED_TEST_DATA").unwrap();
    let _cluster = Cluster::open(Path::new(&data), None).unwrap();
    fs::write(Path::new(&data).join("helper-is-ready"), "").unwrap();
    loop {
        std::thread::park();
    }
}

fn helper(data: &Path) -> Child {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "helper_holds_a_database_open"])
        .env("EMBEDDED_TEST_DATA", data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    eventually("the helper's database", || {
        data.join("helper-is-ready").exists().then_some(())
    });
    child
}

#[test]
fn the_next_server_adopts_what_a_killed_one_left_running() {
    let scratch = Scratch::new();
    let mut server = helper(&scratch.data());
    server.kill().unwrap();
    server.wait().unwrap();
    let cluster = Cluster::open(&scratch.data(), None).unwrap();
    let pid = cluster.pid().unwrap();
    let started = fs::metadata(scratch.data().join("helper-is-ready"))
        .unwrap()
        .modified()
        .unwrap();
    let postmaster = fs::metadata(scratch.data().join("postgresql/postmaster.opts"))
        .unwrap()
        .modified()
        .unwrap();
    assert!(postmaster <= started, "it was not started anew");
    // Adopted means watched, too.
    cluster.kill_hard();
    eventually("a new postmaster", || cluster.pid().filter(|now| *now != pid));
    cluster.close().unwrap();
}

#[test]
fn a_process_id_that_somebody_else_has_now_is_no_obstacle() {
    let scratch = Scratch::new();
    let cluster = Cluster::open(&scratch.data(), None).unwrap();
    let pid_file = scratch.data().join("postgresql/postmaster.pid");
    let text = fs::read_to_string(&pid_file).unwrap();
    cluster.close().unwrap();
    let (_, rest) = text.split_once('\n').unwrap();
    fs::write(&pid_file, format!("{}\n{rest}", std::process::id())).unwrap();
    let again = Cluster::open(&scratch.data(), None).unwrap();
    assert_ne!(again.pid(), Some(std::process::id()));
    assert_eq!(ask(&again, "select 1").unwrap(), "1");
}

#[test]
fn a_half_made_cluster_is_thrown_away() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.data().join("postgresql.making/cluster/base")).unwrap();
    fs::write(scratch.data().join("postgresql.making/cluster/PG_VERSION"), "15\n").unwrap();
    let cluster = Cluster::open(&scratch.data(), None).unwrap();
    assert_eq!(ask(&cluster, "select 1").unwrap(), "1");
    assert!(!scratch.data().join("postgresql.making").exists());
}

#[test]
fn odd_paths_will_do() {
    let scratch = Scratch::new();
    for name in [
        "x".repeat(120),
        "with space".to_owned(),
        "with,comma and \"quote\"".to_owned(),
    ] {
        let data = scratch.0.join(name);
        let cluster = Cluster::open(&data, None).unwrap();
        assert_eq!(ask(&cluster, "select 1").unwrap(), "1", "{}", data.display());
        let socket = cluster.connection().socket_dir.clone();
        cluster.close().unwrap();
        if !socket.starts_with(&data) {
            fs::remove_dir(socket).unwrap();
        }
    }
}

#[test]
fn a_cluster_of_another_version_is_left_alone() {
    let scratch = Scratch::new();
    Cluster::open(&scratch.data(), None).unwrap().close().unwrap();
    fs::write(scratch.data().join("postgresql/PG_VERSION"), "9\n").unwrap();
    let error = Cluster::open(&scratch.data(), None).unwrap_err();
    assert!(
        matches!(error, ClusterError::OtherVersion { made_by: 9, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("install PostgreSQL 9 and start again"),
        "{error}"
    );
}

#[test]
fn a_folder_without_binaries_is_named() {
    let scratch = Scratch::new();
    let error = Cluster::open(&scratch.data(), Some(&scratch.0)).unwrap_err();
    assert!(matches!(error, ClusterError::UnusableBinaries { .. }), "{error}");
    assert!(error.to_string().contains("there is no 'postgres' in it"), "{error}");
}

#[test]
fn what_hinders_the_start_is_told() {
    let scratch = Scratch::new();
    Cluster::open(&scratch.data(), None).unwrap().close().unwrap();
    let file = scratch.data().join("postgresql/postgresql.conf");
    let mut settings = fs::read_to_string(&file).unwrap();
    settings.push_str("\nmax_connections = many\n");
    fs::write(&file, settings).unwrap();
    let error = Cluster::open(&scratch.data(), None).unwrap_err();
    assert!(error.to_string().contains("max_connections"), "{error}");
}
