//! Matching rules, their score and its words; limits of a form; eligibility verdicts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test states what it expects"
)]

use std::collections::BTreeMap;

use chrono_tz::Tz;
use mentorship_core::{
    base::{text::Slug, time::Timestamp, zone::WeeklySlot},
    eligibility::judge::{Facts, judge},
    matching::{
        explain::{Reason, explain_for_admin, explain_for_participant},
        fit::{Fit, Side, fit},
        score::Score,
    },
    model::{
        answer::{Answer, Answers, Availability},
        enrollment::Role,
        form::{Form, Sensitivity},
        visible::{Viewer, When},
    },
    templates,
};
use proptest::prelude::*;
use serde_json::json;

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

fn now() -> Timestamp {
    "2027-03-01T09:00:00Z".parse().unwrap()
}

/// A form with one question per kind, for both, and these rules.
fn form(rules: &serde_json::Value) -> serde_json::Value {
    let text = |key: &str| json!({ "key": key, "en": "Words" });
    let choices = json!([{ "key": "a", "text": text("a") }, { "key": "b", "text": text("b") },
                         { "key": "c", "text": text("c") }, { "key": "d", "text": text("d") }]);
    let question = |key: &str, answer: serde_json::Value, special: bool| {
        json!({ "key": key, "asked_of": "both", "text": text(key), "answer": answer,
                "sensitivity": if special { "special_category" } else { "normal" },
                "visible_to": if special { "matcher" } else { "proposed_partner" } })
    };
    json!({
        "version": 1,
        "questions": [
            question("one", json!({ "kind": "single", "choices": choices }), false),
            question("some", json!({ "kind": "multi", "choices": choices, "min": 0, "max": 4 }), false),
            question("order", json!({ "kind": "rank", "choices": choices, "max": 4 }), false),
            question("n", json!({ "kind": "integer", "min": -100, "max": 100, "unit": "years" }), false),
            question("talk", json!({ "kind": "languages", "max": 4 }), false),
            question("times", json!({ "kind": "availability" }), false),
            question("zone", json!({ "kind": "zone" }), false),
            question("health", json!({ "kind": "multi", "choices": choices, "min": 0, "max": 4 }), true),
        ],
        "rules": rules,
        "eligibility": [],
    })
}

fn checked(rules: &serde_json::Value) -> Form {
    serde_json::from_value::<Form>(form(rules)).unwrap().checked().unwrap()
}

fn rule(
    key: &str,
    compares: &serde_json::Value,
    points: Option<u16>,
    missing: &str,
) -> serde_json::Value {
    let strength =
        points.map_or(json!("required"), |points| json!({ "weighted": { "points": points } }));
    json!({ "key": key, "compares": compares, "strength": strength, "missing": missing })
}

fn same(kind: &str, question: &str) -> serde_json::Value {
    json!({ "kind": kind, "mentor": question, "mentee": question })
}

fn set(keys: &[&str]) -> Answer {
    Answer::Multi(keys.iter().map(|key| slug(key)).collect())
}

fn score(form: &Form, mentor: &Answers, mentee: &Answers) -> Option<Score> {
    let side = |answers| Side { answers, special_category: true };
    match fit(form, &side(mentor), &side(mentee), now()) {
        Fit::Possible(score) => Some(score),
        Fit::Impossible { .. } => None,
    }
}

fn points(compares: &serde_json::Value, mentor: Answers, mentee: Answers) -> u32 {
    let form = checked(&json!([rule("r", compares, Some(600), "fail")]));
    score(&form, &mentor, &mentee).unwrap().total()
}

fn answered(question: &str, answer: Answer) -> Answers {
    Answers::new().with(slug(question), answer)
}

#[test]
fn each_comparison_earns_what_its_documentation_says() {
    let some = |keys: &[&str]| answered("some", set(keys));
    assert_eq!(points(&same("shared", "some"), some(&["a", "b"]), some(&["b", "c", "d"])), 200);
    assert_eq!(points(&same("shared", "some"), some(&["a"]), some(&["b"])), 0);
    let order =
        |keys: &[&str]| answered("order", Answer::Rank(keys.iter().map(|k| slug(k)).collect()));
    let ranked = json!({ "kind": "ranked", "mentor": "some", "mentee": "order" });
    // Of three wishes 3 + 2 + 1 = 6: the first and the last are met.
    assert_eq!(points(&ranked, some(&["a", "c"]), order(&["a", "b", "c"])), 600 * 4 / 6);
    let n = |n: i64| answered("n", Answer::Integer(n));
    let gap = json!({ "kind": "numeric_gap", "mentor": "n", "mentee": "n", "max_gap": 2 });
    assert_eq!([0, 1, 2, 3].map(|far| points(&gap, n(10 + far), n(10))), [600, 400, 200, 0]);
    let above =
        json!({ "kind": "above", "mentor": "n", "mentee": "n", "min_above": 1, "max_above": 2 });
    assert_eq!([0, 1, 2, 3].map(|far| points(&above, n(far), n(0))), [0, 600, 600, 0]);
    let times = |zone: Tz, from: u16, to: u16| {
        let slots = [WeeklySlot::new(1, from, to).unwrap()].into();
        answered("times", Answer::Availability(Availability { zone, slots }))
    };
    let common =
        json!({ "kind": "common_time", "mentor": "times", "mentee": "times", "minutes": 120 });
    let berlin = times(Tz::Europe__Berlin, 18 * 60, 20 * 60);
    // 18 to 20 in Berlin is 17 to 19 in Lisbon.
    assert_eq!(points(&common, berlin, times(Tz::Europe__Lisbon, 18 * 60, 21 * 60)), 300);
    let zone = |zone: Tz| answered("zone", Answer::Zone(zone));
    let near =
        json!({ "kind": "zone_gap", "mentor": "zone", "mentee": "zone", "max_minutes": 119 });
    let here = zone(Tz::Europe__Lisbon);
    assert_eq!(points(&near, here.clone(), zone(Tz::Europe__Berlin)), 300);
    assert_eq!(points(&near, here, zone(Tz::Asia__Tokyo)), 0);
}

#[test]
fn required_rules_decide_and_name_themselves() {
    let form = checked(&json!([
        rule("talks", &same("shared", "talk"), None, "fail"),
        rule("apart", &same("apart", "some"), None, "neutral"),
        rule("wish", &same("shared", "one"), Some(10), "neutral"),
    ]));
    let talk = |tag: &str| answered("talk", Answer::Languages([slug(tag)].into()));
    assert!(score(&form, &talk("en"), &talk("en")).is_some());
    let side = |answers| Side { answers, special_category: false };
    let (one, other) = (talk("en"), talk("pt"));
    let (one, other) =
        (one.with(slug("some"), set(&["a"])), other.with(slug("some"), set(&["a", "b"])));
    let Fit::Impossible { broken } = fit(&form, &side(&one), &side(&other), now()) else {
        panic!("possible");
    };
    assert_eq!(broken, [slug("talks"), slug("apart")]);
    let silent = Answers::new();
    let Fit::Impossible { broken } = fit(&form, &side(&silent), &side(&silent), now()) else {
        panic!("possible");
    };
    assert_eq!(broken, [slug("talks")], "a missing answer breaks only what says so");
}

#[test]
fn a_missing_answer_means_what_the_rule_says() {
    let rules = |missing| {
        json!([
            rule("known", &same("shared", "one"), Some(100), "fail"),
            rule("open", &same("shared", "some"), Some(301), missing),
            rule("also", &same("shared", "order"), Some(50), "fail"),
        ])
    };
    let who = answered("one", Answer::Single(slug("a")))
        .with(slug("order"), Answer::Rank(vec![slug("a")]));
    let of = |missing| score(&checked(&rules(missing)), &who, &who).unwrap();
    let parts = |score: &Score| {
        score.parts.iter().map(|part| (part.points, part.most, part.missing)).collect::<Vec<_>>()
    };
    assert_eq!(parts(&of("neutral")), [(100, 100, false), (150, 301, true), (50, 50, false)]);
    assert_eq!(parts(&of("fail")), [(100, 100, false), (0, 301, true), (50, 50, false)]);
    // Left out: the others make up for it, so that the best score stays 451.
    let left_out = of("ignore");
    assert_eq!(left_out.most(), 451);
    assert_eq!(left_out.total(), 451);
    assert_eq!(left_out.parts.len(), 2);
}

#[test]
fn special_categories_count_only_with_consent_and_are_never_told() {
    let form = checked(&json!([
        rule("health", &same("shared", "health"), Some(100), "fail"),
        rule("topic", &same("shared", "some"), Some(100), "fail"),
    ]));
    let who = answered("health", set(&["a"])).with(slug("some"), set(&["b"]));
    let of = |consents| {
        let side = Side { answers: &who, special_category: consents };
        match fit(&form, &side, &side, now()) {
            Fit::Possible(score) => score,
            Fit::Impossible { broken } => panic!("{broken:?}"),
        }
    };
    assert_eq!(of(false).total(), 100);
    let score = of(true);
    assert_eq!(score.total(), 200);
    let told: Vec<String> = explain_for_participant(&form, &score)
        .iter()
        .map(|reason| format!("{} {}/{}", reason.rule, reason.points, reason.most))
        .collect();
    assert_eq!(told, ["topic 0/0"], "no number, no special category");
    let admin = explain_for_admin(&form, &score);
    assert!(admin.iter().all(|reason| reason.rule != slug("health")));
    assert_eq!(admin.iter().map(|reason| reason.points).sum::<u32>(), score.total());
    for viewer in [Viewer::Admin, Viewer::ProposedPartner, Viewer::Partner] {
        assert!(form.visible_answers(&who, viewer, When::default()).get("health").is_none());
    }
    assert!(form.visible_answers(&who, Viewer::Owner, When::default()).get("health").is_some());
}

/// D34: a form whose special-category question says that everybody may see it does not pass the checks, and even
/// then nothing of it is told.
#[test]
fn a_special_category_is_hidden_whatever_its_question_says() {
    let mut open = form(&json!([
        rule("health", &same("shared", "health"), Some(100), "fail"),
        rule("topic", &same("shared", "some"), Some(100), "fail"),
    ]));
    open["questions"][7]["visible_to"] = json!("group");
    let open: Form = serde_json::from_value(open).unwrap();
    assert_eq!(open.question("health").unwrap().sensitivity, Sensitivity::SpecialCategory);
    let who = answered("health", set(&["a"])).with(slug("some"), set(&["b"]));
    let side = Side { answers: &who, special_category: true };
    let Fit::Possible(score) = fit(&open, &side, &side, now()) else { panic!("impossible") };
    assert_eq!(score.total(), 200);
    let rules = |reasons: Vec<Reason>| reasons.into_iter().map(|it| it.rule).collect::<Vec<_>>();
    assert_eq!(rules(explain_for_participant(&open, &score)), [slug("topic")]);
    assert_eq!(rules(explain_for_admin(&open, &score)), [slug("private"), slug("topic")]);
    let opted_in = When { opted_in: true, ..When::default() };
    for viewer in [Viewer::Admin, Viewer::ProposedPartner, Viewer::Partner, Viewer::Group] {
        assert!(open.visible_answers(&who, viewer, opted_in).get("health").is_none(), "{viewer:?}");
    }
}

#[test]
fn a_form_beyond_a_limit_is_refused_by_field_and_limit() {
    let cases = [
        (
            json!([rule("r", &same("shared", "nowhere"), Some(1), "fail")]),
            "`rules.r.mentor` names an unknown question",
        ),
        (
            json!([rule("r", &same("shared", "n"), Some(1), "fail")]),
            "`rules.r.mentor` is malformed; expected a single, multi, rank or languages question",
        ),
        (
            json!([rule("r", &same("apart", "some"), Some(1), "fail")]),
            "`rules.r.strength` breaks a rule between fields: keeping apart is always required",
        ),
        (
            json!([rule("r", &same("shared", "some"), Some(1_001), "fail")]),
            "`rules.r.points` is 1001; it must be from 1 to 1000",
        ),
        (
            json!([
                rule("r", &same("shared", "some"), Some(1), "fail"),
                rule("r", &same("shared", "some"), Some(1), "fail")
            ]),
            "`rules.r` names the same rule twice",
        ),
    ];
    for (rules, expected) in cases {
        let form: Form = serde_json::from_value(form(&rules)).unwrap();
        assert_eq!(form.checked().unwrap_err().to_string(), expected);
    }
    let mut open = form(&json!([]));
    open["questions"][7]["visible_to"] = json!("partner");
    let error = serde_json::from_value::<Form>(open).unwrap().checked().unwrap_err();
    assert_eq!(error.field(), "questions.health.visible_to");
    let mut many = form(&json!([]));
    let question = many["questions"][3].clone();
    many["questions"] = (0..51)
        .map(|n| {
            let mut question = question.clone();
            question["key"] = json!(format!("q{n}"));
            question
        })
        .collect();
    let error = serde_json::from_value::<Form>(many).unwrap().checked().unwrap_err();
    assert_eq!(error.to_string(), "`questions` has 51 questions; at most 50 are allowed");
    let mut deep = json!({ "kind": "group_member" });
    for _ in 0..8 {
        deep = json!({ "kind": "not", "of": deep });
    }
    let mut nested = form(&json!([]));
    nested["eligibility"] = json!([{ "key": "deep", "applies_to": "both", "condition": deep }]);
    let error = serde_json::from_value::<Form>(nested).unwrap().checked().unwrap_err();
    assert_eq!(error.to_string(), "`eligibility` has 9 levels of nesting; at most 8 are allowed");
}

#[test]
fn a_verdict_names_every_failed_rule_in_order() {
    let mut value = form(&json!([]));
    value["eligibility"] = json!([
        { "key": "member", "applies_to": "both", "condition": { "kind": "group_member" } },
        { "key": "seasoned", "applies_to": "mentor",
          "condition": { "kind": "at_least", "question": "n", "min": 5 } },
        { "key": "ready", "applies_to": "both", "condition": { "kind": "any", "of": [
            { "kind": "host", "predicate": "trained" },
            { "kind": "all", "of": [
                { "kind": "answered", "question": "one", "choice": "a" },
                { "kind": "not", "of": { "kind": "host", "predicate": "barred" } } ] } ] } },
    ]);
    let form = serde_json::from_value::<Form>(value).unwrap().checked().unwrap();
    let host = BTreeMap::from([(slug("barred"), true)]);
    let answers = answered("one", Answer::Single(slug("a"))).with(slug("n"), Answer::Integer(4));
    let facts = |role, host| Facts {
        role,
        adult_on: None,
        zone: None,
        is_member: false,
        host,
        answers: &answers,
        now: now(),
    };
    let codes = |facts: &Facts<'_>| {
        let verdict = judge(&form, facts);
        verdict.failed.iter().map(|failed| failed.code().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&facts(Role::Mentor, &host)), ["not_adult", "member", "seasoned", "ready"]);
    let none = BTreeMap::new();
    assert_eq!(codes(&facts(Role::Mentee, &none)), ["not_adult", "member"]);
    assert_eq!(form.host_predicates(Role::Mentee).len(), 2);
}

fn any_answers() -> impl Strategy<Value = Answers> {
    let keys = proptest::sample::subsequence(vec!["a", "b", "c", "d"], 0..=4);
    let single = proptest::option::of(proptest::sample::select(vec!["a", "b", "c", "d"]));
    (single, keys.clone(), keys, proptest::option::of(-100..=100_i64), any::<bool>()).prop_map(
        |(one, some, order, n, zone)| {
            let mut answers = Answers::new();
            if let Some(one) = one {
                answers = answers.with(slug("one"), Answer::Single(slug(one)));
            }
            if !some.is_empty() {
                answers = answers.with(slug("some"), set(&some)).with(slug("health"), set(&some));
            }
            if !order.is_empty() {
                let order = order.iter().map(|key| slug(key)).collect();
                answers = answers.with(slug("order"), Answer::Rank(order));
            }
            if let Some(n) = n {
                answers = answers.with(slug("n"), Answer::Integer(n));
            }
            if zone {
                answers = answers.with(slug("zone"), Answer::Zone(Tz::Asia__Kolkata));
            }
            answers
        },
    )
}

fn any_rules() -> impl Strategy<Value = serde_json::Value> {
    let compares = proptest::sample::select(vec![
        same("shared", "one"),
        same("shared", "some"),
        same("shared", "health"),
        json!({ "kind": "ranked", "mentor": "some", "mentee": "order" }),
        json!({ "kind": "numeric_gap", "mentor": "n", "mentee": "n", "max_gap": 40 }),
        json!({ "kind": "above", "mentor": "n", "mentee": "n", "min_above": -5, "max_above": 50 }),
        json!({ "kind": "zone_gap", "mentor": "zone", "mentee": "zone", "max_minutes": 60 }),
    ]);
    let missing = proptest::sample::select(vec!["neutral", "fail", "ignore"]);
    proptest::collection::vec((compares, 1..=1_000_u16, missing), 0..12).prop_map(|rules| {
        let named = rules.into_iter().enumerate();
        named
            .map(|(at, (compares, points, missing))| {
                rule(&format!("r{at}"), &compares, Some(points), missing)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn a_score_is_the_sum_of_its_parts_and_never_more_than_can_be(
        rules in any_rules(),
        mentor in any_answers(),
        mentee in any_answers(),
    ) {
        let form = checked(&rules);
        let all: u32 = rules.as_array().unwrap().iter()
            .map(|rule| u32::try_from(rule["strength"]["weighted"]["points"].as_u64().unwrap()).unwrap())
            .sum();
        let score = score(&form, &mentor, &mentee).unwrap();
        prop_assert_eq!(score.total(), score.parts.iter().map(|part| part.points).sum::<u32>());
        prop_assert!(score.parts.iter().all(|part| part.points <= part.most));
        // What is left out is made up for to the point, unless everything is left out.
        prop_assert_eq!(score.most(), if score.parts.is_empty() { 0 } else { all });
        let admin = explain_for_admin(&form, &score);
        prop_assert_eq!(admin.iter().map(|reason| reason.points).sum::<u32>(), score.total());
    }

    #[test]
    fn any_json_is_a_template_or_an_error_and_never_a_panic(text in "\\PC{0,200}") {
        let _ = mentorship_core::model::template::Template::from_json(&text);
    }

    #[test]
    fn a_mangled_template_is_loaded_or_refused(at in 0..20_000_usize, byte in 32..127_u8) {
        let template = templates::shipped("career-advancement").unwrap();
        let mut json = serde_json::to_string(&template).unwrap().into_bytes();
        let at = at % json.len();
        json[at] = byte;
        if let Ok(text) = String::from_utf8(json) {
            let _ = mentorship_core::model::template::Template::from_json(&text);
        }
    }
}
