//! Whether a pairing is stable. Shares nothing with the algorithms that find one.
#![expect(clippy::indexing_slicing, reason = "numbers are checked before they are used")]

use super::{super::certificate::Pair, preferences::Preferences};

/// Why a pairing is not stable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotStable {
    /// Two who do not accept each other, or who do not exist.
    #[error("mentee {} and mentor {} do not accept each other", .0.mentee, .0.mentor)]
    NotAcceptable(Pair),
    /// A mentee with two mentors.
    #[error("mentee {0} has more than one mentor")]
    MenteeTwice(u32),
    /// A mentor with more mentees than places.
    #[error("mentor {0} has more mentees than places")]
    MentorOverCapacity(u32),
    /// Two who would both rather have each other.
    #[error("mentee {} and mentor {} would both rather have each other", .0.mentee, .0.mentor)]
    Blocking(Pair),
}

/// Fails unless `pairs` keep the rules and no mentee and mentor would both, strictly, rather have each other
/// than what they have: weakly stable. Reads every wish twice.
///
/// # Errors
/// [`NotStable`] with the first fault that is found.
pub fn check(preferences: &Preferences, pairs: &[Pair]) -> Result<(), NotStable> {
    let mut mentor_of = vec![None; preferences.mentees()];
    for pair in pairs {
        let mentor = mentor_of.get_mut(pair.mentee as usize);
        let mentor = mentor.ok_or(NotStable::NotAcceptable(*pair))?;
        if mentor.replace(pair.mentor).is_some() {
            return Err(NotStable::MenteeTwice(pair.mentee));
        }
    }
    let mut taken = vec![0_u32; preferences.mentors()];
    // The rank that each mentee gives their mentor, and the worst that each mentor gives one of theirs.
    let mut ranks = vec![None; preferences.mentees()];
    let mut worst = vec![0_u32; preferences.mentors()];
    for wish in preferences.wishes() {
        if mentor_of[wish.mentee as usize] == Some(wish.mentor) {
            ranks[wish.mentee as usize] = Some(wish.mentee_rank);
            let mentor = wish.mentor as usize;
            taken[mentor] += 1;
            worst[mentor] = worst[mentor].max(wish.mentor_rank);
            if taken[mentor] > preferences.capacities()[mentor] {
                return Err(NotStable::MentorOverCapacity(wish.mentor));
            }
        }
    }
    for pair in pairs {
        if ranks[pair.mentee as usize].is_none() {
            return Err(NotStable::NotAcceptable(*pair));
        }
    }
    for wish in preferences.wishes() {
        let mentor = wish.mentor as usize;
        let capacity = preferences.capacities()[mentor];
        let mentee_would = ranks[wish.mentee as usize].is_none_or(|rank| wish.mentee_rank < rank);
        let mentor_would = taken[mentor] < capacity || wish.mentor_rank < worst[mentor];
        if mentee_would && mentor_would && capacity > 0 {
            return Err(NotStable::Blocking(Pair { mentee: wish.mentee, mentor: wish.mentor }));
        }
    }
    Ok(())
}
