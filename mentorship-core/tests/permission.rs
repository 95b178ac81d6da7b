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
        form::{Form, Viewer, VisibleTo},
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
            vec![(WhenOpen, vec![A::Apply]), (Yes, own)]
        }
        Standing::Third => vec![(WhenOpen, vec![A::ViewProgram, A::Apply]), (Yes, own)],
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

/// Row 5: each answer and each who looks at it. Of a question that the form does not have its author alone sees
/// the answer.
#[test]
fn who_sees_which_answer() {
    let viewers = [
        Viewer::Owner,
        Viewer::Admin,
        Viewer::ProposedPartner,
        Viewer::Partner,
        Viewer::Group { opted_in: false },
        Viewer::Group { opted_in: true },
    ];
    let table = [
        ("matcher", [true, false, false, false, false, false]),
        ("admin", [true, true, false, false, false, false]),
        ("partner", [true, true, false, true, false, false]),
        ("proposed_partner", [true, true, true, true, false, false]),
        ("group", [true, true, true, true, false, true]),
        ("unknown", [true, false, false, false, false, false]),
    ];
    let asked = VisibleTo::ALL.iter().map(|it| it.code());
    assert!(asked.eq(table.iter().map(|(key, _)| *key).filter(|key| *key != "unknown")));
    let questions: Vec<_> = VisibleTo::ALL
        .iter()
        .map(|it| {
            json!({
                "key": it.code(), "asked_of": "both", "text": {"key": it.code(), "en": "Words"},
                "answer": {"kind": "integer", "min": 0, "max": 9, "unit": "years"},
                "sensitivity": "normal", "visible_to": it.code(),
            })
        })
        .collect();
    let form = json!({"version": 1, "questions": questions, "rules": [], "eligibility": []});
    let form: Form = serde_json::from_value(form).unwrap();
    let answer = |key: &str| (Slug::new(key).unwrap(), Answer::Integer(1));
    let answers = Answers(table.iter().map(|(key, _)| answer(key)).collect());
    for (column, viewer) in viewers.into_iter().enumerate() {
        let shown = form.visible_answers(&answers, viewer);
        for (key, cells) in &table {
            let sees = shown.0.keys().any(|it| it.as_str() == *key);
            assert_eq!(sees, cells[column], "{key} to {viewer:?}");
        }
    }
}
