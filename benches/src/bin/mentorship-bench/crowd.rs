//! The made-up people as people who answered a form, so that the rules are what scores them.

use chrono_tz::Tz;
use mentorship_benches::random::{SplitMix, mix};
use mentorship_core::{
    base::{text::Slug, time::Timestamp},
    matching::{
        fit::Side,
        people::{Crowd, Mentee, Mentor},
    },
    model::{
        answer::{Answer, Answers},
        form::Form,
    },
};
use serde_json::{Value, json};

use super::{
    Failure,
    world::{Person, World},
};

/// A form with the rules of the world: tags in common 450, the level two below 200, the same industry 150,
/// five to fifteen years more 100, a format in common 100; a common language and at most four hours between
/// the zones are required.
///
/// With `few_levels`, of the weighted rules only the industry counts, so that nearly all scores tie.
fn form(few_levels: bool) -> Result<Form, Failure> {
    let text = |key: &str| json!({ "key": key, "en": "Words" });
    let choices = |count: u8| -> Vec<Value> {
        (0..count)
            .map(|it| format!("c{it}"))
            .map(|key| json!({ "key": key, "text": text(&key) }))
            .collect()
    };
    let question = |key: &str, answer: Value| {
        json!({ "key": key, "asked_of": "both", "text": text(key), "answer": answer,
                "sensitivity": "normal", "visible_to": "matcher" })
    };
    let rule = |key: &str, compares: Value, points: u16| {
        let strength = if points == 0 {
            json!("required")
        } else {
            json!({ "weighted": { "points": points } })
        };
        json!({ "key": key, "compares": compares, "strength": strength, "missing": "fail" })
    };
    let same = |kind: &str, key: &str| json!({ "kind": kind, "mentor": key, "mentee": key });
    let with = |mut compares: Value, key: &str, number: i32| {
        if let Some(compares) = compares.as_object_mut() {
            compares.insert(key.to_owned(), number.into());
        }
        compares
    };
    let number = json!({ "kind": "integer", "min": -100, "max": 100, "unit": "years" });
    let above = with(with(same("above", "years"), "min_above", 5), "max_above", 15);
    let mut rules = vec![
        rule("tags", same("shared", "tags"), 450),
        rule("level", with(same("numeric_gap", "level"), "max_gap", 3), 200),
        rule("years", above, 100),
        rule("format", same("shared", "format"), 100),
    ];
    if few_levels {
        rules.clear();
    }
    rules.extend([
        rule("industry", same("shared", "industry"), 150),
        rule("languages", same("shared", "languages"), 0),
        rule("zone", with(same("zone_gap", "zone"), "max_minutes", 240), 0),
    ]);
    let form = json!({
        "version": 1,
        "questions": [
            question("tags", json!({ "kind": "languages", "max": 20 })),
            question("level", number.clone()),
            question("industry", json!({ "kind": "single", "choices": choices(20) })),
            question("years", number),
            question("format", json!({ "kind": "multi", "choices": choices(3), "min": 1, "max": 3 })),
            question("languages", json!({ "kind": "languages", "max": 20 })),
            question("zone", json!({ "kind": "zone" })),
        ],
        "rules": rules,
        "eligibility": [],
    });
    Ok(serde_json::from_value::<Form>(form)?.checked()?)
}

/// A tag in three letters.
fn tag(prefix: char, number: u32) -> Result<Slug, Failure> {
    let letter = |it: u32| char::from(b'a' + u8::try_from(it % 26).unwrap_or(0));
    Ok(Slug::new(&format!("{prefix}{}{}", letter(number / 26), letter(number)))?)
}

fn bits(prefix: char, words: &[u64]) -> Result<Answer, Failure> {
    let set = (0_u32..).zip(words).flat_map(|(at, word)| {
        (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit)
    });
    Ok(Answer::Languages(set.map(|it| tag(prefix, it)).collect::<Result<_, Failure>>()?))
}

fn answers(person: &Person, is_mentor: bool) -> Result<Answers, Failure> {
    let choice = |number: u8| Slug::new(&format!("c{number}"));
    let zone = format!("Etc/GMT{:+}", -i32::from(person.zone));
    let zone: Tz = zone.parse().map_err(|_| format!("there is no zone {zone}"))?;
    // Mentors are sought two levels up, so that the gap is that to two levels below.
    let level = i64::from(person.level) - if is_mentor { 2 } else { 0 };
    // A mentor of the first format takes any.
    let formats =
        if is_mentor && person.format == 0 { 0..=2 } else { person.format..=person.format };
    let formats = formats.map(choice).collect::<Result<_, _>>()?;
    let answers = [
        ("tags", bits('t', &person.tags)?),
        ("level", Answer::Integer(level)),
        ("industry", Answer::Single(choice(person.industry)?)),
        ("years", Answer::Integer(person.years.into())),
        ("format", Answer::Multi(formats)),
        ("languages", bits('l', &[person.languages.into()])?),
        ("zone", Answer::Zone(zone)),
    ];
    let mut all = Answers::new();
    for (key, answer) in answers {
        all = all.with(Slug::new(key)?, answer);
    }
    Ok(all)
}

/// Everything that a crowd borrows.
#[derive(Debug)]
pub(crate) struct Answered {
    form: Form,
    mentors: Vec<(Answers, u32)>,
    mentees: Vec<Answers>,
    now: Timestamp,
}

impl Answered {
    /// `balanced`: as many mentors as mentees, one place each; otherwise a third as many, one to five places.
    pub(crate) fn new(
        mentees: u32,
        seed: u64,
        balanced: bool,
        few_levels: bool,
    ) -> Result<Self, Failure> {
        let world = World::new(seed);
        let mentors = if balanced { mentees } else { mentees.div_ceil(3) };
        let mut places = SplitMix::new(mix(seed ^ 0xCA9));
        let mut place =
            || if balanced { 1 } else { u32::try_from(1 + places.below(5)).unwrap_or(1) };
        Ok(Self {
            form: form(few_levels)?,
            mentors: (0..mentors)
                .map(|id| Ok((answers(&world.person(id, true), true)?, place())))
                .collect::<Result<_, Failure>>()?,
            mentees: (0..mentees)
                .map(|id| answers(&world.person(id, false), false))
                .collect::<Result<_, Failure>>()?,
            now: "2027-03-01T09:00:00Z".parse()?,
        })
    }

    pub(crate) fn crowd(&self) -> Crowd<'_> {
        let side = |answers| Side { answers, special_category: false };
        let mentors = (0..).zip(&self.mentors).map(|(person, (answers, capacity))| Mentor {
            side: side(answers),
            person,
            capacity: *capacity,
        });
        let mentees = (1 << 32..).zip(&self.mentees).map(|(person, answers)| Mentee {
            side: side(answers),
            person,
            capacity: 1,
            waiting: 0,
        });
        Crowd::new(&self.form, self.now, mentors.collect(), mentees.collect())
    }
}
