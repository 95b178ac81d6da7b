//! Ranked candidates for one enrolment, with why and why not (row 13).

use std::{cmp::Reverse, collections::BTreeSet};

use super::{Error, Service, queries::apart::blocked_among};
use crate::{
    base::{host::PersonId, id::EnrollmentId, time::Timestamp},
    decide::{Refusal, access, proposal::stage::judge_fit},
    eligibility::age::is_adult,
    matching::{
        explain::{Reason, WhyNot, broken_for_admin, explain_to, score_for_admin},
        fit::Fit,
        score::Score,
    },
    model::{
        enrollment::{Enrollment, Role},
        form::Form,
        program::Program,
        visible::Viewer,
    },
    policy::{actor::Actor, permission::Action},
    store::{EnrollmentAsk, ListAsk, Listing, PAGE_MAX, UnitExt, ask::EnrollmentTarget},
    view::Candidate,
};

/// A possible partner, with why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankedCandidate {
    /// The partner's enrolment.
    pub enrollment: EnrollmentId,
    /// The partner.
    pub person: PersonId,
    /// How well the two fit; its total is exactly the sum of its parts. Special-category rules are one
    /// part, `private` (D34).
    pub score: Score,
    /// The parts in words.
    pub reasons: Vec<Reason>,
    /// Free places of the partner.
    pub free_places: u32,
}

/// Somebody who is not possible now, with why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpossibleCandidate {
    /// The partner's enrolment.
    pub enrollment: EnrollmentId,
    /// The partner.
    pub person: PersonId,
    /// Why not. Block, wish and past pair read the same (D5).
    pub why_not: WhyNot,
}

/// The candidates of one enrolment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CandidateList {
    /// The best, highest score first; of equal ones the longer waiting first.
    pub ranked: Vec<RankedCandidate>,
    /// Some of those who are not possible, in order of their enrolment.
    pub impossible: Vec<ImpossibleCandidate>,
    /// How many were looked at.
    pub looked_at: u32,
    /// How many are possible.
    pub possible: u32,
}

struct Search<'a> {
    program: &'a Program,
    form: &'a Form,
    own: &'a Enrollment,
    /// Live pairs of the own person in the whole tenant.
    own_live: u32,
    now: Timestamp,
}

impl Search<'_> {
    fn judge(&self, candidate: &Candidate) -> Result<Score, WhyNot> {
        let policy = &self.program.policy;
        let apart = policy.keeps_apart(candidate.relation.as_ref(), candidate.past, self.now);
        let full = candidate.live + candidate.reserved >= u32::from(candidate.enrollment.capacity);
        let person_full = policy
            .person_cap
            .is_some_and(|cap| candidate.person_live.max(self.own_live) >= u32::from(cap));
        let adult = is_adult(candidate.person.adult_on, candidate.person.zone, self.now);
        let banned = candidate.person.is_banned(&self.program.group, self.now);
        let (mentor, mentee) = match self.own.role {
            Role::Mentor => (self.own, &candidate.enrollment),
            Role::Mentee => (&candidate.enrollment, self.own),
        };
        // Everything is looked at before anything is said, whatever the reason.
        let fit = judge_fit(self.form, mentor, mentee, self.now);
        if apart || !adult || banned {
            return Err(WhyNot::Excluded);
        }
        if candidate.taken {
            return Err(WhyNot::Taken);
        }
        match fit {
            Fit::Impossible { broken } => {
                Err(WhyNot::Rule { broken: broken_for_admin(self.form, broken) })
            }
            Fit::Possible(_) if full => Err(WhyNot::Full),
            Fit::Possible(_) if person_full => Err(WhyNot::PersonFull),
            Fit::Possible(score) => Ok(score),
        }
    }
}

/// Ranks a candidate: score down, waiting time up, id up, so that the order never depends on the store.
type Rank = (Reverse<u32>, Timestamp, EnrollmentId);

impl Service<'_> {
    /// The best partners for an enrolment, with the parts of each score, and some of those who are not
    /// possible, with a code of why. For admins; not about themselves, and not about anybody with whom a
    /// block stands. Memory is bounded by `most`, whatever the size of the program.
    ///
    /// `most` is 1 to 200, for each of the two lists.
    pub async fn candidates(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
        most: u16,
    ) -> Result<CandidateList, Error> {
        let most = usize::from(most.clamp(1, 200));
        let ask = EnrollmentAsk {
            tenant: actor.tenant().clone(),
            target: EnrollmentTarget::Existing(enrollment),
            actor: actor.official().cloned(),
        };
        let mut unit = self.store.unit().await?;
        let view = unit.enrollment_view(&ask).await?.ok_or(Refusal::NotFound)?;
        let own = view.enrollment.as_ref().ok_or(Refusal::NotFound)?;
        access::to_enrollment(actor, &view.program, own, Action::ViewDrafts)?;
        access::not_about_self(actor, [&own.person])?;
        access::not_across_a_block(&view.with_actor)?;
        let search = Search {
            program: &view.program,
            form: &view.form,
            own,
            own_live: view.person_live,
            now: self.now(),
        };
        let mut list = CandidateList::default();
        let mut ranks: BTreeSet<Rank> = BTreeSet::new();
        let mut best: std::collections::BTreeMap<EnrollmentId, RankedCandidate> =
            std::collections::BTreeMap::new();
        let mut after = None;
        loop {
            let what = Listing::Candidates { enrollment };
            let ask = ListAsk { tenant: actor.tenant().clone(), what, after, limit: PAGE_MAX };
            let page = unit.list_candidates(&ask).await?;
            let met = page.items.iter().map(|candidate| candidate.person.id.clone()).collect();
            let apart = blocked_among(&mut *unit, actor, met).await?;
            for candidate in page.items {
                let who = &candidate.person.id;
                // Neither listed nor counted: a hole in the numbers would tell of a block (D6, D9).
                if actor.official() == Some(who) || apart.contains(who) {
                    continue;
                }
                list.looked_at += 1;
                let id = candidate.enrollment.id;
                match search.judge(&candidate) {
                    Ok(score) => {
                        list.possible += 1;
                        let waiting = candidate.enrollment.priority_since;
                        ranks.insert((Reverse(score.total()), waiting, id));
                        best.insert(id, ranked(&view.form, candidate, &score));
                        if ranks.len() > most
                            && let Some((_, _, worst)) = ranks.pop_last()
                        {
                            best.remove(&worst);
                        }
                    }
                    Err(why_not) if list.impossible.len() < most => {
                        let person = candidate.person.id;
                        list.impossible.push(ImpossibleCandidate {
                            enrollment: id,
                            person,
                            why_not,
                        });
                    }
                    Err(_) => {}
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        list.ranked = ranks.into_iter().filter_map(|(_, _, id)| best.remove(&id)).collect();
        Ok(list)
    }
}

fn ranked(form: &Form, candidate: Candidate, score: &Score) -> RankedCandidate {
    let taken = candidate.live + candidate.reserved;
    RankedCandidate {
        enrollment: candidate.enrollment.id,
        reasons: explain_to(Viewer::Admin, form, score),
        free_places: u32::from(candidate.enrollment.capacity).saturating_sub(taken),
        person: candidate.person.id,
        score: score_for_admin(form, score),
    }
}
