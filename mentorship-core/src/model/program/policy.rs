//! The settings of a program, with their ranges and defaults.

use serde::{Deserialize, Serialize};

use crate::{
    base::{
        input::{InputError, Problem, in_range},
        time::{Timestamp, plus_days},
        zone::QuietHours,
    },
    model::{code::coded, relation::Relation, report::CaseDeadlines},
};

coded! {
    /// Whose yes an offer needs before it becomes a pair.
    pub enum Acceptance {
        /// Nobody's: publishing makes the pair. A lifted block between the two still asks both (D8).
        None = "none",
        /// The mentee's.
        Mentee = "mentee",
        /// The mentor's.
        Mentor = "mentor",
        /// Both (the default).
        Both = "both",
    }
}

coded! {
    /// Who besides the two may read what a pair writes. Later variants see more; an enrolment keeps
    /// the mode it consented to (D33).
    pub enum Oversight {
        /// Nobody.
        PairOnly = "pair_only",
        /// Reviewers, in a reported case.
        ReportedOnly = "reported_only",
        /// The group admin, disclosed before enrolment and by a banner to both.
        Supervised = "supervised",
    }
}

/// The fewest days for which anything is kept that the settings of a program say for how long: what is
/// over is looked at after these at the latest, whatever its program says by then.
pub const KEPT_DAYS_LEAST: u16 = 30;

/// The settings of a program. Start from [`ProgramPolicy::default`], change fields, and let
/// [`ProgramPolicy::checked`] tell whether they fit; every command that stores one checks it.
///
/// "Days" are days of 24 hours unless a field says civil days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct ProgramPolicy {
    /// Whose yes an offer needs; default both.
    pub acceptance: Acceptance,
    /// Whether an admin decides applications; default true. If false, eligible people are active at
    /// once.
    pub approval: bool,
    /// Who may read what a pair writes; default `reported_only`.
    pub oversight: Oversight,
    /// Version of the consent text that sign-ups agree to; 1 or more.
    pub consent_version: u32,
    /// Most open requests of one enrolment, 1 to 20; default 3.
    pub max_open_requests: u8,
    /// Days an offer stays open, 1 to 60; default 14.
    pub offer_days: u16,
    /// Most places a mentor may offer, 1 to 50; default 3.
    pub max_mentor_capacity: u8,
    /// Most mentors a mentee may have, 1 to 50; default 1.
    pub max_mentee_capacity: u8,
    /// Most live pairs of one person over all programs of the tenant, 1 to 200; none by default.
    pub person_cap: Option<u8>,
    /// Whether two who were paired before may be proposed again without asking; default false.
    pub rematch_past_pairs: bool,
    /// Days after a rejection or a removal before the same person may apply again in the role, 0 to
    /// 365; default 30. After a withdrawal there is no wait.
    pub reapply_days: u16,
    /// Days without a first action after which an introduced pair ends as never started, 3 to 90;
    /// default 21.
    pub never_started_days: u16,
    /// Days without any action after which an active pair ends as dormant, 7 to 365; default 56.
    pub dormant_days: u16,
    /// Longest single pause of a pair in days, 1 to 365; default 60. Past it the pair ends as dormant.
    pub max_pause_days: u16,
    /// Whether a paused pair may still write posts and steps, and so reach its end; default false.
    pub write_while_paused: bool,
    /// Percent of steps after which either side may complete the pair, 1 to 100; default 75. Earlier
    /// it ends as "goals met early".
    pub complete_percent: u8,
    /// Days for which the one who ended a pair may still read it, 0 to 730; default 180.
    pub read_days: u16,
    /// Days of notice before the live pairs of a program are ended by archiving, 0 to 90; default 14.
    pub archive_notice_days: u16,
    /// Days after a lifted block before the two may be proposed again, 0 to 365; default 7 (D8).
    pub lift_cool_down_days: u16,
    /// Most reminders to one person in seven days, over all programs, 0 to 21; default 3.
    pub reminders_per_week: u8,
    /// Hours in the person's zone in which no reminder is due.
    pub quiet_hours: QuietHours,
    /// Days for which the answers of a rejected application are kept, 30 to 3,650; default 90 (D21).
    pub rejected_days: u16,
    /// Days for which answers are kept after a person's last enrolment in the tenant was over, 30 to 3,650;
    /// default 180.
    pub answers_days: u16,
    /// Days for which what the two wrote is kept after their pair, 30 to 3,650; default 180. Never less
    /// than `read_days`.
    pub content_days: u16,
    /// Days for which evidence and reasons are kept after a case was closed, 30 to 3,650; default 365.
    pub case_days: u16,
    /// Hours in which a case has to be looked at and decided, by its priority. A change is for cases that come,
    /// or are handed on, from then on.
    pub case_hours: CaseDeadlines,
    /// Whether the program runs without a guide, said explicitly; default false.
    pub unguided: bool,
}

impl Default for ProgramPolicy {
    fn default() -> Self {
        Self {
            acceptance: Acceptance::Both,
            approval: true,
            oversight: Oversight::ReportedOnly,
            consent_version: 1,
            max_open_requests: 3,
            offer_days: 14,
            max_mentor_capacity: 3,
            max_mentee_capacity: 1,
            person_cap: None,
            rematch_past_pairs: false,
            reapply_days: 30,
            never_started_days: 21,
            dormant_days: 56,
            max_pause_days: 60,
            write_while_paused: false,
            complete_percent: 75,
            read_days: 180,
            archive_notice_days: 14,
            lift_cool_down_days: 7,
            reminders_per_week: 3,
            quiet_hours: QuietHours::default(),
            rejected_days: 90,
            answers_days: 180,
            content_days: 180,
            case_days: 365,
            case_hours: CaseDeadlines::default(),
            unguided: false,
        }
    }
}

impl ProgramPolicy {
    /// Whether a block between two people was lifted so lately that they may not be proposed yet (D8).
    #[must_use]
    pub fn cools_down(&self, relation: &Relation, now: Timestamp) -> bool {
        let days = self.lift_cool_down_days.into();
        relation.last_lifted().is_some_and(|lifted| now < plus_days(lifted, days))
    }

    /// Whether two people are kept apart by what was said between them or by a pair of before: one answer
    /// for all, since which it is stays untold (D5).
    #[must_use]
    pub fn keeps_apart(&self, relation: Option<&Relation>, past: bool, now: Timestamp) -> bool {
        let said = |it: &Relation| it.is_blocked() || it.is_avoided() || self.cools_down(it, now);
        let past = past || relation.is_some_and(|it| it.kept.paired_until.is_some());
        relation.is_some_and(said) || (past && !self.rematch_past_pairs)
    }

    /// The settings, if every one is within its range.
    ///
    /// # Errors
    /// [`InputError`] naming the setting and its range.
    pub fn checked(self) -> Result<Self, InputError> {
        in_range("consent_version", self.consent_version, 1, i64::from(u32::MAX))?;
        in_range("max_open_requests", self.max_open_requests, 1, 20)?;
        in_range("offer_days", self.offer_days, 1, 60)?;
        in_range("max_mentor_capacity", self.max_mentor_capacity, 1, 50)?;
        in_range("max_mentee_capacity", self.max_mentee_capacity, 1, 50)?;
        if let Some(cap) = self.person_cap {
            in_range("person_cap", cap, 1, 200)?;
        }
        in_range("reapply_days", self.reapply_days, 0, 365)?;
        in_range("never_started_days", self.never_started_days, 3, 90)?;
        in_range("dormant_days", self.dormant_days, 7, 365)?;
        in_range("max_pause_days", self.max_pause_days, 1, 365)?;
        in_range("complete_percent", self.complete_percent, 1, 100)?;
        in_range("read_days", self.read_days, 0, 730)?;
        in_range("archive_notice_days", self.archive_notice_days, 0, 90)?;
        in_range("lift_cool_down_days", self.lift_cool_down_days, 0, 365)?;
        in_range("reminders_per_week", self.reminders_per_week, 0, 21)?;
        let kept = i64::from(KEPT_DAYS_LEAST)..=3_650;
        for (field, days) in [
            ("rejected_days", self.rejected_days),
            ("answers_days", self.answers_days),
            ("content_days", self.content_days),
            ("case_days", self.case_days),
        ] {
            in_range(field, days, *kept.start(), *kept.end())?;
        }
        self.case_hours.checked()?;
        if self.never_started_days > self.dormant_days {
            let rule = "never_started_days is at most dormant_days";
            return Err(InputError::new("never_started_days", Problem::Conflict { rule }));
        }
        Ok(self)
    }
}
