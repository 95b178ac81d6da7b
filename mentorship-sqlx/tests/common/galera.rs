//! A private cluster of three `MariaDB` nodes on loopback, if `MENTORSHIP_GALERA` is set and the machine has
//! what it needs (`mariadb-server`, `galera-4`, `rsync`). It is gone with the value.
#![allow(dead_code, reason = "each test uses what it needs")]

use std::{
    fmt::Write as _,
    io::Write as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use mentorship_sqlx::sqlx::{self, Connection as _, MySqlConnection};

use super::private::free_port;

/// Where distributions keep the library.
const PROVIDERS: [&str; 3] = [
    "/usr/lib/galera/libgalera_smm.so",
    "/usr/lib64/galera-4/libgalera_smm.so",
    "/usr/lib64/galera/libgalera_smm.so",
];

/// Nodes of a cluster.
const NODES: usize = 3;

/// A node, running or not.
#[derive(Debug)]
struct Node {
    folder: PathBuf,
    sql: u16,
    /// For the group, for incremental and for whole state transfers.
    group: [u16; 3],
    process: Option<Child>,
}

/// Three nodes that hold the same.
#[derive(Debug)]
pub(crate) struct Galera {
    folder: tempfile::TempDir,
    provider: &'static str,
    /// Who runs the nodes, if that is not whoever runs the tests: as root the transfer of a whole state
    /// is refused its files.
    user: Option<&'static str>,
    nodes: Vec<Node>,
}

fn not_run(why: &str) {
    // Past the capture of a test's output: whoever runs the tests has to see it.
    let said = format!("NOT RUN on Galera: {why}\n");
    std::io::stderr().write_all(said.as_bytes()).expect("said");
}

fn is_there(program: &str) -> bool {
    let mut asked = Command::new(program);
    asked.arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

impl Galera {
    /// A running cluster; `None` where it is not asked for or not there.
    pub(crate) async fn start() -> Option<Self> {
        if std::env::var_os("MENTORSHIP_GALERA").is_none() {
            not_run("MENTORSHIP_GALERA is not set");
            return None;
        }
        let Some(provider) = PROVIDERS.into_iter().find(|it| Path::new(it).exists()) else {
            not_run("its library is not there");
            return None;
        };
        if !["mariadbd", "mariadb-install-db", "rsync"].into_iter().all(is_there) {
            not_run("MariaDB's server or rsync is not there");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let ports: Vec<u16> = (0..4 * NODES).map(|_| free_port()).collect();
        let node = |n: usize| {
            let folder = folder.path().join(format!("n{n}"));
            std::fs::create_dir(&folder).expect("a folder for a node");
            std::fs::create_dir(folder.with_extension("tmp")).expect("another one");
            let ports = &ports[4 * n..4 * n + 4];
            Node { folder, sql: ports[0], group: [ports[1], ports[2], ports[3]], process: None }
        };
        let nodes = (0..NODES).map(node).collect();
        let root = std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
        let mut cluster = Self { folder, provider, user: root.then_some("mysql"), nodes };
        cluster.belongs_to_user();
        for n in 0..NODES {
            cluster.install(n);
            cluster.run(n, n == 0);
            cluster.synced(n).await;
        }
        let mut first = cluster.connect(0).await;
        sqlx::raw_sql("CREATE DATABASE test").execute(&mut first).await.expect("a database");
        Some(cluster)
    }

    fn belongs_to_user(&self) {
        if let Some(user) = self.user {
            let given = Command::new("chown").arg("-R").arg(user).arg(self.folder.path()).status();
            assert!(given.expect("it runs").success(), "the nodes' folders are theirs");
        }
    }

    /// A program of the server's. Each server of a machine needs a folder of its own for temporary files:
    /// one that starts removes those of another one in the same folder, also from under its queries.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("TMPDIR", self.folder.path()).arg("--no-defaults").args(self.user_option());
        command
    }

    fn user_option(&self) -> Option<String> {
        self.user.map(|user| format!("--user={user}"))
    }

    fn install(&self, n: usize) {
        let node = &self.nodes[n];
        let made = self
            .command("mariadb-install-db")
            .arg("--auth-root-authentication-method=normal")
            .args(["--skip-test-db", &format!("--datadir={}", node.folder.display())])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("it runs");
        assert!(made.success(), "a node's folder is made");
    }

    /// Starts a node, as the first one or to join the others.
    pub(crate) fn run(&mut self, n: usize, first: bool) {
        let mut members = String::from("gcomm://");
        if !first {
            for (at, node) in self.nodes.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                write!(members, "{comma}127.0.0.1:{}", node.group[0]).expect("text");
            }
        }
        let node = &self.nodes[n];
        let [group, increments, whole] = node.group;
        let log = std::fs::File::create(node.folder.with_extension("log")).expect("a log");
        let folder = node.folder.display();
        let process = self
            .command("mariadbd")
            .args(["--bind-address=127.0.0.1", "--binlog-format=ROW"])
            .arg(format!("--tmpdir={folder}.tmp"))
            .args(["--innodb-autoinc-lock-mode=2", "--innodb-buffer-pool-size=64M"])
            .args(["--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve"])
            .args(["--wsrep-on=ON", "--wsrep-cluster-name=mentorship", "--wsrep-sst-method=rsync"])
            .arg(format!("--datadir={folder}"))
            .arg(format!("--port={}", node.sql))
            .arg(format!("--socket={folder}/sock"))
            .arg(format!("--pid-file={folder}/pid"))
            .arg(format!("--wsrep-provider={}", self.provider))
            .arg(format!("--wsrep-cluster-address={members}"))
            .arg(format!("--wsrep-node-name=n{n}"))
            .arg(format!("--wsrep-node-address=127.0.0.1:{group}"))
            .arg(format!("--wsrep-sst-receive-address=127.0.0.1:{whole}"))
            .arg(format!(
                "--wsrep-provider-options=base_port={group};gcache.size=64M;\
                 gmcast.listen_addr=tcp://127.0.0.1:{group};ist.recv_addr=127.0.0.1:{increments}"
            ))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("a node starts");
        self.nodes[n].process = Some(process);
    }

    /// Waits until a node has everything that the others have.
    pub(crate) async fn synced(&mut self, n: usize) {
        for _ in 0..600 {
            let process = self.nodes[n].process.as_mut().expect("it was started");
            if process.try_wait().expect("it can be asked").is_some() {
                break;
            }
            if self.state(n, "WSREP_LOCAL_STATE_COMMENT").await.as_deref() == Some("Synced") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let log = std::fs::read_to_string(self.nodes[n].folder.with_extension("log"));
        panic!("node {n} does not join:\n{}", log.unwrap_or_default());
    }

    /// What a node says of itself; `None` while it does not answer.
    pub(crate) async fn state(&self, n: usize, variable: &str) -> Option<String> {
        let mut connection = MySqlConnection::connect(&self.at(n, "")).await.ok()?;
        let sql = "SELECT CAST(variable_value AS CHAR) FROM information_schema.global_status \
                   WHERE variable_name = ?";
        sqlx::query_scalar(sql).bind(variable).fetch_one(&mut connection).await.ok()
    }

    fn at(&self, n: usize, database: &str) -> String {
        format!("mysql://root@127.0.0.1:{}/{database}", self.nodes[n].sql)
    }

    /// Where a node is.
    pub(crate) fn url(&self, n: usize) -> String {
        self.at(n, "test")
    }

    /// A connection to a node, in no database.
    pub(crate) async fn connect(&self, n: usize) -> MySqlConnection {
        MySqlConnection::connect(&self.at(n, "")).await.expect("a node answers")
    }

    /// Ends a node at once, as a machine that loses its power does.
    pub(crate) fn kill(&mut self, n: usize) {
        if let Some(mut process) = self.nodes[n].process.take() {
            process.kill().expect("killed");
            process.wait().expect("over");
        }
    }
}

impl Drop for Galera {
    fn drop(&mut self) {
        for n in 0..NODES {
            self.kill(n);
        }
    }
}
