//! A template: everything a new program starts from, as versioned data.

use serde::{Deserialize, Serialize};

use super::{
    form::{Form, Message},
    guide::Guide,
    program::ProgramPolicy,
};
use crate::base::text::Slug;

/// What a new program starts from. Making a program copies it; nothing links back (row 1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Stable key.
    pub key: Slug,
    /// Version, from 1. A changed template has a higher one.
    pub version: u32,
    /// What admins see as its name.
    pub title: Message,
    /// What it is for.
    pub summary: Message,
    /// What programs made from it are about.
    pub topic: Slug,
    /// The questionnaire with its rules.
    pub form: Form,
    /// The guide.
    pub guide: Guide,
    /// The settings.
    pub policy: ProgramPolicy,
}
