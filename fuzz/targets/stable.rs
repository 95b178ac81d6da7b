#![no_main]

#[path = "../../mentorship-core/tests/fuzzed/bytes.rs"]
#[allow(dead_code)]
mod bytes;
#[path = "../../mentorship-core/tests/fuzzed/stable.rs"]
mod stable;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| stable::run(bytes));
