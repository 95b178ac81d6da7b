//! What each of those concerned can see, and nothing but that: everything here is what the library answers to
//! them, or has told them.

use std::fmt::Write as _;

use chrono::TimeDelta;
use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use mentorship_core::{
    base::{host::PersonId, id::CaseId},
    model::{
        enrollment::Enrollment,
        event::Audience,
        message::{self, Placeholder},
    },
    policy::actor::Actor,
    service::PageAsk,
    store::{ClaimAsk, Envelope, Store as _},
};

use mentorship_examples::harbour::Outcome;

use crate::community::Community;

const HEADER: [&str; 4] =
    ["Ben, who reports", "Emil, the accused", "Emil, as an admin of the group", "The platform"];

/// Looks at the same moment with the eyes of all of them.
#[derive(Debug, Default)]
pub(crate) struct Eyes {
    moment: usize,
}

impl Eyes {
    /// Prints what there is to see after something has happened.
    pub(crate) async fn look(
        &mut self,
        story: &Community,
        what: &str,
        case: Option<CaseId>,
    ) -> Outcome<()> {
        self.moment += 1;
        let told = told(story).await?;
        let columns = [
            self.reporter(story, &told).await?,
            self.accused(story, &told).await?,
            self.admin(story, &told, case).await?,
            self.platform(story, &told, case).await?,
        ];
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(132).set_header(HEADER).add_row(columns);
        println!("\n{}. {} \u{2013} {what}\n{table}", self.moment, story.date());
        Ok(())
    }

    async fn reporter(&self, story: &Community, told: &[Envelope]) -> Outcome<String> {
        let mut text = news(told, |to| is(to, &story.ben));
        text += &pairs(story, &story.ben).await?;
        for report in story.service.my_reports(&story.ben, PageAsk::default()).await?.items {
            writeln!(text, "my report: {}", report.status)?;
            if let Some(question) = report.question {
                writeln!(text, "  asked: {}", question.as_str())?;
            }
            if let Some(outcome) = report.outcome {
                writeln!(text, "  outcome: {outcome}")?;
            }
            if let Some(ruling) = report.ruling {
                writeln!(text, "  after an appeal: {ruling}")?;
            }
        }
        Ok(text)
    }

    async fn accused(&self, story: &Community, told: &[Envelope]) -> Outcome<String> {
        let mut text = news(told, |to| is(to, &story.emil));
        text += &pairs(story, &story.emil).await?;
        for it in story.service.my_statements(&story.emil, PageAsk::default()).await?.items {
            let measures: Vec<String> = it.measures.iter().map(ToString::to_string).collect();
            writeln!(text, "decided: {}, by {}", measures.join(", "), it.cause)?;
            if let Some(reasons) = it.reasons {
                writeln!(text, "  clause: {}", reasons.clause.as_str())?;
                writeln!(text, "  facts: {}", reasons.facts.as_str())?;
                writeln!(text, "  why: {}", reasons.why.as_str())?;
                writeln!(text, "  redress: {}", reasons.redress.as_str())?;
            }
            if let Some((ruling, _, reasons)) = it.appeal {
                let facts = reasons.map(|it| it.facts.as_str().to_owned()).unwrap_or_default();
                writeln!(text, "my appeal: {ruling}: {facts}")?;
            }
        }
        let places = story.service.my_enrollments(&story.emil, PageAsk::default()).await?.items;
        for place in places {
            writeln!(text, "my place: {}", place.state.code())?;
        }
        Ok(text)
    }

    async fn admin(
        &self,
        story: &Community,
        told: &[Envelope],
        case: Option<CaseId>,
    ) -> Outcome<String> {
        let (s, admin) = (&story.service, &story.emil_as_admin);
        let mut text = news(told, |to| matches!(to, Audience::ProgramAdmins(_)));
        let cases = s.group_cases(admin, story.program, PageAsk::default()).await?.items.len();
        writeln!(text, "cases: {cases}")?;
        if let Some(case) = case {
            // Even to somebody who has got hold of its id.
            match s.case(admin, case).await {
                Ok(_) => writeln!(text, "the case is open to him")?,
                Err(error) => writeln!(text, "asks for it by id: {}", error.code())?,
            }
        }
        for pair in s.pairs(admin, story.program, None, PageAsk::default()).await?.items {
            writeln!(text, "pair of {} and {}: {}", pair.mentor, pair.mentee, pair.state)?;
        }
        Ok(text)
    }

    async fn platform(
        &self,
        story: &Community,
        told: &[Envelope],
        case: Option<CaseId>,
    ) -> Outcome<String> {
        let (s, staff) = (&story.service, &story.quinn);
        let mut text = news(told, |to| matches!(to, Audience::Staff) || is(to, &story.pia));
        for it in s.platform_cases(staff, PageAsk::default()).await?.items {
            writeln!(text, "queue: {} {}, {}", it.priority, it.category, it.state)?;
            writeln!(text, "  to decide by {}", it.decide_by.format("%-d %B"))?;
            if let Some(assignee) = it.assignee {
                writeln!(text, "  worked by {assignee}")?;
            }
        }
        if let Some(case) = case {
            let case = s.case(staff, case).await?.case;
            writeln!(text, "the case: {}, {} sealed", case.state.code(), case.evidence)?;
            for measure in case.interim.iter().filter(|it| it.lifted_at.is_none()) {
                writeln!(text, "  holds: {}", measure.measure.code())?;
            }
        }
        for (person, bans) in s.banned_people(staff, PageAsk::default()).await?.items {
            writeln!(text, "banned: {person}, by {} case", bans.len())?;
        }
        Ok(text)
    }

    /// All that Emil reads as an admin, without the ids, which are random, and in an
    /// order that does not follow from them.
    pub(crate) async fn as_admin(&self, story: &Community) -> Outcome<String> {
        let (s, admin, page) = (&story.service, &story.emil_as_admin, PageAsk::default);
        let mut text = String::new();
        let cases = s.group_cases(admin, story.program, page()).await?;
        writeln!(text, "{cases:?}")?;
        for it in s.pairs(admin, story.program, None, page()).await?.items {
            let (state, since, over) = (it.state, it.started_at, it.over_at);
            writeln!(
                text,
                "{} {} {state} {since} {over:?} {:?} {:?}",
                it.mentor, it.mentee, it.reason, it.note
            )?;
        }
        let places = s.enrollments(admin, story.program, None, None, page()).await?.items;
        let place =
            |it: Enrollment| format!("{} {} {:?} {:?}\n", it.person, it.role, it.state, it.answers);
        let mut places: Vec<String> = places.into_iter().map(place).collect();
        places.sort_unstable();
        text += &places.concat();
        for it in s.program_audit(admin, story.program, page()).await?.items {
            let (from, to, reason) = (it.from, it.to, it.reason);
            writeln!(
                text,
                "{} {} {} {from:?} {to:?} {reason:?} {:?}",
                it.at,
                it.action,
                it.subject.kind(),
                it.about
            )?;
        }
        Ok(text)
    }
}

/// What has been told since somebody last looked.
async fn told(story: &Community) -> Outcome<Vec<Envelope>> {
    let Some(outbox) = story.store.outbox() else { return Ok(Vec::new()) };
    let now = story.now();
    let mut all = Vec::new();
    loop {
        let claimed = outbox.claim(&ClaimAsk::new(now, now + TimeDelta::minutes(5))).await?;
        if claimed.is_empty() {
            return Ok(all);
        }
        let receipts: Vec<_> = claimed.iter().map(Envelope::receipt).collect();
        outbox.acknowledge(&receipts).await?;
        all.extend(claimed);
    }
}

fn is(to: &Audience, actor: &Actor) -> bool {
    let key: Option<&PersonId> = actor.who();
    matches!(to, Audience::Person(person) if Some(person) == key)
}

fn news(told: &[Envelope], to: impl Fn(&Audience) -> bool) -> String {
    // A host knows the program by the message's id; here there is only one.
    let named = |it: Placeholder| match it {
        Placeholder::Program => "the program".to_owned(),
        Placeholder::Step => "the step".to_owned(),
        Placeholder::Deadline => "the day it says".to_owned(),
    };
    let line = |it: &Envelope| match message::english(&it.message) {
        Some(text) => format!("\u{2709} {}: {}\n", text.title, message::fill(text.body, named)),
        None => format!("\u{2709} {}\n", it.message.kind),
    };
    told.iter().filter(|it| to(&it.message.to)).map(line).collect()
}

async fn pairs(story: &Community, actor: &Actor) -> Outcome<String> {
    let (s, mut text) = (&story.service, String::new());
    for pair in s.my_pairs(actor, PageAsk::default()).await?.items {
        writeln!(text, "my mentorship: {}", pair.state)?;
        for post in s.thread(actor, pair.pair, None, PageAsk::default()).await?.posts {
            let words = if post.body.is_some() { "words" } else { "no words" };
            let hidden = if post.withheld.is_some() { ", hidden" } else { "" };
            writeln!(text, "  a post: {words}{hidden}")?;
        }
    }
    Ok(text)
}
