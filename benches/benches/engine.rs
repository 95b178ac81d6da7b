//! The stages of the pairing engine, on small instances that are made in memory: solving with few and with all
//! candidates, the most people, stable pairings, the check, and finding candidates.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark that cannot be set up stops; the macro of criterion makes what has no docs"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use mentorship_core::{
    base::text::Slug,
    matching::{
        certificate::Objective,
        check::check,
        fit::Side,
        people::{Crowd, Mentee, Mentor},
        problem::{Edge, Problem},
        solve::{Options, solve},
        stable::{
            self,
            preferences::{Preferences, Wish},
        },
    },
    model::{
        answer::{Answer, Answers},
        form::Form,
    },
};
use serde_json::json;

/// Draws that follow from a seed (xorshift): enough for instances, and the same everywhere.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(((self.0 >> 32) * u64::from(limit)) >> 32).unwrap()
    }
}

/// Who is drawn for each mentee; everybody if `candidates` is 0.
fn pairs(people: u32, candidates: u32) -> Vec<(u32, u32)> {
    let mut draw = Draw(1);
    let mut all = Vec::new();
    for mentee in 0..people {
        if candidates == 0 {
            all.extend((0..people).map(|mentor| (mentee, mentor)));
        } else {
            all.extend((0..candidates).map(|_| (mentee, draw.below(people))));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn problem(people: u32, candidates: u32) -> Problem {
    let mut draw = Draw(2);
    let weight = |draw: &mut Draw| i32::try_from(1 + draw.below(1000)).unwrap();
    let edges: Vec<Edge> = pairs(people, candidates)
        .into_iter()
        .map(|(mentee, mentor)| Edge { mentee, mentor, weight: weight(&mut draw) })
        .collect();
    Problem::new(people as usize, vec![1; people as usize], &edges).unwrap()
}

/// Ranks from 0 to `levels`, so that fewer levels make more ties.
fn preferences(people: u32, candidates: u32, levels: u32) -> Preferences {
    let mut draw = Draw(3);
    let wishes = pairs(people, candidates)
        .into_iter()
        .map(|(mentee, mentor)| Wish {
            mentee,
            mentor,
            mentee_rank: draw.below(levels),
            mentor_rank: draw.below(levels),
        })
        .collect();
    Preferences::new(people as usize, vec![1; people as usize], wishes).unwrap()
}

fn solving(c: &mut Criterion) {
    let (sparse, dense) = (problem(10_000, 16), problem(500, 0));
    let options = Options::default();
    for (name, problem, objective) in [
        ("solve/sparse 10000 x 16/total", &sparse, Objective::BestTotal),
        ("solve/sparse 10000 x 16/people", &sparse, Objective::MostPeople),
        ("solve/dense 500/total", &dense, Objective::BestTotal),
    ] {
        c.bench_function(name, |b| b.iter(|| solve(black_box(problem), objective, &options)));
    }
    let found = solve(&sparse, Objective::MostPeople, &options);
    c.bench_function("check/sparse 10000 x 16", |b| {
        b.iter(|| check(black_box(&sparse), &found.pairs, &found.certificate).unwrap());
    });
}

fn stable_pairings(c: &mut Criterion) {
    for (name, levels) in [("few ties", u32::MAX), ("many ties", 4)] {
        let preferences = preferences(10_000, 16, levels);
        let options = stable::Options::default().tries(1);
        c.bench_function(&format!("stable/10000 x 16/{name}"), |b| {
            b.iter(|| stable::find(black_box(&preferences), &options));
        });
    }
}

/// Two questions: up to eight tags, of which those in common are worth up to 700 points, and years.
fn form() -> Form {
    let text = |key: &str| json!({ "key": key, "en": "Words" });
    let question = |key: &str, answer: serde_json::Value| {
        json!({ "key": key, "asked_of": "both", "text": text(key), "answer": answer,
                "sensitivity": "normal", "visible_to": "proposed_partner" })
    };
    let weighted = |points: u32| json!({ "weighted": { "points": points } });
    let form = json!({
        "version": 1,
        "questions": [
            question("tags", json!({ "kind": "languages", "max": 20 })),
            question("years", json!({ "kind": "integer", "min": 0, "max": 50, "unit": "years" })),
        ],
        "rules": [
            { "key": "tags", "strength": weighted(700), "missing": "fail",
              "compares": { "kind": "shared", "mentor": "tags", "mentee": "tags" } },
            { "key": "years", "strength": weighted(300), "missing": "neutral",
              "compares": { "kind": "above", "mentor": "years", "mentee": "years",
                            "min_above": 4, "max_above": 15 } },
        ],
        "eligibility": [],
    });
    serde_json::from_value::<Form>(form).unwrap().checked().unwrap()
}

fn answers(draw: &mut Draw) -> Answers {
    let letter = |draw: &mut Draw| char::from(b'a' + u8::try_from(draw.below(16)).unwrap());
    let tags = (0..8).map(|_| Slug::new(&format!("t{}", letter(draw))).unwrap()).collect();
    Answers::new()
        .with(Slug::new("tags").unwrap(), Answer::Languages(tags))
        .with(Slug::new("years").unwrap(), Answer::Integer(i64::from(draw.below(40))))
}

fn candidates(c: &mut Criterion) {
    let mut draw = Draw(4);
    let form = form();
    let all: Vec<Answers> = (0..10_000).map(|_| answers(&mut draw)).collect();
    let side = |answers| Side { answers, special_category: false };
    let (of_mentors, of_mentees) = all.split_at(5_000);
    let mentors = (0..).zip(of_mentors);
    let mentors = mentors.map(|(person, it)| Mentor { side: side(it), person, capacity: 1 });
    let mentees = (5_000..).zip(of_mentees);
    let mentees =
        mentees.map(|(person, it)| Mentee { side: side(it), person, capacity: 1, waiting: 0 });
    let now = "2027-03-01T09:00:00Z".parse().unwrap();
    let people = Crowd::new(&form, now, mentors.collect(), mentees.collect()).compile().unwrap();
    c.bench_function("candidates/5000 x 5000, best 32", |b| {
        b.iter(|| black_box(&people).candidates(32, 1));
    });
}

criterion_group! {
    name = engine;
    config = Criterion::default().sample_size(10);
    targets = solving, stable_pairings, candidates
}
criterion_main!(engine);
