//! The cheapest way to give somebody a place more, or to take one from them.
//!
//! A search goes out from one person along what each step loses. Of those who *seek* (the side that would
//! take somebody new) it follows the allowed pairs that are not used yet; of those who are *taken*, the
//! pairs that would have to end for that. It ends at somebody with room, at somebody who had rather lose
//! their pair, or where nothing is worth the change. Profits and prices of those it has passed move so that
//! they prove the new pairing, which costs nobody else anything: a change is as cheap as it is local.
//!
//! How far a search has to go depends on where the duals lie between the lowest and the highest that prove the
//! same pairing: whoever comes is placed fast where prices are high, whoever goes is replaced fast where they
//! are low. So they begin in the middle, see [`Search::centre`].
#![expect(clippy::indexing_slicing, reason = "people and edges come from the graph")]

use std::collections::VecDeque;

use super::{
    super::queue::Queue,
    graph::{Graph, Node, Reached, Side},
};

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

/// Who was reached and is to be looked at, the nearest first.
#[derive(Clone, Debug, Default)]
struct Frontier {
    /// Whose length is the present one, in the order in which they were reached: of ways of one length the
    /// one over fewest people is taken.
    level: VecDeque<Node>,
    /// Whose length is larger.
    further: Queue<Node>,
    /// The present length.
    length: i64,
}

impl Frontier {
    fn clear(&mut self) {
        self.level.clear();
        self.further.clear();
        self.length = 0;
    }

    fn push(&mut self, length: i64, node: Node) {
        if length == self.length {
            self.level.push_back(node);
        } else {
            self.further.push(length.unsigned_abs(), node);
        }
    }

    /// The nearest, with the length that they had when they were put here.
    fn pop(&mut self) -> Option<(i64, Node)> {
        if self.level.is_empty() {
            let length = self.further.pop_level(&mut self.level)?;
            self.length = i64::try_from(length).unwrap_or(i64::MAX);
        }
        let node = self.level.pop_front()?;
        Some((self.length, node))
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    /// The number of the search under way.
    round: u32,
    frontier: Frontier,
    closed: Vec<(i64, Node)>,
    /// Edges looked at, since the beginning.
    pub(super) operations: u64,
}

impl Search {
    /// Repairs the pairing where `from` has a free place and a dual, or a pair too many; everybody else is in
    /// order. Pairs that were formed or ended are put into `changed`, the mentee first.
    pub(super) fn repair(&mut self, graph: &mut Graph, from: Node, changed: &mut Vec<[u32; 2]>) {
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
            let before = Node { side: !node.side, number: graph.person(node).reached.from };
            changed.push(node.pair_with(before.number));
            node = before;
        }
    }

    /// Moves all duals to the middle between the lowest and the highest prices that prove the pairing. Costs
    /// two looks at every edge.
    ///
    /// The mean of two proofs is a proof, and stays one in whole points if profits are rounded up and prices
    /// down: where a profit and a price together are at most what a pair is worth, or at least that, they are
    /// so by half a point or more if exactly one of the two had to be rounded.
    pub(super) fn centre(&mut self, graph: &mut Graph) {
        let highest = self.play(graph, Side::Mentor);
        let lowest = self.play(graph, Side::Mentee);
        for side in Side::BOTH {
            let play = highest[side as usize].iter().zip(&lowest[side as usize]);
            for (number, (at_highest, at_lowest)) in (0..).zip(play) {
                *graph.dual_mut(Node { side, number }) += match side {
                    Side::Mentee => -(at_highest - at_lowest).div_euclid(2),
                    Side::Mentor => (at_highest - at_lowest).div_euclid(2),
                };
            }
        }
    }

    /// By how much everybody's dual moves if those of one side rise as far as the pairing stays proven, and
    /// those of the other fall with them: the distance from whoever cannot move. Somebody without a limit
    /// moves like whoever moves most.
    fn play(&mut self, graph: &mut Graph, rising: Side) -> [Vec<i64>; 2] {
        self.begin(graph);
        for side in Side::BOTH {
            for number in (0..).take(graph.side(side).len()) {
                let node = Node { side, number };
                let person = graph.person(node);
                // Whoever has room stays at 0, and nobody falls below it.
                let length = if side == rising { 0 } else { graph.dual(node) };
                if side != rising || person.has_room() || !person.here {
                    let reached = Reached { round: self.round, from: number, length };
                    graph.person_mut(node).reached = reached;
                    self.frontier.push(length, node);
                }
            }
        }
        let mut most = 0;
        while let Some((length, node)) = self.frontier.pop() {
            let (person, own, others, duals, bonus) = graph.around(node);
            if person.reached.length < length {
                continue;
            }
            most = length;
            let rises = node.side == rising;
            let edges = if rises { person.unused() } else { person.used() };
            self.operations += edges.len() as u64;
            for half in edges {
                let at = half.other as usize;
                let slack = own + duals[at] - i64::from(half.weight) - bonus;
                let length = length + if rises { slack } else { -slack };
                let known = &mut others[at].reached;
                if known.round == self.round && known.length <= length {
                    continue;
                }
                *known = Reached { round: self.round, from: node.number, length };
                self.frontier.push(length, Node { side: !node.side, number: half.other });
            }
        }
        Side::BOTH.map(|side| {
            let people = graph.side(side).iter().map(|it| it.reached);
            people.map(|it| if it.round == self.round { it.length } else { most }).collect()
        })
    }

    fn begin(&mut self, graph: &mut Graph) {
        self.round = self.round.checked_add(1).unwrap_or_else(|| {
            graph.forget_reached();
            1
        });
        self.frontier.clear();
        self.closed.clear();
    }

    /// The length of the best way and its end.
    fn explore(
        &mut self,
        graph: &mut Graph,
        from: Node,
        seeking: Side,
        mut limit: i64,
    ) -> (i64, End) {
        let mut end = End::Stay;
        graph.person_mut(from).reached =
            Reached { round: self.round, from: from.number, length: 0 };
        self.frontier.push(0, from);
        while let Some((length, node)) = self.frontier.pop() {
            if length >= limit {
                break;
            }
            let (person, own, others, duals, bonus) = graph.around(node);
            if person.reached.length < length {
                continue;
            }
            self.closed.push((length, node));
            let seeks = node.side == seeking;
            let edges = if seeks { person.unused() } else { person.used() };
            self.operations += edges.len() as u64;
            for half in edges {
                let at = half.other as usize;
                let dual = duals[at];
                let slack = own + dual - i64::from(half.weight) - bonus;
                let length = length + if seeks { slack } else { -slack };
                if length >= limit {
                    continue;
                }
                let other = &mut others[at];
                if other.reached.round == self.round && other.reached.length <= length {
                    continue;
                }
                other.reached = Reached { round: self.round, from: node.number, length };
                let next = Node { side: !node.side, number: half.other };
                self.frontier.push(length, next);
                if !seeks {
                    if length + dual < limit {
                        (limit, end) = (length + dual, End::Without(next));
                    }
                } else if other.has_room() {
                    (limit, end) = (length, End::Room(next));
                }
            }
        }
        (limit, end)
    }
}
