//! Chance from a seed that is said, and can be given back with `MENTORSHIP_SEED`.

use std::hash::{BuildHasher as _, RandomState};

/// Numbers that look random and follow from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// From the seed of the environment, or from one of its own. Says which.
    pub(crate) fn cast(what: &str) -> Self {
        let given = std::env::var("MENTORSHIP_SEED").ok();
        let own = || RandomState::new().hash_one(what) >> 32;
        let seed = given.map_or_else(own, |seed| seed.parse().expect("a seed is a number"));
        eprintln!("{what}: MENTORSHIP_SEED={seed}");
        Self(seed)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let drawn = mixed(self.0) % bound.max(1);
        self.0 = self.0.wrapping_add(1);
        drawn
    }
}

/// A number that looks random and follows from another one: a step of `SplitMix64`, which gives no two
/// numbers the same.
pub(crate) fn mixed(n: u64) -> u64 {
    let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// A number of the environment, such as how often a test does something, or the short run's.
pub(crate) fn times(name: &str, short: u64) -> u64 {
    std::env::var(name).map_or(short, |text| text.parse().expect("a number of times"))
}
