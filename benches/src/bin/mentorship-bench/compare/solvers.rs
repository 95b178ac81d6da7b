//! Who is compared: the engine, and whoever else is installed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::process::Command;

use super::child::{Children, Ended};
use crate::Failure;

/// What the peers of Python run. The second one uses the first.
const SCRIPT: &str = include_str!("peers.py");
const STABLE_SCRIPT: &str = include_str!("stable_peers.py");
/// The peer in C++.
const LEMON: &str = include_str!("lemon.cpp");

/// Name of a peer, and what installs it.
const PEERS: [(&str, &str); 9] = [
    ("ortools", "pip install numpy ortools"),
    ("lapx-lapmod", "pip install numpy lapx"),
    ("lapx-lapjv", "pip install numpy lapx"),
    ("lapx-lapjvs", "pip install numpy lapx"),
    ("lapjv", "pip install numpy lapjv"),
    ("scipy-dense", "pip install numpy scipy"),
    ("scipy-sparse", "pip install numpy scipy"),
    ("networkx", "pip install numpy networkx"),
    ("lemon", "a C++ compiler `g++` and the headers of LEMON, `apt install liblemon-dev`"),
];

/// The same for stable pairings.
const STABLE_PEERS: [(&str, &str); 2] =
    [("matching", "pip install matching"), ("algmatch", "pip install algmatch")];

/// Those who do one or the other.
pub(super) fn peers(stable: bool) -> &'static [(&'static str, &'static str)] {
    if stable { &STABLE_PEERS } else { &PEERS }
}

/// The engine among the solvers.
pub(super) const ENGINE: &str = "mentorship";

/// Time enough to look at a package or to compile a file.
const PREPARING: Duration = Duration::from_mins(5);

/// How a solver is run.
#[derive(Debug)]
enum How {
    Engine,
    Script,
    Lemon,
}

/// A solver that is there.
#[derive(Debug, Serialize)]
pub(super) struct Solver {
    pub(super) name: &'static str,
    pub(super) version: String,
    #[serde(skip)]
    how: How,
}

/// A peer that is not.
#[derive(Debug, Serialize)]
pub(super) struct Absent {
    pub(super) name: &'static str,
    /// What installs it.
    pub(super) install: &'static str,
    pub(super) why: String,
}

/// All who are compared, and what they need to run.
pub(super) struct Solvers {
    pub(super) there: Vec<Solver>,
    pub(super) absent: Vec<Absent>,
    pub(super) python: Option<String>,
    engine: PathBuf,
    interpreter: PathBuf,
    script: &'static str,
    folder: TempDir,
    threads: u32,
}

/// What the script says of itself.
#[derive(Deserialize)]
struct Listed {
    python: String,
    peers: Vec<Peer>,
}

#[derive(Deserialize)]
struct Peer {
    name: String,
    version: Option<String>,
    why: Option<String>,
}

/// What is asked of each.
pub(super) enum Task<'a> {
    /// The best pairing of an instance.
    Best { file: &'a Path, weights: &'static str, objective: &'static str },
    /// A stable pairing.
    Stable { ranks: &'a Path, capacities: Option<&'a Path>, pairs: &'a Path },
}

impl Solvers {
    /// Looks which peers are there, stable ones or the others. `wanted` names some of them; all if it is
    /// empty.
    pub(super) fn find(
        children: &Children,
        interpreter: PathBuf,
        stable: bool,
        wanted: &[String],
        threads: u32,
    ) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        for (name, text) in [("peers.py", SCRIPT), ("stable_peers.py", STABLE_SCRIPT)] {
            fs::write(folder.path().join(name), text)?;
        }
        let script = if stable { "stable_peers.py" } else { "peers.py" };
        let engine = std::env::current_exe()?;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let there = vec![Solver { name: ENGINE, version, how: How::Engine }];
        let (absent, python) = (Vec::new(), None);
        let mut all = Self { there, absent, python, engine, interpreter, script, folder, threads };
        let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|it| it == name);
        let listed = all.listed(children);
        for &(name, install) in peers(stable).iter().filter(|it| is_wanted(it.0)) {
            let (version, how) = if name == "lemon" {
                (all.compile(children), How::Lemon)
            } else {
                let version = match &listed {
                    Ok(listed) => match listed.get(name) {
                        Some(Peer { version: Some(version), .. }) => Ok(version.clone()),
                        Some(Peer { why: Some(why), .. }) => Err(why.clone()),
                        _ => Err("the script does not know it".to_owned()),
                    },
                    Err(why) => Err(why.clone()),
                };
                (version, How::Script)
            };
            match version {
                Ok(version) => all.there.push(Solver { name, version, how }),
                Err(why) => all.absent.push(Absent { name, install, why }),
            }
        }
        Ok(all)
    }

    /// What the script finds installed.
    fn listed(&mut self, children: &Children) -> Result<BTreeMap<String, Peer>, String> {
        let mut command = self.script();
        command.arg("list");
        let interpreter = self.interpreter.display();
        let said = match children.run(command, PREPARING) {
            Ended::Well(said) => said,
            Ended::Badly(why) => return Err(format!("{interpreter}: {why}")),
            Ended::Over => return Err(format!("{interpreter}: it did not answer")),
        };
        let listed: Listed =
            serde_json::from_slice(&said).map_err(|error| format!("{interpreter}: {error}"))?;
        self.python = Some(listed.python);
        Ok(listed.peers.into_iter().map(|it| (it.name.clone(), it)).collect())
    }

    /// Compiles the peer in C++; its version, or why it cannot be.
    fn compile(&self, children: &Children) -> Result<String, String> {
        let folder = self.folder.path();
        let (source, program) = (folder.join("lemon.cpp"), folder.join("lemon"));
        fs::write(&source, LEMON).map_err(|error| error.to_string())?;
        let mut compiler = Command::new("g++");
        compiler.args(["-O3", "-march=native", "-w", "-o"]).arg(&program).arg(&source);
        let mut version = Command::new(&program);
        version.arg("version");
        for (command, what) in [(compiler, "g++"), (version, "lemon")] {
            match children.run(command, PREPARING) {
                Ended::Well(said) if what == "lemon" => {
                    return Ok(String::from_utf8_lossy(&said).trim().to_owned());
                }
                Ended::Well(_) => (),
                Ended::Badly(why) if why.contains("compilation terminated") => {
                    return Err("g++ does not find the headers of LEMON".to_owned());
                }
                Ended::Badly(why) => return Err(format!("{what}: {why}")),
                Ended::Over => return Err(format!("{what}: it did not end")),
            }
        }
        Err("it was not compiled".to_owned())
    }

    fn script(&self) -> Command {
        let mut command = Command::new(&self.interpreter);
        command.arg(self.folder.path().join(self.script));
        // What a library of linear algebra under a peer may take.
        for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"] {
            command.env(name, self.threads.to_string());
        }
        command
    }

    /// Where a process may write.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process in which a solver does a task.
    pub(super) fn command(&self, solver: &Solver, task: &Task<'_>) -> Command {
        let mut command = match solver.how {
            How::Engine => Command::new(&self.engine),
            How::Script => self.script(),
            How::Lemon => Command::new(self.folder.path().join("lemon")),
        };
        match (&solver.how, task) {
            (How::Engine, Task::Best { file, weights, objective }) => {
                command.arg("solve").arg(file).args(["--json", "--warm"]);
                command.args(["--weights", weights, "--objective", objective]);
                command.args(["--threads", &self.threads.min(64).to_string()]);
            }
            (How::Script, Task::Best { file, weights, objective }) => {
                command.args(["run", solver.name]).arg(file).args([weights, objective]);
            }
            (How::Lemon, Task::Best { file, weights, objective }) => {
                command.arg(file).args([weights, objective]);
            }
            (How::Engine, Task::Stable { ranks, capacities, pairs }) => {
                command.args(["solve", "--json", "--stable"]).arg(ranks).arg("--pairs").arg(pairs);
                if let Some(capacities) = capacities {
                    command.arg("--capacities").arg(capacities);
                }
            }
            (How::Script | How::Lemon, Task::Stable { ranks, capacities, pairs }) => {
                command.args(["run", solver.name]).arg(ranks).arg(pairs);
                command.args(capacities.iter());
            }
        }
        command
    }
}
