//! What people are called in files, and their numbers.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
};

use mentorship_core::matching::certificate::Pair;

/// What people are called.
#[derive(Debug)]
pub(crate) enum Names {
    /// By their numbers.
    Numbers,
    /// As in a file; the lists are sorted, so that the order of rows has no part in who has which number.
    Listed {
        /// Of mentees.
        mentees: Vec<String>,
        /// Of mentors.
        mentors: Vec<String>,
    },
}

impl Names {
    fn name(list: &[String], number: u32) -> &str {
        list.get(number as usize).map_or("", String::as_str)
    }

    /// The names of a pair.
    pub(crate) fn of(&self, pair: Pair) -> [String; 2] {
        match self {
            Self::Numbers => [pair.mentee.to_string(), pair.mentor.to_string()],
            Self::Listed { mentees, mentors } => {
                [Self::name(mentees, pair.mentee).into(), Self::name(mentors, pair.mentor).into()]
            }
        }
    }

    /// The numbers of a mentee and a mentor; numbers need not be anybody's.
    pub(crate) fn numbers(&self, [mentee, mentor]: [&str; 2]) -> [Option<u32>; 2] {
        let number = |list: &[String], name: &str| {
            let at = list.binary_search_by(|it| it.as_str().cmp(name)).ok()?;
            u32::try_from(at).ok()
        };
        match self {
            Self::Numbers => [mentee.parse().ok(), mentor.parse().ok()],
            Self::Listed { mentees, mentors } => [number(mentees, mentee), number(mentors, mentor)],
        }
    }
}

/// Hashes names: eight bytes at a time are multiplied into twice as many bits, which are folded. It begins with
/// a number that is drawn for each table, so that nobody can make a file in which many names meet.
#[derive(Clone, Debug)]
struct Folding(u64);

impl Default for Folding {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0_u8))
    }
}

impl BuildHasher for Folding {
    type Hasher = Folded;

    fn build_hasher(&self) -> Folded {
        Folded(self.0)
    }
}

#[derive(Debug)]
struct Folded(u64);

impl Folded {
    fn fold(&mut self, bits: u64) {
        // The golden ratio, odd: no bit of the factors is lost.
        const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
        let mixed = self.0 ^ bits;
        let high = (u128::from(mixed) * u128::from(FACTOR)) >> 64;
        self.0 = mixed.wrapping_mul(FACTOR) ^ u64::try_from(high).unwrap_or(0);
    }
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            self.fold(u64::from_le_bytes(*eight));
        }
        let last = rest.iter().fold(1, |bits, byte| bits << 8 | u64::from(*byte));
        self.fold(last);
    }

    fn write_u8(&mut self, _end_of_text: u8) {
        // The last chunk begins with a one, so that texts of other lengths differ without it.
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// People as they come up in files, numbered in that order until all are known.
#[derive(Debug, Default)]
pub(crate) struct Coming {
    numbers: HashMap<String, u32, Folding>,
    /// Who came up last: rows of one person often follow each other.
    last: (String, u32),
}

impl Coming {
    /// The number of a name, which may be new.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if self.last.0 == name && !self.numbers.is_empty() {
            return self.last.1;
        }
        let number = if let Some(number) = self.numbers.get(name) {
            *number
        } else {
            let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
            self.numbers.insert(name.to_owned(), next);
            next
        };
        self.last.0.clear();
        self.last.0.push_str(name);
        self.last.1 = number;
        number
    }

    /// All names, sorted, and the place there of each number so far.
    pub(crate) fn sorted(self) -> (Vec<String>, Vec<u32>) {
        // Most differ within the first eight bytes, which one comparison of numbers tells.
        let begins = |name: &str| {
            let mut begins = [0; 8];
            begins.iter_mut().zip(name.bytes()).for_each(|(it, byte)| *it = byte);
            u64::from_be_bytes(begins)
        };
        let mut all: Vec<(u64, String, u32)> =
            self.numbers.into_iter().map(|it| (begins(&it.0), it.0, it.1)).collect();
        all.sort_unstable();
        let mut places = vec![0; all.len()];
        for (place, (.., number)) in (0..).zip(&all) {
            if let Some(it) = places.get_mut(*number as usize) {
                *it = place;
            }
        }
        (all.into_iter().map(|it| it.1).collect(), places)
    }
}

/// Where somebody stands among the sorted.
pub(crate) fn place(numbers: &[u32], number: u32) -> u32 {
    numbers.get(number as usize).copied().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_sorted_as_texts_and_keep_their_numbers_apart() {
        let names = ["b", "", "a\0", "a", "longer than eight, and b", "longer than eight, and a"];
        let mut coming = Coming::default();
        let numbers: Vec<u32> = names.iter().map(|it| coming.number(it)).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5]);
        assert_eq!(names.map(|it| coming.number(it)), [0, 1, 2, 3, 4, 5]);
        let (sorted, places) = coming.sorted();
        let mut expected = names;
        expected.sort_unstable();
        assert_eq!(sorted, expected);
        for (name, number) in names.iter().zip(numbers) {
            let at = place(&places, number) as usize;
            assert_eq!(sorted.get(at).map(String::as_str), Some(*name));
        }
    }

    #[test]
    fn hashes_of_numbers_spread_over_few_bits() {
        let folding = Folding(7);
        let hashes: Vec<u64> = (0..4096).map(|it| folding.hash_one(it.to_string())).collect();
        for shift in [0, 20, 52] {
            let found: HashSet<u64> = hashes.iter().map(|it| it >> shift & 4095).collect();
            // Of as many draws 63 in 100 places are met.
            assert!(found.len() > 2_300, "{} of 4096 at {shift}", found.len());
        }
    }
}
