//! The stored form of what is kept as JSON. A released form never changes: rows written by an old version
//! have to be read by every later one. A new state or field adds a line; no line is ever edited.
#![cfg(feature = "conformance")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use mentorship_core::{
    base::{
        text::{Body, Note},
        time::Timestamp,
    },
    conformance::make::{answers, by_hand, id, slug, template, who},
    model::{
        answer::Answers,
        enrollment::{Consent, EnrollmentState, Role},
        guide::StepState,
        holder::{Holder, Withheld},
        journal::CheckInKind,
        pair::{EndKind, EndedBy, PairEnd, PairState, PauseSpan},
        program::{Oversight, ProgramPolicy, ProgramState, Window},
        proposal::{Answered, Invalidity, ProposalState},
        report::{
            CaseState, Content, Exhibit, Interim, InterimMeasure, Item, Measure, Occasion, Outcome,
            Party, Priority, Seal, Target, Tier,
        },
        score::{Part, Score},
    },
};
use serde::{Serialize, de::DeserializeOwned};

fn at(second: u32) -> Timestamp {
    format!("2027-03-01T09:00:{second:02}.000001Z").parse().unwrap()
}

/// Written as this text, and read from it as the same value.
fn is<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T, text: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), text);
    assert_eq!(serde_json::from_str::<T>(text).unwrap(), *value);
}

#[test]
fn states_of_programs() {
    is(&ProgramState::Draft, r#"{"state":"draft"}"#);
    is(
        &ProgramState::Open { since: at(1) },
        r#"{"state":"open","since":"2027-03-01T09:00:01.000001Z"}"#,
    );
    is(
        &ProgramState::WindingDown { since: at(1), settled: true, archive_at: None },
        r#"{"state":"winding_down","since":"2027-03-01T09:00:01.000001Z","settled":true,"archive_at":null}"#,
    );
    is(
        &ProgramState::Suspended {
            since: at(2),
            resume_to: Box::new(ProgramState::EnrollmentClosed { since: at(1) }),
        },
        r#"{"state":"suspended","since":"2027-03-01T09:00:02.000001Z","resume_to":{"state":"enrollment_closed","since":"2027-03-01T09:00:01.000001Z"}}"#,
    );
    is(
        &ProgramState::Archived { at: at(1) },
        r#"{"state":"archived","at":"2027-03-01T09:00:01.000001Z"}"#,
    );
    is(
        &Window { opens: at(1), closes: at(2), starts: at(3), ends: at(4) },
        r#"{"opens":"2027-03-01T09:00:01.000001Z","closes":"2027-03-01T09:00:02.000001Z","starts":"2027-03-01T09:00:03.000001Z","ends":"2027-03-01T09:00:04.000001Z"}"#,
    );
}

#[test]
fn settings_that_a_later_version_adds_have_their_default_in_old_rows() {
    assert_eq!(serde_json::from_str::<ProgramPolicy>("{}").unwrap(), ProgramPolicy::default());
    let text = serde_json::to_string(&ProgramPolicy::default()).unwrap();
    assert_eq!(
        text,
        r#"{"acceptance":"both","approval":true,"oversight":"reported_only","consent_version":1,"max_open_requests":3,"offer_days":14,"max_mentor_capacity":3,"max_mentee_capacity":1,"person_cap":null,"rematch_past_pairs":false,"reapply_days":30,"never_started_days":21,"dormant_days":56,"max_pause_days":60,"write_while_paused":false,"complete_percent":75,"read_days":180,"archive_notice_days":14,"lift_cool_down_days":7,"reminders_per_week":3,"quiet_hours":{"from_minute":1260,"to_minute":480},"rejected_days":90,"answers_days":180,"content_days":180,"case_days":365,"case_hours":{"p0":{"triage":1,"decide":24},"p1":{"triage":24,"decide":72},"p2":{"triage":48,"decide":168},"p3":{"triage":168,"decide":336}},"unguided":false}"#
    );
}

#[test]
fn states_of_enrolments() {
    let note = Note::new("Which knots?").unwrap();
    is(
        &EnrollmentState::NeedsInfo { since: at(1), question: note },
        r#"{"state":"needs_info","since":"2027-03-01T09:00:01.000001Z","question":"Which knots?"}"#,
    );
    is(
        &EnrollmentState::Waitlisted { since: at(1), reason: slug("full"), next_review_at: at(2) },
        r#"{"state":"waitlisted","since":"2027-03-01T09:00:01.000001Z","reason":"full","next_review_at":"2027-03-01T09:00:02.000001Z"}"#,
    );
    is(
        &EnrollmentState::Suspended {
            since: at(2),
            resume_to: Box::new(EnrollmentState::Paused { since: at(1), until: None }),
            held_by: by_hand(),
        },
        r#"{"state":"suspended","since":"2027-03-01T09:00:02.000001Z","resume_to":{"state":"paused","since":"2027-03-01T09:00:01.000001Z","until":null},"held_by":[{"holder":"platform"}]}"#,
    );
    is(
        &EnrollmentState::Removed { at: at(1), reason: slug("left_group") },
        r#"{"state":"removed","at":"2027-03-01T09:00:01.000001Z","reason":"left_group"}"#,
    );
    is(
        &Consent {
            policy_version: 1,
            oversight: Oversight::Supervised,
            special_category: false,
            shown_to_group: true,
            at: at(1),
        },
        r#"{"policy_version":1,"oversight":"supervised","special_category":false,"shown_to_group":true,"at":"2027-03-01T09:00:01.000001Z"}"#,
    );
    is::<Answers>(
        &answers(Role::Mentee),
        r#"{"languages":{"kind":"languages","value":["en","pt"]},"learns":{"kind":"rank","value":["maps","weather"]},"years":{"kind":"integer","value":2}}"#,
    );
}

#[test]
fn states_of_proposals() {
    is(&ProposalState::Draft { queued_until: None }, r#"{"state":"draft","queued_until":null}"#);
    is(
        &ProposalState::Offered {
            since: at(1),
            expires_at: at(2),
            mentor: Answered::NotAsked,
            mentee: Answered::Yes { at: at(1) },
        },
        r#"{"state":"offered","since":"2027-03-01T09:00:01.000001Z","expires_at":"2027-03-01T09:00:02.000001Z","mentor":{"answer":"not_asked"},"mentee":{"answer":"yes","at":"2027-03-01T09:00:01.000001Z"}}"#,
    );
    is(
        &ProposalState::Declined { at: at(1), by: Role::Mentor, reason: Some(slug("no_time")) },
        r#"{"state":"declined","at":"2027-03-01T09:00:01.000001Z","by":"mentor","reason":"no_time"}"#,
    );
    is(
        &ProposalState::Invalidated { at: at(1), why: Invalidity::Unavailable },
        r#"{"state":"invalidated","at":"2027-03-01T09:00:01.000001Z","why":"unavailable"}"#,
    );
    is(
        &ProposalState::Accepted { at: at(1), pair: id(3) },
        r#"{"state":"accepted","at":"2027-03-01T09:00:01.000001Z","pair":"daa66d2c-7ddf-743f-0000-000000000003"}"#,
    );
    is(
        &Score { parts: vec![Part { rule: slug("wanted"), points: 4, most: 6, missing: false }] },
        r#"{"parts":[{"rule":"wanted","points":4,"most":6,"missing":false}]}"#,
    );
}

#[test]
fn states_of_pairs_and_steps() {
    is(
        &PairState::Paused { since: at(1), until: Some(at(2)), by: Role::Mentee },
        r#"{"state":"paused","since":"2027-03-01T09:00:01.000001Z","until":"2027-03-01T09:00:02.000001Z","by":"mentee"}"#,
    );
    is(
        &PairState::Frozen {
            since: at(2),
            resume_to: Box::new(PairState::Introduced { since: at(1) }),
            held_by: [Holder::Platform, Holder::Case { case: id(3) }].into(),
        },
        r#"{"state":"frozen","since":"2027-03-01T09:00:02.000001Z","resume_to":{"state":"introduced","since":"2027-03-01T09:00:01.000001Z"},"held_by":[{"holder":"platform"},{"holder":"case","case":"daa66d2c-7ddf-743f-0000-000000000003"}]}"#,
    );
    is(
        &PairState::Ended {
            at: at(1),
            end: PairEnd {
                kind: EndKind::GoalsMetEarly,
                shared: true,
                note: None,
                by: EndedBy::Side(Role::Mentee),
            },
        },
        r#"{"state":"ended","at":"2027-03-01T09:00:01.000001Z","end":{"kind":"goals_met_early","shared":true,"note":null,"by":{"by":"side","side":"mentee"}}}"#,
    );
    is(
        &PairState::Completed { at: at(1), by: None },
        r#"{"state":"completed","at":"2027-03-01T09:00:01.000001Z","by":null}"#,
    );
    is(
        &vec![PauseSpan { from: at(1), to: at(2) }],
        r#"[{"from":"2027-03-01T09:00:01.000001Z","to":"2027-03-01T09:00:02.000001Z"}]"#,
    );
    is(&StepState::Locked { unlocks_at: None }, r#"{"state":"locked","unlocks_at":null}"#);
    is(
        &StepState::Skipped { at: at(1), by: Role::Mentor },
        r#"{"state":"skipped","at":"2027-03-01T09:00:01.000001Z","by":"mentor"}"#,
    );
}

#[test]
fn forms_and_guides_come_back_as_they_were() {
    let template = template();
    let form = serde_json::to_string(&template.form).unwrap();
    assert_eq!(
        serde_json::from_str::<mentorship_core::model::form::Form>(&form).unwrap(),
        template.form
    );
    let guide = serde_json::to_string(&template.guide).unwrap();
    let again: mentorship_core::model::guide::Guide = serde_json::from_str(&guide).unwrap();
    assert_eq!(again, template.guide);
}

#[test]
fn states_of_cases() {
    is(
        &CaseState::InReview { since: at(1), assignee: who(901) },
        r#"{"state":"in_review","since":"2027-03-01T09:00:01.000001Z","assignee":"p901"}"#,
    );
    let question = Note::new("When?").unwrap();
    is(
        &CaseState::WaitingInfo { since: at(1), assignee: who(901), question },
        r#"{"state":"waiting_info","since":"2027-03-01T09:00:01.000001Z","assignee":"p901","question":"When?"}"#,
    );
    is(
        &CaseState::Decided { at: at(1), appeal_until: at(2) },
        r#"{"state":"decided","at":"2027-03-01T09:00:01.000001Z","appeal_until":"2027-03-01T09:00:02.000001Z"}"#,
    );
    is(
        &CaseState::Appealed { since: at(1), by: Party::Witness { place: 3 } },
        r#"{"state":"appealed","since":"2027-03-01T09:00:01.000001Z","by":{"party":"witness","place":3}}"#,
    );
    is(
        &CaseState::Closed { at: at(1) },
        r#"{"state":"closed","at":"2027-03-01T09:00:01.000001Z"}"#,
    );
    is(&Target::Person, r#"{"target":"person"}"#);
    is(&(Priority::P0, Tier::Both), r#"["p0","both"]"#);
    is(&(Outcome::NoAction, Measure::EndPair), r#"["no_action","end_pair"]"#);
    is(
        &[Measure::Ineligible, Measure::BanFromGroup { until: Some(at(1)) }],
        r#"["ineligible",{"ban_from_group":{"until":"2027-03-01T09:00:01.000001Z"}}]"#,
    );
}

#[test]
fn interim_measures() {
    let content = Content::CheckIn { pair: id(3), side: Role::Mentor, kind: CheckInKind::Closing };
    let measure = InterimMeasure::WithdrawContent { content };
    is(
        &Interim { measure, by: Some(who(901)), since: at(1), lifted_at: None },
        r#"{"measure":{"interim":"withdraw_content","content":{"content":"check_in","pair":"daa66d2c-7ddf-743f-0000-000000000003","side":"mentor","kind":{"kind":"closing"}}},"by":"p901","since":"2027-03-01T09:00:01.000001Z","lifted_at":null}"#,
    );
    is(
        &InterimMeasure::FreezePair { pair: id(3) },
        r#"{"interim":"freeze_pair","pair":"daa66d2c-7ddf-743f-0000-000000000003"}"#,
    );
    is(
        &Withheld { since: at(1), by: [Holder::Case { case: id(3) }, Holder::Platform].into() },
        r#"{"since":"2027-03-01T09:00:01.000001Z","by":[{"holder":"platform"},{"holder":"case","case":"daa66d2c-7ddf-743f-0000-000000000003"}]}"#,
    );
}

/// What is sealed is this text: another one for the same thing would break every seal.
#[test]
fn exhibits_have_one_form() {
    let text = Some(Body::new("He sells.").unwrap());
    is(
        &Exhibit {
            case: id(3),
            seq: 1,
            salt: uuid::Uuid::nil(),
            taken_at: at(1),
            author: Party::Reporter,
            reported: false,
            item: Item::Words { on: Occasion::Report, text },
        },
        r#"{"case":"daa66d2c-7ddf-743f-0000-000000000003","seq":1,"salt":"00000000-0000-0000-0000-000000000000","taken_at":"2027-03-01T09:00:01.000001Z","author":{"party":"reporter"},"reported":false,"item":{"item":"words","on":"report","text":"He sells."}}"#,
    );
    let seal = Seal::first(id(3)).then(&Seal::of("content"));
    assert_eq!(serde_json::to_string(&seal).unwrap(), format!("\"{seal}\""));
    assert_eq!(
        seal.to_string(),
        "17c50a31eea9ebae46726459f17258fbf7c7598c1aeba58681bf17c43a0271c1"
    );
}
