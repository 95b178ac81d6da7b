//! People and their allowed pairs, in a form in which both can come and go.
#![expect(clippy::indexing_slicing, reason = "people and edges are numbered here and stay inside")]

use std::ops::Not;

/// Mentees or mentors: what is true of one side is true of the other with the words exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Mentee = 0,
    Mentor = 1,
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

/// An allowed pair, as it stands in the list of one of the two. All that a search reads of it stands here.
#[derive(Clone, Copy, Debug)]
pub(super) struct Half {
    /// The other's number.
    pub(super) other: u32,
    /// Points.
    pub(super) weight: i32,
    pub(super) edge: u32,
}

/// An allowed pair.
#[derive(Clone, Copy, Debug)]
struct Edge {
    /// The mentee and the mentor.
    ends: [u32; 2],
    /// Where it stands in the lists of both.
    at: [u32; 2],
}

#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    /// How many pairs they may be in.
    pub(super) places: u32,
    /// How many they are in; more than `places` only while a place is being taken from them.
    pub(super) taken: u32,
    pub(super) here: bool,
    /// Their allowed pairs; the first `taken` are pairs of the pairing.
    pub(super) edges: Vec<Half>,
}

impl Person {
    pub(super) fn has_room(&self) -> bool {
        self.taken < self.places
    }

    /// Edges that are pairs.
    pub(super) fn used(&self) -> &[Half] {
        &self.edges[..self.taken as usize]
    }

    /// Edges that are not.
    pub(super) fn unused(&self) -> &[Half] {
        &self.edges[self.taken as usize..]
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    people: [Vec<Person>; 2],
    /// Profits and prices, in points with the bonus. Apart from the people, since searches read little else.
    duals: [Vec<i64>; 2],
    edges: Vec<Edge>,
    /// Edges that were taken out and can be given out again.
    spare: Vec<u32>,
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

    /// The mentee and the mentor.
    pub(super) fn ends(&self, edge: u32) -> [u32; 2] {
        self.edges[edge as usize].ends
    }

    /// How many allowed pairs there are.
    pub(super) fn len(&self) -> usize {
        self.edges.len() - self.spare.len()
    }

    pub(super) fn worth(&self, half: Half) -> i64 {
        i64::from(half.weight) + self.bonus
    }

    pub(super) fn is_used(&self, edge: u32) -> bool {
        let edge = &self.edges[edge as usize];
        edge.at[0] < self.people[0][edge.ends[0] as usize].taken
    }

    pub(super) fn weight(&self, edge: u32) -> i32 {
        let edge = &self.edges[edge as usize];
        self.people[0][edge.ends[0] as usize].edges[edge.at[0] as usize].weight
    }

    /// The edge between two people, looked for at whoever has fewer.
    pub(super) fn find(&self, mentee: u32, mentor: u32) -> Option<u32> {
        let [a, b] = [&self.people[0][mentee as usize], &self.people[1][mentor as usize]];
        let (edges, other) =
            if a.edges.len() <= b.edges.len() { (&a.edges, mentor) } else { (&b.edges, mentee) };
        edges.iter().find(|half| half.other == other).map(|half| half.edge)
    }

    pub(super) fn add_person(&mut self, side: Side) -> Node {
        let people = &mut self.people[side as usize];
        let number = u32::try_from(people.len()).unwrap_or(u32::MAX);
        people.push(Person { here: true, ..Person::default() });
        self.duals[side as usize].push(0);
        Node { side, number }
    }

    pub(super) fn add_edge(&mut self, ends: [u32; 2], weight: i32) -> u32 {
        let edge = self.spare.pop().unwrap_or_else(|| {
            self.edges.push(Edge { ends, at: [0; 2] });
            u32::try_from(self.edges.len() - 1).unwrap_or(u32::MAX)
        });
        let mut at = [0; 2];
        for (side, at) in at.iter_mut().enumerate() {
            let list = &mut self.people[side][ends[side] as usize].edges;
            *at = u32::try_from(list.len()).unwrap_or(u32::MAX);
            list.push(Half { other: ends[1 - side], weight, edge });
        }
        self.edges[edge as usize] = Edge { ends, at };
        edge
    }

    /// Takes out an edge that is not used.
    pub(super) fn remove_edge(&mut self, edge: u32) {
        for side in [Side::Mentee, Side::Mentor] {
            let Edge { ends, at } = self.edges[edge as usize];
            let end = ends[side as usize];
            let last = self.people[side as usize][end as usize].edges.len() - 1;
            self.exchange(side, end, at[side as usize], u32::try_from(last).unwrap_or(u32::MAX));
            self.people[side as usize][end as usize].edges.pop();
        }
        self.spare.push(edge);
    }

    /// Makes an edge a pair, or no longer one. Capacities are the caller's care.
    pub(super) fn set_used(&mut self, edge: u32, used: bool) {
        for side in [Side::Mentee, Side::Mentor] {
            let Edge { ends, at } = self.edges[edge as usize];
            let (end, at) = (ends[side as usize], at[side as usize]);
            let taken = self.people[side as usize][end as usize].taken;
            let (border, taken) = if used { (taken, taken + 1) } else { (taken - 1, taken - 1) };
            self.exchange(side, end, at, border);
            self.people[side as usize][end as usize].taken = taken;
        }
    }

    /// Exchanges two edges in somebody's list.
    fn exchange(&mut self, side: Side, end: u32, one: u32, other: u32) {
        let side = side as usize;
        let list = &mut self.people[side][end as usize].edges;
        list.swap(one as usize, other as usize);
        let (a, b) = (list[one as usize].edge, list[other as usize].edge);
        self.edges[a as usize].at[side] = one;
        self.edges[b as usize].at[side] = other;
    }
}
