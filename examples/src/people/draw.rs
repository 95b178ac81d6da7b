//! Seeded draws.
//!
//! `SplitMix64` is a few lines of published arithmetic, kept here rather than taken from a crate of
//! random numbers: those may change their streams between versions, and the example has to print the
//! same people, pairs and scores after any update.

const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// The `SplitMix64` generator of Steele, Lea and Flood.
#[derive(Debug, Clone)]
pub(super) struct SplitMix64(u64);

impl SplitMix64 {
    /// Stream number `index` of a seed. One stream a person, so that the draws of a person do not
    /// depend on who else is drawn.
    pub(super) const fn stream(seed: u64, index: u64) -> Self {
        // Mixed first: seeds next to each other would otherwise walk the same sequence, shifted.
        Self(mix(seed) ^ mix(index.wrapping_mul(GOLDEN_GAMMA).wrapping_add(GOLDEN_GAMMA)))
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        mix(self.0)
    }

    /// Evenly one of `0..bound`; 0 if there is none. The bounds are so small against 2^64 that the
    /// remainder favours nobody noticeably.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// True in `percent` of a hundred cases.
    pub(super) fn percent(&mut self, percent: f64) -> bool {
        let drawn = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(drawn) < percent / 100.0 * 4_294_967_296.0
    }

    /// One of `items`, each as likely as its weight says.
    pub(super) fn weighted<'a, T>(&mut self, items: &'a [(T, u64)]) -> Option<&'a T> {
        let mut left = self.below(items.iter().map(|(_, weight)| weight).sum());
        for (item, weight) in items {
            match left.checked_sub(*weight) {
                None => return Some(item),
                Some(rest) => left = rest,
            }
        }
        None
    }

    /// Fisher and Yates.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.index(end + 1));
        }
    }

    /// Evenly one of the positions of a list of `len`.
    pub(super) fn index(&mut self, len: usize) -> usize {
        u64::try_from(len).map_or(0, |len| usize::try_from(self.below(len)).unwrap_or(0))
    }
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_published_sequence() {
        // First outputs of the reference implementation for the seed 1234567.
        let mut draws = SplitMix64(1_234_567);
        assert_eq!(draws.next(), 6_457_827_717_110_365_317);
        assert_eq!(draws.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn streams_of_a_seed_differ() {
        let firsts: std::collections::BTreeSet<_> =
            (0..1_000).map(|index| SplitMix64::stream(1, index).next()).collect();
        assert_eq!(firsts.len(), 1_000);
        assert_ne!(SplitMix64::stream(1, 2).next(), SplitMix64::stream(2, 1).next());
    }

    #[test]
    fn weights_and_percents_are_kept() {
        let mut draws = SplitMix64::stream(9, 9);
        let items = [("never", 0), ("rarely", 1), ("often", 9)];
        let picked: Vec<_> = (0..10_000).map(|_| *draws.weighted(&items).unwrap()).collect();
        let rarely = picked.iter().filter(|item| **item == "rarely").count();
        assert!((900..1_100).contains(&rarely), "{rarely}");
        assert!(!picked.contains(&"never"));
        let hits = (0..10_000).filter(|_| draws.percent(2.5)).count();
        assert!((200..300).contains(&hits), "{hits}");
    }

    #[test]
    fn a_shuffle_keeps_every_item_and_nothing_can_be_drawn_from_nothing() {
        let mut items: Vec<u32> = (0..100).collect();
        let mut draws = SplitMix64::stream(5, 0);
        draws.shuffle(&mut items);
        assert!(!items.is_sorted());
        items.sort_unstable();
        assert!(items.into_iter().eq(0..100));
        assert_eq!(draws.weighted::<u8>(&[]), None);
        assert_eq!(draws.index(0), 0);
    }
}
