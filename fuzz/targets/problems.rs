#![no_main]

#[path = "../../mentorship-core/tests/fuzzed/bytes.rs"]
#[allow(dead_code)]
mod bytes;
#[path = "../../mentorship-core/tests/fuzzed/problems.rs"]
mod problems;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| problems::run(bytes));
