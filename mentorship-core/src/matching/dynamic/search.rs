//! The cheapest way to give somebody a place more, or to take one from them.
//!
//! A search goes out from one person along what each step loses. Of those who *seek* (the side that would
//! take somebody new) it follows the allowed pairs that are not used yet; of those who are *taken*, the
//! pairs that would have to end for that. It ends at somebody with room, at somebody who had rather lose
//! their pair, or where nothing is worth the change. Profits and prices of those it has passed move so that
//! they prove the new pairing, which costs nobody else anything: a change is as cheap as it is local.
#![expect(clippy::indexing_slicing, reason = "people and edges come from the graph")]

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use super::graph::{Graph, Node, Side};

/// Where a search ends best.
#[derive(Clone, Copy, Debug)]
enum End {
    /// Nothing changes but duals.
    Stay,
    /// Somebody has room.
    Room(Node),
    /// Somebody loses a pair.
    Without(Node),
}

/// How somebody was reached.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    /// In which round.
    round: u32,
    edge: u32,
    length: i64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    reached: [Vec<Reached>; 2],
    /// The number of the search under way.
    round: u32,
    /// Who was reached at the present length, in that order: of ways of one length the one over fewest
    /// people is taken.
    level: VecDeque<Node>,
    /// Who was reached at larger lengths.
    heap: BinaryHeap<Reverse<(i64, Node)>>,
    closed: Vec<(i64, Node)>,
    /// Edges looked at, since the beginning.
    pub(super) operations: u64,
}

impl Search {
    /// Repairs the pairing where `from` has a free place and a dual, or a pair too many; everybody else is in
    /// order. The edges that changed are put into `changed`.
    pub(super) fn repair(&mut self, graph: &mut Graph, from: Node, changed: &mut Vec<u32>) {
        self.begin(graph);
        let person = graph.person(from);
        let (seeking, limit) = if person.taken > person.places {
            (!from.side, i64::MAX)
        } else {
            (from.side, graph.dual(from))
        };
        let (limit, end) = self.explore(graph, from, seeking, limit);
        for &(length, node) in self.closed.iter().filter(|(length, _)| *length < limit) {
            let by = limit - length;
            *graph.dual_mut(node) += if node.side == seeking { -by } else { by };
        }
        let mut node = match end {
            End::Stay => return,
            End::Room(node) | End::Without(node) => node,
        };
        while node != from {
            let edge = self.reached[node.side as usize][node.number as usize].edge;
            let side = !node.side;
            node = Node { side, number: graph.ends(edge)[side as usize] };
            graph.set_used(edge, !graph.is_used(edge));
            changed.push(edge);
        }
    }

    fn begin(&mut self, graph: &Graph) {
        for side in [Side::Mentee, Side::Mentor] {
            self.reached[side as usize].resize(graph.side(side).len(), Reached::default());
        }
        self.round = self.round.checked_add(1).unwrap_or_else(|| {
            self.reached.iter_mut().for_each(|side| side.fill(Reached::default()));
            1
        });
        self.level.clear();
        self.heap.clear();
        self.closed.clear();
    }

    /// The length of the best way and its end.
    fn explore(&mut self, graph: &Graph, from: Node, seeking: Side, mut limit: i64) -> (i64, End) {
        let mut end = End::Stay;
        let mut now = 0;
        self.reach(from, u32::MAX, now, now);
        while let Some((length, node)) = self.next(now) {
            if length >= limit {
                break;
            }
            now = length;
            if self.reached[node.side as usize][node.number as usize].length < length {
                continue;
            }
            self.closed.push((length, node));
            let person = graph.person(node);
            let seeks = node.side == seeking;
            let edges = if seeks { person.unused() } else { person.used() };
            let duals = graph.duals(!node.side);
            let own = graph.dual(node);
            self.operations += edges.len() as u64;
            for half in edges {
                let dual = duals[half.other as usize];
                let slack = own + dual - graph.worth(*half);
                let length = length + if seeks { slack } else { -slack };
                if length >= limit {
                    continue;
                }
                let next = Node { side: !node.side, number: half.other };
                if !self.reach(next, half.edge, length, now) {
                    continue;
                }
                if !seeks {
                    if length + dual < limit {
                        (limit, end) = (length + dual, End::Without(next));
                    }
                } else if graph.person(next).has_room() {
                    (limit, end) = (length, End::Room(next));
                }
            }
        }
        (limit, end)
    }

    /// Who is nearest of those who were reached.
    fn next(&mut self, now: i64) -> Option<(i64, Node)> {
        let level = self.level.pop_front().map(|node| (now, node));
        level.or_else(|| self.heap.pop().map(|Reverse(it)| it))
    }

    /// Whether this is the shortest way to somebody so far.
    fn reach(&mut self, node: Node, edge: u32, length: i64, now: i64) -> bool {
        let known = &mut self.reached[node.side as usize][node.number as usize];
        if known.round == self.round && known.length <= length {
            return false;
        }
        *known = Reached { round: self.round, edge, length };
        if length == now {
            self.level.push_back(node);
        } else {
            self.heap.push(Reverse((length, node)));
        }
        true
    }
}
