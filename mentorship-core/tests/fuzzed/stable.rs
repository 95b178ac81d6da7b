//! Any preferences: what is found is stable, whatever the ties.

use mentorship_core::matching::stable::{
    Favour, Options,
    check::check,
    find,
    preferences::{Preferences, Wish},
};

use crate::bytes::Bytes;

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let (mentees, mentors, ranks) = (bytes.below(13), bytes.below(9), bytes.byte());
    let seed = u64::from(bytes.byte());
    let capacity: Vec<u32> = (0..mentors).map(|_| bytes.below(4)).collect();
    let mut wishes = Vec::new();
    while bytes.more() {
        let (mentee, mentor) = (bytes.below(13), bytes.below(9));
        let (mentee_rank, mentor_rank) = (bytes.below(ranks), bytes.below(ranks));
        wishes.push(Wish { mentee, mentor, mentee_rank, mentor_rank });
    }
    let known = wishes.iter().all(|it| it.mentee < mentees && it.mentor < mentors);
    let mut pairs: Vec<(u32, u32)> = wishes.iter().map(|it| (it.mentee, it.mentor)).collect();
    pairs.sort_unstable();
    let once = pairs.windows(2).all(|two| two[0] != two[1]);
    let preferences = Preferences::new(mentees as usize, capacity, wishes);
    assert_eq!(preferences.is_ok(), known && once, "{preferences:?}");
    let Ok(preferences) = preferences else { return };
    let options = Options::default().seed(seed).tries(20);
    let sizes = [Favour::Mentees, Favour::Mentors].map(|favour| {
        let found = find(&preferences, &options.favour(favour));
        assert_eq!(check(&preferences, &found.pairs), Ok(()), "{preferences:?}");
        assert!(found.pairs.len() <= found.bound, "{preferences:?}");
        found.pairs.len()
    });
    assert!(preferences.has_ties() || sizes[0] == sizes[1], "{preferences:?}");
}
