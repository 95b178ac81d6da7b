//! What a host's own moderation does with content.

use serde::{Deserialize, Serialize};

/// What becomes of a post, a comment, a check-in or an introduction by the host's own moderation (D37).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moderation {
    /// Its author sees it, and that it is hidden; for everybody else it is gone, as if removed. For what has to be
    /// looked at first.
    Hide,
    /// What was hidden is shown again, unless a case holds it as well.
    Show,
    /// Its text is gone for good; its place stays. What a case has copied as evidence stays with its reviewers.
    Remove,
}
