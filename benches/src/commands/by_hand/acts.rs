//! The commands themselves, written once and compiled for each driver.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{Days, SecondsFormat, TimeDelta};
use mentorship_core::{
    base::{
        host::PersonId,
        id::{Id as _, PairId, ProgramId, ProposalId},
        time::Timestamp,
    },
    conformance::{make, world::sign_up},
    decide::enrollment::Apply,
    model::{enrollment::Role, form::Form},
};
use sqlx::{MySqlPool, PgPool, Row as _, SqlitePool};
use uuid::Uuid;

use super::{
    Event, Message, digest, row_id,
    texts::{MARIADB, POSTGRES, SQLITE, Texts},
};
use crate::commands::{Commands, TENANT, library::BODY};

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

/// A key as a driver reads it.
trait Key {
    fn text(self) -> String;
}

impl Key for String {
    fn text(self) -> String {
        self
    }
}

impl Key for Vec<u8> {
    fn text(self) -> String {
        String::from_utf8(self).unwrap()
    }
}

/// The day after, as days since 1970.
fn day_after(at: Timestamp) -> i64 {
    at.timestamp() / 86_400 + 1
}

macro_rules! by_hand {
    (
        $(#[$doc:meta])+ $name:ident, $database:ty, $pool:ty, $words:ident,
        key: $key:ty, id: |$uuid:ident| $id:expr, uuid: |$read:ident: $stored:ty| $parsed:expr,
        begin: $begin:literal, taken: |$outcome:ident| $taken:expr
    ) => {
        $(#[$doc])+
        #[derive(Clone, Debug)]
        pub struct $name {
            pool: $pool,
            texts: Texts,
            now: Timestamp,
            form: Arc<Form>,
            sign_up: Apply,
        }

        const _: () = {
            type Tx<'a> = sqlx::Transaction<'a, $database>;

            fn id($uuid: Uuid) -> impl for<'q> sqlx::Encode<'q, $database> + sqlx::Type<$database> {
                $id
            }

            fn uuid($read: $stored) -> Uuid {
                $parsed
            }

            fn key(key: $key) -> String {
                Key::text(key)
            }

            impl $name {
                /// Over tables that a store has made.
                #[must_use]
                pub fn over(pool: $pool, prefix: &str, now: Timestamp) -> Self {
                    Self {
                        pool,
                        texts: Texts::new(prefix, &$words),
                        now,
                        form: make::form(),
                        sign_up: sign_up(Role::Mentee),
                    }
                }

                fn at(&self) -> i64 {
                    self.now.timestamp_micros()
                }

                fn since(&self, state: &str) -> String {
                    let since = self.now.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                    format!("{{\"state\":\"{state}\",\"since\":\"{since}\"}}")
                }

                async fn begin(&self) -> Tx<'_> {
                    self.pool.begin_with($begin).await.unwrap()
                }

                /// The command, which nobody has carried out before.
                async fn command(&self, tx: &mut Tx<'_>, kind: &str, digest: String, reply: String) {
                    let $outcome = sqlx::query(self.texts.command)
                        .bind(kind)
                        .bind(digest)
                        .bind(reply)
                        .bind(self.at())
                        .bind(TENANT)
                        .bind(id(crate::new_id()))
                        .execute(&mut **tx)
                        .await;
                    assert!(!$taken, "ids are not used twice here");
                }

                async fn record(&self, tx: &mut Tx<'_>, event: Event<'_>) {
                    sqlx::query(self.texts.audit)
                        .bind(self.at())
                        .bind(event.by)
                        .bind(event.action)
                        .bind(event.kind)
                        .bind(event.subject)
                        .bind(event.other)
                        .bind(event.program.map(id))
                        .bind(event.from)
                        .bind(event.to)
                        .bind(json(&event.about))
                        .bind(event.reason)
                        .bind(i64::from(event.private))
                        .bind(TENANT)
                        .bind(id(row_id(self.now)))
                        .execute(&mut **tx)
                        .await
                        .unwrap();
                }

                async fn say(&self, tx: &mut Tx<'_>, message: Message<'_>) {
                    sqlx::query(self.texts.outbox)
                        .bind(self.at())
                        .bind(message.kind)
                        .bind(message.to_kind)
                        .bind(message.to)
                        .bind(message.between.map(|(lo, _)| lo))
                        .bind(message.between.map(|(_, hi)| hi))
                        .bind(id(message.program))
                        .bind(id(message.pair))
                        .bind(message.step)
                        .bind(id(message.pair))
                        .bind(TENANT)
                        .bind(id(row_id(self.now)))
                        .execute(&mut **tx)
                        .await
                        .unwrap();
                }

                /// The adult date of somebody who has one and is held with others.
                async fn adult(&self, tx: &mut Tx<'_>, who: &str) -> i64 {
                    let sql = sqlx::query(self.texts.person_share).bind(TENANT).bind(who);
                    let row = sql.fetch_one(&mut **tx).await.unwrap();
                    let adult_on: Option<i64> = row.get(0);
                    adult_on.filter(|on| *on <= day_after(self.now)).expect("an adult")
                }

                async fn relation(&self, tx: &mut Tx<'_>, sql: &'static str, lo: &str, hi: &str) {
                    let sql = sqlx::query(sql).bind(TENANT).bind(lo).bind(hi);
                    let blocked: i64 = sql.fetch_one(&mut **tx).await.unwrap().get(0);
                    assert_eq!(blocked, 0, "nobody has blocked anybody");
                }

                /// Versions of form and guide of an open program.
                async fn program(&self, tx: &mut Tx<'_>, program: Uuid) -> (i64, i64) {
                    let sql = sqlx::query(self.texts.program_share).bind(TENANT).bind(id(program));
                    let row = sql.fetch_one(&mut **tx).await.unwrap();
                    assert_eq!(row.get::<String, _>(0), "open");
                    (row.get(1), row.get(2))
                }

                async fn place_with_room(&self, tx: &mut Tx<'_>, place: Uuid) {
                    let sql = sqlx::query(self.texts.enrollment_hold).bind(TENANT).bind(id(place));
                    let row = sql.fetch_one(&mut **tx).await.unwrap();
                    assert_eq!(row.get::<String, _>(0), "active");
                    assert!(row.get::<i64, _>(1) > row.get::<i64, _>(2), "a free place");
                }

                async fn touch_place(&self, tx: &mut Tx<'_>, sql: &'static str, place: Uuid) {
                    let sql = sqlx::query(sql).bind(TENANT).bind(id(place));
                    sql.execute(&mut **tx).await.unwrap();
                }

                async fn step(&self, tx: &mut Tx<'_>, pair: Uuid, position: i64, step: Step<'_>) {
                    sqlx::query(self.texts.step_new)
                        .bind(step.name)
                        .bind(step.state)
                        .bind(step.doc)
                        .bind(step.due_at)
                        .bind(TENANT)
                        .bind(id(pair))
                        .bind(position)
                        .execute(&mut **tx)
                        .await
                        .unwrap();
                }
            }

            #[async_trait]
            impl Commands for $name {
                async fn sign_up(&self, program: ProgramId, person: &PersonId) {
                    let (program, who) = (program.uuid(), person.as_str());
                    let form = &self.sign_up;
                    self.form.check_answers(form.role, &form.answers).unwrap();
                    let place: Uuid = crate::new_id();
                    let mut tx = self.begin().await;
                    let reply = format!(
                        "{{\"enrolled\":\"stored\",\"enrollment\":\"{place}\",\"state\":\"active\"}}"
                    );
                    let asked = digest("enrollment.apply", form);
                    self.command(&mut tx, "enrollment.apply", asked, reply).await;
                    let sql = sqlx::query(self.texts.person_hold).bind(TENANT).bind(who);
                    if sql.fetch_optional(&mut *tx).await.unwrap().is_none() {
                        sqlx::query(self.texts.person_new)
                            .bind(14_643_i64)
                            .bind("Europe/Lisbon")
                            .bind(TENANT)
                            .bind(who)
                            .execute(&mut *tx)
                            .await
                            .unwrap();
                    }
                    let (form_version, _) = self.program(&mut tx, program).await;
                    let sql = sqlx::query(self.texts.enrollments_of)
                        .bind(TENANT)
                        .bind(who)
                        .bind(id(program))
                        .bind("mentee");
                    assert!(sql.fetch_optional(&mut *tx).await.unwrap().is_none());
                    let consent = format!(
                        "{{\"policy_version\":1,\"oversight\":\"reported_only\",\
                         \"special_category\":false,\"shown_to_group\":false,\"at\":\"{}\"}}",
                        self.now.to_rfc3339_opts(SecondsFormat::AutoSi, true)
                    );
                    sqlx::query(self.texts.enrollment_new)
                        .bind(id(program))
                        .bind(who)
                        .bind(self.since("active"))
                        .bind(self.at())
                        .bind(consent)
                        .bind(form_version)
                        .bind(json(&form.answers))
                        .bind(self.at())
                        .bind(TENANT)
                        .bind(id(place))
                        .execute(&mut *tx)
                        .await
                        .unwrap();
                    for (action, from, to) in [
                        ("enrollment.apply", None, Some("submitted")),
                        ("enrollment.approve", Some("submitted"), Some("active")),
                    ] {
                        let event = Event::new(who, action, "enrollment", place.to_string());
                        let program = Some(program);
                        let event = Event { program, from, to, about: &[who], ..event };
                        self.record(&mut tx, event).await;
                    }
                    tx.commit().await.unwrap();
                }

                async fn post(&self, pair: PairId, by: &PersonId) {
                    let (pair, by) = (pair.uuid(), by.as_str());
                    let mut tx = self.begin().await;
                    let sql = sqlx::query(self.texts.pair).bind(TENANT).bind(id(pair));
                    let row = sql.fetch_one(&mut *tx).await.unwrap();
                    let program = uuid(row.get(0));
                    let (one, other) = (key(row.get(1)), key(row.get(2)));
                    let (lo, hi) = (one.as_str().min(&other), one.as_str().max(&other));
                    let partner = if one == by { &other } else { &one };
                    self.relation(&mut tx, self.texts.relation_share, lo, hi).await;
                    self.program(&mut tx, program).await;
                    let sql = sqlx::query(self.texts.pair_hold).bind(TENANT).bind(id(pair));
                    let row = sql.fetch_one(&mut *tx).await.unwrap();
                    let (state, seq): (String, i64) = (row.get(0), row.get::<i64, _>(1) + 1);
                    let due_at: Option<i64> = row.get(2);
                    let post: Uuid = crate::new_id();
                    let reply = format!("{{\"post\":\"{post}\",\"seq\":{seq}}}");
                    let asked = digest("post.make", &(pair, "hello", BODY));
                    self.command(&mut tx, "post.make", asked, reply).await;
                    assert_eq!(state, "active");
                    let sql = sqlx::query(self.texts.step_at);
                    let sql = sql.bind(TENANT).bind(id(pair)).bind("hello");
                    let step: String = sql.fetch_one(&mut *tx).await.unwrap().get(0);
                    assert_ne!(step, "locked");
                    sqlx::query(self.texts.pair_posted)
                        .bind(seq)
                        .bind(self.at())
                        .bind(due_at)
                        .bind(TENANT)
                        .bind(id(pair))
                        .execute(&mut *tx)
                        .await
                        .unwrap();
                    sqlx::query(self.texts.post_new)
                        .bind(id(post))
                        .bind("hello")
                        .bind(by)
                        .bind(BODY)
                        .bind(self.at())
                        .bind(TENANT)
                        .bind(id(pair))
                        .bind(seq)
                        .execute(&mut *tx)
                        .await
                        .unwrap();
                    let event = Event::new(by, "post.make", "pair", pair.to_string());
                    let (about, reason) = (&[&*one, &*other][..], Some("hello"));
                    let event = Event { program: Some(program), about, reason, ..event };
                    self.record(&mut tx, event).await;
                    let message = Message {
                        kind: "post.made",
                        to_kind: "person",
                        to: partner,
                        between: Some((lo, hi)),
                        program,
                        pair,
                        step: Some("hello"),
                    };
                    self.say(&mut tx, message).await;
                    tx.commit().await.unwrap();
                }

                #[allow(clippy::too_many_lines, reason = "by hand it is one transaction, read from top to bottom")]
                async fn accept(&self, offer: ProposalId, by: &PersonId) {
                    let (offer, by) = (offer.uuid(), by.as_str());
                    let mut tx = self.begin().await;
                    let sql = sqlx::query(self.texts.proposal).bind(TENANT).bind(id(offer));
                    let row = sql.fetch_one(&mut *tx).await.unwrap();
                    let program = uuid(row.get(0));
                    let (mentor, mentee) = (uuid(row.get(1)), uuid(row.get(3)));
                    let (one, other) = (key(row.get(2)), key(row.get(4)));
                    assert_eq!(one, by, "the mentor answers");
                    let (lo, hi) = (one.as_str().min(&other), one.as_str().max(&other));
                    let pair: Uuid = crate::new_id();
                    let asked = digest("proposal.accept", &offer);
                    let reply = format!("{{\"pair\":\"{pair}\"}}");
                    self.command(&mut tx, "proposal.accept", asked, reply).await;
                    let mentor_adult;
                    let mentee_adult;
                    if one == lo {
                        mentor_adult = self.adult(&mut tx, &one).await;
                        mentee_adult = self.adult(&mut tx, &other).await;
                    } else {
                        mentee_adult = self.adult(&mut tx, &other).await;
                        mentor_adult = self.adult(&mut tx, &one).await;
                    }
                    self.relation(&mut tx, self.texts.relation_hold, lo, hi).await;
                    let (_, guide_version) = self.program(&mut tx, program).await;
                    for place in [mentor.min(mentee), mentor.max(mentee)] {
                        self.place_with_room(&mut tx, place).await;
                    }
                    let sql = sqlx::query(self.texts.proposal_hold).bind(TENANT).bind(id(offer));
                    let row = sql.fetch_one(&mut *tx).await.unwrap();
                    assert_eq!(row.get::<String, _>(0), "offered");
                    assert!(row.get::<String, _>(1).contains("\"mentor\":{\"answer\":\"waiting\"}"));
                    assert!(row.get::<i64, _>(2) > self.at(), "it has not lapsed");
                    for who in [&one, &other] {
                        let sql = sqlx::query(self.texts.live_of);
                        let sql = sql.bind(TENANT).bind(who).bind(TENANT).bind(who);
                        let live: i64 = sql.fetch_one(&mut *tx).await.unwrap().get(0);
                        assert!(live < 10, "nobody has too many");
                    }
                    for place in [mentor, mentee] {
                        let sql = sqlx::query(self.texts.proposals_open).bind(TENANT);
                        let sql = sql.bind(id(place)).bind(TENANT).bind(id(place));
                        let open = sql.fetch_all(&mut *tx).await.unwrap();
                        assert_eq!(open.len(), 1, "nothing else falls");
                    }
                    let now = self.now.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                    let doc =
                        format!("{{\"state\":\"accepted\",\"at\":\"{now}\",\"pair\":\"{pair}\"}}");
                    let sql = sqlx::query(self.texts.proposal_accepted).bind(doc);
                    sql.bind(TENANT).bind(id(offer)).execute(&mut *tx).await.unwrap();
                    let sql = sqlx::query(self.texts.relation_pair_made);
                    sql.bind(TENANT).bind(lo).bind(hi).execute(&mut *tx).await.unwrap();
                    for place in [mentor.min(mentee), mentor.max(mentee)] {
                        self.touch_place(&mut tx, self.texts.place_taken, place).await;
                    }
                    sqlx::query(self.texts.pair_new)
                        .bind(id(program))
                        .bind(id(mentor))
                        .bind(&*one)
                        .bind(id(mentee))
                        .bind(&*other)
                        .bind(id(offer))
                        .bind(self.since("introduced"))
                        .bind(guide_version)
                        .bind(self.at())
                        .bind(self.at())
                        .bind(self.at())
                        .bind((self.now + TimeDelta::days(3)).timestamp_micros())
                        .bind(lo)
                        .bind(hi)
                        .bind(day_after(self.now))
                        .bind(mentor_adult)
                        .bind(mentee_adult)
                        .bind(TENANT)
                        .bind(id(pair))
                        .execute(&mut *tx)
                        .await
                        .unwrap();
                    // Midnight in Lisbon, which is that of UTC in March.
                    let unlocks = self.now.date_naive().checked_add_days(Days::new(7)).unwrap();
                    let due_at = (self.now + TimeDelta::days(7)).timestamp_micros();
                    let locked = |at| format!("{{\"state\":\"locked\",\"unlocks_at\":{at}}}");
                    let steps = [
                        ("hello", "open", self.since("open"), Some(due_at)),
                        ("sail", "locked", locked(format!("\"{unlocks}T00:00:00Z\"")), None),
                        ("goodbye", "locked", locked("null".to_owned()), None),
                    ];
                    for (position, (name, state, doc, due_at)) in (0..).zip(steps) {
                        let step = Step { name, state, doc, due_at };
                        self.step(&mut tx, pair, position, step).await;
                    }
                    for (action, kind, subject, from, to) in [
                        ("proposal.accept", "proposal", offer, None, None),
                        ("proposal.complete", "proposal", offer, Some("offered"), Some("accepted")),
                        ("pair.introduce", "pair", pair, None, Some("introduced")),
                    ] {
                        let event = Event::new(by, action, kind, subject.to_string());
                        let (program, about) = (Some(program), &[&*one, &*other][..]);
                        self.record(&mut tx, Event { program, from, to, about, ..event }).await;
                    }
                    let admins = program.to_string();
                    for (to_kind, to, between) in [
                        ("person", &one, Some((lo, hi))),
                        ("person", &other, Some((lo, hi))),
                        ("program_admins", &admins, None),
                    ] {
                        let kind = "pair.introduced";
                        let message =
                            Message { kind, to_kind, to, between, program, pair, step: None };
                        self.say(&mut tx, message).await;
                    }
                    tx.commit().await.unwrap();
                }

                async fn block(&self, by: &PersonId, other: &PersonId) {
                    let (by, other) = (by.as_str(), other.as_str());
                    let (lo, hi) = (by.min(other), by.max(other));
                    assert_eq!(by, hi, "the mentee blocks");
                    let mut tx = self.begin().await;
                    let asked = digest("relation.block", &other);
                    self.command(&mut tx, "relation.block", asked, "null".to_owned()).await;
                    self.relation(&mut tx, self.texts.relation_hold, lo, hi).await;
                    let sql = sqlx::query(self.texts.pairs_between);
                    let sql = sql.bind(TENANT).bind(lo).bind(hi);
                    let live = sql.fetch_all(&mut *tx).await.unwrap();
                    let sql = sqlx::query(self.texts.proposals_between);
                    let sql = sql.bind(TENANT).bind(lo).bind(hi);
                    assert!(sql.fetch_optional(&mut *tx).await.unwrap().is_none());
                    let [row] = &*live else { panic!("one pair lives") };
                    let (pair, program) = (uuid(row.get(0)), uuid(row.get(1)));
                    let (mentor, mentee) = (uuid(row.get(2)), uuid(row.get(3)));
                    assert_eq!(row.get::<String, _>(4), "active");
                    for place in [mentor.min(mentee), mentor.max(mentee)] {
                        self.touch_place(&mut tx, self.texts.place_freed, place).await;
                    }
                    let at = self.now.to_rfc3339_opts(SecondsFormat::AutoSi, true);
                    let doc = format!(
                        "{{\"state\":\"ended\",\"at\":\"{at}\",\"end\":{{\"kind\":\"blocked\",\
                         \"shared\":false,\"note\":null,\
                         \"by\":{{\"by\":\"side\",\"side\":\"mentee\"}}}}}}"
                    );
                    let kept = (self.now + TimeDelta::days(30)).timestamp_micros();
                    let sql = sqlx::query(self.texts.pair_ended).bind(doc).bind(self.at());
                    let sql = sql.bind(kept).bind(TENANT).bind(id(pair));
                    let ended = sql.execute(&mut *tx).await.unwrap();
                    assert_eq!(ended.rows_affected(), 1);
                    let sql = sqlx::query(self.texts.relation_blocked).bind(self.at());
                    sql.bind(TENANT).bind(lo).bind(hi).execute(&mut *tx).await.unwrap();
                    let about = &[lo, hi][..];
                    let event = Event::new(by, "relation.block", "relation", lo.to_owned());
                    let event = Event { other: Some(hi), about, private: true, ..event };
                    self.record(&mut tx, event).await;
                    let event = Event::new(by, "pair.end", "pair", pair.to_string());
                    let (from, to) = (Some("active"), Some("ended"));
                    let program_of = Some(program);
                    let event = Event { program: program_of, from, to, about, ..event };
                    self.record(&mut tx, event).await;
                    let admins = program.to_string();
                    for (to_kind, to) in
                        [("person", lo), ("person", hi), ("program_admins", &admins)]
                    {
                        let (kind, between, step) = ("pair.ended", None, None);
                        let message = Message { kind, to_kind, to, between, program, pair, step };
                        self.say(&mut tx, message).await;
                    }
                    tx.commit().await.unwrap();
                }
            }
        };
    };
}

/// A step of a new pair.
struct Step<'a> {
    name: &'a str,
    state: &'a str,
    doc: String,
    due_at: Option<i64>,
}

by_hand!(
    /// By hand on `SQLite`.
    SqliteByHand, sqlx::Sqlite, SqlitePool, SQLITE,
    key: String, id: |uuid| uuid.to_string(), uuid: |read: String| read.parse().unwrap(),
    begin: "BEGIN IMMEDIATE", taken: |outcome| outcome.unwrap().rows_affected() == 0
);

by_hand!(
    /// By hand on `PostgreSQL`.
    PostgresByHand, sqlx::Postgres, PgPool, POSTGRES,
    key: String, id: |uuid| uuid, uuid: |read: Uuid| read,
    begin: "BEGIN", taken: |outcome| outcome.unwrap().rows_affected() == 0
);

by_hand!(
    /// By hand on `MariaDB`.
    MariaDbByHand, sqlx::MySql, MySqlPool, MARIADB,
    key: Vec<u8>, id: |uuid| uuid, uuid: |read: Uuid| read,
    begin: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION",
    taken: |outcome| outcome.is_err()
);
