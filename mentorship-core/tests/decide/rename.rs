//! Another key for a person: who may, what is refused, and what is told of it.

use mentorship_core::{
    base::host::PersonId,
    change::{Change, Key, Renaming},
    conformance::make::who,
    decide::{
        Cx, Decision, Refusal,
        rename::{erase, rename},
    },
    model::{event::Audience, person::Person, relation::Relation, rename::Rename},
    view::RenameView,
};

use crate::given::{admin, blocked, clock, given, host, me, person, staff};

fn view(to: &PersonId) -> RenameView {
    RenameView {
        from: person(1),
        to: Person::unknown(to.clone()),
        from_known: true,
        to_known: false,
    }
}

fn pseudonym() -> PersonId {
    PersonId::erased(uuid::Uuid::max())
}

fn assert_tells_the_new_key_alone<T>(decision: &Decision<T>, to: &PersonId, kinds: [&str; 2]) {
    let set = &decision.changes;
    let version = person(1).version;
    assert_eq!(set.renaming(), Ok(Some(Renaming { from: &who(1), to, version })));
    assert!(matches!(set.changes[..], [Change::RenamePerson { .. }]));
    let ([event], [message]) = (&set.audit[..], &set.outbox[..]) else { panic!("one of each") };
    assert_eq!([event.action.as_str(), message.kind.as_str()], kinds);
    assert_eq!((&event.subject, event.private), (&Key::Person(to.clone()), true));
    assert_eq!(message.to, Audience::Person(to.clone()));
    assert!(!event.names(&who(1)) && !message.names(&who(1)));
}

#[test]
fn the_event_and_the_message_tell_the_new_key_alone() {
    let to = who(77);
    let decision = given(&view(&to)).by(host()).does(rename);
    assert_tells_the_new_key_alone(&decision, &to, ["person.rename", "person.renamed"]);
    let decision = given(&view(&pseudonym())).by(host()).does(erase);
    assert_eq!(decision.reply, pseudonym());
    let kinds = ["person.erase_key", "person.key_erased"];
    assert_tells_the_new_key_alone(&decision, &pseudonym(), kinds);
}

#[test]
fn only_the_host_may_and_only_for_somebody_known() {
    for by in [me(1), admin(900), staff(), clock()] {
        assert_eq!(given(&view(&who(77))).by(by.clone()).refuses(rename), "not_found");
        assert_eq!(given(&view(&pseudonym())).by(by).refuses(erase), "not_found");
    }
    let unknown = |to: &PersonId| RenameView { from_known: false, ..view(to) };
    assert_eq!(given(&unknown(&who(77))).by(host()).refuses(rename), "not_found");
    assert_eq!(given(&unknown(&pseudonym())).by(host()).refuses(erase), "not_found");
}

#[test]
fn a_key_that_cannot_be_taken_is_refused() {
    let refused = |view: &RenameView| {
        let act =
            |view: &RenameView, cx: Cx<'_>| -> Result<Decision<()>, Refusal> { rename(view, cx) };
        given(view).by(host()).tries(act).map(drop).unwrap_err().code()
    };
    assert_eq!(refused(&view(&who(1))), "input.conflict");
    assert_eq!(refused(&view(&pseudonym())), "input.form");
    assert_eq!(refused(&RenameView { to_known: true, ..view(&who(77)) }), "person.key_taken");
}

/// What each has said goes with them, whichever of the two keys is the smaller.
#[test]
fn the_two_of_a_relation_change_places_with_what_they_said() {
    let before = blocked(2, 5);
    let said = *before.stance(&who(2)).unwrap();
    for to in [who(1), who(3), who(77)] {
        let mut after: Relation = before.clone();
        assert!(after.rename(&who(2), &to));
        assert_eq!(after.stance(&to), Some(&said));
        assert_eq!(after.stance(&who(5)), before.stance(&who(5)));
        assert!(after.rename(&to, &who(2)));
        assert_eq!(after, before);
    }
    let mut one = before.clone();
    assert!(!one.rename(&who(2), &who(5)), "two never become one");
    assert_eq!(one, before);
}
