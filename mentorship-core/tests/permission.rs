//! The table of who may do what, against the same written down a second time by standing instead of by action, as
//! the project's rules say it: every cell that says anything else is found. And who sees which answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use mentorship_core::{
    base::text::Slug,
    model::{
        answer::{Answer, Answers},
        form::{
            Form, Sensitivity, Viewer, VisibleTo,
            visible::{Seen, TABLE as ANSWER_TABLE},
        },
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

/// Row 5, D34: who sees the answer to which question, as the project's rules say it: `x` always, `o` if its author
/// opted in. What is of a special category is its author's alone, whatever the question says.
const ANSWERS: &str = "
question          sensitivity       owner  admin  proposed_partner  partner  group
matcher           normal            x      -      -                 -        -
admin             normal            x      x      -                 -        -
partner           normal            x      x      -                 x        -
proposed_partner  normal            x      x      x                 x        -
group             normal            x      x      x                 x        o
matcher           special_category  x      -      -                 -        -
admin             special_category  x      -      -                 -        -
partner           special_category  x      -      -                 -        -
proposed_partner  special_category  x      -      -                 -        -
group             special_category  x      -      -                 -        -
";

type AnswerRow = (VisibleTo, Sensitivity, [Seen; 5]);

/// The lines of the text: whose question, how sensitive, and what each viewer sees.
fn seen_by_the_rules() -> Vec<(String, String, Vec<Seen>)> {
    let lines = ANSWERS.lines().filter(|it| !it.is_empty()).skip(1);
    let seen = |cell: &str| match cell {
        "x" => Seen::Yes,
        "o" => Seen::OptedIn,
        "-" => Seen::No,
        other => panic!("{other}"),
    };
    lines
        .map(|line| {
            let mut words = line.split_whitespace();
            let mut word = || words.next().unwrap().to_owned();
            let (visible_to, sensitivity) = (word(), word());
            (visible_to, sensitivity, words.map(seen).collect())
        })
        .collect()
}

/// The cells of a table that say something else, by row and column.
fn wrong_answers(table: &[AnswerRow]) -> Vec<(usize, usize)> {
    let mut wrong = Vec::new();
    let rules = seen_by_the_rules();
    for (row, (visible_to, sensitivity, cells)) in table.iter().enumerate() {
        let (_, _, expected) = rules
            .iter()
            .find(|it| (&*it.0, &*it.1) == (visible_to.code(), sensitivity.code()))
            .unwrap();
        assert_eq!(expected.len(), cells.len());
        let columns = (0..cells.len()).filter(|column| cells[*column] != expected[*column]);
        wrong.extend(columns.map(|column| (row, column)));
    }
    wrong
}

#[test]
fn every_changed_cell_of_answers_is_found() {
    assert_eq!(wrong_answers(ANSWER_TABLE), []);
    assert_eq!(ANSWER_TABLE.len(), seen_by_the_rules().len());
    let mut changed = 0;
    for row in 0..ANSWER_TABLE.len() {
        for column in 0..5 {
            let other = [Seen::No, Seen::Yes, Seen::OptedIn];
            for seen in other.into_iter().filter(|it| *it != ANSWER_TABLE[row].2[column]) {
                let mut table = ANSWER_TABLE.to_vec();
                table[row].2[column] = seen;
                assert_eq!(wrong_answers(&table), [(row, column)]);
                changed += 1;
            }
        }
    }
    assert_eq!(changed, 10 * 5 * 2);
    println!("{changed} changed cells were found");
}

/// A form with a question for each row of the text, also those that no program can have, and one answer to each
/// and to a question that nobody asks.
fn asked_everything() -> (Form, Answers) {
    let rules = seen_by_the_rules();
    let key = |(visible_to, sensitivity, _): &(String, String, Vec<Seen>)| {
        format!("{sensitivity}_{visible_to}")
    };
    let questions: Vec<_> = rules
        .iter()
        .map(|row| {
            json!({
                "key": key(row), "asked_of": "both", "text": {"key": key(row), "en": "Words"},
                "answer": {"kind": "integer", "min": 0, "max": 9, "unit": "years"},
                "sensitivity": row.1, "visible_to": row.0,
            })
        })
        .collect();
    let form = json!({"version": 1, "questions": questions, "rules": [], "eligibility": []});
    let answer = |key: &str| (Slug::new(key).unwrap(), Answer::Integer(1));
    let answers = rules.iter().map(|row| answer(&key(row))).chain([answer("unknown")]);
    (serde_json::from_value(form).unwrap(), Answers(answers.collect()))
}

/// What is shown is what the text says, cell by cell. Of a question that the form does not have its author alone
/// sees the answer.
#[test]
fn who_sees_which_answer() {
    let (form, answers) = asked_everything();
    let viewers = [
        (0, Viewer::Owner),
        (1, Viewer::Admin),
        (2, Viewer::ProposedPartner),
        (3, Viewer::Partner),
        (4, Viewer::Group { opted_in: false }),
        (4, Viewer::Group { opted_in: true }),
    ];
    for (column, viewer) in viewers {
        let shown = form.visible_answers(&answers, viewer);
        let holds = |key: &str| shown.0.keys().any(|it| it.as_str() == key);
        for (visible_to, sensitivity, cells) in seen_by_the_rules() {
            let sees = match cells[column] {
                Seen::Yes => true,
                Seen::OptedIn => viewer == Viewer::Group { opted_in: true },
                Seen::No => false,
            };
            let key = format!("{sensitivity}_{visible_to}");
            assert_eq!(holds(&key), sees, "{key} to {viewer:?}");
        }
        assert_eq!(holds("unknown"), viewer == Viewer::Owner);
    }
}
