//! A whole mentorship program on real people, from template to goodbye, in one `SQLite` file:
//!
//! ```text
//! cargo run --release --example quickstart [file]
//! ```
//!
//! Members come from a public survey (see `examples/data/README.md`); what they do is drawn from a fixed
//! seed, so that every run tells nearly
//! the same story (equal scores fall by random ids). The clock is moved by hand: ten weeks pass in seconds.

mod host;
mod show;
mod signup;

use std::{
    collections::BTreeMap,
    error::Error as StdError,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::TimeDelta;
use mentorship_core::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::{EnrollmentId, PairId, ProgramId, ProposalId},
        text::{Body, Note, Slug, Title},
        time::{Clock, ManualClock, Timestamp},
    },
    decide::{journal::CheckInInput, program::CreateProgram, proposal::Published},
    model::{
        enrollment::Role, event::Audience, journal::CheckInKind, pair::EndKind,
        program::ProgramPolicy,
    },
    policy::actor::Actor,
    service::{Error, Mentorship, PageAsk, SweepAsk},
    store::{ClaimAsk, Envelope, Store},
};
use mentorship_examples::people::{self, DEMO_DATE, SurveyPerson};
use mentorship_sqlx::SqliteStore;
use show::{Progress, chapter, table};

type Outcome<T> = Result<T, Box<dyn StdError>>;

/// Survey rows looked at; about six in ten sign up.
const ROWS: usize = 700;
/// Days an offer stays open in this story.
const OFFER_DAYS: u16 = 5;

/// What somebody drawn from the seed does: a number from 0 to 99 for a person and an occasion.
fn chance(who: &str, occasion: &str) -> u64 {
    let bytes = who.bytes().chain(occasion.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    }) >> 7
        & 0xffff_ffff
}

fn percent(who: &str, occasion: &str) -> u64 {
    chance(who, occasion) % 100
}

/// A pair on its way.
struct OnTheWay {
    pair: PairId,
    mentor: PersonId,
    mentee: PersonId,
}

struct Story {
    service: Mentorship,
    store: SqliteStore,
    clock: Arc<ManualClock>,
    tenant: TenantId,
    admin: Actor,
    program: ProgramId,
    members: BTreeMap<PersonId, SurveyPerson>,
    /// Messages that the relay has handed over to the platform, by kind.
    delivered: BTreeMap<String, u32>,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let file = std::env::args().nth(1).map_or_else(default_file, PathBuf::from);
    let mut story = Story::begin(&file).await?;
    let places = story.sign_ups().await?;
    story.candidates(&places).await?;
    let offers = story.offers(&places).await?;
    let pairs = story.answers(&offers).await?;
    story.eight_weeks(&pairs).await?;
    story.goodbye().await?;
    story.look_at(&file).await?;
    story.store.close().await;
    Ok(())
}

fn default_file() -> PathBuf {
    Path::new("target").join("quickstart.db")
}

impl Story {
    /// Opens a fresh file, makes the tables, creates the program and opens it.
    async fn begin(file: &Path) -> Outcome<Self> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        for ending in ["", "-wal", "-shm"] {
            let old = PathBuf::from(format!("{}{ending}", file.display()));
            match std::fs::remove_file(&old) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{}: {error}", old.display()).into()),
            }
        }
        let store = SqliteStore::open(file).await?;
        store.migrate().await?;
        store.verify().await?;

        let mut community = host::Community::default();
        let mut members = BTreeMap::new();
        for person in people::people(7, ROWS)? {
            let role = person.suggested_role;
            if !(role.mentors() || role.learns()) || person.skills.is_empty() {
                continue;
            }
            let id = PersonId::try_from(person.key.as_str())?;
            community.add(id.clone(), &person);
            match percent(&person.key, "member") {
                0..=1 => drop(community.left.insert(id.clone())),
                2..=3 => drop(community.unconfirmed.insert(id.clone())),
                _ => {}
            }
            members.insert(id, person);
        }
        let morning = DEMO_DATE.and_hms_opt(9, 0, 0).unwrap_or_default().and_utc();
        let clock = Arc::new(ManualClock::new(morning));
        let service =
            Mentorship::builder(Arc::new(store.clone()), community).clock(clock.clone()).build();
        let tenant = TenantId::try_from("demo")?;
        let group = GroupId::try_from("developers")?;
        let admin = Actor::group_admin(tenant.clone(), PersonId::try_from("ada")?, group.clone());

        let template = signup::template()?;
        chapter("A program from a template");
        println!("  {} (version {})", template.title.en.as_str(), template.version);
        println!("  {}", template.summary.en.as_str());
        let steps = template.guide.steps.iter().map(|step| step.title.en.as_str().to_owned());
        println!("  Eight weeks: {}.", steps.collect::<Vec<_>>().join("; "));
        let policy = ProgramPolicy { offer_days: OFFER_DAYS, ..template.policy.clone() };
        let input = CreateProgram {
            group,
            template,
            title: Title::new("Developers help developers, spring 2027")?,
            topic: None,
            zone: chrono_tz::Europe::Berlin,
            window: None,
            policy: Some(policy),
        };
        let program = service.create_program(&admin, input).await?;
        service.open_program(&admin, program).await?;
        let delivered = BTreeMap::new();
        Ok(Self { service, store, clock, tenant, admin, program, members, delivered })
    }

    fn person(&self, id: &PersonId) -> Actor {
        Actor::person(self.tenant.clone(), id.clone())
    }

    fn name(&self, id: &PersonId) -> String {
        self.members.get(id).map_or_else(
            || id.to_string(),
            |it| format!("{} ({}, stage {})", it.key, it.country, it.stage),
        )
    }

    fn date(&self) -> String {
        self.clock.now().format("%-d %B %Y").to_string()
    }

    /// Everybody signs up; the admin decides.
    async fn sign_ups(&self) -> Outcome<Vec<(EnrollmentId, Role, PersonId)>> {
        chapter("Signing up");
        let mut places = Vec::new();
        let mut refused: BTreeMap<&'static str, u32> = BTreeMap::new();
        let mut progress = Progress::new("members sign up", self.members.len());
        for (id, person) in &self.members {
            progress.step();
            let mut roles = Vec::new();
            if person.suggested_role.mentors() {
                roles.push(Role::Mentor);
            }
            if person.suggested_role.learns() {
                roles.push(Role::Mentee);
            }
            for role in roles {
                let mut input = signup::sign_up(person, role)?;
                let forgets = percent(&person.key, "form") < 3;
                if forgets {
                    input.answers.0.remove("languages");
                }
                match self.service.enroll(&self.person(id), self.program, input).await {
                    Ok((place, _)) => places.push((place, role, id.clone())),
                    Err(Error::Refused(refusal)) => {
                        *refused.entry(refusal.code()).or_insert(0) += 1;
                        if forgets {
                            // The error named the question, so they fill it in.
                            let again = signup::sign_up(person, role)?;
                            let me = self.person(id);
                            let again = self.service.enroll(&me, self.program, again);
                            if let Ok((place, _)) = again.await {
                                places.push((place, role, id.clone()));
                            }
                        }
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        drop(progress);
        let mut progress = Progress::new("applications are decided", places.len());
        for (place, _, _) in &places {
            progress.step();
            self.service.approve(&self.admin, *place).await?;
        }
        drop(progress);
        let count = |role| places.iter().filter(|(_, it, _)| *it == role).count();
        println!(
            "  On {} {} members sign up: {} as mentor, {} as mentee.",
            self.date(),
            self.members.len(),
            count(Role::Mentor),
            count(Role::Mentee)
        );
        println!("  What they were told when it did not work:");
        let told = refused.iter().map(|(code, times)| row![code, times]).collect::<Vec<_>>();
        table(&["code", "times"], &told);
        println!("  Why, for the platform's eyes only (its own audit log):");
        table(&["rule", "times"], &self.reasons("enrollment.refuse").await?);
        Ok(places)
    }

    /// Reasons of an action in the platform's audit log, counted.
    async fn reasons(&self, action: &str) -> Outcome<Vec<Vec<String>>> {
        let staff = Actor::staff(self.tenant.clone(), PersonId::try_from("trust-and-safety")?);
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let mut page = PageAsk { limit: 500, after: None };
        loop {
            let events = self.service.audit(&staff, page.clone()).await?;
            for event in events.items.iter().filter(|event| event.action.as_str() == action) {
                let reason = event.reason.as_ref().map_or("-", Slug::as_str);
                *counts.entry(reason.to_owned()).or_insert(0) += 1;
            }
            page.after = events.next;
            if page.after.is_none() {
                return Ok(counts.iter().map(|(reason, n)| row![reason, n]).collect());
            }
        }
    }

    /// Shows the ranked mentors of a few mentees, with why and why not.
    async fn candidates(&self, places: &[(EnrollmentId, Role, PersonId)]) -> Outcome<()> {
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
    async fn offers(
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
    async fn answers(
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

    /// Does what time alone does, to the end.
    async fn sweep(&self) -> Outcome<BTreeMap<String, u32>> {
        let clock = Actor::clock(self.tenant.clone());
        let mut done = BTreeMap::new();
        let mut ask = SweepAsk { limit: 500, after: None };
        loop {
            let report = self.service.sweep(&clock, ask.clone()).await?;
            for (what, times) in report.done {
                *done.entry(what).or_insert(0) += times;
            }
            ask.after = report.next;
            if ask.after.is_none() {
                return Ok(done);
            }
        }
    }

    /// Hands messages over to the platform, which would send them in its own words.
    async fn relay(&mut self) -> Outcome<()> {
        let Some(outbox) = self.store.outbox() else { return Ok(()) };
        loop {
            let now: Timestamp = self.clock.now();
            let ask = ClaimAsk {
                tenant: Some(self.tenant.clone()),
                now,
                lease_until: now + TimeDelta::minutes(5),
                limit: 500,
            };
            let claimed = outbox.claim(&ask).await?;
            if claimed.is_empty() {
                return Ok(());
            }
            for envelope in &claimed {
                let to = match envelope.message.to {
                    Audience::Person(_) => "member",
                    Audience::ProgramAdmins(_) => "admins",
                    Audience::Staff => "platform",
                };
                let kind = format!("{} \u{2192} {to}", envelope.message.kind);
                *self.delivered.entry(kind).or_insert(0) += 1;
            }
            let receipts: Vec<_> = claimed.iter().map(Envelope::receipt).collect();
            outbox.acknowledge(&receipts).await?;
        }
    }

    /// The guide, week by week.
    async fn eight_weeks(&mut self, pairs: &[OnTheWay]) -> Outcome<()> {
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

    /// The program winds down; what is left ends with notice.
    async fn goodbye(&mut self) -> Outcome<()> {
        chapter("Goodbye");
        self.service.wind_down_program(&self.admin, self.program).await?;
        self.sweep().await?;
        let at = self.service.schedule_archive(&self.admin, self.program).await?;
        println!(
            "  The program winds down; pairs still on their way have until {}.",
            at.date_naive()
        );
        self.clock.advance(TimeDelta::days(15));
        while !self.sweep().await?.is_empty() {}
        self.relay().await?;
        let mut states: BTreeMap<(String, String), u32> = BTreeMap::new();
        let mut page = PageAsk { limit: 500, after: None };
        loop {
            let cards = self.service.pairs(&self.admin, self.program, None, page.clone()).await?;
            for card in &cards.items {
                let reason = card.reason.map_or("", EndKind::code);
                *states.entry((card.state.to_string(), reason.to_owned())).or_insert(0) += 1;
            }
            page.after = cards.next;
            if page.after.is_none() {
                break;
            }
        }
        let rows: Vec<_> = states.iter().map(|((state, why), n)| row![state, why, n]).collect();
        table(&["pair", "reason the admin may read", "pairs"], &rows);
        println!();
        let rows: Vec<_> = self.delivered.iter().map(|(kind, n)| row![kind, n]).collect();
        table(&["messages handed to the platform", "times"], &rows);
        Ok(())
    }

    /// Where everything is, and what to look at next.
    async fn look_at(&self, file: &Path) -> Outcome<()> {
        let status = self.store.status().await?;
        let bytes = std::fs::metadata(file)?.len();
        chapter("What is left");
        println!(
            "  {} ({} KB, schema {}) holds all of it.",
            file.display(),
            bytes / 1024,
            status.len()
        );
        println!("  Look inside with any SQLite client:");
        for sql in [
            "SELECT state, COUNT(*) FROM mentorship_pairs GROUP BY state;",
            "SELECT action, reason, COUNT(*) FROM mentorship_audit GROUP BY 1, 2 ORDER BY 3 DESC;",
        ] {
            println!("    {sql}");
        }
        println!(
            "  The tables are described in mentorship-sqlx/SCHEMA.md. To put it into your own"
        );
        println!("  platform, start from the quick start in README.md and the traits in");
        println!("  mentorship_core::service::ports; ARCHITECTURE.md shows where things are.");
        println!("\n  {}", people::ATTRIBUTION);
        Ok(())
    }
}

fn kind_text(kind: CheckInKind) -> String {
    match kind {
        CheckInKind::Week { number } => format!("check-in {number}"),
        CheckInKind::Closing => "closing".to_owned(),
    }
}
