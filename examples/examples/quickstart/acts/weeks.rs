//! The guide, and what happens on the way.

use chrono::TimeDelta;
use mentorship_core::{
    base::{
        text::{Body, Note},
        time::Clock,
    },
    decide::journal::CheckInInput,
    model::{journal::CheckInKind, pair::EndKind},
};

use crate::{
    Outcome,
    chance::{chance, percent},
    row,
    show::{Progress, chapter, table},
    story::{OnTheWay, Story},
};

impl Story {
    /// The guide, week by week.
    pub(crate) async fn eight_weeks(&mut self, pairs: &[OnTheWay]) -> Outcome<()> {
        chapter("Eight weeks");
        let began = self.clock.now();
        let mut rows = Vec::new();
        for week in 1..=9_u16 {
            let (mut steps, mut posts, mut over) = (0, 0, 0);
            let mut scores = Vec::new();
            let mut progress = Progress::new("pairs in this week", pairs.len());
            for pair in pairs {
                progress.step();
                let details = self.service.pair(&self.person(&pair.mentee), pair.pair).await?;
                if details.card.over_at.is_some() {
                    over += 1;
                    continue;
                }
                if self.happens(pair, week).await? {
                    continue;
                }
                let busy = percent(pair.mentee.as_str(), &format!("week {week}")) < 12;
                let lost = percent(pair.mentor.as_str(), pair.mentee.as_str()).is_multiple_of(20);
                if busy || lost {
                    continue;
                }
                let open = details.steps.iter().find(|step| step.state.code() == "open");
                let Some(step) = open else { continue };
                for (who, text) in [
                    (&pair.mentee, "I have tried it. It went better than I thought."),
                    (&pair.mentor, "Good. What would you do differently next time?"),
                ] {
                    let body = Body::new(text)?;
                    let who = self.person(who);
                    let posted = self.service.post(&who, pair.pair, &step.key, None, body);
                    posts += u32::from(posted.await.is_ok());
                }
                let closing = details.guide.step(&step.key).is_some_and(|step| step.closing);
                let kind =
                    if closing { CheckInKind::Closing } else { CheckInKind::Week { number: week } };
                let score = 3 + u8::try_from(percent(pair.mentee.as_str(), &kind_text(kind)) % 3)?;
                let check_in = CheckInInput {
                    kind,
                    score: Some(score),
                    note: None,
                    note_shared: false,
                    testimonial: None,
                };
                let me = self.person(&pair.mentee);
                let said = self.service.check_in(&me, pair.pair, check_in);
                if said.await.is_ok() {
                    scores.push(u32::from(score));
                }
                for who in [&pair.mentor, &pair.mentee] {
                    let who = self.person(who);
                    let done = self.service.finish_step(&who, pair.pair, &step.key);
                    steps += u32::from(done.await.is_ok_and(|done| done.state.as_str() == "done"));
                }
            }
            drop(progress);
            let mean = scores.iter().sum::<u32>() * 10 / u32::try_from(scores.len().max(1))?;
            rows.push(row![
                week,
                began
                    .checked_add_signed(TimeDelta::weeks(i64::from(week) - 1))
                    .unwrap_or(began)
                    .format("%-d %b"),
                pairs.len() - over,
                steps,
                posts,
                format!("{}.{}", mean / 10, mean % 10),
            ]);
            for _ in 0..7 {
                self.clock.advance(TimeDelta::days(1));
                self.sweep().await?;
            }
            self.relay().await?;
        }
        table(&["week", "from", "pairs", "steps done", "posts", "how it goes"], &rows);
        Ok(())
    }

    /// What happens to a few: a block, an early end, a pause. Whether it did.
    async fn happens(&self, pair: &OnTheWay, week: u16) -> Outcome<bool> {
        let lot = chance(pair.mentee.as_str(), "lot") % 40;
        let me = self.person(&pair.mentee);
        match (week, lot) {
            (2, 0) => {
                self.service.block(&me, &pair.mentor).await?;
                let theirs = self.service.pair(&self.person(&pair.mentor), pair.pair).await?;
                println!(
                    "  Week 2: {} blocks {}. What {} reads: \"{}\", reason: {}.",
                    pair.mentee,
                    pair.mentor,
                    pair.mentor,
                    theirs.card.state,
                    theirs.card.reason.map_or("none told", EndKind::code)
                );
                Ok(true)
            }
            (4, 1) => {
                let note = Some(Note::new("I have found what I was looking for. Thank you!")?);
                let kind = EndKind::GoalsMetEarly;
                self.service.end_pair(&me, pair.pair, kind, note, true).await?;
                println!("  Week 4: {} has reached the goal early and says goodbye.", pair.mentee);
                Ok(true)
            }
            (5, 2) => {
                let until = self.clock.now() + TimeDelta::days(7);
                let paused = self.service.pause_pair(&me, pair.pair, Some(until)).await;
                if paused.is_ok() {
                    println!("  Week 5: {} is away for a week; the steps wait.", pair.mentee);
                }
                Ok(paused.is_ok())
            }
            _ => Ok(false),
        }
    }
}

fn kind_text(kind: CheckInKind) -> String {
    match kind {
        CheckInKind::Week { number } => format!("check-in {number}"),
        CheckInKind::Closing => "closing".to_owned(),
    }
}
