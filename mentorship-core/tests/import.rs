//! Sign-ups read from a file: what is written comes back, and what is wrong says where.
#![cfg(feature = "csv")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{
    collections::BTreeSet,
    io::{self, Read},
    sync::Arc,
};

use chrono_tz::Tz;
use mentorship_core::{
    base::{
        host::PersonId,
        input::Problem,
        text::{AnswerText, Slug},
        zone::WeeklySlot,
    },
    decide::enrollment::Apply,
    model::{
        answer::{Answer, Answers, Availability},
        enrollment::Role,
        form::Form,
        program::Oversight,
    },
    service::{
        SignUp,
        import::{COLUMNS_MAX, ImportError, ImportOptions, ImportRow, ROW_MAX_BYTES, SignUps},
    },
};
use proptest::prelude::*;
use serde_json::json;

const KEYS: [&str; 4] = ["a", "b", "c", "d"];

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// One question of each kind; `why` is asked of mentees alone, and has to be answered.
fn form() -> Arc<Form> {
    let text = |key: &str| json!({ "key": key, "en": "Words" });
    let choices: Vec<_> = KEYS.iter().map(|key| json!({ "key": key, "text": text(key) })).collect();
    let question = |key: &str, asked_of: &str, answer: serde_json::Value| {
        json!({ "key": key, "asked_of": asked_of, "text": text(key), "answer": answer,
                "required": key == "why", "sensitivity": "normal", "visible_to": "partner" })
    };
    let form = json!({
        "version": 1,
        "questions": [
            question("one", "both", json!({ "kind": "single", "choices": choices })),
            question("some", "both", json!({ "kind": "multi", "choices": choices, "min": 0, "max": 3 })),
            question("order", "both", json!({ "kind": "rank", "choices": choices, "max": 4 })),
            question("n", "both", json!({ "kind": "integer", "min": -100, "max": 100, "unit": "years" })),
            question("talk", "both", json!({ "kind": "languages", "max": 4 })),
            question("times", "both", json!({ "kind": "availability" })),
            question("zone", "both", json!({ "kind": "zone" })),
            question("why", "mentee", json!({ "kind": "text", "max_chars": 500 })),
        ],
        "rules": [],
        "eligibility": [],
    });
    Arc::new(serde_json::from_value::<Form>(form).unwrap().checked().unwrap())
}

fn options() -> ImportOptions {
    ImportOptions {
        delimiter: b',',
        consent_version: 3,
        oversight: Oversight::ReportedOnly,
        special_category: false,
    }
}

fn open<R: Read>(file: R) -> Result<SignUps<R>, ImportError> {
    SignUps::new(file, form(), options())
}

fn rows(text: &str) -> Vec<Result<ImportRow, String>> {
    let rows = open(text.as_bytes()).unwrap();
    rows.map(|row| row.map_err(|error| error.to_string())).collect()
}

/// What the one row of a file is told.
fn told(columns: &str, row: &str) -> String {
    let told = rows(&format!("person,role,{columns}\n{row}\n"));
    let [Err(error)] = &*told else { panic!("{told:?}") };
    error.clone()
}

#[test]
fn every_kind_of_cell_is_read() {
    let text = "\u{feff}person, role ,capacity,one,some,order,n,talk,times,zone,why\r\n\
        ada,mentor,3,a,c|a,b | a,-7,en|pt,Europe/Berlin mon 09:00-12:30 | sun 18:00-24:00,Asia/Kolkata,\r\n\
        \r\n\
        bob,mentee,,,,,,,,,\"He said \"\"why, not\"\"\nand so on\"\r\n\
        cem,mentee,,,,,,,,,Because\r\n";
    let read = rows(text);
    let [Ok(ada), Ok(bob), Ok(cem)] = &*read else { panic!("{read:?}") };
    let slot = |day, from, to| WeeklySlot::new(day, from, to).unwrap();
    let slots = BTreeSet::from([slot(0, 540, 750), slot(6, 1_080, 1_440)]);
    let set = |keys: &[&str]| keys.iter().map(|key| slug(key)).collect();
    let answers = Answers::new()
        .with(slug("one"), Answer::Single(slug("a")))
        .with(slug("some"), Answer::Multi(set(&["a", "c"])))
        .with(slug("order"), Answer::Rank(vec![slug("b"), slug("a")]))
        .with(slug("n"), Answer::Integer(-7))
        .with(slug("talk"), Answer::Languages(set(&["en", "pt"])))
        .with(slug("times"), Answer::Availability(Availability { zone: Tz::Europe__Berlin, slots }))
        .with(slug("zone"), Answer::Zone(Tz::Asia__Kolkata));
    let apply = Apply {
        role: Role::Mentor,
        capacity: Some(3),
        answers,
        consent_version: 3,
        oversight: Oversight::ReportedOnly,
        special_category: false,
    };
    let person = PersonId::try_from("ada").unwrap();
    assert_eq!(*ada, ImportRow { line: 2, sign_up: SignUp { person, apply } });
    let why = AnswerText::new("He said \"why, not\"\nand so on").unwrap();
    assert_eq!(bob.sign_up.apply.answers.get("why"), Some(&Answer::Text(why)));
    assert_eq!(bob.sign_up.apply.capacity, None);
    assert_eq!((bob.line, cem.line), (4, 6), "an empty line and one within quotes count");
}

#[test]
fn what_somebody_agreed_to_goes_before_what_most_did() {
    let columns = "person,role,why,consent_version,oversight,special_category\n";
    let read = rows(&format!("{columns}a,mentee,x,9,supervised,true\nb,mentee,x,,,\n"));
    let agreed = |at: usize| {
        let apply = &read[at].as_ref().unwrap().sign_up.apply;
        (apply.consent_version, apply.oversight, apply.special_category)
    };
    assert_eq!(agreed(0), (9, Oversight::Supervised, true));
    assert_eq!(agreed(1), (3, Oversight::ReportedOnly, false));
}

#[test]
fn what_is_wrong_names_line_column_and_limit() {
    let form = "line 2: `answers.some` has 4 choices; at most 3 are allowed";
    assert_eq!(told("some", "p,mentor,a|b|c|d"), form);
    for (columns, row, words) in [
        ("n", ",mentor,1", "`person` is required"),
        ("n", "p,,1", "`role` is required"),
        ("n", "p,boss,1", "`role` is malformed; expected `mentor` or `mentee`"),
        ("n", "p,mentor,101", "`answers.n` is 101; it must be from -100 to 100"),
        ("n", "p,mentor,1.5", "`answers.n` is malformed; expected a whole number"),
        ("n", "p,mentor,99999999999999999999", "`answers.n` is malformed; expected a whole number"),
        ("n", "p,mentor", "`row` has 2 cells; at least 3 are needed"),
        ("n", "p,mentor,1,2", "`row` has 4 cells; at most 3 are allowed"),
        ("capacity", "p,mentor,256", "`capacity` is 256; it must be from 0 to 255"),
        ("capacity", "p,mentor,-1", "`capacity` is -1; it must be from 0 to 255"),
        ("consent_version", "p,mentor,4294967296", "`consent_version` is 4294967296; it must be"),
        ("oversight", "p,mentor,all", "`oversight` is malformed; expected `pair_only`"),
        ("special_category", "p,mentor,yes", "`special_category` is malformed; expected `true`"),
        ("one", "p,mentor,z", "`answers.one` names an unknown choice"),
        ("one", "p,mentor,A", "`answers.one` is malformed; expected a lower-case letter"),
        ("some", "p,mentor,a|a", "`answers.some` names the same choice twice"),
        ("some", "p,mentor,a||b", "`answers.some` is malformed"),
        ("order", "p,mentor,a|b|a", "`answers.order` names the same choice twice"),
        ("talk", "p,mentor,en|en", "`answers.talk` names the same language twice"),
        ("talk", "p,mentor,english", "`answers.talk` is malformed; expected language tags"),
        ("zone", "p,mentor,Mars/Olympus", "`answers.zone` names an unknown time zone"),
        ("times", "p,mentor,mon 09:00-10:00", "`answers.times` names an unknown time zone"),
        ("times", "p,mentor,UTC", "`answers.times` is malformed"),
        ("times", "p,mentor,UTC mon 10:00-09:00", "`answers.times` is malformed"),
        ("times", "p,mentor,UTC mon 09:00-24:30", "`answers.times` is malformed"),
        ("times", "p,mentor,UTC mon 9:00-10:00", "`answers.times` is malformed"),
        ("times", "p,mentor,UTC day 09:00-10:00", "`answers.times` is malformed"),
        ("why", "p,mentee,", "`answers.why` is required"),
        ("why", "p,mentor,x", "`answers.why` names an unknown question"),
    ] {
        let told = told(columns, row);
        assert!(told.starts_with(&format!("line 2: {words}")), "{row}: {told}");
    }
    let long = "k".repeat(65);
    let told = told("n", &format!("{long},mentor,1"));
    assert_eq!(told, "line 2: `person` has 65 bytes; at most 64 are allowed");
}

#[test]
fn the_names_of_the_columns_are_checked_and_not_repeated() {
    let refused = |names: &str| open(names.as_bytes()).unwrap_err().to_string();
    assert_eq!(refused(""), "line 1: `person` is required");
    assert_eq!(refused("person\n"), "line 1: `role` is required");
    assert_eq!(refused("person,role,diagnosis\n"), "line 1: `column 3` names an unknown column");
    assert!(open(&b"person,role,answers.n\n"[..]).is_ok());
    let twice = refused("person,role,n,answers.n\n");
    assert_eq!(twice, "line 1: `answers.n` names the same column twice");
    let many = vec!["x"; COLUMNS_MAX + 1].join(",");
    assert!(refused(&many).contains("`columns` has 57 columns; at most 56 are allowed"));
}

#[test]
fn one_wrong_row_does_not_stop_the_others() {
    let mut text = b"person,role,why\na,mentor,\nb,men".to_vec();
    text.extend_from_slice(b"tee,\xff\xfe\nc,mentor\nd,mentee,\"x\ny\"\ne,boss,\nf,mentor,\n");
    let read: Vec<_> = open(&*text).unwrap().collect();
    let lines: Vec<_> = read
        .iter()
        .map(|row| match row {
            Ok(row) => (row.line, "read"),
            Err(error) => (error.line().unwrap(), "refused"),
        })
        .collect();
    let (read_ok, refused) = ("read", "refused");
    let expected =
        [(2, read_ok), (3, refused), (4, refused), (5, read_ok), (7, refused), (8, read_ok)];
    assert_eq!(lines, expected);
    let utf8 = read[1].as_ref().unwrap_err().to_string();
    assert_eq!(utf8, "line 3: `answers.why` is malformed; expected text in UTF-8");
}

/// A file without an end, that says how much of it was read.
struct Endless<'a>(&'a [u8], &'a std::cell::Cell<usize>);

impl Read for Endless<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let begun = self.0.read(into)?;
        into[begun..].fill(b'x');
        self.1.set(self.1.get() + into.len());
        Ok(into.len())
    }
}

#[test]
fn a_quote_that_is_never_closed_takes_no_memory() {
    let count = std::cell::Cell::new(0);
    let mut rows = open(Endless(b"person,role,why\nada,mentee,\"", &count)).unwrap();
    let error = rows.next().unwrap().unwrap_err();
    assert!(
        matches!(&error, ImportError::Input { line: 2, error } if error.field() == "row"
            && matches!(error.problem(), Problem::TooMany { limit: 131_072, .. })),
        "{error}"
    );
    assert!(rows.next().is_none(), "nothing behind it can be read");
    assert!(count.get() < 3 * ROW_MAX_BYTES, "{}", count.get());
}

#[test]
fn a_quote_that_is_not_closed_does_not_swallow_the_rest_in_silence() {
    let columns = "person,role,why\n";
    for rest in ["b,mentee,x\n", "", "\n"] {
        let read = rows(&format!("{columns}a,mentee,ok\n\nb,mentee,\"why\n{rest}"));
        let told = "line 4: `row` is malformed; expected a quote that is closed";
        assert!(read[0].is_ok() && read.len() == 2, "{read:?}");
        assert_eq!(read[1].as_ref().unwrap_err(), told);
    }
    let read = rows(&format!("{columns}a,mentee,\"closed\n\""));
    assert_eq!(read.len(), 1);
    assert!(read[0].is_ok(), "a text may end with a line: {read:?}");
}

#[test]
fn a_delimiter_that_cannot_be_one_is_refused() {
    for delimiter in *b"\"|\r\n" {
        let file = &b"person,role\n"[..];
        let error = SignUps::new(file, form(), ImportOptions { delimiter, ..options() });
        assert!(error.unwrap_err().to_string().starts_with("line 1: `delimiter` is malformed"));
    }
    let file = &b"person;role\na;mentor"[..];
    let read = SignUps::new(file, form(), ImportOptions { delimiter: b';', ..options() }).unwrap();
    assert_eq!(read.map(Result::unwrap).count(), 1);
}

#[test]
fn a_row_that_is_too_long_is_refused_and_the_next_one_is_read() {
    let wide = "é".repeat(ROW_MAX_BYTES / 2 + 1);
    let read = rows(&format!("person,role,why\na,mentee,{wide}\nb,mentee,x\n"));
    let told = read[0].as_ref().unwrap_err();
    assert!(told.starts_with("line 2: `row` has 131"), "{told}");
    assert_eq!(read[1].as_ref().unwrap().line, 3);
}

#[test]
fn a_file_that_breaks_off_says_so_once() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _into: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let file = b"person,role\na,mentor\n".chain(Broken);
    let read: Vec<_> = open(file).unwrap().collect();
    let [Ok(_), Err(ImportError::Read(_))] = &*read else { panic!("{read:?}") };
}

fn cell(answer: &Answer) -> String {
    let join = |keys: &mut dyn Iterator<Item = &Slug>| {
        keys.map(Slug::as_str).collect::<Vec<_>>().join("|")
    };
    match answer {
        Answer::Single(key) => key.to_string(),
        Answer::Multi(keys) | Answer::Languages(keys) => join(&mut keys.iter()),
        Answer::Rank(keys) => join(&mut keys.iter()),
        Answer::Integer(number) => number.to_string(),
        Answer::Text(text) => text.as_str().to_owned(),
        Answer::Zone(zone) => zone.to_string(),
        Answer::Availability(times) => {
            let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
            let slot = |slot: &WeeklySlot| {
                let day = days[usize::from(slot.day)];
                format!("{day} {}-{}", clock(slot.from_minute), clock(slot.to_minute))
            };
            let slots: Vec<_> = times.slots.iter().map(slot).collect();
            format!("{} {}", times.zone, slots.join("|"))
        }
    }
}

fn some_keys() -> impl Strategy<Value = Vec<Slug>> {
    let keys: Vec<Slug> = KEYS.iter().map(|key| slug(key)).collect();
    prop::sample::subsequence(keys, 1..=3).prop_shuffle()
}

fn slots() -> impl Strategy<Value = BTreeSet<WeeklySlot>> {
    let slot = (0..7_u8, 0..1_440_u16, 1..=1_440_u16)
        .prop_filter_map("not empty", |(day, from, to)| WeeklySlot::new(day, from, to));
    prop::collection::btree_set(slot, 1..6)
}

/// Answers, each of them given or not.
fn some_answers() -> impl Strategy<Value = Answers> {
    let zone = prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec());
    let one = prop::sample::select(KEYS.to_vec()).prop_map(|key| Answer::Single(slug(key)));
    let text = "\\PC{1,40}".prop_filter_map("text", |text| AnswerText::new(&text).ok());
    let times = (zone.clone(), slots())
        .prop_map(|(zone, slots)| Answer::Availability(Availability { zone, slots }));
    let talk = prop::sample::subsequence(vec!["de", "en", "pt", "tr"], 1..=4)
        .prop_map(|tags| Answer::Languages(tags.into_iter().map(slug).collect()));
    let given = (
        prop::option::of(one),
        prop::option::of(some_keys().prop_map(|it| Answer::Multi(it.into_iter().collect()))),
        prop::option::of(some_keys().prop_map(Answer::Rank)),
        prop::option::of((-100..=100_i64).prop_map(Answer::Integer)),
        prop::option::of(talk),
        prop::option::of(times),
        prop::option::of(zone.prop_map(Answer::Zone)),
        text.prop_map(|text| Some(Answer::Text(text))),
    );
    given.prop_map(|it| {
        let given = [it.0, it.1, it.2, it.3, it.4, it.5, it.6, it.7];
        let keys = ["one", "some", "order", "n", "talk", "times", "zone", "why"];
        let both = keys.into_iter().zip(given);
        Answers(both.filter_map(|(key, it)| Some((slug(key), it?))).collect())
    })
}

proptest! {
    #[test]
    fn what_is_written_comes_back(people in prop::collection::vec((some_answers(), 0..=u8::MAX), 1..8)) {
        let keys = ["one", "some", "order", "n", "talk", "times", "zone", "why"];
        let mut file = csv::Writer::from_writer(Vec::new());
        file.write_field("person").unwrap();
        file.write_field("role").unwrap();
        file.write_field("capacity").unwrap();
        file.write_record(keys).unwrap();
        for (answers, capacity) in &people {
            file.write_field(format!("p{capacity}")).unwrap();
            file.write_field("mentee").unwrap();
            file.write_field(capacity.to_string()).unwrap();
            let cells = keys.map(|key| answers.get(key).map(cell).unwrap_or_default());
            file.write_record(cells).unwrap();
        }
        let file = file.into_inner().unwrap();
        let read: Vec<ImportRow> = open(&*file).unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(read.len(), people.len());
        for (row, (answers, capacity)) in read.iter().zip(&people) {
            prop_assert_eq!(&row.sign_up.apply.answers, answers);
            prop_assert_eq!(row.sign_up.apply.capacity, Some(*capacity));
        }
    }

    /// Whatever a file holds, it is read to its end, and no row of it is told twice.
    #[test]
    fn any_bytes_come_to_an_end(bytes in prop::collection::vec(prop_oneof![
        3 => prop::sample::select(b"\n\r\",|: a1\xff".to_vec()), 1 => any::<u8>()
    ], 0..400)) {
        let mut file = b"person,role,some,times,why\n".to_vec();
        file.extend(&bytes);
        let ends = bytes.split(|byte| *byte == b'\n').count();
        let lines: Vec<u64> = open(&*file)
            .unwrap()
            .map(|row| row.map_or_else(|error| error.line().unwrap(), |row| row.line))
            .collect();
        prop_assert!(lines.is_sorted_by(|one, next| one < next) && lines.len() <= ends, "{lines:?}");
    }
}
