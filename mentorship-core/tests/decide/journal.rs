//! Introductions, posts, comments and check-ins.

use mentorship_core::{
    base::{
        id::PostId,
        text::{Body, Note},
    },
    change::Change,
    conformance::make::{self, by_hand, id, slug, start, who},
    decide::{
        Cx, Decision, Refusal,
        journal::{CheckInInput, GENERAL_STEP, check_in, edit, introduce_oneself, post, remove},
    },
    model::{
        enrollment::Role,
        journal::{CheckInKind, Post},
        pair::{EndKind, EndedBy, PairEnd, PairState},
    },
    view::PairView,
};

use crate::{
    given::{active, admin, clock, days, given, me, pair_view, staff},
    told::{actions, pairs_in, said},
};

type Write = fn(&PairView, Cx<'_>) -> Result<Decision<()>, Refusal>;

fn words() -> Body {
    Body::new("The wind was kind.").unwrap()
}

fn mine(n: u64) -> Post {
    Post { step: slug("hello"), ..make::post(n, id(70), 1, 1) }
}

fn with_post(state: PairState, post: Post) -> PairView {
    PairView { post: Some(post), ..pair_view(state) }
}

fn week(number: u16) -> CheckInInput {
    CheckInInput {
        kind: CheckInKind::Week { number },
        score: Some(4),
        note: None,
        note_shared: false,
        testimonial: None,
    }
}

const WRITES: &[(&str, Write)] = &[
    ("introduce", |view, cx| introduce_oneself(view, Note::new("Ahoy.").unwrap(), cx)),
    ("post", |view, cx| {
        post(view, &slug("hello"), None, words(), cx).map(|it| Decision {
            changes: it.changes,
            reply: (),
            next: it.next,
        })
    }),
    ("edit", |view, cx| edit(view, words(), cx)),
    ("remove", |view, cx| remove(view, cx)),
];

fn ended() -> PairState {
    let end = PairEnd { kind: EndKind::NoTime, shared: false, note: None, by: EndedBy::Clock };
    PairState::Ended { at: start(), end }
}

/// Writing is the two's alone, and both lose it with the pair, however it ended (D2).
#[test]
fn writing_is_refused_in_order() {
    let (since, until, by) = (start(), None, Role::Mentor);
    let closed = [
        PairState::Paused { since, until, by },
        PairState::Frozen { since, resume_to: Box::new(active()), held_by: by_hand() },
        PairState::Completed { at: since, by: None },
        ended(),
    ];
    for (write, act) in WRITES {
        for state in &closed {
            let view = with_post(state.clone(), mine(80));
            for by in [me(3), admin(900), admin(1), staff(), clock()] {
                assert_eq!(given(&view).by(by).refuses(act), "not_found", "{write}");
            }
            assert_eq!(given(&view).by(me(1)).refuses(act), "pair.not_writable", "{write}");
        }
        let mut paused = with_post(closed[0].clone(), mine(80));
        paused.program.policy.write_while_paused = true;
        let decision = given(&paused).by(me(1)).does(act);
        assert_eq!(pairs_in(&decision.changes)[0].state.code(), "paused", "{write}");
    }
}

/// The first thing that either writes starts the pair, whatever it is.
#[test]
fn the_first_word_starts_the_pair() {
    for (write, act) in WRITES {
        let view = with_post(PairState::Introduced { since: start() }, mine(80));
        let decision = given(&view).by(me(1)).at(days(1)).does(act);
        assert_eq!(actions(&decision.changes)[0], "pair.start", "{write}");
        let [pair] = pairs_in(&decision.changes)[..] else { panic!("one pair") };
        assert_eq!(pair.state, PairState::Active { since: days(1) });
        assert_eq!(pair.last_activity_at, days(1));
    }
}

/// D7: what one writes reaches the other only if no block stands between them by then; the text itself is
/// in no message and no event.
#[test]
fn what_is_written_passes_between_the_two() {
    for (write, act) in WRITES {
        let view = with_post(active(), mine(80));
        let decision = given(&view).by(me(1)).does(act);
        let set = &decision.changes;
        let between = set.outbox.iter().all(|it| it.between == view.pair.people());
        assert!(between && view.pair.people().is_some(), "{write}");
        assert!(said(set).iter().all(|it| it.ends_with(" > p002")), "{write}");
        let told = format!("{:?} {:?}", set.outbox, set.audit);
        assert!(!told.contains("wind") && !told.contains("Ahoy"), "{write}");
    }
}

/// A clock that jumps back makes nobody look idle for longer.
#[test]
fn activity_never_goes_back() {
    let mut view = pair_view(active());
    view.pair.last_activity_at = days(5);
    let decision = given(&view).by(me(1)).at(days(4)).does(WRITES[0].1);
    assert_eq!(pairs_in(&decision.changes)[0].last_activity_at, days(5));
}

fn posts(view: &PairView, step: &str, reply_to: Option<PostId>) -> String {
    match given(view).by(me(2)).tries(|view, cx| post(view, &slug(step), reply_to, words(), cx)) {
        Ok(decision) => decision.reply.seq.to_string(),
        Err(refusal) => refusal.code().to_owned(),
    }
}

/// Posts are numbered without gaps, stand on a step that is open or over, and comments on a post there.
#[test]
fn a_post_stands_on_a_step_and_a_comment_on_a_post() {
    let mut view = with_post(active(), mine(80));
    view.pair.last_seq = 6;
    assert_eq!(posts(&view, "hello", None), "7");
    assert_eq!(posts(&view, "hello", Some(id(80))), "7");
    assert_eq!(posts(&view, "sail", None), "pair.not_writable", "it is locked");
    assert_eq!(posts(&view, "swim", None), "not_found");
    assert_eq!(posts(&view, GENERAL_STEP, None), "not_found");
    let other_step = mine(80);
    for gone in [
        Post { removed_at: Some(start()), ..mine(80) },
        Post { reply_to: Some(id(79)), ..mine(80) },
        Post { step: slug("sail"), ..other_step },
        mine(81),
    ] {
        let view = with_post(active(), gone);
        assert_eq!(posts(&view, "hello", Some(id(80))), "not_found");
    }
    let unguided = PairView { steps: Vec::new(), ..pair_view(active()) };
    assert_eq!(posts(&unguided, GENERAL_STEP, None), "1");
}

/// Only the author changes or removes what they wrote; a removed post keeps its place and loses its text.
#[test]
fn a_post_is_its_authors() {
    for act in [WRITES[2].1, WRITES[3].1] {
        let view = with_post(active(), mine(80));
        assert_eq!(given(&view).by(me(2)).refuses(act), "not_found");
        assert_eq!(given(&pair_view(active())).by(me(1)).refuses(act), "not_found");
    }
    let view = with_post(active(), mine(80));
    let decision = given(&view).by(me(1)).at(days(1)).does(remove);
    let gone = decision.changes.changes.iter().find_map(|change| match change {
        Change::Post(post) => Some(post.clone()),
        _ => None,
    });
    let gone = gone.unwrap();
    assert_eq!((gone.body.as_ref(), gone.removed_at, gone.seq), (None, Some(days(1)), 1));
    assert_eq!((gone.author.clone(), gone.revision), (who(1), 0));
    let again = with_post(active(), gone);
    assert_eq!(given(&again).by(me(1)).refuses(remove), "not_found");
}

/// Row 35: skipping is an answer, and a low score asks the admins for support: it never ends anything, and
/// tells the partner nothing.
#[test]
fn a_low_score_asks_for_support_and_ends_nothing() {
    for score in [None, Some(1), Some(2), Some(3), Some(5)] {
        let view = pair_view(active());
        let input = CheckInInput { score, ..week(1) };
        let decision = given(&view).by(me(2)).does(|view, cx| check_in(view, None, input, cx));
        let low = score.is_some_and(|score| score <= 2);
        let expected: &[&str] = if low { &["check_in.low > admins"] } else { &[] };
        assert_eq!(said(&decision.changes), expected);
        assert_eq!(pairs_in(&decision.changes)[0].state, active());
    }
}

/// Not theirs, then the numbers, then the state; the closing survey is open after the end too.
#[test]
fn checking_in_is_refused_in_order() {
    let ask = |view: &PairView, input: CheckInInput| match given(view)
        .by(me(1))
        .at(days(8))
        .tries(|view, cx| check_in(view, None, input, cx))
    {
        Ok(_) => "stored",
        Err(refusal) => refusal.code(),
    };
    let bad = CheckInInput { score: Some(6), ..week(1) };
    let stranger = given(&pair_view(ended()))
        .by(me(3))
        .refuses(|view, cx| check_in(view, None, bad.clone(), cx));
    assert_eq!(stranger, "not_found");
    let over = pair_view(ended());
    assert_eq!(ask(&over, bad), "input.out_of_range");
    for (number, told) in
        [(0, "input.out_of_range"), (1, "stored"), (2, "stored"), (3, "input.out_of_range")]
    {
        assert_eq!(ask(&pair_view(active()), week(number)), told, "week {number}");
    }
    let note = Some(Note::new("A fine crew.").unwrap());
    let early = CheckInInput { testimonial: note.clone(), ..week(1) };
    assert_eq!(ask(&over, early), "input.conflict");
    assert_eq!(ask(&over, week(1)), "pair.not_writable");
    let closing = CheckInInput { kind: CheckInKind::Closing, testimonial: note, ..week(1) };
    assert_eq!(ask(&over, closing.clone()), "stored");
    let since = start();
    let frozen = PairState::Frozen { since, resume_to: Box::new(active()), held_by: by_hand() };
    assert_eq!(ask(&pair_view(frozen), closing), "pair.not_writable");
}
