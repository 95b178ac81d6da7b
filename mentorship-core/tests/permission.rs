//! The table of who may do what, against the same written down a second time by standing instead of by action, as
//! the project's rules say it: every cell that says anything else is found. So with what is seen of somebody, and
//! with who may not review.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use mentorship_core::{
    base::text::Slug,
    conformance::reports::{Answer as Told, Deed, MAY},
    decide::report::{RECUSALS, Reason, Recusal},
    model::{
        answer::{Answer, Answers},
        form::Form,
        visible::{Seen, TABLE as SEEN, Viewer, What, When},
    },
    policy::permission::{
        Action,
        Grant::{self, InCase, No, WhenOpen, WhenSupervised, WhenUnrecused, Yes},
        Standing, TABLE,
    },
};
use serde_json::json;

const GRANTS: [Grant; 6] = [No, Yes, WhenOpen, WhenSupervised, WhenUnrecused, InCase];

/// What somebody in this standing may do, and under what condition; nothing else.
#[expect(clippy::too_many_lines, reason = "one list of all that is granted")]
fn may(standing: Standing) -> Vec<(Grant, Vec<Action>)> {
    use Action as A;
    // Whoever acts for themselves, whatever else they are.
    let mut own = vec![
        A::ManageOwnSafety,
        A::ErasePerson,
        A::ExportPerson,
        A::ViewOwnAudit,
        A::FileReport,
        A::ViewOwnCases,
    ];
    match standing {
        // Staff has no ambient read of what people wrote: a case shows what was copied into it.
        Standing::Staff => vec![
            // Of the rest it shows how it stands to whoever works it.
            (InCase, vec![A::ViewEnrollment, A::ViewPair, A::ReadPair]),
            (WhenUnrecused, vec![A::ReviewCases, A::HoldInCase]),
            (
                Yes,
                vec![
                    A::ManageBans,
                    A::MuteReporters,
                    A::ViewProgram,
                    A::ArchiveProgram,
                    A::SuspendProgram,
                    A::HoldEnrollment,
                    A::RemoveEnrollment,
                    A::FreezePair,
                    A::ModerateContent,
                    A::ViewTestimonials,
                    A::ViewStatistics,
                    A::ViewSignals,
                    A::ErasePerson,
                    A::ExportPerson,
                    A::ViewAudit,
                    A::ViewProgramAudit,
                ],
            ),
        ],
        // An admin runs the program and reads no pair, unless both were told before they signed up; learns of no
        // block; reports as a witness; suspends, holds and freezes nothing outside of a case.
        Standing::Admin => vec![
            (WhenSupervised, vec![A::ReadPair]),
            (WhenUnrecused, vec![A::ReviewCases, A::HoldInCase]),
            (
                Yes,
                vec![
                    A::ViewProgram,
                    A::ViewDirectory,
                    A::ManageProgram,
                    A::ArchiveProgram,
                    A::ViewEnrollment,
                    A::DecideApplication,
                    A::ViewDrafts,
                    A::ManageProposals,
                    A::ViewOffer,
                    A::ViewPair,
                    A::ViewTestimonials,
                    A::ViewStatistics,
                    A::EndPair,
                    A::ViewProgramAudit,
                    A::FileReport,
                ],
            ),
        ],
        // The two of a pair may do the same.
        Standing::Mentor | Standing::Mentee => {
            own.extend([
                A::ViewProgram,
                A::ManageEnrollment,
                A::ViewEnrollment,
                A::ViewOffer,
                A::AnswerOffer,
                A::ViewPair,
                A::ReadPair,
                A::WritePair,
                A::PausePair,
                A::EndPair,
                A::RestartPair,
            ]);
            vec![(WhenOpen, vec![A::ViewDirectory, A::Apply]), (Yes, own)]
        }
        Standing::Third => {
            vec![(WhenOpen, vec![A::ViewProgram, A::ViewDirectory, A::Apply]), (Yes, own)]
        }
        // The host's code tells what the host knows, and acts for the platform.
        Standing::Host => vec![(
            Yes,
            vec![
                A::ViewProgram,
                A::SuspendProgram,
                A::HoldEnrollment,
                A::RemoveEnrollment,
                A::FreezePair,
                A::ModerateContent,
                A::RecordPersonFacts,
                A::RenamePerson,
                A::ErasePerson,
                A::Operate,
            ],
        )],
        // Time does what is due, and reads nothing.
        Standing::Clock => vec![(
            Yes,
            vec![
                A::ArchiveProgram,
                A::ManageEnrollment,
                A::ManageProposals,
                A::PausePair,
                A::EndPair,
                A::ReviewCases,
                A::Operate,
            ],
        )],
    }
}

/// The cells of a table that say something else.
fn wrong(table: &[(Action, [Grant; 7])]) -> Vec<(Action, Standing)> {
    let mut wrong = Vec::new();
    for (column, standing) in Standing::ALL.iter().enumerate() {
        let may = may(*standing);
        for (action, cells) in table {
            let found = may.iter().find(|(_, actions)| actions.contains(action));
            if found.map_or(No, |(grant, _)| *grant) != cells[column] {
                wrong.push((*action, *standing));
            }
        }
    }
    wrong
}

#[test]
fn the_table_says_what_the_rules_say() {
    assert_eq!(wrong(TABLE), []);
    // Nothing is said twice of one action.
    for standing in Standing::ALL {
        let mut said: Vec<_> =
            may(*standing).into_iter().flat_map(|(_, actions)| actions).collect();
        let all = said.len();
        said.sort_by_key(|it| it.code());
        said.dedup();
        assert_eq!(said.len(), all, "{standing}");
    }
}

#[test]
fn every_changed_cell_is_found() {
    let mut changed = 0;
    for row in 0..TABLE.len() {
        for (column, standing) in Standing::ALL.iter().enumerate() {
            for grant in GRANTS.into_iter().filter(|it| *it != TABLE[row].1[column]) {
                let mut table = TABLE.to_vec();
                table[row].1[column] = grant;
                assert_eq!(wrong(&table), [(TABLE[row].0, *standing)]);
                changed += 1;
            }
        }
    }
    assert_eq!(changed, TABLE.len() * 7 * 5);
    println!("{changed} changed cells were found");
}

/// What is seen of somebody, as the project's rules say it: `x` all of it, `o` if its author opted in, `s` if they shared
/// it, `v` if both of a pair were told of supervision, `c` how many there are, `vc` one or the other, `w` whether it is
/// so, `+` what speaks for it. What is of a special category is its author's alone, whatever the question says; staff
/// that works a case about the author sees all of it (row 5, D34). Of an age nobody but its owner is told more than
/// whether (D22, D23). Of a block the platform is told how many there are, and nobody else anything (D3, I10).
const SEEN_BY_THE_RULES: &str = "
what                               owner  admin  proposed_partner  partner  group  staff  reviewer
matcher/normal                     x      -      -                 -        -      -      x
admin/normal                       x      x      -                 -        -      -      x
partner/normal                     x      x      -                 x        -      -      x
proposed_partner/normal            x      x      x                 x        -      -      x
group/normal                       x      x      x                 x        o      -      x
matcher/special_category           x      -      -                 -        -      -      x
admin/special_category             x      -      -                 -        -      -      x
partner/special_category           x      -      -                 -        -      -      x
proposed_partner/special_category  x      -      -                 -        -      -      x
group/special_category             x      -      -                 -        -      -      x
age                                x      w      -                 -        -      -      w
match_reasons                      +      x      -                 -        -      -      -
end_reason                         x      s      -                 s        -      -      x
end_note                           x      s      -                 s        -      -      s
check_in_score                     x      vc     -                 -        -      c      -
check_in_note                      x      v      -                 s        -      -      s
testimonial                        x      x      -                 -        -      x      x
blocks                             x      -      -                 -        -      c      -
avoids                             x      c      -                 -        -      -      -
wishes                             x      -      -                 -        -      -      -
";

const WORDS: [(Seen, &str); 9] = [
    (Seen::No, "-"),
    (Seen::Yes, "x"),
    (Seen::OptedIn, "o"),
    (Seen::Shared, "s"),
    (Seen::Supervised, "v"),
    (Seen::SupervisedElseCounted, "vc"),
    (Seen::Counted, "c"),
    (Seen::Whether, "w"),
    (Seen::Positive, "+"),
];

/// The lines of the text after the names of its columns: of what, and what each viewer sees.
fn seen_by_the_rules() -> Vec<(&'static str, Vec<Seen>)> {
    let mut lines = SEEN_BY_THE_RULES.lines().filter(|it| !it.is_empty());
    let columns: Vec<_> = Viewer::ALL.iter().map(|it| it.code()).collect();
    assert!(lines.next().unwrap().split_whitespace().skip(1).eq(columns));
    let seen = |cell: &str| WORDS.iter().find(|(_, word)| *word == cell).unwrap().0;
    lines
        .map(|line| {
            let mut words = line.split_whitespace();
            (words.next().unwrap(), words.map(seen).collect())
        })
        .collect()
}

/// What the text calls it.
fn called(what: What) -> String {
    match what {
        What::Answer(visible_to, how) => format!("{visible_to}/{how}"),
        What::Age => "age".to_owned(),
        What::MatchReasons => "match_reasons".to_owned(),
        What::EndReason => "end_reason".to_owned(),
        What::EndNote => "end_note".to_owned(),
        What::CheckInScore => "check_in_score".to_owned(),
        What::CheckInNote => "check_in_note".to_owned(),
        What::Testimonial => "testimonial".to_owned(),
        What::Blocks => "blocks".to_owned(),
        What::Avoids => "avoids".to_owned(),
        What::Wishes => "wishes".to_owned(),
    }
}

/// The cells of a table that say something else, by row and column.
fn wrong_sights(table: &[(What, [Seen; 7])]) -> Vec<(usize, usize)> {
    let mut wrong = Vec::new();
    let rules = seen_by_the_rules();
    for (row, (what, cells)) in table.iter().enumerate() {
        let (_, expected) = rules.iter().find(|it| it.0 == called(*what)).unwrap();
        assert_eq!(expected.len(), cells.len());
        let columns = (0..cells.len()).filter(|column| cells[*column] != expected[*column]);
        wrong.extend(columns.map(|column| (row, column)));
    }
    wrong
}

#[test]
fn every_changed_cell_of_what_is_seen_is_found() {
    assert_eq!(wrong_sights(SEEN), []);
    assert_eq!(SEEN.len(), seen_by_the_rules().len());
    let mut changed = 0;
    for row in 0..SEEN.len() {
        for column in 0..Viewer::ALL.len() {
            for (seen, _) in WORDS.into_iter().filter(|it| it.0 != SEEN[row].1[column]) {
                let mut table = SEEN.to_vec();
                table[row].1[column] = seen;
                assert_eq!(wrong_sights(&table), [(row, column)]);
                changed += 1;
            }
        }
    }
    assert_eq!(changed, 20 * 7 * 8);
    println!("{changed} changed cells were found");
}

/// A form with a question of each kind in the text, also of those that no program can have, and one answer to each and
/// to a question that nobody asks.
fn asked_everything() -> (Form, Answers) {
    let kinds = seen_by_the_rules().into_iter().filter_map(|(kind, _)| kind.split_once('/'));
    let kinds: Vec<_> = kinds.collect();
    let key = |(visible_to, sensitivity): &(&str, &str)| format!("{sensitivity}_{visible_to}");
    let questions: Vec<_> = kinds
        .iter()
        .map(|kind| {
            json!({
                "key": key(kind), "asked_of": "both", "text": {"key": key(kind), "en": "Words"},
                "answer": {"kind": "integer", "min": 0, "max": 9, "unit": "years"},
                "sensitivity": kind.1, "visible_to": kind.0,
            })
        })
        .collect();
    let form = json!({"version": 1, "questions": questions, "rules": [], "eligibility": []});
    let answer = |key: &str| (Slug::new(key).unwrap(), Answer::Integer(1));
    let answers = kinds.iter().map(|kind| answer(&key(kind))).chain([answer("unknown")]);
    (serde_json::from_value(form).unwrap(), Answers(answers.collect()))
}

/// What is shown is what the text says, cell by cell. Of a question that the form does not have its author alone
/// sees the answer.
#[test]
fn who_sees_which_answer() {
    let (form, answers) = asked_everything();
    let mut tried = 0;
    for (column, viewer) in Viewer::ALL.iter().enumerate() {
        for opted_in in [false, true] {
            let when = When { opted_in, ..When::default() };
            let shown = form.visible_answers(&answers, *viewer, when);
            let holds = |key: &str| shown.0.keys().any(|it| it.as_str() == key);
            for (kind, cells) in seen_by_the_rules() {
                let Some((visible_to, sensitivity)) = kind.split_once('/') else { continue };
                let sees = match cells[column] {
                    Seen::Yes => true,
                    Seen::OptedIn => opted_in,
                    _ => false,
                };
                let key = format!("{sensitivity}_{visible_to}");
                assert_eq!(holds(&key), sees, "{key} to {viewer}");
                tried += 1;
            }
            assert_eq!(holds("unknown"), *viewer == Viewer::Owner);
        }
    }
    assert_eq!(tried, 10 * 7 * 2);
}

/// D9, D12, D13: what keeps whom from a case, as the project's rules say it.
const REASONS: &str = "
party         admin full  staff full
witness       admin full  staff full
block         admin full  staff no
partner       admin full  staff full
past_partner  admin full  staff full
match         admin soft  staff soft
";

/// What somebody may whom nothing, something or everything keeps away: `x` it is done, `r` they are told that they have
/// to do with it, `-` there is no case.
const DEEDS: &str = "
no    list x  read x  background x  log x  news x  triage x  assign x  alike x  ask x  \
      merge x  merge_into x  take_interim x  lift_interim x  decide x  rule x  close x  \
      hand_on x
soft  list x  read x  background r  log x  news x  triage r  assign r  alike x  ask r  \
      merge r  merge_into r  take_interim r  lift_interim r  decide r  rule r  close r  \
      hand_on x
full  list -  read -  background -  log -  news -  triage -  assign -  alike -  ask -  \
      merge -  merge_into -  take_interim -  lift_interim -  decide -  rule -  close -  \
      hand_on -
";

/// The words of each line after its first one, by two.
fn pairs_of_words(text: &str) -> Vec<(&str, Vec<(&str, &str)>)> {
    let lines = text.lines().filter(|it| !it.is_empty());
    lines
        .map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            let pairs = words[1..].chunks(2).map(|it| (it[0], it[1])).collect();
            (words[0], pairs)
        })
        .collect()
}

fn said<'t>(text: &'t str, line: &str, of: &str) -> Option<&'t str> {
    let lines = pairs_of_words(text);
    let (_, cells) = lines.into_iter().find(|(it, _)| *it == line)?;
    cells.into_iter().find(|(it, _)| *it == of).map(|(_, cell)| cell)
}

const DEGREES: [(Recusal, &str); 3] =
    [(Recusal::No, "no"), (Recusal::Soft, "soft"), (Recusal::Full, "full")];
const ANSWERED: [(Told, &str); 3] = [(Told::Done, "x"), (Told::Refused, "r"), (Told::Absent, "-")];

fn word<T: Copy + PartialEq>(words: &[(T, &'static str)], of: T) -> Option<&'static str> {
    words.iter().find(|(it, _)| *it == of).map(|(_, word)| *word)
}

fn wrong_reasons(table: &[(Reason, [Recusal; 2])]) -> Vec<(Reason, &'static str)> {
    let columns = |(reason, cells): &(Reason, [Recusal; 2])| {
        ["admin", "staff"].into_iter().zip(*cells).map(|(who, it)| (*reason, who, it)).collect()
    };
    let cells = table.iter().flat_map(|row| -> Vec<_> { columns(row) });
    cells
        .filter(|(reason, who, it)| said(REASONS, reason.code(), who) != word(&DEGREES, *it))
        .map(|(reason, who, _)| (reason, who))
        .collect()
}

fn wrong_deeds(table: &[(Deed, [Told; 3])]) -> Vec<(Deed, &'static str)> {
    let mut wrong = Vec::new();
    for (deed, cells) in table {
        for (cell, (_, degree)) in cells.iter().zip(DEGREES) {
            if said(DEEDS, degree, deed.code()) != word(&ANSWERED, *cell) {
                wrong.push((*deed, degree));
            }
        }
    }
    wrong
}

/// Each cell of what keeps whom away, and of what that means, says what the rules say; every other word is found.
#[test]
fn every_changed_cell_of_recusal_is_found() {
    assert_eq!(wrong_reasons(RECUSALS), []);
    assert_eq!(wrong_deeds(MAY), []);
    assert_eq!(RECUSALS.len(), pairs_of_words(REASONS).len());
    assert_eq!((RECUSALS.len(), MAY.len()), (Reason::ALL.len(), Deed::ALL.len()));
    assert!(pairs_of_words(DEEDS).iter().all(|(_, cells)| cells.len() == MAY.len()));
    let mut changed = 0;
    for row in 0..RECUSALS.len() {
        for (column, who) in ["admin", "staff"].into_iter().enumerate() {
            for (other, _) in DEGREES.into_iter().filter(|it| it.0 != RECUSALS[row].1[column]) {
                let mut table = RECUSALS.to_vec();
                table[row].1[column] = other;
                assert_eq!(wrong_reasons(&table), [(RECUSALS[row].0, who)]);
                changed += 1;
            }
        }
    }
    for row in 0..MAY.len() {
        for (column, (_, degree)) in DEGREES.into_iter().enumerate() {
            for (other, _) in ANSWERED.into_iter().filter(|it| it.0 != MAY[row].1[column]) {
                let mut table = MAY.to_vec();
                table[row].1[column] = other;
                assert_eq!(wrong_deeds(&table), [(MAY[row].0, degree)]);
                changed += 1;
            }
        }
    }
    assert_eq!(changed, 6 * 2 * 2 + 17 * 3 * 2);
    println!("{changed} changed cells were found");
}
