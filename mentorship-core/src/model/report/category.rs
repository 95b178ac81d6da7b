//! What a report is about, how urgent that is, and who is to see it.

use crate::{base::text::Slug, model::code::coded};

coded! {
    /// How urgent a case is.
    pub enum Priority {
        /// Somebody is in danger now, or may be a minor.
        P0 = "p0",
        /// Harassment, threats, hate, sexual content.
        P1 = "p1",
        /// Scams, impersonation, pressure, other illegal content.
        P2 = "p2",
        /// Spam, poor conduct.
        P3 = "p3",
    }
}

impl Priority {
    /// Whether the case goes to the platform alone (D12).
    #[must_use]
    pub fn is_urgent(self) -> bool {
        match self {
            Self::P0 | Self::P1 => true,
            Self::P2 | Self::P3 => false,
        }
    }
}

/// The library's own categories. A host adds others through its
/// [`Directory`](crate::service::Directory); of these it changes none.
pub const CATEGORIES: &[(&str, Priority)] = &[
    ("imminent_danger", Priority::P0),
    ("suspected_minor", Priority::P0),
    ("sexual_exploitation", Priority::P0),
    ("harassment", Priority::P1),
    ("threats", Priority::P1),
    ("hate", Priority::P1),
    ("sexual_content", Priority::P1),
    ("scam", Priority::P2),
    ("solicitation", Priority::P2),
    ("impersonation", Priority::P2),
    ("off_platform_pressure", Priority::P2),
    ("illegal_content", Priority::P2),
    ("spam", Priority::P3),
    ("unresponsive", Priority::P3),
    ("poor_conduct", Priority::P3),
];

/// The priority of one of the library's own categories; `None` for any other code.
#[must_use]
pub fn priority_of(category: &Slug) -> Option<Priority> {
    CATEGORIES.iter().find(|(code, _)| *code == category.as_str()).map(|(_, priority)| *priority)
}

coded! {
    /// Whose reviewers see a case. The reporter asks for one; where the case goes is decided by
    /// [`decide::report`](crate::decide::report) (D12), and it never comes back from the platform.
    pub enum Tier {
        /// The admins of the group.
        Group = "group",
        /// The admins work it, the platform sees it and may take it over.
        Both = "both",
        /// The platform alone.
        Platform = "platform",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro that gives codes derives no default")]
impl Default for Tier {
    fn default() -> Self {
        Self::Both
    }
}

impl Tier {
    /// Whether admins of the group see the case, unless something recuses them.
    #[must_use]
    pub fn is_groups(self) -> bool {
        match self {
            Self::Group | Self::Both => true,
            Self::Platform => false,
        }
    }

    /// Whether platform staff sees the case.
    #[must_use]
    pub fn is_platforms(self) -> bool {
        match self {
            Self::Both | Self::Platform => true,
            Self::Group => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_is_a_code_and_stands_once() {
        for (code, priority) in CATEGORIES {
            assert_eq!(priority_of(&Slug::new(code).unwrap()), Some(*priority));
            assert_eq!(CATEGORIES.iter().filter(|(other, _)| other == code).count(), 1);
        }
        assert_eq!(priority_of(&Slug::new("loud").unwrap()), None);
    }
}
