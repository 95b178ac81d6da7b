#![no_main]

#[path = "../../mentorship-core/tests/people/made.rs"]
#[allow(dead_code)]
mod made;
#[path = "../../mentorship-core/tests/fuzzed/rules.rs"]
mod rules;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rules::run(bytes));
