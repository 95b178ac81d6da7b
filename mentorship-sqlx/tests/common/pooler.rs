//! A pooler of a test's own, which gives each transaction another connection to `PostgreSQL`.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt as _},
    process::{Child, Command, Stdio},
};

use mentorship_sqlx::sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

use super::private::{find, free_port, ids, is_root, not_run};

/// As whom it is run by a test that root runs: it refuses root.
const USER: &str = "postgres";

/// `PgBouncer` in transaction mode, with two connections to the server.
pub(crate) struct Pooler {
    folder: TempDir,
    process: Child,
    port: u16,
    server: String,
}

impl Pooler {
    /// Before the server at this URL. `None` if it is not on this machine, which is said, and is a failure
    /// where `CI` is set.
    pub(crate) fn before(server: &str) -> Option<Self> {
        let user = ids(USER).filter(|_| is_root());
        let program = find("pgbouncer").filter(|_| user.is_some() || !is_root());
        let Some(program) = program else {
            assert!(
                std::env::var_os("CI").is_none(),
                "no pgbouncer here; in CI its tests have to run"
            );
            not_run("PgBouncer in transaction mode", "no pgbouncer here, or nobody to run it as");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let port = free_port();
        let file = |name: &str| folder.path().join(name);
        let (users, settings) = (file("users"), file("pgbouncer.ini"));
        fs::write(&users, Self::users(server)).expect("written");
        let text = Self::settings(server, port, &users.display().to_string());
        fs::write(&settings, text).expect("written");
        let log = fs::File::create(file("log")).expect("a log");
        let mut command = Command::new(program);
        if let Some((user, group)) = user {
            for path in [folder.path(), &users, &settings] {
                chown(path, Some(user), Some(group)).expect("the folder is the pooler's");
            }
            command.uid(user).gid(group);
        }
        command.arg(&settings).current_dir(folder.path()).stdin(Stdio::null());
        let process = command.stdout(Stdio::null()).stderr(log).spawn().expect("it starts");
        Some(Self { folder, process, port, server: server.to_owned() })
    }

    fn users(server: &str) -> String {
        let options: PgConnectOptions = server.parse().expect("a URL");
        format!("\"{}\" \"{}\"\n", options.get_username(), password(server))
    }

    fn settings(server: &str, port: u16, users: &str) -> String {
        let options: PgConnectOptions = server.parse().expect("a URL");
        let (host, server_port) = (options.get_host(), options.get_port());
        format!(
            "[databases]\n* = host={host} port={server_port}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = trust\nauth_file = {users}\n\
             pool_mode = transaction\ndefault_pool_size = {SIZE}\nmax_client_conn = 200\n"
        )
    }

    /// The same database behind the pooler. Whoever connects waits until it is ready.
    pub(crate) fn url(&self) -> String {
        let (_, at) = self.server.split_once("://").expect("a URL");
        let (at, _) = at.split_once('/').expect("a URL ends with /database");
        let at = at.rsplit('@').next().expect("a host");
        self.server.replace(at, &format!("127.0.0.1:{}", self.port))
    }
}

/// Connections to the server for each database.
pub(crate) const SIZE: usize = 2;

fn password(url: &str) -> &str {
    let user = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    user.and_then(|(user, _)| user.split_once(':')).map_or("", |(_, password)| password)
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = (self.process.kill(), self.process.wait());
        if std::thread::panicking() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let last: Vec<_> = log.lines().rev().take(20).collect();
            eprintln!("PgBouncer, its last lines first: {last:#?}");
        }
    }
}
