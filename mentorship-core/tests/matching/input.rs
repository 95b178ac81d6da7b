//! Input that is no problem is refused, with the field and the limit.

use mentorship_core::matching::problem::{Edge, PEOPLE_MAX, Problem, WEIGHT_MAX};

fn edge(mentee: u32, mentor: u32, weight: i32) -> Edge {
    Edge { mentee, mentor, weight }
}

fn refused(mentees: usize, mentors: usize, edges: &[Edge]) -> String {
    Problem::new(mentees, vec![1; mentors], edges).unwrap_err().to_string()
}

#[test]
fn numbers_and_weights_out_of_range_are_named() {
    assert_eq!(
        refused(2, 2, &[edge(0, 0, 1), edge(2, 0, 1)]),
        "`edges[1].mentee` is 2; it must be from 0 to 1"
    );
    assert_eq!(refused(2, 1, &[edge(0, 1, 1)]), "`edges[0].mentor` is 1; it must be from 0 to 0");
    assert_eq!(
        refused(1, 1, &[edge(0, 0, WEIGHT_MAX + 1)]),
        "`edges[0].weight` is 1048577; it must be from 0 to 1048576"
    );
    assert_eq!(
        refused(1, 1, &[edge(0, 0, -1)]),
        "`edges[0].weight` is -1; it must be from 0 to 1048576"
    );
    assert_eq!(
        refused(PEOPLE_MAX + 1, 0, &[]),
        "`mentees` has 16777217 people; at most 16777216 are allowed"
    );
}

#[test]
fn the_same_pair_twice_is_refused() {
    let twice = [edge(1, 1, 5), edge(0, 1, 5), edge(1, 1, 6)];
    assert_eq!(refused(2, 2, &twice), "`edges[2]` names the same pair twice");
}

#[test]
fn rows_have_to_be_rows() {
    let rows = |starts: &[u32], mentors: &[u32], weights: &[i32]| {
        Problem::from_rows(vec![1; 3], starts.to_vec(), mentors.to_vec(), weights.to_vec())
            .map_err(|it| it.to_string())
    };
    assert!(rows(&[0, 2, 2], &[0, 2], &[1, 1]).is_ok());
    assert!(rows(&[], &[], &[]).unwrap_err().starts_with("`starts`"));
    assert!(rows(&[1, 2], &[0, 2], &[1, 1]).unwrap_err().starts_with("`starts`"));
    assert!(rows(&[0, 1], &[0, 2], &[1, 1]).unwrap_err().starts_with("`starts`"));
    assert!(rows(&[0, 2, 1, 2], &[0, 2], &[1, 1]).unwrap_err().starts_with("`starts`"));
    assert!(rows(&[0, 2], &[0, 2], &[1]).unwrap_err().starts_with("`weights`"));
    assert!(rows(&[0, 2], &[2, 0], &[1, 1]).unwrap_err().starts_with("`edges[1]` is malformed"));
    assert!(rows(&[0, 2], &[2, 2], &[1, 1]).unwrap_err().starts_with("`edges[1]` names"));
}

#[test]
fn there_is_one_capacity_for_each_mentee() {
    let problem = Problem::new(2, vec![1], &[]).unwrap();
    let error = problem.mentee_capacity(vec![1]).unwrap_err();
    assert_eq!(error.field(), "mentee_capacity");
    assert_eq!(error.code(), "input.conflict");
}
