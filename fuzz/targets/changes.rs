#![no_main]

#[path = "../../mentorship-core/tests/fuzzed/bytes.rs"]
#[allow(dead_code)]
mod bytes;
#[path = "../../mentorship-core/tests/fuzzed/changes.rs"]
mod changes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| changes::run(bytes));
