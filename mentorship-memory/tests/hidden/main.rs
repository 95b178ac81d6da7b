//! What is hidden from somebody changes nothing for them (D2, D3, D5, D6, D9, D10, D12, D23, row 58, I9, I10). Two worlds of one
//! random history differ in one hidden thing; then the one whom it is hidden from does the same random things in
//! both. Every answer and error, every listing and count, every message and the questions that the store is asked
//! have to be the same, byte for byte.
//!
//! `MENTORSHIP_WORLDS` says how many pairs of worlds are compared (at least; default 20,000), `MENTORSHIP_SEED` the chances;
//! a failure is made small and tells the numbers that show it:
//!
//! ```text
//! MENTORSHIP_WORLDS=100000 cargo test --release -p mentorship-memory --all-features --test hidden -- --nocapture
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod acts;
mod around;
mod recorded;
mod returns;
mod runs;
mod subject;
mod worlds;

use std::{cell::RefCell, collections::BTreeMap, sync::atomic::Ordering};

use mentorship_core::{
    base::id::CaseId,
    conformance::make::{id, who},
    model::event::Audience,
};
use proptest::{
    collection::vec,
    prelude::any,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};

use self::{
    acts::{ADMIN_ACTS, RUN_ACTS},
    around::{About, Crowd, STAFF, Worked},
    returns::{Kept, NEWCOMER, Return, Said},
    subject::{Accused, STAGES, WARNED},
    worlds::{Fact, Past, STRANGER, Side, Then},
};

/// Histories that are drawn before it is looked at whether there were enough worlds.
const HISTORIES: u32 = 50;

/// What is hidden, and from whom.
#[derive(Clone, Copy, Debug)]
enum Secret {
    /// Something of `x` from `o`, who is one of the two, or another participant.
    Of { x: u64, o: u64, reader: u64, facts: [Fact; 2] },
    /// What is said between `x` and `o`, from the admins.
    FromAdmins { x: u64, o: u64, facts: [Fact; 2] },
    /// Whether somebody is there who signed up and then blocked admin 900, from that admin (D6, D9).
    FromWhomTheyBlock { facts: [Fact; 2] },
    /// A case of `o` about `x`, from an admin whom a tie recuses.
    Case { x: u64, o: u64, tie: Option<u8>, stage: u8 },
    /// What stood between somebody who has come back and another one, from a participant, or from the admins.
    Back { who: Return, reader: Option<u64>, facts: [Kept; 2] },
    /// What there is around staff or a partner of theirs, from them.
    Around { who: About, crowds: [Crowd; 2] },
    /// A case of or about staff or a partner of theirs, from them.
    CaseFromStaff { who: About, worked: Worked },
    /// A case about `subject`, from them.
    Accused { subject: u64, case: Accused },
}

/// Why somebody is not there for the other: each looks like any other one of them.
const ABSENT: [Fact; 6] =
    [Fact::Block, Fact::Minor, Fact::Held, Fact::Paused, Fact::Full, Fact::Left];

/// What ends a draft at once. Where a later choice of the mentee waits for the draft, it is offered then, which is
/// heard; while somebody is only away, the draft and the choice wait. An admin can send an offer at any time, and of
/// the draft the mentee has never heard.
const GONE: [Fact; 2] = [Fact::Block, Fact::Left];

/// Of somebody whom the other has nothing to do with, there is nothing to tell.
const STRANGE: [Fact; 5] = [
    Fact::Nothing,
    Fact::SignedUp(Then::Nothing),
    Fact::SignedUp(Then::Block),
    Fact::SignedUp(Then::Erased),
    Fact::SignedUp(Then::Minor),
];

/// To an admin somebody with whom a block stands does not exist.
const BLOCKS_THE_ADMIN: [Fact; 2] = [Fact::Nothing, Fact::SignedUp(Then::Block)];

fn two_of<T: Copy>(facts: &[T], choice: u8) -> [T; 2] {
    let (n, choice) = (facts.len(), usize::from(choice));
    let one = choice % n;
    [facts[one], facts[(one + 1 + choice / n % (n - 1)) % n]]
}

impl Secret {
    fn of(past: &Past, [family, two, fact, more]: [u8; 4]) -> Self {
        let [x, o] = match two % 8 {
            0 => [1, 2],
            1 => [2, 1],
            2 => [3, 4],
            3 => [4, 3],
            n => [u64::from(n % 2) * 2 + 1, u64::from(two / 8 % 3) * 2 + 2],
        };
        let (live, open) = (!past.live(x, o).is_empty(), !past.open(x, o).is_empty());
        let apart = [Fact::Block, Fact::Avoid];
        let absent: &[Fact] = if past.is_waited_for(x, o) { &GONE } else { &ABSENT };
        match family % 13 {
            0..=2 if live && more.is_multiple_of(2) => {
                Self::Of { x, o, reader: o, facts: [Fact::Minor, Fact::HeldAndFrozen] }
            }
            0..=2 if live => Self::Of { x, o, reader: o, facts: [Fact::Block, Fact::EndedAndFull] },
            0..=2 => Self::Of { x, o, reader: o, facts: two_of(absent, fact) },
            3 => Self::Of { x: STRANGER, o, reader: o, facts: two_of(&STRANGE, fact) },
            4 if open => Self::Of { x, o, reader: o, facts: two_of(absent, fact) },
            4 => {
                let mut others = (1..=6).filter(|n| ![x, o].contains(n));
                let reader = others.nth(usize::from(more % 4)).unwrap();
                let facts = if live { [Fact::Block, Fact::Ended] } else { apart };
                Self::Of { x, o, reader, facts }
            }
            5 if !open && !live => Self::FromAdmins { x, o, facts: apart },
            6 | 7 => Self::back(past, [x, o], fact, more),
            8 => {
                let crowds = [fact, more].map(Crowd::of);
                Self::Around { who: About { x, tie: Some(two / 8) }, crowds }
            }
            9 => {
                let worked = Worked { o, turned: fact.is_multiple_of(2), stage: more % 8 };
                Self::CaseFromStaff { who: About { x, tie: Some(two / 8) }, worked }
            }
            12 => {
                // By a partner, somebody else who takes part, or somebody whom nobody has met.
                let by = if fact.is_multiple_of(5) { STRANGER } else { x };
                let case = Accused { by, stage: more % STAGES, also: fact.is_multiple_of(2) };
                Self::Accused { subject: o, case }
            }
            11 => Self::FromWhomTheyBlock { facts: BLOCKS_THE_ADMIN },
            _ => Self::Case { x, o, tie: Some(fact), stage: more % 8 },
        }
    }

    /// `x` comes back, and `o` or `x` themselves, a third one, or an admin looks.
    fn back(past: &Past, [x, o]: [u64; 2], fact: u8, more: u8) -> Self {
        let (key, choice) = (if fact.is_multiple_of(2) { x } else { NEWCOMER }, fact / 4);
        let third = || (1..=6).filter(|n| ![x, o].contains(n)).nth(usize::from(more / 4 % 4));
        // What a block ends at once, admins see end before the erasure.
        let is_quiet = past.live(x, o).is_empty() && past.open(x, o).is_empty();
        let reader = match more % 4 {
            3 if is_quiet => None,
            0 | 3 => Some(o),
            1 => Some(key),
            _ => third(),
        };
        let may_stay = key != x && ![Some(key), None].contains(&reader);
        let erased = !may_stay || (fact / 2).is_multiple_of(2);
        // Without an erasure it ends in one world alone what there is between the two.
        let is_only_told = !erased || may_stay && choice % 3 == 0;
        // Of what they have said themselves people read, but not of whom it is said as well now.
        let by_o = match reader {
            Some(n) if n == o => is_only_told && (choice / 4).is_multiple_of(2),
            Some(n) if n == key => true,
            _ => choice.is_multiple_of(2),
        };
        let who = Return { x, o, key, erased, by_o };
        let facts = if is_only_told {
            let said = [Said::Block, Said::Avoid][usize::from(choice % 2)];
            [true, false].map(|told| Kept { said, told })
        } else {
            let said: &[Said] = match reader {
                Some(n) if n == o || n == key => {
                    &[Said::Nothing, Said::Block, Said::Avoid, Said::Full]
                }
                // Whether somebody takes nobody others see by what they are offered.
                Some(_) => &[Said::Nothing, Said::Block, Said::Avoid],
                None => &[Said::Block, Said::Avoid],
            };
            two_of(said, choice).map(|said| Kept { said, told: true })
        };
        Self::Back { who, reader, facts }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Of { x: STRANGER, .. } => "whether somebody is there",
            Self::Of { o, reader, .. } if o != reader => "what two others have between them",
            Self::Of { facts: [Fact::Minor, Fact::HeldAndFrozen], .. } => "why a pair stands still",
            Self::Of { facts: [Fact::Block, Fact::EndedAndFull], .. } => "how a pair ended",
            Self::Of { .. } => "why somebody is not available",
            Self::FromAdmins { .. } => "a block, from an admin",
            Self::FromWhomTheyBlock { .. } => "somebody, from the admin whom they block",
            Self::Case { .. } => "a case, from a recused admin",
            Self::Back { reader: None, .. } => "what is kept of somebody, from an admin",
            Self::Back { .. } => "what is kept of somebody who came back",
            Self::CaseFromStaff { .. } => "a case, from recused staff",
            Self::Accused { .. } => "a case, from whom it is about",
            Self::Around { .. } => "what there is around staff and partners, from them",
        }
    }
}

/// What the directory costs: somebody who is kept apart is looked at before they are left out, and somebody who is
/// away is not. It shows in how long a page takes and in nothing that it says.
const DIRECTORY_LOOKS_AT_HIDDEN_PEOPLE: &[u8] = &[31, 32];

/// What the lists of an admin cost: somebody whom a block keeps apart from them is looked at before they are left
/// out. It shows in how long a page takes and in nothing that it says.
const ADMIN_LOOKS_AT_HIDDEN_PEOPLE: &[u8] =
    &[9, 10, 12, 13, 14, 15, 24, 25, 29, RUN_ACTS + 1, RUN_ACTS + 2, RUN_ACTS + 3, RUN_ACTS + 4];

/// What the sign-up of somebody who was here before costs: what is kept of them is looked at, with everybody it
/// stands to. It shows in how long that takes and in nothing that it says.
const SIGN_UP_LOOKS_BACK: u8 = 28;

/// Somebody who blocks the reader of a queue is one of those from whom the reader is kept apart. The store has answered
/// who these are just before, whether or not there is a case of theirs, and is asked once for all of them.
fn without_apart(asked: &str) -> String {
    let Some((before, rest)) = asked.split_once("apart: {") else { return asked.to_owned() };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    format!("{before}apart: {{}}{after}")
}

/// What follows from a command is done after it: where a draft that its people do not see falls by it, the mentee's
/// next choice is looked for. It shows in how long the command takes and in nothing that it says.
fn without_next_choice(mut asked: Vec<String>) -> Vec<String> {
    let next = asked.iter().position(|it| it.starts_with("list") && it.contains("ProposalsOf"));
    asked.truncate(next.unwrap_or(asked.len()));
    asked
}

/// The text without the last digits of the ids of events: they count here what an act has written, and are drawn by
/// chance everywhere else.
fn without_counts(text: &str) -> String {
    let mut parts = text.split("-0000-");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let counts = part.len() >= 12
            && !part.starts_with("0000")
            && part.bytes().take(12).all(|it| it.is_ascii_hexdigit());
        shown.push_str("-0000-");
        shown.push_str(if counts { &part[12..] } else { part });
    }
    shown
}

#[expect(clippy::too_many_lines, reason = "one step after the other, of two worlds")]
async fn compare(past: &Past, secret: Secret, acts: &[[u8; 3]]) -> Result<(), String> {
    let sides = [Side::of(past), Side::of(past)];
    let mut case: CaseId = id(4_242);
    match secret {
        Secret::Of { x, o, facts, .. } | Secret::FromAdmins { x, o, facts } => {
            for (side, fact) in sides.iter().zip(facts) {
                side.make(past, fact, x, o).await.map_err(|error| format!("{fact:?}: {error}"))?;
            }
        }
        Secret::FromWhomTheyBlock { facts } => {
            for (side, fact) in sides.iter().zip(facts) {
                let best = side.best_pairs(past).await;
                let made = side.make(past, fact, STRANGER, 900).await;
                made.map_err(|error| format!("{fact:?}: {error}"))?;
                if let Fact::SignedUp(then) = fact {
                    let joined = side.join(past, then == Then::Block).await;
                    joined.map_err(|error| format!("{fact:?}: {error}"))?;
                }
                side.stage_with_strangers(best).await;
            }
            assert_eq!(sides[0].runs(), sides[1].runs(), "ids of an act are its own");
        }
        Secret::Case { x, o, tie, stage } => {
            if let Some(tie) = tie {
                for side in &sides {
                    side.recuse(past, tie, x, o).await;
                }
            }
            let programs = past.programs();
            let program = programs[usize::from(stage) % programs.len()];
            case = sides[0].report(program, o, x, stage).await.unwrap_or(case);
        }
        Secret::Back { who, facts, .. } => {
            let is_tried = returns::may_be_tried(who, facts);
            for (side, kept) in sides.iter().zip(facts) {
                let back = side.come_back(past, who, kept, is_tried).await;
                back.map_err(|error| format!("{secret:?}: {error}"))?;
            }
            let [one, other] = [0, 1].map(|n: usize| sides[n].back_of(who.key));
            assert_eq!(one, other, "ids of an act are its own");
        }
        Secret::Around { who, crowds } => {
            let one = sides[0].surround(past, who, crowds[0]).await;
            let other = sides[1].surround(past, who, crowds[1]).await;
            assert_eq!(one.0, other.0, "the same one in both");
            case = one.1.or(other.1).unwrap_or(case);
        }
        Secret::CaseFromStaff { who, worked } => {
            let filed = sides[0].work(past, (who, worked), true).await;
            sides[1].work(past, (who, worked), false).await;
            case = filed.unwrap_or(case);
        }
        Secret::Accused { subject, case: of } => {
            let filed = sides[0].accuse(past, subject, of, true).await;
            sides[1].accuse(past, subject, of, false).await;
            case = filed.unwrap_or(case);
        }
    }
    let programs = past.programs();
    let admins = programs.into_iter().map(Audience::ProgramAdmins);
    let ears: Vec<_> = match secret {
        Secret::Of { reader, .. } | Secret::Back { reader: Some(reader), .. } => {
            vec![Audience::Person(who(reader))]
        }
        Secret::Accused { subject, .. } => vec![Audience::Person(who(subject))],
        // What goes to all of the staff the host keeps from whom it is about.
        Secret::Around { .. } | Secret::CaseFromStaff { .. } => vec![Audience::Person(who(STAFF))],
        Secret::FromAdmins { .. }
        | Secret::FromWhomTheyBlock { .. }
        | Secret::Back { reader: None, .. } => admins.chain([Audience::Person(who(900))]).collect(),
        Secret::Case { .. } => admins.chain([Audience::Person(who(901))]).collect(),
    };
    if let Secret::FromWhomTheyBlock { .. } = secret {
        // That somebody signed up the admin heard before a block stood.
        for side in &sides {
            side.turn(2);
            drop(side.heard(&ears).await);
        }
    }
    // First nothing is done: what came of the fact itself is heard.
    for (turn, act) in (2..).zip(std::iter::once(None).chain(acts.iter().map(Some))) {
        let mut seen = Vec::new();
        for side in &sides {
            side.turn(turn);
            drop(side.asked.take());
            let answer = match (act, secret) {
                (None, _) => "nothing is done".to_owned(),
                (Some(act), Secret::Of { x, reader, .. }) => {
                    acts::participant(side, past, reader, x, *act).await
                }
                (Some(act), Secret::FromAdmins { x, .. }) => {
                    acts::admin(side, past, 900, x, case, *act).await
                }
                (Some(act), Secret::FromWhomTheyBlock { .. }) => {
                    acts::admin(side, past, 900, 1, case, *act).await
                }
                (Some(act), Secret::Back { who, reader: Some(reader), .. }) => {
                    let other = if reader == who.key { who.o } else { who.key };
                    acts::participant(side, past, reader, other, *act).await
                }
                (Some(act), Secret::Back { who, reader: None, .. }) => {
                    acts::admin(side, past, 900, who.key, case, *act).await
                }
                (Some(act), Secret::Around { .. }) => {
                    around::staff(side, past, (case, false), *act).await
                }
                (Some(act), Secret::CaseFromStaff { .. }) => {
                    around::staff(side, past, (case, true), *act).await
                }
                (Some(act), Secret::Accused { subject, case: of }) => {
                    subject::subject(side, past, (subject, of.by), case, *act).await
                }
                (Some(act), Secret::Case { x, .. }) => {
                    acts::admin(side, past, 901, x, case, *act).await
                }
            };
            let mut asked = without_next_choice(side.asked.take());
            let looks_at_hidden = act.is_some_and(|it| match secret {
                Secret::Back { reader: Some(_), .. } => {
                    let act = it[0] % 34;
                    SIGN_UP_LOOKS_BACK == act || DIRECTORY_LOOKS_AT_HIDDEN_PEOPLE.contains(&act)
                }
                Secret::Of { .. } => DIRECTORY_LOOKS_AT_HIDDEN_PEOPLE.contains(&(it[0] % 34)),
                Secret::FromWhomTheyBlock { .. } => {
                    ADMIN_LOOKS_AT_HIDDEN_PEOPLE.contains(&(it[0] % ADMIN_ACTS))
                }
                Secret::Case { .. }
                | Secret::Around { .. }
                | Secret::CaseFromStaff { .. }
                | Secret::Accused { .. }
                | Secret::FromAdmins { .. }
                | Secret::Back { .. } => false,
            });
            if answer == "time passes" || looks_at_hidden {
                asked.clear();
            }
            if let Secret::FromWhomTheyBlock { .. } = secret {
                for it in &mut asked {
                    *it = without_apart(it);
                }
            }
            let answer = without_counts(&side.without_names(&answer));
            seen.push((answer, side.heard(&ears).await, asked));
        }
        if seen[0] != seen[1] {
            let differs = seen[0].0 != seen[1].0;
            let what = if differs { "answer" } else { "message or question" };
            return Err(format!("{secret:?}: {act:?}: the {what} differs:\n{seen:#?}"));
        }
    }
    Ok(())
}

/// Every act in turn.
fn every_act() -> Vec<[u8; 3]> {
    (0..ADMIN_ACTS).flat_map(|what| [[what, 0, 0], [what, 1, 1]]).collect()
}

/// The comparison finds what is not hidden: it is not that nothing is looked at.
#[test]
fn what_is_not_hidden_is_told() {
    use Fact::{Block, Ended, HeldAndFrozen, Left, Minor, Nothing, Paused};
    let of = |x, facts| Secret::Of { x, o: 2, reader: 2, facts };
    let back = |reader, said: [Said; 2]| Secret::Back {
        who: Return { x: 5, o: 6, key: 5, erased: true, by_o: false },
        reader,
        facts: said.map(|said| Kept { said, told: true }),
    };
    let around = |tie, crowds: [[u64; 2]; 2]| Secret::Around {
        who: About { x: 1, tie },
        crowds: crowds.map(|[blocks, reports]| Crowd { blocks, reports }),
    };
    let from_staff = |tie, turned, stage| Secret::CaseFromStaff {
        who: About { x: 1, tie },
        worked: Worked { o: 2, turned, stage },
    };
    let accused = |stage, also| Secret::Accused {
        subject: 2,
        case: Accused { by: if also { 1 } else { STRANGER }, stage, also },
    };
    let told = [
        accused(WARNED, false),
        accused(WARNED, true),
        of(1, [Nothing, Block]),
        of(1, [Minor, Block]),
        of(1, [Minor, Ended]),
        of(1, [HeldAndFrozen, Left]),
        Secret::FromAdmins { x: 5, o: 6, facts: [Nothing, Block] },
        Secret::FromAdmins { x: 5, o: 6, facts: [Nothing, Paused] },
        Secret::FromWhomTheyBlock { facts: [Nothing, Fact::SignedUp(Then::Nothing)] },
        Secret::Case { x: 1, o: 2, tie: None, stage: 0 },
        Secret::Case { x: 1, o: 2, tie: None, stage: 5 },
        back(None, [Said::Nothing, Said::Block]),
        // What they have said themselves is theirs again.
        back(Some(5), [Said::Nothing, Said::Block]),
        around(None, [[0, 0], [3, 0]]),
        around(None, [[0, 0], [0, 3]]),
        from_staff(None, false, 0),
        from_staff(None, true, 7),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let past = runtime.block_on(Past::of(&[]));
    for secret in told {
        let found = runtime.block_on(compare(&past, secret, &every_act()));
        assert!(found.is_err(), "{secret:?} is not found");
    }
    // Drafts of a run, by each way to read them: the other runs are looked at as well.
    let facts = [Nothing, Fact::SignedUp(Then::Nothing)];
    for what in 1..=3 {
        let acts: Vec<_> = (0..8).map(|n| [RUN_ACTS + what, n / 2, n % 2]).collect();
        let found = runtime.block_on(compare(&past, Secret::FromWhomTheyBlock { facts }, &acts));
        assert!(found.is_err(), "drafts of a run are not found by {what}");
    }
    let hidden = [
        of(5, [Block, Minor]),
        Secret::FromAdmins { x: 5, o: 6, facts: [Block, Fact::Avoid] },
        Secret::FromWhomTheyBlock { facts: BLOCKS_THE_ADMIN },
        Secret::Case { x: 1, o: 2, tie: Some(0), stage: 7 },
        back(Some(6), [Said::Nothing, Said::Block]),
        back(Some(3), [Said::Nothing, Said::Block]),
        around(Some(0), [[0, 0], [4, 4]]),
        around(Some(1), [[0, 0], [4, 4]]),
        around(Some(2), [[0, 0], [4, 4]]),
        from_staff(Some(0), false, 7),
        from_staff(Some(1), false, 5),
        from_staff(Some(2), true, 7),
    ];
    let accused = (0..STAGES).flat_map(|stage| [accused(stage, false), accused(stage, true)]);
    for secret in hidden.into_iter().chain(accused) {
        runtime.block_on(compare(&past, secret, &every_act())).unwrap();
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |it| it.parse().expect(name))
}

#[test]
fn what_is_hidden_changes_nothing() {
    let (pairs, seed) = (number("MENTORSHIP_WORLDS", 20_000), number("MENTORSHIP_SEED", 1));
    let mut chance = [0; 32];
    chance[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases: HISTORIES, failure_persistence: None, ..Config::default() };
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &chance);
    let numbers = (any::<[u8; 4]>(), vec(any::<[u8; 3]>(), 1..8));
    let worlds = (vec(any::<[u8; 4]>(), 0..30), vec(numbers, 1..80));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let counts: RefCell<BTreeMap<&str, u64>> = RefCell::default();
    let mut compared = 0;
    while compared < pairs {
        let mut runner = TestRunner::new_with_rng(config.clone(), rng);
        rng = runner.new_rng();
        let outcome = runner.run(&worlds, |(moves, all)| {
            runtime.block_on(async {
                let past = Past::of(&moves).await;
                for (of, acts) in all {
                    let secret = Secret::of(&past, of);
                    *counts.borrow_mut().entry(secret.name()).or_insert(0) += 1;
                    compare(&past, secret, &acts).await.map_err(TestCaseError::fail)?;
                }
                Ok(())
            })
        });
        match outcome {
            Ok(()) => {}
            Err(TestError::Fail(reason, numbers)) => panic!("{reason}\nby {numbers:?}"),
            Err(TestError::Abort(reason)) => panic!("{reason}"),
        }
        compared = counts.borrow().values().sum();
    }
    let shown = acts::DIRECTORIES.load(Ordering::Relaxed);
    println!(
        "{:#?}\n{compared} pairs of worlds, {shown} directories with somebody in them",
        counts.borrow()
    );
    assert!(shown > 0, "a directory is nothing to hide in if nobody is there");
    let cases = subject::CASES.load(Ordering::Relaxed);
    println!("{cases} cases were there in one of two worlds for whom they are about");
    assert!(cases > 0, "nothing is hidden where nobody is reported");
    let read = [&runs::DRAFTS, &runs::HIDDEN_DRAFTS].map(|it| it.load(Ordering::Relaxed));
    println!("of runs {} drafts were read, and {} were hidden", read[0], read[1]);
    assert!(read.iter().all(|it| *it > 0), "a run is nothing to hide in if nobody is in it");
    assert_eq!(counts.borrow().len(), 13, "every kind of secret");
}
