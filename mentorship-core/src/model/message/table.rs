//! The one table of what is said, and to whom. Kinds are declared here with their texts: a new kind
//! has words or does not compile. Keys never change once released; words may.
//!
//! What all texts keep to: no name of anybody, no reason behind a neutral end (D2, D14, D23),
//! nothing for or against meeting in person (D38).

use super::{MessageKey, MessageText, Reader};
use crate::model::{
    code::coded,
    pair::EndKind,
    report::{Outcome, Priority, Ruling},
};

/// Declares kinds: when it is said, its code, and for each reader, and each code in round brackets
/// that changes what is said, a title and a body.
macro_rules! messages {
    ($(
        $(#[doc = $when:literal])+
        $kind:ident = $code:literal {
            $($reader:ident $(($of:path))? { $title:literal, $body:literal })+
        }
    )+) => {
        coded! {
            /// A kind of message; its code is
            /// [`OutboxMessage::kind`](super::super::event::OutboxMessage).
            pub enum MessageKind {
                $($(#[doc = $when])+ $kind = $code,)+
            }
        }

        impl MessageKind {
            /// When it is said, for translators.
            #[must_use]
            pub fn when(self) -> &'static str {
                match self {
                    $(Self::$kind => concat!($($when),+).trim_start(),)+
                }
            }
        }

        pub(super) const TEXTS: &[MessageText] = &[$($(
            MessageText {
                key: MessageKey {
                    kind: MessageKind::$kind,
                    reader: Reader::$reader,
                    code: messages!(@code $($of)?),
                },
                title: $title,
                body: $body,
            },
        )+)+];
    };
    (@code) => { None };
    (@code $of:path) => { Some($of.code()) };
}

messages! {
    /// Somebody has applied to a program whose admins approve applications, or has answered what
    /// they asked.
    EnrollmentSubmitted = "enrollment.submitted" {
        Admins {
            "An application to look at",
            "Somebody has applied to {program}, or has sent an application again. Look at it and \
             decide."
        }
    }
    /// The day has come on which the admins wanted to look at somebody on the waitlist again.
    EnrollmentReviewDue = "enrollment.review_due" {
        Admins {
            "Somebody waits for you",
            "Somebody on the waitlist of {program} was to be looked at again by now. You are asked \
             again in a week."
        }
    }
    /// An admin has accepted an application, or somebody from the waitlist.
    EnrollmentApproved = "enrollment.approved" {
        Person {
            "You take part",
            "You have been accepted: you take part in {program} now."
        }
    }
    /// An admin asks an applicant for more before they decide.
    EnrollmentInfoNeeded = "enrollment.info_needed" {
        Person {
            "A question about your application",
            "The admins of {program} need more from you before they can decide. Look at what they \
             ask, and send your application again."
        }
    }
    /// An admin has put an applicant on the waitlist.
    EnrollmentWaitlisted = "enrollment.waitlisted" {
        Person {
            "You are on the waitlist",
            "Your application to {program} is on the waitlist. The admins will look at it again."
        }
    }
    /// An admin has not accepted an application. Why is not told.
    EnrollmentRejected = "enrollment.rejected" {
        Person {
            "Your application was not accepted",
            "The admins of {program} have not accepted your application. From when on you may \
             apply again is up to the program."
        }
    }
    /// Somebody's enrolment is held: by staff, by a case, or since their age is not known. The
    /// words are the same for every cause (D23).
    EnrollmentHeld = "enrollment.held" {
        Person {
            "Your participation is on hold",
            "Your participation in {program} is on hold. Nothing new begins for you there \
             meanwhile. You are told when it goes on."
        }
    }
    /// What held somebody's enrolment has let go.
    EnrollmentReinstated = "enrollment.reinstated" {
        Person {
            "Your participation goes on",
            "Your participation in {program} is not on hold any more. It goes on from where it was."
        }
    }
    /// A program takes nobody new any more: an application that nobody has decided, or a place on
    /// the waitlist, is closed.
    ProgramClosing = "program.closing" {
        Person {
            "The program comes to its end",
            "{program} takes nobody new any more, so your application is closed."
        }
    }
    /// A program is about to be archived, and somebody's enrolment in it is over.
    ProgramClosed = "program.closed" {
        Person {
            "The program has ended",
            "{program} has come to its end, and so has your participation. You can still report \
             what happened in it, block somebody, and ask for your data."
        }
    }
    /// The host has said that the group has no admin any more: the program forms no pairs (D30).
    ProgramSuspended = "program.suspended" {
        Staff {
            "A program has nobody who answers for it",
            "The last admin of the group has left. {program} forms no pairs and takes nobody until \
             you let it go on; live pairs and reports go on."
        }
    }
    /// The day is set on which a program that winds down is archived. Both of every live pair are
    /// told too.
    ProgramArchiveScheduled = "program.archive_scheduled" {
        Person {
            "Your program ends soon",
            "{program} ends on {deadline}, and your mentorship with it if it is not over by then. \
             There is time to say goodbye."
        }
        Admins {
            "The program will be archived",
            "{program} is archived on {deadline}. Mentorships that are not over by then end on \
             that day; the people in them are told."
        }
    }
    /// Somebody is asked whether they want a match: by an admin, a run, or the other person.
    ProposalOffered = "proposal.offered" {
        Person {
            "You are offered a match",
            "There is somebody for you in {program}. Look at the offer, and answer by {deadline}. \
             You are free to say no, and need no reason."
        }
    }
    /// An open offer is over: declined by the other, taken back, or not possible any more for any
    /// reason. The words are the same for all of them (D3).
    ProposalUnavailable = "proposal.unavailable" {
        Person {
            "A match is not possible any more",
            "A match in {program} that you were asked about, or that you asked for, is not \
             possible any more. There is nothing you have to do. If it was your own choice, you \
             can choose somebody else."
        }
        Admins {
            "A proposal is not possible any more",
            "A proposal in {program} is not possible any more."
        }
    }
    /// Somebody has said no to an offer; their reason is not told.
    ProposalDeclined = "proposal.declined" {
        Admins {
            "A proposal was declined",
            "Somebody has said no to a proposal in {program}. Nobody needs a reason for that."
        }
    }
    /// An offer was not answered by everybody in time.
    ProposalExpired = "proposal.expired" {
        Person {
            "An offer has expired",
            "A match that you were offered in {program} was not answered by everybody in time, and \
             is over."
        }
        Admins {
            "A proposal has expired",
            "A proposal in {program} was not answered by everybody in time, and is over."
        }
    }
    /// Two people have become a pair.
    PairIntroduced = "pair.introduced" {
        Person {
            "You have a match",
            "You have been matched with somebody in {program}. Say hello to begin."
        }
        Admins {
            "There is a new pair",
            "Two people have been matched in {program}."
        }
    }
    /// One of a pair has introduced themselves to the other, or has changed what they said.
    PairIntroduction = "pair.introduction" {
        Person {
            "Your partner has introduced themselves",
            "Your partner in {program} has written a few words about themselves for you."
        }
    }
    /// A pair has reached the end of its guide, or one of the two has said that they have.
    PairCompleted = "pair.completed" {
        Person {
            "Your mentorship is complete",
            "You have completed your mentorship in {program}. Thank you for taking part."
        }
        Admins {
            "A pair is complete",
            "Two people have completed their mentorship in {program}."
        }
    }
    /// A pair has ended before its guide was done. Both, and the admins, are told the reason only
    /// if whoever gave it wanted that; without one the words are the same whatever has happened
    /// (D2, D14, D23, D29).
    PairEnded = "pair.ended" {
        Person {
            "The mentorship has ended",
            "Your mentorship in {program} has ended. Nothing new can be written in it. If \
             something in it was not right, you can still report it."
        }
        Person (EndKind::GoalsMetEarly) {
            "The mentorship has ended",
            "Your mentorship in {program} has ended, since its goals are met. Thank you for taking \
             part."
        }
        Person (EndKind::NotAFit) {
            "The mentorship has ended",
            "Your mentorship in {program} has ended. The reason that was given: it was not a good \
             fit."
        }
        Person (EndKind::NoTime) {
            "The mentorship has ended",
            "Your mentorship in {program} has ended. The reason that was given: not enough time."
        }
        Person (EndKind::Unresponsive) {
            "The mentorship has ended",
            "Your mentorship in {program} has ended. The reason that was given: there was no \
             answer."
        }
        Person (EndKind::Schedule) {
            "The mentorship has ended",
            "Your mentorship in {program} has ended. The reason that was given: no time that suits \
             both."
        }
        Person (EndKind::Language) {
            "The mentorship has ended",
            "Your mentorship in {program} has ended. The reason that was given: no language in \
             common."
        }
        Person (EndKind::Personal) {
            "The mentorship has ended",
            "Your mentorship in {program} has ended, for a personal reason."
        }
        Person (EndKind::LeftProgram) {
            "The mentorship has ended",
            "Your mentorship in {program} has ended, since one of you has left the program."
        }
        Person (EndKind::Other) {
            "The mentorship has ended",
            "Your mentorship in {program} has ended. Look there for what was said about the reason."
        }
        Person (EndKind::NeverStarted) {
            "The mentorship has ended",
            "Your mentorship in {program} has ended, since it never began."
        }
        Person (EndKind::Dormant) {
            "The mentorship has ended",
            "Your mentorship in {program} has ended, since nothing has happened in it for a long \
             time."
        }
        Admins {
            "A pair has ended",
            "The mentorship of two people in {program} has ended."
        }
        Admins (EndKind::GoalsMetEarly) {
            "A pair has ended",
            "The mentorship of two people in {program} has ended, since its goals are met."
        }
        Admins (EndKind::NotAFit) {
            "A pair has ended",
            "The mentorship of two people in {program} has ended. The reason given: it was not a \
             good fit."
        }
        Admins (EndKind::NoTime) {
            "A pair has ended",
            "The mentorship of two people in {program} has ended. The reason given: not enough \
             time."
        }
        Admins (EndKind::Unresponsive) {
            "A pair has ended",
            "The mentorship of two people in {program} has ended. The reason given: there was no \
             answer."
        }
        Admins (EndKind::Schedule) {
            "A pair has ended",
            "The mentorship of two people in {program} has ended. The reason given: no time that \
             suits both."
        }
        Admins (EndKind::Language) {
            "A pair has ended",
            "The mentorship of two people in {program} has ended. The reason given: no language in \
             common."
        }
        Admins (EndKind::Personal) {
            "A pair has ended",
            "The mentorship of two people in {program} has ended, for a personal reason."
        }
        Admins (EndKind::LeftProgram) {
            "A pair has ended",
            "The mentorship of two people in {program} has ended, since one of them has left the \
             program."
        }
        Admins (EndKind::Other) {
            "A pair has ended",
            "The mentorship of two people in {program} has ended. Look there for what was said \
             about the reason."
        }
        Admins (EndKind::NeverStarted) {
            "A pair has ended",
            "The mentorship of two people in {program} has ended, since it never began."
        }
        Admins (EndKind::Dormant) {
            "A pair has ended",
            "The mentorship of two people in {program} has ended, since nothing has happened in it \
             for a long time."
        }
    }
    /// One of a pair has paused it; or the program lets go of a pair that was paused before.
    PairPaused = "pair.paused" {
        Person {
            "Your mentorship is paused",
            "Your mentorship in {program} is paused. What is still to come moves by the time that \
             it stands still. Either of you can take it up again."
        }
    }
    /// A pause, or a freeze by the program, is over.
    PairResumed = "pair.resumed" {
        Person {
            "Your mentorship goes on",
            "Your mentorship in {program} goes on. What is still to come has moved by the time \
             that it stood still."
        }
    }
    /// A pair is frozen, by staff or by a case: in neutral words, the same for every cause (D14,
    /// D23).
    PairPausedByProgram = "pair.paused_by_program" {
        Person {
            "Your mentorship is paused by the program",
            "The program has paused your mentorship in {program}. Nothing can be written in it \
             meanwhile. You are told when it goes on, and can end it at any time."
        }
    }
    /// A step of a pair's guide has opened.
    StepUnlocked = "step.unlocked" {
        Person {
            "A new step is open",
            "The step \u{201c}{step}\u{201d} of your mentorship in {program} is open."
        }
    }
    /// One of a pair has posted something on a step.
    PostMade = "post.made" {
        Person {
            "Your partner has posted something",
            "Your partner in {program} has posted something on the step \u{201c}{step}\u{201d}."
        }
    }
    /// One of a pair has commented on a post.
    CommentMade = "comment.made" {
        Person {
            "Your partner has commented",
            "Your partner in {program} has commented on a post on the step \u{201c}{step}\u{201d}."
        }
    }
    /// Somebody gave a low score in a check-in. Who it was and what they wrote is not told.
    CheckInLow = "check_in.low" {
        Admins {
            "A pair may need support",
            "A check-in of a pair in {program} came out low. Nothing follows from that by itself: \
             see whether you can help."
        }
    }
    /// A pair has not begun after some days, to whoever has not turned reminders off.
    ReminderSayHello = "reminder.say_hello" {
        Person {
            "Say hello",
            "Your mentorship in {program} has not begun yet. A few words are enough. You can turn \
             reminders off."
        }
    }
    /// A step of a pair is overdue, to whoever has not turned reminders off.
    ReminderStepDue = "reminder.step_due" {
        Person {
            "A step is due",
            "The step \u{201c}{step}\u{201d} of your mentorship in {program} was to be done by \
             now. You can turn reminders off."
        }
    }
    /// Nothing has happened in a pair for some days, to whoever has not turned reminders off.
    ReminderQuiet = "reminder.quiet" {
        Person {
            "It has been quiet",
            "Nothing has happened in your mentorship in {program} for some time. You can turn \
             reminders off."
        }
    }
    /// The host gave a person another key. For what keeps copies; the person need not be told.
    PersonRenamed = "person.renamed" {
        Person {
            "Your account has another key",
            "Your account is known to the mentorship programs by another key now. Nothing else has \
             changed."
        }
    }
    /// A pseudonym has taken the place of a person's key. For what keeps copies; there is nobody to
    /// tell.
    PersonKeyErased = "person.key_erased" {
        Person {
            "Your key was erased",
            "The mentorship programs do not know your account by its key any more."
        }
    }
    /// Somebody who takes part is not known to be an adult any more: all they have is held until
    /// staff has decided a case about it (D23).
    PersonHeld = "person.held" {
        Staff {
            "Somebody is held",
            "All that somebody takes part in is held until a case about it is decided. The case is \
             in the platform's queue."
        }
    }
    /// The host has taken an inventory of all evidence. The code is its root.
    EvidenceInventory = "evidence.inventory" {
        Staff {
            "An inventory of the evidence",
            "The evidence of all cases was counted and sealed with one number, the code of this \
             message. Keep it where nobody who can change the cases can change it: it shows later \
             whether any was rewritten."
        }
    }
    /// What a case held must not go on yet although the case lets go of it, or what staff holds has been left
    /// for another enrolment, which is held like it: no case lets go of that, staff does.
    HoldHandedOver = "hold.handed_over" {
        Staff {
            "You hold something by hand",
            "Something in {program} is held by your hand: what a case has let go of and must not go \
             on yet, or the new enrolment of somebody whom you hold. The program's log says which. \
             Let it go on, or end it."
        }
    }
    /// Staff has lifted a ban.
    PersonBanLifted = "person.ban_lifted" {
        Person {
            "You may apply again",
            "You are not kept out of programs any more. What has ended stays ended; you may apply \
             again."
        }
    }
    /// There is a new case, reported or not. To the reviewers it is for: staff, and each admin by
    /// themselves who is not recused.
    CaseFiled = "case.filed" {
        Person {
            "There is a new case",
            "Something was reported in {program}. Look at it soon: the case says by when."
        }
        Staff {
            "There is a new case",
            "There is a new case in {program}. Look at it soon: the case says by when."
        }
        Staff (Priority::P0) {
            "Urgent: there is a new case",
            "There is a new case in {program}, and somebody may need protection. Look at it now."
        }
    }
    /// A case was not looked at, or not decided, for some time.
    CaseDue = "case.due" {
        Person {
            "A case waits for you",
            "A case in {program} waits to be looked at or decided: it says by when."
        }
        Staff {
            "A case waits",
            "A case in {program} waits to be looked at or decided: it says by when."
        }
        Staff (Priority::P0) {
            "Urgent: a case waits",
            "A case in {program} in which somebody may need protection waits. Look at it now."
        }
    }
    /// A case of a group's has become the platform's: handed over, urgent, or not decided in time.
    CaseEscalated = "case.escalated" {
        Staff {
            "A case was handed to the platform",
            "A case in {program} is the platform's now, and its time begins anew: it says by when."
        }
        Staff (Priority::P0) {
            "Urgent: a case was handed to the platform",
            "A case in {program} is the platform's now, and somebody may need protection. Look at \
             it now."
        }
    }
    /// Whoever works a case asks the reporter.
    CaseInfoAsked = "case.info_asked" {
        Person {
            "A question about your report",
            "A reviewer has a question about your report in {program}. What you answer is read by \
             the reviewers alone."
        }
    }
    /// The reporter has answered whoever works the case; if something recuses them by now, the other reviewers
    /// are told.
    CaseAnswered = "case.answered" {
        Person {
            "A question was answered",
            "There is an answer to what was asked in a case in {program}."
        }
        Staff {
            "A question was answered",
            "There is an answer to what was asked in a case in {program}. Whoever asked cannot see \
             to it any more: somebody else has to take it."
        }
    }
    /// Somebody does not agree with a decision. Somebody else than whoever took it decides on that.
    CaseAppealed = "case.appealed" {
        Person {
            "There is an appeal",
            "A decision in {program} was appealed against. Somebody who did not take it has to \
             look at it."
        }
        Staff {
            "There is an appeal",
            "A decision in {program} was appealed against. Somebody who did not take it has to \
             look at it."
        }
        Staff (Priority::P0) {
            "Urgent: there is an appeal",
            "A decision in {program} in an urgent case was appealed against. Somebody who did not \
             take it has to look at it now."
        }
    }
    /// An admin of a group has changed something, where the host asks to be told of that. The message's code says what
    /// kind of act it was; who it was, and to whom, stands in the audit log.
    AdminActed = "admin.acted" {
        Staff {
            "An admin has acted",
            "An admin of a group has changed something in a program. The audit log says what it was \
             and who has done it."
        }
    }
    /// A decision about somebody, or what came of an appeal against one, to the person it is about:
    /// never who has reported it, nor that anybody has (D16).
    CaseStatement = "case.statement" {
        Person {
            "A decision about you",
            "There is a decision in {program} that is about you. Its statement of reasons says \
             what was decided, why, and what you can do if you do not agree."
        }
    }
    /// What came of a report, to whoever reported it: that something was done, never what (D16).
    CaseDecided = "case.decided" {
        Person {
            "Your report was decided",
            "Your report in {program} was looked at and decided. Your list of reports says what \
             came of it."
        }
        Person (Outcome::Actioned) {
            "Your report was decided",
            "Your report in {program} was looked at, and something was done. What it was is not \
             told. Your list of reports says until when you can appeal."
        }
        Person (Outcome::NoAction) {
            "Your report was decided",
            "Your report in {program} was looked at, and nothing was done. Your list of reports \
             says until when you can appeal."
        }
        Person (Outcome::Duplicate) {
            "Your report is looked at with another one",
            "What you reported in {program} is looked at together with another report of the same. \
             You are told what comes of it."
        }
    }
    /// What came of an appeal, to whoever reported it.
    CaseAppealDecided = "case.appeal_decided" {
        Person {
            "An appeal was decided",
            "An appeal in the case of your report in {program} was decided. Your list of reports \
             says what came of it."
        }
        Person (Ruling::Upheld) {
            "An appeal was decided",
            "An appeal in the case of your report in {program} was decided: the decision stands."
        }
        Person (Ruling::Changed) {
            "An appeal was decided",
            "An appeal in the case of your report in {program} was decided: another decision takes \
             the place of the first."
        }
        Person (Ruling::Reversed) {
            "An appeal was decided",
            "An appeal in the case of your report in {program} was decided: the decision is taken \
             back."
        }
    }
}
