//! The templates that come with the library, and templates of the host's own.
//!
//! A template is versioned data: message keys with English words, never code. Making a program copies
//! it, so that a later version changes no program that exists (row 1). The shipped ones neither
//! encourage nor discourage meeting in person (D38).

use crate::{base::input::InputError, model::template::Template};

/// Most bytes of a template as JSON: 256 KiB.
pub const TEMPLATE_MAX_BYTES: usize = crate::base::input::DATA_MAX_BYTES;

/// The shipped templates, by key.
const SHIPPED: &[(&str, &str)] = &[
    ("career-advancement", include_str!("data/career-advancement.json")),
    ("skill-development", include_str!("data/skill-development.json")),
    ("encouragement-support", include_str!("data/encouragement-support.json")),
    ("education-pilot", include_str!("data/education-pilot.json")),
    ("crisis-recovery-pilot", include_str!("data/crisis-recovery-pilot.json")),
    ("flash", include_str!("data/flash.json")),
];

/// A template that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// More bytes than allowed.
    #[error("the template has {bytes} bytes; at most {TEMPLATE_MAX_BYTES} are allowed")]
    TooLarge {
        /// Bytes given.
        bytes: usize,
    },
    /// Not the JSON of a template. The message names line, column and field.
    #[error("the template is malformed: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Something in it breaks a limit.
    #[error(transparent)]
    Limit(#[from] InputError),
    /// The library ships no template of this key.
    #[error("no template of this key is shipped")]
    Unknown,
}

/// Keys of the shipped templates, the most common first.
pub fn keys() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(key, _)| *key)
}

/// A shipped template, in its newest version.
///
/// ```
/// let template = mentorship_core::templates::shipped("career-advancement")?;
/// assert_eq!(template.guide.steps.len(), 8);
/// # Ok::<(), mentorship_core::templates::TemplateError>(())
/// ```
///
/// # Errors
/// [`TemplateError::Unknown`] for a key that is not among [`keys`].
pub fn shipped(key: &str) -> Result<Template, TemplateError> {
    let found = SHIPPED.iter().find(|(known, _)| *known == key);
    let (_, json) = found.ok_or(TemplateError::Unknown)?;
    Template::from_json(json)
}

impl Template {
    /// A template of the host's own, as JSON. The shipped ones are examples of the form. Fields that are
    /// not known are refused, so that a misspelt setting does not go unnoticed.
    ///
    /// # Errors
    /// [`TemplateError`]: too large, malformed (with line, column and field), or over a limit.
    pub fn from_json(json: &str) -> Result<Self, TemplateError> {
        if json.len() > TEMPLATE_MAX_BYTES {
            return Err(TemplateError::TooLarge { bytes: json.len() });
        }
        Ok(serde_json::from_str::<Self>(json)?.checked()?)
    }
}
