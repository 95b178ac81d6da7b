//! Servers of a test's own, which it may kill. On a machine without their programs the tests say what
//! they did not run.

use std::{
    fs,
    io::Write as _,
    net::{Ipv4Addr, TcpListener},
    os::unix::{
        fs::{MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use tempfile::TempDir;

/// A port that nobody listens on, below those that the system gives to whoever connects: a server that is killed
/// finds it free when it is started again.
pub(crate) fn free_port() -> u16 {
    static TRIED: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id() * 64;
    let mut ports = std::iter::from_fn(|| {
        let next = first.wrapping_add(TRIED.fetch_add(1, Ordering::Relaxed)) % 20_000;
        Some(10_000 + u16::try_from(next).expect("small"))
    });
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    ports.by_ref().take(20_000).find(is_free).expect("a free port")
}

/// A server in a folder of its own, and the process that runs it.
pub(crate) struct Private {
    kind: &'static Kind,
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    options: Vec<String>,
    process: Option<Child>,
}

/// What servers of a kind are run with.
struct Kind {
    name: &'static str,
    /// As whom, if the tests are run by root: servers refuse that.
    user: &'static str,
    server: &'static str,
    maker: &'static str,
}

static POSTGRES: Kind =
    Kind { name: "PostgreSQL", user: "postgres", server: "postgres", maker: "initdb" };
static MARIADB: Kind =
    Kind { name: "MariaDB", user: "mysql", server: "mariadbd", maker: "mariadb-install-db" };

/// Says plainly what is not run, past the capture of a test's output.
pub(crate) fn not_run(what: &str, why: &str) {
    let said = format!("NOT RUN: {what}: {why}\n");
    std::io::stderr().write_all(said.as_bytes()).expect("said");
}

/// Where a program is: on the path, or where Debian keeps servers.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = versions.map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders.into_iter().map(|folder| folder.join(program)).find(|at| at.is_file())
}

/// User and group by name.
pub(crate) fn ids(user: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.split(':').next() == Some(user))?;
    let mut fields = line.split(':').skip(2).map(str::parse);
    Some((fields.next()?.ok()?, fields.next()?.ok()?))
}

pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0)
}

/// The processes that a process has started.
fn children(of: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter(|number| stat(*number).is_some_and(|(_, parent)| parent == of)).collect()
}

/// The state of a process and its parent's number.
fn stat(process: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

impl Private {
    /// A new `PostgreSQL`, not yet started; `None` if it is not on this machine.
    pub(crate) fn postgres() -> Option<Self> {
        let server = Self::new(&POSTGRES)?;
        let data = server.data();
        let data = data.to_str()?;
        server.run("initdb", &["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]);
        Some(server)
    }

    /// A new `MariaDB`, not yet started; `None` if it is not on this machine.
    pub(crate) fn mariadb() -> Option<Self> {
        let server = Self::new(&MARIADB)?;
        let data = format!("--datadir={}", server.data().display());
        let as_root = "--auth-root-authentication-method=normal";
        server.run(MARIADB.maker, &["--no-defaults", &data, as_root]);
        Some(server)
    }

    fn new(kind: &'static Kind) -> Option<Self> {
        let missing = |what: &str| {
            not_run(&format!("a {} of the test's own", kind.name), &format!("no {what} here"));
        };
        let Some(server) = find(kind.server) else {
            missing(kind.server);
            return None;
        };
        if find(kind.maker).is_none() {
            missing(kind.maker);
            return None;
        }
        if is_root() && ids(kind.user).is_none() {
            missing(&format!("user {}", kind.user));
            return None;
        }
        // What belongs to it stands beside it, not beside a link to it.
        let server = fs::canonicalize(server).ok()?;
        Some(Self::at(kind, server.parent()?))
    }

    fn at(kind: &'static Kind, programs: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        if let Some((user, group)) = ids(kind.user).filter(|_| is_root()) {
            chown(folder.path(), Some(user), Some(group)).expect("the folder is the server's");
        }
        let programs = programs.to_owned();
        Self { kind, programs, folder, port: free_port(), options: Vec::new(), process: None }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program of the server's, to be run as its user.
    fn program(&self, name: &str) -> Command {
        let beside = self.programs.join(name);
        let path = if beside.is_file() { beside } else { find(name).expect("a program") };
        let mut command = Command::new(path);
        if let Some((user, group)) = ids(self.kind.user).filter(|_| is_root()) {
            command.uid(user).gid(group);
        }
        let log = fs::File::options().create(true).append(true).open(self.log()).expect("a log");
        let out = log.try_clone().expect("a log");
        // A server that starts clears away what others seem to have left in the folder for temporary
        // files: in one that is shared, that is what a running server needs.
        command.env("TMPDIR", self.folder.path());
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(out).stderr(log);
        command
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn run(&self, name: &str, arguments: &[&str]) {
        let status = self.program(name).args(arguments).status().expect("it runs");
        assert!(status.success(), "{name}: {}", fs::read_to_string(self.log()).unwrap_or_default());
    }

    /// The same server with these options from its next start on.
    pub(crate) fn with(mut self, options: &[&str]) -> Self {
        self.options = options.iter().map(ToString::to_string).collect();
        self
    }

    /// Starts it. Whoever connects waits until it is ready.
    pub(crate) fn start(&mut self) {
        assert!(self.process.is_none(), "it is running");
        let (data, port) = (self.data().display().to_string(), self.port);
        let mut command = self.program(self.kind.server);
        if self.kind.user == POSTGRES.user {
            command.args(["-D", &data, "-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""]);
        } else {
            let folder = self.folder.path().display();
            command.arg("--no-defaults");
            command.args([format!("--datadir={data}"), format!("--port={port}")]);
            command.args([format!("--socket={folder}/socket"), format!("--pid-file={folder}/pid")]);
            command.args(["--bind-address=127.0.0.1", "--skip-name-resolve"]);
        }
        self.process = Some(command.args(&self.options).spawn().expect("it starts"));
    }

    /// Ends every process of it at once, in the middle of whatever it does.
    pub(crate) fn kill(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let mut all = vec![process.id()];
        all.extend(children(process.id()));
        let names = all.iter().map(ToString::to_string);
        // Those that ended meanwhile are not there any more.
        let _ = Command::new("kill").arg("-9").args(names).stderr(Stdio::null()).status();
        process.wait().expect("it has ended");
        // Processes of a server that comes back must not meet those of the one before.
        while all.iter().any(|it| stat(*it).is_some_and(|(state, _)| state != 'Z')) {
            std::thread::yield_now();
        }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        let (scheme, user) = match self.kind.user {
            "postgres" => ("postgres", "postgres"),
            _ => ("mysql", "root"),
        };
        let database = if scheme == "postgres" { "postgres" } else { "test" };
        format!("{scheme}://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// A copy of this running `PostgreSQL` that follows it, not yet started.
    pub(crate) fn standby(&self) -> Self {
        let standby = Self::at(self.kind, &self.programs);
        let (data, port) = (standby.data(), self.port.to_string());
        let data = data.to_str().expect("a path of ours");
        let of = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres"];
        let how = ["-D", data, "--write-recovery-conf", "--checkpoint=fast", "--no-sync"];
        standby.run("pg_basebackup", &[&of[..], &how[..]].concat());
        standby
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = fs::read_to_string(self.log()).unwrap_or_default();
            let last: Vec<_> = log.lines().rev().take(20).collect();
            eprintln!("{}, its last lines first: {last:#?}", self.kind.name);
        }
    }
}
