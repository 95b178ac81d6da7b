//! Where an export is.

use serde::{Deserialize, Serialize};

use crate::{base::id::PairId, model::enrollment::Role, store::Cursor};

/// Which part of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportAsk {
    /// About how many items are read for one part, 1 to 500; default 500. A part may hold fewer, also none.
    pub limit: u16,
    /// `next` of the part before; `None` for the first.
    pub after: Option<ExportPlace>,
}

impl Default for ExportAsk {
    fn default() -> Self {
        Self { limit: 500, after: None }
    }
}

/// Where the next part of an export begins. A host passes it back as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPlace {
    pub(super) section: Section,
    pub(super) after: Option<Cursor>,
    pub(super) pair: Option<InPair>,
}

/// In which pair an export is, and where it goes on after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct InPair {
    pub(super) pair: PairId,
    pub(super) side: Role,
    pub(super) next: Option<Cursor>,
}

/// The lists of an export, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Section {
    Enrollments,
    Offers,
    Pairs,
    Posts,
    CheckIns,
    Blocks,
    Avoids,
    Wishes,
    Reports,
    Statements,
    Events,
}

impl From<Section> for ExportPlace {
    fn from(section: Section) -> Self {
        Self { section, after: None, pair: None }
    }
}
