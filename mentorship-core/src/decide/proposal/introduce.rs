//! A settled offer becomes a pair.

use std::collections::BTreeSet;

use super::{acts::advance, fall::invalidate, stage::touch_anchors};
use crate::{
    base::{id::PairId, version::Version},
    change::Change,
    decide::{
        Plan, Refusal,
        due::pair_due_at,
        guide::first_steps,
        plan::{Happened, Say},
    },
    model::{
        enrollment::Role,
        message::MessageKind,
        pair::{Pair, PairState, Participant},
        proposal::{Invalidity, Proposal, ProposalAct},
    },
    view::{Place, ProposalView},
};

fn participant(place: &Place) -> Participant {
    Participant {
        enrollment: place.enrollment.id,
        person: place.person.id.clone(),
        introduction: None,
        withheld: None,
    }
}

/// Makes the pair of a proposal on which everybody asked has said yes, and invalidates what no longer
/// fits beside it.
pub(super) fn introduce(
    plan: &mut Plan<'_>,
    view: &ProposalView,
    mut proposal: Proposal,
) -> Result<PairId, Refusal> {
    let now = plan.cx().now;
    let program = &view.program;
    let id: PairId = plan.cx().new_id();
    advance(plan, &mut proposal, ProposalAct::Complete { pair: id }, "proposal.complete")?;

    // A cohort starts together: nothing unlocks before its first day.
    let starts = program.window.map_or(now, |window| window.starts.max(now));
    let steps = first_steps(id, &view.guide, program.zone, starts, now);
    let mut pair = Pair {
        id,
        program: program.id,
        mentor: participant(&view.mentor),
        mentee: participant(&view.mentee),
        proposal: proposal.id,
        state: PairState::Introduced { since: now },
        note_withheld: None,
        guide_version: program.guide_version,
        oversight: view
            .mentor
            .enrollment
            .consent
            .oversight
            .min(view.mentee.enrollment.consent.oversight)
            .min(program.policy.oversight),
        started_at: now,
        adults_at: now,
        pauses: Vec::new(),
        previous_pair: proposal.previous_pair,
        last_seq: 0,
        last_activity_at: starts,
        reminded_at: None,
        due_at: None,
        cleared_at: None,
        kept_for: BTreeSet::new(),
        version: Version::NEW,
    };
    pair.due_at = pair_due_at(&pair, &steps, program, &view.mentor.person, &view.mentee.person);
    plan.record(Happened::in_pair("pair.introduce", &pair).states(None, pair.state.code()));
    for side in Role::ALL {
        plan.say(
            Say::to_person(MessageKind::PairIntroduced, &pair.participant(*side).person)
                .between(Some(view.relation.people.clone()))
                .program(program.id)
                .pair(id),
        );
    }
    plan.say(Say::to_admins(MessageKind::PairIntroduced, program.id).pair(id));
    for step in steps {
        plan.put(Change::Step(step));
    }
    plan.put(Change::Pair(pair));
    let (this, ranked) = (proposal.id, proposal.rank.is_some());
    plan.put(Change::Proposal(proposal));
    touch_anchors(plan, view);

    let mut gone = std::collections::BTreeSet::new();
    for place in [&view.mentor, &view.mentee] {
        let full = place.live.saturating_add(1) >= u32::from(place.enrollment.capacity);
        for open in place.open.iter().filter(|open| open.id != this) {
            // Only one of a mentee's list comes true, however many places are left.
            let passed = ranked && open.rank.is_some() && open.mentee == view.mentee.enrollment.id;
            if (full || passed) && gone.insert(open.id) {
                invalidate(plan, open.clone(), Invalidity::Unavailable)?;
            }
        }
    }
    Ok(id)
}
