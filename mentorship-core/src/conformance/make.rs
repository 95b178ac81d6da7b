//! Records as a test needs them: valid, distinct, and told by small numbers.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use serde_json::json;
use uuid::Uuid;

use crate::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::{Id, IdSource, PairId, PostId, ProposalId},
        people::PersonPair,
        text::{Body, Note, Slug, Title},
        time::Timestamp,
        version::Version,
    },
    change::Key,
    model::{
        answer::{Answer, Answers},
        enrollment::{Consent, Enrollment, EnrollmentState, Role},
        event::{ActorKind, ActorRef, Audience, AuditEvent, OutboxMessage},
        form::Form,
        guide::{Guide, StepInstance, StepState},
        holder::{Holder, Holders},
        journal::{CheckIn, CheckInKind, Post},
        pair::{Pair, PairState, Participant, PauseSpan},
        person::Person,
        program::{Oversight, Program, ProgramState, TemplateRef},
        proposal::{Answered, Origin, Proposal, ProposalState},
        relation::Relation,
        report::{Case, CaseDeadlines, Evidence, Item, Occasion, Party, Priority, Target, Tier},
        run::{Goal, LeftOut, Run, RunFigures, RunReport, RunTerms},
        score::{Part, Score},
        template::Template,
    },
};

/// 2027-03-01, 09:00 UTC: a Monday.
#[must_use]
pub fn start() -> Timestamp {
    "2027-03-01T09:00:00Z".parse().unwrap()
}

/// The start, some seconds later.
#[must_use]
pub fn after(seconds: i64) -> Timestamp {
    start() + TimeDelta::seconds(seconds)
}

/// An id told by a number.
#[must_use]
pub fn id<I: Id>(n: u64) -> I {
    // Spread, so that the order of ids is not that of making.
    let spread = u128::from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 64 | u128::from(n);
    I::from_uuid(Uuid::from_u128(spread))
}

/// A slug.
#[must_use]
pub fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// The tenant of most tests.
#[must_use]
pub fn tenant() -> TenantId {
    TenantId::try_from("harbour").unwrap()
}

/// Another tenant.
#[must_use]
pub fn elsewhere() -> TenantId {
    TenantId::try_from("Harbour").unwrap()
}

/// The group of most tests.
#[must_use]
pub fn group() -> GroupId {
    GroupId::try_from("sailors").unwrap()
}

/// A person told by a number.
#[must_use]
pub fn who(n: u64) -> PersonId {
    PersonId::try_from(format!("p{n:03}")).unwrap()
}

/// Two people.
#[must_use]
pub fn two(one: u64, other: u64) -> PersonPair {
    PersonPair::new(who(one), who(other)).unwrap()
}

/// A date on which everybody here has long been an adult.
#[must_use]
pub fn adult_date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2010, 2, 3).unwrap()
}

/// A small template: a language in common is required, what the mentee wants gives points, three steps.
#[must_use]
pub fn template() -> Template {
    let message = |key: &str| json!({ "key": key, "en": format!("Text of {key}") });
    let choices = json!([{ "key": "knots", "text": message("c.knots") }, { "key": "maps", "text": message("c.maps") },
               { "key": "weather", "text": message("c.weather") }]);
    let question = |key: &str, asked: &str, answer: serde_json::Value, required: bool| {
        json!({ "key": key, "asked_of": asked, "text": message(key), "answer": answer,
                "required": required, "sensitivity": "normal", "visible_to": "proposed_partner" })
    };
    let value = json!({
        "key": "sailing", "version": 1, "title": message("title"), "summary": message("summary"),
        "topic": "professional",
        "form": { "version": 1,
            "questions": [
                question("languages", "both", json!({ "kind": "languages", "max": 5 }), true),
                question("teaches", "mentor", json!({ "kind": "multi", "choices": choices, "min": 1, "max": 3 }), true),
                question("learns", "mentee", json!({ "kind": "rank", "choices": choices, "max": 3 }), true),
                question("years", "both", json!({ "kind": "integer", "min": 0, "max": 60, "unit": "years" }), false),
            ],
            "rules": [
                { "key": "language", "compares": { "kind": "shared", "mentor": "languages", "mentee": "languages" },
                  "strength": "required", "missing": "fail" },
                { "key": "wanted", "compares": { "kind": "ranked", "mentor": "teaches", "mentee": "learns" },
                  "strength": { "weighted": { "points": 600 } }, "missing": "fail" },
                { "key": "ahead", "compares": { "kind": "above", "mentor": "years", "mentee": "years", "min_above": 1, "max_above": 30 },
                  "strength": { "weighted": { "points": 400 } }, "missing": "neutral" },
            ],
            "eligibility": [
                { "key": "member", "applies_to": "both", "condition": { "kind": "group_member" } },
                { "key": "trained", "applies_to": "mentor", "condition": { "kind": "host", "predicate": "trained" } },
            ] },
        "guide": { "version": 1, "steps": [
            { "key": "hello", "title": message("s1"), "body": message("b1"), "unlock": { "when": "at_start" }, "due_days": 7, "done_by": "both" },
            { "key": "sail", "title": message("s2"), "body": message("b2"), "unlock": { "when": "after_days", "days": 7 }, "due_days": 7, "done_by": "either" },
            { "key": "goodbye", "title": message("s3"), "body": message("b3"), "unlock": { "when": "after_previous" }, "done_by": "either", "closing": true },
        ] },
        "policy": { "approval": false },
    });
    serde_json::from_value::<Template>(value).unwrap().checked().unwrap()
}

/// Answers of a mentor or a mentee to the small template.
#[must_use]
pub fn answers(role: Role) -> Answers {
    let languages = Answer::Languages([slug("en"), slug("pt")].into());
    let answers = Answers::new().with(slug("languages"), languages);
    match role {
        Role::Mentor => answers
            .with(slug("teaches"), Answer::Multi([slug("knots"), slug("maps")].into()))
            .with(slug("years"), Answer::Integer(12)),
        Role::Mentee => answers
            .with(slug("learns"), Answer::Rank(vec![slug("maps"), slug("weather")]))
            .with(slug("years"), Answer::Integer(2)),
    }
}

/// The small template's form.
#[must_use]
pub fn form() -> Arc<Form> {
    Arc::new(template().form)
}

/// The small template's guide.
#[must_use]
pub fn guide() -> Arc<Guide> {
    Arc::new(template().guide)
}

/// An adult of known zone.
#[must_use]
pub fn person(n: u64) -> Person {
    Person {
        id: who(n),
        adult_on: Some(adult_date()),
        zone: Some(Tz::Europe__Lisbon),
        reminders_off: false,
        reminded: vec![after(-60)],
        bans: Vec::new(),
        mute: None,
        turned_away: Vec::new(),
        held: Vec::new(),
        looked_back: None,
        version: Version::NEW,
    }
}

/// Two people, of whom the first wishes not to be matched with the other.
#[must_use]
pub fn relation(one: u64, other: u64) -> Relation {
    let mut relation = Relation::new(two(one, other));
    relation.lo.avoids_since = Some(after(-5));
    relation.hi.lifted_at = Some(after(-9));
    relation
}

/// An open program.
#[must_use]
pub fn program(n: u64) -> Program {
    let template = template();
    Program {
        id: id(n),
        group: group(),
        template: TemplateRef { key: template.key, version: template.version },
        topic: template.topic,
        title: Title::new("Learn to sail").unwrap(),
        state: ProgramState::Open { since: start() },
        window: None,
        zone: Tz::Europe__Lisbon,
        policy: template.policy,
        form_version: 1,
        guide_version: 1,
        created_by: who(900),
        created_at: after(i64::try_from(n).unwrap()),
        version: Version::NEW,
    }
}

/// An active enrolment with two places.
#[must_use]
pub fn enrollment(n: u64, of: u64, person: u64, role: Role) -> Enrollment {
    Enrollment {
        id: id(n),
        program: id(of),
        person: who(person),
        role,
        state: EnrollmentState::Active { since: start() },
        capacity: 2,
        priority_since: start(),
        consent: Consent {
            policy_version: 1,
            oversight: Oversight::ReportedOnly,
            special_category: false,
            shown_to_group: n.is_multiple_of(2),
            at: start(),
        },
        form_version: 1,
        answers: answers(role),
        applied_at: after(i64::try_from(n % 7).unwrap()),
        keep_until: None,
        version: Version::NEW,
    }
}

/// An offer of an admin to a mentor and a mentee, each told by enrolment and person.
#[must_use]
pub fn proposal(n: u64, of: u64, mentor: (u64, u64), mentee: (u64, u64)) -> Proposal {
    Proposal {
        id: id(n),
        program: id(of),
        mentor: id(mentor.0),
        mentor_person: who(mentor.1),
        mentee: id(mentee.0),
        mentee_person: who(mentee.1),
        origin: Origin::Admin,
        state: ProposalState::Offered {
            since: start(),
            expires_at: after(1_000),
            mentor: Answered::Waiting,
            mentee: Answered::Yes { at: start() },
        },
        rank: Some(2),
        score: Some(Score {
            parts: vec![Part { rule: slug("wanted"), points: 40, most: 60, missing: false }],
        }),
        run: None,
        previous_pair: None,
        offered_at: Some(start()),
        created_by: who(900),
        created_at: after(i64::try_from(n % 5).unwrap()),
        version: Version::NEW,
    }
}

/// A run of the admin over a program.
#[must_use]
pub fn run(n: u64, of: u64) -> Run {
    Run {
        id: id(n),
        program: id(of),
        created_by: who(900),
        created_at: after(i64::try_from(n % 3).unwrap()),
        prepared_at: start(),
        digest: [u8::try_from(n % 200).unwrap(); 32],
        terms: RunTerms {
            goal: Goal::BestTotal,
            minimum_share: 50,
            pins: 3,
            seed: u64::MAX,
            ..RunTerms::default()
        },
        figures: RunFigures {
            report: RunReport { mentees: 7, pairs: 4, points: 1 << 40, ..RunReport::default() },
            optimal: false,
            gap: n,
            infeasible_pins: 1,
            left_out: vec![LeftOut { role: Role::Mentee, why: slug("excluded"), people: 3 }],
        },
    }
}

/// An active pair of a mentor and a mentee, each told by enrolment and person.
#[must_use]
pub fn pair(n: u64, of: u64, mentor: (u64, u64), mentee: (u64, u64)) -> Pair {
    let side = |(enrollment, person): (u64, u64), words: Option<&str>| Participant {
        enrollment: id(enrollment),
        person: who(person),
        introduction: words.map(|words| Note::new(words).unwrap()),
        withheld: None,
    };
    Pair {
        id: id(n),
        program: id(of),
        mentor: side(mentor, Some("Ahoy.\nI sail on Sundays.")),
        mentee: side(mentee, None),
        proposal: id(n + 5_000),
        state: PairState::Active { since: start() },
        note_withheld: None,
        guide_version: 1,
        oversight: Oversight::ReportedOnly,
        started_at: after(i64::try_from(n % 3).unwrap()),
        adults_at: after(i64::try_from(n % 3).unwrap()),
        pauses: vec![PauseSpan { from: start(), to: after(30) }],
        previous_pair: None,
        last_seq: 0,
        last_activity_at: start(),
        reminded_at: None,
        due_at: Some(after(500)),
        cleared_at: None,
        kept_for: BTreeSet::new(),
        version: Version::NEW,
    }
}

/// A step of a pair.
#[must_use]
pub fn step(pair: PairId, position: u16) -> StepInstance {
    StepInstance {
        pair,
        key: slug(&format!("step-{position}")),
        position,
        state: StepState::Locked { unlocks_at: Some(after(i64::from(position))) },
        due_at: Some(after(700)),
        mentor_done_at: None,
        mentee_done_at: Some(after(3)),
    }
}

/// What holds a record that the platform holds by hand.
#[must_use]
pub fn by_hand() -> Holders {
    Holders::from([Holder::Platform])
}

/// A post of a pair.
#[must_use]
pub fn post(n: u64, pair: PairId, seq: u64, author: u64) -> Post {
    Post {
        id: id::<PostId>(n),
        pair,
        step: slug(if seq.is_multiple_of(2) { "sail" } else { "hello" }),
        reply_to: None,
        author: who(author),
        seq,
        body: Some(Body::new("The wind was kind.\n\u{2693}").unwrap()),
        at: after(i64::try_from(seq).unwrap()),
        revision: 0,
        edited_at: None,
        removed_at: None,
        held: Vec::new(),
        withheld: None,
    }
}

/// A check-in of a pair.
#[must_use]
pub fn check_in(pair: PairId, side: Role, kind: CheckInKind, at: Timestamp) -> CheckIn {
    CheckIn {
        pair,
        side,
        kind,
        score: Some(4),
        note: Some(Note::new("Good week.").unwrap()),
        note_shared: true,
        testimonial: None,
        at,
        withheld: None,
    }
}

/// A case that waits for the group and the platform, of a reporter about a subject.
#[must_use]
pub fn case(n: u64, of: u64, reporter: u64, subject: u64) -> Case {
    let filed_at = after(i64::try_from(n % 5).unwrap());
    let (hours, what) = (CaseDeadlines::default(), (slug("scam"), Priority::P2));
    Case {
        reporter: Some(who(reporter)),
        witnesses: vec![who(801)],
        target: Target::Post { pair: id(n + 6_000), post: id(n + 7_000) },
        pair: Some(id(n + 6_000)),
        matched_by: Some(who(900)),
        recipient: Tier::Both,
        tier: Tier::Both,
        ..Case::filed(id(n), (id(of), &hours), who(subject), what, filed_at)
    }
}

/// The next item of a case: what the reporter said.
#[must_use]
pub fn evidence(case: &mut Case, words: &str) -> Evidence {
    let text = Some(Body::new(words).unwrap());
    let item = Item::Words { on: Occasion::Report, text };
    let salt = uuid::Uuid::from_u128(case.evidence.into());
    case.seal(Party::Reporter, true, item, (case.filed_at, salt)).unwrap()
}

/// An event about a record.
#[must_use]
pub fn event(n: u64, subject: Key, at: Timestamp) -> AuditEvent {
    AuditEvent {
        id: id(n),
        at,
        actor: ActorRef { kind: ActorKind::Person, person: Some(who(1)) },
        action: slug("test.happen"),
        subject,
        program: Some(id(1)),
        from: Some(slug("before")),
        to: None,
        about: vec![who(2), who(1)],
        reason: None,
        private: false,
    }
}

/// A message to a person.
#[must_use]
pub fn message(n: u64, to: u64, at: Timestamp) -> OutboxMessage {
    OutboxMessage {
        id: id(n),
        at,
        kind: slug("test.say"),
        to: Audience::Person(who(to)),
        between: None,
        program: Some(id(1)),
        proposal: Some(id::<ProposalId>(2)),
        pair: None,
        case: None,
        step: Some(slug("hello")),
        code: Some(slug("three")),
    }
}

/// Ids by number for tests that compare runs: the same calls give the same ids.
#[derive(Debug, Default)]
pub struct CountedIds(AtomicU64);

impl CountedIds {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl IdSource for CountedIds {
    fn random(&self) -> Uuid {
        // Two rounds of a mixing function: in no order, never twice.
        let mix = |mut x: u64| {
            x ^= x >> 30;
            x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x ^= x >> 27;
            x.wrapping_mul(0x94d0_49bb_1331_11eb)
        };
        let n = self.next();
        Uuid::from_u64_pair(mix(n), mix(n.wrapping_add(0x9e37_79b9_7f4a_7c15)) ^ n)
    }

    fn ordered(&self, at: Timestamp) -> Uuid {
        let micros = u64::try_from(at.timestamp_micros()).unwrap_or(0);
        Uuid::from_u64_pair(micros, self.next())
    }
}
