//! What the fuzzer runs, on bytes that are drawn: so that every run of the tests runs it a little, with any
//! toolchain. `fuzz/README.md` says how to let the fuzzer choose the bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "a test states what it expects; the people are shared with tests that ask more of them"
)]

mod bytes;
mod changes;
#[path = "../people/made.rs"]
mod made;
mod problems;
mod rules;
mod stable;

use proptest::prelude::*;

fn some_bytes() -> impl Strategy<Value = Vec<u8>> {
    // Small numbers are few people, few levels and many ties.
    let byte = prop_oneof![any::<u8>(), 0..8_u8];
    prop::collection::vec(byte, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn problems_are_solved_or_refused(bytes in some_bytes()) {
        problems::run(&bytes);
    }

    #[test]
    fn changes_keep_the_proof(bytes in some_bytes()) {
        changes::run(&bytes);
    }

    #[test]
    fn preferences_are_paired_or_refused(bytes in some_bytes()) {
        stable::run(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn rules_are_proven_pair_by_pair(bytes in some_bytes()) {
        rules::run(&bytes);
    }
}
