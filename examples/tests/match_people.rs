//! The example `match_people` on the committed data: nobody gets lost, and of all three million pairs, each
//! scored by itself, none makes its pairing better.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test states what it expects")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    ops::ControlFlow,
    path::Path,
};

use mentorship_benches::match_people::{Ask, Files, Prepared};
use mentorship_core::{
    matching::{
        certificate::{Objective, Pair},
        check::check,
        people::Options,
        solve::Progress,
    },
    model::enrollment::Role,
};
use mentorship_examples::survey;

fn nobody(_: &Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// The ids in a file in their order, by which people are numbered.
fn ids(path: &Path) -> Vec<String> {
    let mut rows = csv::Reader::from_path(path).unwrap();
    let mut ids: Vec<String> = rows.records().map(|it| it.unwrap()[0].to_owned()).collect();
    ids.sort_unstable();
    ids
}

fn prepared(files: &Files, ask: Ask) -> Prepared {
    Prepared::read(files, ask).unwrap()
}

#[test]
fn everybody_is_paired_or_told_why_not_and_no_pairing_is_better() {
    let folder = tempfile::tempdir().unwrap();
    let files = survey::files(folder.path()).unwrap();
    let ask = survey::ask();
    let paired = prepared(&files, ask).solve(&mut nobody).unwrap();
    let (mentors, mentees) = (ids(&files.mentors), ids(&files.mentees));
    assert_eq!((mentors.len(), mentees.len()), (1_679, 1_904));

    let mut seen: BTreeSet<(Role, &str)> = BTreeSet::new();
    let mut pairs = Vec::new();
    for pair in &paired.outcome.pairs {
        let mentee = paired.name(Role::Mentee, pair.pair.mentee);
        let mentor = paired.name(Role::Mentor, pair.pair.mentor);
        assert!(seen.insert((Role::Mentee, mentee)), "{mentee} has two mentors");
        seen.insert((Role::Mentor, mentor));
        assert!(pair.score.total() >= ask.minimum);
        let number = |all: &[String], id| {
            u32::try_from(all.binary_search_by(|it| it.as_str().cmp(id)).unwrap()).unwrap()
        };
        pairs.push(Pair { mentee: number(&mentees, mentee), mentor: number(&mentors, mentor) });
    }
    for (person, role, _) in paired.unmatched() {
        assert!(seen.insert((role, person)), "{person} is paired and left out");
    }
    assert_eq!(seen.len(), mentors.len() + mentees.len());

    // Another solve of the same people gives a certificate; it has to hold for the pairs that were told.
    let again = prepared(&files, ask);
    let crowd = again.run().crowd();
    let how = Options::default().threads(2).seed(1);
    let proof = crowd.compile().unwrap().pair(Objective::MostPeople, &how).unwrap().certificate;
    let every = crowd.every_pair().unwrap();
    let value = check(&every, &pairs, &proof).unwrap();
    let report = &paired.outcome.report;
    assert!(paired.outcome.optimal);
    assert_eq!((value.matched, u64::try_from(value.total).unwrap()), (report.pairs, report.points));

    let baselines = paired.baselines.as_ref().unwrap();
    for points in [&baselines.greedy, &baselines.random] {
        let total: u64 = points.iter().map(|it| u64::from(*it)).sum();
        assert!((points.len() as u64, total) <= (report.pairs, report.points));
    }
}

#[test]
fn what_is_written_names_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let files = survey::files(folder.path()).unwrap();
    prepared(&files, survey::ask()).solve(&mut nobody).unwrap().write(folder.path()).unwrap();
    let read = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
    for file in ["report.html", "run.json"] {
        assert!(read(file).contains("Open Database License 1.0"), "{file}");
    }
    let rows: BTreeMap<&str, usize> =
        ["pairs.csv", "unmatched.csv"].map(|file| (file, read(file).lines().count() - 1)).into();
    assert!(rows.values().all(|it| *it > 0), "{rows:?}");
}
