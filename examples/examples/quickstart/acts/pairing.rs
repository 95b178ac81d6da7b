//! From scores to offers to pairs.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use mentorship_core::{
    base::{
        host::PersonId,
        id::{EnrollmentId, ProposalId},
        text::Slug,
    },
    decide::proposal::Published,
    matching::{people::Options, run::RunOptions},
    model::{enrollment::Role, proposal::ProposedPair},
    service::PublishAsk,
};

use crate::{
    Outcome,
    chance::percent,
    row,
    show::{Progress, chapter, table},
    story::{OFFER_DAYS, OnTheWay, Story},
};

/// An offer to two people.
pub(crate) struct Offered {
    proposal: ProposalId,
    pair: ProposedPair,
    mentor: PersonId,
    mentee: PersonId,
}

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

    /// A run over everybody who is free: the best pairing there is, with a reason for each pair and for
    /// everybody left out; then its drafts are published. `declined` are not proposed again.
    pub(crate) async fn offers(
        &self,
        places: &[(EnrollmentId, Role, PersonId)],
        declined: &[ProposedPair],
    ) -> Outcome<Vec<Offered>> {
        chapter("A run, and its offers");
        let options = declined.iter().fold(RunOptions::new(), |all, pair| all.forbid(*pair));
        let run = self.service.prepare_run(&self.admin, self.program, options).await?;
        // Solving is pure computing: on a thread of its own it keeps nobody waiting.
        let outcome = tokio::task::spawn_blocking(move || run.solve(&Options::default())).await??;
        let report = &outcome.report;
        println!(
            "  {} of {} mentees are paired, as many as can be ({}); {} points in all, at least {}.",
            report.mentees_paired,
            report.mentees,
            if outcome.optimal { "proven" } else { "not proven" },
            report.points,
            report.least_points,
        );
        println!(
            "  {} get the mentor who fits them best, {} one of their best three.",
            report.first_choices, report.top_three_choices
        );
        let mut left: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        for it in &outcome.unmatched {
            *left.entry((it.role.code(), it.why.code())).or_insert(0) += 1;
        }
        let rows: Vec<_> = left.iter().map(|((role, why), n)| row![role, why, n]).collect();
        if !rows.is_empty() {
            table(&["left out", "why", "people"], &rows);
        }
        let staged = self.service.stage_run(&self.admin, &outcome).await?;
        let mut asked = PublishAsk::default();
        let mut published = BTreeSet::new();
        loop {
            let page = self.service.publish_drafts(&self.admin, self.program, asked).await?;
            let offered = |it: &(ProposalId, _)| matches!(it.1, Ok(Published::Offered { .. }));
            published.extend(page.published.iter().filter(|it| offered(it)).map(|it| it.0));
            let Some(next) = page.next else { break };
            asked = PublishAsk { after: Some(next), ..PublishAsk::default() };
        }
        let who: BTreeMap<EnrollmentId, &PersonId> =
            places.iter().map(|(place, _, who)| (*place, who)).collect();
        let mut offers = Vec::new();
        for (pair, draft) in staged.staged {
            if let (Ok(draft), Some(mentor), Some(mentee)) =
                (draft, who.get(&pair.mentor), who.get(&pair.mentee))
                && published.contains(&draft.proposal)
            {
                let (mentor, mentee) = ((*mentor).clone(), (*mentee).clone());
                offers.push(Offered { proposal: draft.proposal, pair, mentor, mentee });
            }
        }
        println!("  {} pairs are asked.", offers.len());
        Ok(offers)
    }

    /// People say yes, no, or nothing. After each round, whoever is free again is in the next run.
    pub(crate) async fn answers(
        &mut self,
        places: &[(EnrollmentId, Role, PersonId)],
    ) -> Outcome<Vec<OnTheWay>> {
        let mut pairs: Vec<OnTheWay> = Vec::new();
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let mut forbidden = Vec::new();
        for _ in 0..3 {
            let offers = self.offers(places, &forbidden).await?;
            let mut progress = Progress::new("offers are looked at", offers.len());
            for Offered { proposal, pair, mentor, mentee } in &offers {
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
                        forbidden.push(*pair);
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
            self.clock.advance(TimeDelta::days(OFFER_DAYS.into()));
            for (what, times) in self.sweep().await? {
                if what == "proposal.expire" {
                    *counts.entry("nobody answered in time".to_owned()).or_insert(0) += times;
                }
            }
        }
        chapter("Answers");
        let rows: Vec<_> = counts.iter().map(|(what, n)| row![what, n]).collect();
        table(&["what came of it", "offers"], &rows);
        self.relay().await?;
        Ok(pairs)
    }
}
