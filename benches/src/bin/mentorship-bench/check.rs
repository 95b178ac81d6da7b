//! `check`: whether pairs keep the rules and a certificate proves them best.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;
use mentorship_core::matching::{certificate::Certificate, check};

use super::{Failure, Source, tables};

/// Checks pairs and their certificate. The exit code is 0 if they are proven best, 1 if not, and 2 if a file
/// cannot be read.
#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    source: Source,
    /// The pairs, as `mentee,mentor,score`.
    #[arg(long)]
    pairs: PathBuf,
    /// The certificate, as JSON.
    #[arg(long)]
    certificate: PathBuf,
}

impl Check {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let loaded = self.source.load()?;
        let pairs = tables::read_pairs(&self.pairs, &loaded)?;
        let path = self.certificate.display();
        let text = fs::read(&self.certificate).map_err(|error| format!("{path}: {error}"))?;
        let certificate: Certificate =
            serde_json::from_slice(&text).map_err(|error| format!("{path}: {error}"))?;
        match check::check(&loaded.problem, &pairs, &certificate) {
            Ok(value) => {
                println!("proven: {} pairs, {} points", value.matched, value.total);
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                println!("not proven: {error}");
                Ok(ExitCode::FAILURE)
            }
        }
    }
}
