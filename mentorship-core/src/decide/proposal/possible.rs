//! May these two become a pair? Every obstacle is looked at, whatever was found before: the same work
//! for a block as for a full place.

use serde::{Deserialize, Serialize};

use crate::{
    base::time::Timestamp,
    decide::enrollment::{HostWord, eligible::judge_again},
    eligibility::verdict::Failed,
    model::{code::coded, enrollment::Role, proposal::Proposal},
    view::{Place, ProposalView},
};

coded! {
    /// Why two cannot become a pair now. For the audit log and for staff; nobody else is told which.
    pub enum Obstacle {
        /// Both are the same person, or the same human by the host's word.
        SamePerson = "same_person",
        /// The program forms no pairs now.
        ProgramClosed = "program_closed",
        /// One of the two does not take part now.
        NotActive = "not_active",
        /// One of the two has no free place.
        Full = "full",
        /// One of the two has as many pairs as one person may have.
        PersonFull = "person_full",
        /// One blocks the other.
        Blocked = "blocked",
        /// A block was lifted a short while ago (D8).
        CoolDown = "cool_down",
        /// One wishes not to be matched with the other.
        Avoided = "avoided",
        /// One of the two is not known to be an adult today.
        NotAdult = "not_adult",
        /// They are a pair already.
        Paired = "paired",
        /// Another proposal between them is open.
        Proposed = "proposed",
        /// They were a pair before.
        PastPair = "past_pair",
        /// One mentors the other already, the other way round (D27).
        Mutual = "mutual",
        /// One of the two breaks a rule of the program on who may take part.
        Rule = "rule",
    }
}

/// What the question is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To stage a draft: drafts of others count as taken places too (D36).
    Stage,
    /// To offer, accept or complete.
    Pair,
}

/// What the host says about the two besides what is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostFacts {
    /// Both accounts belong to the same human.
    pub same_human: bool,
    /// What it vouches for about the mentor now.
    pub mentor: HostWord,
    /// And about the mentee.
    pub mentee: HostWord,
}

fn free_places(place: &Place, this: Option<&Proposal>, purpose: Purpose) -> i64 {
    let kept = place
        .open
        .iter()
        .filter(|open| this.is_none_or(|this| this.id != open.id))
        .filter(|open| match purpose {
            Purpose::Stage => open.holds_for_staging(),
            Purpose::Pair => open.reserves(),
        })
        .count();
    let kept = i64::try_from(kept).unwrap_or(i64::MAX);
    i64::from(place.enrollment.capacity) - i64::from(place.live) - kept
}

/// Everything that stands in the way, in the order of [`Obstacle`]; empty if the two may meet.
///
/// A past pair is no obstacle to a proposal that restarts it. Who may take part is judged anew each time
/// by what the host says now (row 11); a view without its form lets nobody meet. How the two fit is
/// judged when a proposal is staged, not here: answers do not change under an offer.
#[must_use]
pub fn possible(
    view: &ProposalView,
    host: &HostFacts,
    purpose: Purpose,
    now: Timestamp,
) -> Vec<Obstacle> {
    let this = view.proposal.as_ref();
    let sides = [&view.mentor, &view.mentee];
    let policy = &view.program.policy;
    let restart = this.is_some_and(|it| it.previous_pair.is_some());
    let past = !view.past.is_empty() || view.relation.kept.paired_until.is_some();
    let cool_down = policy.cools_down(&view.relation, now);
    let roles_fit =
        view.mentor.enrollment.role == Role::Mentor && view.mentee.enrollment.role == Role::Mentee;
    let paired_as_asked =
        view.live_pair.as_ref().is_some_and(|(_, mentor)| *mentor == view.mentor.person.id);
    let paired_other_way = view.live_pair.is_some() && !paired_as_asked;

    let judged = |side: &Place, word: &HostWord| {
        let form = view.form.as_deref()?;
        Some(judge_again((&view.program, form), &side.person, &side.enrollment, word, now))
    };
    let verdicts = [judged(&view.mentor, &host.mentor), judged(&view.mentee, &host.mentee)];
    let minor = verdicts.iter().flatten().any(|it| it.failed.contains(&Failed::NotAdult));
    let rule = verdicts.iter().any(|verdict| {
        verdict.as_ref().is_none_or(|it| it.failed.iter().any(|failed| *failed != Failed::NotAdult))
    });

    let checks = [
        (
            Obstacle::SamePerson,
            host.same_human || view.mentor.person.id == view.mentee.person.id || !roles_fit,
        ),
        (Obstacle::ProgramClosed, !view.program.state.forms_pairs()),
        (Obstacle::NotActive, sides.iter().any(|side| !side.enrollment.state.is_active())),
        (Obstacle::Full, sides.iter().any(|side| free_places(side, this, purpose) < 1)),
        (
            Obstacle::PersonFull,
            policy
                .person_cap
                .is_some_and(|cap| sides.iter().any(|side| side.person_live >= u32::from(cap))),
        ),
        (Obstacle::Blocked, view.relation.is_blocked()),
        (Obstacle::CoolDown, cool_down),
        (Obstacle::Avoided, view.relation.is_avoided()),
        (Obstacle::NotAdult, minor),
        (Obstacle::Paired, paired_as_asked),
        (Obstacle::Proposed, !view.open_between.is_empty()),
        (Obstacle::PastPair, past && !restart && !policy.rematch_past_pairs),
        // I3 allows one live pair of two people in a program whatever the setting says; the setting
        // is about A mentoring B in one pair while B mentors A through another proposal.
        (Obstacle::Mutual, paired_other_way),
        (Obstacle::Rule, rule),
    ];
    checks.into_iter().filter(|(_, holds)| *holds).map(|(obstacle, _)| obstacle).collect()
}
