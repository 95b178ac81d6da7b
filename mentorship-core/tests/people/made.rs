//! Made-up forms with rules of every kind, and people who answer them, or do not, or with something else.

use std::{collections::BTreeSet, sync::Arc};

use chrono_tz::Tz;
use mentorship_core::{
    base::{text::Slug, time::Timestamp, zone::WeeklySlot},
    matching::{
        certificate::Pair,
        fit::Side,
        people::{Crowd, Mentee, Mentor, Wish},
    },
    model::{
        answer::{Answer, Answers, Availability},
        enrollment::Role,
        form::Form,
    },
};
use serde_json::{Value, json};

/// Draws that follow from a seed, or from bytes, so that a fuzzer can say what is drawn.
pub(crate) enum Draw {
    Seed(u64),
    /// The rest of the bytes; without any, 0 is drawn.
    #[allow(dead_code, reason = "only what the fuzzer runs draws from bytes")]
    Bytes(std::vec::IntoIter<u8>),
}

impl Draw {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        match self {
            Self::Seed(state) => {
                *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut mixed = *state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                mixed ^= mixed >> 31;
                u64::try_from((u128::from(mixed) * u128::from(limit)) >> 64).unwrap()
            }
            Self::Bytes(rest) => {
                // As few bytes as there have to be, so that a change of one changes one draw.
                let needed = if limit <= 256 { 1 } else { 2 };
                let drawn = rest.take(needed).fold(0, |all, byte| all << 8 | u64::from(byte));
                drawn.checked_rem(limit).unwrap_or(0)
            }
        }
    }

    pub(crate) fn number(&mut self, limit: usize) -> u32 {
        u32::try_from(self.below(limit as u64)).unwrap()
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

pub(crate) fn now() -> Timestamp {
    // A week in which some zones of Europe move their clocks.
    "2027-03-26T09:00:00Z".parse().unwrap()
}

fn questions() -> Value {
    let text = |key: &str| json!({ "key": key, "en": "Words" });
    let choices: Vec<Value> = ["a", "b", "c", "d", "e", "f"]
        .iter()
        .map(|key| json!({ "key": key, "text": text(key) }))
        .collect();
    let question = |key: &str, answer: Value, special: bool| {
        json!({ "key": key, "asked_of": "both", "text": text(key), "answer": answer,
                "sensitivity": if special { "special_category" } else { "normal" },
                "visible_to": if special { "matcher" } else { "proposed_partner" } })
    };
    let multi = json!({ "kind": "multi", "choices": choices, "min": 0, "max": 6 });
    json!([
        question("one", json!({ "kind": "single", "choices": choices }), false),
        question("some", multi.clone(), false),
        question("order", json!({ "kind": "rank", "choices": choices, "max": 6 }), false),
        question(
            "n",
            json!({ "kind": "integer", "min": -100, "max": 100, "unit": "years" }),
            false
        ),
        question("topics", json!({ "kind": "languages", "max": 20 }), false),
        question("times", json!({ "kind": "availability" }), false),
        question("zone", json!({ "kind": "zone" }), false),
        question("health", multi, true),
    ])
}

/// Rules that a form may have. With `required` the chance in percent that one is required.
fn rule(draw: &mut Draw, at: usize, required: u64) -> Value {
    let sets = ["one", "some", "order", "topics", "health"];
    let chosen = ["one", "some", "order", "health"];
    let mut required = draw.chance(required);
    let (mentor, mentee) = (draw.one(&sets), draw.one(&sets));
    let compares = match draw.below(8) {
        0 | 1 => json!({ "kind": "shared", "mentor": mentor, "mentee": mentee,
                         "at_least": 1 + draw.below(2) }),
        2 => {
            required = true;
            json!({ "kind": "apart", "mentor": mentor, "mentee": mentee })
        }
        3 => json!({ "kind": "ranked", "mentor": draw.one(&chosen), "mentee": "order" }),
        4 => json!({ "kind": "numeric_gap", "mentor": "n", "mentee": "n",
                     "max_gap": draw.below(40) }),
        5 => {
            let min = i64::try_from(draw.below(40)).unwrap() - 20;
            json!({ "kind": "above", "mentor": "n", "mentee": "n", "min_above": min,
                    "max_above": min + i64::try_from(draw.below(20)).unwrap() })
        }
        6 => json!({ "kind": "common_time", "mentor": "times", "mentee": "times",
                     "minutes": 1 + draw.below(400) }),
        _ => json!({ "kind": "zone_gap", "mentor": "zone", "mentee": "zone",
                     "max_minutes": draw.below(721) }),
    };
    let strength = if required {
        json!("required")
    } else {
        json!({ "weighted": { "points": 1 + draw.below(1000) } })
    };
    let missing = draw.one(&["neutral", "fail", "ignore", "ignore"]);
    json!({ "key": format!("r{at}"), "compares": compares, "strength": strength, "missing": missing })
}

/// A form of up to 7 rules.
pub(crate) fn form(draw: &mut Draw, required: u64) -> Form {
    let count = usize::try_from(draw.below(8)).unwrap();
    let rules: Vec<Value> = (0..count).map(|at| rule(draw, at, required)).collect();
    checked(&json!(rules))
}

/// A form with these rules.
pub(crate) fn checked(rules: &Value) -> Form {
    let form = json!({ "version": 1, "questions": questions(), "rules": rules, "eligibility": [] });
    serde_json::from_value::<Form>(form).unwrap().checked().unwrap()
}

/// A topic in common is required.
pub(crate) fn required_topics() -> Value {
    json!({ "key": "must", "strength": "required", "missing": "fail",
            "compares": { "kind": "shared", "mentor": "topics", "mentee": "topics" } })
}

/// All topics in common are 100 points.
pub(crate) fn weighted_topics() -> Value {
    json!({ "key": "may", "strength": { "weighted": { "points": 100 } }, "missing": "fail",
            "compares": { "kind": "shared", "mentor": "topics", "mentee": "topics" } })
}

pub(crate) fn topics_of(tags: &[&str]) -> Answers {
    let tags = tags.iter().map(|tag| slug(tag)).collect();
    Answers::new().with(slug("topics"), Answer::Languages(tags))
}

fn some(draw: &mut Draw, of: &[&str], most: u64) -> BTreeSet<Slug> {
    (0..draw.below(most + 1)).map(|_| slug(draw.one(of))).collect()
}

fn topics() -> Vec<String> {
    (0..30_u8)
        .map(|at| format!("t{}{}", char::from(b'a' + at % 6), char::from(b'a' + at / 6)))
        .collect()
}

fn answer(draw: &mut Draw, kind: &str) -> Answer {
    let choices = ["a", "b", "c", "d", "e", "f"];
    let zones =
        [Tz::Europe__Berlin, Tz::Europe__Lisbon, Tz::Asia__Kolkata, Tz::America__Lima, Tz::UTC];
    match kind {
        "one" => Answer::Single(slug(draw.one(&choices))),
        "some" | "health" => Answer::Multi(some(draw, &choices, 4)),
        "order" => {
            // Sometimes with one twice, which no checked answer has.
            Answer::Rank((0..draw.below(5)).map(|_| slug(draw.one(&choices))).collect())
        }
        "n" => Answer::Integer(i64::try_from(draw.below(60)).unwrap() - 30),
        "topics" => {
            let topics = topics();
            let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
            Answer::Languages(some(draw, &topics, 8))
        }
        "times" => {
            let slot = |draw: &mut Draw| {
                let day = u8::try_from(draw.below(7)).unwrap();
                let from = u16::try_from(draw.below(46) * 30).unwrap();
                WeeklySlot::new(day, from, from + 60).unwrap()
            };
            let slots = (0..draw.below(8)).map(|_| slot(draw)).collect();
            Answer::Availability(Availability { zone: draw.one(&zones), slots })
        }
        _ => Answer::Zone(draw.one(&zones)),
    }
}

const KEYS: [&str; 8] = ["one", "some", "order", "n", "topics", "times", "zone", "health"];

/// Answers of one person; some are missing, and some of another kind than was asked for.
fn answers(draw: &mut Draw, missing: u64) -> Answers {
    let mut answers = Answers::new();
    for key in KEYS {
        if draw.chance(missing) {
            continue;
        }
        let kind = if draw.chance(3) { draw.one(&KEYS) } else { key };
        answers = answers.with(slug(key), answer(draw, kind));
    }
    answers
}

/// Everything that a crowd borrows.
pub(crate) struct Made {
    form: Form,
    mentors: Vec<(Answers, bool, u64, u32)>,
    mentees: Vec<(Answers, bool, u64, u32, u32)>,
    excluded: Vec<Pair>,
    wishes: Vec<Wish>,
    minimum: u32,
}

impl Made {
    /// Up to `most` people on either side.
    pub(crate) fn new(seed: u64, most: usize) -> Self {
        Self::drawn(Draw::Seed(seed), most)
    }

    /// The same, drawn in another way.
    pub(crate) fn drawn(mut draw: Draw, most: usize) -> Self {
        let required = [0, 10, 30][usize::try_from(draw.below(3)).unwrap()];
        let missing = [0, 10, 40][usize::try_from(draw.below(3)).unwrap()];
        let form = form(&mut draw, required);
        let (mentors, mentees) = (draw.number(most + 1), draw.number(most + 1));
        let several = draw.chance(30);
        let mentors: Vec<_> = (0..mentors)
            .map(|_| {
                let capacity = if draw.chance(60) { 1 } else { draw.number(4) };
                (answers(&mut draw, missing), draw.chance(70), draw.below(500), capacity)
            })
            .collect();
        let mentees: Vec<_> = (0..mentees)
            .map(|_| {
                let waiting = if draw.chance(20) { draw.number(300) } else { 0 };
                let capacity = if several { draw.number(3) } else { 1 };
                let person = draw.below(500);
                (answers(&mut draw, missing), draw.chance(70), person, capacity, waiting)
            })
            .collect();
        let mut excluded = Vec::new();
        let mut wishes: Vec<Wish> = Vec::new();
        if !mentors.is_empty() && !mentees.is_empty() {
            let pair = |draw: &mut Draw| (draw.number(mentees.len()), draw.number(mentors.len()));
            for _ in 0..draw.below(most as u64) {
                let (mentee, mentor) = pair(&mut draw);
                excluded.push(Pair { mentee, mentor });
            }
            for _ in 0..draw.below(most as u64) {
                let (mentee, mentor) = pair(&mut draw);
                if !wishes.iter().any(|it| (it.mentee, it.mentor) == (mentee, mentor)) {
                    wishes.push(Wish { mentee, mentor, points: draw.number(500) });
                }
            }
        }
        let minimum = if draw.chance(30) { draw.number(800) } else { 0 };
        Self { form, mentors, mentees, excluded, wishes, minimum }
    }

    pub(crate) fn form(&self) -> Arc<Form> {
        Arc::new(self.form.clone())
    }

    pub(crate) fn excluded(&self) -> &[Pair] {
        &self.excluded
    }

    /// How many mentors there are.
    pub(crate) fn mentors(&self) -> u32 {
        u32::try_from(self.mentors.len()).unwrap()
    }

    /// Role, answers, consent, person and places of everybody, the mentors first.
    pub(crate) fn people(&self) -> impl Iterator<Item = (Role, &Answers, bool, u64, u32)> {
        let mentors = self.mentors.iter().map(|it| (Role::Mentor, &it.0, it.1, it.2, it.3));
        let mentees = self.mentees.iter().map(|it| (Role::Mentee, &it.0, it.1, it.2, it.3));
        mentors.chain(mentees)
    }

    pub(crate) fn crowd(&self) -> Crowd<'_> {
        let mentors =
            self.mentors.iter().map(|(answers, special_category, person, capacity)| Mentor {
                side: Side { answers, special_category: *special_category },
                person: *person,
                capacity: *capacity,
            });
        let mentees =
            self.mentees.iter().map(|(answers, special_category, person, capacity, waiting)| {
                Mentee {
                    side: Side { answers, special_category: *special_category },
                    person: *person,
                    capacity: *capacity,
                    waiting: *waiting,
                }
            });
        Crowd::new(&self.form, now(), mentors.collect(), mentees.collect())
            .excluded(self.excluded.clone())
            .wishes(self.wishes.clone())
            .minimum(self.minimum)
    }
}
