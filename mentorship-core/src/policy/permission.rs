//! The table of who may do what, and who may ask for what. Every check in the library reads it, and so does the test
//! that tries every cell. It speaks of whole records: what of one somebody is shown who may ask for it is said by
//! [`visible`](crate::model::visible).

use crate::model::code::coded;

coded! {
    /// What an actor is to the record in question.
    pub enum Standing {
        /// Platform staff.
        Staff = "staff",
        /// An admin of the program's group.
        Admin = "admin",
        /// The mentor of this very enrolment, offer or pair.
        Mentor = "mentor",
        /// The mentee of this very enrolment, offer or pair.
        Mentee = "mentee",
        /// Any other person of the tenant.
        Third = "third",
        /// The host's own code.
        Host = "host",
        /// Time.
        Clock = "clock",
    }
}

coded! {
    /// Something to do or to see.
    pub enum Action {
        /// See a program's settings and guide.
        ViewProgram = "view_program",
        /// Create, edit, preview, open, close and wind down a program.
        ManageProgram = "manage_program",
        /// Archive a program.
        ArchiveProgram = "archive_program",
        /// Suspend and resume a program.
        SuspendProgram = "suspend_program",
        /// See who of a program let the group see them.
        ViewDirectory = "view_directory",
        /// Apply to a program.
        Apply = "apply",
        /// Change, pause, resume or withdraw an enrolment.
        ManageEnrollment = "manage_enrollment",
        /// See an application and its answers.
        ViewEnrollment = "view_enrollment",
        /// Approve, reject, waitlist, ask for more.
        DecideApplication = "decide_application",
        /// Hold an enrolment and end the hold.
        HoldEnrollment = "hold_enrollment",
        /// Take an enrolment out.
        RemoveEnrollment = "remove_enrollment",
        /// See candidates, drafts, scores.
        ViewDrafts = "view_drafts",
        /// Stage, publish and take back proposals.
        ManageProposals = "manage_proposals",
        /// See an offer.
        ViewOffer = "view_offer",
        /// Accept or decline an offer.
        AnswerOffer = "answer_offer",
        /// See that a pair exists, its state, dates and share of steps done.
        ViewPair = "view_pair",
        /// Read posts, comments and check-in notes.
        ReadPair = "read_pair",
        /// Read the testimonials that people let a program show.
        ViewTestimonials = "view_testimonials",
        /// Read how a program stands, in numbers; in ranges for everybody but staff.
        ViewStatistics = "view_statistics",
        /// Read around whom there are many blocks, reports and quick ends.
        ViewSignals = "view_signals",
        /// Introduce oneself, post, finish steps, check in.
        WritePair = "write_pair",
        /// Pause and resume a pair.
        PausePair = "pause_pair",
        /// End a pair.
        EndPair = "end_pair",
        /// Ask for another round with the same partner.
        RestartPair = "restart_pair",
        /// Freeze and unfreeze a pair.
        FreezePair = "freeze_pair",
        /// Hide, show again and remove what was written in a pair, outside of any case.
        ModerateContent = "moderate_content",
        /// Set, see and lift one's own blocks and no-rematch wishes; set one's own reminders.
        ManageOwnSafety = "manage_own_safety",
        /// Tell what the host knows of a person: age, zone, that they left a group.
        RecordPersonFacts = "record_person_facts",
        /// Put another key in the place of a person's, or erase it.
        RenamePerson = "rename_person",
        /// Take everything of a person out: one's own, or for them.
        ErasePerson = "erase_person",
        /// Read everything of a person as one document: one's own, or for them.
        ExportPerson = "export_person",
        /// Read the whole audit log, private events too.
        ViewAudit = "view_audit",
        /// Read a program's audit log without private events.
        ViewProgramAudit = "view_program_audit",
        /// Read the events of one's own acts.
        ViewOwnAudit = "view_own_audit",
        /// Report somebody.
        FileReport = "file_report",
        /// See what became of one's own reports, answer, take back, appeal; read what was decided about
        /// oneself.
        ViewOwnCases = "view_own_cases",
        /// See, work and decide report cases.
        ReviewCases = "review_cases",
        /// Freeze, suspend and withdraw content while a case is open, and end that.
        HoldInCase = "hold_in_case",
        /// See and lift bans.
        ManageBans = "manage_bans",
        /// Take only urgent reports from somebody, and end that.
        MuteReporters = "mute_reporters",
        /// Run the sweep and read the outbox.
        Operate = "operate",
    }
}

/// What the table says of one action in one standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Never.
    No,
    /// Always.
    Yes,
    /// While the program is open to the group.
    WhenOpen,
    /// If both were told of supervision before they enrolled.
    WhenSupervised,
    /// If the case is one for these reviewers, and nothing recuses this one (D12, D13).
    WhenUnrecused,
    /// Only inside a case that is one for this reviewer: what was copied into it; and of the records that it is about,
    /// while they work it, how they stand.
    InCase,
}

/// What a grant depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a condition of its own")]
pub struct Circumstances {
    /// The program is open to its group.
    pub open: bool,
    /// Both sides consented to supervision.
    pub supervised: bool,
    /// The case is one for these reviewers, and nothing recuses this one.
    pub unrecused: bool,
    /// It is read in a case that lets this reviewer read it.
    pub in_case: bool,
}

/// The table, a row per action. Columns: staff, admin, mentor, mentee, third, host, clock.
pub const TABLE: &[(Action, [Grant; 7])] = {
    use {
        Action as A,
        Grant::{InCase, No, WhenOpen, WhenSupervised, WhenUnrecused, Yes},
    };
    &[
        (A::ViewProgram, [Yes, Yes, Yes, Yes, WhenOpen, Yes, No]),
        (A::ManageProgram, [No, Yes, No, No, No, No, No]),
        (A::ArchiveProgram, [Yes, Yes, No, No, No, No, Yes]),
        (A::SuspendProgram, [Yes, No, No, No, No, Yes, No]),
        (A::ViewDirectory, [No, Yes, WhenOpen, WhenOpen, WhenOpen, No, No]),
        (A::Apply, [No, No, WhenOpen, WhenOpen, WhenOpen, No, No]),
        (A::ManageEnrollment, [No, No, Yes, Yes, No, No, Yes]),
        (A::ViewEnrollment, [InCase, Yes, Yes, Yes, No, No, No]),
        (A::DecideApplication, [No, Yes, No, No, No, No, No]),
        (A::HoldEnrollment, [Yes, No, No, No, No, Yes, No]),
        (A::RemoveEnrollment, [Yes, No, No, No, No, Yes, No]),
        (A::ViewDrafts, [No, Yes, No, No, No, No, No]),
        (A::ManageProposals, [No, Yes, No, No, No, No, Yes]),
        (A::ViewOffer, [No, Yes, Yes, Yes, No, No, No]),
        (A::AnswerOffer, [No, No, Yes, Yes, No, No, No]),
        (A::ViewPair, [InCase, Yes, Yes, Yes, No, No, No]),
        (A::ReadPair, [InCase, WhenSupervised, Yes, Yes, No, No, No]),
        (A::ViewTestimonials, [Yes, Yes, No, No, No, No, No]),
        (A::ViewStatistics, [Yes, Yes, No, No, No, No, No]),
        (A::ViewSignals, [Yes, No, No, No, No, No, No]),
        (A::WritePair, [No, No, Yes, Yes, No, No, No]),
        (A::PausePair, [No, No, Yes, Yes, No, No, Yes]),
        (A::EndPair, [No, Yes, Yes, Yes, No, No, Yes]),
        (A::RestartPair, [No, No, Yes, Yes, No, No, No]),
        (A::FreezePair, [Yes, No, No, No, No, Yes, No]),
        (A::ModerateContent, [Yes, No, No, No, No, Yes, No]),
        (A::ManageOwnSafety, [No, No, Yes, Yes, Yes, No, No]),
        (A::RecordPersonFacts, [No, No, No, No, No, Yes, No]),
        (A::RenamePerson, [No, No, No, No, No, Yes, No]),
        (A::ErasePerson, [Yes, No, Yes, Yes, Yes, Yes, No]),
        (A::ExportPerson, [Yes, No, Yes, Yes, Yes, No, No]),
        (A::ViewAudit, [Yes, No, No, No, No, No, No]),
        (A::ViewProgramAudit, [Yes, Yes, No, No, No, No, No]),
        (A::ViewOwnAudit, [No, No, Yes, Yes, Yes, No, No]),
        (A::FileReport, [No, Yes, Yes, Yes, Yes, No, No]),
        (A::ViewOwnCases, [No, No, Yes, Yes, Yes, No, No]),
        (A::ReviewCases, [WhenUnrecused, WhenUnrecused, No, No, No, No, Yes]),
        (A::HoldInCase, [WhenUnrecused, WhenUnrecused, No, No, No, No, No]),
        (A::ManageBans, [Yes, No, No, No, No, No, No]),
        (A::MuteReporters, [Yes, No, No, No, No, No, No]),
        (A::Operate, [No, No, No, No, No, Yes, Yes]),
    ]
};

/// What the table says. An action without a row is never allowed.
#[must_use]
pub fn grant(action: Action, standing: Standing) -> Grant {
    TABLE
        .iter()
        .find(|(listed, _)| *listed == action)
        .and_then(|(_, cells)| {
            let column = Standing::ALL.iter().position(|listed| *listed == standing)?;
            cells.get(column).copied()
        })
        .unwrap_or(Grant::No)
}

/// Whether the action is allowed.
#[must_use]
pub fn allows(action: Action, standing: Standing, circumstances: Circumstances) -> bool {
    match grant(action, standing) {
        Grant::Yes => true,
        Grant::WhenOpen => circumstances.open,
        Grant::WhenSupervised => circumstances.supervised,
        Grant::WhenUnrecused => circumstances.unrecused,
        Grant::InCase => circumstances.in_case,
        Grant::No => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_exactly_one_row() {
        for action in Action::ALL {
            let rows = TABLE.iter().filter(|(listed, _)| listed == action).count();
            assert_eq!(rows, 1, "{action}");
        }
        assert_eq!(TABLE.len(), Action::ALL.len());
    }

    #[test]
    fn nobody_reads_a_pair_by_default_but_the_two() {
        for standing in Standing::ALL {
            let reads = allows(Action::ReadPair, *standing, Circumstances::default());
            assert_eq!(reads, matches!(standing, Standing::Mentor | Standing::Mentee));
        }
    }
}
