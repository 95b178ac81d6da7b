//! The host's own filter, asked before a text is stored.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::{
    Harness, make,
    world::{World, step},
};
use crate::{
    base::{
        id::PairId,
        text::{Body, Note, Slug},
    },
    decide::journal::CheckInInput,
    model::{journal::CheckInKind, pair::EndKind},
    service::{ContentPolicy, Error, PortError, Writing, WritingKind},
};

/// A word that is refused, and one at which the filter fails.
const REFUSED: &str = "casino";
const FAILS: &str = "abyss";

/// Refuses a word, and notes what it was asked.
#[derive(Clone, Debug, Default)]
struct Filter(Arc<Mutex<Vec<(WritingKind, String)>>>);

impl Filter {
    fn asked(&self) -> Vec<(WritingKind, String)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[async_trait]
impl ContentPolicy for Filter {
    async fn refuses(&self, writing: &Writing<'_>) -> Result<Option<Slug>, PortError> {
        self.0.lock().unwrap().push((writing.kind, writing.text.to_owned()));
        assert_eq!((writing.tenant, writing.author), (&make::tenant(), &make::who(1)));
        if writing.text.contains(FAILS) {
            return Err(PortError::new("the filter is gone"));
        }
        Ok(writing.text.contains(REFUSED).then(|| step("advertising")))
    }
}

/// A pair in a world whose host has a filter.
async fn filtered(h: Harness) -> (World, PairId, Filter) {
    let filter = Filter::default();
    let world = World::new(h.store).filtered(filter.clone());
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    (world, pair, filter)
}

fn note(text: &str) -> Note {
    Note::new(text).unwrap()
}

fn body(text: &str) -> Body {
    Body::new(text).unwrap()
}

fn rule(outcome: Result<(), Error>) -> String {
    let error = outcome.unwrap_err();
    assert_eq!(error.code(), "content.refused");
    error.params().remove("rule").unwrap()
}

/// The filter sees each text that one of a pair writes, by its kind, as it would be stored; what it refuses is
/// refused by its rule, and nothing of it is stored or on record.
pub async fn the_hosts_filter_sees_every_text_of_a_pair(h: Harness) {
    use WritingKind::{CheckIn, Comment, Introduction, Post};
    let (world, pair, filter) = filtered(h).await;
    let service = &world.service;
    let (me, hello) = (world.person(1), step("hello"));
    service.introduce_oneself(&me, pair, note("Ahoy.")).await.unwrap();
    let post = service.post(&me, pair, &hello, None, body("One.\r\nTwo.")).await.unwrap().post;
    let comment = service.post(&me, pair, &hello, Some(post), body("Three.")).await.unwrap().post;
    service.edit_post(&me, pair, post, body("Four.")).await.unwrap();
    service.edit_post(&me, pair, comment, body("Five.")).await.unwrap();
    let check_in = |text| CheckInInput {
        kind: CheckInKind::Week { number: 1 },
        score: Some(4),
        note: Some(note(text)),
        note_shared: true,
        testimonial: None,
    };
    service.check_in(&me, pair, check_in("Six.")).await.unwrap();
    let texts = [
        (Introduction, "Ahoy."),
        (Post, "One.\nTwo."),
        (Comment, "Three."),
        (Post, "Four."),
        (Comment, "Five."),
        (CheckIn, "Six."),
    ];
    assert_eq!(filter.asked(), texts.map(|(kind, text)| (kind, text.to_owned())));

    let read = async || {
        let thread = world.service.thread(&me, pair, None, world.first_page()).await.unwrap();
        let events = world.service.my_audit(&me, world.first_page()).await.unwrap();
        let card = world.service.pair(&me, pair).await.unwrap();
        format!("{thread:?}{events:?}{card:?}")
    };
    let before = read().await;
    let posted = service.post(&me, pair, &hello, None, body("A casino!")).await.map(drop);
    let refused = [
        service.introduce_oneself(&me, pair, note("casino")).await,
        posted,
        service.post(&me, pair, &hello, Some(post), body("casino")).await.map(drop),
        service.edit_post(&me, pair, comment, body("casino")).await,
        service.check_in(&me, pair, check_in("casino")).await,
    ];
    for outcome in refused {
        assert_eq!(rule(outcome), "advertising");
    }
    assert_eq!(read().await, before, "nothing of it is there");
}

/// A rule that says no says so first; a filter that fails stops the command; what was carried out stays so.
pub async fn the_hosts_filter_is_no_way_around_a_rule(h: Harness) {
    let (world, pair, filter) = filtered(h).await;
    let service = &world.service;
    let (me, hello) = (world.person(1), step("hello"));
    // Who is none of the two is not even asked about.
    for other in [&world.person(7), &world.admin()] {
        let post = service.post(other, pair, &hello, None, body("casino"));
        assert_eq!(World::code(post.await), "not_found");
    }
    assert_eq!(filter.asked(), []);

    let write = async |actor, text| service.post(actor, pair, &hello, None, body(text)).await;
    let error = write(&me, "The abyss.").await.unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("port.failed", true));
    assert!(!format!("{error:?}").contains("abyss"), "no text of anybody's");

    let once = me.clone().with_command(make::id(77));
    let posted = write(&once, "Hello.").await.unwrap();
    assert_eq!(write(&once, "Hello.").await.unwrap(), posted, "given again");
    let thread = world.service.thread(&me, pair, None, world.first_page()).await.unwrap();
    assert_eq!(thread.posts.len(), 1);

    service.end_pair(&world.person(2), pair, EndKind::NoTime, None, false).await.unwrap();
    assert_eq!(World::code(write(&me, "casino").await), "pair.not_writable");
}

/// The note with which one of the two ends a pair is shown to the filter if the other will read it, and leaves the
/// library for nobody else; the end itself is not for it to refuse, and an admin's note is none of a pair's.
pub async fn the_hosts_filter_sees_the_note_of_an_end(h: Harness) {
    let (world, pair, filter) = filtered(h).await;
    let (service, me, stranger) = (&world.service, world.person(1), world.person(7));
    let end = async |actor, note: Option<&str>, shared| {
        let note = note.map(|text| Note::new(text).unwrap());
        service.end_pair(actor, pair, EndKind::NotAFit, note, shared).await
    };
    // Who is none of the two is not even asked about; a rule that says no says so first.
    assert_eq!(World::code(end(&stranger, Some("casino"), true).await), "not_found");
    assert_eq!(filter.asked(), []);
    let blocked = service.end_pair(&me, pair, EndKind::Blocked, Some(note("casino")), true).await;
    assert_eq!(World::code(blocked), "input.unknown");
    assert_eq!(filter.asked(), [], "beside a neutral end nobody reads it");

    assert_eq!(rule(end(&me, Some("Come to my casino."), true).await), "advertising");
    assert_eq!(world.pair_state(2, pair).await, "introduced", "nothing of it is there");
    assert_eq!(World::code(end(&me, Some("The abyss."), true).await), "port.failed");
    assert_eq!(filter.asked().len(), 2);
    end(&me, Some("Fair winds."), true).await.unwrap();
    assert_eq!(filter.asked(), [(WritingKind::Ending, "Fair winds.".to_owned())]);
    let read = service.pair(&world.person(2), pair).await.unwrap().card.note;
    assert_eq!(read, Some(note("Fair winds.")));

    // An end without a note is nothing to look at, and the note of an admin is not one of the two's.
    let program = world.program(|_| {}).await;
    let (third, fourth) = (world.pair(program, 1, 3).await, world.pair(program, 5, 6).await);
    service.end_pair(&me, third, EndKind::NoTime, None, true).await.unwrap();
    let private = Some(note("They wrote of a casino."));
    let fifth = world.pair(program, 8, 9).await;
    service.end_pair(&world.person(8), fifth, EndKind::NotAFit, private, false).await.unwrap();
    let words = Some(note("Come to my casino."));
    service.end_pair(&world.other_admin(), fourth, EndKind::Other, words, true).await.unwrap();
    assert_eq!(filter.asked(), []);
}
