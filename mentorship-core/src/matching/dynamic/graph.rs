//! People and their allowed pairs, in a form in which both can come and go.
//!
//! A search spends its time waiting for memory. So everything that it reads or notes of somebody stands in one
//! [`Person`], which fits a line of the cache; only the duals, of which it reads far more, stand apart.
#![expect(
    clippy::indexing_slicing,
    reason = "people and their lists are numbered here and stay inside"
)]

use std::ops::Not;

/// Mentees or mentors: what is true of one side is true of the other with the words exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Mentee = 0,
    Mentor = 1,
}

impl Side {
    pub(super) const BOTH: [Self; 2] = [Self::Mentee, Self::Mentor];
}

impl Not for Side {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Mentee => Self::Mentor,
            Self::Mentor => Self::Mentee,
        }
    }
}

/// Somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Node {
    pub(super) side: Side,
    pub(super) number: u32,
}

impl Node {
    /// The two of a pair, the mentee first.
    pub(super) fn pair_with(self, other: u32) -> [u32; 2] {
        match self.side {
            Side::Mentee => [self.number, other],
            Side::Mentor => [other, self.number],
        }
    }
}

/// An allowed pair, as it stands in the list of one of the two.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Half {
    /// The other's number.
    pub(super) other: u32,
    /// Points.
    pub(super) weight: i32,
}

/// How somebody was reached by a search.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reached {
    pub(super) length: i64,
    /// By which search.
    pub(super) round: u32,
    /// From whom, of the other side.
    pub(super) from: u32,
}

#[derive(Clone, Debug, Default)]
#[repr(align(64))]
pub(super) struct Person {
    pub(super) reached: Reached,
    /// How many pairs they may be in.
    pub(super) places: u32,
    /// How many they are in; more than `places` only while a place is being taken from them.
    pub(super) taken: u32,
    pub(super) here: bool,
    /// The first of `edges` as it was when their pairs last changed: most who are in a pair are in one, and a
    /// search that passes them needs no more.
    first: Half,
    /// Their allowed pairs; the first `taken` are pairs of the pairing.
    pub(super) edges: Vec<Half>,
}

impl Person {
    pub(super) fn has_room(&self) -> bool {
        self.taken < self.places
    }

    /// Edges that are pairs.
    pub(super) fn used(&self) -> &[Half] {
        match self.taken {
            1 => std::slice::from_ref(&self.first),
            taken => &self.edges[..taken as usize],
        }
    }

    /// Edges that are not.
    pub(super) fn unused(&self) -> &[Half] {
        &self.edges[self.taken as usize..]
    }

    /// Where the edge to somebody stands.
    fn position(&self, other: u32) -> Option<usize> {
        self.edges.iter().position(|half| half.other == other)
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    people: [Vec<Person>; 2],
    /// Profits and prices, in points with the bonus.
    duals: [Vec<i64>; 2],
    /// How many allowed pairs there are.
    edges: usize,
    /// Points of every pair on top of its score.
    pub(super) bonus: i64,
}

impl Graph {
    pub(super) fn side(&self, side: Side) -> &[Person] {
        &self.people[side as usize]
    }

    pub(super) fn person(&self, node: Node) -> &Person {
        &self.people[node.side as usize][node.number as usize]
    }

    pub(super) fn person_mut(&mut self, node: Node) -> &mut Person {
        &mut self.people[node.side as usize][node.number as usize]
    }

    pub(super) fn duals(&self, side: Side) -> &[i64] {
        &self.duals[side as usize]
    }

    pub(super) fn dual(&self, node: Node) -> i64 {
        self.duals[node.side as usize][node.number as usize]
    }

    pub(super) fn dual_mut(&mut self, node: Node) -> &mut i64 {
        &mut self.duals[node.side as usize][node.number as usize]
    }

    /// What a search goes by from somebody: they and their dual, the other side's people and duals, the bonus.
    pub(super) fn around(&mut self, node: Node) -> (&Person, i64, &mut [Person], &[i64], i64) {
        let dual = self.dual(node);
        let duals = &self.duals[!node.side as usize];
        let [mentees, mentors] = &mut self.people;
        let (own, others) = match node.side {
            Side::Mentee => (mentees, mentors),
            Side::Mentor => (mentors, mentees),
        };
        (&own[node.number as usize], dual, others, duals, self.bonus)
    }

    /// As if no search had reached anybody.
    pub(super) fn forget_reached(&mut self) {
        for person in self.people.iter_mut().flatten() {
            person.reached = Reached::default();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.edges
    }

    pub(super) fn worth(&self, half: Half) -> i64 {
        i64::from(half.weight) + self.bonus
    }

    /// The points of an allowed pair, looked for at whoever has fewer, and whether it is a pair.
    pub(super) fn find(&self, mentee: u32, mentor: u32) -> Option<(i32, bool)> {
        let [a, b] = [&self.people[0][mentee as usize], &self.people[1][mentor as usize]];
        let (person, other) =
            if a.edges.len() <= b.edges.len() { (a, mentor) } else { (b, mentee) };
        let at = person.position(other)?;
        Some((person.edges[at].weight, at < person.taken as usize))
    }

    pub(super) fn add_person(&mut self, side: Side, edges: usize) -> Node {
        let people = &mut self.people[side as usize];
        let number = u32::try_from(people.len()).unwrap_or(u32::MAX);
        let edges = Vec::with_capacity(edges);
        people.push(Person { here: true, edges, ..Person::default() });
        self.duals[side as usize].push(0);
        Node { side, number }
    }

    pub(super) fn add_edge(&mut self, ends: [u32; 2], weight: i32) {
        for side in Side::BOTH {
            let half = Half { other: ends[!side as usize], weight };
            self.people[side as usize][ends[side as usize] as usize].edges.push(half);
        }
        self.edges += 1;
    }

    /// Takes out an edge that is not used.
    pub(super) fn remove_edge(&mut self, ends: [u32; 2]) {
        for side in Side::BOTH {
            let person = &mut self.people[side as usize][ends[side as usize] as usize];
            if let Some(at) = person.position(ends[!side as usize]) {
                person.edges.swap_remove(at);
            }
        }
        self.edges -= 1;
    }

    /// Makes an allowed pair a pair, or no longer one, and says how many points it has. Capacities are the
    /// caller's care.
    pub(super) fn set_used(&mut self, ends: [u32; 2], used: bool) -> i32 {
        let mut weight = 0;
        for side in Side::BOTH {
            let person = &mut self.people[side as usize][ends[side as usize] as usize];
            let Some(at) = person.position(ends[!side as usize]) else { continue };
            weight = person.edges[at].weight;
            let border = if used { person.taken } else { person.taken - 1 };
            person.edges.swap(at, border as usize);
            person.taken = if used { border + 1 } else { border };
            person.first = person.edges[0];
        }
        weight
    }
}
