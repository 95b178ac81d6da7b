//! What messages say: that every text can be found, filled and translated, and tells nothing that may not be
//! told. `docs/messages.md` is the same table for whoever translates it or decides what to send; a key or a
//! kind that stands there never changes once released.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use mentorship_core::{
    base::{
        host::PersonId,
        id::{MessageId, ProgramId},
        text::{Prompt, SLUG_MAX_BYTES, Slug, Title},
        time::Timestamp,
    },
    model::{
        event::{Audience, OutboxMessage},
        message::{MessageKey, MessageKind, MessageText, Placeholder, Reader, english, fill},
        pair::EndKind,
        report::{Outcome, Priority, Ruling},
    },
};

fn message(kind: &str, reader: Reader, code: Option<&str>) -> OutboxMessage {
    let program = ProgramId::from(uuid::Uuid::nil());
    let to = match reader {
        Reader::Person => Audience::Person(PersonId::from(1_i64)),
        Reader::Admins => Audience::ProgramAdmins(program),
        Reader::Staff => Audience::Staff,
    };
    OutboxMessage {
        id: MessageId::from(uuid::Uuid::nil()),
        at: Timestamp::UNIX_EPOCH,
        kind: Slug::new(kind).unwrap(),
        to,
        between: None,
        program: Some(program),
        proposal: None,
        pair: None,
        case: None,
        step: None,
        code: code.map(|code| Slug::new(code).unwrap()),
    }
}

fn said(kind: MessageKind, reader: Reader, code: Option<&str>) -> &'static MessageText {
    english(&message(kind.code(), reader, code)).unwrap()
}

/// What stands in braces.
fn marks(text: &str) -> BTreeSet<&str> {
    text.match_indices('{').map(|(at, _)| &text[at..=at + text[at..].find('}').unwrap()]).collect()
}

#[test]
fn every_text_has_a_key_of_its_own() {
    let keys: BTreeSet<String> =
        MessageText::ALL.iter().flat_map(|it| [it.key.title(), it.key.body()]).collect();
    assert_eq!(keys.len(), 2 * MessageText::ALL.len());
    for kind in MessageKind::ALL {
        assert!(Slug::new(kind.code()).is_ok(), "{kind}");
        assert!(MessageText::ALL.iter().any(|it| it.key.kind == *kind), "{kind}");
        assert!(kind.when().ends_with('.') && !kind.when().contains("  "), "{kind}");
    }
    assert!(keys.iter().all(|key| key.len() <= 2 * SLUG_MAX_BYTES));
    assert!(keys.contains("message.pair.ended.title"));
    assert!(keys.contains("message.pair.ended.admins.not_a_fit.body"));
}

#[test]
fn a_text_for_a_code_stands_beside_a_general_one() {
    for text in MessageText::ALL {
        let MessageKey { kind, reader, code } = text.key;
        assert_eq!(said(kind, reader, code), text);
        assert_eq!(said(kind, reader, None).key, MessageKey { kind, reader, code: None });
    }
}

/// A code of the host's own, or of a later version, reads like none.
#[test]
fn an_unknown_code_reads_like_none() {
    for text in MessageText::ALL {
        let MessageKey { kind, reader, .. } = text.key;
        assert_eq!(said(kind, reader, Some("adrift")), said(kind, reader, None));
    }
    assert_eq!(english(&message("ship.sunk", Reader::Person, None)), None);
    assert_eq!(english(&message("pair.ended", Reader::Staff, None)), None);
}

#[test]
fn texts_are_short_and_whole() {
    for MessageText { key, title, body } in MessageText::ALL {
        assert_eq!(Title::new(title).unwrap().as_str(), *title, "{key}");
        assert_eq!(Prompt::new(body).unwrap().as_str(), *body, "{key}");
        assert!(!title.ends_with('.') && body.ends_with('.'), "{key}");
        assert!(!title.contains("  ") && !body.contains("  ") && !body.contains('\n'), "{key}");
    }
}

/// A translator has three placeholders to know, and none is a name.
#[test]
fn placeholders_are_of_the_known_list() {
    let known: BTreeSet<&str> = Placeholder::ALL.iter().map(|it| it.mark()).collect();
    assert_eq!(known, BTreeSet::from(["{program}", "{step}", "{deadline}"]));
    for text in MessageText::ALL {
        let marks: BTreeSet<&str> = marks(text.title).union(&marks(text.body)).copied().collect();
        assert!(marks.is_subset(&known), "{}: {marks:?}", text.key);
        let told: BTreeSet<&str> = text.placeholders().map(Placeholder::mark).collect();
        assert_eq!(told, marks, "{}", text.key);
    }
    for it in Placeholder::ALL {
        assert_eq!(it.mark(), format!("{{{it}}}"));
    }
}

/// D38: neither for nor against meeting in person.
#[test]
fn d38_no_text_speaks_of_meeting() {
    for MessageText { key, title, body } in MessageText::ALL {
        let text = format!("{title} {body}").to_lowercase();
        for word in ["meet", "in person", "face to face", "visit"] {
            assert!(!text.contains(word), "{key}: {word}");
        }
    }
}

/// D2, D14, D23, D29: whatever ended it, what may not be told has no text of its own. Even a code that should
/// never stand in a message (`blocked`, `safety_decision`, `ineligible`, …) reads like none.
#[test]
fn d2_neutral_ends_have_one_text() {
    for reader in [Reader::Person, Reader::Admins] {
        let neutral = said(MessageKind::PairEnded, reader, None);
        for kind in EndKind::ALL {
            let text = said(MessageKind::PairEnded, reader, Some(kind.code()));
            assert_eq!(text == neutral, kind.is_neutral(), "{kind}");
        }
    }
}

/// D2, D3, D14, D16, D23: what is said to those who may not know why gives no cause away.
#[test]
fn d14_neutral_texts_name_no_cause() {
    let neutral = [
        said(MessageKind::PairEnded, Reader::Person, None),
        said(MessageKind::PairEnded, Reader::Admins, None),
        said(MessageKind::PairPausedByProgram, Reader::Person, None),
        said(MessageKind::ProposalUnavailable, Reader::Person, None),
        said(MessageKind::ProposalUnavailable, Reader::Admins, None),
        said(MessageKind::EnrollmentHeld, Reader::Person, None),
        said(MessageKind::EnrollmentRejected, Reader::Person, None),
        said(MessageKind::CaseStatement, Reader::Person, None),
    ];
    for MessageText { key, title, body } in neutral {
        assert_eq!(key.code, None);
        let text = format!("{title} {body}").to_lowercase();
        let causes = [
            "block", "reported", "reporter", "minor", "adult", " age", "ban", "safety", "rule",
            "review", "erase", "delete", "left", "platform", "capacity", "full",
        ];
        for cause in causes {
            assert!(!text.contains(cause), "{key}: {cause}");
        }
    }
}

/// D16: a reporter is told each outcome and each ruling in words of its own; `unfounded` is told as `no_action`.
#[test]
fn d16_what_came_of_a_report_has_words() {
    for it in Outcome::ALL {
        let text = said(MessageKind::CaseDecided, Reader::Person, Some(it.code()));
        assert_eq!(text.key.code.is_none(), *it == Outcome::Unfounded, "{it}");
    }
    for it in Ruling::ALL {
        let text = said(MessageKind::CaseAppealDecided, Reader::Person, Some(it.code()));
        assert_eq!(text.key.code, Some(it.code()));
    }
}

/// D12: what is most urgent is the platform's alone, so that only staff has words for it.
#[test]
fn d12_what_is_urgent_reads_so() {
    for text in MessageText::ALL.iter().filter(|it| it.key.code == Some(Priority::P0.code())) {
        assert_eq!(text.key.reader, Reader::Staff);
        assert!(text.title.starts_with("Urgent: "), "{}", text.key);
    }
}

#[test]
fn only_placeholders_are_filled_and_only_once() {
    let names = |it: Placeholder| match it {
        Placeholder::Program => "{step} & {program}".to_owned(),
        Placeholder::Step => "Hello".to_owned(),
        Placeholder::Deadline => "3 May".to_owned(),
    };
    for (text, filled) in [
        ("{step} in {program}!", "Hello in {step} & {program}!"),
        ("{{step}} {", "{Hello} {"),
        ("{name} {step", "{name} {step"),
        ("{a {deadline}", "{a 3 May"),
        ("", ""),
    ] {
        assert_eq!(fill(text, names), filled, "{text}");
    }
}

const INTRODUCTION: &str = "\
# Messages

Every message that the library puts in the outbox, and its English texts: `mentorship_core::model::message`. \
The kind stands in the message; the key is what a translation is found by, with `.title` or `.body` behind \
it. `{program}` is the title of the message's program, `{step}` that of its step, `{deadline}` the day until \
which its proposal can be answered or, in a message of a program, on which it is archived: you fill them in \
(`message::fill`) from what you may read under the ids of the message, and escape what you fill in. No text \
names anybody.

A text for a code stands beside a general one of the same kind, which is said for every other code. What \
has ended, is held or is not possible any more for a reason that may not be told has one text whatever the \
reason.

This page is written by `MENTORSHIP_WRITE_DOCS=1 cargo test -p mentorship-core --test messages`.
";

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for kind in MessageKind::ALL {
        write!(page, "\n## `{kind}`\n\n{}\n\n", kind.when()).unwrap();
        page += "| Key | To | Title | Body |\n|---|---|---|---|\n";
        for MessageText { key, title, body } in MessageText::ALL {
            if key.kind == *kind {
                let to = match key.reader {
                    Reader::Person => "the person",
                    Reader::Admins => "the admins",
                    Reader::Staff => "the platform",
                };
                writeln!(page, "| `{key}` | {to} | {title} | {body} |").unwrap();
            }
        }
    }
    page
}

#[test]
fn the_page_tells_what_is_said() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/messages.md");
    if std::env::var_os("MENTORSHIP_WRITE_DOCS").is_some() {
        fs::write(&file, page()).unwrap();
    }
    let (written, page) = (fs::read_to_string(&file).unwrap(), page());
    let differs = written.lines().zip(page.lines()).find(|(old, new)| old != new);
    assert!(written == page, "docs/messages.md is not up to date: {differs:?}");
}
