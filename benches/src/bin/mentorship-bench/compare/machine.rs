//! On what it was measured.

use std::fs;

use serde::Serialize;

/// The machine and its system, as far as they tell.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    cpu: String,
    cores: usize,
    memory_mb: Option<u64>,
    system: String,
    /// Whether this program was built with optimisation; without it nothing here is worth comparing.
    pub(super) optimised: bool,
}

/// The value of a line `name<between>value` of a file.
fn value(path: &str, name: &str, between: char) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(between)?;
        (found.trim() == name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

impl Machine {
    pub(super) fn here() -> Self {
        let unknown = || "unknown".to_owned();
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").ok();
        let system = value("/etc/os-release", "PRETTY_NAME", '=').unwrap_or_else(unknown);
        let memory = value("/proc/meminfo", "MemTotal", ':');
        let memory = memory.and_then(|it| it.strip_suffix(" kB")?.parse::<u64>().ok());
        Self {
            cpu: value("/proc/cpuinfo", "model name", ':').unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mb: memory.map(|it| it / 1024),
            system: match kernel {
                Some(kernel) => format!("{system}, {} {}", std::env::consts::OS, kernel.trim()),
                None => format!("{system}, {}", std::env::consts::OS),
            },
            optimised: !cfg!(debug_assertions),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {} core(s)", self.cpu, self.cores)?;
        if let Some(memory) = self.memory_mb {
            write!(f, ", {memory} MiB")?;
        }
        write!(f, "; {}", self.system)
    }
}
