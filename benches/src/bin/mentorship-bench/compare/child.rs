//! One process at a time, for so long and no longer.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::Command,
    runtime::{Builder, Runtime},
    time::timeout,
};

use crate::Failure;

/// How a process ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// With what it printed.
    Well(Vec<u8>),
    /// With the last line of what it complained about.
    Badly(String),
    /// It was killed, since it took too long.
    Over,
}

/// Starts processes, and waits for each.
pub(super) struct Children {
    runtime: Runtime,
}

async fn all(from: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        // What was read before an error is all there is.
        let _ = from.read_to_end(&mut bytes).await;
    }
    bytes
}

impl Children {
    pub(super) fn new() -> Result<Self, Failure> {
        Ok(Self { runtime: Builder::new_current_thread().enable_all().build()? })
    }

    /// Runs a program to its end, or kills it.
    pub(super) fn run(&self, mut command: Command, limit: Duration) -> Ended {
        self.runtime.block_on(async move {
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = match command.kill_on_drop(true).spawn() {
                Ok(child) => child,
                Err(error) => return Ended::Badly(error.to_string()),
            };
            let (out, complaints) = (child.stdout.take(), child.stderr.take());
            let to_the_end = async { tokio::join!(all(out), all(complaints), child.wait()) };
            let Ok((out, complaints, status)) = timeout(limit, to_the_end).await else {
                // Waits for it to be gone, so that it does not run beside the next one.
                let _ = child.kill().await;
                return Ended::Over;
            };
            if status.is_ok_and(|it| it.success()) {
                return Ended::Well(out);
            }
            let complaints = String::from_utf8_lossy(&complaints);
            let last = complaints.lines().rev().find(|it| !it.trim().is_empty());
            Ended::Badly(last.map_or_else(|| "it failed".to_owned(), |it| it.trim().to_owned()))
        })
    }
}
