//! From scores to offers to pairs.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use mentorship_core::{
    base::{
        host::PersonId,
        id::{EnrollmentId, ProposalId},
        text::Slug,
    },
    decide::proposal::Published,
    model::enrollment::Role,
};

use crate::{
    Outcome,
    chance::percent,
    row,
    show::{Progress, chapter, table},
    story::{OFFER_DAYS, OnTheWay, Story},
};

impl Story {
    /// Shows the ranked mentors of a few mentees, with why and why not.
    pub(crate) async fn candidates(
        &self,
        places: &[(EnrollmentId, Role, PersonId)],
    ) -> Outcome<()> {
        chapter("Who fits, and why");
        let mentees = places.iter().filter(|(_, role, _)| *role == Role::Mentee);
        for (place, _, id) in mentees.skip(3).step_by(17).take(2) {
            let found = self.service.candidates(&self.admin, *place, 200).await?;
            println!(
                "  {}: {} of {} mentors are possible; the best three:",
                self.name(id),
                found.possible,
                found.looked_at
            );
            let rows = found.ranked.iter().take(3).map(|one| {
                let parts = one
                    .reasons
                    .iter()
                    .filter(|reason| reason.points > 0)
                    .map(|reason| format!("{} {}/{}", reason.rule, reason.points, reason.most));
                row![
                    self.name(&one.person),
                    one.score.total(),
                    one.score.most(),
                    parts.collect::<Vec<_>>().join(" + ")
                ]
            });
            table(&["mentor", "score", "of", "= the sum of"], &rows.collect::<Vec<_>>());
            let mut why_not: BTreeMap<String, u32> = BTreeMap::new();
            for one in &found.impossible {
                let text = match &one.why_not {
                    mentorship_core::matching::explain::WhyNot::Rule { broken } => {
                        let keys: Vec<&str> = broken.iter().map(Slug::as_str).collect();
                        format!("required: {}", keys.join(", "))
                    }
                    other => other.code().to_owned(),
                };
                *why_not.entry(text).or_insert(0) += 1;
            }
            let rows: Vec<_> = why_not.iter().map(|(why, n)| row![why, n]).collect();
            if !rows.is_empty() {
                println!("  Not possible, and why not:");
                table(&["why not", "mentors"], &rows);
            }
            println!();
        }
        Ok(())
    }

    /// The admin takes the best free mentor for each mentee, and a second choice for some.
    pub(crate) async fn offers(
        &self,
        places: &[(EnrollmentId, Role, PersonId)],
    ) -> Outcome<Vec<(ProposalId, PersonId, PersonId)>> {
        chapter("Offers");
        let mentees: Vec<_> = places.iter().filter(|(_, role, _)| *role == Role::Mentee).collect();
        let mut offers = Vec::new();
        let (mut alone, mut queued) = (0, 0);
        let mut progress = Progress::new("mentees get an offer", mentees.len());
        for (place, _, id) in &mentees {
            progress.step();
            let found = self.service.candidates(&self.admin, *place, 3).await?;
            let choices: Vec<EnrollmentId> =
                found.ranked.iter().map(|one| one.enrollment).collect();
            if choices.is_empty() {
                alone += 1;
                continue;
            }
            let staged = self.service.stage_ranked(&self.admin, &choices, *place).await?;
            let drafts: Vec<ProposalId> =
                staged.into_iter().flatten().map(|draft| draft.proposal).collect();
            let published = self.service.publish_proposals(&self.admin, &drafts).await?;
            for (one, (draft, published)) in found.ranked.iter().zip(drafts.iter().zip(published)) {
                match published {
                    Ok(Published::Offered { .. }) => {}
                    Ok(Published::Queued { .. }) => queued += 1,
                    Ok(_) | Err(_) => continue,
                }
                offers.push((*draft, one.person.clone(), id.clone()));
            }
        }
        drop(progress);
        println!(
            "  {} mentees have an offer, {queued} further choices wait behind one, {alone} found \
             nobody free.",
            mentees.len() - alone
        );
        Ok(offers)
    }

    /// People say yes, no, or nothing. What nobody answers lapses, and the next choice is asked.
    pub(crate) async fn answers(
        &mut self,
        offers: &[(ProposalId, PersonId, PersonId)],
    ) -> Outcome<Vec<OnTheWay>> {
        chapter("Answers");
        let mut pairs: Vec<OnTheWay> = Vec::new();
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for round in 0..3 {
            let mut progress = Progress::new("offers are looked at", offers.len());
            for (proposal, mentor, mentee) in offers {
                progress.step();
                let silent = percent(mentee.as_str(), "silent") < 9;
                let declines = percent(mentor.as_str(), mentee.as_str()) < 12;
                if silent {
                    continue;
                }
                if declines {
                    let reason = Some(Slug::new("no_time")?);
                    if self.service.decline(&self.person(mentor), *proposal, reason).await.is_ok() {
                        *counts.entry("declined by the mentor".to_owned()).or_insert(0) += 1;
                    }
                    continue;
                }
                let (first, second) = (self.person(mentor), self.person(mentee));
                if self.service.accept(&first, *proposal).await.is_err() {
                    continue;
                }
                if let Ok(accepted) = self.service.accept(&second, *proposal).await
                    && let Some(pair) = accepted.pair
                {
                    *counts.entry("a pair".to_owned()).or_insert(0) += 1;
                    pairs.push(OnTheWay { pair, mentor: mentor.clone(), mentee: mentee.clone() });
                }
            }
            drop(progress);
            if round < 2 {
                self.clock.advance(TimeDelta::days(OFFER_DAYS.into()));
            }
            for (what, times) in self.sweep().await? {
                if what == "proposal.expire" {
                    *counts.entry("nobody answered in time".to_owned()).or_insert(0) += times;
                }
            }
        }
        let rows: Vec<_> = counts.iter().map(|(what, n)| row![what, n]).collect();
        table(&["what came of it", "offers"], &rows);
        self.relay().await?;
        Ok(pairs)
    }
}
