//! Mentors propose: deferred acceptance from the other side. Without ties the result is the stable pairing
//! that is best for every mentor at once; those tied come in the order of the wishes.
#![expect(clippy::indexing_slicing, reason = "people and wishes come from validated preferences")]

use super::{mentees::NONE, preferences::Preferences};

/// The wish that each mentee gets, or [`NONE`], and how many wishes were looked at. `order` holds the wishes
/// by mentee and rank, those tied in any order.
pub(super) fn propose(preferences: &Preferences, order: &[u32]) -> (Vec<u32>, u64) {
    let wishes = preferences.wishes();
    let (mentors, capacities) = (preferences.mentors(), preferences.capacities());
    // Where each wish stands in its mentee's list, ties broken.
    let mut place = vec![0_u32; order.len()];
    for (at, wish) in (0..).zip(order) {
        place[*wish as usize] = at;
    }
    // The wishes by mentor, best first.
    let mut lists: Vec<u32> = order.to_vec();
    lists.sort_unstable_by_key(|wish| {
        let it = wishes[*wish as usize];
        (it.mentor, it.mentor_rank, place[*wish as usize])
    });
    let mut starts = vec![0_usize; mentors + 1];
    for wish in wishes {
        starts[wish.mentor as usize + 1] += 1;
    }
    for mentor in 0..mentors {
        starts[mentor + 1] += starts[mentor];
    }
    let mut next = starts.clone();
    let mut taken = vec![0_u32; mentors];
    let mut held = vec![NONE; preferences.mentees()];
    let mut operations = 0;
    let mut active: Vec<usize> = (0..mentors).rev().collect();
    while let Some(mentor) = active.pop() {
        while taken[mentor] < capacities[mentor] && next[mentor] < starts[mentor + 1] {
            let wish = lists[next[mentor]];
            next[mentor] += 1;
            operations += 1;
            let mentee = wishes[wish as usize].mentee as usize;
            let now = held[mentee];
            if now != NONE {
                if place[now as usize] < place[wish as usize] {
                    continue;
                }
                let other = wishes[now as usize].mentor as usize;
                taken[other] -= 1;
                active.push(other);
            }
            held[mentee] = wish;
            taken[mentor] += 1;
        }
    }
    (held, operations)
}
