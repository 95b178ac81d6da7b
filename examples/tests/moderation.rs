//! The example `moderation` plays to its end, and says what it promises: what the reporter, the accused, the accused
//! admin and the platform see, side by side.
#![allow(clippy::unwrap_used, reason = "a test states what it expects")]

use std::{path::PathBuf, process::Command};

/// The example as cargo has built it beside this test: it does so for all tests of a package, and for this one alone
/// only if it is told `--examples` as well.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let path = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "{} is not built: add --examples", path.display());
    path
}

#[test]
fn a_case_is_seen_by_four_pairs_of_eyes() {
    let played = Command::new(example("moderation")).output().unwrap();
    let said = String::from_utf8(played.stdout).unwrap();
    let failed = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success(), "{failed}\n{said}");
    for line in [
        "Ben reports the post and ends the mentorship, in one step",
        "every seal holds",
        "Pia may not rule on her own decision: ",
        "The same weeks without a report, in which Ben just ends the mentorship: all that Emil can",
        "read as an admin is the same, byte for byte (",
        "And once more: somebody comes back.",
    ] {
        assert!(said.contains(line), "{line:?} is not said:\n{said}");
    }
}
