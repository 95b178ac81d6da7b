//! What there is to be seen of somebody, and who sees it: one table, which queries read that show a part of a
//! record and keep another from whoever asks. (The score of a match has no cell of its own: who reads proposals and runs
//! reads it.)
//!
//! Two other tables answer other questions and stand by themselves. Whether somebody may ask at all, or do something, is
//! said by [`permission`](crate::policy::permission) with one word for a whole record; this one goes on from there and
//! says what of the record they are shown. Who may not review a case is said by
//! [`RECUSALS`](crate::decide::report::RECUSALS), for whom there is no case and so nothing to be shown. How long the two
//! of a pair read what the other wrote is a matter of time and of who ended it, and stands where it is read
//! (`service/queries/thread.rs`).

use super::{
    code::coded,
    form::{
        Sensitivity::{self, Normal, SpecialCategory},
        VisibleTo::{self, Admin, Group, Matcher, Partner, ProposedPartner},
    },
};

coded! {
    /// Who looks at what there is to be seen of somebody: the columns of [`TABLE`].
    pub enum Viewer {
        /// Whose it is: who answered, ended or said it, whose age or match it is. Of an end by an admin, the admins.
        Owner = "owner",
        /// An admin of the program's group, in a case as elsewhere. What is copied into a case is what its reporter may
        /// see and no more.
        Admin = "admin",
        /// Whoever is offered to the owner as a partner.
        ProposedPartner = "proposed_partner",
        /// The partner.
        Partner = "partner",
        /// A member of the group.
        Group = "group",
        /// Platform staff outside of any case. Not what the platform takes out for somebody as one document, which is
        /// theirs, nor the audit log, which it keeps.
        Staff = "staff",
        /// What a case shows to platform staff who work it, besides.
        Reviewer = "reviewer",
    }
}

/// What there is to be seen of somebody: the rows of [`TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// An answer to a question of this kind.
    Answer(VisibleTo, Sensitivity),
    /// From which day on they are an adult.
    Age,
    /// What speaks for a match that they are offered, and what against it.
    MatchReasons,
    /// Why they ended a pair.
    EndReason,
    /// Their words beside it.
    EndNote,
    /// The score of their check-in.
    CheckInScore,
    /// The note of their check-in.
    CheckInNote,
    /// What they let the group show of their time in the program.
    Testimonial,
    /// Whom they block.
    Blocks,
    /// With whom they wish not to be matched.
    Avoids,
    /// With whom they wish to be matched.
    Wishes,
}

/// What the table says of one thing and one viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seen {
    /// Nothing.
    No,
    /// All of it.
    Yes,
    /// All of it if its author let the group see them.
    OptedIn,
    /// All of it if its author shared it, and it is of a kind that may be shared.
    Shared,
    /// All of it if both of a pair were told of supervision before they enrolled.
    Supervised,
    /// The same, and else how many there are, as [`Seen::Counted`].
    SupervisedElseCounted,
    /// Whether it is so today, and never since or until when.
    Whether,
    /// What speaks for somebody, without a number; never what speaks against.
    Positive,
    /// How many there are of many people, and never whose.
    Counted,
}

/// What it depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct When {
    /// Its author let the group see them.
    pub opted_in: bool,
    /// Its author shared it, and it is of a kind that may be shared.
    pub shared: bool,
    /// Both of the pair were told of supervision before they enrolled, and the program still supervises.
    pub supervised: bool,
}

impl Seen {
    /// Whether all of it is seen.
    #[must_use]
    pub const fn is_all(self, when: When) -> bool {
        match self {
            Self::Yes => true,
            Self::OptedIn => when.opted_in,
            Self::Shared => when.shared,
            Self::Supervised | Self::SupervisedElseCounted => when.supervised,
            Self::No | Self::Whether | Self::Positive | Self::Counted => false,
        }
    }

    /// Whether it is told whether it is so.
    #[must_use]
    pub const fn is_whether(self) -> bool {
        matches!(self, Self::Yes | Self::Whether)
    }

    /// Whether it is counted.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::Counted | Self::SupervisedElseCounted)
    }
}

/// The table. Columns: owner, admin, proposed partner, partner, group, staff, reviewer.
///
/// Of a special category nobody but the author and staff in a case about them sees anything, whatever the question
/// says (D34): the consent that somebody gives lets the rules use such an answer and shows it to nobody.
pub const TABLE: &[(What, [Seen; 7])] = {
    use What::{
        Age, Answer, Avoids, Blocks, CheckInNote, CheckInScore, EndNote, EndReason, MatchReasons,
        Testimonial, Wishes,
    };
    use {S::No, S::Yes, Seen as S};
    &[
        (Answer(Matcher, Normal), [Yes, No, No, No, No, No, Yes]),
        (Answer(Admin, Normal), [Yes, Yes, No, No, No, No, Yes]),
        (Answer(Partner, Normal), [Yes, Yes, No, Yes, No, No, Yes]),
        (Answer(ProposedPartner, Normal), [Yes, Yes, Yes, Yes, No, No, Yes]),
        (Answer(Group, Normal), [Yes, Yes, Yes, Yes, S::OptedIn, No, Yes]),
        (Answer(Matcher, SpecialCategory), [Yes, No, No, No, No, No, Yes]),
        (Answer(Admin, SpecialCategory), [Yes, No, No, No, No, No, Yes]),
        (Answer(Partner, SpecialCategory), [Yes, No, No, No, No, No, Yes]),
        (Answer(ProposedPartner, SpecialCategory), [Yes, No, No, No, No, No, Yes]),
        (Answer(Group, SpecialCategory), [Yes, No, No, No, No, No, Yes]),
        (Age, [Yes, S::Whether, No, No, No, No, S::Whether]),
        (MatchReasons, [S::Positive, Yes, No, No, No, No, No]),
        (EndReason, [Yes, S::Shared, No, S::Shared, No, No, Yes]),
        (EndNote, [Yes, S::Shared, No, S::Shared, No, No, S::Shared]),
        (CheckInScore, [Yes, S::SupervisedElseCounted, No, No, No, S::Counted, No]),
        (CheckInNote, [Yes, S::Supervised, No, S::Shared, No, No, S::Shared]),
        (Testimonial, [Yes, Yes, No, No, No, Yes, Yes]),
        (Blocks, [Yes, No, No, No, No, S::Counted, No]),
        (Avoids, [Yes, S::Counted, No, No, No, No, No]),
        (Wishes, [Yes, No, No, No, No, No, No]),
    ]
};

/// What the table says. What has no row is seen by nobody.
#[must_use]
pub fn seen(what: What, viewer: Viewer) -> Seen {
    let row = TABLE.iter().find(|(listed, _)| *listed == what);
    let column = Viewer::ALL.iter().position(|listed| *listed == viewer);
    let cell = row.zip(column).and_then(|((_, cells), column)| cells.get(column));
    cell.copied().unwrap_or(Seen::No)
}

/// Whether all of it is seen.
#[must_use]
pub fn shows(what: What, viewer: Viewer, when: When) -> bool {
    seen(what, viewer).is_all(when)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_question_has_exactly_one_row() {
        for visible_to in VisibleTo::ALL {
            for how in Sensitivity::ALL {
                let what = What::Answer(*visible_to, *how);
                let rows = TABLE.iter().filter(|it| it.0 == what).count();
                assert_eq!(rows, 1, "{visible_to} {how}");
            }
        }
    }

    #[test]
    fn nothing_has_two_rows() {
        for (row, (what, _)) in TABLE.iter().enumerate() {
            assert!(TABLE[..row].iter().all(|it| it.0 != *what), "{what:?}");
        }
    }
}
