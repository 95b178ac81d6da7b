//! `check`: whether pairs keep the rules and a certificate proves them best.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;
use mentorship_core::matching::{
    certificate::{Certificate, FairCertificate},
    check,
};

use super::{Failure, Source, stable, tables};

/// Checks pairs and their certificate, or that they are stable. The exit code is 0 if they are proven best or
/// are stable, 1 if not, and 2 if a file cannot be read.
#[derive(Args, Debug)]
pub(crate) struct Check {
    #[command(flatten)]
    source: Source,
    /// The pairs, as `mentee,mentor,score`; with `--stable` as `mentee,mentor,mentee_rank,mentor_rank` or
    /// `mentee,mentor`.
    #[arg(long)]
    pairs: PathBuf,
    /// The certificate, as JSON.
    #[arg(long, required_unless_present = "stable", conflicts_with = "stable")]
    certificate: Option<PathBuf>,
}

impl Check {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        if let Some(path) = &self.source.stable {
            return stable::check_pairs(path, self.source.capacities.as_deref(), &self.pairs);
        }
        let certificate = self.certificate.as_deref().ok_or("no certificate was named")?;
        let loaded = self.source.load()?;
        let pairs = tables::read_pairs(&self.pairs, &loaded)?;
        let path = certificate.display();
        let text = fs::read(certificate).map_err(|error| format!("{path}: {error}"))?;
        let named = |error: serde_json::Error| format!("{path}: {error}");
        let json: serde_json::Value = serde_json::from_slice(&text).map_err(named)?;
        let checked = if json.get("levels").is_some() {
            let certificate: FairCertificate = serde_json::from_value(json).map_err(named)?;
            check::check_fairest(&loaded.problem, &pairs, &certificate)
        } else {
            let certificate: Certificate = serde_json::from_value(json).map_err(named)?;
            check::check(&loaded.problem, &pairs, &certificate)
        };
        match checked {
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
