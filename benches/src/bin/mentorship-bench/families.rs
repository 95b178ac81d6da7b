//! Instances: people of the made-up world, and families that are hard on purpose.

use mentorship_benches::random::{SplitMix, mix};

use super::{
    instance::Instance,
    world::{Person, World},
};

/// Weights that are drawn per pair, with the two scales of an instance. For the hard families both are the
/// same.
fn same(instance: &mut Instance, mentor: u32, weight: i32) {
    instance.edge(mentor, weight, weight);
}

/// Candidates of people: `bal` has as many mentors as mentees and one place each, `unb` a third as many with
/// one to five places.
pub(crate) fn people(mentees: u32, candidates: u32, seed: u64, balanced: bool) -> Instance {
    let world = World::new(seed);
    let mentors = if balanced { mentees } else { mentees.div_ceil(3) };
    let mut places = SplitMix::new(mix(seed ^ 0xCA9));
    let place = |_| if balanced { 1 } else { 1 + small(places.below(5)) };
    let mut instance = Instance::new((0..mentors).map(place).collect());
    let all: Vec<Person> = (0..mentors).map(|j| world.person(j, true)).collect();
    let mut clusters: Vec<Vec<u32>> = vec![Vec::new(); 64];
    for (j, mentor) in (0..).zip(&all) {
        if let Some(cluster) = clusters.get_mut(usize::from(mentor.cluster)) {
            cluster.push(j);
        }
    }
    let mut row: Vec<(u32, i32, i32)> = Vec::new();
    for i in 0..mentees {
        let mentee = world.person(i, false);
        let own = clusters.get(usize::from(mentee.cluster)).map_or(&[][..], Vec::as_slice);
        let drawn = if candidates == 0 {
            (0..mentors).collect()
        } else {
            draw(seed, i, mentors, own, 4 * candidates)
        };
        row.clear();
        for j in drawn {
            let Some(mentor) = all.get(j as usize) else { continue };
            if world.allowed((i, &mentee), (j, mentor)) {
                let (int, flt) = world.weights((i, &mentee), (j, mentor));
                row.push((j, int, flt));
            }
        }
        if candidates > 0 {
            // The best by the fine weight, then by the lower number.
            row.sort_unstable_by_key(|(j, _, flt)| (std::cmp::Reverse(*flt), *j));
            row.truncate(candidates as usize);
            row.sort_unstable();
        }
        for (j, int, flt) in row.drain(..) {
            instance.edge(j, int, flt);
        }
        instance.end_row();
    }
    instance
}

/// Mentors that a mentee looks at, each once: four in five from the own cluster if that has any.
fn draw(seed: u64, i: u32, mentors: u32, own: &[u32], count: u32) -> Vec<u32> {
    let mut random = SplitMix::new(mix(seed ^ mix(0xD0 ^ (u64::from(i) << 8))));
    let mut drawn = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let from_own = random.unit() < 0.8;
        if from_own && !own.is_empty() {
            let at = random.below(own.len() as u64);
            drawn.extend(usize::try_from(at).ok().and_then(|at| own.get(at)));
        } else if mentors > 0 {
            drawn.push(small(random.below(u64::from(mentors))));
        }
    }
    drawn.sort_unstable();
    drawn.dedup();
    drawn
}

/// A small draw as `u32`.
fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// `candidates` different mentors, ascending; all of them if there are not more.
fn some(random: &mut SplitMix, mentors: u32, candidates: u32) -> Vec<u32> {
    if candidates == 0 || candidates >= mentors {
        return (0..mentors).collect();
    }
    let mut chosen = Vec::with_capacity(candidates as usize);
    while chosen.len() < candidates as usize {
        chosen.push(small(random.below(u64::from(mentors))));
        if chosen.len() == candidates as usize {
            chosen.sort_unstable();
            chosen.dedup();
        }
    }
    chosen
}

/// As many mentors as mentees, random candidates, and weights from `weight`.
pub(crate) fn random(
    mentees: u32,
    candidates: u32,
    seed: u64,
    weight: impl Fn(&mut SplitMix) -> i32,
) -> Instance {
    let mut instance = Instance::new(vec![1; mentees as usize]);
    let mut random = SplitMix::new(mix(seed));
    for _ in 0..mentees {
        for mentor in some(&mut random, mentees, candidates) {
            let weight = weight(&mut random);
            same(&mut instance, mentor, weight);
        }
        instance.end_row();
    }
    instance
}

/// Machol and Wien: everybody with everybody, `(i + 1)(j + 1)` points, which makes every augmenting path
/// long. Scaled down where that exceeds the highest score.
pub(crate) fn machol_wien(mentees: u32) -> Instance {
    let mut instance = Instance::new(vec![1; mentees as usize]);
    let most = u64::from(mentees) * u64::from(mentees);
    let divisor = most.div_ceil(1 << 20).max(1);
    for i in 1..=u64::from(mentees) {
        for j in 1..=mentees {
            let weight = i32::try_from(i * u64::from(j) / divisor).unwrap_or(i32::MAX);
            same(&mut instance, j - 1, weight);
        }
        instance.end_row();
    }
    instance
}

/// Everybody wants the same 50 mentors, who have one to five places; the points are 1 to 1,000.
pub(crate) fn star(mentees: u32, seed: u64) -> Instance {
    let mut random = SplitMix::new(mix(seed));
    let mut instance = Instance::new((0..50).map(|_| 1 + small(random.below(5))).collect());
    for _ in 0..mentees {
        for mentor in 0..50 {
            let weight = i32::try_from(1 + random.below(1000)).unwrap_or(1);
            same(&mut instance, mentor, weight);
        }
        instance.end_row();
    }
    instance
}

/// Every third mentee has no candidate; the others have few, with 1 to 1,000 points.
pub(crate) fn empty_rows(mentees: u32, candidates: u32, seed: u64) -> Instance {
    let mut instance = Instance::new(vec![1; mentees as usize]);
    let mut random = SplitMix::new(mix(seed));
    for mentee in 0..mentees {
        if mentee % 3 != 0 {
            for mentor in some(&mut random, mentees, candidates) {
                let weight = i32::try_from(1 + random.below(1000)).unwrap_or(1);
                same(&mut instance, mentor, weight);
            }
        }
        instance.end_row();
    }
    instance
}

/// As many mentors as mentees, and each could take everybody.
pub(crate) fn spare(mentees: u32, candidates: u32, seed: u64) -> Instance {
    let mut instance = random(mentees, candidates, seed, thousand);
    instance.capacity.fill(mentees);
    instance
}

/// Nobody may be paired with anybody.
pub(crate) fn blocked(mentees: u32, mentors: u32) -> Instance {
    let mut instance = Instance::new(vec![1; mentors as usize]);
    for _ in 0..mentees {
        instance.end_row();
    }
    instance
}

/// 1 to 1,000 points.
pub(crate) fn thousand(random: &mut SplitMix) -> i32 {
    i32::try_from(1 + random.below(1000)).unwrap_or(1)
}
